"""Facts about who talks with whom: touches, each person's last two-way contact, tickets opened, talks that wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.detectors.language.classes import Fields
from signals.detectors.language.names import Fact, Kind, Partial
from signals.detectors.moment import Look, fact
from signals.domain.account.contact import Contact, Touch
from signals.domain.account.leads import FINISHED

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


def _since(look: Look) -> object:
    """Return the earliest talk known; the last one no longer kept stands in for those before it."""
    contact = look.moment.state.contact
    return contact.dropped_at or min((one.at for one in contact.touches), default=None)


class OpenedView:
    """One ticket as it was opened first."""

    __slots__ = ("at", "id")

    def __init__(self, id: str, at: datetime) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.at = id, at


TICKETS_BACK = timedelta(days=63)
"""A week and the eight before it (proposed, catalogue 1.5)."""


def _tickets_opened(look: Look) -> object:
    contact = look.moment.state.contact
    seen = tuple(OpenedView(key, at) for key, at in contact.tickets.items())
    dropped_at = contact.tickets_dropped_at
    return seen if dropped_at is None or dropped_at < look.now - TICKETS_BACK else Partial(seen)


@dataclass(frozen=True)
class TalkView:
    """An open opportunity or lead, and where the conversation about it stands."""

    id: str
    label: str
    replied_at: datetime | None
    """When they last answered since it was opened; null when they never did."""
    followed_up: bool
    """We wrote after that."""
    interested: bool
    """They named a problem, or nobody noted whether they did."""


def _talk(look: Look, key: str, label: str, facts: object, *, since: datetime, contact: object = None) -> TalkView:
    relationship = look.moment.state.relationship
    replied = relationship.replies.get(contact) if isinstance(contact, str) else relationship.inbound_at
    replied = replied if replied is not None and replied >= since else None
    wrote = relationship.outbound_at
    return TalkView(
        key, label, replied,
        followed_up=replied is not None and wrote is not None and wrote >= replied,
        interested=not isinstance(facts, tuple) or INTEREST in facts,
    )  # fmt: skip


INTEREST = "pain"
"""The fact of a deal that says that they acknowledged a problem (MEDDPICC)."""


def _talks(look: Look) -> tuple[TalkView, ...]:
    state = look.moment.state
    found = [
        _talk(look, key, "the opportunity", one.facts, since=one.opened_at or one.at, contact=one.contact_person_id)
        for key, one in state.relationship.opportunities.items()
        if one.open
    ]
    found += [
        _talk(look, key, "the lead", one.facts, since=one.opened_at)
        for key, one in state.leads.tasks.items()
        if one.task == "lead" and one.status not in FINISHED
    ]
    return tuple(found)


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
    fact("touches", Kind.LIST, _touches, *_READS, daily=True, timed=True, fields=TOUCH_FIELDS,
         doc="The last 40 conversations: direction (inbound, outbound, both), medium, person, in the shared channel."),
    fact("touches.since", Kind.INSTANT, _since, "contact.touches", "contact.dropped_at", label="First talk known",
         doc="The first conversation known; null while there is none. Silence before it says nothing."),
    fact("contact.people", Kind.LIST, _people, *_READS, "people.lost_champion", daily=True, timed=True,
         fields=CONTACT_FIELDS,
         doc="People of the last 40 conversations: when they last talked with us and we wrote; gone when they left."),
    fact("tickets.opened", Kind.LIST, _tickets_opened, "contact.tickets", "contact.tickets_dropped_at", daily=True,
         timed=True,
         fields={"id": Kind.TEXT, "at": Kind.INSTANT}, doc="The last 60 tickets by when they were first opened."),
    fact("deals.talks", Kind.LIST, _talks, "relationship.opportunities", "relationship.replies",
         "relationship.inbound_at", "relationship.outbound_at", "leads.tasks",
         fields={"id": Kind.TEXT, "label": Kind.TEXT, "replied_at": Kind.INSTANT, "followed_up": Kind.BOOL,
                 "interested": Kind.BOOL},
         doc="Open opportunities and leads: when they last answered, whether we wrote since, whether they care."),
)  # fmt: skip
