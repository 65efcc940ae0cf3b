"""Accounts as versions 2 and 3 stored them: msgpack, the daily series apart, as planes of bytes.

All numbers of all series stood in one column, and of it first the lowest byte of each, then the second ...
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from signals.domain.account.daily import Daily
from signals.domain.account.past import WEEK, Past
from signals.streams.lanes import WORD, words_in
from signals.streams.series import Shape


def _numbers(width: int, planes: bytes, shapes: Iterable[Shape]) -> tuple[int, ...]:
    count = sum(shape.days + max(shape.weeks, 0) + shape.months for shape in shapes)
    if not 0 <= width <= WORD or len(planes) != count * width:
        raise msgspec.ValidationError(f"column of {len(planes)} bytes, expected {count} numbers of {width}")
    column = bytearray(count * WORD)
    for byte in range(width):
        column[byte::WORD] = planes[byte * count : (byte + 1) * count]
    return tuple(words_in(bytes(column)))


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
    """Return the account as plain values, its series put back, for the upgrade.

    Raises
    ------
    msgspec.MsgspecError
        The bytes are not of this form.
    """
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
