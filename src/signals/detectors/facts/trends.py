"""Functions and facts about slow change: the slope of weeks, dates some months on, payments nobody answered for."""

from datetime import date, timedelta
from decimal import Decimal

from signals.detectors.calendar_months import add_months
from signals.detectors.facts.segments import trial_start
from signals.detectors.facts.windows import YEAR, Series, total
from signals.detectors.language.names import UNKNOWN, Close, Fact, Function, Kind
from signals.detectors.moment import Look, fact

WEEK = timedelta(days=7)


def _weeks(look: Look, series: Series, window: timedelta, offset: timedelta) -> list[int] | None:
    """Return the sums of the closed weeks of a window, oldest first; None unless each is known."""
    found = []
    for week in range(window // WEEK - 1, -1, -1):
        units = total(look, series, WEEK, offset + WEEK * week)
        if not isinstance(units, int):
            return None
        found.append(units)
    return found


def weekly_slope(look: Look, series: Series, window: timedelta) -> object:
    """Return the slope of the least-squares line through the weeks of a window, in units a week; unknown with gaps."""
    weeks = _weeks(look, series, window, timedelta(0))
    if weeks is None or len(weeks) < 2:  # a line needs two points
        return UNKNOWN
    middle = Decimal(len(weeks) - 1) / 2
    spread = sum(((place - middle) ** 2 for place in range(len(weeks))), Decimal(0))
    return sum(((place - middle) * units for place, units in enumerate(weeks)), Decimal(0)) / spread


def weekly_decline(look: Look, series: Series, window: timedelta) -> object:
    """Return the share by which the newest week of a window is below its oldest one; unknown with gaps."""
    return _decline(_weeks(look, series, window, timedelta(0)))


def weekly_decline_year_ago(look: Look, series: Series, window: timedelta) -> object:
    """Return the same share a year (52 weeks) earlier; unknown without reports of then."""
    first = look.moment.today_number - YEAR.days - window.days
    created = look.moment.created_number
    if created is not None and created > first:
        return UNKNOWN
    return _decline(_weeks(look, series, window, YEAR))


def usual_day_decline(look: Look, series: Series, window: timedelta) -> object:
    """Return the share by which the median day of a window's newest week is below that of its oldest week.

    One day of a spike, or of nothing, moves the sum of a week and not its median day.
    """
    last = look.moment.today_number - 1
    if _weeks(look, series, window, timedelta(0)) is None:
        return UNKNOWN
    oldest = series.daily.between(last - window.days + 1, last - window.days + WEEK.days)
    newest = series.daily.between(last - WEEK.days + 1, last)
    return _decline([sorted(days)[WEEK.days // 2] for days in (oldest, newest)])


def _decline(weeks: list[int] | None) -> object:
    if not weeks or not weeks[0]:
        return UNKNOWN
    return 1 - Decimal(weeks[-1]) / weeks[0]


def months_on(look: Look, day: date, months: int) -> date:
    """Return the same day of the month *months* later, the last day where that month is shorter."""
    del look
    return add_months(day, months)


def _failed_since(look: Look) -> object:
    """Return the first failed attempt of the invoices that are open; null when there is none."""
    invoices = look.moment.state.billing.invoices.values()
    return min((at for one in invoices if one.open for at in one.failed.values()), default=None)


def _cancelled_on(look: Look) -> object:
    at = look.moment.state.billing.cancelled_at
    return None if at is None else at.astimezone(look.zone).date()


def _peak_arr(look: Look) -> object:
    """Return the largest ARR of the last 20 weeks."""
    spend = look.moment.state.history.spend
    return max((one.mrr for one in spend.values()), default=Decimal(0)) * 12 if spend else UNKNOWN


def _trial_began_on(look: Look) -> object:
    begun = trial_start(look)
    return None if begun is None else date.fromordinal(begun)


FACTS: tuple[Fact, ...] = (
    fact("payment.failed_since", Kind.INSTANT, _failed_since, "billing.invoices", label="Payment failing since",
         doc="First failed attempt among the invoices that are open; null when none failed."),
    fact("billing.cancelled_on", Kind.DATE, _cancelled_on, "billing.cancelled_at", label="Cancelled on",
         doc="Day the subscription was cancelled; null while it is not."),
    fact("billing.peak_arr", Kind.MONEY, _peak_arr, "history.spend", unit="USD/year", label="ARR at its highest",
         doc="Largest ARR of the last 20 weeks."),
    fact("trial.began_on", Kind.DATE, _trial_began_on, "billing.trial_until", "history.trials", label="Trial since",
         doc="First day of the running or last trial, extensions counted in; null without one."),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    Function("weekly_slope", (Kind.SERIES, Kind.DURATION), Kind.NUMBER, weekly_slope, weekly_slope.__doc__ or "",
             daily=True, closes=Close.REPORTED, cost=4),
    Function("weekly_decline", (Kind.SERIES, Kind.DURATION), Kind.SHARE, weekly_decline, weekly_decline.__doc__ or "",
             daily=True, closes=Close.REPORTED, cost=4),
    Function("weekly_decline_year_ago", (Kind.SERIES, Kind.DURATION), Kind.SHARE, weekly_decline_year_ago,
             weekly_decline_year_ago.__doc__ or "", daily=True, cost=4),
    Function("usual_day_decline", (Kind.SERIES, Kind.DURATION), Kind.SHARE, usual_day_decline,
             usual_day_decline.__doc__ or "", daily=True, closes=Close.REPORTED, cost=6),
    Function("months_on", (Kind.DATE, Kind.COUNT), Kind.DATE, months_on, months_on.__doc__ or ""),
)  # fmt: skip
