"""What was learnt of an account's own normal: states of ``signals.learning``, moved on when a day closes.

A day goes into what is learnt once, when it is settled: ``SETTLE_DAYS`` after it closed, at the close of a business
day, in the order of days. Until then it may be reported again as often as the source likes; what is corrected later
stays learnt as it was. So what is learnt depends neither on how many reports of a day came, nor on their order within
that time, nor on packing or restarts. The newest days are not learnt yet: whoever judges one goes on from what was
learnt through the days since, which are still there one by one, and throws the result away.

An account without usage learns nothing and costs nothing. What is usual in volumes is not kept here: it is learnt from
the kept days when a rule asks (``detectors/facts/usual.py``).
"""

import msgspec

from signals.domain.account.daily import LEAST_DAYS, Daily
from signals.domain.account.usage import TOTAL, Usage
from signals.learning import cadence
from signals.learning.cadence import Cadence

SETTLE_DAYS = 2
# Closed days that may still be reported again. Reports of a day come during the next one, the last of them a little
# after its end; two days are the age a "newest reported day" may have (facts/windows.py).

PEOPLE, USAGE = "people", "usage"
"""Whose active days: any action of a person, any units used."""


class Learnt(msgspec.Struct, frozen=True, array_like=True):
    """States as of the newest settled day they have. Stored by position: a new field comes last, with a default."""

    seen_through: int = 0
    """Ordinal of the newest day that was looked at for ``cadences``; 0: none yet."""
    cadences: dict[str, Cadence] = {}
    """``PEOPLE`` and ``USAGE`` -> the rhythm of its active days."""


def settled(learnt: Learnt, usage: Usage, last: int) -> Learnt:
    """Return what is learnt with the days up to *last* (an ordinal), those before that it has not seen included."""
    if usage.days or usage.actions:
        learnt = with_activity(learnt, usage, last)
    return learnt


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
