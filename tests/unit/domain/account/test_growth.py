"""Departments seen, products on the bill, people first talked to, periods so far: in whatever order they come."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signals.domain.account.growth import MAX_MET, MAX_PERIODS, Department
from signals.domain.account.reduce import move, reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import InvoiceIssued, SpendReported
from signals.domain.events.crm import PersonDescribed, TouchLogged
from signals.domain.events.periods import PeriodReported
from signals.domain.events.usage import UsageReported, UserActed, UserSignedUp

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOON.date().toordinal()


def after(*events: Event) -> Account:
    """Return an account after these events."""
    account = Account("o", NOON)
    for event in events:
        account = reduce(account, event, UTC)
    return account


def acted(person: str, days: int = 0) -> UserActed:
    """Return an action of a person."""
    return UserActed(org_id="o", at=NOON + days * DAY, person_id=person, action="insight viewed")


def described(person: str, family: str, days: int = 0) -> PersonDescribed:
    """Return a description of a person."""
    return PersonDescribed(org_id="o", at=NOON + days * DAY, person_id=person, family=family)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((0, 90), Department(0, 90, 0)),
        ((0, 91), Department(0, 91, 91, 0)),
        ((91, 0), Department(0, 91, 91, 0)),
        ((0, 200, 100), Department(0, 200, 200, 100)),
        ((0, 150, 140), Department(0, 150, 140, 0)),
        ((0, 100, 10, 60), Department(0, 100, 0)),
        ((0, 200, 5), Department(0, 200, 200, 5)),
        ((50, 20), Department(20, 50, 20)),
        ((50, 50), Department(50, 50, 50)),
    ],
)
def test_a_stay_ends_after_ninety_days(days: tuple[int, ...], expected: Department) -> None:
    """Late days extend a stay backwards, or join it with the one before."""
    first, *rest = days
    department = Department(first, first, first)
    for day in rest:
        department = department.seen(day)
    assert department == expected


def test_a_department_is_seen_once_its_person_is_described() -> None:
    """Whether the role comes before or after the sighting; a person nobody saw brings no department."""
    sighting = {"marketing": Department(TODAY, TODAY, TODAY)}
    assert after(described("m", "marketing", -5), acted("m")).growth.departments == sighting
    assert after(acted("m"), described("m", "marketing", 5)).growth.departments == sighting
    assert after(described("m", "marketing")).growth.departments == {}
    joined = UserSignedUp(org_id="o", at=NOON, person_id="m")
    assert after(described("m", "marketing", -1), joined).growth.departments == sighting


def test_only_a_new_day_moves_departments() -> None:
    """The second action of a day changes nothing; the next day's does."""
    account = after(described("m", "marketing", -5), acted("m"))
    again, fields = move(account, acted("m"), UTC, NOON)
    assert "growth.departments" not in fields
    assert again.growth is account.growth
    _, fields = move(account, acted("m", 1), UTC, NOON)
    assert "growth.departments_seen" in fields
    assert "growth.departments" not in fields


@pytest.mark.parametrize(("away", "moves"), [(6, False), (7, True)])
def test_a_department_that_was_away_may_count_again(away: int, moves: bool) -> None:
    """Nobody calls a department active for less than a week."""
    account = after(described("m", "marketing", -5), acted("m"))
    _, fields = move(account, acted("m", away), UTC, NOON)
    assert ("growth.departments" in fields) is moves


@pytest.mark.parametrize(("away", "resumes"), [(0, False), (6, False), (7, True)])
def test_an_action_resumes_after_a_week_without(away: int, resumes: bool) -> None:
    """Of the account and of the person: from then on it may count as done lately although it did not before."""
    account = after(acted("m"))
    _, fields = move(account, acted("m", away), UTC, NOON)
    assert ("usage.resumed.insight viewed" in fields) is resumes
    assert ("people.resumed.insight viewed" in fields) is resumes
    assert {"usage.actions.insight viewed", "people.doings.insight viewed"} <= fields


def test_somebody_new_resumes_what_they_do() -> None:
    """Nothing is known of what they did before."""
    _, fields = move(after(acted("m")), acted("n"), UTC, NOON)
    assert {"usage.resumed.insight viewed", "people.resumed.insight viewed"} <= fields


def test_products_on_the_bill_keep_their_first_day() -> None:
    """From invoices and from spend; a line of nothing is not on the bill."""
    spend = SpendReported(org_id="o", at=NOON, mrr=Decimal(5), products={"surveys": Decimal(5), "logs": Decimal(0)})
    invoice = InvoiceIssued(
        org_id="o", at=NOON - DAY, invoice_id="i", amount=Decimal(9), lines={"surveys": Decimal(4), "flags": Decimal(5)}
    )
    for events in ((spend, invoice), (invoice, spend)):
        growth = after(*events).growth
        assert growth.billed == {"flags": NOON - DAY, "surveys": NOON - DAY}
        assert growth.billed_since == NOON - DAY
    account = after(spend)
    assert reduce(account, spend, UTC).growth is account.growth


def test_people_are_met_once() -> None:
    """The earliest conversation counts; of too many people the newest are kept."""
    talks = [
        TouchLogged(org_id="o", at=NOON + days * DAY, medium="call", direction="both", person_id=f"p{days % 70}")
        for days in range(75)
    ]
    met = after(*talks).growth.met
    assert len(met) == MAX_MET
    assert met["p30"] == NOON + 30 * DAY


def period(start: date, days: int = 0, **fields: Any) -> PeriodReported:
    """Return a report of the thirty days from *start*."""
    return PeriodReported(
        org_id="o", at=NOON + days * DAY, period_start=start, period_ends_on=start + timedelta(days=30), **fields
    )


def test_the_last_report_of_a_period_counts() -> None:
    """By event time, and only the newest periods of each sort are kept."""
    first = date(2026, 1, 1)
    periods = after(
        period(first, 1, volumes={"a": 2}), period(first, 0, volumes={"a": 1}), period(first, of="contract")
    ).growth.periods
    assert [(one.of, one.volumes) for one in periods] == [("billing", {"a": 2}), ("contract", {})]
    many = after(period(first, of="contract"), *(period(first + timedelta(days=30 * n)) for n in range(7))).growth
    assert [one.of for one in many.periods] == ["billing"] * MAX_PERIODS + ["contract"]


def test_an_old_day_may_bring_a_product_back_into_use() -> None:
    """Of a day further back than a week the day before may lie outside of what counts as lately."""
    day = (NOON - 40 * DAY).date()
    account = after(UsageReported(org_id="o", at=NOON - 39 * DAY, day=day, volumes={"surveys": 5}))
    late = UsageReported(org_id="o", at=NOON, day=day + DAY, volumes={"surveys": 5})
    _, fields = move(account, late, UTC, NOON)
    assert {"usage.used.surveys", "usage.covered"} <= fields


def test_a_product_in_daily_use_stays_in_use() -> None:
    """Yesterday's report after that of the day before moves its volume only."""
    first = UsageReported(org_id="o", at=NOON - DAY, day=(NOON - 2 * DAY).date(), volumes={"surveys": 5})
    account = after(first)
    _, fields = move(
        account, UsageReported(org_id="o", at=NOON, day=(NOON - DAY).date(), volumes={"surveys": 5}), UTC, NOON
    )
    assert "usage.days" in fields
    assert not fields & {"usage.used.surveys", "usage.covered"}
