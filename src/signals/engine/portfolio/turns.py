"""Whose turn it is: open leads that were told to a team, and its members in turn (catalogue 7.2, 7.3).

Everything follows from the accounts' summaries and the list of members: who got how many leads this month is counted
anew each time, so nothing has to be reset, and a leave is made up for by what the others got meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from signals.detectors.round_robin import (
    MOST_ACCOUNTS,
    MOST_ARR,
    Member,
    assigned_to,
    book_is_full,
    choose,
    off_from,
    returning,
)
from signals.detectors.territories import QUEUES, territory_of
from signals.domain.account.leads import Assignment
from signals.domain.events.base import OurRole
from signals.domain.events.leads import LeadAssigned
from signals.domain.summary import Summary
from signals.engine.portfolio.books import Book

EVERYWHERE = frozenset(QUEUES)


@dataclass(frozen=True)
class Leave:
    """Days off, from the first to the one before ``back``."""

    first: date
    back: date


@dataclass(frozen=True)
class Seat:
    """One member of the teams, as configured.

    Parameters
    ----------
    territories
        Where the member takes leads; all of them unless said.
    priority
        For every p leads of the others one goes to a member of priority p.
    joined
        First day in the teams; None: before this month.
    adjustments
        First day of a month -> leads counted on top in it, instead of what a leave or a late start would count.
    """

    user: str
    role: OurRole
    territories: frozenset[str] = EVERYWHERE
    priority: int = 1
    active: bool = True
    joined: date | None = None
    leaves: tuple[Leave, ...] = ()
    adjustments: Mapping[date, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class TurnTerms:
    """Teams and members; without members no lead is assigned.

    Parameters
    ----------
    teams
        Team as rules tag it -> role of its members.
    most_accounts, most_arr
        A TAM's book that reached either gets no more (handbook TL); the ARR in US dollars.
    """

    teams: Mapping[str, OurRole] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    most_accounts: int = MOST_ACCOUNTS
    most_arr: Decimal = MOST_ARR


@dataclass(frozen=True)
class Turns:
    """What came of one round: events to send, and how many leads wait because nobody may have them, by role."""

    events: tuple[LeadAssigned, ...]
    unserved: Mapping[str, int]


def turns(accounts: Iterable[Summary], books: Mapping[str, Book], terms: TurnTerms, zone: tzinfo) -> Turns:
    """Return who gets the leads that wait, the longest waiting first.

    Parameters
    ----------
    accounts
        At least those that wait and those whose leads were assigned this month.
    books
        Owner -> book, of all accounts.
    zone
        The business zone: when a month begins, and a leave.
    """
    listed = list(accounts)
    given = [assigned for one in listed for assigned in one.assigned.values()]
    events: list[LeadAssigned] = []
    unserved: dict[str, int] = {}
    members: tuple[Member, ...] = ()
    day: date | None = None
    for lead in sorted(waiting_leads(listed, terms, zone)):
        if lead.day != day:
            day, members = lead.day, tracker(terms, given, books, lead.day, zone)
        role = terms.teams[lead.team]
        chosen = choose(members, lead.territory, role)
        if chosen is None:
            unserved[role] = unserved.get(role, 0) + 1
            continue
        members = assigned_to(members, chosen, lead.at)
        given.append(Assignment(chosen.user, role, lead.at))
        moment = f"turn {lead.team} {lead.since.isoformat()}"
        events.append(
            LeadAssigned(org_id=lead.org_id, at=lead.at, id=moment, team=lead.team, to=chosen.user, role=role)
        )
    return Turns(tuple(events), unserved)


class Lead(NamedTuple):
    """A lead that waits, in the order they are given: by day, the longest waiting first."""

    day: date
    since: datetime
    org_id: str
    team: str
    at: datetime
    territory: str


def waiting_leads(accounts: Iterable[Summary], terms: TurnTerms, zone: tzinfo) -> Iterator[Lead]:
    """Yield the leads that wait for a member, in no order."""
    gone = frozenset(seat.user for seat in terms.seats if not seat.active)
    for one in accounts:
        for team, since in {**_renewed(one, gone), **one.waiting}.items():
            if team in terms.teams:
                at = max(since, one.clock or since)
                where = territory_of(one.country, one.us_state)
                yield Lead(at.astimezone(zone).date(), since, one.org_id, team, at, where)


def _renewed(account: Summary, gone: frozenset[str]) -> dict[str, datetime]:
    """Return the leads that came to somebody who takes none any more, after those they had."""
    return {
        team: since
        for team, since in account.renewed.items()
        if (had := account.assigned.get(team)) is not None and had.to in gone and since > had.at
    }


def tracker(
    terms: TurnTerms, given: Iterable[Assignment], books: Mapping[str, Book], today: date, zone: tzinfo
) -> tuple[Member, ...]:
    """Return the lines of the lead assignment tracker on a day: counts and adjustments of its month."""
    month = today.replace(day=1)
    dated = sorted((one.at, one.to) for one in given if one.at.astimezone(zone).date().replace(day=1) == month)
    got: dict[date, Counter[str]] = defaultdict(Counter)
    for at, to in dated:
        got[at.astimezone(zone).date()][to] += 1
    counts, last = Counter(to for _, to in dated), {to: at for at, to in dated}
    return tuple(
        _made_up(
            Member(
                seat.user, seat.role, seat.territories, seat.priority, active=_takes(seat, terms, books, today),
                assigned=counts[seat.user], last_assigned_at=last.get(seat.user),
            ),
            seat, terms.seats, got, today,
        )
        for seat in terms.seats
    )  # fmt: skip


def _takes(seat: Seat, terms: TurnTerms, books: Mapping[str, Book], today: date) -> bool:
    """Say whether a member takes leads on a day."""
    book = books.get(seat.user) if seat.role == "TAM" else None
    full = book is not None and book_is_full(book.managed, book.arr, terms.most_accounts, terms.most_arr)
    return seat.active and _here(seat, today) and not full


def _made_up(
    member: Member, seat: Seat, seats: Sequence[Seat], got: Mapping[date, Mapping[str, int]], today: date
) -> Member:
    """Return the member with the month's adjustment: what was configured, else what the others got meanwhile."""
    month = today.replace(day=1)
    if month in seat.adjustments:
        return replace(member, adjustment=seat.adjustments[month])
    away = [day for day in _days(month, today) if not _here(seat, day)]
    missed = sum((_share_of(seat, seats, got, day) for day in away), Decimal(0))
    return replace(returning(member, missed), active=member.active)


def _days(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first on, the last one not."""
    return (first + timedelta(days=number) for number in range((last - first).days))


def _here(seat: Seat, day: date) -> bool:
    """Say whether a member takes leads on a day, by who joined when and is on leave."""
    return (seat.joined is None or seat.joined <= day) and not any(
        off_from(one.first, (one.back - one.first).days) <= day < one.back for one in seat.leaves
    )


def _share_of(seat: Seat, seats: Sequence[Seat], got: Mapping[date, Mapping[str, int]], day: date) -> Decimal:
    """Return what a colleague of priority 1 got on average on a day, of those who were there."""
    given = got.get(day, {})
    colleagues = {
        one.user: one.priority
        for one in seats
        if one.user != seat.user
        and one.role == seat.role
        and not one.territories.isdisjoint(seat.territories)
        and (one.user in given or (one.active and _here(one, day)))
    }
    leads = sum(count for user, count in given.items() if user in colleagues)
    return leads / sum((Decimal(1) / priority for priority in colleagues.values()), Decimal(0)) if leads else Decimal(0)
