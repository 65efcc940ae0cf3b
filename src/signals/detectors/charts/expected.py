"""What each day of a series was expected to be: its own past through the detector of spikes and drops, day by day.

Nothing is kept for it: the days an account keeps one by one are gone through when a card is told, which takes two
milliseconds. What is said of a day is what was thought of it before it came; a declared change of usage begins anew.
"""

from statistics import median

from signals.detectors.facts.usual import DAY_S, EPOCH, history_from
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look
from signals.domain.chart import Number, plotted
from signals.learning.spike import Learnt, observe

LEAST_DAYS = 28
"""Known days before a day of which anything is expected: four weeks show a level and a week."""

MISSES = 42
"""Days whose misses make the band's width: six weeks. The detector's own band is learnt over many months; the hundred
days that are kept one by one do not bring it together."""

TIMES = 2.5
"""The width in middle misses: of recorded series of daily use 81 of 100 days lie within, as many as in a forecast."""

MOST_TIMES, LEAST_SHARE = 2.0, 0.01
"""A miss counts for at most twice the middle one, so that a level that has just moved widens what is thought usual
slowly. The middle one counts for at least a hundredth of what was expected, since no usage is that exact."""

Band = tuple[tuple[Number, ...], tuple[Number, ...]]


def usual_days(look: Look, series: Series, first: int, last: int) -> Band:
    """Return low and high of the newest of the days *first* .. *last*; of a day nobody reported, too."""
    reported, daily = look.moment.state.usage.reported, series.daily
    learnt: Learnt | None = None
    misses: list[float] = []
    low: list[Number] = []
    high: list[Number] = []
    for day in range(max(daily.start, history_from(look, series)), last + 1):
        there, units = reported.covers(day, day), float(daily.on(day))
        after, verdict = observe(learnt, (day - EPOCH) * DAY_S, units if there else 0.0)
        expected, miss = max(verdict.expected, 0.0), abs(units - verdict.expected)
        if len(misses) >= LEAST_DAYS:
            middle = max(median(misses[-MISSES:]), LEAST_SHARE * expected)
            miss = min(miss, MOST_TIMES * middle)
            if day >= first:
                low.append(plotted(max(expected - TIMES * middle, 0.0)))
                high.append(plotted(expected + TIMES * middle))
        if there:  # what is said of a day that is missing is thrown away
            learnt = after
            misses.append(miss)
    return tuple(low), tuple(high)
