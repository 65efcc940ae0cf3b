"""Windows over daily series: sums, means, medians, weekly drops, the same windows a year ago.

A zero needs a witness: a window is known only when the usage source reported every day of it since the organization
exists. With gaps a sum is "at least v" and everything else is unknown.

``days`` are closed days: *n* days ending yesterday. ``recent`` is today and the n - 1 days before.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from signals.detectors.calendar_months import months_between
from signals.detectors.facts.products import product_name
from signals.detectors.language.names import UNKNOWN, AtLeast, Close, Function, Kind
from signals.detectors.moment import Look
from signals.domain.account.daily import Daily, month_start, ordinal
from signals.domain.account.reduce import CLOSED_MONTHS, CLOSED_WEEKS
from signals.domain.measures import KEEP_DAYS as MEASURE_DAYS

WEEK = 7


class Series:
    """A named daily series of one account, as rules pass it around.

    As an element of a collection it has the attributes ``name``, ``label`` and ``series``, which is itself.
    """

    __slots__ = ("daily", "name")

    def __init__(self, name: str, daily: Daily) -> None:
        self.name, self.daily = name, daily

    @property
    def series(self) -> "Series":
        """The series of the element."""
        return self

    @property
    def label(self) -> str:
        """The reader's name of a product."""
        return product_name(self.name)


def witnessed(look: Look, first: int, last: int) -> bool:
    """Say whether the usage source reported every day of *first* .. *last* since the organization exists."""
    moment = look.moment
    if first >= moment.known_from and last <= moment.known_until:
        return True
    created = moment.created_number
    if created is not None and created > first:
        first = created
    return moment.state.usage.reported.covers(first, last)


def _span(look: Look, series: Series, first: int, last: int) -> object:
    """Return the sum of a closed span."""
    if first <= look.moment.today_number - MEASURE_DAYS and series.name.startswith("measure:"):
        return UNKNOWN  # further back than measures are kept
    units = series.daily.total(first, last)
    return units if witnessed(look, first, last) else AtLeast(units)


def total(look: Look, series: Series, window: timedelta, offset: timedelta = timedelta(0)) -> object:
    """Return the sum over *window* closed days ending *offset* before yesterday."""
    last = look.moment.today_number - 1 - offset.days
    return _span(look, series, last - window.days + 1, last)


def mean_day(look: Look, series: Series, window: timedelta, offset: timedelta = timedelta(0)) -> object:
    """Return the mean of a day over *window* closed days ending *offset* before yesterday; unknown with gaps."""
    units = total(look, series, window, offset)
    return Decimal(units) / window.days if isinstance(units, int) and window.days > 0 else UNKNOWN


def recent(look: Look, series: Series, window: timedelta) -> object:
    """Return the sum over today and the days before, *window* days in all; today counts as far as it is reported."""
    today = look.moment.today_number
    units = series.daily.total(today - window.days + 1, today)
    return units if witnessed(look, today - window.days + 1, today - 1) else AtLeast(units)


@lru_cache(maxsize=1024)
def _month_days(number: int) -> tuple[int, int]:
    """Return the first and the last day of a month number."""
    return ordinal(month_start(number)), ordinal(month_start(number + 1)) - 1


def month_total(look: Look, series: Series, months_ago: int) -> object:
    """Return the sum of a calendar month: 1 is the last complete one, 0 the running one as far as it is reported."""
    today = look.moment.today
    number = 12 * today.year + today.month - 1 - months_ago
    first, last = _month_days(number)
    if months_ago > 0 and not _existed(look, first):
        return UNKNOWN
    units = series.daily.month(number, first, last)
    return units if witnessed(look, first, min(last, look.moment.today_number - 1)) else AtLeast(units)


def _existed(look: Look, first: int) -> bool:
    """Say whether the organization existed on the first day of a span; unknown creation counts as yes."""
    created = look.moment.created_number
    return created is None or created <= first


def month_mean(look: Look, series: Series, months: int) -> object:
    """Return the mean of the last *months* complete calendar months; unknown unless each is known in full."""
    units = 0
    for ago in range(months, 0, -1):  # the oldest is missing most often
        one = month_total(look, series, ago)
        if not isinstance(one, int):
            return UNKNOWN
        units += one
    return Decimal(units) / months


def on_day(look: Look, series: Series, days_ago: timedelta) -> object:
    """Return the units of one closed day; 1 day ago is yesterday."""
    day = look.moment.today_number - days_ago.days
    return _span(look, series, day, day)


def last_reported(look: Look) -> int | None:
    """Return the newest reported closed day, at most two days old."""
    today, reported = look.moment.today_number, look.moment.state.usage.reported
    if reported.covers(today - 1, today - 1):
        return today - 1
    return today - 2 if reported.covers(today - 2, today - 2) else None


def last_closed(look: Look, series: Series) -> object:
    """Return the units of the newest reported closed day, at most two days old; unknown when there is none."""
    day = last_reported(look)
    return UNKNOWN if day is None else series.daily.on(day)


def median_before(look: Look, series: Series, window: timedelta) -> object:
    """Return the median of the *window* days before the newest reported closed day; unknown with gaps."""
    day, days = last_reported(look), window.days
    if day is None or not look.moment.state.usage.reported.covers(day - days, day - 1):
        return UNKNOWN
    units = sorted(series.daily.between(day - days, day - 1))
    middle = days // 2
    return Decimal(units[middle]) if days % 2 else Decimal(units[middle - 1] + units[middle]) / 2


LONGEST_STREAK = 12
"""Weeks a streak is followed back; no rule asks for more than four."""


def weekly_drops(look: Look, series: Series) -> object:
    """Return how many closed weeks in a row were each below the one before, the newest included."""
    return _streak(look, series, lambda newer, older: newer < older)


def weekly_steady(look: Look, series: Series) -> object:
    """Return how many closed weeks in a row were each level with the one before or above it."""
    return _streak(look, series, lambda newer, older: newer >= older)


def _streak(look: Look, series: Series, goes_on: Callable[[int, int], bool]) -> object:
    """Return the streak's length; "at least" when a week that is not known ends it, unknown without any week.

    Weeks run from Monday to Sunday and are followed back, newest first, no further than the streak.
    """
    monday = look.moment.today_number - look.today.weekday()
    newer: int | None = None
    for length in range(LONGEST_STREAK + 1):
        first = monday - WEEK * (length + 1)
        if not _existed(look, first):
            return max(length - 1, 0)
        units = _span(look, series, first, first + WEEK - 1)
        if not isinstance(units, int):
            return UNKNOWN if newer is None else AtLeast(length - 1)
        if newer is not None and not goes_on(newer, units):
            return length - 1
        newer = units
    return AtLeast(LONGEST_STREAK)


def max_weekly_drop(look: Look, series: Series, window: timedelta) -> object:
    """Return the largest share by which one trailing week fell below the week before it, over *window*.

    0 when no week fell; unknown unless every week of the window and the one before it is known.
    """
    worst = Decimal(0)
    for week in range(window.days // WEEK):
        newer = total(look, series, timedelta(days=WEEK), timedelta(days=WEEK * week))
        older = total(look, series, timedelta(days=WEEK), timedelta(days=WEEK * (week + 1)))
        if not isinstance(newer, int) or not isinstance(older, int):
            return UNKNOWN
        if older:
            worst = max(worst, 1 - Decimal(newer) / older)
    return worst


YEAR = timedelta(days=364)
# 52 whole weeks, so that a window a year earlier has the same weekdays.


def year_ago_change(look: Look, series: Series, window: timedelta) -> object:
    """Return the relative change between the same two windows one year (52 weeks) earlier; unknown without them."""
    now = total(look, series, window, YEAR)
    then = total(look, series, window, YEAR + window)
    first = look.moment.today_number - YEAR.days - 2 * window.days
    if not isinstance(now, int) or not isinstance(then, int) or not then or not _existed(look, first):
        return UNKNOWN
    return Decimal(now) / then - 1


def lifetime(look: Look, series: Series) -> object:
    """Return all units ever recorded; a zero is known when the source reported without a gap for the witness time."""
    today = look.moment.today_number
    units = series.daily.total(0, today)
    if units or witnessed(look, today - look.moment.terms.lifetime_witness.days, today - 1):
        return units
    return AtLeast(0)


def date_in(look: Look, day: date, window: timedelta) -> date:
    """Return the calendar day *window* after *day*."""
    del look
    return day + window


def elapsed_months(look: Look, since: date) -> Decimal:
    """Return the months elapsed since a day: exactly N on the same day N months later."""
    return months_between(since, look.today)


def _function(
    call: Callable[..., object],
    takes: tuple[Kind, ...],
    gives: Kind,
    *,
    optional: int = 0,
    unit: str = "",
    closes: Close = Close.DAY,
    rises: Literal["", "today", "ever"] = "",
    counts: bool = False,
    sinks: bool = False,
    reads: str = "",
    cost: int = 1,
) -> Function:
    """Return a function of this file by its own name; all but ``date_in`` change when a day closes."""
    return Function(
        name=call.__name__,
        takes=takes,
        gives=gives,
        call=call,
        doc=call.__doc__ or "",
        optional=optional,
        daily=call is not date_in,
        unit=unit,
        closes=closes,
        reads=reads,
        cost=cost,
        rises=rises,
        counts=counts,
        sinks=sinks,
    )


FUNCTIONS: tuple[Function, ...] = (
    _function(mean_day, (Kind.SERIES, Kind.DURATION, Kind.DURATION), Kind.NUMBER, optional=1, closes=Close.REPORTED),
    _function(
        total, (Kind.SERIES, Kind.DURATION, Kind.DURATION), Kind.COUNT, optional=1, closes=Close.REPORTED, counts=True
    ),
    _function(
        recent, (Kind.SERIES, Kind.DURATION), Kind.COUNT, closes=Close.REPORTED, rises="today", counts=True, sinks=True
    ),
    _function(month_total, (Kind.SERIES, Kind.COUNT), Kind.COUNT, closes=Close.MONTH, reads=CLOSED_MONTHS),
    _function(month_mean, (Kind.SERIES, Kind.COUNT), Kind.NUMBER, closes=Close.MONTH, reads=CLOSED_MONTHS, cost=3),
    _function(on_day, (Kind.SERIES, Kind.DURATION), Kind.COUNT, counts=True),
    _function(last_closed, (Kind.SERIES,), Kind.COUNT, closes=Close.REPORTED),
    _function(median_before, (Kind.SERIES, Kind.DURATION), Kind.NUMBER, closes=Close.REPORTED, cost=4),
    _function(weekly_drops, (Kind.SERIES,), Kind.COUNT, closes=Close.REPORTED, reads=CLOSED_WEEKS, cost=3),
    _function(weekly_steady, (Kind.SERIES,), Kind.COUNT, closes=Close.REPORTED, reads=CLOSED_WEEKS, cost=3),
    _function(max_weekly_drop, (Kind.SERIES, Kind.DURATION), Kind.SHARE, closes=Close.REPORTED),
    _function(year_ago_change, (Kind.SERIES, Kind.DURATION), Kind.SHARE),
    _function(lifetime, (Kind.SERIES,), Kind.COUNT, closes=Close.REPORTED, rises="ever", counts=True, sinks=True),
    _function(elapsed_months, (Kind.DATE,), Kind.NUMBER, unit="months"),
    _function(date_in, (Kind.DATE, Kind.DURATION), Kind.DATE),
)
