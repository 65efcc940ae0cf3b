"""The machinery of leads: every worked example of catalogue 7.1 to 7.4."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from signals.detectors.lead_routing import outbound_team
from signals.detectors.lead_score import country_points, employee_points, lead_score, revenue_points
from signals.detectors.round_robin import (
    Member,
    assigned_to,
    book_is_full,
    choose,
    off_from,
    returning,
)
from signals.detectors.territories import QUEUES, territory_of

START = datetime(2026, 3, 2, tzinfo=UTC)
ANYWHERE = frozenset({"ANZ"})


def member(user: str, **fields: object) -> Member:
    """Return a TAE of one territory."""
    return replace(Member(user, "TAE", ANYWHERE), **fields)  # type: ignore[arg-type]  # fields of the member


def sequence(members: tuple[Member, ...], leads: int) -> str:
    """Return who got each of so many leads, one hour apart."""
    got = []
    for number in range(leads):
        chosen = choose(members, "ANZ", "TAE")
        assert chosen is not None
        got.append(chosen.user)
        members = assigned_to(members, chosen, START + timedelta(hours=number))
    return "".join(got)


TEAM = (member("A"), member("B"), member("C", priority=3))


def test_a_member_of_priority_three_gets_one_for_every_three_of_the_others() -> None:
    """7 leads: A3 B3 C1; 14: 6, 6, 2."""
    assert sequence(TEAM, 7) == "ABABABC"
    assert Counter(sequence(TEAM, 14)) == {"A": 6, "B": 6, "C": 2}


def test_everybody_at_priority_one_is_plain() -> None:
    """One after the other."""
    assert sequence((member("A"), member("B"), member("C")), 6) == "ABCABC"


def test_a_member_who_joins_in_the_month_wants_an_adjustment() -> None:
    """Others at 50: with 50 the next nine split evenly, without it all go to the new one."""
    others = (member("A", assigned=50, last_assigned_at=START), member("B", assigned=50, last_assigned_at=START))
    assert Counter(sequence((*others, member("N", adjustment=Decimal(50))), 9)) == {"A": 3, "B": 3, "N": 3}
    assert sequence((*others, member("N")), 9) == "N" * 9


def test_only_active_members_of_territory_and_role() -> None:
    """Nobody there is nobody."""
    assert choose((member("A", active=False),), "ANZ", "TAE") is None
    assert choose((member("A"),), "ANZ", "TAM") is None
    assert choose((member("A"),), "US East", "TAE") is None


def test_who_comes_back_is_adjusted_before_being_active() -> None:
    """By what the others got, divided by the priority."""
    back = returning(member("A", active=False), 10)
    assert (back.adjustment, back.active) == (Decimal(10), True)
    assert returning(member("C", priority=2, active=False), 10).adjustment == 5


@pytest.mark.parametrize(("days", "day"), [(1, 10), (5, 10), (6, 8), (20, 8)])
def test_long_leave_ends_the_flow_two_days_before(days: int, day: int) -> None:
    """Five days and fewer: on the day itself."""
    assert off_from(date(2026, 7, 10), days) == date(2026, 7, day)


@pytest.mark.parametrize(
    ("accounts", "arr", "full"),
    [(14, "1499999.99", False), (15, "0", True), (14, "1500000", True)],
)
def test_a_full_book_gets_no_more(accounts: int, arr: str, full: bool) -> None:
    """15 accounts, or $1.5 m."""
    assert book_is_full(accounts, Decimal(arr)) is full


def test_lead_scores_of_the_handbook() -> None:
    """70, 0, 25; what is not known gives no points."""
    most = lead_score(
        employees=1001, revenue=Decimal(100_000_000), role="engineering", sub_role="software_engineer", country="USA"
    )
    assert most == 70
    assert lead_score(employees=10, revenue=Decimal(500_000), role="x", sub_role="x", country="x") == 0
    assert lead_score(employees=11, revenue=Decimal(1_000_000), role="marketing", country="Poland") == 25
    assert lead_score() == 0


@pytest.mark.parametrize(("employees", "points"), [(None, 0), (10, 0), (11, 10), (1000, 10), (1001, 20)])
def test_points_for_employees(employees: int | None, points: int) -> None:
    """At, below and above each edge."""
    assert employee_points(employees) == points


@pytest.mark.parametrize(
    ("revenue", "points"),
    [("999999.99", 0), ("1000000", 5), ("9999999.99", 5), ("10000000", 10), ("99999999.99", 10), ("100000000", 20)],
)
def test_points_for_revenue(revenue: str, points: int) -> None:
    """A shared edge belongs to the upper band."""
    assert revenue_points(Decimal(revenue)) == points


@pytest.mark.parametrize(("country", "points"), [("Japan", 10), ("Estonia", 5), ("Brazil", 0), (None, 0)])
def test_points_for_countries(country: str | None, points: int) -> None:
    """Two lists, and the rest."""
    assert country_points(country) == points


@pytest.mark.parametrize(
    ("country", "state", "territory"),
    [
        ("USA", "California", "US West"),
        ("USA", "Georgia", "US East"),
        ("USA", None, "Territory 1"),
        ("Georgia", None, "Europe & Africa"),
        ("Kenya", None, "Europe & Africa"),
        ("Israel", None, "Asia & Middle East"),
        ("New Zealand", None, "ANZ"),
        ("Brazil", None, "US East"),
        ("Atlantis", None, "Territory 3"),
        (None, None, "Territory 3"),
    ],
)
def test_territories(country: str | None, state: str | None, territory: str) -> None:
    """Every territory has a queue."""
    assert territory_of(country, state) == territory
    assert territory in QUEUES


def test_who_works_unowned_contacts() -> None:
    """Group 5 on a list goes to the TAE, off it to a BDR; group 6 off every list to nobody."""
    assert [outbound_team(group) for group in range(1, 7)] == ["TAM", "TAM", "BDR", "BDR", "BDR", None]
    assert (outbound_team(5, listed=True), outbound_team(6, listed=True)) == ("TAE", "TAE")
    assert outbound_team(1, listed=True) == "TAM"
