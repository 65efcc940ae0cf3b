"""How far a value lies out compared with what was seen over several spans back: the memory of a spike detector."""

import math

from msgspec import Struct

CODES = 256
"""Steps per factor e in which magnitudes are kept: 0.4 %, and a whole number of at most two bytes in storage."""
SPANS = (1.25, 5.0, 20.0)
WEIGHTS = (2 / 7, 4 / 7, 1 / 7)
# Spans in cycles (days, or weeks for daily records) and how much each counts. A little over one cycle, so that what
# comes once a cycle, a little late, is met by its last time. docs/decisions/0090 has the figures around each.
FARTHEST = round(math.log(9.0) * CODES)
NEAREST = round(math.log(1e-3) * CODES)
SAME = 20
"""An excursion within 8 % of the last kept one counts as its return: it is kept fresh instead of kept twice."""
KEPT = 6
"""Kept excursions a side; more are joined, the nearer ones taking the size of the larger."""
ROUNDING = 1e-9
"""What of the expected value is no excursion but arithmetic: a sum of equal values is rarely exact."""
KNOWN_FROM, MOST_BELIEVED = 20, 10
# From the twentieth value on, ten times the usual excursion is the most that one value can teach.
RARE_FROM = 5.0
RARE_POWER = 0.3
# A record counts for more the more it exceeds the usual excursion, up to five times it: beyond, heavy tails are alike.
_RARE_CODE = math.log(RARE_FROM)


class Outlook(Struct, frozen=True, array_like=True):
    """One way of looking at a series: how far its values usually lie from the middle, and how far they have lain.

    Parameters
    ----------
    middle
        Slow mean of the values, in their unit.
    scale
        Usual size of an excursion from what was expected, >= 0, in the values' unit.
    highs, lows
        Excursions that nothing later has exceeded, oldest and largest first: hour, size, hour, size ... The size is
        `CODES` times its natural logarithm.
    """

    middle: float = 0.0
    scale: float = 0.0
    highs: tuple[int, ...] = ()
    lows: tuple[int, ...] = ()


def _remember(kept: tuple[int, ...], hour: int, code: int, oldest: int) -> tuple[int, ...]:
    end = len(kept)
    while end and kept[end - 1] <= code:
        end -= 2
    if end and kept[end - 2] == hour:  # a larger one of this very hour is there
        return kept if end == len(kept) else kept[:end]
    if end and kept[end - 1] - code < SAME:
        end, code = end - 2, kept[end - 1]
    kept = (*kept[:end], hour, code)
    start = 0
    while kept[start] < oldest:
        start += 2
    kept = kept[start:]
    return _joined(kept) if len(kept) > 2 * KEPT else kept


def _joined(kept: tuple[int, ...]) -> tuple[int, ...]:
    """Join the two neighbours that differ least: the later moment with the larger size."""
    at = min(range(1, len(kept) - 2, 2), key=lambda place: kept[place] - kept[place + 2])
    return (*kept[: at - 1], kept[at + 1], kept[at], *kept[at + 3 :])


def _surprise(kept: tuple[int, ...], hour: int, code: int, cycle_hours: int) -> float:
    """Return the weighted mean of how far a size lies beyond the largest of each span, in `CODES`."""
    total, place, end = 0.0, 0, len(kept)
    for span, weight in _FARTHEST_FIRST:
        earliest = hour - span * cycle_hours
        while place < end and kept[place] < earliest:
            place += 2
        beyond = code - kept[place + 1] if place < end else FARTHEST
        total += weight * min(max(beyond, NEAREST), FARTHEST)
    return total


_FARTHEST_FIRST = tuple(reversed(tuple(zip(SPANS, WEIGHTS, strict=True))))


def believed(outlook: Outlook, excursion: float, count: int) -> float:
    """Return the part of an excursion that is learnt from: at most ten times the usual one, once that is known.

    What is far out once moves neither the level nor the shape, and what stays is followed all the same, as the usual
    excursion grows with it.
    """
    if count <= KNOWN_FROM or outlook.scale <= 0:
        return excursion
    most = MOST_BELIEVED * outlook.scale
    return min(max(excursion, -most), most)


def look(
    outlook: Outlook, expected: float, excursion: float, hour: int, count: int, memory: tuple[int, int, int]
) -> tuple[Outlook, float]:
    """Return the outlook with one more value, and how the value stood out: 1 is as far as anything before.

    Parameters
    ----------
    expected, excursion
        What was expected of the value, and how far it lies from that.
    hour
        Whole hours since the series began.
    count
        Values before this one.
    memory
        Values that the mean reaches back, values that the scale does, hours of a cycle.
    """
    reach, scale_reach, cycle_hours = memory
    size = excursion if excursion >= 0 else -excursion
    usual, highs, lows, outstanding = outlook.scale, outlook.highs, outlook.lows, 0.0
    if size > ROUNDING * abs(expected):
        code = round(math.log(size) * CODES)
        kept = highs if excursion > 0 else lows
        if count > 2:  # two values are no history
            rarity = min(math.log(size / usual), _RARE_CODE) if usual > 0 else _RARE_CODE
            outstanding = math.exp(_surprise(kept, hour, code, cycle_hours) / CODES + RARE_POWER * rarity)
        kept = _remember(kept, hour, code, hour - int(SPANS[-1] * cycle_hours))
        if excursion > 0:
            highs = kept
        else:
            lows = kept
    learnt = believed(outlook, excursion, count)
    scale = usual + (abs(learnt) - usual) / min(count + 1, scale_reach)
    middle = outlook.middle + (expected + learnt - outlook.middle) / min(count + 1, reach)
    return Outlook(middle, scale, highs, lows), outstanding
