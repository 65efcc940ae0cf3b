"""A canonical event as ids and the binary codec need it: instants in UTC, integers that fit. Pure."""

from datetime import UTC, datetime

import msgspec

from signals.domain.errors import BadInput
from signals.domain.events.base import Event
from signals.domain.events.kinds import CLASS_OF
from signals.domain.reasons import DeadReason


def _instant_fields(cls: type[Event]) -> tuple[str, ...]:
    """Return the fields of an event besides ``at`` that can hold an instant."""
    return tuple(
        field.name
        for field in msgspec.structs.fields(cls)
        if field.name != "at" and "datetime.datetime" in str(field.type)
    )


_INSTANTS: dict[type[Event], tuple[str, ...]] = {cls: _instant_fields(cls) for cls in CLASS_OF.values()}


def _open_ints(cls: type[Event]) -> tuple[str, ...]:
    """Return the fields of an event that can hold an integer of any size; msgpack has 64 bits."""
    return tuple(
        field.name
        for field in msgspec.inspect.type_info(cls).fields  # type: ignore[attr-defined]  # a Struct's has them
        if _holds_open_int(field.type)
    )


def _holds_open_int(kind: msgspec.inspect.Type) -> bool:
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return _holds_open_int(inner)
        case msgspec.inspect.IntType(ge=ge, le=le):
            return ge is None or le is None
        case msgspec.inspect.UnionType(types=types):
            return any(_holds_open_int(one) for one in types)
        case msgspec.inspect.DictType(value_type=value):
            return _holds_open_int(value)
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            return _holds_open_int(item)
    return False


_OPEN_INTS: dict[type[Event], tuple[str, ...]] = {cls: _open_ints(cls) for cls in CLASS_OF.values()}
CLOSER_LOOK = {cls: names for cls in CLASS_OF.values() if (names := (*_INSTANTS[cls], *_OPEN_INTS[cls]))}


def looked_at(event: Event) -> Event:
    """Return an event that has one of the fields that take a closer look, with its instants in UTC.

    Raises
    ------
    LookupError
        It holds a number that may not fit.
    """
    for name in _OPEN_INTS[type(event)]:
        if getattr(event, name):
            raise LookupError(name)
    return in_utc(event)


def in_utc(event: Event) -> Event:
    """Return the event with its instants in UTC.

    Ids are made from the text of instants, and a binary codec keeps only the instant: the same history must give the
    same text whether or not it went over a topic.
    """
    changed: dict[str, datetime] = {}
    if event.at.tzinfo is not UTC:
        changed["at"] = event.at.astimezone(UTC)
    for name in _INSTANTS[type(event)]:
        value = getattr(event, name)
        if isinstance(value, datetime) and value.tzinfo is not UTC:
            try:
                changed[name] = value.astimezone(UTC)
            except OverflowError as error:
                raise BadInput(DeadReason.INVALID, f"{name}: {value.isoformat()} is out of range") from error
    return msgspec.structs.replace(event, **changed) if changed else event
