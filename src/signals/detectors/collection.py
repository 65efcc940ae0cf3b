"""Invoices over time: commission payouts (catalogue 5, interlock), periods missed in a row, credit and its invoice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from signals.detectors.business_days import add_business_days
from signals.detectors.calendar_months import add_months
from signals.detectors.payment import InvoiceView
from signals.domain.account.billing import Invoice
from signals.domain.account.credits import Contract, Grant
from signals.domain.account.paperwork import Draft

PAYOUT_DAY = 14
"""Of the month after a quarter (handbook LS-NB): what is overdue then is left out of the payout."""

APPLY_WITHIN = 2
"""Business days after payment in which credit is to be applied (proposed)."""


@dataclass(frozen=True)
class CommissionView:
    """One invoice as the payout of commission sees it."""

    id: str
    amount: Decimal | None
    quarter: str
    """Quarter whose payout leaves it out, or takes the commission back."""
    cutoff_on: date
    """The 14th that decides about the quarter of its issue."""
    standing: str | None
    """``excluded``, ``clawback``, or null when nothing is wrong."""


def quarter_of(day: date) -> str:
    """Return the calendar quarter.

    >>> quarter_of(date(2026, 3, 31))
    'Q1 2026'
    """
    return f"Q{(day.month - 1) // 3 + 1} {day.year}"


def cutoff_of(day: date) -> date:
    """Return the 14th of the month after the quarter of a day.

    >>> cutoff_of(date(2026, 3, 10)), cutoff_of(date(2026, 12, 1))
    (datetime.date(2026, 4, 14), datetime.date(2027, 1, 14))
    """
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return add_months(first, 3).replace(day=PAYOUT_DAY)


def commission_of(view: InvoiceView, issued_on: date, today: date) -> CommissionView:
    """Return how an invoice stands: overdue on the 14th is excluded, overdue later is taken back in that quarter."""
    cutoff = cutoff_of(issued_on)
    standing, quarter = None, quarter_of(issued_on)
    late_on = view.late_on
    if view.open and isinstance(late_on, date) and today >= late_on:
        if late_on > cutoff:
            standing, quarter = "clawback", quarter_of(late_on)
        elif today >= cutoff:
            standing = "excluded"
    return CommissionView(view.id, view.amount, quarter, cutoff, standing)


def missed_in_a_row(invoices: Mapping[str, Invoice], views: Iterable[InvoiceView], today: date, zone: tzinfo) -> int:
    """Return how many of the newest payment periods in a row were missed: not paid by day 0.

    A period is the month its invoice is for; one that is neither paid nor late yet is not counted either way.
    """
    missed: dict[int, bool] = {}
    for view in views:
        invoice = invoices[view.id]
        day = _period(invoice, zone)
        if day is None or invoice.voided_at is not None:
            continue
        late_on = view.late_on
        late = isinstance(late_on, date) and late_on <= today
        if late and invoice.paid_at is not None and isinstance(late_on, date):
            late = invoice.paid_at.astimezone(zone).date() >= late_on
        if not late and invoice.paid_at is None:
            continue
        month = 12 * day.year + day.month
        missed[month] = missed.get(month, False) or late
    streak = 0
    for month in sorted(missed, reverse=True):
        if not missed[month]:
            break
        streak += 1
    return streak


def _period(invoice: Invoice, zone: tzinfo) -> date | None:
    if invoice.period_start is not None:
        return invoice.period_start
    at = invoice.issued_at or min(invoice.failed.values(), default=None)
    return at.astimezone(zone).date() if at is not None else None


@dataclass(frozen=True)
class CreditInvoiceView:
    """An invoice for credit, drafted or sent, and the credit that goes with it."""

    id: str
    amount: Decimal | None
    open: bool
    paid_on: date | None
    apply_by: date | None
    """Last day to apply the credit once paid; null while it is not."""
    applied: bool
    premature_at: datetime | None
    """When credit was given while it was neither paid nor void; null when none was."""


def credit_invoice(
    key: str,
    invoice: Invoice | None,
    draft: Draft | None,
    grants: Iterable[Grant],
    contracts: Iterable[Contract],
    zone: tzinfo,
) -> CreditInvoiceView:
    """Return one invoice for credit. The old balance put back after sending is no credit given too early."""
    begun = [at for at in (draft.first_at if draft else None, invoice.issued_at if invoice else None) if at is not None]
    since = min(begun, default=None)
    paid_at = invoice.paid_at if invoice is not None else None
    gone = invoice is not None and invoice.voided_at is not None
    given = [one for one in grants if one.amount > 0 and not one.put_back and one.reason != "startup"]
    after = sorted(one.at for one in given if since is not None and one.at >= since)
    early = [at for at in after if paid_at is None or at < paid_at]
    paid_on = paid_at.astimezone(zone).date() if paid_at is not None else None
    amount = invoice.amount if invoice is not None and invoice.amount is not None else draft.amount if draft else None
    return CreditInvoiceView(
        id=key,
        amount=amount,
        open=paid_at is None and not gone,
        paid_on=paid_on,
        apply_by=None if paid_on is None else max(add_business_days(paid_on, APPLY_WITHIN), _start(contracts, paid_on)),
        applied=any(one.reason == "contract" and since is not None and one.at >= since for one in given),
        premature_at=early[0] if early and not gone else None,
    )


def _start(contracts: Iterable[Contract], paid_on: date) -> date:
    """Return the start of the contract nearest to the payment, if it lies ahead: credit is applied from then on."""
    starts = [one.starts_on for one in contracts if one.credit is not None]
    nearest = min(starts, key=lambda day: (abs(day - paid_on), day), default=paid_on)
    return max(nearest, paid_on)
