"""The older part of a daily series: whole weeks, and of the last months what their folded days come to.

Days older than fourteen weeks are kept as the sums of their weeks (Monday to Sunday): no rule of the catalogue asks for
one of them, and a year of days would be most of what an account takes. A window that reaches into them counts whole
weeks, the nearest ones; calendar months are exact for as long as a rule can ask for them.
"""

import msgspec

WEEK = 7

KEEP_WEEKS = 47
# With the 98 days that are always there: 427 days, a year and the two 28-day windows of churn_usage_drop_30 (421).

KEEP_MONTHS = 6
# Months that a window of complete months may reach back to (three in the catalogue), with as many to spare.


class Past(msgspec.Struct, frozen=True, array_like=True):
    """Units per week before the days of a series.

    Parameters
    ----------
    first
        Ordinal of the Monday that ``weeks`` begin with; they end where the days begin.
    weeks
        One int per week, oldest first, at most ``KEEP_WEEKS``.
    months
        (Month number, units of its days that lie in ``weeks``), oldest first, the last ``KEEP_MONTHS``.
    """

    first: int
    weeks: tuple[int, ...] = ()
    months: tuple[tuple[int, int], ...] = ()

    @property
    def end(self) -> int:
        """Ordinal of the first day behind the weeks."""
        return self.first + WEEK * len(self.weeks)

    def total(self, first: int, last: int) -> int:
        """Return the units of the days *first* .. *last*, as far as they lie in the weeks.

        Seven days and more count as the nearest whole weeks, fewer as their share of the week they begin in.

        >>> Past(8, (70, 7, 14)).total(8, 21), Past(8, (70, 7, 14)).total(10, 23), Past(8, (70, 7, 14)).total(15, 16)
        (77, 77, 2)
        """
        first, last = max(first, self.first), min(last, self.end - 1)
        days = last - first + 1
        if days <= 0:
            return 0
        if days < WEEK:
            return self.weeks[(first - self.first) // WEEK] * days // WEEK
        nearest = (first - self.first + WEEK // 2) // WEEK
        return sum(self.weeks[nearest : nearest + (days + WEEK // 2) // WEEK])

    def month(self, number: int) -> int | None:
        """Return the units of a month's days that lie in the weeks; None for one that is not kept any more."""
        for known, units in self.months:
            if known == number:
                return units
        return None if self.months and number < self.months[0][0] else 0

    def add(self, day: int, month: int, units: int) -> "Past":
        """Return the weeks with *units* more on *day*, which lies before ``end``; too old a day changes nothing."""
        weeks, first = self.weeks, self.first
        index = (day - first) // WEEK
        if index < 0:
            if len(weeks) - index > KEEP_WEEKS:
                return self
            weeks, first = (*(0,) * -index, *weeks), first + WEEK * index
            index = 0
        weeks = (*weeks[:index], weeks[index] + units, *weeks[index + 1 :])
        return Past(first, weeks, _with_month(self.months, month, units))

    def followed_by(self, days: tuple[tuple[int, int], ...]) -> "Past":
        """Return the weeks with one more behind them: *days* are (month number, units), one for each of its days."""
        months = self.months
        for month, units in days:
            months = _with_month(months, month, units)
        weeks = (*self.weeks, sum(units for _, units in days))
        surplus = max(len(weeks) - KEEP_WEEKS, 0)
        return Past(self.first + WEEK * surplus, weeks[surplus:], months)


def _with_month(months: tuple[tuple[int, int], ...], number: int, units: int) -> tuple[tuple[int, int], ...]:
    if months and months[-1][0] == number:
        return (*months[:-1], (number, months[-1][1] + units))
    if months and number < months[0][0] and len(months) >= KEEP_MONTHS:
        return months
    known = dict(months)
    known[number] = known.get(number, 0) + units
    for between in range(min(known), max(known)):
        known.setdefault(between, 0)
    return tuple(sorted(known.items()))[-KEEP_MONTHS:]
