"""Facts about people who come: departments, new members, new contacts, a new champion, who makes most."""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from msgspec import UNSET

from signals.detectors.facts.customer import active_people
from signals.detectors.facts.use import active_persons
from signals.detectors.language.classes import Fields
from signals.detectors.language.moving import midnight
from signals.detectors.language.names import UNKNOWN, AtLeast, Close, Fact, Function, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.growth import QUIET_DAYS, Department
from signals.domain.account.people import DOING_DAYS, Person
from signals.domain.account.reduce import AWAY, DEPARTMENTS_SEEN, DOINGS, RETURNED

LEADING = re.compile(r"\b(vp|svp|evp|vice president|head of|chief|c[etopimr]o|president|founder|co-?founder)\b")
"""Titles of people who lead (handbook GP-PB names VP Eng, Head of Product, CTO)."""

LEADING_FAMILIES = frozenset({"leadership", "founder"})

CREATIONS = (
    "insight created", "dashboard created", "feature flag created", "experiment created", "survey launched",
)  # fmt: skip
"""Actions that make something, of those kept per person."""


def leads(person: Person | None) -> Truth:
    """Return whether somebody leads, by family or title; unknown while neither says.

    >>> leads(Person(title="Head of Product")), leads(Person(title="Senior Engineer")), leads(Person()) is UNKNOWN
    (True, False, True)
    """
    if person is None:
        return UNKNOWN
    if person.family in LEADING_FAMILIES:
        return True
    if isinstance(person.title, str):
        return LEADING.search(person.title.casefold()) is not None
    return UNKNOWN


@dataclass(frozen=True)
class DepartmentView:
    """One role family as rules see it."""

    family: str
    label: str
    came_on: date
    last_on: date
    fresh: bool
    """Not seen in the 90 days before it came, while people were known all that time."""


@dataclass(frozen=True)
class MetView:
    """One person and their first conversation with us, as rules see it."""

    id: str
    at: datetime
    family: str | None
    leads: Truth


def _departments(look: Look) -> tuple[DepartmentView, ...]:
    known = look.moment.state.growth.departments
    return tuple(
        DepartmentView(
            family,
            family.replace("_", " "),
            date.fromordinal(one.came),
            date.fromordinal(one.last),
            _fresh(look, family, one),
        )
        for family, one in known.items()
        if family != "other"
    )


def _fresh(look: Look, family: str, department: Department) -> bool:
    others = [one.first for key, one in look.moment.state.growth.departments.items() if key != family]
    since = min(others, default=None)
    if since is None or since >= department.came:
        return False  # the first there are
    created = look.moment.created_number
    young = created is not None and created >= department.came - QUIET_DAYS
    return young or since <= department.came - QUIET_DAYS or department.before is not None


def _met(look: Look) -> tuple[MetView, ...]:
    state = look.moment.state
    return tuple(_met_view(key, at, state.people.persons.get(key)) for key, at in state.growth.met.items())


def _met_view(key: str, at: datetime, person: Person | None) -> MetView:
    family = person.family if person is not None and isinstance(person.family, str) else None
    return MetView(key, at, family, leads(person))


def joined_in(look: Look, window: timedelta) -> object:
    """Return how many people joined in the last days, today included; unknown while joins are not reported at all."""
    people = look.moment.state.people
    joins = [one.joined_at for one in people.persons.values() if one.joined_at is not None]
    if not joins:
        return UNKNOWN
    begin = midnight(date.fromordinal(look.moment.today_number - window.days + 1), look)
    count = sum([at >= begin for at in joins])
    return AtLeast(count) if people.dropped else count


def active_in(look: Look, window: timedelta) -> object:
    """Return how many people were seen in the last days, today included; "at least" without a witness. 7 or more."""
    return active_people(look, window) if window > AWAY else UNKNOWN


def seen_of(look: Look, families: Collection[str], window: timedelta) -> object:
    """Return how many people of some families joined or were seen in the last days, today included; 7 days or more."""
    begin = _begin_of(look, window)
    if begin is None:
        return UNKNOWN
    people = [one for one in look.moment.state.people.persons.values() if one.family in families]
    return sum([
        (one.seen_at is not None and one.seen_at >= begin) or (one.joined_at is not None and one.joined_at >= begin)
        for one in people
    ])  # fmt: skip


def seen_beside(look: Look, families: Collection[str], window: timedelta) -> object:
    """Return how many people of known families, others than these, were seen in the last days; 7 days or more."""
    begin = _begin_of(look, window)
    if begin is None:
        return UNKNOWN
    named = [one for one in look.moment.state.people.persons.values() if isinstance(one.family, str)]
    return sum([one.family not in families and one.seen_at is not None and one.seen_at >= begin for one in named])


def _begin_of(look: Look, window: timedelta) -> datetime | None:
    if window <= AWAY:
        return None  # a person who is seen often is not looked at again with every action
    return midnight(date.fromordinal(look.moment.today_number - window.days + 1), look)


def departments_in(look: Look, window: timedelta) -> object:
    """Return how many role families were seen in the last days, today included; 7 days or more."""
    if window <= AWAY:
        return UNKNOWN
    first, known = look.moment.today_number - window.days + 1, look.moment.state.growth.departments
    return sum([family != "other" and one.last >= first for family, one in known.items()])


def made_in(look: Look, person: object, window: timedelta) -> object:
    """Return how many things a person made in the last days: insights, dashboards, flags, experiments, surveys."""
    one = getattr(person, "person", None)
    if not isinstance(one, Person) or window.days > DOING_DAYS:
        return UNKNOWN
    return _made(one, look.moment.today_number - window.days + 1)


def _made(person: Person, first: int) -> int:
    doings = person.doings
    return sum([person.times(action, first) for action in CREATIONS if action in doings])


def _counts(look: Look, first: int) -> list[int]:
    """Return how many things each active person made from a day on, in ascending order."""

    def make() -> object:
        return sorted([_made(one, first) for one in active_persons(look)])

    return cast("list[int]", look.moment.cached(f"made since {first}", make))


def among_top(look: Look, person: object, share: Decimal, window: timedelta) -> object:
    """Return whether a person is in the top share of the active people by what they made; the first one always is."""
    one = getattr(person, "person", None)
    if not isinstance(one, Person) or window.days > DOING_DAYS:
        return UNKNOWN
    first = look.moment.today_number - window.days + 1
    mine = _made(one, first)
    if mine == 0:
        return False
    counts = _counts(look, first)
    ahead = len(counts) - bisect_right(counts, mine)
    return ahead == 0 or ahead < share * len(counts)


def _champion(look: Look) -> Person | None:
    people = look.moment.state.people
    return people.persons.get(people.champion) if isinstance(people.champion, str) else None


def _champion_leads(look: Look) -> object:
    champion = look.moment.state.people.champion
    if champion is UNSET:
        return UNKNOWN
    return False if champion is None else leads(_champion(look))


def _replaced_at(look: Look) -> object:
    people = look.moment.state.people
    return people.replaced_at if isinstance(people.champion, str) else None


def _champion_seen_at(look: Look) -> object:
    person = _champion(look)
    return None if person is None else person.seen_at


def _function(
    call: Callable[..., object],
    takes: tuple[Kind, ...],
    gives: Kind,
    state: frozenset[str],
    unit: str = "",
    *,
    sinks: bool = False,
) -> Function:
    return Function(
        name=call.__name__, takes=takes, gives=gives, call=call, doc=call.__doc__ or "", daily=True, unit=unit,
        closes=Close.DAY, state=state, sinks=sinks,
    )  # fmt: skip


_SEEN = frozenset({"people.persons", RETURNED})
_MAKING = frozenset(f"{DOINGS}.{action}" for action in CREATIONS)
_ACTING = _MAKING | _SEEN

FACTS: tuple[Fact, ...] = (
    fact("people.departments", Kind.LIST, _departments, "growth.departments", "profile.created_at",
         parts={"last_on": frozenset({DEPARTMENTS_SEEN})},
         fields={"family": Kind.TEXT, "label": Kind.TEXT, "came_on": Kind.DATE, "last_on": Kind.DATE,
                 "fresh": Kind.BOOL},
         doc="Role families that were seen: since when without 90 days of absence, and whether they are new here."),
    fact("people.met", Kind.LIST, _met, "growth.met", "people.persons",
         fields=Fields({"id": Kind.TEXT, "at": Kind.INSTANT, "family": Kind.TEXT, "leads": Kind.BOOL},
                       personal=("id",)),
         doc="People with their first conversation with us; leads: by family or title."),
    fact("champion.leads", Kind.BOOL, _champion_leads, "people.champion", "people.persons",
         doc="The champion has a leading title; not known while nobody is named, or their title is not."),
    fact("champion.replaced_at", Kind.INSTANT, _replaced_at, "people.champion", "people.replaced_at",
         doc="When the present champion took the place of another; null when none did.", label="New champion since"),
    fact("champion.seen_at", Kind.INSTANT, _champion_seen_at, "people.champion", "people.persons", "people.seen",
         doc="When the present champion was last seen; null without one, or when never."),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    _function(joined_in, (Kind.DURATION,), Kind.COUNT, frozenset({"people.persons", "people.dropped"}), "people",
              sinks=True),
    _function(active_in, (Kind.DURATION,), Kind.COUNT,
              frozenset({"people.persons", RETURNED, "people.dropped", "usage.reported", "profile.created_at"}),
              "people", sinks=True),
    _function(seen_of, (Kind.SET, Kind.DURATION), Kind.COUNT, _SEEN, "people", sinks=True),
    _function(seen_beside, (Kind.SET, Kind.DURATION), Kind.COUNT, _SEEN, "people", sinks=True),
    _function(made_in, (Kind.RECORD, Kind.DURATION), Kind.COUNT, _MAKING, "count"),
    _function(departments_in, (Kind.DURATION,), Kind.COUNT, frozenset({"growth.departments"}), "count", sinks=True),
    _function(among_top, (Kind.RECORD, Kind.SHARE, Kind.DURATION), Kind.BOOL, _ACTING),
)  # fmt: skip
