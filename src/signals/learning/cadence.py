"""How often an account comes: what is remembered of its active days, and what the next one is expected to be."""

import msgspec


class Cadence(msgspec.Struct, frozen=True, array_like=True):
    """The rhythm of one account's active days, in a few numbers whatever its age.

    Parameters
    ----------
    last
        Ordinal of the newest active day; 0: none yet.
    gaps
        How many gaps between two active days went in.
    mean
        Their mean, days.
    """

    last: int = 0
    gaps: int = 0
    mean: float = 0.0


def came(cadence: Cadence, day: int) -> Cadence:
    """Return the rhythm with one more active day; one not after the last changes nothing.

    >>> came(came(Cadence(), 10), 17)
    Cadence(last=17, gaps=1, mean=7.0)
    """
    if not cadence.last:
        return Cadence(day)
    gap = day - cadence.last
    if gap <= 0:
        return cadence
    gaps = cadence.gaps + 1
    return Cadence(day, gaps, round(cadence.mean + (gap - cadence.mean) / gaps, 3))
