"""Windows over daily series: sums, means, medians, weekly drops, the same windows a year ago.

A zero needs a witness: a window is known only when the usage source reported every day of it since the organization
exists. With gaps a sum is "at least v" and everything else is unknown.

``days`` are closed days: *n* days ending yesterday. ``recent`` is today and the n - 1 days before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from msgspec import UNSET

from signals.detectors.calendar_months import months_between
from signals.detectors.language.names import UNKNOWN, AtLeast, Function, Kind
from signals.detectors.moment import Look
from signals.domain.account.daily import Daily, month_number, month_start, ordinal

WEEK = 7


@dataclass(frozen=True)
class Series:
    """A named daily series of one account, as rules pass it around."""

    name: str
    daily: Daily


def witnessed(look: Look, first: int, last: int) -> bool:
    """Say whether the usage source reported every day of *first* .. *last* since the organization exists."""
    created = look.moment.state.profile.created_at
    if created is not UNSET:
        first = max(first, ordinal(created.astimezone(look.zone).date()))
    return look.moment.state.usage.reported.covers(first, last)


def _span(look: Look, series: Series, first: int, last: int) -> object:
    """Return the sum of a closed span, shared by all rules of the moment."""

    def make() -> object:
        units = series.daily.total(first, last)
        return units if witnessed(look, first, last) else AtLeast(units)

    return look.moment.cached(f"span:{series.name}:{first}:{last}", make)


def _closed(look: Look, window: timedelta, offset: timedelta) -> tuple[int, int]:
    last = ordinal(look.today) - 1 - offset.days
    return last - window.days + 1, last


def total(look: Look, series: Series, window: timedelta, offset: timedelta = timedelta(0)) -> object:
    """Return the sum over *window* closed days ending *offset* before yesterday."""
    return _span(look, series, *_closed(look, window, offset))


def recent(look: Look, series: Series, window: timedelta) -> object:
    """Return the sum over today and the days before, *window* days in all; today counts as far as it is reported."""
    today = ordinal(look.today)
    units = series.daily.total(today - window.days + 1, today)
    return units if witnessed(look, today - window.days + 1, today - 1) else AtLeast(units)


def month_total(look: Look, series: Series, months_ago: int) -> object:
    """Return the sum of a calendar month: 1 is the last complete one, 0 the running one as far as it is reported."""
    number = month_number(look.today) - months_ago
    first = ordinal(month_start(number))
    last = ordinal(month_start(number + 1)) - 1
    if months_ago <= 0:
        units = series.daily.total(first, last)
        return units if witnessed(look, first, ordinal(look.today) - 1) else AtLeast(units)
    return _span(look, series, first, last) if _existed(look, first) else UNKNOWN


def _existed(look: Look, first: int) -> bool:
    """Say whether the organization existed on the first day of a span; unknown creation counts as yes."""
    created = look.moment.state.profile.created_at
    return created is UNSET or ordinal(created.astimezone(look.zone).date()) <= first


def month_mean(look: Look, series: Series, months: int) -> object:
    """Return the mean of the last *months* complete calendar months; unknown unless each is known in full."""
    sums = [month_total(look, series, ago) for ago in range(1, months + 1)]
    if not all(isinstance(one, int) for one in sums):
        return UNKNOWN
    return Decimal(sum(one for one in sums if isinstance(one, int))) / months


def on_day(look: Look, series: Series, days_ago: timedelta) -> object:
    """Return the units of one closed day; 1 day ago is yesterday."""
    day = ordinal(look.today) - days_ago.days
    return _span(look, series, day, day)


def last_closed(look: Look, series: Series) -> object:
    """Return the units of the newest reported closed day, at most two days old; unknown when there is none."""
    for ago in (1, 2):
        day = ordinal(look.today) - ago
        if look.moment.state.usage.reported.covers(day, day):
            return series.daily.on(day)
    return UNKNOWN


def median_before(look: Look, series: Series, window: timedelta) -> object:
    """Return the median of the *window* days before the newest reported closed day; unknown with gaps."""
    for ago in (1, 2):
        day = ordinal(look.today) - ago
        if look.moment.state.usage.reported.covers(day, day):
            first = day - window.days
            if not look.moment.state.usage.reported.covers(first, day - 1):
                return UNKNOWN
            return Decimal(median(series.daily.between(first, day - 1)))
    return UNKNOWN


LONGEST_STREAK = 12
"""Weeks a streak is followed back; no rule asks for more than four."""


def _weeks(look: Look, series: Series, most: int) -> tuple[list[int], bool]:
    """Return the sums of closed calendar weeks (Monday to Sunday), newest first, and whether no earlier week exists.

    It stops at the first week that is not known in full.
    """
    monday = ordinal(look.today) - look.today.weekday()
    sums: list[int] = []
    for week in range(1, most + 1):
        first = monday - WEEK * week
        if not _existed(look, first):
            return sums, True
        units = _span(look, series, first, first + WEEK - 1)
        if not isinstance(units, int):
            return sums, False
        sums.append(units)
    return sums, True


def weekly_drops(look: Look, series: Series) -> object:
    """Return how many closed weeks in a row were each below the one before, the newest included."""
    return _streak(look, series, lambda newer, older: newer < older)


def weekly_steady(look: Look, series: Series) -> object:
    """Return how many closed weeks in a row were each level with the one before or above it."""
    return _streak(look, series, lambda newer, older: newer >= older)


def _streak(look: Look, series: Series, goes_on: Callable[[int, int], bool]) -> object:
    """Return the streak's length; "at least" when a week that is not known ends it, unknown without any week."""
    weeks, complete = _weeks(look, series, LONGEST_STREAK + 1)
    length = 0
    for newer, older in pairwise(weeks):
        if not goes_on(newer, older):
            return length
        length += 1
    if complete:
        return length
    return AtLeast(length) if weeks else UNKNOWN


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
    first = ordinal(look.today) - YEAR.days - 2 * window.days
    if not isinstance(now, int) or not isinstance(then, int) or not then or not _existed(look, first):
        return UNKNOWN
    return Decimal(now) / then - 1


def lifetime(look: Look, series: Series) -> object:
    """Return all units ever recorded; a zero is known when the source reported without a gap for the witness time."""
    today = ordinal(look.today)
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


FUNCTIONS: tuple[Function, ...] = (
    Function("total", (Kind.SERIES, Kind.DURATION, Kind.DURATION), Kind.COUNT, total, total.__doc__ or "", 1, True),
    Function("recent", (Kind.SERIES, Kind.DURATION), Kind.COUNT, recent, recent.__doc__ or "", 0, True),
    Function("month_total", (Kind.SERIES, Kind.COUNT), Kind.COUNT, month_total, month_total.__doc__ or "", 0, True),
    Function("month_mean", (Kind.SERIES, Kind.COUNT), Kind.NUMBER, month_mean, month_mean.__doc__ or "", 0, True),
    Function("on_day", (Kind.SERIES, Kind.DURATION), Kind.COUNT, on_day, on_day.__doc__ or "", 0, True),
    Function("last_closed", (Kind.SERIES,), Kind.COUNT, last_closed, last_closed.__doc__ or "", 0, True),
    Function(
        "median_before", (Kind.SERIES, Kind.DURATION), Kind.NUMBER, median_before, median_before.__doc__ or "", 0, True
    ),
    Function("weekly_drops", (Kind.SERIES,), Kind.COUNT, weekly_drops, weekly_drops.__doc__ or "", 0, True),
    Function("weekly_steady", (Kind.SERIES,), Kind.COUNT, weekly_steady, weekly_steady.__doc__ or "", 0, True),
    Function(
        "max_weekly_drop", (Kind.SERIES, Kind.DURATION), Kind.SHARE, max_weekly_drop, max_weekly_drop.__doc__ or "",
        0, True,
    ),
    Function(
        "year_ago_change", (Kind.SERIES, Kind.DURATION), Kind.SHARE, year_ago_change, year_ago_change.__doc__ or "",
        0, True,
    ),
    Function("lifetime", (Kind.SERIES,), Kind.COUNT, lifetime, lifetime.__doc__ or "", 0, True),
    Function(
        "elapsed_months", (Kind.DATE,), Kind.NUMBER, elapsed_months, elapsed_months.__doc__ or "", 0, True, "months"
    ),
    Function("date_in", (Kind.DATE, Kind.DURATION), Kind.DATE, date_in, date_in.__doc__ or ""),
)  # fmt: skip
