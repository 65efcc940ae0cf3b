"""What a rule and a detector are: the typed result of loading packs, and what the engine gets from looking at one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Literal, Protocol

from signals.detectors.charts.source import ChartPlan
from signals.detectors.language.expression import Expression
from signals.detectors.language.names import Close, Param, Scope
from signals.detectors.language.refute import Refuter
from signals.detectors.language.template import Template
from signals.detectors.language.waiting import Watch, arrivals_of, moves_with
from signals.detectors.rules.story import Example
from signals.domain.classes import FieldClass
from signals.domain.reasons import FamilyName, Severity
from signals.domain.signal import Evidence

Once = Literal["ever", "period", "contract"]
SampleOf = Literal["reports", "weeks", "days"]
Late = Literal["skip", "newest"]


class RuleKind(StrEnum):
    """How a rule's finding lives."""

    LEVEL = "level"
    """A condition that holds or not; opens when it comes to hold, resolves when ``clear`` holds (or it is refuted)."""
    EDGE = "edge"
    """A moment: opens on an event, ends by ``expires_after``."""
    STEPS = "steps"
    """A ladder: steps at fixed distances from an anchor, while a condition holds."""
    REPORT = "report"


class Stage(StrEnum):
    """Whether findings reach people."""

    LIVE = "live"
    SHADOW = "shadow"
    """Evaluated and counted, not sent."""
    OFF = "off"


class Outcome(StrEnum):
    """What looking at a rule gave."""

    HOLDS = "holds"
    CLEARED = "cleared"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Each:
    """One signal per element: the collection, the element's name in expressions, and its key (a text)."""

    collection: Expression
    name: str
    key: Expression


@dataclass(frozen=True, eq=False)
class SeverityCase:
    """``severity`` when ``when`` holds; the first that holds wins, else the rule's default."""

    when: Expression
    severity: Severity


@dataclass(frozen=True)
class Confirm:
    """The condition must hold at this many samples in a row; not the same as a time."""

    samples: int
    of: SampleOf


@dataclass(frozen=True)
class Step:
    """One rung of a ladder, ``at`` after the anchor (negative: before it)."""

    at: timedelta
    say: str
    severity: Severity | None
    headline: Template | None = None
    next_step: Template | None = None
    source: str = ""


@dataclass(frozen=True, eq=False)
class TagCase:
    """Roles to tag besides the owner, when ``when`` holds (None: always)."""

    when: Expression | None
    roles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Route:
    """Where a rule's findings go; empty means the family's default."""

    channel: str = ""
    sinks: tuple[str, ...] = ()
    also_tag: tuple[TagCase, ...] = ()
    tag_owner: bool = True
    cc: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Variant:
    """Changes words, severity, guards or route of a finding when ``when`` holds; the first that holds wins."""

    when: Expression
    name: str
    severity: Severity | None = None
    family: FamilyName | None = None
    guards: str | None = None
    exempt: frozenset[str] | None = None
    route: Route | None = None
    headline: Template | None = None
    why_now: Template | None = None
    next_step: Template | None = None


@dataclass(frozen=True, eq=False)
class Words:
    """The texts of a card."""

    headline: Template
    why_now: Template | None = None
    next_step: Template | None = None
    starter: Template | None = None
    resolved: Template | None = None
    decisive: Template | None = None
    """The decisive number in words, made from the evidence named decisive."""


@dataclass(frozen=True, eq=False)
class EvidenceLine:
    """One line of evidence: ``value`` evaluated, against a parameter."""

    name: str
    label: str
    unit: str
    value: Expression
    window: str = ""
    threshold: Param | None = None
    decisive: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """One entry of a pack, checked and compiled. Immutable and shared by all accounts.

    ``version`` is a digest of the entry's text and the parameters in force. ``freezes`` are the values to keep at
    opening, by the name used after ``opened.``. ``reads``, ``fields``, ``signals``, ``levels``, ``daily`` and ``timed``
    are the union over the conditions that decide (``when``, ``clear``, ``again``, ``while_``, ``start``, ``each``,
    severity and variants), not over texts and evidence.
    """

    id: str
    title: str
    kind: RuleKind
    family: FamilyName
    source: str
    stage: Stage
    version: str
    where: str
    """``file:line`` of the entry."""
    severity: Severity
    words: Words
    scope: str = "account"
    """``account``, or for subjects that stand for several accounts ``book`` or ``all_accounts``, or ``broadcast``."""
    doc: str = ""
    severities: tuple[SeverityCase, ...] = ()
    params: Mapping[str, Param]
    lets: Mapping[str, Expression]
    """In the order written; a let reads only earlier ones."""
    when: Expression | None = None
    """Always there for a level; None for an edge means every event of ``on``."""
    refuter: Refuter | None = None
    """Of ``when``, for a level: what makes it false, and until when it need not be looked at again."""
    clear: Expression | None = None
    """None: the signal resolves when ``when`` is known to be false."""
    again: Expression | None = None
    each: Each | None = None
    on: tuple[str, ...] = ()
    """Event kinds of an edge rule."""
    key: Expression | None = None
    """Condition key of an edge rule, a text."""
    start: Expression | None = None
    """``from`` of a ladder: the anchor, an instant or a date."""
    while_: Expression | None = None
    steps: tuple[Step, ...] = ()
    late: Late = "newest"
    """What a ladder does with steps passed while it was not looked at: skip them, or say the newest only."""
    hold: timedelta = timedelta(0)
    confirm: Confirm | None = None
    clear_hold: timedelta = timedelta(0)
    remind: timedelta | None = None
    cooldown: timedelta = timedelta(0)
    once: Once | None = None
    stale_after: timedelta | None = None
    expires_after: timedelta | None = None
    churn_level: Literal["A", "B"] | None = None
    guards: str = "none"
    exempt: frozenset[str] = frozenset()
    offers: tuple[str, ...] = ()
    """Products it offers, for guards; ``{item}`` style names are not allowed here."""
    route: Route
    variants: tuple[Variant, ...] = ()
    alias_of: str | None = None
    tags: tuple[str, ...] = ()
    rank: int = 0
    section: int = 0
    value_at_stake: Expression | None = None
    """Dollars a year."""
    evidence: tuple[EvidenceLine, ...] = ()
    chart: ChartPlan | None = None
    """Drawn when a card is opened or changed, never to decide."""
    runbook: str = ""
    examples: tuple[Example, ...] = ()
    freezes: Mapping[str, Expression]
    reads: frozenset[str]
    fields: frozenset[str]
    """Fields of the state that ``reads`` come from: when one moves, the rule may be worth a look."""
    signals: frozenset[str]
    told_apart: frozenset[str]
    """Those of ``signals`` whose unknown matters: it is not read as false."""
    levels: frozenset[str]
    daily: bool
    timed: bool

    def variant_named(self, name: str) -> "Variant | None":
        """Return the variant a transition says it was told in; None for the rule's own words."""
        return next((one for one in self.variants if one.name == name), None) if name else None

    @property
    def key_sensitive(self) -> frozenset[FieldClass]:
        """Sensitive classes of its condition key: not empty when it has a signal per person."""
        named = self.each.key if self.each is not None else self.key
        return frozenset() if named is None else named.sensitive

    @cached_property
    def elements(self) -> Watch | None:
        """What to wait for while there is no element to look at; None for a rule without ``each``."""
        collection = self.each.collection if self.each is not None else None
        if collection is None or collection.let is None or collection.timed:
            return None
        return arrivals_of(collection.let.node)

    @cached_property
    def unlisted(self) -> Watch | None:
        """What to wait for while it is not known which elements there are; None where time alone may tell."""
        return moves_with(self.each.collection) if self.each is not None else None

    @cached_property
    def unstarted(self) -> Watch | None:
        """What to wait for while a ladder has no anchor; None where time alone may give it one."""
        return moves_with(self.start)

    @cached_property
    def not_meanwhile(self) -> Watch | None:
        """What to wait for while what a ladder is climbed under does not hold; None where time alone may change it."""
        return moves_with(self.while_)

    @cached_property
    def always(self) -> Watch:
        """What to wait for when nothing more is known: everything it reads."""
        return Watch(self.fields, Close.DAY if self.daily else Close.NEVER)


@dataclass(frozen=True)
class Finding:
    """What looking at one rule for one key said."""

    rule: str
    key: str
    outcome: Outcome
    at: datetime
    evidence: tuple[Evidence, ...] = ()


class Detector(Protocol):
    """A detector written in Python, for what an expression cannot say (baselines, cadence, forecasts).

    State goes in and comes out as a plain serializable value and is never changed in place. ``observe`` is called once
    per event or closed day that moved something in ``reads``, and when ``wake`` is due; ``wake`` after each of them.
    """

    @property
    def id(self) -> str:
        """Stable id, also the state's key in the account."""

    @property
    def reads(self) -> frozenset[str]:
        """Names of facts it looks at."""

    def observe(self, state: object, scope: Scope, /) -> tuple[object, tuple[Finding, ...]]:
        """Return the new state and what it says now."""

    def wake(self, state: object, scope: Scope, /) -> datetime | None:
        """Return when it must be looked at again if nothing happens."""
