"""Going quiet: how likely the silence of one account is to last, by its own rhythm and that of its peers.

Of an account a handful of numbers is kept (``Cadence``), whatever its age: how many active days, between which days,
how long its gaps were. What its peers are like is a ``Norm``: their usual gap, the size of their days, and weights. A
silence counts as a lapse once it lasts ``lapse_days``: three weeks and two and a half times the usual gap of the peers,
so a daily business is given up on sooner than a quarterly one. ``lapse_chance`` is the chance that one gets there.

An account with few gaps of its own is judged by its peers': each figure of its own is shrunk to theirs, the more the
fewer there are. See docs/decisions/0092.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import repeat
from math import exp, log
from typing import NamedTuple

import msgspec

BINS = (1, 2, 4, 7, 12, 20, 32, 50, 80, 125, 200)
"""Upper ends of the lengths gaps are counted by, days; one more is for longer ones."""

FADES = 0.9
"""What is left of ``lately`` with each further gap."""


class Cadence(msgspec.Struct, frozen=True, array_like=True):
    """The rhythm of one account's active days.

    Parameters
    ----------
    first, last
        Ordinals of the first and the newest active day; 0: none yet.
    days
        How many active days.
    lately
        The longest gap, faded by those that came after it, days.
    size
        Mean natural logarithm of an active day's size (money, units).
    gaps
        How many gaps of each length, see ``BINS``; empty before the first.
    """

    first: int = 0
    last: int = 0
    days: int = 0
    lately: float = 0.0
    size: float = 0.0
    gaps: tuple[int, ...] = ()

    @property
    def mean_gap(self) -> float:
        """Mean gap so far, days; 0 before the second active day."""
        return (self.last - self.first) / (self.days - 1) if self.days > 1 else 0.0


def came(cadence: Cadence, day: int, size: float = 1.0) -> Cadence:
    """Return the rhythm with one more active day; one not after the last changes nothing.

    Parameters
    ----------
    day
        Its ordinal.
    size
        How much was used or bought that day; anything below a hundredth counts as that.

    Examples
    --------
    >>> known = came(came(came(Cadence(), 100), 107), 121)
    >>> known.days, known.mean_gap, known.lately
    (3, 10.5, 14.0)
    """
    weight = log(max(size, 0.01))
    if not cadence.days:
        return Cadence(day, day, 1, size=round(weight, 3))
    gap = day - cadence.last
    if gap <= 0:
        return cadence
    days = cadence.days + 1
    at = bisect_left(BINS, gap)
    gaps = cadence.gaps or (*repeat(0, len(BINS) + 1),)
    return Cadence(
        cadence.first,
        day,
        days,
        round(max(FADES * cadence.lately, float(gap)), 1),
        round(cadence.size + (weight - cadence.size) / days, 3),
        (*gaps[:at], gaps[at] + 1, *gaps[at + 1 :]),
    )


class Norm(NamedTuple):
    """What is usual among the peers of an account, as of one day.

    Parameters
    ----------
    usual_gap
        Median over the peers of their own mean gap, days.
    size
        Mean logarithm of an active day's size.
    weights
        One per feature of ``features``.
    """

    usual_gap: float
    size: float
    weights: Sequence[float]

    @property
    def lapse_days(self) -> float:
        """Days of silence from which on it counts as a lapse."""
        return LAPSE_DAYS + LAPSE_GAPS * self.usual_gap


LAPSE_DAYS, LAPSE_GAPS = 21, 2.5
# Chosen on four purchase logs with usual gaps of 9 to 76 days: 21 to 30 days and 2 to 2.5 gaps do about as well.

OWN_MEAN_WEIGHT = 1.0
"""How many gaps the usual gap of the peers counts as, within an account's own mean gap."""


def shrunk_gap(cadence: Cadence, usual_gap: float) -> float:
    """Return the account's own mean gap, shrunk to that of its peers, days.

    >>> shrunk_gap(Cadence(first=100, last=100, days=1), 30.0), shrunk_gap(Cadence(first=100, last=128, days=5), 32.0)
    (30.0, 12.0)
    """
    return (cadence.last - cadence.first + OWN_MEAN_WEIGHT * usual_gap) / (max(cadence.days, 1) - 1 + OWN_MEAN_WEIGHT)


FEATURES = (
    "one", "days", "silence_by_own_gap", "gaps_missed", "lately_by_silence", "size", "own_lapses", "time_left",
)  # fmt: skip

CENTRE = (0.0, 1.8, -0.5, 1.0, 1.2, 0.0, -2.3, -0.5)
SPREAD = (1.0, 1.0, 1.1, 1.1, 1.1, 0.6, 1.2, 0.6)
"""Usual value and spread of each feature on the same four logs, rounded: with them weights can be compared."""

BUILT_IN = (-0.9, -1.1, 0.9, 0.3, 0.9, -0.1, 0.6, -0.9)
"""Weights to begin with: fitted to the four logs as one, each counting the same, and rounded."""


def features(cadence: Cadence, silent: float, norm: Norm) -> list[float]:
    """Return what the chance of a lapse is judged by, after *silent* days without an active one.

    In the order of ``FEATURES``, each brought to its usual spread: scales of days cancel out, so that one set of
    weights does for daily and for quarterly rhythms.
    """
    usual, gaps, lapse = norm.usual_gap, cadence.gaps, norm.lapse_days
    count = max(cadence.days, 1)
    own = shrunk_gap(cadence, usual)
    log_silence = log(silent + 1)
    as_long = sum(gaps[bisect_left(BINS, silent) :])
    raw = (
        1.0,
        log(count),
        log_silence - log(own),
        silent / own,
        log(cadence.lately + usual / 2) - log_silence,
        cadence.size - norm.size,
        log((sum(gaps[bisect_left(BINS, lapse) :]) + 0.3) / (as_long + 2)),
        log(max(lapse - silent, 1.0) / lapse),
    )
    return [(value - centre) / spread for value, centre, spread in zip(raw, CENTRE, SPREAD, strict=True)]


def lapse_chance(cadence: Cadence, silent: float, norm: Norm) -> float:
    """Return the chance that a silence of *silent* days so far lasts until it is a lapse, in [0, 1].

    Examples
    --------
    An account that came weekly for three months, and peers that come every ten days:

    >>> peers = Norm(10.0, 0.0, BUILT_IN)
    >>> weekly = Cadence()
    >>> for day in range(100, 200, 7): weekly = came(weekly, day)
    >>> [round(lapse_chance(weekly, silent, peers), 2) for silent in (3, 14, 28, 46)]
    [0.02, 0.14, 0.4, 1.0]
    """
    if silent >= norm.lapse_days:
        return 1.0
    score = sum([weight * value for weight, value in zip(norm.weights, features(cadence, silent, norm), strict=True)])
    return 1 / (1 + exp(-min(max(score, -30.0), 30.0)))
