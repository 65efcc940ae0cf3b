"""The simulated calendar: day numbers to days, instants and months of the business zone."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST_HOUR = 22.9
# A day of the business zone may have 23 hours; an event placed later by its hours would belong to the next day.


@dataclass(frozen=True)
class Calendar:
    """Days 0 .. ``days`` - 1 from ``start`` on, each from midnight to midnight in ``zone``.

    >>> Calendar(date(2026, 1, 1), 100, ZoneInfo("UTC")).at(1, 6.5).isoformat()
    '2026-01-02T06:30:00+00:00'
    """

    start: date
    days: int
    zone: ZoneInfo
    _midnights: dict[int, datetime] = field(default_factory=dict, repr=False, compare=False)

    def date_of(self, day: int) -> date:
        """Return the calendar day of a day number; any integer is allowed."""
        return self.start + timedelta(days=day)

    def number(self, day: date) -> int:
        """Return the day number of a calendar day; negative before the start."""
        return (day - self.start).days

    def midnight(self, day: int) -> datetime:
        """Return the first instant of a day, in UTC."""
        known = self._midnights.get(day)
        if known is None:
            known = datetime.combine(self.date_of(day), time(), self.zone).astimezone(UTC)
            self._midnights[day] = known
        return known

    def at(self, day: int, hours: float) -> datetime:
        """Return an instant *hours* after the day's midnight, on a whole second, in UTC."""
        return self.midnight(day) + timedelta(seconds=int(min(hours, LAST_HOUR) * 3600))

    @property
    def end(self) -> datetime:
        """The instant after the last day."""
        return self.midnight(self.days)

    def month_starts(self) -> list[int]:
        """Return the day numbers that are the first of a month, the start's own included if it is one."""
        return [day for day in range(self.days) if self.date_of(day).day == 1]

    def next_month_start(self, day: int) -> int:
        """Return the first day number >= *day* that is the first of a month."""
        while self.date_of(day).day != 1:
            day += 1
        return day


def months_later(day: date, months: int) -> date:
    """Return the same day of another month, or that month's last day.

    >>> months_later(date(2026, 1, 31), 1), months_later(date(2026, 1, 15), -3)
    (datetime.date(2026, 2, 28), datetime.date(2025, 10, 15))
    """
    number = 12 * day.year + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    following = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))
