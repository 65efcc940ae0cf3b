"""Books of accounts by owner, and what is to be decided at the start of a quarter (catalogue 1.13, 12.2)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from signals.domain.summary import Summary

MANAGED, LEADS = "AM Managed", "Leads"


@dataclass(frozen=True)
class Book:
    """One owner's accounts: ``managed`` are those of the segment, ``customers`` all that pay."""

    owner: str
    role: str
    accounts: int
    managed: int
    leads: int
    customers: int
    arr: Decimal
    products: Decimal | None
    """Products with spend, on average over managed accounts."""


def books(accounts: Iterable[Summary]) -> dict[str, Book]:
    """Return owner -> book; accounts nobody owns are in none."""
    by_owner: dict[str, list[Summary]] = defaultdict(list)
    for one in accounts:
        if one.owner is not None:
            by_owner[one.owner].append(one)
    return {owner: _book(owner, owned) for owner, owned in sorted(by_owner.items())}


def _book(owner: str, owned: list[Summary]) -> Book:
    managed = [one for one in owned if MANAGED in one.segments]
    return Book(
        owner,
        owned[0].owner_role,
        len(owned),
        len(managed),
        sum(LEADS in one.segments for one in owned),
        sum((one.arr or 0) > 0 for one in owned),
        sum((one.arr or Decimal(0) for one in owned), Decimal(0)),
        average_products(owned),
    )


def average_products(accounts: Iterable[Summary]) -> Decimal | None:
    """Return how many products managed accounts pay for on average; None without one."""
    counts = [len(one.paid) for one in accounts if MANAGED in one.segments]
    return Decimal(sum(counts)) / len(counts) if counts else None


@dataclass(frozen=True)
class Allocation:
    """The list of a quarter's start: names, each list sorted."""

    unowned: tuple[str, ...]
    handovers: tuple[str, ...]
    potential: tuple[str, ...]


def allocation(accounts: Iterable[Summary], arr_at_least: Decimal) -> Allocation:
    """Return accounts of that ARR without an owner, those flagged for a handover, and CSM accounts with potential.

    Potential is an open deal about a product the account does not pay for.
    """
    listed = list(accounts)
    return Allocation(
        tuple(sorted(one.name for one in listed if one.owner is None and (one.arr or 0) >= arr_at_least)),
        tuple(sorted(one.name for one in listed if one.new_owner is not None)),
        tuple(
            sorted(
                one.name
                for one in listed
                if one.owner_role in ("CSM", "CSE")
                and any(deal.closed_on is None and deal.product not in one.paid for deal in one.deals)
            )
        ),
    )


def ranked_arr(accounts: Iterable[Summary], rank: int) -> Decimal | None:
    """Return the ARR of the *rank*-th largest account, counted from 1; None where fewer pay."""
    paid = sorted((one.arr for one in accounts if one.arr is not None and one.arr > 0), reverse=True)
    return paid[rank - 1] if len(paid) >= rank else None


def quarter_start(day: date) -> date:
    """Return the first day of the quarter *day* is in.

    >>> quarter_start(date(2026, 5, 31)), quarter_start(date(2026, 1, 1))
    (datetime.date(2026, 4, 1), datetime.date(2026, 1, 1))
    """
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
