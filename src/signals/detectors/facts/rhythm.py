"""How often anybody of an account comes: its usual gap, the silence now, and the chance that it is nothing unusual.

The rhythm is that of the days on which people did something; of an account whose people are not reported, of the days
on which it used anything. What is learnt of it (``domain/account/learnt.py``) ends a few days ago, and is gone on with
for the look. An account sees no other one: what is usual among its peers is a term, by segment.
"""

from decimal import Decimal
from typing import NamedTuple

from signals.detectors.facts import segments
from signals.detectors.facts.windows import last_reported
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.learnt import PEOPLE, USAGE, with_activity
from signals.learning.cadence import BUILT_IN, Cadence, Norm, lapse_chance, shrunk_gap

LATELY_DAYS = 7
"""Days that ``rhythm.lately`` looks back on, today included: no weekend is longer."""

OWN_DAYS = 9
"""Active days from which on an account is judged by its own rhythm alone: eight gaps against the one of its peers."""

TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


class Rhythm(NamedTuple):
    """The rhythm of an account as of today, and what it is judged beside."""

    whose: str
    cadence: Cadence
    norm: Norm
    managed: bool

    @property
    def usual_gap(self) -> float:
        """Its own mean gap, shrunk to that of its peers, days."""
        return shrunk_gap(self.cadence, self.norm.usual_gap)


def rhythm_of(look: Look) -> Rhythm | None:
    """Return the rhythm of the account, today included; None before its first active day."""
    found = look.moment.cached("rhythm", lambda: _rhythm(look))
    return found if isinstance(found, Rhythm) else None


def _rhythm(look: Look) -> Rhythm | None:
    state, terms = look.moment.state, look.moment.terms
    cadences = with_activity(state.learnt, state.usage, look.moment.today_number).cadences
    whose = PEOPLE if PEOPLE in cadences else USAGE
    if whose not in cadences:
        return None
    managed = look.fact("segment.arr_20k") is True
    usual = terms.usual_gap_managed if managed else terms.usual_gap
    return Rhythm(whose, cadences[whose], Norm(usual.days, 0.0, BUILT_IN), managed)


def _usual_gap(look: Look) -> object:
    rhythm = rhythm_of(look)
    return UNKNOWN if rhythm is None else Decimal(rhythm.usual_gap).quantize(TENTH)


def _active_days(look: Look) -> object:
    rhythm = rhythm_of(look)
    return UNKNOWN if rhythm is None else rhythm.cadence.days


def _silent_days(look: Look) -> object:
    """Return the days since the last active one; unknown while the source stands still, which would look the same."""
    rhythm = rhythm_of(look)
    if rhythm is None or last_reported(look) is None:
        return UNKNOWN
    return look.moment.today_number - rhythm.cadence.last


def _lapse_days(look: Look) -> object:
    rhythm = rhythm_of(look)
    return UNKNOWN if rhythm is None else round(rhythm.norm.lapse_days)


def _chance_normal(look: Look) -> object:
    rhythm, silent = rhythm_of(look), _silent_days(look)
    if rhythm is None or not isinstance(silent, int):
        return UNKNOWN
    return 1 - Decimal(lapse_chance(rhythm.cadence, silent, rhythm.norm)).quantize(HUNDREDTH)


def _lately(look: Look) -> object:
    """Return on how many of the last days there was anything; "at least" while the source stands still."""
    usage, today = look.moment.state.usage, look.moment.today_number
    series = (usage.actions or usage.days).values()  # not by the whole rhythm: of most accounts this is all one asks
    if not series:
        return UNKNOWN
    active = sum([any(daily.on(today - ago) for daily in series) for ago in range(LATELY_DAYS)])
    return active if last_reported(look) is not None else AtLeast(active)


def _basis(look: Look) -> object:
    rhythm = rhythm_of(look)
    if rhythm is None:
        return UNKNOWN
    days, peers = rhythm.cadence.days, "accounts with a large ARR" if rhythm.managed else "accounts"
    borrowed = f"{rhythm.norm.usual_gap:g} days, borrowed from its segment ({peers})"
    if days <= 1:
        return f"the usual gap of {borrowed}: it is new"
    if days < OWN_DAYS:
        return f"its own {days} active days, and the usual gap of {borrowed}"
    return f"its own {days} active days"


SEEN_DAY = "people.seen_day"
"""Moves with a person's first action of a day, so with every active day."""

_DAYS = (SEEN_DAY, "people.persons", "usage.days", "usage.reported")
_READS = (*_DAYS, *next(sorted(one.reads) for one in segments.FACTS if one.name == "segment.arr_20k"))

FACTS: tuple[Fact, ...] = (
    fact("rhythm.lately", Kind.COUNT, _lately, *_DAYS, unit="days", daily=True, bounded=True,
         rises_with=frozenset({SEEN_DAY}), label="Active days of the last 7",
         doc="Days of the last seven, today included, on which anybody of the account was active."),
    fact("rhythm.active_days", Kind.COUNT, _active_days, *_READS, unit="days", daily=True,
         rises_with=frozenset({SEEN_DAY}), label="Active days so far",
         doc="Days on which anybody of the account was active, ever since it is watched."),
    fact("rhythm.usual_gap", Kind.NUMBER, _usual_gap, *_READS, unit="days", daily=True,
         label="Usual days between active days",
         doc="Mean days from one active day to the next, shrunk to those of its segment."),
    fact("rhythm.silent_days", Kind.COUNT, _silent_days, *_READS, unit="days", daily=True, label="Days of silence",
         doc="Days since anybody of the account was active; unknown while no usage is reported."),
    fact("rhythm.lapse_days", Kind.COUNT, _lapse_days, *_READS, unit="days", daily=True,
         label="Silence that counts as a lapse", doc="21 days and two and a half usual gaps of its segment."),
    fact("rhythm.chance_normal", Kind.SHARE, _chance_normal, *_READS, unit="share", daily=True,
         label="Chance that they come back in time",
         doc="Chance that the silence ends before it counts as a lapse, by the account's own rhythm."),
    fact("rhythm.basis", Kind.TEXT, _basis, *_READS, daily=True, label="Judged by",
         doc="Whether the rhythm is the account's own, or borrowed from its segment while it is new."),
)  # fmt: skip
