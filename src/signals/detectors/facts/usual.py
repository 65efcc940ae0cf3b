"""What an account's own usage usually is, learnt from its kept days: evidence, and what holds an alarm back.

A window of usage is judged by the windows before it: a day by the days, with the shape of the week, a week by the
weeks, four weeks by the fours of weeks (``learning/spike``). It is learnt when a rule asks, from the days and weeks an
account keeps anyway (``domain/account/daily``): nothing is stored beside them, a corrected day is learnt as
corrected, and a declared change of usage begins the history anew. That costs about a millisecond for a series, so rules
ask last. docs/decisions/0090 has the figures.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from signals.detectors.facts.customer import CHANGE_NOTES
from signals.detectors.facts.windows import WEEK, Series, witnessed
from signals.detectors.language.names import UNKNOWN, Function, Kind
from signals.detectors.moment import Look
from signals.domain.account.daily import business_day, ordinal
from signals.learning.spike import Kind as Conspicuous
from signals.learning.spike import Learnt, Verdict, observe

DAY_S = 86_400
EPOCH = ordinal(date(1970, 1, 1))
LEAST_DAYS, LEAST_WINDOWS = 14, 4
# Own history from which it is judged: two weeks, so that each weekday was there twice; four windows of several days, of
# which the usual swing is known roughly.
MOST_WINDOWS = 52
BORROW_FROM = 3
WEEKENDS = {"B2B": Decimal("0.35"), "B2C": Decimal("0.9")}
"""What a day at the weekend is of a workday, by segment: a guess, 2026-11, until two weeks of their own are known."""
BORROWED_SPREAD = 2
"""A borrowed day may be half or twice what is expected: it says where usage lies, and raises no alarm."""


class Usual(NamedTuple):
    """How one window stands to those before it.

    Parameters
    ----------
    verdict
        What was expected and how the window looked; None without history.
    known
        Earlier windows it was learnt from.
    borrowed
        The segment whose week was borrowed; empty for the account's own.
    """

    verdict: Verdict | None
    known: int
    borrowed: str = ""


def usual(look: Look, series: Series, window: timedelta) -> Usual | None:
    """Return how the window of closed days that ends yesterday stands; None when its own days are not all known."""
    days = window.days
    found = look.moment.cached(f"usual {series.name} {days}", lambda: _judged(look, series, days))
    return found if isinstance(found, Usual) else None


def _judged(look: Look, series: Series, days: int) -> Usual | None:
    last = look.moment.today_number - 1
    if days < 1 or not witnessed(look, last - days + 1, last):
        return None
    before = _before(look, series, last - days, days)
    value = series.daily.total(last - days + 1, last)
    if len(before) < (LEAST_DAYS if days == 1 else LEAST_WINDOWS):
        return _borrowed(look, before, last) if days == 1 else Usual(None, len(before))
    learnt: Learnt | None = None
    for end, units in before:
        learnt, _ = observe(learnt, (end - EPOCH) * DAY_S, units)
    return Usual(observe(learnt, (last - EPOCH) * DAY_S, value)[1], len(before))


def _before(look: Look, series: Series, last: int, days: int) -> list[tuple[int, int]]:
    """Return (last day, units) of the windows of *days* days up to *last*, oldest first, each of them known in full."""
    first = history_from(look, series)
    if days == 1:
        reported = look.moment.state.usage.reported
        first = max(first, series.daily.start)  # older ones are kept by the week
        return [(day, series.daily.on(day)) for day in range(first, last + 1) if reported.covers(day, day)]
    found = []
    for end in range(last, max(first + days - 2, last - MOST_WINDOWS * days), -days):
        if not witnessed(look, end - days + 1, end):
            break
        found.append((end, series.daily.total(end - days + 1, end)))
    return found[::-1]


def history_from(look: Look, series: Series) -> int:
    """Return the first day that says what is usual: of use, and after the last declared change of usage is over.

    A launch begins it anew too: of the customer's own product as it was noted, of one of ours for the product's series.
    """
    first = series.daily.first_nonzero()
    first = look.moment.today_number if first is None else max(first, look.moment.created_number or 0)
    for note in look.moment.state.relationship.notes:
        if note.category in CHANGE_NOTES and (begun := note.from_on or note.until_on) is not None:
            over = max(begun, note.until_on or begun)
            if begun < look.today:
                first = max(first, ordinal(over) + 1)
    return max([first, *(day for day in _launches(look, series) if day < look.moment.today_number)])


def _launches(look: Look, series: Series) -> list[int]:
    state = look.moment.state
    ours = [ordinal(one.launched_on) for one in state.market.launches.values() if one.product == series.name]
    theirs = state.work.done.get("customer_launch")
    return ours if theirs is None else [*ours, business_day(theirs.last_at, look.zone)]


def segment_of(look: Look) -> str:
    """Return the segment whose week a new account borrows: who it sells to, businesses where that is not known."""
    told = look.moment.state.profile.company_type
    return told if isinstance(told, str) and told in WEEKENDS else "B2B"


def _factor(segment: str, day: int) -> Decimal:
    return WEEKENDS[segment] if (day - 1) % WEEK >= 5 else Decimal(1)


def _borrowed(look: Look, before: list[tuple[int, int]], last: int) -> Usual:
    """Return the expectation of a young series: its own level, the week of its segment."""
    if len(before) < BORROW_FROM:
        return Usual(None, len(before))
    segment = segment_of(look)
    workdays = sum((_factor(segment, day) for day, _ in before), Decimal(0))
    expected = float(sum(units for _, units in before) / workdays * _factor(segment, last))
    verdict = Verdict(
        0.0, expected / BORROWED_SPREAD, expected, expected * BORROWED_SPREAD, Conspicuous.NONE, shaped=True
    )
    return Usual(verdict, len(before), segment)


def _verdict(look: Look, series: Series, window: timedelta) -> Verdict | None:
    found = usual(look, series, window)
    return None if found is None else found.verdict


def expected_usage(look: Look, series: Series, window: timedelta) -> object:
    """Return the units expected of the closed days of *window* by the windows before it; unknown without history."""
    verdict = _verdict(look, series, window)
    return UNKNOWN if verdict is None else max(round(verdict.expected), 0)


def usage_band_low(look: Look, series: Series, window: timedelta) -> object:
    """Return the low end of what such a window usually is."""
    verdict = _verdict(look, series, window)
    return UNKNOWN if verdict is None else max(round(verdict.low), 0)


def usage_band_high(look: Look, series: Series, window: timedelta) -> object:
    """Return the high end of what such a window usually is."""
    verdict = _verdict(look, series, window)
    return UNKNOWN if verdict is None else max(round(verdict.high), 0)


def usage_anomaly_kind(look: Look, series: Series, window: timedelta) -> object:
    """Return what the window is against those before it: none, spike, drop, shift or silence."""
    verdict = _verdict(look, series, window)
    return UNKNOWN if verdict is None else verdict.kind.value


def usage_anomaly_score(look: Look, series: Series, window: timedelta) -> object:
    """Return how much the window stands out, 0 to 1; from 0.62 on it is one of the kinds."""
    verdict = _verdict(look, series, window)
    return UNKNOWN if verdict is None else Decimal(str(round(verdict.score, 2)))


def within_usual(look: Look, series: Series, window: timedelta) -> bool:
    """Return whether the account's own history suffices and says that such a window is usual there."""
    found = usual(look, series, window)
    if found is None or found.verdict is None or found.borrowed:
        return False
    last = look.moment.today_number - 1
    units = series.daily.total(last - window.days + 1, last)
    return found.verdict.low <= units <= found.verdict.high and found.verdict.kind is Conspicuous.NONE


def usage_basis(look: Look, series: Series, window: timedelta) -> object:
    """Return in words what the expectation was learnt from: their own windows, a borrowed week, or too little."""
    found = usual(look, series, window)
    if found is None:
        return UNKNOWN
    unit = {1: "days", WEEK: "weeks"}.get(window.days, f"windows of {window.days} days")
    if found.verdict is None:
        least = LEAST_DAYS if window.days == 1 else LEAST_WINDOWS
        return f"not enough history: {found.known} of {least} {unit}"
    if found.borrowed:
        return f"{found.known} {unit} of their own, the week borrowed from {found.borrowed} companies"
    return f"their own {found.known} {unit} before"


_TAKES = (Kind.SERIES, Kind.DURATION)
_STATE = frozenset({"relationship.notes", "profile.company_type", "market.launches", "work.done.customer_launch"})


def _function(call: Callable[..., object], gives: Kind) -> Function:
    doc = call.__doc__ or ""
    return Function(
        name=call.__name__, takes=_TAKES, gives=gives, call=call, doc=doc, daily=True, state=_STATE, cost=60
    )


FUNCTIONS: tuple[Function, ...] = (
    _function(expected_usage, Kind.COUNT),
    _function(usage_band_low, Kind.COUNT),
    _function(usage_band_high, Kind.COUNT),
    _function(usage_anomaly_kind, Kind.TEXT),
    _function(usage_anomaly_score, Kind.SHARE),
    _function(within_usual, Kind.BOOL),
    _function(usage_basis, Kind.TEXT),
)
