"""Facts about who talks with whom: touches one by one, and each person's last two-way contact."""

from datetime import datetime, timedelta

from signals.detectors.language.classes import Fields
from signals.detectors.language.names import Fact, Kind, Partial
from signals.detectors.moment import Look, fact
from signals.domain.account.contact import Contact, Touch

LOOKED_BACK = timedelta(days=60)
"""How far rules look back on touches (proposed, catalogue 1.5); when not all of that is kept, nothing is ruled out."""

TWO_WAY = ("inbound", "both")


class TouchView:
    """One touch as rules see it; ``family`` is the person's role family, null while nobody knows it."""

    __slots__ = ("at", "channel", "direction", "family", "medium", "person")

    def __init__(self, touch: Touch, family: str | None) -> None:
        self.at, self.direction, self.medium, self.person, self.channel, self.family = (
            touch.at, touch.direction, touch.medium, touch.person_id, touch.channel, family,
        )  # fmt: skip


class ContactView:
    """One person we are in touch with."""

    __slots__ = ("family", "gone", "id", "outbound_at", "two_way_at")

    def __init__(self, id: str, family: str | None, *, gone: bool) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.family, self.gone = id, family, gone
        self.two_way_at: datetime | None = None
        self.outbound_at: datetime | None = None


def _family(look: Look, person: str | None) -> str | None:
    known = look.moment.state.people.persons.get(person or "")
    return known.family if known is not None and isinstance(known.family, str) else None


def _whole(look: Look, contact: Contact) -> bool:
    """Say whether every touch of the time looked back on is kept."""
    return contact.dropped_at is None or contact.dropped_at < look.now - LOOKED_BACK


def _touches(look: Look) -> object:
    contact = look.moment.state.contact
    seen = tuple(TouchView(one, _family(look, one.person_id)) for one in contact.touches)
    return seen if _whole(look, contact) else Partial(seen)


def _people(look: Look) -> object:
    """Return the people touched; a talk with nobody named leaves open who else there is."""
    people, contact = look.moment.state.people, look.moment.state.contact
    found: dict[str, ContactView] = {}
    unnamed = False
    for touch in contact.touches:
        two_way = touch.direction in TWO_WAY
        if touch.person_id is None:
            unnamed = unnamed or (two_way and touch.at >= look.now - LOOKED_BACK)
            continue
        person = people.persons.get(touch.person_id)
        gone = touch.person_id == people.lost_champion or (person is not None and person.left_at is not None)
        view = found.setdefault(
            touch.person_id, ContactView(touch.person_id, _family(look, touch.person_id), gone=gone)
        )
        if two_way:
            view.two_way_at = touch.at
        if touch.direction != "inbound":
            view.outbound_at = touch.at
    seen = tuple(found.values())
    return Partial(seen) if unnamed or not _whole(look, contact) else seen


TOUCH_FIELDS = Fields(
    {"at": Kind.INSTANT, "direction": Kind.TEXT, "medium": Kind.TEXT, "person": Kind.TEXT, "family": Kind.TEXT,
     "channel": Kind.BOOL},
    personal=("person",),
)  # fmt: skip
CONTACT_FIELDS = Fields(
    {"id": Kind.TEXT, "family": Kind.TEXT, "gone": Kind.BOOL, "two_way_at": Kind.INSTANT, "outbound_at": Kind.INSTANT},
    personal=("id",),
)
_READS = ("contact.touches", "contact.dropped_at", "people.persons")

FACTS: tuple[Fact, ...] = (
    fact("touches", Kind.LIST, _touches, *_READS, daily=True, fields=TOUCH_FIELDS,
         doc="The last 40 conversations: direction (inbound, outbound, both), medium, person, in the shared channel."),
    fact("contact.people", Kind.LIST, _people, *_READS, "people.lost_champion", daily=True, fields=CONTACT_FIELDS,
         doc="People of the last 40 conversations: when they last talked with us and we wrote; gone when they left."),
)  # fmt: skip
