"""The people at the customer: role families, when they were seen, what they did, who champions us."""

from datetime import datetime, tzinfo

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.daily import business_day
from signals.domain.events.crm import ChampionChanged, ChampionNamed, PersonDescribed, PersonLeft
from signals.domain.events.usage import UserActed, UserSignedUp
from signals.domain.roles import family_of

WEEKS_KEPT_AS = 2**8
# Of each person eight weeks: the running one, four closed ones for the median of a usual week, and late events.

MAX_PEOPLE = 50
# rules.md 5.7: the most active 50 are kept one by one, the rest only counted; about 2.5 KB.

PERSONAL_ACTIONS = frozenset({"experiment viewed", "recording analyzed"})
"""Actions that some rule asks of a person, ever; others are counted on the account only."""

DATED_ACTIONS = PERSONAL_ACTIONS | {
    "feature flag created", "experiment created", "insight created", "insight viewed", "dashboard created",
    "dashboard viewed", "person viewed", "survey launched", "billing page viewed", "funnel created", "funnel viewed",
    "retention created", "retention viewed", "error issue viewed", "web analytics viewed", "marketing analytics viewed",
    "batch export enabled", "batch import created", "destination enabled",
}  # fmt: skip
"""Actions that some rule asks of a person within the last days."""

DOING_DAYS = 31
# Days one by one; the last time is kept whatever its age.


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person. Times are instants."""

    family: str | None | UnsetType = UNSET
    title: str | None | UnsetType = UNSET
    described_at: datetime | None = None
    joined_at: datetime | None = None
    seen_at: datetime | None = None
    left_at: datetime | None = None
    actions: dict[str, int] = {}
    doings: dict[str, tuple[int, ...]] = {}
    """Dated action -> its newest day (ordinal), times that day, then days before it and times, for each earlier one."""
    weeks: int = 0
    """Weeks seen: the newest one's number times ``WEEKS_KEPT_AS``, plus a bit for it (1) and each week before it."""

    def seen_in(self, week: int) -> bool:
        """Return whether this person was seen in a week, by its number; weeks further back than are kept: no.

        >>> Person(weeks=with_week(with_week(0, 100), 98)).seen_in(98)
        True
        """
        newest, kept = divmod(self.weeks, WEEKS_KEPT_AS)
        return week <= newest and bool(kept >> (newest - week) & 1)

    def times(self, action: str, first: int) -> int:
        """Return how often this person did a dated action from the day *first* on.

        >>> Person(doings={"insight created": (100, 2, 3, 1)}).times("insight created", 97)
        3
        """
        doing = self.doings.get(action)
        if doing is None:
            return 0
        newest, times = doing[0], doing[1]
        later = sum(doing[place + 1] for place in range(2, len(doing), 2) if newest - doing[place] >= first)
        return later + times if newest >= first else 0

    def last(self, action: str) -> int | None:
        """Return the ordinal of the newest day of a dated action; None when it was never done."""
        doing = self.doings.get(action)
        return None if doing is None else doing[0]

    @property
    def experiments_viewed(self) -> int:
        """Times this person viewed an experiment, ever."""
        return self.actions.get("experiment viewed", 0)

    @property
    def recordings_analyzed(self) -> int:
        """Times this person analysed a recording, ever."""
        return self.actions.get("recording analyzed", 0)


class People(msgspec.Struct, frozen=True, omit_defaults=True):
    """People facts."""

    persons: dict[str, Person] = {}
    dropped: int = 0
    """How many were let go because more than ``MAX_PEOPLE`` were known."""
    champion: str | None | UnsetType = UNSET
    champion_at: datetime | None = None
    lost_champion: str | None = None
    champion_changed_at: datetime | None = None
    champion_change: str | None = None
    """``left`` or ``changed_role``; None again once a replacement is recorded."""
    replaced_at: datetime | None = None
    """When the present champion took the place of another."""


def _with(people: People, person_id: str, person: Person) -> People:
    persons = {**people.persons, person_id: person}
    dropped = people.dropped
    if len(persons) > MAX_PEOPLE:
        quietest = min(persons, key=lambda one: (_seen(persons[one]), one))
        del persons[quietest]
        dropped += 1
    return msgspec.structs.replace(people, persons=persons, dropped=dropped)


def _seen(person: Person) -> str:
    newest = max(filter(None, (person.seen_at, person.joined_at, person.described_at)), default=None)
    return newest.isoformat() if newest is not None else ""


def week_number(day: int) -> int:
    """Return the number of the week, Monday to Sunday, of a day (ordinal).

    >>> monday = 739_782  # 2026-06-15
    >>> week_number(monday) - week_number(monday - 1)
    1
    """
    return (day - 1) // 7


def with_week(weeks: int, week: int) -> int:
    """Return the weeks of ``Person.weeks`` with one more, whichever order they come in."""
    newest, kept = divmod(weeks, WEEKS_KEPT_AS)
    if week > newest:
        return week * WEEKS_KEPT_AS + ((kept << min(week - newest, 8) | 1) % WEEKS_KEPT_AS)
    return weeks | (1 << (newest - week)) % WEEKS_KEPT_AS


def _latest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known


def person_described(people: People, event: PersonDescribed) -> People:
    """Set title and family, unless a later description is known; a title alone says the family, if one follows."""
    person = people.persons.get(event.person_id, Person())
    if person.described_at is not None and event.at < person.described_at:
        return people
    person = msgspec.structs.replace(
        person,
        family=_family(person, event),
        title=person.title if event.title is UNSET else event.title,
        described_at=event.at,
    )
    return _with(people, event.person_id, person)


def _family(person: Person, event: PersonDescribed) -> str | None | UnsetType:
    """Return the family after a description: as told, else by the title, unless another was told before."""
    if event.family is not UNSET:
        return event.family
    told = person.family is not UNSET and (person.title is UNSET or person.family != family_of(person.title))
    if told or event.title is UNSET or event.title is None:
        return person.family
    return family_of(event.title) or UNSET


def _doing(known: tuple[int, ...], day: int, times: int) -> tuple[int, ...]:
    """Return a dated action's days with *times* more on *day*."""
    days = {known[0]: known[1]} if known else {}
    days |= {known[0] - known[place]: known[place + 1] for place in range(2, len(known), 2)}
    days[day] = days.get(day, 0) + times
    newest = max(days)
    earlier = sorted((newest - one, count) for one, count in days.items() if 0 < newest - one < DOING_DAYS)
    return (newest, days[newest], *(part for pair in earlier for part in pair))


def user_acted(people: People, event: UserActed, zone: tzinfo) -> People:
    """Note that the person was seen, and count the actions rules ask of a person."""
    person = people.persons.get(event.person_id, Person())
    actions = person.actions
    if event.action in PERSONAL_ACTIONS:
        actions = {**actions, event.action: actions.get(event.action, 0) + event.times}
    doings, day = person.doings, business_day(event.at, zone)
    if event.action in DATED_ACTIONS:
        doings = {**doings, event.action: _doing(doings.get(event.action, ()), day, event.times)}
    person = msgspec.structs.replace(
        person,
        seen_at=_latest(person.seen_at, event.at),
        actions=actions,
        doings=doings,
        weeks=with_week(person.weeks, week_number(day)),
    )
    return _with(people, event.person_id, person)


def user_signed_up(people: People, event: UserSignedUp, zone: tzinfo) -> People:
    """Note the join; signing up counts as being seen."""
    person = people.persons.get(event.person_id, Person())
    joined = event.at if person.joined_at is None or event.at < person.joined_at else person.joined_at
    weeks = with_week(person.weeks, week_number(business_day(event.at, zone)))
    person = msgspec.structs.replace(person, joined_at=joined, seen_at=_latest(person.seen_at, event.at), weeks=weeks)
    return _with(people, event.person_id, person)


def person_left(people: People, event: PersonLeft) -> People:
    """Note the leave; a champion who leaves is a lost champion."""
    person = people.persons.get(event.person_id, Person())
    people = _with(people, event.person_id, msgspec.structs.replace(person, left_at=event.at))
    if people.champion == event.person_id:
        return champion_lost(people, event.person_id, "left", event.at)
    return people


def champion_named(people: People, event: ChampionNamed) -> People:
    """Record the champion; after a loss this is the replacement."""
    if people.champion_at is not None and event.at < people.champion_at:
        return people
    replaced = people.champion_changed_at is not None and event.at >= people.champion_changed_at
    former = people.champion if isinstance(people.champion, str) else people.lost_champion
    return msgspec.structs.replace(
        people,
        champion=event.person_id,
        champion_at=event.at,
        replaced_at=people.replaced_at if former in (None, event.person_id) else event.at,
        champion_change=None if replaced and event.person_id != people.lost_champion else people.champion_change,
    )


def champion_changed(people: People, event: ChampionChanged) -> People:
    """Record that the champion left or changed roles."""
    return champion_lost(people, event.person_id, event.how, event.at)


def champion_lost(people: People, person_id: str, how: str, at: datetime) -> People:
    """Return the facts with the champion lost at *at*, unless something later is known."""
    if people.champion_at is not None and at < people.champion_at:
        return people
    if people.champion_changed_at is not None and at < people.champion_changed_at:
        return people
    return msgspec.structs.replace(
        people,
        champion=None if people.champion in (person_id, UNSET) else people.champion,
        champion_at=at,
        lost_champion=person_id,
        champion_changed_at=at,
        champion_change=how,
    )
