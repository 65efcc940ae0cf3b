"""One number per calendar day, dense, bounded: the shape of every daily series in the account."""

from datetime import UTC, date, datetime, tzinfo
from itertools import repeat

import msgspec

from signals.domain.account.past import WEEK, Past

KEEP_DAYS = 421
# A year (365) and the two 28-day windows of churn_usage_drop_30 (56): what the year-ago comparison needs, and how long
# a day that was reported is known to have been. Of the days themselves only the newest are kept one by one.

MOST_DAYS = 105
LEAST_DAYS = 98
# Days kept one by one; above MOST_DAYS the oldest week is folded. LEAST_DAYS covers the 13 weeks of a streak seen on a
# Sunday, and the 90 quiet days before a first use seen from a report that comes a week late.


class Daily(msgspec.Struct, frozen=True, array_like=True):
    """Units per day; ``values[i]`` is the day ``start + i``, days outside are zero or not reported.

    Parameters
    ----------
    start
        Ordinal of the first day (``date.toordinal``).
    values
        One int per day, oldest first, at most ``MOST_DAYS`` long.
    past
        What lies before ``start``, by weeks; None while the series is short. ``start`` is then a Monday.
    """

    start: int = 0
    values: tuple[int, ...] = ()
    past: Past | None = None

    def put(self, day: int, value: int) -> "Daily":
        """Return the series with *day* set to *value*; a day older than what is kept changes nothing.

        A day that was folded into its week is added to it, as nobody knows any more what it was: whoever may tell one
        twice must remember that he did.

        >>> Daily().put(10, 5).put(12, 7)
        Daily(start=10, values=(5, 0, 7), past=None)
        """
        values, start = self.values, self.start
        if not values:
            return Daily(day, (value,))
        index = day - start
        if index == len(values) - 1:
            return self if values[index] == value else Daily(start, (*values[:-1], value), self.past)
        if index >= len(values):
            if index - len(values) >= KEEP_DAYS:
                return Daily(day, (value,))
            return Daily(start, (*values, *repeat(0, index - len(values)), value), self.past)._folded()
        if index >= 0:
            if values[index] == value:
                return self
            return Daily(start, (*values[:index], value, *values[index + 1 :]), self.past)
        if self.past is not None:
            past = self.past.add(day, month_number(date.fromordinal(day)), value) if value else self.past
            return self if past is self.past else Daily(start, values, past)
        if start + len(values) - day > KEEP_DAYS:
            return self
        return Daily(day, (value, *repeat(0, -index - 1), *values))._folded()

    def _folded(self) -> "Daily":
        """Return the series with its oldest weeks folded, so that ``LEAST_DAYS`` days or a few more stay."""
        values, start, past = self.values, self.start, self.past
        if len(values) <= MOST_DAYS:
            return self
        while len(values) - (count := WEEK - (start - 1) % WEEK) >= LEAST_DAYS:
            days = tuple(
                (month_number(date.fromordinal(start + index)), units) for index, units in enumerate(values[:count])
            )
            past = (past or Past(start + count - WEEK)).followed_by(days)
            values, start = values[count:], start + count
        return Daily(start, values, past)

    def add(self, day: int, units: int) -> "Daily":
        """Return the series with *units* more on *day*."""
        values = self.values
        if values and day == self.start + len(values) - 1:  # nearly always the newest day
            return Daily(self.start, (*values[:-1], values[-1] + units), self.past)
        if self.past is not None and day < self.start:
            return self.put(day, units)
        return self.put(day, self.on(day) + units)

    def newest(self, days: int) -> "Daily":
        """Return the series without what lies before its newest *days* days.

        >>> Daily(10, (5, 0, 7)).newest(2)
        Daily(start=11, values=(0, 7), past=None)
        """
        extra = len(self.values) - days
        return self if extra <= 0 and self.past is None else Daily(self.start + max(extra, 0), self.values[-days:])

    def on(self, day: int) -> int:
        """Return the units of one day, 0 where nothing was put; of a folded one its share of the week."""
        index = day - self.start
        if 0 <= index < len(self.values):
            return self.values[index]
        return self.past.total(day, day) if self.past is not None and index < 0 else 0

    def total(self, first: int, last: int) -> int:
        """Return the sum of the days *first* .. *last*, both included; see ``Past.total`` for folded ones.

        >>> Daily(10, (5, 0, 7)).total(11, 99)
        7
        """
        start = self.start
        units = sum(self.values[max(0, first - start) : max(0, last - start + 1)])
        if first < start and self.past is not None:
            return units + self.past.total(first, min(last, start - 1))
        return units

    def month(self, number: int, first: int, last: int) -> int:
        """Return the sum of a calendar month whose days are *first* .. *last*, exact for the last months."""
        if self.past is None or first >= self.start:
            return self.total(first, last)
        folded = self.past.month(number)
        return self.total(first, last) if folded is None else folded + self.total(max(first, self.start), last)

    def between(self, first: int, last: int) -> tuple[int, ...]:
        """Return one int per day of *first* .. *last*, oldest first, zeros where nothing was put."""
        start, end = self.start, self.start + len(self.values)
        if self.past is not None and first < start:
            return tuple(self.on(day) for day in range(first, last + 1))
        if first > last or last < start or first >= end:
            return (0,) * max(last - first + 1, 0)
        inside = self.values[max(first - start, 0) : last - start + 1]
        return (*repeat(0, max(start - first, 0)), *inside, *repeat(0, max(last - end + 1, 0)))

    def first_nonzero(self) -> int | None:
        """Return the ordinal of the first day with units, None if there is none; of folded days the week's Monday."""
        if self.past is not None:
            week = next((index for index, units in enumerate(self.past.weeks) if units), None)
            if week is not None:
                return self.past.first + WEEK * week
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
