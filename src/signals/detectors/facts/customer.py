"""Facts about who the customer is and how we get along: profile, people, tickets, talks, health, notes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from msgspec import UNSET

from signals.detectors.facts.windows import witnessed
from signals.detectors.language.classes import Fields
from signals.detectors.language.moving import midnight
from signals.detectors.language.names import UNKNOWN, AtLeast, Close, Fact, Kind, Partial
from signals.detectors.moment import Look, fact
from signals.domain.account.people import Person
from signals.domain.account.reduce import RETURNED
from signals.domain.account.relationship import Ticket


class PersonView:
    """One person as rules see them."""

    __slots__ = ("family", "id", "person")

    def __init__(self, id: str, person: Person) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.person, self.family = id, person, person.family

    def __getattr__(self, name: str) -> object:
        """Return the person's own field."""
        return getattr(self.person, name)


@dataclass(frozen=True)
class TicketView:
    """One ticket as rules see it."""

    id: str
    ticket: Ticket

    @property
    def priority(self) -> str:
        """``low`` .. ``urgent``."""
        return self.ticket.priority

    @property
    def opened_at(self) -> datetime | None:
        """When it was opened."""
        return self.ticket.opened_at

    @property
    def solved_at(self) -> datetime | None:
        """When it was solved; null while it is open."""
        return self.ticket.solved_at

    @property
    def open(self) -> bool:
        """Not solved."""
        return self.ticket.solved_at is None


def _known_people(look: Look) -> object:
    people = look.moment.state.people
    present = tuple(PersonView(key, one) for key, one in people.persons.items() if one.left_at is None)
    return Partial(present) if people.dropped else present


def active_people(look: Look, within: timedelta) -> object:
    """Return how many people were seen in the last days, today included; "at least" without a witness for the rest."""
    people = look.moment.state.people
    first = look.moment.today_number - within.days + 1
    begin = midnight(date.fromordinal(first), look)
    sightings = [one.seen_at for one in people.persons.values() if one.seen_at is not None]
    seen = sum([at >= begin for at in sightings])
    # Reports of volumes do not witness people: where nobody was ever seen, people are not reported at all.
    known = bool(sightings) and not people.dropped and witnessed(look, first, look.moment.today_number - 1)
    return seen if known else AtLeast(seen)


def _poor_weeks(look: Look) -> object:
    """Return how many weeks in a row, the newest scored one included, were scored poor; a gap ends the streak."""
    health = look.moment.state.relationship.health
    if not health:
        return UNKNOWN
    week, streak = max(health), 0
    while health.get(week) == "poor":
        streak += 1
        week -= 7
    return streak


def _silent_since(look: Look) -> object:
    relationship = look.moment.state.relationship
    if relationship.channel is UNSET or relationship.channel_at is None:
        return UNKNOWN
    return relationship.channel_message_at or relationship.channel_at


def _season_noted(look: Look) -> bool:
    state = look.moment.state
    tags = state.profile.tags
    if tags is not UNSET and "seasonal" in tags:
        return True
    return any(
        note.category == "seasonality" and _covers(note.from_on, note.until_on, look.today)
        for note in state.relationship.notes
    )


CHANGE_NOTES = frozenset({"demo", "import", "load_test", "migration", "optimisation"})
"""Categories of notes that declare a deliberate change of usage (catalogue 2.3)."""


def _change_noted(look: Look) -> bool:
    return any(
        note.category in CHANGE_NOTES and _covers(note.from_on, note.until_on, look.today)
        for note in look.moment.state.relationship.notes
        if note.from_on is not None or note.until_on is not None
    )


def _covers(first: date | None, last: date | None, today: date) -> bool:
    return (first is None or first <= today) and (last is None or today <= last)


def _asked(look: Look) -> frozenset[str]:
    return frozenset(about for about, until in look.moment.state.relationship.asks.items() if until > look.now)


def _start_on(look: Look) -> object:
    """Return the account's first day as a customer: first payment or contract start, else creation."""
    state = look.moment.state
    starts = [contract.starts_on for contract in state.credits.contracts.values()]
    if state.billing.paying_since is not UNSET:
        starts.append(state.billing.paying_since)
    if starts:
        return min(starts)
    created = state.profile.created_at
    return UNKNOWN if created is UNSET else created.astimezone(look.zone).date()


def _profile(field: str) -> Fact:
    kinds = {
        "company_type": (Kind.TEXT, "B2B or B2C"),
        "business_type": (Kind.TEXT, "business type, such as E-commerce"),
        "employees": (Kind.COUNT, "employees of the company"),
        "country": (Kind.TEXT, "country, in English"),
        "icp_score": (Kind.NUMBER, "ideal-customer score; may be negative"),
        "segments": (Kind.SET, "segments the CRM holds for it"),
        "tags": (Kind.SET, "tags"),
        "owner": (Kind.TEXT, "owner's id; null when nobody owns the account"),
    }
    kind, doc = kinds[field]
    unit = "count" if kind is Kind.COUNT else ""
    label = {"employees": "Employees", "country": "Country", "company_type": "Company type"}.get(field, "")
    return fact(
        f"profile.{field}",
        kind,
        lambda look: getattr(look.moment.state.profile, field),
        f"profile.{field}",
        unit=unit,
        doc=f"The {doc}.",
        label=label,
    )


PERSON_FIELDS = Fields(
    {
        "id": Kind.TEXT,
        "family": Kind.TEXT,
        "title": Kind.TEXT,
        "joined_at": Kind.INSTANT,
        "seen_at": Kind.INSTANT,
        "experiments_viewed": Kind.COUNT,
        "recordings_analyzed": Kind.COUNT,
    },
    personal=("id", "title"),
)
TICKET_FIELDS = {
    "id": Kind.TEXT,
    "priority": Kind.TEXT,
    "opened_at": Kind.INSTANT,
    "solved_at": Kind.INSTANT,
    "open": Kind.BOOL,
}

FACTS: tuple[Fact, ...] = (
    *(_profile(field) for field in (
        "company_type", "business_type", "employees", "country", "icp_score", "segments", "tags", "owner",
    )),
    fact("profile.created_at", Kind.INSTANT, lambda look: look.moment.state.profile.created_at, "profile.created_at",
         doc="When the organization was created."),
    fact("profile.start_on", Kind.DATE, _start_on, "profile.created_at", "billing.paying_since", "credits.contracts",
         doc="First day as a customer: first payment or contract start, else creation (day 1 of guard G4)."),
    fact("canary.sent_at", Kind.INSTANT, lambda look: look.moment.state.profile.canary_at, "profile.canary_at",
         doc="When the newest sign of life was sent; null for every account of a customer.", label="Sent"),
    fact("people", Kind.LIST, _known_people, "people.persons", "people.dropped",
         doc="People who have not left; the most active 50 one by one.", fields=PERSON_FIELDS,
         parts={"seen_at": frozenset({"people.seen"}), "experiments_viewed": frozenset({"people.actions"}),
                "recordings_analyzed": frozenset({"people.actions"})},
         parts_rise_with={"experiments_viewed": frozenset({"people.actions"}),
                          "recordings_analyzed": frozenset({"people.actions"})}),
    fact("people.active", Kind.COUNT, lambda look: active_people(look, look.moment.terms.active_within),
         "people.persons", RETURNED, "people.dropped", "usage.reported", "profile.created_at", unit="count",
         daily=True, rises_with=frozenset({RETURNED}), closes=Close.REPORTED,
         doc="People seen in the last 30 days, today included.", label="Active people in 30 days", bounded=True),
    fact("people.members", Kind.COUNT, lambda look: look.moment.state.usage.members, "usage.members", unit="count",
         doc="People with a login, as last reported.", label="Members"),
    fact("champion.changed_at", Kind.INSTANT, lambda look: look.moment.state.people.champion_changed_at
         if look.moment.state.people.champion_change else None, "people.champion_changed_at", "people.champion_change",
         doc="When the champion left or changed roles; null when none did, or a replacement is recorded."),
    fact("champion.change", Kind.TEXT, lambda look: look.moment.state.people.champion_change, "people.champion_change",
         doc="left or changed_role; null when neither, or a replacement is recorded."),
    fact("tickets", Kind.LIST, lambda look: tuple(
            TicketView(key, one) for key, one in look.moment.state.relationship.tickets.items()),
         "relationship.tickets", doc="Support tickets: open ones, and those solved in the last 30 days.",
         fields=TICKET_FIELDS),
    fact("slack.linked", Kind.BOOL, lambda look: UNKNOWN if look.moment.state.relationship.channel is UNSET
         else look.moment.state.relationship.channel_live, "relationship.channel", "relationship.channel_live",
         doc="A shared channel is synced live and linked to the CRM account."),
    fact("slack.silent_since", Kind.INSTANT, _silent_since, "relationship.channel_message_at",
         "relationship.channel_at", "relationship.channel",
         doc="Last message in the shared channel, else when it was linked.", label="Last message in the channel"),
    fact("touch.two_way_at", Kind.INSTANT, lambda look: look.moment.state.relationship.two_way_at,
         "relationship.two_way_at", doc="Last time the customer talked to us."),
    fact("health.poor_weeks", Kind.COUNT, _poor_weeks, "relationship.health", unit="weeks",
         doc="Weeks in a row scored poor, the newest included.", label="Weeks scored poor in a row"),
    fact("season.noted", Kind.BOOL, _season_noted, "profile.tags", "relationship.notes", daily=True,
         doc="Tagged seasonal, or a dated seasonality note covers today."),
    fact("usage.change_noted", Kind.BOOL, _change_noted, "relationship.notes", daily=True,
         doc="A dated note of an import, load test, migration or optimisation covers today: spikes and drops are "
         "expected."),
    fact("customer.asked", Kind.SET, _asked, "relationship.asks", daily=True, timed=True,
         doc="Products (or any) the customer asked for; a request lapses after 30 days."),
)  # fmt: skip
