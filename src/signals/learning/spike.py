"""Spikes, drops, shifts and silences of one series of counts or money, of any cadence from minutes to days.

One pass, no look ahead, bounded state. What makes a value stand out is that nothing as far from what was expected has
been seen for long: over a little more than a cycle, over five and over twenty, each compared with the largest excursion
of that span. So a burst that comes every night is soon normal, and a noisy series needs more than a quiet one, without
a distribution being assumed. What is expected is the shape of the day (of the week, for daily records) where that shape
explains the series, else its level. docs/decisions/0090 says what else was tried.
"""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from signals.learning.spike_records import Outlook, believed, look
from signals.learning.spike_rhythm import DAY, WEEK_DAYS, Rhythm, explains, follow, fresh, shaped

ALARM = 0.62
"""A score from which a value is named a spike, a drop, a shift or a silence: 1.65 times what is usual at the most."""
LOUD = 1.8
QUIET_DAYS, QUIET_RECORDS = 0.25, 3
# After a value that stood out this much, the next ones count half for a quarter of a day, at least three records: it is
# one thing that happens, and each further record of it is no news.
SHIFT_SHARE = 0.9
FINE, DAILY = (100, 300, 48), (28, 84, 7)
# Records that the level, the usual error and the short mean reach back: for fine cadences, and for daily records.
DAILY_FROM = DAY / 2
OUTSIDE = 0.025
BAND_STEP, BAND_STEP_DAILY = 0.1, 1.0
BAND_FROM, BAND_FIRST, BAND_MOST = 20, 3, 6
# The band's ends begin at three times the usual error and are never beyond six: where the shape begins to explain a
# series, its error is small at once, and the band with it.


class Kind(StrEnum):
    """What a value that stands out is."""

    NONE = "none"
    SPIKE = "spike"
    DROP = "drop"
    SHIFT = "shift"
    SILENCE = "silence"


class Verdict(NamedTuple):
    """What a record looked like when it came.

    Parameters
    ----------
    score
        0 to 1; from `ALARM` on it is worth a look.
    low, expected, high
        The band that about 95 % of the records have lain in, and what was expected, in the values' unit.
    kind
        What it is, `Kind.NONE` below the alarm.
    shaped
        Whether the expectation follows the day or the week; otherwise it is the level.
    """

    score: float
    low: float
    expected: float
    high: float
    kind: Kind
    shaped: bool


class Learnt(Struct, frozen=True, array_like=True):
    """What is kept of a series.

    Parameters
    ----------
    began, at
        Seconds of the first and of the last record.
    count
        Records so far.
    cadence
        Usual seconds between two records.
    single, short
        How single values lie out, and how the short mean does.
    short_mean
        Mean of the last records, about a cycle of daily ones.
    rhythm
        The shape of the day or the week.
    above, below
        Distance of the band's ends from what is expected.
    loud_at
        Seconds of the last value that stood out much; 0 before the first.
    signed
        Whether a value below zero was seen; before that no band reaches below.
    """

    began: int
    at: int
    count: int
    cadence: float
    single: Outlook
    short: Outlook
    short_mean: float
    rhythm: Rhythm
    above: float = 0.0
    below: float = 0.0
    loud_at: int = 0
    signed: bool = False


def begin(seconds: int, value: float) -> Learnt:
    """Return what is known after the first record: nothing but the value."""
    outlook = Outlook(value)
    return Learnt(seconds, seconds, 1, 0.0, outlook, outlook, value, fresh(daily=False), signed=value < 0)


def observe(learnt: Learnt | None, seconds: int, value: float) -> tuple[Learnt, Verdict]:
    """Return what is known with one more record, and how the record looked before it was learnt from.

    Parameters
    ----------
    learnt
        What was known; null at the first record.
    seconds
        Moment of the record in seconds since 1970 (UTC), one before the last counts as at the last.
    value
        The record, a count or an amount; finite.

    Examples
    --------
    Two quiet weeks, then a day of ten times as much:

    >>> learnt = None
    >>> for day in range(15):
    ...     learnt, verdict = observe(learnt, day * 86_400, 100 + day % 3 if day < 14 else 1000)
    >>> verdict.kind, round(verdict.expected)
    (<Kind.SPIKE: 'spike'>, 101)
    """
    if learnt is None:
        return begin(seconds, value), Verdict(0.0, value, value, value, Kind.NONE, shaped=False)
    count, seconds = learnt.count, max(seconds, learnt.at)
    cadence = _paced(learnt.cadence, seconds - learnt.at)
    daily = cadence >= DAILY_FROM
    rhythm = learnt.rhythm
    if daily != (len(rhythm.means) == WEEK_DAYS):
        rhythm = fresh(daily=daily)
    reach, scale_reach, short_reach = DAILY if daily else FINE
    cycle_hours = round(WEEK_DAYS * cadence / 3600) if daily else 24
    memory = reach, scale_reach, cycle_hours
    hour = (seconds - learnt.began) // 3600

    level_error = value - learnt.single.middle
    shape = shaped(rhythm, seconds, cadence)
    shape_error = None if shape is None else value - shape
    follows = shape_error is not None and explains(rhythm)
    error = shape_error if follows and shape_error is not None else level_error
    expected = value - error
    single, alone = look(learnt.single, expected, error, hour, count, memory)
    short_mean = learnt.short_mean + (value - learnt.short_mean) / min(count + 1, short_reach)
    short, together = Outlook(short_mean), 0.0
    if count >= short_reach:  # before that it is no mean of so many, and its first leaps would be records for long
        middle = learnt.short.middle
        short, together = look(learnt.short, middle, short_mean - middle, hour, count, memory)
    together *= SHIFT_SHARE

    standing = max(alone, together)
    loud_at = learnt.loud_at
    if standing >= LOUD:
        loud_at = seconds
    if seconds - learnt.loud_at < max(QUIET_DAYS * DAY, QUIET_RECORDS * cadence):
        standing *= 0.5

    score = standing / (1 + standing)
    low = expected - learnt.below
    verdict = Verdict(
        score, low if learnt.signed else max(low, 0.0), expected, expected + learnt.above,
        Kind.NONE if score < ALARM else _kind(value, error, alone, together, short_mean - learnt.short.middle), follows,
    )  # fmt: skip
    usual = rhythm.shape_error if follows else single.scale
    step = BAND_STEP_DAILY if daily else BAND_STEP
    above, below = _widened(learnt.above, learnt.below, error, usual, count, step)
    taught = expected + believed(learnt.single, error, count)
    strayed = 0.0 if shape_error is None else believed(learnt.single, shape_error, count) / reach
    rhythm = follow(rhythm, seconds, taught, level_error, shape_error, count, strayed)
    signed = learnt.signed or value < 0
    known = Learnt(
        learnt.began, seconds, count + 1, cadence, single, short, short_mean, rhythm, above, below, loud_at, signed
    )
    return known, verdict


def _paced(cadence: float, passed: int) -> float:
    """Return the usual step with one more; a gap or a doubled record moves it little."""
    if passed <= 0:
        return cadence
    if cadence <= 0:
        return float(passed)
    return cadence + 0.05 * (min(max(passed, cadence / 1.5), cadence * 1.5) - cadence)


def _kind(value: float, error: float, alone: float, together: float, short_error: float) -> Kind:
    down = (error if alone >= together else short_error) < 0
    if down and value <= 0:
        return Kind.SILENCE
    if together > alone:
        return Kind.SHIFT
    return Kind.DROP if down else Kind.SPIKE


def _widened(above: float, below: float, error: float, usual: float, count: int, step: float) -> tuple[float, float]:
    """Return the band's ends moved towards letting `OUTSIDE` of the records out on either side."""
    if count < BAND_FROM:
        return BAND_FIRST * usual, BAND_FIRST * usual
    up = above + step * usual * ((error > above) - OUTSIDE)
    down = below + step * usual * ((-error > below) - OUTSIDE)
    return min(max(up, 0.0), BAND_MOST * usual), min(max(down, 0.0), BAND_MOST * usual)
