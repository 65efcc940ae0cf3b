"""What an account consumes a day, and will: its level, its week, last year's shape, and how far such a guess misses.

Everything comes from a bounded history (the newest days one by one, whole weeks before them), so there is no state
beside it: the same history gives the same outlook. One day says little: of a series that is used on most days, a day
counts for at most twice what the best days of the last quarter reach. Too little history gives no outlook.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, sqrt
from typing import NamedTuple

WEEK = 7
YEAR = 364
# 52 whole weeks: a day is compared with the same weekday.

LEVEL_DAYS = (28, 91, 182)
# The level is the mean of the daily means of a month, a quarter and half a year: one alone is either nervous or late.

TREND_SHARE, TREND_MOST = 0.4, 0.4
TREND_DAYS = 60
# The level goes on moving by 0.4 of how the last month stands to the quarter before it (in logs, at most 0.4: half as
# much again), slower and slower: two thirds of that come within 60 days.

YEAR_AGO_DAYS = (28, 63)
# Windows whose ratio to the same window a year ago says how the level moved since.

YEAR_SHARE = 0.8
# Weight of last year's shape once a year and a month are known; the rest stays with the level. Of a series that is used
# on few days it is down to half of that: where its lumps fell last year says little.

SMOOTH_DAYS = 10
# Days to each side: three weeks' mean, a multiple of a week, so the weekday is not counted twice.

QUARTER = 91
LUMPY = 0.3
# Share of the last quarter's days without use from which single days are what the account consumes, not outliers.

BEST_DAYS = 15
MOST_TIMES = 2.0
# A day of a steady series counts for at most twice the sixth largest of the quarter (one in 15 days).

WEEKDAY_WEEKS = 8
MISS_WEEKS = 4
YEAR_MISSES = 0.65
# What is left of the usual miss once last year's shape is known.

PEER_FORECASTS = 4
# So many forecasts of its own an account must have seen for them to weigh as much as what its peers miss by.

ENOUGH_DAYS, ENOUGH_USED = 14, 8
ENOUGH_LUMPY_DAYS, ENOUGH_LUMPY_USED = 56, 4


class Consumption(NamedTuple):
    """The history of one account, in any unit, up to and including the newest complete day.

    Parameters
    ----------
    days
        Units per day, oldest first.
    weeks
        Sums of the whole weeks that end where ``days`` begin, oldest first.
    weekday
        Of the newest day; Monday is 0.
    """

    days: Sequence[float]
    weeks: Sequence[float] = ()
    weekday: int = 6


class Peers(NamedTuple):
    """What is known of accounts of the same kind, lent to one that has not shown its own yet.

    Parameters
    ----------
    weekdays
        Share of a mean day that each weekday has, Monday first.
    miss
        Typical relative error (root mean square of the log ratio) of a month's forecast when used on every day.
    lumpy_miss
        What is added to it when used on hardly any day; in proportion between.
    """

    weekdays: tuple[float, ...] = (1.0,) * WEEK
    miss: float = 0.15
    lumpy_miss: float = 0.5


PEERS = Peers()
"""Measured on recorded series: docs/decisions/0091-credit-runway.md."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of the days to come.

    Parameters
    ----------
    level
        Units a day, by its own last months.
    trend
        Log of how much more a day the level comes to in the end, if the damped trend is left to run out.
    weekdays
        Factor of the days 1 .. 7 ahead.
    sums
        Running sums of the history, zero first.
    year_share
        Weight of last year's shape; 0 while nothing is known of last year.
    since_last_year
        How the level moved against last year; 1 while that is not known.
    miss
        Typical relative error of what it says about a month.
    forecasts
        Forecasts of the account's own past that ``miss`` was learnt from; the fewer, the more is lent by its peers.
    used_days
        Days with use among the days kept one by one.
    """

    level: float
    trend: float
    weekdays: tuple[float, ...]
    sums: tuple[float, ...]
    year_share: float
    since_last_year: float
    miss: float
    forecasts: int
    used_days: int

    @property
    def known_days(self) -> int:
        """Days of history behind it."""
        return len(self.sums) - 1

    @property
    def borrowed(self) -> float:
        """Share of the band's width that comes from its peers."""
        return PEER_FORECASTS / (self.forecasts + PEER_FORECASTS)

    def ahead(self, most: int) -> Iterator[float]:
        """Yield what is expected of the days 1 .. *most* ahead.

        >>> from itertools import islice
        >>> steady = outlook(Consumption([2.0] * 28))
        >>> [round(units, 3) for units in islice(steady.ahead(400), 3)] if steady else None
        [2.0, 2.0, 2.0]
        """
        level, weekdays, sums = self.level, self.weekdays, self.sums
        known = len(sums) - 1
        ratio, share = self.since_last_year, self.year_share
        trend, damping = self.trend, exp(-1 / TREND_DAYS)
        still = 1.0
        for day in range(most):
            still *= damping
            units = level * exp(trend * (1 - still)) if trend else level
            if share:
                middle = known - YEAR + day % YEAR
                first, last = middle - SMOOTH_DAYS, min(middle + SMOOTH_DAYS + 1, known)
                units += share * (ratio * (sums[last] - sums[first]) / (last - first) - units)
            yield units * weekdays[day % WEEK]


def outlook(known: Consumption, peers: Peers = PEERS) -> Outlook | None:
    """Return what is expected; None when too little is known, or nothing was consumed lately.

    Enough is two weeks with eight days of use, or, of one that is used now and then, eight weeks with four.

    >>> outlook(Consumption([5.0] * 13)) is None, outlook(Consumption([0.0] * 200)) is None
    (True, True)
    """
    weeks, days = from_first_use(known)
    length = len(days) + WEEK * len(weeks)
    recent = days[-QUARTER:]
    used = sum(1 for units in days if units > 0)
    if not _enough(length, used) or not any(units > 0 for units in recent):
        return None
    unused = sum(1 for units in recent if units <= 0) / len(recent)
    if unused < LUMPY:
        days = _without_spikes(days)
    sums = _running(weeks, days)
    share, ratio = _last_year(sums, unused)
    miss, forecasts = _miss(sums, peers.miss + peers.lumpy_miss * unused)
    return Outlook(
        level=_level(sums),
        trend=_trend(sums) * (1 - unused),
        weekdays=_weekdays(days, known.weekday, peers.weekdays),
        sums=sums,
        year_share=share,
        since_last_year=ratio,
        miss=miss * (YEAR_MISSES if share > 0 else 1.0),
        forecasts=forecasts,
        used_days=used,
    )


def from_first_use(known: Consumption) -> tuple[Sequence[float], Sequence[float]]:
    """Return weeks and days without the time before anything was used: it is not a low level."""
    first = next((week for week, units in enumerate(known.weeks) if units > 0), None)
    if first is not None:
        return known.weeks[first:], known.days
    return (), known.days[next((day for day, units in enumerate(known.days) if units > 0), 0) :]


def _enough(length: int, used: int) -> bool:
    return (length >= ENOUGH_DAYS and used >= ENOUGH_USED) or (
        length >= ENOUGH_LUMPY_DAYS and used >= ENOUGH_LUMPY_USED
    )


def _without_spikes(days: Sequence[float]) -> Sequence[float]:
    recent = sorted(days[-QUARTER:])
    most = MOST_TIMES * recent[-max(len(recent) // BEST_DAYS, 2)]
    if recent[-1] <= most:
        return days
    return [min(units, most) for units in days]


def _running(weeks: Sequence[float], days: Sequence[float]) -> tuple[float, ...]:
    """Return the running sums by day; a day of a folded week has its seventh."""
    each = [week / WEEK for week in weeks for _ in range(WEEK)]
    each.extend(days)
    return tuple(accumulate(each, initial=0.0))


def _level(sums: Sequence[float]) -> float:
    known = len(sums) - 1
    windows = [min(days, known) for days in LEVEL_DAYS]
    return sum((sums[-1] - sums[known - days]) / days for days in windows) / len(windows)


def _trend(sums: Sequence[float]) -> float:
    """Return the log of what the trend comes to; 0 while there is no quarter to compare the last month with."""
    known = len(sums) - 1
    month = LEVEL_DAYS[0]
    before = min(known - month, QUARTER)
    if before < QUARTER - month:
        return 0.0
    last, earlier = sums[known] - sums[known - month], sums[known - month] - sums[known - month - before]
    if last <= 0 or earlier <= 0:
        return 0.0
    moved = TREND_SHARE * log(last / month * before / earlier)
    return min(max(moved, -TREND_MOST), TREND_MOST)


def _last_year(sums: Sequence[float], unused: float) -> tuple[float, float]:
    """Return the weight of last year's shape, and how the level moved since."""
    known = len(sums) - 1
    overlap = known - YEAR
    if overlap < YEAR_AGO_DAYS[0]:
        return 0.0, 1.0
    ratios = []
    for days in YEAR_AGO_DAYS:
        window = min(days, overlap)
        year_ago = sums[overlap] - sums[overlap - window]
        if year_ago > 0:
            ratios.append((sums[known] - sums[known - window]) / year_ago)
    if not ratios:
        return 0.0, 1.0
    return YEAR_SHARE * (1 - unused / 2), sum(ratios) / len(ratios)


def _weekdays(days: Sequence[float], newest: int, lent: Sequence[float]) -> tuple[float, ...]:
    """Return the factors of the days 1 .. 7 ahead; weeks that are not known yet are lent."""
    weeks = min(len(days) // WEEK, WEEKDAY_WEEKS)
    last = days[len(days) - WEEK * weeks :]
    own = [sum(last[day::WEEK]) for day in range(WEEK)]
    total = sum(own)
    factors = [lent[(newest + 1 + day) % WEEK] for day in range(WEEK)]
    if total <= 0:
        return tuple(factors)
    share = weeks / WEEKDAY_WEEKS
    return tuple(share * own[day] * WEEK / total + (1 - share) * factors[day] for day in range(WEEK))


def _miss(sums: Sequence[float], lent: float) -> tuple[float, int]:
    """Return how far a month's forecast from the past alone was off in its own history, and how many there were.

    Each second week is taken as the day of a forecast: the means of four and of thirteen weeks before it against the
    four weeks after. The mean square of the log ratios is shrunk to what the peers miss by.
    """
    known = len(sums) - 1
    squares, forecasts = 0.0, 0
    for origin in range(known - MISS_WEEKS * WEEK, MISS_WEEKS * WEEK - 1, -2 * WEEK):
        at = sums[origin]
        month, quarter = MISS_WEEKS * WEEK, min(QUARTER, origin)
        said = ((at - sums[origin - month]) / month + (at - sums[origin - quarter]) / quarter) / 2
        came = (sums[origin + month] - at) / month
        little = 0.05 * at / origin + 1e-9  # a month of nothing is a large miss, not an endless one
        squares += log((came + little) / (said + little)) ** 2
        forecasts += 1
    return sqrt((squares + PEER_FORECASTS * lent * lent) / (forecasts + PEER_FORECASTS)), forecasts
