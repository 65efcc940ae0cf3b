"""Ids are computed, never random: the same history gives the same ids on any machine."""

from datetime import UTC, datetime
from hashlib import blake2b

ID_BYTES = 10
# 80 bits: at 10^9 ids the chance of any collision is about 4e-7; 16 characters of base32 fit a Slack footer.

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def derive_id(*parts: str) -> str:
    """Return 16 characters that depend on every part and on where one part ends and the next begins.

    >>> derive_id("acme", "usage_jump_10x")
    'nbkbj50edh13dmfb'
    >>> derive_id("a", "bc") == derive_id("ab", "c")
    False
    """
    digest = blake2b(digest_size=ID_BYTES)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    number = int.from_bytes(digest.digest(), "big")
    letters = []
    for _ in range(ID_BYTES * 8 // 5):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return "".join(letters)


def signal_id(org_id: str, rule: str, key: str, episode_start: datetime) -> str:
    """Return the id of a signal: one account, one rule, one condition key, one episode."""
    return derive_id("signal", org_id, rule, key, episode_start.astimezone(UTC).isoformat())


def transition_id(signal: str, seq: int) -> str:
    """Return the id of the *seq*-th transition of a signal."""
    return derive_id("transition", signal, str(seq))


def delivery_id(signal: str, seq: int, sink: str, destination: str) -> str:
    """Return the id of one transition's delivery to one destination of one sink."""
    return derive_id("delivery", signal, str(seq), sink, destination)
