"""Who talked with whom lately: the last touches one by one, with direction, person and medium."""

from datetime import datetime

import msgspec

from signals.domain.events.crm import TouchLogged

MAX_TOUCHES = 40
# About 60 bytes each. A busy shared channel fills them in two weeks; ``dropped_at`` says from when on they are whole.


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


def touch_logged(contact: Contact, event: TouchLogged) -> Contact:
    """Keep the newest touches, in order of their time; the same one told twice is one."""
    touch = Touch(event.at, event.direction, event.medium, event.person_id, event.shared_channel)
    if touch in contact.touches or (contact.dropped_at is not None and event.at <= contact.dropped_at):
        return contact
    ordered = sorted((*contact.touches, touch), key=lambda one: (one.at, one.direction, one.medium, str(one.person_id)))
    if len(ordered) <= MAX_TOUCHES:
        return msgspec.structs.replace(contact, touches=tuple(ordered))
    dropped, *kept = ordered
    return Contact(tuple(kept), dropped.at)
