"""The shape of a day or a week, learnt as it comes, and used only where it explains a series."""

from msgspec import Struct

DAY = 86_400
WEEK_DAYS = 7
HOURS = 24
EXPLAINS, EXPLAINS_DAILY = 0.5, 0.8
# The shape is used where it leaves at most half of the error that a level alone leaves; the week, whose seven means are
# known better after the same number of records, where it leaves four fifths.
SETTLED_CYCLES = 2
CYCLES_KEPT = 10
ERROR_REACH = 300


class Rhythm(Struct, frozen=True, array_like=True):
    """The mean of each hour of the day, or of each weekday when a record is a day.

    Parameters
    ----------
    means
        One per slot, in the values' unit; null where none was seen.
    rounds
        Rounds of the cycle that were seen, at most `CYCLES_KEPT`.
    slot, total, records
        The slot that runs, and what it has so far.
    drift
        Where the values lie beside their shape of late.
    level_error, shape_error
        Mean error against the level alone and against the shape.
    """

    means: tuple[float | None, ...]
    rounds: int = 0
    slot: int = -1
    total: float = 0.0
    records: int = 0
    drift: float = 0.0
    level_error: float = 0.0
    shape_error: float = 0.0


def fresh(*, daily: bool) -> Rhythm:
    """Return a rhythm that knows nothing: of weekdays for daily records, of hours for finer ones."""
    return Rhythm((None,) * (WEEK_DAYS if daily else HOURS))


def shaped(rhythm: Rhythm, seconds: int, cadence: float) -> float | None:
    """Return what the shape says of a moment; null before it knows."""
    means = rhythm.means
    if len(means) == WEEK_DAYS:
        mean = means[(seconds // DAY + 3) % WEEK_DAYS]
    else:
        hour, into = divmod(seconds % DAY, 3600)
        mean = means[hour]
        if mean is not None and cadence < 1800:  # several records an hour: go from hour to hour smoothly
            share = into / 3600 - 0.5
            beside = means[(hour + 1) % HOURS if share >= 0 else hour - 1]
            if beside is not None:
                mean += (beside - mean) * abs(share)
    return None if mean is None else mean + rhythm.drift


def explains(rhythm: Rhythm) -> bool:
    """Say whether the shape is worth using."""
    share = EXPLAINS_DAILY if len(rhythm.means) == WEEK_DAYS else EXPLAINS
    return rhythm.rounds >= SETTLED_CYCLES and rhythm.shape_error < share * rhythm.level_error


def follow(
    rhythm: Rhythm,
    seconds: int,
    value: float,
    level_error: float,
    shape_error: float | None,
    count: int,
    strayed: float,
) -> Rhythm:
    """Return the rhythm with one more value.

    Parameters
    ----------
    value
        The value, or as much of it as is believed.
    level_error
        What the value lay from the level.
    shape_error
        What it lay from the shape; null while that is not known.
    count
        Values before this one.
    strayed
        How much the drift moves.
    """
    slot = (seconds // DAY + 3) % WEEK_DAYS if len(rhythm.means) == WEEK_DAYS else seconds % DAY // 3600
    means, rounds, total, records = rhythm.means, rhythm.rounds, rhythm.total, rhythm.records
    if slot != rhythm.slot:
        if records:
            before = rhythm.slot
            if slot < before:
                rounds = min(rounds + 1, CYCLES_KEPT)
            known, seen = means[before], total / records
            mean = seen if known is None else known + (seen - known) / max(1, min(rounds + 1, CYCLES_KEPT))
            means = (*means[:before], mean, *means[before + 1 :])
        total, records = 0.0, 0
    drift, plain, bent = rhythm.drift, rhythm.level_error, rhythm.shape_error
    if shape_error is not None:
        rate = 1 / min(count + 1, ERROR_REACH)
        plain += rate * (abs(level_error) - plain)
        bent += rate * (abs(shape_error) - bent)
        drift += strayed
    return Rhythm(means, rounds, slot, total + value, records + 1, drift, plain, bent)
