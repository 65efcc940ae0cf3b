"""Commission payouts, periods missed in a row, credit and its invoice."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from signals.detectors.collection import commission_of, credit_invoice, cutoff_of, missed_in_a_row, quarter_of
from signals.detectors.payment import view_invoice
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.credits import Contract, Grant
from signals.domain.account.paperwork import Draft


def noon(month: int, day: int) -> datetime:
    """Return noon of a day of 2026."""
    return datetime(2026, month, day, 12, tzinfo=UTC)


def standing(issued: datetime, due: date, today: date, paid: datetime | None = None) -> tuple[str | None, str]:
    """Return how a credit invoice stands, and for which quarter."""
    invoice = Invoice(amount=Decimal(9), plan="credit", issued_at=issued, due_on=due, paid_at=paid)
    view = view_invoice("in_1", Billing(invoices={"in_1": invoice}), (), today=today, zone=UTC, terms=Terms())
    found = commission_of(view, issued.date(), today)
    return found.standing, found.quarter


@pytest.mark.parametrize(
    ("day", "cutoff"),
    [
        (date(2026, 1, 1), date(2026, 4, 14)),
        (date(2026, 6, 30), date(2026, 7, 14)),
        (date(2026, 9, 30), date(2026, 10, 14)),
        (date(2026, 10, 1), date(2027, 1, 14)),
    ],
)
def test_cutoffs(day: date, cutoff: date) -> None:
    """The 14th of January, April, July and October."""
    assert cutoff_of(day) == cutoff
    assert quarter_of(date(2026, 12, 31)) == "Q4 2026"


def test_overdue_on_the_fourteenth_is_excluded() -> None:
    """Not before that day, and not once it is paid."""
    due = date(2026, 2, 10)
    assert standing(noon(1, 10), due, date(2026, 4, 13)) == (None, "Q1 2026")
    assert standing(noon(1, 10), due, date(2026, 4, 14)) == ("excluded", "Q1 2026")
    assert standing(noon(1, 10), due, date(2026, 4, 14), paid=noon(4, 13)) == (None, "Q1 2026")


def test_paid_in_good_faith_and_taken_back() -> None:
    """Issued in March, due on 30 April, unpaid on 1 May: nothing in April, clawback in the second quarter."""
    due = date(2026, 4, 30)
    assert standing(noon(3, 20), due, date(2026, 4, 14)) == (None, "Q1 2026")
    assert standing(noon(3, 20), due, date(2026, 4, 30)) == (None, "Q1 2026")
    assert standing(noon(3, 20), due, date(2026, 5, 1)) == ("clawback", "Q2 2026")


def late(month: int, *, paid: int | None = None) -> Invoice:
    """Return the invoice of a month that failed for good on the 10th."""
    return Invoice(
        amount=Decimal(9), issued_at=noon(month, 1), failed={4: noon(month, 10)},
        paid_at=noon(month, paid) if paid else None,
    )  # fmt: skip


def streak(**invoices: Invoice) -> int:
    """Return the periods missed in a row, seen on 15 June."""
    billing, today = Billing(invoices=invoices), date(2026, 6, 15)
    views = [view_invoice(key, billing, (), today=today, zone=UTC, terms=Terms()) for key in invoices]
    return missed_in_a_row(invoices, views, today, UTC)


def test_three_in_a_row() -> None:
    """Late and paid afterwards is missed too."""
    assert streak(a=late(4, paid=15), b=late(5, paid=12), c=late(6)) == 3
    assert streak(b=late(5, paid=12), c=late(6)) == 2


def test_a_period_paid_in_time_begins_anew() -> None:
    """Miss, miss, paid, miss counts one; paid before day 0 is in time although an attempt had failed."""
    in_time = Invoice(amount=Decimal(9), issued_at=noon(5, 1), failed={1: noon(5, 2)}, paid_at=noon(5, 4))
    assert streak(a=late(3, paid=15), b=late(4, paid=15), c=in_time, d=late(6)) == 1


def test_what_is_not_decided_does_not_count() -> None:
    """Open and not late yet, or void: neither missed nor paid."""
    waiting = Invoice(amount=Decimal(9), issued_at=noon(6, 1))
    void = Invoice(amount=Decimal(9), issued_at=noon(5, 1), voided_at=noon(5, 2))
    assert streak(a=late(4), b=void, c=waiting) == 1
    assert streak(c=waiting) == 0


def seen(
    invoice: Invoice | None, *grants: Grant, draft: Draft | None = None, starts: date | None = None
) -> tuple[datetime | None, date | None, bool]:
    """Return when credit came too early, by when it is due, and whether it is there."""
    contracts = () if starts is None else (Contract(starts, 12, noon(6, 1), Decimal(9)),)
    found = credit_invoice("in_1", invoice, draft, grants, contracts, UTC)
    return found.premature_at, found.apply_by, found.applied


SENT = Invoice(amount=Decimal(20_000), plan="credit", issued_at=noon(6, 10))
PAID = Invoice(amount=Decimal(20_000), plan="credit", issued_at=noon(6, 10), paid_at=noon(6, 15))


def test_credit_before_the_money() -> None:
    """Drafted or sent and unpaid; goodwill too, but not what is put back, a startup's, or what was there before."""
    given = Grant(Decimal(25_000), noon(6, 12))
    assert seen(SENT, given)[0] == noon(6, 12)
    assert seen(None, given, draft=Draft(Decimal(9), "credit", False, noon(6, 11), noon(6, 11)))[0] == noon(6, 12)
    assert seen(SENT, Grant(Decimal(100), noon(6, 12), "one_time"))[0] == noon(6, 12)
    assert seen(SENT, Grant(Decimal(5_000), noon(6, 12), put_back=True))[0] is None
    assert seen(SENT, Grant(Decimal(5_000), noon(6, 12), "startup"))[0] is None
    assert seen(SENT, Grant(Decimal(5_000), noon(6, 1)))[0] is None


def test_credit_after_the_money() -> None:
    """Two business days after a Monday, or with the contract's start where that is later."""
    assert seen(PAID) == (None, date(2026, 6, 17), False)
    assert seen(PAID, starts=date(2026, 7, 1)) == (None, date(2026, 7, 1), False)
    assert seen(PAID, starts=date(2026, 6, 1))[1] == date(2026, 6, 17)
    assert seen(PAID, Grant(Decimal(25_000), noon(6, 16)))[2] is True
    assert seen(PAID, Grant(Decimal(100), noon(6, 16), "one_time"))[2] is False
