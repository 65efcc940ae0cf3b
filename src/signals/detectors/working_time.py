"""Working time: Monday to Friday, so many hours a day in one zone; when a wait that counts only those is over."""

from datetime import date, datetime, time, timedelta, tzinfo

_SATURDAY = 5
_LONGEST = 400
# Working days a wait is followed for: more than a year, and no rule waits for more than a few days.


def working_due(at: datetime, wait: timedelta, opens: timedelta, closes: timedelta, zone: tzinfo) -> datetime | None:
    """Return the instant at which *wait* of working time has passed since *at*; None beyond a year or without hours.

    *opens* and *closes* are times of day, as durations since midnight; there is no work on Saturdays and Sundays.

    Parameters
    ----------
    at
        When the waiting began, also outside working time.
    wait
        Working time to pass.
    opens, closes
        From when to when people work, in *zone*.

    >>> from datetime import UTC
    >>> hours = lambda number: timedelta(hours=number)
    >>> working_due(datetime(2026, 6, 12, 15, tzinfo=UTC), hours(4), hours(9), hours(17), UTC)  # Friday, 15:00
    datetime.datetime(2026, 6, 15, 11, 0, tzinfo=datetime.timezone.utc)
    """
    if closes <= opens:
        return None
    local = at.astimezone(zone)
    left = wait
    for ahead in range(_LONGEST):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() >= _SATURDAY:
            continue
        begins, ends = _on(day, opens, zone), _on(day, closes, zone)
        begins = max(begins, at)
        if begins + left <= ends:
            return begins + left
        left -= max(ends - begins, timedelta(0))
    return None


def _on(day: date, clock: timedelta, zone: tzinfo) -> datetime:
    return (datetime.combine(day, time(), zone).replace(tzinfo=None) + clock).replace(tzinfo=zone)
