"""What was learnt of an account's own normal: states of ``signals.learning``, moved on when a day closes.

A day goes into what is learnt once, when it is settled: ``SETTLE_DAYS`` after it closed, at the close of a business
day, in the order of days. Until then it may be reported again as often as the source likes; what is corrected later
stays learnt as it was. So what is learnt depends neither on how many reports of a day came, nor on their order within
that time, nor on packing or restarts. The newest days are not learnt yet: whoever judges one goes on from what was
learnt through the days since, which are still there one by one (``onward``), and throws the result away.

An account without usage learns nothing and costs nothing; a day that was not reported is no zero, it is passed over.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from signals.domain.account.daily import LEAST_DAYS, Daily, Days
from signals.domain.account.usage import TOTAL, Usage
from signals.learning import cadence
from signals.learning.cadence import Cadence

State = TypeVar("State")

SETTLE_DAYS = 2
# Closed days that may still be reported again. Reports of a day come during the next one, the last of them a little
# after its end; two days are the age a "newest reported day" may have (facts/windows.py).

PEOPLE, USAGE = "people", "usage"
"""Whose active days: any action of a person, any units used."""


class Learnt(msgspec.Struct, frozen=True, array_like=True):
    """States as of the newest settled day they have. Stored by position: a new field comes last, with a default."""

    through: int = 0
    """Ordinal of the newest reported day that went into ``volumes``; 0: none yet."""
    seen_through: int = 0
    """Ordinal of the newest day that was looked at for ``cadences``; 0: none yet."""
    cadences: dict[str, Cadence] = {}
    """``PEOPLE`` and ``USAGE`` -> the rhythm of its active days."""


def settled(learnt: Learnt, usage: Usage, last: int) -> Learnt:
    """Return what is learnt with the days up to *last* (an ordinal), those before that it has not seen included."""
    if usage.days:
        learnt = _with_volumes(learnt, usage, last)
    if usage.days or usage.actions:
        learnt = with_activity(learnt, usage, last)
    return learnt


def _with_volumes(learnt: Learnt, usage: Usage, last: int) -> Learnt:
    days = unlearnt(usage.reported, max(learnt.through, usage.days[TOTAL].start - 1), last)
    if not days:
        return learnt
    return msgspec.structs.replace(learnt, through=days[-1])


def with_activity(learnt: Learnt, usage: Usage, last: int) -> Learnt:
    """Return what is learnt with the active days up to *last*; also for a look at today, which is then thrown away."""
    sources = ((PEOPLE, usage.actions.values()), (USAGE, (usage.days[TOTAL],) if usage.days else ()))
    cadences = learnt.cadences
    for day in range(max(learnt.seen_through, last - LEAST_DAYS) + 1, last + 1):
        for whose, series in sources:
            if any(_units(daily, day) for daily in series):
                cadences = {**cadences, whose: cadence.came(cadences.get(whose, Cadence()), day)}
    return msgspec.structs.replace(learnt, seen_through=last, cadences=cadences)


def _units(daily: Daily, day: int) -> int:
    """Return the units of one day that is kept by itself, 0 of any other: asked for every action at every close."""
    index = day - daily.start
    return daily.values[index] if 0 <= index < len(daily.values) else 0


def unlearnt(reported: Days, after: int, last: int) -> list[int]:
    """Return the reported days after *after* up to *last*, oldest first.

    >>> unlearnt(Days(((1, 3), (6, 9))), 2, 7)
    [3, 6, 7]
    """
    runs = reported.runs
    if not runs or runs[-1][1] <= after:
        return []
    return [day for first, until in runs for day in range(max(first, after + 1), min(until, last) + 1)]


def folded(
    states: Mapping[str, State],
    series: Mapping[str, Daily],
    days: Iterable[int],
    step: Callable[[State | None, int, int], State],
) -> dict[str, State]:
    """Return a state per series, each moved on by *days*; states of series that are no more are left out.

    Parameters
    ----------
    days
        Ordinals, oldest first, none of which went in before.
    step
        Called with the state (None: nothing learnt yet), the day and its units, from a series' first day on.
    """
    days = tuple(days)
    return {name: state for name, daily in series.items() for state in _moved_on(states.get(name), daily, days, step)}


def _moved_on(
    state: State | None, daily: Daily, days: tuple[int, ...], step: Callable[[State | None, int, int], State]
) -> Iterator[State]:
    for day in days:
        if state is not None or day >= daily.start:
            state = step(state, day, daily.on(day))
    if state is not None:
        yield state


def onward(usage: Usage, name: str, through: int, last: int) -> list[tuple[int, int]]:
    """Return (day, units) of the reported days of a series after *through* up to *last*: what is not settled yet.

    A handful: never more than is kept day by day.
    """
    daily = usage.days.get(name)
    if daily is None:
        return []
    return [(day, daily.on(day)) for day in unlearnt(usage.reported, max(through, daily.start - 1), last)]
