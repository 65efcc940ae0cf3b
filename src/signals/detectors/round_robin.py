"""Who gets the next lead: the weighted round robin of the lead assignment tracker (catalogue 7.3). Pure functions.

For every p leads the others get, a member of priority p gets one. Counts and adjustments begin anew each month: they
are counted from the leads given in it (``engine.portfolio.turns``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

LONG_LEAVE_ABOVE = 5
"""Days off: more of them end the flow of leads before the leave begins."""
BEFORE_LONG_LEAVE = timedelta(days=2)

MOST_ACCOUNTS = 15
MOST_ARR = Decimal(1_500_000)
"""A book that reached either gets no more leads."""


@dataclass(frozen=True)
class Member:
    """One line of the tracker."""

    user: str
    role: str
    """``TAE`` or ``TAM`` in the handbook's tracker."""
    territories: frozenset[str]
    priority: int = 1
    adjustment: Decimal = Decimal(0)
    """Leads counted on top of those assigned: of a member who joined or came back in the month."""
    active: bool = True
    assigned: int = 0
    """Leads of this month."""
    last_assigned_at: datetime | None = None


def choose(members: Iterable[Member], territory: str, role: str) -> Member | None:
    """Return who is next in a territory and role: the smallest (assigned + adjustment + 1) x priority.

    Of equals the smaller priority number, then whose last lead is longest ago (never: first), then by name. None when
    nobody is active there.
    """
    fitting = [one for one in members if one.active and one.role == role and territory in one.territories]
    return min(fitting, key=in_order, default=None)


def in_order(member: Member) -> tuple[Decimal, int, float, str]:
    """Return what members are sorted by: the next one first."""
    last = member.last_assigned_at
    weight = (member.assigned + member.adjustment + 1) * member.priority
    return weight, member.priority, 0.0 if last is None else last.timestamp(), member.user


def assigned_to(members: Iterable[Member], chosen: Member, at: datetime) -> tuple[Member, ...]:
    """Return the members after the chosen one got a lead."""
    return tuple(
        replace(one, assigned=one.assigned + 1, last_assigned_at=at) if one.user == chosen.user else one
        for one in members
    )


def returning(member: Member, others_got: int | Decimal) -> Member:
    """Return a member who was away while the others got that many leads each: the adjustment first, then active.

    Divided by the priority, or the formula would make up too much.
    """
    return replace(member, adjustment=member.adjustment + Decimal(others_got) / member.priority, active=True)


def off_from(first_day: date, days: int) -> date:
    """Return from which day a member on leave gets no more leads; they are back on the day of return.

    >>> off_from(date(2026, 7, 10), 5), off_from(date(2026, 7, 10), 6)
    (datetime.date(2026, 7, 10), datetime.date(2026, 7, 8))
    """
    return first_day - BEFORE_LONG_LEAVE if days > LONG_LEAVE_ABOVE else first_day


def book_is_full(accounts: int, arr: Decimal, most_accounts: int = MOST_ACCOUNTS, most_arr: Decimal = MOST_ARR) -> bool:
    """Return whether a book gets no more leads: 15 accounts, or $1.5 m of ARR (handbook TL).

    >>> book_is_full(14, Decimal("1499999.99")), book_is_full(15, Decimal(0)), book_is_full(1, Decimal(1_500_000))
    (False, True, True)
    """
    return accounts >= most_accounts or arr >= most_arr
