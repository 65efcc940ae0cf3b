"""Series as columns of bytes: what is packed is unpacked, and it is small."""

import zlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.daily import Daily
from signals.domain.account.past import WEEK, Past
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage
from signals.streams.packing import pack_account, plain_account, unpack_account

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

counts = st.integers(0, 10**15)


@st.composite
def series(draw: st.DrawFn) -> Daily:
    """A series of any length, its past as the reducers make it: weeks up to the days, months that follow each other."""
    start, values = draw(st.integers(1000, 10**6)), tuple(draw(st.lists(counts, max_size=9)))
    if draw(st.booleans()):
        return Daily(start, values)
    weeks = tuple(draw(st.lists(st.integers(0, 10**17), max_size=5)))
    months = tuple(enumerate(draw(st.lists(counts, max_size=3)), draw(st.integers(1, 30_000))))
    return Daily(start, values, Past(start - WEEK * len(weeks), weeks, months))


accounts = st.builds(
    lambda days, actions: Account("acme", clock=NOON, usage=Usage(days=days, actions=actions, members=3)),
    st.dictionaries(st.text(max_size=5), series(), max_size=4),
    st.dictionaries(st.text(max_size=5), series(), max_size=4),
)


@given(accounts)
def test_an_account_comes_back_as_it_was(account: Account) -> None:
    """Series of any length, with and without a past, also two of one name."""
    assert unpack_account(pack_account(account)) == account


@given(accounts)
def test_the_plain_form_is_that_of_the_whole_account(account: Account) -> None:
    """What an upgrade is given: as if the account had been written in one piece."""
    plain = msgspec.convert(plain_account(pack_account(account)), Account)
    assert plain == account


def test_columns_are_smaller_than_numbers() -> None:
    """Of noise around a level the high bytes are alike and shrink to nothing."""
    noisy = Daily(1, tuple(10_000 + n * 7919 % 600 for n in range(110)))
    account = Account("acme", clock=NOON, usage=Usage(days={f"p{n}": noisy for n in range(10)}))
    plain = msgspec.structs.replace(account, usage=Usage())
    packed = len(zlib.compress(pack_account(account), 1)) - len(zlib.compress(pack_account(plain), 1))
    assert packed < len(zlib.compress(msgspec.msgpack.encode(account), 1))


@pytest.mark.parametrize("damage", ["short", "wide"])
def test_a_column_that_does_not_fit_its_shapes_is_refused(damage: str) -> None:
    """Lost or foreign bytes are no series."""
    account = Account("acme", clock=NOON, usage=Usage(days={"p": Daily(1, (5, 6, 7))}))
    raw = msgspec.msgpack.decode(pack_account(account))
    if damage == "short":
        raw[4] = raw[4][:-1]
    else:
        raw[3] = 9
    with pytest.raises(msgspec.MsgspecError):
        unpack_account(msgspec.msgpack.encode(raw))
