"""The payment failure machine (handbook BI, catalogue section 5): one invoice, its state and its dates.

Card payers (pay as you go) are ``retrying`` through attempts 1-3 and late from the configured attempt on (4 by
default: the catalogue's pick). A credit invoice is late on the day after its due date, even if credit remains. From day
0 the clock runs in calendar days of the business zone::

    day 0        6               7          13              14
    late -> suspend_notice -> suspended -> cancel_notice -> cancelled        paid at any step -> recovered
    grace: a new suspend date; the cancel clock counts from the suspension that in fact happened

The state follows from the facts and the day alone, so it is the same whatever order the events came in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from msgspec import UNSET, UnsetType

from signals.detectors.calendar_months import add_months, months_between
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.credits import Contract


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
    """One invoice as rules see it. Dates are calendar days of the business zone; None where there is none.

    ``UNSET`` (unknown) are the dates and the state of an open credit invoice whose due date nobody told.
    """

    id: str
    plan: str
    amount: Decimal | None
    open: bool
    paid_at: datetime | None
    attempts: int
    last_failed_at: datetime | None
    due_on: date | None | UnsetType
    late_on: date | None | UnsetType
    """Day 0."""
    suspend_on: date | None | UnsetType
    cancel_on: date | None | UnsetType
    suspended: bool
    """Access was in fact suspended for it."""
    access_off: bool
    """Access was suspended for it and was not restored since."""
    grace: bool
    state: str | UnsetType
    recovered_at: datetime | None
    url: str | None


def view_invoice(
    invoice_id: str,
    billing: Billing,
    contracts: Iterable[Contract],
    *,
    today: date,
    zone: tzinfo,
    terms: Terms,
    held: bool = False,
) -> InvoiceView:
    """Return the invoice with the machine's dates and its state on *today*.

    *contracts* give the due date of a credit invoice that names none. *held*: credit invoices are paid by way of a
    marketplace whose payout lags, so that none is late until its owner has cleared it (handbook RK-AW, proposed). An
    invoice that *billing* does not know raises ``KeyError``.
    """
    invoice = billing.invoices[invoice_id]
    due_on = due_day(invoice, contracts, zone, terms)
    unknown = due_on is None and invoice.plan == "credit" and invoice.open
    late_on = None if held and invoice.plan == "credit" else _late_on(invoice, due_on, zone, terms)
    suspend_on = _suspend_on(invoice, late_on, terms)
    suspended_at = _suspended_at(invoice, billing, late_on, zone)
    cancel_from = _cancel_from(invoice, suspended_at, suspend_on, zone)
    cancel_on = cancel_from + terms.cancel_after if cancel_from is not None else None
    paid_on = _day(invoice.paid_at, zone)
    recovered = (
        paid_on is not None
        and invoice.voided_at is None
        and (bool(invoice.failed) or (late_on is not None and paid_on >= late_on))
    )
    restored_at = billing.restored_at
    return InvoiceView(
        id=invoice_id,
        plan=invoice.plan,
        amount=invoice.amount,
        open=invoice.open,
        paid_at=invoice.paid_at,
        attempts=max(invoice.failed, default=0),
        last_failed_at=max(invoice.failed.values(), default=None),
        due_on=UNSET if unknown else due_on,
        late_on=UNSET if unknown else late_on,
        suspend_on=UNSET if unknown else suspend_on,
        cancel_on=UNSET if unknown else cancel_on,
        suspended=suspended_at is not None,
        access_off=suspended_at is not None and (restored_at is None or restored_at < suspended_at),
        grace=invoice.grace_until is not None,
        state=UNSET if unknown else _state(invoice, today, late_on, suspend_on, cancel_from, recovered, terms),
        recovered_at=invoice.paid_at if recovered else None,
        url=invoice.url,
    )


def due_day(invoice: Invoice, contracts: Iterable[Contract], zone: tzinfo, terms: Terms) -> date | None:
    """Return the last day to pay: the invoice's own, else a credit invoice's default; None when neither is known.

    The default is contract start plus 30 days, and the start itself when it is charged to a card (handbook BI, CT-CR):
    an automatic attempt tells. Of several contracts, and of the years of one that is paid yearly, it is the one that
    begins nearest to the invoice: an invoice goes out a little before or after the term it is for.
    """
    if invoice.due_on is not None or invoice.plan != "credit":
        return invoice.due_on
    seen = _day(invoice.issued_at or min(invoice.failed.values(), default=None), zone)
    if seen is None:
        return None
    starts = [start for contract in contracts for start in _term_starts(contract, seen)]
    if not starts:
        return None
    start = min(starts, key=lambda day: (abs(day - seen), day))
    return start if invoice.failed else start + terms.credit_due_after


def _term_starts(contract: Contract, seen: date) -> tuple[date, ...]:
    if contract.billing != "yearly" or seen < contract.starts_on:
        return (contract.starts_on,)
    years = int(months_between(contract.starts_on, seen)) // 12
    last = (contract.term_months - 1) // 12
    return tuple(add_months(contract.starts_on, 12 * min(year, last)) for year in (years, years + 1))


def _day(at: datetime | None, zone: tzinfo) -> date | None:
    return at.astimezone(zone).date() if at is not None else None


def _late_on(invoice: Invoice, due_on: date | None, zone: tzinfo, terms: Terms) -> date | None:
    if invoice.plan == "credit":
        return due_on + timedelta(days=1) if due_on is not None else None
    deciding = [at for attempt, at in invoice.failed.items() if attempt >= terms.payment_clock_attempt]
    return _day(min(deciding), zone) if deciding else None


def _suspend_on(invoice: Invoice, late_on: date | None, terms: Terms) -> date | None:
    """Return day 7, or the grace date: more time, never less than the days already promised."""
    if late_on is None:
        return None
    usual = late_on + terms.suspend_after
    return max(invoice.grace_until, usual) if invoice.grace_until is not None else usual


def _suspended_at(invoice: Invoice, billing: Billing, late_on: date | None, zone: tzinfo) -> datetime | None:
    """Return the last suspension for this invoice; one that named none counts if the invoice was late and unpaid."""
    whole = billing.suspended_at
    if whole is not None and (
        late_on is None
        or whole.astimezone(zone).date() < late_on
        or any(ended is not None and ended <= whole for ended in (invoice.paid_at, invoice.voided_at))
    ):
        whole = None
    return max((at for at in (invoice.suspended_at, whole) if at is not None), default=None)


def _cancel_from(invoice: Invoice, suspended_at: datetime | None, suspend_on: date | None, zone: tzinfo) -> date | None:
    """Return the day the cancel clock counts from: the actual suspension, else the suspend date.

    A suspension before grace was given is not the one that follows from it.
    """
    if suspend_on is None:
        return None
    if suspended_at is None or (invoice.grace_at is not None and suspended_at < invoice.grace_at):
        return suspend_on
    return suspended_at.astimezone(zone).date()


def _state(
    invoice: Invoice,
    today: date,
    late_on: date | None,
    suspend_on: date | None,
    cancel_from: date | None,
    recovered: bool,
    terms: Terms,
) -> str:
    if not invoice.open:
        return PaymentState.RECOVERED if recovered else PaymentState.SETTLED
    if late_on is None or today < late_on or suspend_on is None or cancel_from is None:
        return PaymentState.RETRYING if invoice.failed else PaymentState.OPEN
    cancel_on = cancel_from + terms.cancel_after
    if today >= cancel_on:
        return PaymentState.CANCELLED
    if today >= cancel_from and today >= cancel_on - terms.notice:
        return PaymentState.CANCEL_NOTICE
    if today >= min(suspend_on, cancel_from):
        return PaymentState.SUSPENDED
    if today >= suspend_on - terms.notice:
        return PaymentState.SUSPEND_NOTICE
    return PaymentState.GRACE if invoice.grace_until is not None else PaymentState.LATE
