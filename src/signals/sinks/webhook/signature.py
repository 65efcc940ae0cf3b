"""The signature of a webhook, for us and for receivers.

The header ``Signals-Signature`` reads ``t=<unix seconds>,v1=<hex>``; the hex is HMAC-SHA256 with the shared secret
over ``<t>.<body>``. While a secret is being changed there are two ``v1``. A receiver checks the raw body before it
parses it, refuses a header older than a few minutes, and remembers ``Idempotency-Key`` for as long as it accepts.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

HEADER = "Signals-Signature"

TOLERANCE = timedelta(minutes=5)
# Longer lets an overheard request be repeated; shorter fails on ordinary clock skew and slow networks.


def sign(body: bytes, at: datetime, secrets: Iterable[str]) -> str:
    """Return the header's value for *body* sent at *at*; one ``v1`` per secret."""
    second = str(int(at.timestamp()))
    return ",".join([f"t={second}", *(f"v1={_digest(body, second, secret)}" for secret in secrets)])


def verify(body: bytes, header: str, secret: str, now: datetime, tolerance: timedelta = TOLERANCE) -> bool:
    """Return whether *header* proves that *body* comes from who knows *secret*, and not too long ago.

    Parameters
    ----------
    body
        The request's bytes as they arrived.
    header
        The value of ``Signals-Signature``; anything unreadable is simply not valid.
    now
        The receiver's clock, aware.
    tolerance
        How far the header's time may be from *now*, in either direction.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> verify(b"{}", sign(b"{}", at, ["0123456789abcdef"]), "0123456789abcdef", at)
    True
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    seconds = [value for name, _, value in parts if name == "t"]
    if len(seconds) != 1 or not (seconds[0].isascii() and seconds[0].isdigit()) or len(seconds[0]) > 12:
        return False
    if abs(now.timestamp() - int(seconds[0])) > tolerance.total_seconds():
        return False
    expected = _digest(body, seconds[0], secret).encode()
    # Every candidate is compared, in constant time each.
    matches = [hmac.compare_digest(expected, value.encode()) for name, _, value in parts if name == "v1"]
    return any(matches)


def _digest(body: bytes, second: str, secret: str) -> str:
    return hmac.new(secret.encode(), second.encode() + b"." + body, sha256).hexdigest()
