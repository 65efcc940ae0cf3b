"""The payment failure machine (handbook BI, catalogue section 5): one invoice, its state and its dates.

Card payers (pay as you go) are ``retrying`` through attempts 1-3 and late from the configured attempt on (4 by
default: the catalogue's pick). A credit invoice is late on the day after its due date, even if credit remains. From day
0 the clock runs in calendar days of the business zone::

    day 0        6               7          13              14
    late -> suspend_notice -> suspended -> cancel_notice -> cancelled        paid at any step -> recovered
    grace: a new suspend date; the cancel clock counts from the suspension that in fact happened
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from signals.detectors.terms import Terms
from signals.domain.account.billing import Invoice


class PaymentState(StrEnum):
    """Where an invoice stands."""

    OPEN = "open"
    RETRYING = "retrying"
    LATE = "late"
    GRACE = "grace"
    SUSPEND_NOTICE = "suspend_notice"
    SUSPENDED = "suspended"
    CANCEL_NOTICE = "cancel_notice"
    CANCELLED = "cancelled"
    RECOVERED = "recovered"
    """Paid after at least one failure or after day 0."""
    SETTLED = "settled"
    """Paid in time, or void."""


@dataclass(frozen=True)
class InvoiceView:
    """One invoice as rules see it. Dates are calendar days of the business zone; None where there is none."""

    id: str
    plan: str
    amount: Decimal | None
    open: bool
    paid_at: datetime | None
    attempts: int
    last_failed_at: datetime | None
    due_on: date | None
    late_on: date | None
    """Day 0."""
    suspend_on: date | None
    cancel_on: date | None
    suspended: bool
    """Access was in fact suspended for it."""
    grace: bool
    state: str
    recovered_at: datetime | None
    url: str | None


def view_invoice(
    invoice_id: str, invoice: Invoice, *, today: date, zone: tzinfo, terms: Terms, contract_start: date | None
) -> InvoiceView:
    """Return the invoice with the machine's dates and its state on *today*.

    *contract_start* gives the due date of a credit invoice that names none.
    """
    due_on = invoice.due_on
    if due_on is None and invoice.plan == "credit" and contract_start is not None:
        due_on = contract_start + terms.credit_due_after
    late_on = _late_on(invoice, due_on, zone, terms)
    suspend_on = _suspend_on(invoice, late_on, terms)
    suspended_on = _day(invoice.suspended_at, zone)
    cancel_from = suspended_on or suspend_on
    cancel_on = cancel_from + terms.cancel_after if cancel_from is not None and late_on is not None else None
    paid_on = _day(invoice.paid_at, zone)
    recovered = (
        paid_on is not None
        and invoice.voided_at is None
        and (bool(invoice.failed) or (late_on is not None and paid_on >= late_on))
    )
    return InvoiceView(
        id=invoice_id,
        plan=invoice.plan,
        amount=invoice.amount,
        open=invoice.open,
        paid_at=invoice.paid_at,
        attempts=max(invoice.failed, default=0),
        last_failed_at=max(invoice.failed.values(), default=None),
        due_on=due_on,
        late_on=late_on,
        suspend_on=suspend_on,
        cancel_on=cancel_on,
        suspended=suspended_on is not None,
        grace=invoice.grace_until is not None,
        state=_state(invoice, today, late_on, suspend_on, cancel_on, recovered=recovered, terms=terms),
        recovered_at=invoice.paid_at if recovered else None,
        url=invoice.url,
    )


def _day(at: datetime | None, zone: tzinfo) -> date | None:
    return at.astimezone(zone).date() if at is not None else None


def _late_on(invoice: Invoice, due_on: date | None, zone: tzinfo, terms: Terms) -> date | None:
    if invoice.plan == "credit":
        return due_on + timedelta(days=1) if due_on is not None else None
    deciding = [at for attempt, at in invoice.failed.items() if attempt >= terms.payment_clock_attempt]
    return _day(min(deciding), zone) if deciding else None


def _suspend_on(invoice: Invoice, late_on: date | None, terms: Terms) -> date | None:
    if late_on is None:
        return None
    return invoice.grace_until if invoice.grace_until is not None else late_on + terms.suspend_after


def _state(
    invoice: Invoice,
    today: date,
    late_on: date | None,
    suspend_on: date | None,
    cancel_on: date | None,
    *,
    recovered: bool,
    terms: Terms,
) -> str:
    if not invoice.open:
        return PaymentState.RECOVERED if recovered else PaymentState.SETTLED
    if late_on is None or today < late_on or suspend_on is None or cancel_on is None:
        return PaymentState.RETRYING if invoice.failed else PaymentState.OPEN
    if today >= cancel_on:
        return PaymentState.CANCELLED
    if today >= cancel_on - terms.notice and today >= suspend_on:
        return PaymentState.CANCEL_NOTICE
    if today >= suspend_on or invoice.suspended_at is not None:
        return PaymentState.SUSPENDED
    if today >= suspend_on - terms.notice:
        return PaymentState.SUSPEND_NOTICE
    return PaymentState.GRACE if invoice.grace_until is not None else PaymentState.LATE
