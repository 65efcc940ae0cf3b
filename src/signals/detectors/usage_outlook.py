"""From the kept daily use of an account to the days on which a balance or a limit is gone, and what that rests on.

The history ends with the newest reported day. A few days nobody reported are filled in from the same weekdays beside
them; before a longer hole nothing counts, as nobody knows what was used in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from signals.domain.account.daily import Daily, Days
from signals.domain.account.past import WEEK, Past
from signals.learning.consumption import (
    ENOUGH_DAYS,
    ENOUGH_USED,
    QUARTER,
    Consumption,
    Outlook,
    Peers,
    from_first_use,
)
from signals.learning.depletion import Depletion, Lot, depletion

MOST_MISSING = 7
# Days in a row that may be unreported and are filled in; after a longer hole the history begins anew.

LEAST_OF_WEEK = 4
# Reported days from which a folded week is taken for a whole one, in proportion.

LATEST_REPORT = 7
# Days the newest report may be old: with an older one nothing is said of the days since.

LONGEST_STALE = 100
# Days that a balance may be old; what was used since is known from the days that are kept one by one.

DAILY_USE = Peers(weekdays=(1.16, 1.16, 1.16, 1.16, 1.16, 0.6, 0.6))
"""A working week: a weekend day of seven of ten recorded software packages has 0.59 to 0.64 of their mean day."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days on which something is gone, and what they rest on.

    Parameters
    ----------
    early, likely, late
        Ends and middle of the band; None: not within ``depletion.MOST_DAYS``, 400.
    rests_on
        In words a person can check: the history, or why there is no forecast.
    known
        False when nothing can be said.
    """

    early: date | None
    likely: date | None
    late: date | None
    rests_on: str
    known: bool = True


def history(daily: Daily, reported: Days, created: int | None, today: int) -> tuple[Consumption, int] | None:
    """Return the known use up to the newest reported day before *today*, and that day; None when that is too old.

    Parameters
    ----------
    created
        Ordinal of the day the organization was created: there was no use before it, nor anybody to report it.
    """
    last = _newest(reported, today - 1)
    if last is None or last < today - LATEST_REPORT:
        return None
    first, past = max(_begins(reported, last), created or 0), daily.past
    days = _filled(daily, reported, min(max(first, daily.start), last), last)
    weeks = _weeks(past, reported, first) if past is not None and first < daily.start else ()
    return Consumption(days, weeks, date.fromordinal(last).weekday()), last


def _weeks(past: Past, reported: Days, first: int) -> Sequence[float]:
    """Return the folded weeks from the day *first* on, each of them whole."""
    skipped = max(0, -((past.first - first) // WEEK))
    if reported.covers(past.first + WEEK * skipped, past.end - 1):
        return past.weeks[skipped:]
    weeks: list[float] = []
    for week in range(len(past.weeks) - 1, skipped - 1, -1):
        known = _known_days(reported, past.first + WEEK * week)
        if known < LEAST_OF_WEEK:
            break
        weeks.append(past.weeks[week] * WEEK / known)
    return weeks[::-1]


def _newest(reported: Days, at_most: int) -> int | None:
    return max((min(last, at_most) for first, last in reported.runs if first <= at_most), default=None)


def _begins(reported: Days, last: int) -> int:
    """Return the first day behind the newest hole that is too long to be filled."""
    begins = last
    for first, until in reversed(reported.runs):
        if first <= last:
            if begins - until - 1 > MOST_MISSING:
                break
            begins = first
    return begins


def _known_days(reported: Days, monday: int) -> int:
    return sum(max(0, min(last, monday + WEEK - 1) - max(first, monday) + 1) for first, last in reported.runs)


def _filled(daily: Daily, reported: Days, first: int, last: int) -> Sequence[float]:
    days: Sequence[int] = daily.between(first, last)
    if reported.covers(first, last):
        return days
    filled: list[float] = []
    for day, units in enumerate(days, start=first):
        if reported.covers(day, day):
            filled.append(units)
            continue
        beside = [day + WEEK * weeks for weeks in (-2, -1, 1, 2)]
        known = [daily.on(one) for one in beside if first <= one <= last and reported.covers(one, one)]
        filled.append(sum(known) / len(known) if known else 0.0)
    return filled


def gone_on(
    expected: Outlook, known: Consumption, last: int, left: float, on: int, expiries: Sequence[tuple[float, int]] = ()
) -> Depletion | None:
    """Return how many days after the newest known one *left* is gone; None when *on* is too long ago.

    Parameters
    ----------
    last
        Ordinal of the newest known day.
    left
        Units that were left when the day *on* (an ordinal) began; what was used since is taken off, or, where *on* is
        still to come, what will be used until then added.
    expiries
        (Units of *left*, ordinal of the first day on which they are no longer there).
    """
    used = used_since(expected, known, last, on)
    if used is None:
        return None
    bound = sum(units for units, _ in expiries)
    lots = [Lot(units, day - last) for units, day in sorted(expiries, key=lambda one: one[1])]
    lots.append(Lot(left - bound))
    return depletion(expected, _without(lots, used))


def used_since(expected: Outlook, known: Consumption, last: int, on: int) -> float | None:
    """Return what was used from the day *on* to the newest known one; negative where *on* is still to come."""
    since = last - on + 1
    if since > min(len(known.days), LONGEST_STALE):
        return None
    return float(sum(known.days[len(known.days) - since :])) if since >= 0 else -sum(expected.ahead(-since))


def _without(lots: Sequence[Lot], used: float) -> list[Lot]:
    """Return what is left of the lots after *used*, taken from those that expire first; a negative one is added."""
    found = []
    for lot in lots:
        taken = min(lot.units, used)
        used -= taken
        found.append(lot._replace(units=lot.units - taken))
    return found


def dated(last: int, gone: Depletion, rests_on: str) -> Forecast:
    """Return the days as dates."""
    early, likely, late = (None if days is None else date.fromordinal(last + days) for days in gone)
    return Forecast(early, likely, late, rests_on)


def within(found: Forecast, end: date) -> Forecast:
    """Return the forecast with those of its days that lie before *end*."""
    early, likely, late = (
        day if day is not None and day < end else None for day in (found.early, found.likely, found.late)
    )
    return replace(found, early=early, likely=likely, late=late)


def rests_on(expected: Outlook) -> str:
    """Say what an outlook was made from.

    >>> from signals.learning.consumption import outlook
    >>> young = outlook(Consumption([5.0] * 20))
    >>> rests_on(young) if young else ""
    "20 days of use; weekdays and band lent by other accounts' use"
    """
    days = expected.known_days
    known = f"{days} days" if days < QUARTER else f"{round(days / 30.44)} months"
    if expected.year_share:
        return f"{known} of daily use, with last year's shape"
    if not expected.forecasts:
        return f"{known} of use; weekdays and band lent by other accounts' use"
    if expected.borrowed > 0.5:
        return f"{known} of daily use; the band is mostly lent by other accounts' use"
    return f"{known} of daily use, without a year to compare"


def too_little(known: Consumption | None) -> str:
    """Say why there is no outlook.

    >>> too_little(Consumption([0.0, 3.0] * 5))
    'not enough history: 5 of 9 days with use, 8 of 14 are needed'
    """
    if known is None:
        return "not enough history: no report of the last days"
    weeks, days = from_first_use(known)
    if weeks or len(days) >= QUARTER:
        return "not enough history: hardly any use in the last three months"
    used = sum(1 for units in days if units > 0)
    return f"not enough history: {used} of {len(days)} days with use, {ENOUGH_USED} of {ENOUGH_DAYS} are needed"
