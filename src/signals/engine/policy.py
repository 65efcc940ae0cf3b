"""How the company wants its signals: zone, windows, guards, routes, links. Plain values; settings fill them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from zoneinfo import ZoneInfo

from signals.detectors.terms import Terms
from signals.domain.classes import FieldClass
from signals.domain.events.base import OurRole
from signals.domain.reasons import FamilyName
from signals.domain.topics import Classifier, KeywordClassifier


@dataclass(frozen=True)
class GuardTerms:
    """Numbers of the guards (catalogue 2.1). G4 is the handbook's (XM); G1's storm and release, G13's month: proposed.

    Parameters
    ----------
    first_days
        G4: days 1 .. N after the start hold pitches back.
    ticket_release
        G1: how long after the solve the pause lasts.
    ticket_storm, ticket_storm_within
        G1: so many tickets opened within this long are a storm whatever their priority.
    pitch_every
        G13: one growth pitch per account in this long.
    negotiating_stages
        G11: stages of an open renewal opportunity that mean negotiation.
    risk_segments
        G11: segments that mean the renewal is at risk.
    incident_release
        G2: how long after the end of an incident of severity 0 or 1 the pause lasts (proposed).
    budget_tags
        G5: tags, and categories of dated notes, that mean budget constraints.
    relationship_within
        G12: a conversation this long ago is a relationship (proposed).
    fundraise_days
        G14: days from the announcement on that are for congratulations only (proposed).
    lost_release
        G16: how long a lost opportunity for a product holds it back (proposed).
    huge_source_rows
        Fit: an external source this big is no case for a warehouse of ours (proposed).
    """

    first_days: int = 30
    ticket_release: timedelta = timedelta(days=7)
    ticket_storm: int = 3
    ticket_storm_within: timedelta = timedelta(hours=24)
    urgent: frozenset[str] = frozenset({"high", "urgent"})
    pitch_every: timedelta = timedelta(days=30)
    negotiating_stages: frozenset[str] = frozenset({"Commercial & Legal Review"})
    risk_segments: frozenset[str] = frozenset({"Churn Risk"})
    incident_release: timedelta = timedelta(days=7)
    budget_tags: frozenset[str] = frozenset({"budget", "budget_constraint"})
    relationship_within: timedelta = timedelta(days=30)
    fundraise_days: int = 21
    lost_release: timedelta = timedelta(days=90)
    huge_source_rows: int = 1_000_000_000


TEAMS: Mapping[str, OurRole] = {
    "tae_round_robin": "TAE",
    "tam_round_robin": "TAM",
    "onboarding_round_robin": "Onboarding",
    "sales_round_robin": "TAE",
}
"""Team as the rules tag it -> role of its members (catalogue 7.1; who takes sales tickets is ours)."""


@dataclass(frozen=True)
class Routing:
    """Who hears of what.

    Parameters
    ----------
    fallback_owner
        The named stand-in for an account without an owner; such signals are counted, never held.
    unmanaged
        Family -> role that stands in instead of the fallback (catalogue 12.3).
    channels
        Family -> Slack channel.
    teams
        Teams that take leads, by the names rules tag: an account's owner goes before them, else the member who has its
        leads.
    in_turn
        Whether members are known, so that the role ``report`` finds whose turn it is.
    """

    fallback_owner: str = "revops"
    unmanaged: Mapping[str, str] = field(
        default_factory=lambda: {
            FamilyName.PAYMENT: "sales_lead",
            FamilyName.CREDIT_RUNWAY: "sales_lead",
            FamilyName.CHURN_RISK: "cs_lead",
        }
    )
    default_channel: str = "#sales-alerts"
    channels: Mapping[str, str] = field(
        default_factory=lambda: {FamilyName.LEAD: "#sales-leads", FamilyName.CHURN_RISK: "#customer-churn"}
    )
    sinks: tuple[str, ...] = ("slack", "crm")
    teams: frozenset[str] = frozenset(TEAMS)
    in_turn: bool = False


@dataclass(frozen=True)
class Privacy:
    """Which sensitive classes (``domain.classes.SENSITIVE``) may leave, and where to; everything else always may.

    Parameters
    ----------
    topics
        On signal-events, signal-state and suppressions.
    sinks
        Sink -> classes it may show; its deliveries topic holds what it shows. A sink not named may show none.
    """

    topics: frozenset[FieldClass] = frozenset()
    sinks: Mapping[str, frozenset[FieldClass]] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkTemplate:
    """A link for every card. ``url`` may hold ``{org_id}``; ``{crm_url}`` and ``{usage_url}`` come from the profile.

    A template whose value is not known gives no link.
    """

    label: str
    url: str


WORDS = KeywordClassifier()
"""The classifier with our own lists."""


@dataclass(frozen=True)
class Policy:
    """Everything the engine is told besides rules.

    Parameters
    ----------
    zone
        The business zone: decides which calendar day an instant belongs to.
    admission_window
        How far behind the account's clock an event may be; also how long natural keys are remembered.
    classifier
        Says what texts are about, before facts are made of them.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    admission_window: timedelta = timedelta(days=7)
    terms: Terms = field(default_factory=Terms)
    guards: GuardTerms = field(default_factory=GuardTerms)
    routing: Routing = field(default_factory=Routing)
    privacy: Privacy = field(default_factory=Privacy)
    classifier: Classifier = WORDS
    links: tuple[LinkTemplate, ...] = (
        LinkTemplate("Open in CRM", "{crm_url}"),
        LinkTemplate("Usage", "{usage_url}"),
    )

    @cached_property
    def digest(self) -> str:
        """Return a short text that is another one when the numbers rules and guards go by are.

        Not of routes, links and classes: they change how a signal is told, not whether.
        """
        numbers = (self.zone.key, self.admission_window, self.terms, self.guards)
        return blake2b(_canonical(numbers).encode(), digest_size=4).hexdigest()


def _canonical(value: object) -> str:
    """Return equal text for equal values, whatever the order of sets and mappings."""
    if is_dataclass(value):
        return _canonical({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{key}:{_canonical(item)}' for key, item in value.items()))}}}"
    if isinstance(value, frozenset):
        return f"<{','.join(sorted(map(_canonical, value)))}>"
    if isinstance(value, tuple):
        return f"({','.join(map(_canonical, value))})"
    return repr(value)
