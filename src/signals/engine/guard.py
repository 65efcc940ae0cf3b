"""What a guard is: it looks at one finding that wants out and says yes, yes with a remark, or not now.

``pause`` keeps a finding back until the guard releases; ``note`` lets it out with a remark. What a guard cannot know it
lets pass, except where the catalogue says that unknown holds (G17 on a watched country).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from signals.detectors.contract import Rule
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look
from signals.domain.reasons import FamilyName
from signals.engine.catalogue import SEVERE
from signals.engine.policy import GuardTerms


class Answer(StrEnum):
    """What a guard says."""

    PASS = "pass"  # noqa: S105  # a word, not a password
    NOTE = "note"
    PAUSE = "pause"


@dataclass(frozen=True)
class Verdict:
    """One guard's answer with its reason; ``until`` where the end is known."""

    answer: Answer
    guard: str = ""
    text: str = ""
    until: datetime | None = None


PASSES = Verdict(Answer.PASS)


@dataclass(frozen=True)
class Candidate:
    """A finding that wants out."""

    rule: Rule
    family: FamilyName
    key: str
    signal_id: str
    look: Look
    active: Callable[[str], bool]
    """Whether another rule's signal is active (open or held)."""
    pitches: Mapping[str, datetime]
    exempt: frozenset[str]
    asked: bool
    """The customer asked for it."""

    def fact(self, name: str) -> object:
        """Return a fact's value; unknown where the vocabulary has no such fact."""
        return self.look.fact(name) if name in self.look.moment.names.facts else UNKNOWN

    @property
    def offered(self) -> frozenset[str]:
        """The products it offers: those of the rule, and a key that is a product."""
        return frozenset((*self.rule.offers, *((self.key,) if self.key else ())))

    @property
    def severe(self) -> str | None:
        """A severe implementation signal that is active, if there is one."""
        return next((rule for rule in self.look.moment.levels.get(SEVERE, ()) if self.active(rule)), None)


Guard = Callable[[Candidate, GuardTerms], Verdict]


def pause(guard: str, text: str, until: datetime | None = None) -> Verdict:
    """Return the answer "not now"."""
    return Verdict(Answer.PAUSE, guard, text, until)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant a calendar day begins in the business zone."""
    return datetime.combine(day, time(), zone)
