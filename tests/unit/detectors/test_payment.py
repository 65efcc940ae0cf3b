"""The payment machine: the table and the tests of catalogue section 5."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import UNSET

from signals.detectors.payment import InvoiceView, due_day, view_invoice
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.credits import Contract

BERLIN = ZoneInfo("Europe/Berlin")


def noon(month: int, day: int, hour: int = 12) -> datetime:
    """Return an instant of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


LATE = {1: noon(2, 22), 2: noon(2, 25), 3: noon(2, 27), 4: noon(3, 1)}
"""Four attempts, the last on 1 March."""


def view(today: date, contracts: tuple[Contract, ...] = (), terms: Terms | None = None, **fields: Any) -> InvoiceView:
    """Return the view of one invoice with these fields."""
    whole = {name: fields.pop(name) for name in ("suspended_everywhere_at", "restored_at") if name in fields}
    billing = Billing(
        invoices={"in_1": Invoice(**{"amount": Decimal(120), **fields})},
        suspended_at=whole.get("suspended_everywhere_at"),
        restored_at=whole.get("restored_at"),
    )
    return view_invoice("in_1", billing, contracts, today=today, zone=UTC, terms=terms or Terms())


def test_a_marketplace_holds_credit_invoices_until_cleared() -> None:
    """None of them is late; a card that fails is another matter."""
    for plan, state in (("credit", "open"), ("payg", "open")):
        billing = Billing(invoices={"in_1": Invoice(amount=Decimal(1), plan=plan, due_on=date(2026, 2, 1))})
        seen = view_invoice("in_1", billing, (), today=date(2026, 3, 1), zone=UTC, terms=Terms(), held=True)
        assert (seen.state, seen.late_on) == (state, None)
    failed = Billing(invoices={"in_1": Invoice(amount=Decimal(1), failed=LATE)})
    assert view_invoice("in_1", failed, (), today=date(2026, 3, 1), zone=UTC, terms=Terms(), held=True).state == "late"


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 2, 28), "retrying"),
        (date(2026, 3, 1), "late"),
        (date(2026, 3, 6), "late"),
        (date(2026, 3, 7), "suspend_notice"),
        (date(2026, 3, 8), "suspended"),
        (date(2026, 3, 13), "suspended"),
        (date(2026, 3, 14), "cancel_notice"),
        (date(2026, 3, 15), "cancelled"),
        (date(2027, 3, 15), "cancelled"),
    ],
)
@pytest.mark.parametrize("suspended_at", [None, noon(3, 8)])
def test_the_days_without_grace(today: date, state: str, suspended_at: datetime | None) -> None:
    """Fourth failure on 1 March: 7 notice, 8 suspended, 14 notice, 15 cancelled; the same when it is done in time."""
    happened = suspended_at if suspended_at is not None and suspended_at.date() <= today else None

    assert view(today, failed=LATE, suspended_at=happened).state == state


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 3, 4), "grace"),
        (date(2026, 3, 13), "grace"),
        (date(2026, 3, 14), "suspend_notice"),
        (date(2026, 3, 15), "suspended"),
        (date(2026, 3, 20), "suspended"),
        (date(2026, 3, 21), "cancel_notice"),
        (date(2026, 3, 22), "cancelled"),
    ],
)
def test_grace_moves_both_clocks(today: date, state: str) -> None:
    """Late on 1 March, grace to the 15th, suspended that day: notice 14, cancel notice 21, cancelled 22."""
    suspended = noon(3, 15) if today >= date(2026, 3, 15) else None
    seen = view(today, failed=LATE, grace_until=date(2026, 3, 15), grace_at=noon(3, 3), suspended_at=suspended)

    assert (seen.state, seen.grace) == (state, True)


@pytest.mark.parametrize(
    ("suspended_at", "cancel_on"),
    [(None, date(2026, 3, 15)), (noon(3, 5), date(2026, 3, 12)), (noon(3, 10), date(2026, 3, 17))],
)
def test_the_cancel_clock_counts_from_the_actual_suspension(suspended_at: datetime | None, cancel_on: date) -> None:
    """Early, late, or not reported: then from the day it was due."""
    assert view(date(2026, 3, 10), failed=LATE, suspended_at=suspended_at).cancel_on == cancel_on


def test_a_suspension_before_the_grace_does_not_run_the_clock() -> None:
    """Suspended on the 8th, grace on the 10th until the 20th: nothing is cancelled before the 27th."""
    fields: dict[str, Any] = {
        "failed": LATE,
        "suspended_at": noon(3, 8),
        "grace_at": noon(3, 10),
        "grace_until": date(2026, 3, 20),
    }

    assert view(date(2026, 3, 15), **fields).state == "grace"
    assert view(date(2026, 3, 15), **fields).cancel_on == date(2026, 3, 27)


def test_grace_never_takes_days_away() -> None:
    """A grace date within the seven days promised changes nothing."""
    assert view(date(2026, 3, 4), failed=LATE, grace_until=date(2026, 3, 4), grace_at=noon(3, 2)).suspend_on == date(
        2026, 3, 8
    )


@pytest.mark.parametrize("steps_until", [date(2026, 2, 26), date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 30)])
def test_paid_at_any_step_is_recovered(steps_until: date) -> None:
    """Retrying, late, suspended or after the cancellation: a payment ends it."""
    paid = datetime(steps_until.year, steps_until.month, steps_until.day, 9, tzinfo=UTC)
    failed = {attempt: at for attempt, at in LATE.items() if at <= paid} or {1: LATE[1]}
    seen = view(steps_until, failed=failed, paid_at=paid)

    assert (seen.state, seen.recovered_at, seen.open) == ("recovered", paid, False)


def test_paid_without_a_failure_is_settled() -> None:
    """Nothing to recover from."""
    seen = view(date(2026, 3, 3), paid_at=noon(3, 3))

    assert (seen.state, seen.recovered_at) == ("settled", None)


def test_a_void_invoice_is_settled_even_when_paid() -> None:
    """Nothing is owed on it, so nothing was recovered."""
    assert view(date(2026, 3, 3), failed=LATE, voided_at=noon(3, 2), paid_at=noon(3, 3)).state == "settled"


def test_the_first_attempt_can_start_the_clock() -> None:
    """``payment_clock_attempt: 1``: late on the day of the first failure."""
    terms = Terms(payment_clock_attempt=1)

    assert view(date(2026, 2, 22), failed=LATE, terms=terms).late_on == date(2026, 2, 22)
    assert view(date(2026, 2, 22), failed={1: LATE[1]}).late_on is None


@pytest.mark.parametrize(
    ("today", "state"),
    [(date(2026, 3, 30), "open"), (date(2026, 3, 31), "late"), (date(2026, 4, 6), "suspend_notice")],
)
def test_a_credit_invoice_is_late_the_day_after_its_due_date(today: date, state: str) -> None:
    """Due on 30 March: still in time that day."""
    assert view(today, plan="credit", due_on=date(2026, 3, 30)).state == state


def test_a_credit_invoice_nobody_can_date_is_unknown() -> None:
    """Without a due date and a contract neither late nor in time; once paid it is settled."""
    seen = view(date(2026, 6, 1), plan="credit", issued_at=noon(3, 1))

    assert (seen.state, seen.late_on, seen.suspend_on, seen.due_on) == (UNSET, UNSET, UNSET, UNSET)
    assert view(date(2026, 6, 1), plan="credit", issued_at=noon(3, 1), paid_at=noon(3, 5)).state == "settled"


def contract(starts_on: date, months: int = 12, billing: str = "upfront") -> Contract:
    """Return an order form signed well before it starts."""
    return Contract(starts_on, months, noon(1, 1), Decimal(24_000), billing)


@pytest.mark.parametrize(
    ("contracts", "issued", "due"),
    [
        ((contract(date(2026, 3, 1)),), noon(3, 2), date(2026, 3, 31)),
        ((contract(date(2026, 3, 1)),), noon(2, 20), date(2026, 3, 31)),
        ((contract(date(2025, 3, 1)), contract(date(2026, 3, 1))), noon(2, 20), date(2026, 3, 31)),
        ((contract(date(2025, 3, 1), 24, "yearly"),), noon(2, 20), date(2026, 3, 31)),
        ((contract(date(2025, 3, 1), 24, "yearly"),), noon(3, 9), date(2026, 3, 31)),
        ((contract(date(2025, 3, 1), 36),), noon(3, 9), date(2025, 3, 31)),
        ((), noon(3, 9), None),
    ],
)
def test_the_default_due_date_is_that_of_the_term_it_is_for(
    contracts: tuple[Contract, ...], issued: datetime, due: date | None
) -> None:
    """Contract start plus 30 days; the renewal's, or the contract year's, whose start is nearest."""
    assert due_day(Invoice(plan="credit", issued_at=issued), contracts, UTC, Terms()) == due


def test_a_credit_invoice_charged_to_a_card_is_due_at_the_start() -> None:
    """An automatic attempt tells that it is."""
    invoice = Invoice(plan="credit", issued_at=noon(3, 1), failed={1: noon(3, 1)})

    assert due_day(invoice, (contract(date(2026, 3, 1)),), UTC, Terms()) == date(2026, 3, 1)


def test_days_are_those_of_the_business_zone() -> None:
    """23:30 UTC on 28 February is 1 March in Berlin."""
    billing = Billing(invoices={"in_1": Invoice(failed={4: datetime(2026, 2, 28, 23, 30, tzinfo=UTC)})})
    seen = view_invoice("in_1", billing, (), today=date(2026, 3, 1), zone=BERLIN, terms=Terms())

    assert (seen.late_on, seen.state) == (date(2026, 3, 1), "late")


@pytest.mark.parametrize(("everywhere_at", "suspended"), [(noon(2, 27), False), (noon(3, 9), True), (None, False)])
def test_a_suspension_that_names_no_invoice_is_for_the_late_ones(
    everywhere_at: datetime | None, suspended: bool
) -> None:
    """One from before day 0 was for something else."""
    seen = view(date(2026, 3, 10), failed=LATE, suspended_everywhere_at=everywhere_at)

    assert (seen.suspended, seen.access_off) == (suspended, suspended)


def test_a_suspension_after_the_payment_is_not_for_this_invoice() -> None:
    """What was paid before needs no access back."""
    seen = view(date(2026, 3, 10), failed=LATE, paid_at=noon(3, 5), suspended_everywhere_at=noon(3, 9))

    assert not seen.suspended


@pytest.mark.parametrize(("restored_at", "off"), [(None, True), (noon(3, 9), False), (noon(3, 7), True)])
def test_access_is_off_until_it_is_restored(restored_at: datetime | None, off: bool) -> None:
    """A restoration from before the suspension does not count."""
    seen = view(date(2026, 3, 10), failed=LATE, suspended_at=noon(3, 8), restored_at=restored_at)

    assert (seen.suspended, seen.access_off) == (True, off)


def test_the_terms_move_every_step() -> None:
    """Ten days to the suspension, five to the cancellation, two days' notice."""
    terms = Terms(suspend_after=timedelta(days=10), cancel_after=timedelta(days=5), notice=timedelta(days=2))
    states = [view(date(2026, 3, day), failed=LATE, terms=terms).state for day in (8, 9, 11, 13, 14, 16)]

    assert states == ["late", "suspend_notice", "suspended", "suspended", "cancel_notice", "cancelled"]
