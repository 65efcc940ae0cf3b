"""The CRM topic: who the account is, who owns it, people, contracts, talks, tickets, health."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from signals.domain.events.base import Count, Day, Event, Instant, Money, Name, OurRole, Priced, Share
from signals.domain.events.described import ActivityLogged, TraitsReported
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved, PostmortemSent
from signals.domain.events.leads import LeadAssigned, LeadSubmitted, TaskChanged
from signals.domain.events.market import LaunchAnnounced, PriceChanged
from signals.domain.events.spoken import Spoken
from signals.domain.events.training import (
    SurveyAnswered,
    TrainingAttendee,
    TrainingFollowedUp,
    TrainingHeld,
    TrainingPlanned,
)

Family = Literal[
    "engineering", "product", "design", "marketing", "sales", "customer_success", "customer_service",
    "data", "leadership", "finance", "procurement", "founder", "growth", "other",
]  # fmt: skip


class OrganizationCreated(Event, frozen=True, kw_only=True, tag="organization_created"):
    """The organization exists since ``at``."""

    name: Name | None = None


class AccountDescribed(Event, frozen=True, kw_only=True, tag="account_described"):
    """Profile and enrichment; only the fields given change, ``null`` means known to be absent."""

    name: Name | UnsetType = UNSET
    company_type: Literal["B2B", "B2C"] | None | UnsetType = UNSET
    business_type: Name | None | UnsetType = UNSET
    employees: Count | None | UnsetType = UNSET
    country: Annotated[str, Meta(min_length=2, max_length=60)] | None | UnsetType = UNSET
    """Name of the country in English, such as ``USA`` or ``Germany``."""
    icp_score: int | None | UnsetType = UNSET
    segments: list[Name] | UnsetType = UNSET
    """All segments the CRM holds for it (closed world), such as ``Churn Risk`` or ``AM Managed``."""
    tags: list[Name] | UnsetType = UNSET
    """All tags (closed world), such as ``seasonal``."""
    crm_url: Annotated[str, Meta(max_length=2000)] | None | UnsetType = UNSET
    usage_url: Annotated[str, Meta(max_length=2000)] | None | UnsetType = UNSET


class OwnerAssigned(Event, frozen=True, kw_only=True, tag="owner_assigned"):
    """Who owns the account from ``at`` on; ``owner`` null means nobody (unmanaged)."""

    owner: Name | None
    """The owner's id in the CRM (an email or user id); configuration maps it to a Slack user."""
    role: OurRole = "other"


class PersonDescribed(Event, frozen=True, kw_only=True, tag="person_described"):
    """A person at the customer; only the fields given change."""

    person_id: Name
    title: Name | None | UnsetType = UNSET
    family: Family | None | UnsetType = UNSET
    """Role family; null when known to have none we can name. Left out, it follows from the title where one does."""


class PersonLeft(Event, frozen=True, kw_only=True, tag="person_left"):
    """A person left the customer or was deactivated."""

    person_id: Name


class ChampionNamed(Event, frozen=True, kw_only=True, tag="champion_named"):
    """A person is the champion; naming one after a champion left records the replacement."""

    person_id: Name


class ChampionChanged(Event, frozen=True, kw_only=True, tag="champion_changed"):
    """The champion changed roles or left."""

    person_id: Name
    how: Literal["left", "changed_role"]


class ContractSigned(Priced, frozen=True, kw_only=True, tag="contract_signed"):
    """An order form signed by all parties."""

    contract_id: Name
    starts_on: Day
    term_months: Annotated[int, Meta(ge=1, le=120, extra_json_schema={"x-unit": "months"})] = 12
    credit: Money | None = None
    """Credit bought for the whole term, before discount; null for a contract without credit."""
    billing: Literal["upfront", "yearly", "drip"] = "upfront"
    """``upfront``: all credit at once; ``yearly``: a tranche each contract year; ``drip``: 1/12 a month."""
    renewal: bool = False
    volumes: dict[Name, Count] = {}
    """Of a flat plan: product key -> units agreed for the whole term; empty when none are on file."""
    covers_from: Day | None = None
    """First day of the billing period whose invoice the customer wants this credit to cover."""
    covers_until: Day | None = None
    """The day that period ends and its invoice is made."""
    partly_paid_by_credit: bool = False
    """Part of that invoice was paid by older credit."""


class OpportunityChanged(Priced, frozen=True, kw_only=True, tag="opportunity_changed"):
    """An opportunity as it is now: of the fields that may be left out, one left out is not known, null is empty."""

    opportunity_id: Name
    type: Literal["new", "existing", "convert_to_annual", "renewal", "cross_sell"]
    stage: Name
    """As the CRM names it, such as ``Commercial & Legal Review``."""
    open: bool
    product: Name | None = None
    amount: Money | None = None
    """A year's worth, also of a monthly plan."""
    record_type: Literal["new_revenue", "existing_customer", "convert_to_annual", "renewal"] | None | UnsetType = UNSET
    plan: Literal["annual", "monthly"] | None | UnsetType = UNSET
    """Type of the plan in the CRM; blank is null."""
    close_on: Day | None | UnsetType = UNSET
    decision_on: Day | None | UnsetType = UNSET
    """When the customer means to decide."""
    term_months: Annotated[int, Meta(ge=1, le=120, extra_json_schema={"x-unit": "months"})] | None | UnsetType = UNSET
    contract_ends_on: Day | None | UnsetType = UNSET
    renews: Name | None | UnsetType = UNSET
    """Of a renewal: the opportunity it renews."""
    credit: Money | None | UnsetType = UNSET
    discount: Share | None | UnsetType = UNSET
    expected_mrr: Money | None | UnsetType = UNSET
    forecast: Literal["commit", "best_case", "pipeline", "omitted"] | None | UnsetType = UNSET
    next_step_at: Instant | None | UnsetType = UNSET
    """The time that stands in the next step."""
    next_step_on: Day | None | UnsetType = UNSET
    """Next Step Date."""
    next_step_owner: Name | None | UnsetType = UNSET
    """Who at the customer has the next step."""
    next_step_outcome: bool | UnsetType = UNSET
    """The next step ends in a yes or a no."""
    loss_reason: Name | None | UnsetType = UNSET
    """Such as ``competitor``, ``product_gap``, ``security_privacy``, ``kept_current``, ``unknown``."""
    loss_answered_on: Day | None | UnsetType = UNSET
    """Day the reason of the loss fell away: the feature is built, the certificate is there."""
    order_form: Literal["none", "drafted", "sent", "partly_signed", "completed"] | UnsetType = UNSET
    expected_signature_on: Day | None | UnsetType = UNSET
    signed_on: Day | None | UnsetType = UNSET
    contract_link: Annotated[str, Meta(max_length=2000)] | None | UnsetType = UNSET
    products: list[Name] | UnsetType = UNSET
    """Products on the order form, add-ons included."""
    mutual_date_on: Day | None | UnsetType = UNSET
    """Date agreed for the signature in exchange for the mutual-date extra."""
    mutual_confirmed_by: Literal["signatory", "other"] | None | UnsetType = UNSET
    mutual_used_before: bool | UnsetType = UNSET
    """The extra was given once already in this cycle."""
    facts: list[Name] | UnsetType = UNSET
    """Which BANT and MEDDPICC facts are filled, such as ``pain``, ``economic_buyer``, ``champion``, ``budget``."""
    contact_person_id: Name | None | UnsetType = UNSET
    """The leading contact at the customer."""
    source: Name | None | UnsetType = UNSET
    """What it came from, such as ``bdr``, ``inbound``."""
    trial_option: Literal["limit", "credits"] | None | UnsetType = UNSET
    """``limit``: a trial by spend limit; ``credits``: by credit with an amount and an expiry."""
    trial_started_on: Day | None | UnsetType = UNSET
    trial_ends_on: Day | None | UnsetType = UNSET
    trial_followup_booked: bool | UnsetType = UNSET
    trial_criteria: bool | UnsetType = UNSET
    """What the trial has to show is written down."""


class TicketOpened(Spoken, frozen=True, kw_only=True, tag="ticket_opened"):
    """A support ticket was opened."""

    ticket_id: Name
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    tags: list[Name] = []
    """Tags of the ticket, such as ``sf-lead``."""


class TicketSolved(Event, frozen=True, kw_only=True, tag="ticket_solved"):
    """A support ticket was solved."""

    ticket_id: Name


class ChannelLinked(Event, frozen=True, kw_only=True, tag="channel_linked"):
    """A shared chat channel with the customer is (or no longer is) synced live and linked to the CRM account."""

    channel: Name
    live: bool


class TouchLogged(Spoken, frozen=True, kw_only=True, tag="touch_logged"):
    """A conversation: a chat message, email, call or meeting."""

    medium: Literal["chat", "email", "call", "meeting", "other"]
    direction: Literal["inbound", "outbound", "both"]
    shared_channel: bool = False
    """True for a message in the shared channel."""
    by: Name | None = None
    """Who of us took part, as owners are named."""


class HealthScored(Event, frozen=True, kw_only=True, tag="health_scored"):
    """The health score of one calendar week; the last one counts."""

    week: Day
    """Monday of the week."""
    score: Literal["poor", "fair", "good"]


class NoteAdded(Spoken, frozen=True, kw_only=True, tag="note_added"):
    """A note; a constraint holds between its two days (a seasonality note explains drops)."""

    category: Name
    """Such as ``seasonality``, ``budget``, ``recommendation``."""
    from_on: Day | None = None
    until_on: Day | None = None


class CustomerAsked(Event, frozen=True, kw_only=True, tag="customer_asked"):
    """The customer asked for something themselves; opens the customer-initiated door of the guards."""

    about: Name
    """A product key, or ``any``."""
    until: Instant | None = None
    """When the request lapses; absent means 30 days."""


CrmEvent = (
    OrganizationCreated
    | AccountDescribed
    | OwnerAssigned
    | PersonDescribed
    | PersonLeft
    | ChampionNamed
    | ChampionChanged
    | ContractSigned
    | OpportunityChanged
    | TicketOpened
    | TicketSolved
    | ChannelLinked
    | TouchLogged
    | HealthScored
    | NoteAdded
    | CustomerAsked
    | TraitsReported
    | ActivityLogged
    | TaskChanged
    | LeadSubmitted
    | LeadAssigned
    | LaunchAnnounced
    | PriceChanged
    | IncidentDeclared
    | IncidentResolved
    | PostmortemSent
    | TrainingPlanned
    | TrainingAttendee
    | TrainingHeld
    | TrainingFollowedUp
    | SurveyAnswered
)
