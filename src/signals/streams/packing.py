"""The bytes of an account, small: its daily series stand apart from the rest, as columns of bytes.

Series are most of an account. Written number by number they hardly shrink, because the low digits of usage are noise
and stand between the high ones. So all numbers of all series are put in one column, and of it first the lowest byte of
each, then the second ...: the high bytes are nearly all alike then, and a third of the size is left.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from signals.domain.account.daily import Daily
from signals.domain.account.past import WEEK, Past
from signals.domain.account.state import Account

WORD = 8
"""Bytes of a number in memory; a sum of counts (at most 10^15 each) fits."""


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What of a ``Daily`` is no column: where it begins, and how many of the numbers are its days, weeks and months."""

    name: str
    start: int
    days: int
    weeks: int = -1
    """They end where the days begin. -1: it has no past."""
    month: int = 0
    """Number of the first month; they follow each other."""
    months: int = 0


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """An account without its series, their shapes, and the column: ``width`` planes of one byte each."""

    account: Account
    days: tuple[Shape, ...]
    actions: tuple[Shape, ...]
    width: int
    planes: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Packed).decode


def pack_account(account: Account) -> bytes:
    """Return the bytes of *account*; equal accounts give equal bytes."""
    usage = account.usage
    numbers = array("Q")
    days, actions = _shapes(usage.days, numbers), _shapes(usage.actions, numbers)
    if days or actions:
        account = msgspec.structs.replace(account, usage=msgspec.structs.replace(usage, days={}, actions={}))
    if sys.byteorder == "big":
        numbers.byteswap()
    column = numbers.tobytes()
    width = (max(numbers, default=0).bit_length() + 7) // 8
    return _encode(Packed(account, days, actions, width, b"".join([column[byte::WORD] for byte in range(width)])))


def _shapes(series: Mapping[str, Daily], numbers: "array[int]") -> tuple[Shape, ...]:
    shapes: list[Shape] = []
    for name, daily in series.items():
        numbers.extend(daily.values)
        past = daily.past
        if past is None:
            shapes.append(Shape(name, daily.start, len(daily.values)))
        else:
            numbers.extend(past.weeks)
            numbers.extend([units for _, units in past.months])
            month = past.months[0][0] if past.months else 0
            shapes.append(Shape(name, daily.start, len(daily.values), len(past.weeks), month, len(past.months)))
    return tuple(shapes)


def unpack_account(data: bytes) -> Account:
    """Return what ``pack_account`` was given.

    Raises
    ------
    msgspec.MsgspecError
        The bytes are not of this form.
    """
    packed = _decode(data)
    if not packed.days and not packed.actions:
        return packed.account
    numbers = _numbers(packed.width, packed.planes, (*packed.days, *packed.actions))
    days, end = _series(packed.days, numbers, 0)
    actions, _ = _series(packed.actions, numbers, end)
    usage = msgspec.structs.replace(packed.account.usage, days=days, actions=actions)
    return msgspec.structs.replace(packed.account, usage=usage)


def _numbers(width: int, planes: bytes, shapes: Iterable[Shape]) -> tuple[int, ...]:
    count = sum(shape.days + max(shape.weeks, 0) + shape.months for shape in shapes)
    if not 0 <= width <= WORD or len(planes) != count * width:
        raise msgspec.ValidationError(f"column of {len(planes)} bytes, expected {count} numbers of {width}")
    column = bytearray(count * WORD)
    for byte in range(width):
        column[byte::WORD] = planes[byte * count : (byte + 1) * count]
    numbers = array("Q", bytes(column))
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)


def _series(shapes: Iterable[Shape], numbers: tuple[int, ...], begin: int) -> tuple[dict[str, Daily], int]:
    series: dict[str, Daily] = {}
    for shape in shapes:
        end = begin + shape.days
        values, past, begin = numbers[begin:end], None, end
        if shape.weeks >= 0:
            weeks, begin = numbers[begin : begin + shape.weeks], begin + shape.weeks
            months, begin = numbers[begin : begin + shape.months], begin + shape.months
            past = Past(shape.start - WEEK * shape.weeks, weeks, tuple(enumerate(months, shape.month)))
        series[shape.name] = Daily(shape.start, values, past)
    return series, begin


def plain_account(data: bytes) -> dict[str, Any]:
    """Return what ``pack_account`` was given as plain values, series put back, for the upgrade of an older version."""
    account, days, actions, width, planes = msgspec.msgpack.decode(data)
    day_shapes = msgspec.convert(days, tuple[Shape, ...])
    action_shapes = msgspec.convert(actions, tuple[Shape, ...])
    numbers = _numbers(width, planes, (*day_shapes, *action_shapes))
    day_series, end = _series(day_shapes, numbers, 0)
    action_series, _ = _series(action_shapes, numbers, end)
    plain: dict[str, Any] = dict(account)
    if day_series or action_series:
        found = {"days": day_series, "actions": action_series}
        plain["usage"] = {**plain.get("usage", {}), **msgspec.to_builtins(found)}
    return plain
