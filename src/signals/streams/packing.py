"""The bytes of an account, small: what its episodes need not say left out, long lists as columns, series as noise.

Most of a stored account are lists: people, touches, tickets, daily series. What is left is written as msgspec writes
it, names and all: the compressor knows those from before (``squeeze.py``).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_type_hints

import msgspec

from signals.domain.account.state import Account
from signals.streams.columns import Column
from signals.streams.lanes import Chunks
from signals.streams.layout import UnknownField, column_of
from signals.streams.left_out import with_known, without_known
from signals.streams.series import Numbers, Series, laid_plainly, put_back, taken_out

TABLES: Mapping[str, tuple[str, ...]] = {
    "usage": ("stamps",),
    "people": ("persons",),
    "relationship": ("tickets", "health", "health_at"),
    "care": ("words",),
    "growth": ("departments",),
    "contact": ("touches", "tickets"),
    "history": ("spend",),
    "interest": ("products",),
    "learnt": ("cadences",),
}
"""Facet -> fields that a large account writes as columns."""

LARGE = 13
"""People from whom on an account is large.

A column takes a microsecond or two to write and to read, whatever its length: together as long as all of the rest.
Of an account with seven people they save nothing, as the compressor knows all names; of one with twenty an eighth.
To cut noise off series takes as long again. A small account fits without either, and is written as quickly as before.
"""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """An account without its series and tables, and these. ``tables``: ``<facet>.<field>`` -> its column."""

    account: Account
    series: Series
    tables: dict[str, Any]


class Pieces(NamedTuple):
    """The bytes of an account, by what a compressor should count together."""

    main: bytes
    """Msgpack of ``Packed``: names, words, and what is no list."""
    tables: bytes
    """Their planes."""
    series: tuple[bytes, ...]
    """Planes of the series, as far as they shrink."""
    noise: bytes
    """Those that do not."""


class _Place(NamedTuple):
    facet: str
    field: str
    column: Column


def _places() -> Iterator[tuple[str, _Place]]:
    facets = get_type_hints(Account)
    for facet, fields in TABLES.items():
        hints = get_type_hints(facets[facet], include_extras=True)
        for field in fields:
            yield f"{facet}.{field}", _Place(facet, field, column_of(hints[field]))


_PLACES = dict(_places())
_replace = msgspec.structs.replace
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Packed).decode


def pack_account(account: Account) -> Pieces:
    """Return the bytes of *account*; equal for equal accounts."""
    large = len(account.people.persons) >= LARGE
    account, numbers = without_known(account), Numbers()
    if large:
        account, series, numbers = taken_out(account)
    else:
        account, series = laid_plainly(account)
    tables: dict[str, Any] = {}
    changed: dict[str, dict[str, Any]] = {}
    chunks: list[bytes] = []
    if large:
        for name, place in _PLACES.items():
            held = getattr(getattr(account, place.facet), place.field)
            if len(held) > 1:
                tables[name] = place.column.put([held], chunks)
                changed.setdefault(place.facet, {})[place.field] = type(held)()
    main = _encode(Packed(_changed(account, changed), series, tables))
    return Pieces(main, b"".join(chunks), numbers.blocks, numbers.noise)


def unpack_account(main: bytes, tables: bytes, series: bytes, noise: bytes) -> Account:
    """Return the account of pieces; *series* are their planes one after the other.

    Raises
    ------
    msgspec.MsgspecError
        The bytes are not of this form.
    UnknownField
        They have a field that this program does not know.
    """
    packed = _decode(main)
    changed: dict[str, dict[str, Any]] = {}
    chunks = Chunks(tables)
    try:
        for name, plain in packed.tables.items():
            place = _PLACES.get(name)
            if place is None:
                raise UnknownField(f"Account: this program has no table {name}")
            changed.setdefault(place.facet, {})[place.field] = place.column.get(plain, 1, chunks)[0]
        chunks.end()
        account = _changed(packed.account, changed)
        return with_known(put_back(account, packed.series, series, noise))
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, StopIteration) as error:
        raise msgspec.ValidationError(f"columns: {error!r}") from error


def _changed(account: Account, changed: Mapping[str, Mapping[str, Any]]) -> Account:
    facets = {name: _replace(getattr(account, name), **fields) for name, fields in changed.items()}
    return _replace(account, **facets) if facets else account
