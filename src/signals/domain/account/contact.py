"""Who talked with whom lately: the last touches one by one, and when the last tickets were first opened."""

from datetime import datetime

import msgspec

from signals.domain.events.crm import TicketOpened, TouchLogged

MAX_TOUCHES = 40
# About 60 bytes each. A busy shared channel fills them in two weeks; ``dropped_at`` says from when on they are whole.

MAX_TICKETS = 60
# About 30 bytes each: of an account with more in nine weeks, "spiking" is not to be told from busy.


class Touch(msgspec.Struct, frozen=True, array_like=True):
    """One conversation."""

    at: datetime
    direction: str
    """``inbound``, ``outbound`` or ``both``."""
    medium: str
    person_id: str | None = None
    channel: bool = False
    """A message in the shared channel."""


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Touches, oldest first."""

    touches: tuple[Touch, ...] = ()
    dropped_at: datetime | None = None
    """Time of the newest touch that was let go; after it they are all here."""
    tickets: dict[str, datetime] = {}
    """Ticket -> when it was first opened; the newest, also when solved long ago."""
    tickets_dropped_at: datetime | None = None
    """As ``dropped_at``, of tickets."""


def touch_logged(contact: Contact, event: TouchLogged) -> Contact:
    """Keep the newest touches, in order of their time; the same one told twice is one."""
    touch = Touch(event.at, event.direction, event.medium, event.person_id, event.shared_channel)
    if touch in contact.touches or _is_older(event.at, contact.dropped_at):
        return contact
    ordered = sorted((*contact.touches, touch), key=lambda one: (one.at, one.direction, one.medium, str(one.person_id)))
    if len(ordered) <= MAX_TOUCHES:
        return msgspec.structs.replace(contact, touches=tuple(ordered))
    dropped, *kept = ordered
    return msgspec.structs.replace(contact, touches=tuple(kept), dropped_at=dropped.at)


def ticket_opened(contact: Contact, event: TicketOpened) -> Contact:
    """Note when the ticket was first opened."""
    known = contact.tickets.get(event.ticket_id)
    if (known is not None and event.at >= known) or _is_older(event.at, contact.tickets_dropped_at):
        return contact
    tickets = {**contact.tickets, event.ticket_id: event.at}
    dropped_at = contact.tickets_dropped_at
    if len(tickets) > MAX_TICKETS:
        dropped_at = tickets.pop(min(tickets, key=lambda one: (tickets[one], one)))
    return msgspec.structs.replace(contact, tickets=dict(sorted(tickets.items())), tickets_dropped_at=dropped_at)


def _is_older(at: datetime, dropped_at: datetime | None) -> bool:
    return dropped_at is not None and at <= dropped_at
