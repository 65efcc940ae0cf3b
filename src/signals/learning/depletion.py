"""When what is left is gone: a day, and a band around it, from an outlook of consumption."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import exp, sqrt
from typing import NamedTuple

from signals.learning.consumption import Outlook

MOST_DAYS = 400
# A run-out further away is not told: nobody acts on it, and the history is one year.

SHORT_DAYS = 8.0
# The next days are less certain than the next month, by the root of 1 + 8 / days.

EARLY, LATE = 1.7, 0.95
# So many misses (``Outlook.miss``) of consumption above and below the expected make the near and the far end. Chosen so
# that four of five recorded run-outs lie within, both end days counted, and rather one too many after the far end than
# before the near one: who is warned late has lost more than who is warned early (docs/decisions/0091-credit-runway.md).


class Lot(NamedTuple):
    """Credit that is used from the soonest expiry on; what is left of it then lapses.

    Parameters
    ----------
    units
        What is left of it.
    expires_in
        Days ahead on which it is no longer there; None while it does not expire.
    """

    units: float
    expires_in: int | None = None


class Depletion(NamedTuple):
    """Days ahead on which nothing is left; None when that is more than ``MOST_DAYS`` away.

    Parameters
    ----------
    p10
        With less than one chance in ten it is gone before then.
    p50
        As likely before as after.
    p90
        With hardly more than one chance in ten it lasts longer.
    """

    p10: int | None
    p50: int | None
    p90: int | None


def depletion(expected: Outlook, lots: Sequence[Lot]) -> Depletion:
    """Return when the lots are used up; the day on which the last of them goes counts.

    A top-up is one more lot, or a larger one: the same outlook is asked again.

    >>> from signals.learning.consumption import Consumption, outlook
    >>> if steady := outlook(Consumption([10.0] * 100)):
    ...     depletion(steady, [Lot(305)]).p50, depletion(steady, [Lot(305, expires_in=12)]).p50
    (31, 12)
    """
    total = sum(lot.units for lot in lots)
    if total <= 0:
        return Depletion(0, 0, 0)
    total *= 1 - 1e-12  # what is used and what lapses are rounded apart, and must still come to all of it
    expiries = _expiries(lots)
    misses = (EARLY * expected.miss, 0.0, -LATE * expected.miss)
    lapsed = [0.0, 0.0, 0.0]
    ends: list[int] = []
    used = 0.0
    for day, units in enumerate(expected.ahead(MOST_DAYS), start=1):
        used += units
        wide = sqrt(1 + SHORT_DAYS / day)
        if day in expiries:
            for end, miss in enumerate(misses):
                lapsed[end] += max(expiries[day] - used * exp(miss * wide) - lapsed[end], 0.0)
        while used * exp(misses[len(ends)] * wide) + lapsed[len(ends)] >= total:
            ends.append(day)
            if len(ends) == len(misses):
                return Depletion(*ends)
    return Depletion(*ends, *(None,) * (len(misses) - len(ends)))


def course(expected: Outlook) -> Iterator[tuple[float, float, float]]:
    """Yield what is used up by each day ahead: little, as expected, and much, the edges of the same band."""
    used = 0.0
    for day, units in enumerate(expected.ahead(MOST_DAYS), start=1):
        used += units
        wide = expected.miss * sqrt(1 + SHORT_DAYS / day)
        yield used * exp(-LATE * wide), used, used * exp(EARLY * wide)


def _expiries(lots: Sequence[Lot]) -> dict[int, float]:
    """Return, for each day ahead on which something expires, how many units are gone by then one way or the other."""
    ordered = sorted((lot.expires_in, lot.units) for lot in lots if lot.expires_in is not None)
    gone = accumulate(units for _, units in ordered)
    return {max(day, 1): units for (day, _), units in zip(ordered, gone, strict=True)}
