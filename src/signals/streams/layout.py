"""Structs as columns, and which form a type has: both follow from annotations, once at import."""

import types
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import reduce
from itertools import compress, islice, repeat
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType

from signals.streams.columns import (
    Column,
    Dated,
    Days,
    Decimals,
    Flags,
    Maps,
    Maybe,
    Mixed,
    Numbers,
    Rows,
    Times,
    Tuples,
    Words,
    mask,
    spread,
)
from signals.streams.lanes import Chunks


class UnknownField(Exception):
    """A field or table that this program does not know: a newer one wrote it, or it went without an upgrade."""


class Field:
    """One field of a ``Table``."""

    __slots__ = ("column", "default", "make", "name")

    def __init__(self, name: str, column: Column, default: Any, make: Callable[[], Any] | None) -> None:
        self.name = name
        self.column = column
        self.default = default
        """NODEFAULT: it is always written."""
        self.make = make
        """Makes the default, where it may not be shared."""


class Table:
    """Structs (not those whose fields have to be named): by field those values that are not the default."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        hints = get_type_hints(kind, include_extras=True)
        self._fields = [_field(one, hints[one.name]) for one in msgspec.structs.fields(kind)]
        self._names = {one.name for one in self._fields}

    def put(self, values: Sequence[Any], out: list[bytes]) -> dict[str, list[Any]]:
        """Write columns; return field -> ``[column]``, or ``[1, column]`` where some rows have the default."""
        table: dict[str, list[Any]] = {}
        count = len(values)
        if not count:
            return table
        for field, held in zip(self._fields, zip(*map(msgspec.structs.astuple, values), strict=True), strict=True):
            usual = held.count(field.default) if field.default is not NODEFAULT else 0
            if usual == count:
                continue
            if not usual:
                table[field.name] = [field.column.put(held, out)]
                continue
            default = field.default
            other = [value != default for value in held]
            out.append(mask(other))
            table[field.name] = [1, field.column.put(list(compress(held, other)), out)]
        return table

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return structs.

        Raises
        ------
        UnknownField
            It has a field that this program does not know.
        """
        if not self._names.issuperset(plain):
            unknown = ", ".join(sorted(set(plain) - self._names))
            raise UnknownField(f"{self._kind.__name__}: this program does not know {unknown}")
        columns: list[Iterable[Any]] = []
        for field in self._fields:
            held = plain.get(field.name)
            if held is not None:
                columns.append(spread(held, count, chunks, field.column, _defaults(field)))
            elif field.default is NODEFAULT and count:
                raise ValueError(f"{self._kind.__name__}: no {field.name}")
            else:
                columns.append(islice(_defaults(field), count))
        return list(map(self._kind, *columns))


def _defaults(field: Field) -> Iterable[Any]:
    return repeat(field.default) if field.make is None else (field.make() for _ in repeat(None))


_SIMPLE: dict[Any, Callable[[], Column]] = {
    int: Numbers, datetime: Times, date: Days, bool: Flags, Decimal: Decimals,
}  # fmt: skip


def column_of(kind: Any) -> Column:
    """Return the form of the values of a type."""
    origin = get_origin(kind)
    if origin is Annotated:
        return column_of(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return _union(kind)
    if origin is dict:
        key, value = get_args(kind)
        return Maps(column_of(key), Dated() if value == tuple[int, ...] else column_of(value))
    if origin is tuple:
        return _tuple(get_args(kind))
    if kind in _SIMPLE:
        return _SIMPLE[kind]()
    if kind is str or origin is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return Words(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return Table(kind)
    return Mixed(kind)


def _union(kind: Any) -> Column:
    there = [one for one in get_args(kind) if one not in (types.NoneType, UnsetType)]
    if len(there) > 1:
        return Mixed(reduce(or_, [one for one in get_args(kind) if one is not UnsetType]))
    column = column_of(there[0])
    return Maybe(column) if types.NoneType in get_args(kind) else column


def _tuple(arguments: tuple[Any, ...]) -> Column:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return Rows(column_of(arguments[0]))
    return Tuples([column_of(one) for one in arguments])


def _field(info: msgspec.structs.FieldInfo, kind: Any) -> Field:
    """Return how a field is written; a default counts only where equal values are the same in all they say."""
    default, make = info.default, None
    if info.default_factory is not NODEFAULT:
        make = info.default_factory
        default = make()
    if not (default is None or default is UNSET or default in ({}, ()) or isinstance(default, str | int | bool)):
        default, make = NODEFAULT, None
    return Field(info.name, column_of(kind), default, make)
