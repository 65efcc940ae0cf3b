"""Each type of an account's lists has a form; what is put is got, to the last digit."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from signals.domain.account.people import Person
from signals.domain.account.state import Account
from signals.streams.lanes import Chunks
from signals.streams.layout import UnknownField, column_of
from signals.streams.packing import TABLES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    word: str | None


class Thing(msgspec.Struct, frozen=True):
    """A field of every kind."""

    name: str
    count: int = 0
    flag: bool = False
    colour: Colour = Colour.RED
    side: Literal["left", "right"] = "left"
    at: datetime | None = None
    on: date | None | UnsetType = UNSET
    price: Decimal | None = None
    price_cut: Decimal = Decimal(0)
    bounded: Annotated[int, Meta(ge=0)] = 7
    mixed: bool | int | str | None = None
    inner: tuple[Inner, ...] = ()
    pair: tuple[int, str] = (1, "x")
    held: dict[str, Decimal] = {}
    doings: dict[str, tuple[int, ...]] = {}


texts = st.sampled_from(("", "a", "b", "\0", "long enough")) | st.text(max_size=3)
instants = st.integers(-(10**6), 10**6).map(lambda n: NOON + timedelta(seconds=n, microseconds=n % 3))
prices = st.sampled_from([Decimal(text) for text in ("0", "0.0", "1", "1.00", "-3.5", "1E+3")])
things = st.builds(
    Thing,
    name=texts,
    count=st.integers(-(2**63), 2**63) | st.just(0),
    flag=st.booleans(),
    colour=st.sampled_from(Colour),
    side=st.sampled_from(("left", "right")),
    at=st.none() | instants,
    on=st.sampled_from((UNSET, None, date(2026, 1, 2), date(1, 1, 1))),
    price=st.none() | prices,
    price_cut=prices,
    bounded=st.integers(0, 300),
    mixed=st.none() | st.booleans() | st.integers(-5, 5) | texts,
    inner=st.lists(st.builds(Inner, instants, st.none() | texts), max_size=3).map(tuple),
    pair=st.tuples(st.integers(0, 9), texts),
    held=st.dictionaries(texts, prices, max_size=3),
    doings=st.dictionaries(texts, st.lists(st.integers(0, 400), max_size=4).map(tuple), max_size=3),
)


def through(kind: Any, values: Sequence[Any]) -> Sequence[Any]:
    """Return values after the way through bytes."""
    column, out = column_of(kind), list[bytes]()
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(column.put(values, out)))
    chunks = Chunks(b"".join(out))
    found = column.get(plain, len(values), chunks)
    chunks.end()
    return found


@given(st.lists(things, max_size=12))
def test_structs_come_back(values: list[Thing]) -> None:
    """Also in their order of keys, and 1.0 is not 1.00."""
    found = through(Thing, values)
    assert found == values
    assert msgspec.json.encode(found) == msgspec.json.encode(values)


def test_defaults_that_can_change_are_not_shared() -> None:
    """A dictionary of one is not that of another."""
    first, second = through(Thing, [Thing("a"), Thing("b")])
    assert first.held is not second.held


def test_a_field_that_is_new_has_its_default() -> None:
    """An older program's value has no word of it; nor has ours, where all have the default."""
    column, out = column_of(Thing), list[bytes]()
    plain = column.put([Thing("a"), Thing("b")], out)
    assert set(plain) == {"name", "price_cut", "pair"}
    assert column.get(plain, 2, Chunks(b"".join(out))) == [Thing("a"), Thing("b")]


def test_a_field_that_we_do_not_know_is_no_guess() -> None:
    """Its bytes stand among the others; a newer program wrote them."""
    with pytest.raises(UnknownField, match="Person: this program does not know shoe_size"):
        column_of(Person).get({"shoe_size": [1]}, 1, Chunks(b"\x2b"))


def test_a_field_without_a_default_must_be_there() -> None:
    """Lost bytes are no struct."""
    with pytest.raises(ValueError, match="no name"):
        column_of(Thing).get({}, 1, Chunks(b""))


def test_words_that_come_back_are_a_byte_each() -> None:
    """And one that stands everywhere is nothing."""
    out: list[bytes] = []
    column = column_of(str)
    assert column.put(["chat", "mail", "chat", "chat"], out) == ["chat", "mail"]
    assert column.put(["chat"] * 9, out) == ["chat"]
    assert out == [bytes((0, 1, 0, 0))]


def fields_of(kind: Any) -> dict[str, tuple[str, ...]]:
    """Return the structs in a type, by name, and their fields."""
    found: dict[str, tuple[str, ...]] = {}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        found[kind.__name__] = kind.__struct_fields__
        kinds = list(get_type_hints(kind).values())
    else:
        kinds = list(get_args(kind))
    for one in kinds:
        found |= fields_of(one)
    return found


def test_fields_of_tables_go_only_with_an_upgrade() -> None:
    """A stored value with a field that is gone is not read: raise SCHEMA, and take the field out in an upgrade."""
    hints = {facet: get_type_hints(get_type_hints(Account)[facet]) for facet in TABLES}
    places = [(facet, field) for facet, fields in TABLES.items() for field in fields]
    stored = {f"{facet}.{field}": fields_of(hints[facet][field]) for facet, field in places}
    assert stored == {
        "usage.stamps": {},
        "people.persons": {
            "Person": (
                "family", "title", "described_at", "joined_at", "seen_at", "left_at", "actions", "doings", "weeks",
            ),
        },
        "relationship.tickets": {"Ticket": ("priority", "opened_at", "solved_at", "billing")},
        "relationship.health": {},
        "relationship.health_at": {},
        "care.words": {"Word": ("at", "theirs")},
        "growth.departments": {"Department": ("first", "last", "came", "before")},
        "contact.touches": {"Touch": ("at", "direction", "medium", "person_id", "channel")},
        "contact.tickets": {},
        "history.spend": {"Spend": ("at", "mrr")},
        "interest.products": {"Mark": ("at", "sort", "person_id", "times")},
        "learnt.cadences": {"Cadence": ("first", "last", "days", "lately", "size", "gaps")},
    }  # fmt: skip
