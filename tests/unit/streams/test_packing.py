"""An account in pieces: what is packed is unpacked, and lists and series are small."""

import zlib
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.contact import Contact, Touch
from signals.domain.account.daily import Daily
from signals.domain.account.mix import Mix
from signals.domain.account.past import WEEK, Past
from signals.domain.account.people import People, Person
from signals.domain.account.state import Account
from signals.domain.account.usage import TOTAL, Usage
from signals.streams.layout import UnknownField
from signals.streams.packing import LARGE, Packed, Pieces, pack_account, unpack_account
from support.stored_account import the_account, the_small_account

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIRECTIONS = ("inbound", "outbound", "both")

counts = st.integers(0, 10**15) | st.integers(0, 20)


@st.composite
def series(draw: st.DrawFn) -> Daily:
    """A series of any length, its past mostly as the reducers make it: weeks up to the days, months in a row."""
    start, values = draw(st.integers(1000, 10**6)), tuple(draw(st.lists(counts, max_size=9)))
    if draw(st.booleans()):
        return Daily(start, values)
    weeks = tuple(draw(st.lists(st.integers(0, 10**17) | st.integers(0, 300), max_size=5)))
    months = tuple(enumerate(draw(st.lists(counts, max_size=3)), draw(st.integers(1, 30_000))))
    if months and draw(st.integers(0, 9)) == 0:
        months = (*months, (months[-1][0] + 2, -1))
    return Daily(start, values, Past(start - WEEK * len(weeks) - (draw(st.integers(0, 9)) == 0), weeks, months))


names = st.text(max_size=5) | st.just(TOTAL)
shelves = st.dictionaries(names, series(), max_size=4)
accounts = st.builds(
    lambda days, actions, measures, mix, crowd: Account(
        "acme", clock=NOON, usage=Usage(days=days, actions=actions, measures=measures, members=3), mix=Mix(types=mix),
        people=People(persons={f"p{n}": Person() for n in range(crowd)}),
    ),
    shelves, shelves, shelves, shelves, st.sampled_from((0, LARGE)),
)  # fmt: skip


def unpacked(pieces: Pieces) -> Account:
    """Return the account of pieces."""
    return unpack_account(pieces.main, pieces.tables, b"".join(pieces.series), pieces.noise)


@given(accounts)
def test_series_come_back_as_they_were(account: Account) -> None:
    """Of any length, with and without a past, of one name on several shelves, and some that no reducer makes."""
    found = unpacked(pack_account(account))
    assert found == account
    assert msgspec.json.encode(found) == msgspec.json.encode(account)


@given(st.dictionaries(st.sampled_from("abc"), st.lists(counts, min_size=1, max_size=9), min_size=1), st.integers(0, 2))
def test_the_series_of_all_products_comes_back(days: dict[str, list[int]], extra: int) -> None:
    """Where it is the sum of all, and where it is not."""
    products = {name: Daily(2000 - len(values), tuple(values)) for name, values in days.items()}
    longest = max(len(values) for values in days.values())
    padded = [[0] * (longest - len(values)) + values for values in days.values()]
    sums = [sum(column) for column in zip(*padded, strict=True)]
    total = Daily(2000 - longest, (*sums[:-1], sums[-1] + extra))
    account = people(LARGE, usage=Usage(days={"a": products.popitem()[1], TOTAL: total, **products}))
    assert unpacked(pack_account(account)) == account


@pytest.mark.parametrize("account", [the_account(), the_small_account()], ids=["large", "small"])
def test_every_list_comes_back(account: Account) -> None:
    """Long ones as tables, short ones as they are; also in the order of their keys."""
    found = unpacked(pack_account(account))
    assert found == account
    assert msgspec.json.encode(found) == msgspec.json.encode(account)


def test_equal_accounts_are_equal_pieces() -> None:
    """A repeat of a message writes the value that stands there already."""
    assert pack_account(the_account()) == pack_account(unpacked(pack_account(the_account())))


def size(account: Account) -> int:
    """Return the bytes of an account in pieces, compressed."""
    pieces = pack_account(account)
    compressed = (pieces.main, pieces.tables, *pieces.series)
    return sum(len(zlib.compress(one)) for one in compressed if one) + len(pieces.noise)


def test_noise_is_cheaper_than_numbers() -> None:
    """Of noise around a level only the noise is left, and the sum of all is not stored at all."""
    noisy = [Daily(1, tuple(10_000 * k + n * 7919 * k % 600 for n in range(110))) for k in range(1, 10)]
    days = {f"p{k}": one for k, one in enumerate(noisy)}
    total = Daily(1, tuple(map(sum, zip(*(one.values for one in noisy), strict=True))))
    account, bare = people(LARGE, usage=Usage(days={TOTAL: total, **days})), people(LARGE)
    rows = len(zlib.compress(msgspec.msgpack.encode(account))) - len(zlib.compress(msgspec.msgpack.encode(bare)))
    assert size(account) - size(bare) < rows * 0.7


def people(count: int, **facets: Any) -> Account:
    """Return an account with so many people, and these facets."""
    rng = Random(1)  # noqa: S311 - to be repeated, not to be secret
    persons = {
        f"p{n}": Person("data", seen_at=NOON - timedelta(seconds=rng.randrange(10**6)), doings=_doings(rng))
        for n in range(count)
    }
    return Account("acme", clock=NOON, people=People(persons=persons), **facets)


def _doings(rng: Random) -> dict[str, tuple[int, ...]]:
    return {
        name: (739_700 + rng.randrange(20), 1, 1 + rng.randrange(20), 2) for name in ("insight viewed", "funnel viewed")
    }


def test_columns_are_cheaper_than_rows() -> None:
    """Words that come back, and times in a row."""
    rng = Random(1)  # noqa: S311 - to be repeated, not to be secret
    touches = tuple(
        Touch(NOON + timedelta(seconds=n * 90_000 + rng.randrange(80_000)), rng.choice(DIRECTIONS), "chat", f"p{n % 5}")
        for n in range(40)
    )
    account = people(20, contact=Contact(touches=touches))
    assert size(account) < len(zlib.compress(msgspec.msgpack.encode(account))) * 0.8


@pytest.mark.parametrize("more", [-1, 0])
def test_a_small_account_has_no_columns(more: int) -> None:
    """They gain it nothing, and take time."""
    account = people(LARGE + more)
    pieces = pack_account(account)
    packed = msgspec.msgpack.decode(pieces.main, type=Packed)
    assert ("people.persons" in packed.tables) == (more == 0)
    assert unpacked(pieces) == account


@pytest.mark.parametrize("damage", ["chunk", "rest", "noise", "plain", "cuts", "column"])
def test_pieces_that_do_not_fit_are_refused(damage: str) -> None:
    """Lost or foreign bytes are no account, and no other error than that comes of them."""
    pieces = pack_account(the_account())
    packed = msgspec.msgpack.decode(pieces.main, type=Packed)
    main, tables, series, noise = pieces.main, pieces.tables, b"".join(pieces.series), pieces.noise
    if damage == "chunk":
        tables = tables[20:]
    elif damage == "rest":
        series = series[:-1]
    elif damage == "noise":
        noise = b"some"
    elif damage == "cuts":
        broken = msgspec.structs.replace(packed.series, cuts=b"")
        main = msgspec.msgpack.encode(msgspec.structs.replace(packed, series=broken))
    else:
        broken_tables = packed.tables | {"contact.touches": "?" if damage == "plain" else [9, {"at": [1]}]}
        main = msgspec.msgpack.encode(msgspec.structs.replace(packed, tables=broken_tables))
    with pytest.raises(msgspec.MsgspecError):
        unpack_account(main, tables, series, noise)


def test_a_table_that_we_do_not_know_is_no_guess() -> None:
    """A newer program wrote it."""
    pieces = pack_account(people(2))
    packed = msgspec.msgpack.decode(pieces.main, type=Packed)
    main = msgspec.msgpack.encode(msgspec.structs.replace(packed, tables={"people.shoes": [1]}))
    with pytest.raises(UnknownField, match=r"people\.shoes"):
        unpack_account(main, b"", b"", b"")
