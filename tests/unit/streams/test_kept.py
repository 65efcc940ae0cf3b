"""Accounts kept as values: given back only for the bytes they stand for, and not without bound."""

from datetime import UTC, datetime

import msgspec

from signals.domain.account.state import Account
from signals.streams import codec
from signals.streams.evaluate import evaluate
from signals.streams.kept import KeptAccounts
from support.fake_engine import arrival, fake_step, updates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_account(org_id: str = "acme", hour: int = 12) -> tuple[bytes, Account]:
    """Return an account and its bytes."""
    account = Account(org_id, clock=NOON.replace(hour=hour))
    return codec.encode_account(account), account


def test_an_account_that_is_kept_is_not_unpacked_again() -> None:
    """The very value comes back."""
    value, account = an_account()
    kept = KeptAccounts()
    kept.keep("acme", value, account)

    assert kept.decode("acme", bytes(bytearray(value))) is account


def test_other_bytes_are_unpacked() -> None:
    """Another worker may have written the account meanwhile; what is stored counts."""
    value, account = an_account()
    newer, _ = an_account(hour=13)
    kept = KeptAccounts()
    kept.keep("acme", value, account)

    assert kept.decode("acme", newer).clock == NOON.replace(hour=13)
    assert kept.decode("acme", value) is not account


def test_the_one_not_used_for_longest_goes_first() -> None:
    """Using an account keeps it."""
    kept = KeptAccounts(most=2)
    (a, account), (b, _), (c, _) = an_account("a"), an_account("b"), an_account("c")
    kept.keep("a", a, account)
    kept.decode("b", b)
    kept.decode("a", a)
    kept.decode("c", c)

    assert kept.decode("a", a) is account


def test_messages_give_the_same_with_and_without() -> None:
    """What is kept goes on where the bytes would."""
    values: dict[str, bytes] = {}
    kept = KeptAccounts()
    for offset in range(3):
        message = updates(0, arrival("a", offset))
        plain = evaluate(message, values.get, fake_step)
        assert evaluate(message, values.get, fake_step, kept=kept).values == plain.values
        values.update(plain.values)
    assert msgspec.structs.asdict(kept.decode("a", values["a"])) == msgspec.structs.asdict(
        codec.decode_account(values["a"])
    )
