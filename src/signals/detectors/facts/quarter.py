"""Facts about the calendar quarter of the business zone, and the function for working time."""

from datetime import date, datetime, timedelta

from signals.detectors.language.names import UNKNOWN, Close, Fact, Function, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.working_time import working_due as _due

QUARTER_MONTHS = 3


def quarter_start(day: date) -> date:
    """Return the first day of the calendar quarter.

    >>> quarter_start(date(2026, 6, 15))
    datetime.date(2026, 4, 1)
    """
    return date(day.year, day.month - (day.month - 1) % QUARTER_MONTHS, 1)


def _day(look: Look) -> int:
    return (look.today - quarter_start(look.today)).days + 1


def working_due(look: Look, at: datetime, wait: timedelta, opens: timedelta, closes: timedelta) -> object:
    """Return when so much working time (Monday to Friday, between two times of day) has passed since an instant."""
    found = _due(at, wait, opens, closes, look.zone)
    return UNKNOWN if found is None else found


FACTS: tuple[Fact, ...] = (
    fact("quarter.starts_on", Kind.DATE, lambda look: quarter_start(look.today), daily=True, calendar=True,
         doc="First day of the running calendar quarter.", label="Quarter began"),
    fact("quarter.day", Kind.COUNT, _day, daily=True, calendar=True, unit="days",
         doc="Day of the running calendar quarter, from 1 on.", label="Day of the quarter"),
)  # fmt: skip


FUNCTIONS: tuple[Function, ...] = (
    Function(name="working_due", takes=(Kind.INSTANT, Kind.DURATION, Kind.DURATION, Kind.DURATION), gives=Kind.INSTANT,
             call=working_due, doc=working_due.__doc__ or "", closes=Close.NEVER),
)  # fmt: skip
