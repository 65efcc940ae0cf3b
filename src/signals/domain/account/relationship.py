"""Talks, tickets, opportunities, health, notes: how the account and we get along."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.daily import ordinal
from signals.domain.account.track import Track, tracked
from signals.domain.events.crm import (
    ChannelLinked,
    CustomerAsked,
    HealthScored,
    NoteAdded,
    OpportunityChanged,
    TicketOpened,
    TicketSolved,
    TouchLogged,
)

KEEP_SOLVED = timedelta(days=30)
# G1 releases seven days after a ticket is solved (proposed); a month leaves room to tune it.
MAX_TICKETS = 60
MAX_OPPORTUNITIES = 30
MAX_NOTES = 30
KEEP_WEEKS = 26
MAX_REPLIES = 50
ASK_LASTS = timedelta(days=30)
"""PROPOSED: how long a customer's own request opens the customer-initiated door when it names no end."""


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """One support ticket."""

    priority: str = "normal"
    opened_at: datetime | None = None
    solved_at: datetime | None = None
    billing: bool = False
    """About billing, by its tags or its words."""


class Opportunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """One opportunity as last seen, with when things happened to it."""

    type: str
    stage: str
    open: bool
    at: datetime
    product: str | None = None
    amount: Decimal | None = None
    opened_at: datetime | None = None
    """When it was first heard of."""
    stages: Track = Track()
    opens: Track = Track()
    """``open`` or ``closed``."""
    forms: Track = Track()
    """States of the order form."""
    record_type: str | None | UnsetType = UNSET
    plan: str | None | UnsetType = UNSET
    close_on: date | None | UnsetType = UNSET
    decision_on: date | None | UnsetType = UNSET
    term_months: int | None | UnsetType = UNSET
    contract_ends_on: date | None | UnsetType = UNSET
    renews: str | None | UnsetType = UNSET
    credit: Decimal | None | UnsetType = UNSET
    discount: Decimal | None | UnsetType = UNSET
    expected_mrr: Decimal | None | UnsetType = UNSET
    forecast: str | None | UnsetType = UNSET
    next_step_at: datetime | None | UnsetType = UNSET
    next_step_on: date | None | UnsetType = UNSET
    next_step_owner: str | None | UnsetType = UNSET
    next_step_outcome: bool | UnsetType = UNSET
    loss_reason: str | None | UnsetType = UNSET
    loss_answered_on: date | None | UnsetType = UNSET
    order_form: str | UnsetType = UNSET
    expected_signature_on: date | None | UnsetType = UNSET
    signed_on: date | None | UnsetType = UNSET
    contract_linked: bool | UnsetType = UNSET
    products: tuple[str, ...] | UnsetType = UNSET
    mutual_date_on: date | None | UnsetType = UNSET
    mutual_confirmed_by: str | None | UnsetType = UNSET
    mutual_used_before: bool | UnsetType = UNSET
    facts: tuple[str, ...] | UnsetType = UNSET
    contact_person_id: str | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET
    trial_option: str | None | UnsetType = UNSET
    trial_started_on: date | None | UnsetType = UNSET
    trial_ends_on: date | None | UnsetType = UNSET
    trial_followup_booked: bool | UnsetType = UNSET
    trial_criteria: bool | UnsetType = UNSET

    @property
    def stage_at(self) -> datetime | None:
        """Since when it is in its stage."""
        return self.stages.since

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed; null while it is open."""
        return None if self.open else self.opens.since

    @property
    def order_form_at(self) -> datetime | None:
        """Since when its order form is as it is; null when nobody told."""
        return None if self.order_form is UNSET else self.forms.since


COPIED = tuple(name for name in OpportunityChanged.__struct_fields__ if name in Opportunity.__struct_fields__)
"""Fields the event and the state have in common."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """A note that may hold for a span of days."""

    category: str
    at: datetime
    from_on: date | None = None
    until_on: date | None = None


class Relationship(msgspec.Struct, frozen=True, omit_defaults=True):
    """Relationship facts."""

    tickets: dict[str, Ticket] = {}
    opportunities: dict[str, Opportunity] = {}
    notes: tuple[Note, ...] = ()
    channel: str | None | UnsetType = UNSET
    channel_live: bool = False
    channel_at: datetime | None = None
    channel_message_at: datetime | None = None
    """Last message in the shared channel, by anyone."""
    inbound_at: datetime | None = None
    outbound_at: datetime | None = None
    two_way_at: datetime | None = None
    health: dict[int, str] = {}
    """Ordinal of the week's Monday -> score, oldest first."""
    health_at: dict[int, datetime] = {}
    asks: dict[str, datetime] = {}
    """What the customer asked for -> when the request lapses."""
    replies: dict[str, datetime] = {}
    """Person -> when they last wrote or spoke to us; the newest 50."""


def ticket_opened(relationship: Relationship, event: TicketOpened) -> Relationship:
    """Add the ticket, or open it again; a solve that came first and is later is kept."""
    known = relationship.tickets.get(event.ticket_id, Ticket())
    if known.opened_at is not None and event.at < known.opened_at:
        return relationship
    solved_at = known.solved_at if known.solved_at is not None and known.solved_at >= event.at else None
    billing = known.billing or "billing" in event.topics or any("billing" in tag.casefold() for tag in event.tags)
    return _with_ticket(relationship, event.ticket_id, Ticket(event.priority, event.at, solved_at, billing), event.at)


def ticket_solved(relationship: Relationship, event: TicketSolved) -> Relationship:
    """Note the solve, unless the ticket was opened again since."""
    known = relationship.tickets.get(event.ticket_id, Ticket())
    if known.opened_at is not None and event.at < known.opened_at:
        return relationship
    ticket = msgspec.structs.replace(known, solved_at=_latest(known.solved_at, event.at))
    return _with_ticket(relationship, event.ticket_id, ticket, event.at)


def _with_ticket(relationship: Relationship, ticket_id: str, ticket: Ticket, at: datetime) -> Relationship:
    tickets = {**relationship.tickets, ticket_id: ticket}
    tickets = {key: one for key, one in tickets.items() if one.solved_at is None or one.solved_at >= at - KEEP_SOLVED}
    if len(tickets) > MAX_TICKETS:
        oldest = min(tickets, key=lambda key: (tickets[key].solved_at is None, str(tickets[key].opened_at), key))
        del tickets[oldest]
    return msgspec.structs.replace(relationship, tickets=tickets)


def opportunity_changed(relationship: Relationship, event: OpportunityChanged) -> Relationship:
    """Put the newest state of the opportunity; an older one only says since when it is there and as it is."""
    known = relationship.opportunities.get(event.opportunity_id)
    newest = known if known is not None and event.at < known.at else _as_told(event)
    told = known if known is not None else newest
    opportunity = msgspec.structs.replace(
        newest,
        opened_at=min(told.opened_at or event.at, event.at),
        stages=tracked(told.stages, event.at, event.stage),
        opens=tracked(told.opens, event.at, "open" if event.open else "closed"),
        forms=told.forms if event.order_form is UNSET else tracked(told.forms, event.at, event.order_form),
    )
    opportunities = {**relationship.opportunities, event.opportunity_id: opportunity}
    if len(opportunities) > MAX_OPPORTUNITIES:
        oldest = min(opportunities, key=lambda key: (opportunities[key].open, opportunities[key].at, key))
        del opportunities[oldest]
    return msgspec.structs.replace(relationship, opportunities=opportunities)


def _as_told(event: OpportunityChanged) -> Opportunity:
    values = {name: getattr(event, name) for name in COPIED}
    for name in ("products", "facts"):
        if values[name] is not UNSET:
            values[name] = tuple(sorted(set(values[name])))
    if event.contract_link is not UNSET:
        values["contract_linked"] = bool(event.contract_link)
    return Opportunity(**values)


def channel_linked(relationship: Relationship, event: ChannelLinked) -> Relationship:
    """Note the link; a channel without a message yet is silent since it was linked."""
    if relationship.channel_at is not None and event.at < relationship.channel_at:
        return relationship
    return msgspec.structs.replace(relationship, channel=event.channel, channel_live=event.live, channel_at=event.at)


def touch_logged(relationship: Relationship, event: TouchLogged) -> Relationship:
    """Note the latest touch of each direction; ``both`` or an inbound one after an outbound one is two-way."""
    values: dict[str, datetime] = {}
    if event.direction in ("inbound", "both"):
        values["inbound_at"] = _latest(relationship.inbound_at, event.at)
        values["two_way_at"] = _latest(relationship.two_way_at, event.at)
        if event.person_id is not None:
            relationship = _replied(relationship, event.person_id, event.at)
    if event.direction in ("outbound", "both"):
        values["outbound_at"] = _latest(relationship.outbound_at, event.at)
    if event.shared_channel and event.medium == "chat":
        values["channel_message_at"] = _latest(relationship.channel_message_at, event.at)
    return msgspec.structs.replace(relationship, **values)


def health_scored(relationship: Relationship, event: HealthScored) -> Relationship:
    """Put the week's score; the last one by event time counts."""
    week = ordinal(event.week)
    known = relationship.health_at.get(week)
    oldest = max(week, *relationship.health) if relationship.health else week
    oldest -= 7 * KEEP_WEEKS
    if (known is not None and event.at < known) or week <= oldest:
        return relationship
    health = {key: score for key, score in relationship.health.items() if key > oldest}
    stamps = {key: at for key, at in relationship.health_at.items() if key > oldest}
    health[week], stamps[week] = event.score, event.at
    return msgspec.structs.replace(
        relationship, health=dict(sorted(health.items())), health_at=dict(sorted(stamps.items()))
    )


def note_added(relationship: Relationship, event: NoteAdded) -> Relationship:
    """Keep the newest notes, in order of their time."""
    note = Note(event.category, event.at, event.from_on, event.until_on)
    notes = sorted((*relationship.notes, note), key=lambda one: (one.at, one.category, str(one.from_on)))
    return msgspec.structs.replace(relationship, notes=tuple(notes[-MAX_NOTES:]))


def customer_asked(relationship: Relationship, event: CustomerAsked) -> Relationship:
    """Open the customer-initiated door for a product until the request lapses."""
    until = event.until if event.until is not None else event.at + ASK_LASTS
    asks = {about: at for about, at in relationship.asks.items() if at > event.at}
    asks[event.about] = _latest(asks.get(event.about), until)
    return msgspec.structs.replace(relationship, asks=dict(sorted(asks.items())))


def _replied(relationship: Relationship, person_id: str, at: datetime) -> Relationship:
    replies = {**relationship.replies, person_id: _latest(relationship.replies.get(person_id), at)}
    if len(replies) > MAX_REPLIES:
        del replies[min(replies, key=lambda one: (replies[one], one))]
    return msgspec.structs.replace(relationship, replies=replies)


def _latest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known
