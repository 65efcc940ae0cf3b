"""One number per calendar day, dense, bounded: the shape of every daily series in the account."""

from datetime import UTC, date, datetime, tzinfo
from itertools import repeat

import msgspec

KEEP_DAYS = 421
# A year (365) and the two 28-day windows of churn_usage_drop_30 (56): what the year-ago comparison needs. One product
# costs about 1 KB stored; a longer memory serves no rule of the catalogue.


class Daily(msgspec.Struct, frozen=True, array_like=True):
    """Units per day; ``values[i]`` is the day ``start + i``, days outside are zero or not reported.

    Parameters
    ----------
    start
        Ordinal of the first day (``date.toordinal``).
    values
        One int per day, oldest first, at most ``KEEP_DAYS`` long.
    """

    start: int = 0
    values: tuple[int, ...] = ()

    def put(self, day: int, value: int) -> "Daily":
        """Return the series with *day* set to *value*; a day older than what is kept changes nothing.

        >>> Daily().put(10, 5).put(12, 7)
        Daily(start=10, values=(5, 0, 7))
        """
        values = self.values
        if not values:
            return Daily(day, (value,))
        index = day - self.start
        if index == len(values):
            values, start = (*values, value), self.start
        elif index > len(values):
            values, start = (*values, *repeat(0, index - len(values)), value), self.start
        elif index >= 0:
            if values[index] == value:
                return self
            if index == len(values) - 1:
                return Daily(self.start, (*values[:-1], value))
            values, start = (*values[:index], value, *values[index + 1 :]), self.start
        else:
            if self.start + len(values) - day > KEEP_DAYS:
                return self
            values, start = (value, *repeat(0, -index - 1), *values), day
        if len(values) > KEEP_DAYS:
            start += len(values) - KEEP_DAYS
            values = values[-KEEP_DAYS:]
        return Daily(start, values)

    def add(self, day: int, units: int) -> "Daily":
        """Return the series with *units* more on *day*."""
        values = self.values
        if values and day == self.start + len(values) - 1:  # nearly always the newest day
            return Daily(self.start, (*values[:-1], values[-1] + units))
        return self.put(day, self.on(day) + units)

    def on(self, day: int) -> int:
        """Return the units of one day; 0 where nothing was put."""
        index = day - self.start
        return self.values[index] if 0 <= index < len(self.values) else 0

    def total(self, first: int, last: int) -> int:
        """Return the sum of the days *first* .. *last*, both included.

        >>> Daily(10, (5, 0, 7)).total(11, 99)
        7
        """
        first, last = first - self.start, last - self.start + 1
        return sum(self.values[max(0, first) : max(0, last)])

    def between(self, first: int, last: int) -> tuple[int, ...]:
        """Return one int per day of *first* .. *last*, oldest first, zeros where nothing was put."""
        start, end = self.start, self.start + len(self.values)
        if first > last or last < start or first >= end:
            return (0,) * max(last - first + 1, 0)
        inside = self.values[max(first - start, 0) : last - start + 1]
        return (*repeat(0, max(start - first, 0)), *inside, *repeat(0, max(last - end + 1, 0)))

    def first_nonzero(self) -> int | None:
        """Return the ordinal of the first day with units, None if there is none."""
        return next((self.start + index for index, value in enumerate(self.values) if value), None)


class Days(msgspec.Struct, frozen=True, array_like=True):
    """A set of calendar days as sorted runs of ordinals: what a source has reported.

    >>> Days().with_day(5).with_day(7).with_day(6)
    Days(runs=((5, 7),))
    """

    runs: tuple[tuple[int, int], ...] = ()

    def with_day(self, day: int) -> "Days":
        """Return the set with *day* in it, without runs that ended more than ``KEEP_DAYS`` before it."""
        runs = self.runs
        if runs and runs[-1][0] <= day <= runs[-1][1]:
            return self
        if runs and day == runs[-1][1] + 1:
            return Days((*runs[:-1], (runs[-1][0], day)))
        merged: list[tuple[int, int]] = []
        for first, last in sorted((*runs, (day, day))):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        newest = merged[-1][1]
        return Days(tuple(run for run in merged if run[1] > newest - KEEP_DAYS))

    def covers(self, first: int, last: int) -> bool:
        """Say whether every day of *first* .. *last* is in the set; an empty range is covered."""
        if first > last:
            return True
        for start, end in reversed(self.runs):  # noqa: SIM110  # any() would make a generator, and this is asked often
            if start <= first and last <= end:
                return True
        return False

    def newest(self) -> int | None:
        """Return the last day in the set."""
        return self.runs[-1][1] if self.runs else None


def ordinal(day: date) -> int:
    """Return the proleptic ordinal of *day*: the integer all daily series are keyed by."""
    return day.toordinal()


def business_day(at: datetime, zone: tzinfo) -> int:
    """Return the ordinal of the calendar day of an instant in *zone*.

    >>> business_day(datetime(2026, 1, 5, 23, 30, tzinfo=UTC), UTC) == ordinal(date(2026, 1, 5))
    True
    """
    if at.tzinfo is UTC and (zone is UTC or getattr(zone, "key", "") == "UTC"):
        return at.toordinal()  # asked for every event; a conversion takes five times as long
    return at.astimezone(zone).toordinal()


def month_number(day: date) -> int:
    """Return ``12 * year + month - 1``: consecutive months differ by one.

    >>> month_number(date(2026, 1, 31)) - month_number(date(2025, 12, 1))
    1
    """
    return 12 * day.year + day.month - 1


def month_start(number: int) -> date:
    """Return the first day of a month number."""
    return date(number // 12, number % 12 + 1, 1)
