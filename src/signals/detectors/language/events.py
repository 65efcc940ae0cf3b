"""Kinds of event fields, from the annotations of the canonical events."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from signals.detectors.language.names import UNKNOWN, Kind
from signals.domain.events.base import Event

_KINDS: dict[object, Kind] = {
    bool: Kind.BOOL, int: Kind.COUNT, Decimal: Kind.MONEY, str: Kind.TEXT, datetime: Kind.INSTANT, date: Kind.DATE,
}  # fmt: skip


def fields_of(event: type[Event] | Sequence[type[Event]]) -> Mapping[str, tuple[Kind, bool]]:
    """Return field -> (kind, whether every one of the event types has it).

    A field that two types have with different kinds is left out, and so is one of a type the language has no kind for.
    ``kind`` itself is a text. Decimals of events are money.
    """
    types = (event,) if isinstance(event, type) else tuple(event)
    kinds: dict[str, list[Kind | None]] = {}
    for each in types:
        for name, hint in get_type_hints(each, include_extras=True).items():
            if name in each.__struct_fields__:
                kinds.setdefault(name, []).append(_kind(hint))
    found: dict[str, tuple[Kind, bool]] = {"kind": (Kind.TEXT, True)}
    for name, given in kinds.items():
        kind = given[0]
        if kind is not None and all(other is kind for other in given):
            found[name] = (kind, len(given) == len(types))
    return found


def _kind(hint: Any) -> Kind | None:
    origin = get_origin(hint)
    if origin is Annotated:
        return _kind(get_args(hint)[0])
    if origin is Literal:
        return Kind.TEXT if all(isinstance(value, str) for value in get_args(hint)) else None
    if origin in {list, dict, set, frozenset, tuple}:
        return Kind.SET if _kind(get_args(hint)[0]) is Kind.TEXT else None
    if origin is Union or type(hint).__name__ == "UnionType":
        given = {_kind(each) for each in get_args(hint) if each not in {type(None), UnsetType}}
        return given.pop() if len(given) == 1 else None
    return _KINDS.get(hint)


def kind_field(event: object) -> object:
    """Return the ``kind`` tag of an event; unknown when there is none."""
    return event.__struct_config__.tag if isinstance(event, msgspec.Struct) else UNKNOWN
