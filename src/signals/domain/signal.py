"""What the engine says: transitions of signals, suppressions, deliveries. These are the public output models."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signals.domain.chart import Chart
from signals.domain.reasons import Change, FamilyName, HeldReason, ResolvedBecause, Severity


class Position(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """Where an input record stands: (topic epoch, input topic, partition, offset)."""

    epoch: int
    topic: str
    partition: int
    offset: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number (or word) a person can check, against its threshold."""

    name: str
    """Name in the rule, such as ``now_volume``."""
    label: str
    """In the reader's words, such as ``Recordings in 30 days``."""
    value: str
    """Canonical text of the value: decimals as written, instants and days ISO 8601, ``unknown`` if not known."""
    unit: str = ""
    """``USD``, ``USD/month``, ``share``, ``count``, ``days``, ``months``, ``date``, ``instant``, or a word."""
    window: str = ""
    """Such as ``last 28 closed days``."""
    threshold: str = ""
    threshold_from: str = ""
    """Source of the threshold: ``handbook XU``, ``proposed``, ``ours``, or ``override``."""
    decisive: bool = False
    """The one number that goes into the notification."""


class Owner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is asked to act."""

    name: str
    """Id in the CRM, a role such as ``sales_lead``, or the fallback's name."""
    role: str = ""
    fallback: bool = False
    """True when the account has no owner and the named fallback stands in."""


class Link(msgspec.Struct, frozen=True):
    """A labelled address from the configured templates."""

    label: str
    url: str


class Transition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step in a signal's life, with all a reader or a sink needs: the record of ``signal-events``.

    ``signal-state`` holds the last one per signal. ``seq`` counts from 1 within the signal; a reader ignores a
    ``seq`` not above the last it saw.
    """

    id: str
    signal_id: str
    seq: Annotated[int, Meta(ge=1)]
    change: Change
    at: datetime
    org_id: str
    account_name: str
    rule: str
    rule_version: str
    """Digest of the rule's text and parameters in force."""
    family: FamilyName
    severity: Severity
    key: str = ""
    """Condition key: product, invoice, person ...; empty when the rule has one signal per account."""
    since: datetime
    """When the condition began to hold (the episode's start)."""
    opened_at: datetime | None = None
    headline: str
    """Account and finding in the reader's words, at most 90 characters, no markup."""
    decisive: str = ""
    """The decisive number in words, for the notification."""
    status: Literal["open", "resolved"]
    resolved_because: ResolvedBecause | None = None
    resolved_text: str = ""
    evidence: tuple[Evidence, ...] = ()
    chart: Chart | None = None
    """Where a series is the evidence: its history and what is expected of it, as the card shows it."""
    why_now: str = ""
    value_at_stake: Decimal | None = None
    """Dollars a year, where it can be computed."""
    next_step: str = ""
    starter: str = ""
    """A conversation starter."""
    source: str = ""
    """Where the rule comes from, such as ``handbook XU``."""
    runbook: str = ""
    owner: Owner
    tagged: tuple[str, ...] = ()
    """People or roles to tag besides the owner."""
    segment: str = ""
    arr: Decimal | None = None
    links: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()
    """Guard notes: ``hold(G7): ...``, ``not checked: no source (G12)``."""
    also: tuple[str, ...] = ()
    """What else was found on the account at the moment this was told, by the titles of the rules: one card says it."""
    grouped: str = ""
    """The signal on whose card this one is told; empty when it has its own."""
    notify: bool = False
    """True when people should be notified (opening, escalation, reminder), false for a silent edit."""
    caused_by: tuple[Position, ...] = ()
    """Positions of the events behind it; the last is the one that was being applied."""
    variant: str = ""
    say: str = ""
    """For a ladder: the name of the step reached."""

    @property
    def erased(self) -> bool:
        """Whether this is the end of everything kept of the signal, not a step in its life."""
        return self.resolved_because is ResolvedBecause.ERASED


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding held back, with its reason: the record of ``suppressions``."""

    id: str
    signal_id: str
    org_id: str
    rule: str
    family: FamilyName
    key: str = ""
    at: datetime
    reason: HeldReason
    guard: str = ""
    """Guard such as ``G10`` when the reason is ``guarded``."""
    text: str = ""
    until: datetime | None = None
    """When the hold is expected to end, where that is known."""
    headline: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transition on its way to one destination of one sink: the record of ``deliveries.<sink>``."""

    id: str
    sink: str
    destination: str
    """Slack channel, CRM object type, webhook name."""
    transition: Transition
    caused_at: datetime | None = None
    """Arrival of the event that caused it (wall clock), for the latency metric only."""
