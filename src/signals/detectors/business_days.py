"""Days of work: Monday to Friday; holidays are not known here."""

from datetime import date, timedelta

SATURDAY = 5


def add_business_days(day: date, count: int) -> date:
    """Return the day *count* days of work after *day*.

    >>> add_business_days(date(2026, 6, 12), 2)
    datetime.date(2026, 6, 16)
    """
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day
