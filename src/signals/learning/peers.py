"""What is usual among accounts of one kind, learnt from all of them as they come: one bounded state.

Every account has at most one silence under observation (``Trial``). It is judged only when its time is up, whether it
ended long before or not at all: silences that end are known sooner than those that last, and whoever learns from what
is known first believes for too long that everybody comes back.
"""

from math import ceil, exp, log

import msgspec

from signals.learning.cadence import BUILT_IN, Cadence, Norm, features

STEPS_PER_E = 8
"""Steps of the sketch in which a mean gap grows by the factor e."""

STEPS = 72
MOST_DAYS = 0.3
# The sketch goes from less than a day to some 2,500 days.

FIRST_GAP, FIRST_WEIGHT = 30.0, 3
"""The usual gap while nothing is known, days, and how many accounts it counts as."""

SIZES = 500
"""Active days that the mean size looks back on."""

AGES = (0.02, *(part / 20 for part in range(1, 20)))
"""At which parts of the lapse time a silence under observation is looked at."""

WEIGHT = 0.3
"""What one such look counts: the looks at one silence say much the same."""

DOUBT, DOUBT_LEVEL = 0.5, 1.0
"""How far off the built-in weights may be, as a standard deviation, and the one of them that is the level."""

Row = tuple[float, ...]


def _first_doubt() -> tuple[Row, ...]:
    size = len(BUILT_IN)
    variances = (DOUBT_LEVEL**2, *(DOUBT**2 for _ in range(size - 1)))
    return tuple(tuple(variances[row] if row == column else 0.0 for column in range(size)) for row in range(size))


class Peers(msgspec.Struct, frozen=True, array_like=True):
    """What all accounts of one kind have in common.

    Parameters
    ----------
    sketch
        How many accounts have a mean gap of each size, on a logarithmic scale.
    days
        Active days seen, up to ``SIZES``.
    size
        Their mean size (logarithm), of the last ``SIZES`` or so.
    weights, doubt
        Of the features, and their covariance.
    """

    sketch: tuple[int, ...] = (0,) * STEPS
    days: int = 0
    size: float = 0.0
    weights: Row = BUILT_IN
    doubt: tuple[Row, ...] = _first_doubt()

    @property
    def usual_gap(self) -> float:
        """The median of the accounts' mean gaps, days."""
        first = _step_of(FIRST_GAP)
        half, below = (sum(self.sketch) + FIRST_WEIGHT) / 2, 0
        for step, accounts in enumerate(self.sketch):
            here = accounts + (FIRST_WEIGHT if step == first else 0)
            if here and below + here >= half:
                return _gap_at(step + (half - below) / here)
            below += here
        raise ValueError("a sketch has at least its first gap")

    def norm(self) -> Norm:
        """Return what a look needs of the peers; worth making once a day, not once an account."""
        return Norm(self.usual_gap, self.size, self.weights)


def _step_of(gap: float) -> int:
    return min(max(int(STEPS_PER_E * log(gap + MOST_DAYS) + STEPS_PER_E * 1.25), 0), STEPS - 1)


def _gap_at(step: float) -> float:
    return exp(step / STEPS_PER_E - 1.25) - MOST_DAYS


def seen(peers: Peers, before: Cadence, after: Cadence, size: float) -> Peers:
    """Return the peers with one more active day of one account: its rhythm *before* and *after* it."""
    days = min(peers.days + 1, SIZES)
    mean = peers.size + (log(max(size, 0.01)) - peers.size) / days
    sketch = peers.sketch
    old = _step_of(before.mean_gap) if before.days > 2 else None
    new = _step_of(after.mean_gap) if after.days > 2 else None
    if old != new:
        moved = list(sketch)
        if old is not None:
            moved[old] -= 1
        if new is not None:
            moved[new] += 1
        sketch = tuple(moved)
    return msgspec.structs.replace(peers, days=days, size=mean, sketch=sketch)


class Trial(msgspec.Struct, frozen=True, array_like=True):
    """One silence under observation.

    Parameters
    ----------
    cadence
        The account's, as the silence began.
    usual_gap, size
        Of the peers, as it began.
    due
        Ordinal of the day it is judged on.
    gap
        How long it was, days; 0 while it lasts.
    """

    cadence: Cadence
    usual_gap: float
    size: float
    due: int
    gap: int = 0


def begun(cadence: Cadence, norm: Norm) -> Trial:
    """Return the observation of the silence that begins with the account's newest day."""
    return Trial(cadence, round(norm.usual_gap, 1), round(norm.size, 3), cadence.last + ceil(norm.lapse_days))


def ended(trial: Trial, day: int) -> Trial:
    """Return the observation with its silence ended by an active *day*; the first one counts."""
    if trial.gap or day <= trial.cadence.last:
        return trial
    return msgspec.structs.replace(trial, gap=day - trial.cadence.last)


def judged(peers: Peers, trial: Trial) -> Peers:
    """Return the peers after the day a silence was due: whether it lasted till then, at each age it was seen at."""
    weights, doubt = peers.weights, peers.doubt
    norm = Norm(trial.usual_gap, trial.size, weights)
    for part in AGES:
        age = round(part * norm.lapse_days)
        if trial.gap and age >= trial.gap:
            break
        values = features(trial.cadence, age, norm)
        weights, doubt = _moved(weights, doubt, values, 0.0 if trial.gap else 1.0)
    return msgspec.structs.replace(peers, weights=weights, doubt=doubt)


def _moved(weights: Row, doubt: tuple[Row, ...], values: list[float], outcome: float) -> tuple[Row, tuple[Row, ...]]:
    """Return weights and doubt after one outcome: a step of Newton's method, one record at a time."""
    score = sum([weight * value for weight, value in zip(weights, values, strict=True)])
    chance = 1 / (1 + exp(-min(max(score, -12.0), 12.0)))
    steep = max(chance * (1 - chance), 1e-4) * WEIGHT
    towards = [sum([each * value for each, value in zip(row, values, strict=True)]) for row in doubt]
    damped = 1 / (1 + steep * sum([value * step for value, step in zip(values, towards, strict=True)]))
    far = (outcome - chance) * WEIGHT * damped
    weights = tuple([weight + far * step for weight, step in zip(weights, towards, strict=True)])
    less = steep * damped
    rows = []
    for row, step in zip(doubt, towards, strict=True):
        part = less * step
        rows.append(tuple([each - part * other for each, other in zip(row, towards, strict=True)]))
    return weights, tuple(rows)
