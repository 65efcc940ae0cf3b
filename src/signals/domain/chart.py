"""A small chart of one series: its history, what was expected of it, what is forecast. Numbers only; sinks draw it.

It travels on a transition, over Kafka, so it is bounded; it is made when something is said and kept nowhere.
"""

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Annotated

import msgspec
from msgspec import Meta

MOST_VALUES = 91
"""Thirteen weeks of days: a quarter with its weekly rhythm; more cannot be told apart on a phone."""

MOST_AHEAD = 91
MOST_MARKS = 3
LABEL = 60
"""Characters of a label in the picture."""

_EXACT_FROM = 1000
# Computed numbers below it keep four significant digits, above it none after the point: a chart shows no more.

_MOST = Decimal(10) ** 15
# What no count may exceed (``domain.events.base.Count``): an amount beyond it is a mistake, and drawn as the largest.

Number = int | float
Numbers = Annotated[tuple[Number, ...], Meta(max_length=MOST_VALUES)]
Offset = Annotated[int, Meta(ge=-3700, le=3700)]
"""Days after ``Chart.start``; ten years either way."""


class Ahead(msgspec.Struct, frozen=True, array_like=True):
    """The forecast of one day: ``mid`` is the middle, four chances in five lie between ``low`` and ``high``."""

    day: Offset
    low: Number
    mid: Number
    high: Number


class Level(msgspec.Struct, frozen=True):
    """A horizontal line: a threshold, a limit, what the series is held against."""

    value: Number
    label: Annotated[str, Meta(max_length=LABEL)]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A day that has a meaning, such as a contract's end."""

    day: Offset
    label: Annotated[str, Meta(max_length=LABEL)]


class Chart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One series in time, oldest first; days are counted from ``start``. Parts that do not fit are a ``ValueError``."""

    title: str = ""
    """What the numbers are, such as ``Session Replay, units a day``."""
    unit: str = "count"
    """As on ``Evidence.unit``."""
    start: date
    """Day 0."""
    values: Annotated[tuple[Number | None, ...], Meta(min_length=1, max_length=MOST_VALUES)]
    """null: not known."""
    days: Annotated[tuple[Offset, ...], Meta(max_length=MOST_VALUES)] = ()
    """The day of each value, where they are not one a day. A day may come twice: the value jumps on it."""
    low: Numbers = ()
    """Of the expected band, for the newest values: as many as it is known for; empty: for none."""
    high: Numbers = ()
    line: Level | None = None
    forecast: Annotated[tuple[Ahead, ...], Meta(max_length=MOST_AHEAD)] = ()
    """Joined by straight lines."""
    marks: Annotated[tuple[Mark, ...], Meta(max_length=MOST_MARKS)] = ()
    began: Offset | None = None
    """The day the signal's condition began to hold, or the last day shown when it began after it."""

    def __post_init__(self) -> None:
        """Check what a schema cannot say."""
        if len(self.low) != len(self.high) or len(self.low) > len(self.values):
            raise ValueError("the band needs as many lows as highs, and no more of them than values")
        if self.days and len(self.days) != len(self.values):
            raise ValueError("days needs one day for each value")
        ahead = [one.day for one in self.forecast]
        if list(self.days) != sorted(self.days) or ahead != sorted(ahead):
            raise ValueError("days go up in time")
        for number in self._numbers():
            if not isfinite(number):
                raise ValueError("a number that is not finite cannot be drawn")

    def _numbers(self) -> tuple[Number, ...]:
        known = tuple(value for value in self.values if value is not None)
        ahead = tuple(number for one in self.forecast for number in (one.low, one.mid, one.high))
        return (*known, *self.low, *self.high, *ahead, *(() if self.line is None else (self.line.value,)))

    def points(self) -> tuple[tuple[int, Number | None], ...]:
        """Return (day, value) of the history."""
        return tuple(zip(self.days or range(len(self.values)), self.values, strict=True))

    def band(self) -> tuple[tuple[int, Number, Number], ...]:
        """Return (day, low, high) of what was expected; empty when nothing is known to be."""
        days = self.days or range(len(self.values))
        return tuple(zip(days[len(days) - len(self.low) :], self.low, self.high, strict=True))

    @property
    def last_day(self) -> int:
        """The day of the last value."""
        return self.days[-1] if self.days else len(self.values) - 1

    @property
    def spread(self) -> tuple[Number, Number]:
        """The least and the greatest number of all that is to be seen."""
        numbers = self._numbers() or (0,)
        return min(numbers), max(numbers)


def plotted(value: Number | Decimal) -> Number:
    """Return a number as a chart carries it: counts as they are, computed ones no finer than can be seen.

    >>> plotted(1240), plotted(Decimal("41200.55")), plotted(0.123456), plotted(Decimal("12.0"))
    (1240, 41201, 0.1235, 12)
    """
    if isinstance(value, int):
        return value
    value = max(-_MOST, min(Decimal(value), _MOST))
    rounded = round(value) if abs(value) >= _EXACT_FROM else float(f"{value:.4g}")
    return int(rounded) if rounded == int(rounded) else rounded
