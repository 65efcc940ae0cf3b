"""Plots of the payment machine: attempts that fail, the clock that follows, and how it ends."""

from datetime import timedelta
from decimal import Decimal

from signals.domain.events.base import Event
from signals.domain.events.billing import (
    AccessRestored,
    AccessSuspended,
    InvoiceIssued,
    InvoicePaid,
    PaymentFailed,
    PaymentGraceGiven,
    SubscriptionCancelled,
    SubscriptionChanged,
)
from signals.simulator.draft import Draft
from signals.simulator.plots.churn import UNUSED, UNUSED_CHURN

ATTEMPTS = (0, 3, 5, 7)
"""Days after the invoice on which the four automatic attempts are made."""
FAILED = "payg_payment_failed"


def _invoice(draft: Draft, day: int, amount: Decimal) -> str:
    # An invoice of its own, beside the monthly ones, so that those stay in order.
    invoice_id = f"in_{draft.org_id[4:]}_x"
    draft.script(
        day,
        InvoiceIssued(
            org_id=draft.org_id, at=draft.at(day, 6), id=draft.moment_id("issued", invoice_id), invoice_id=invoice_id,
            amount=amount, plan="payg", period_start=draft.calendar.date_of(day - 30),
            period_end=draft.calendar.date_of(day),
        ),
    )  # fmt: skip
    return invoice_id


def _fail(draft: Draft, day: int, invoice_id: str, amount: Decimal, attempts: int) -> None:
    for attempt, after in enumerate(ATTEMPTS[:attempts], 1):
        following = draft.at(day + ATTEMPTS[attempt], 9) if attempt < len(ATTEMPTS) else None
        draft.script(
            day + after,
            PaymentFailed(
                org_id=draft.org_id, at=draft.at(day + after, 9), id=draft.moment_id("failed", str(attempt)),
                invoice_id=invoice_id, attempt=attempt, amount=amount, next_attempt_at=following,
                url=f"https://billing.example.com/invoices/{invoice_id}",
            ),
        )  # fmt: skip
        draft.plant(FAILED, day + after, f"attempt {attempt} of 4 fails")


def _paid(draft: Draft, day: int, invoice_id: str, amount: Decimal) -> None:
    at = draft.at(day, 15)
    event: Event = InvoicePaid(
        org_id=draft.org_id, at=at, id=draft.moment_id("paid", invoice_id), invoice_id=invoice_id, amount=amount
    )
    draft.script(day, event)
    draft.plant("payment_recovered", day, "paid after failures")


def retry_succeeds(draft: Draft, day: int) -> None:
    """The first attempt fails, the second succeeds."""
    amount = draft.mrr
    invoice_id = _invoice(draft, day, amount)
    _fail(draft, day, invoice_id, amount, 1)
    _paid(draft, day + 3, invoice_id, amount)


def _exhausted(draft: Draft, day: int, amount: Decimal) -> tuple[str, int]:
    """Write four failures; return the invoice and day 0."""
    invoice_id = _invoice(draft, day, amount)
    _fail(draft, day, invoice_id, amount, 4)
    late = day + ATTEMPTS[-1]
    draft.plant("payg_payment_exhausted", late, "the fourth attempt fails")
    return invoice_id, late


def recovered(draft: Draft, day: int) -> None:
    """A managed account: four failures, suspended on day 7, paid on day 9, access restored."""
    amount = draft.mrr
    invoice_id, late = _exhausted(draft, day, amount)
    draft.plant("payment_day0_owner_action", late, "day 0 on a managed account")
    draft.plant("payment_suspend_tomorrow", late + 6, "day 6")
    draft.plant("payment_suspend", late + 7, "day 7")
    suspended = AccessSuspended(org_id=draft.org_id, at=draft.at(late + 7, 12), invoice_id=invoice_id)
    draft.script(late + 7, suspended)
    _paid(draft, late + 9, invoice_id, amount)
    draft.script(late + 9, AccessRestored(org_id=draft.org_id, at=draft.at(late + 9, 15.2)))


def cancelled(draft: Draft, day: int) -> None:
    """Nobody owns it and 1,500.00 stay unpaid to the end: the machine cancels, which is a loss like any other."""
    amount = Decimal("1500.00")
    draft.owner, draft.channel, draft.champion = None, None, None
    invoice_id, late = _exhausted(draft, day, amount)
    draft.plant("payment_unmanaged_1500", late, "unmanaged and 1,500.00")
    draft.plant("payment_suspend_tomorrow", late + 6, "day 6")
    draft.plant("payment_suspend", late + 7, "day 7")
    suspended = AccessSuspended(org_id=draft.org_id, at=draft.at(late + 7, 12), invoice_id=invoice_id)
    draft.script(late + 7, suspended)
    draft.plant("payment_cancel_tomorrow", late + 13, "six days after the suspension")
    draft.plant("payment_cancel", late + 14, "seven days after the suspension")
    over = late + 14
    draft.script(
        over,
        SubscriptionCancelled(
            org_id=draft.org_id, at=draft.at(over, 12), id=draft.moment_id("cancelled"), by="payment_machine"
        ),
    )
    draft.script(over, SubscriptionChanged(org_id=draft.org_id, at=draft.at(over, 12.1), status="cancelled", items={}))
    draft.plant("subscription_cancelled", over, "cancelled by the payment machine")
    draft.ended = over + 1
    draft.allow((*UNUSED_CHURN, *UNUSED), over, "nobody uses it now")


def unmanaged_small(draft: Draft, day: int) -> None:
    """Nobody owns it and 1,499.99 are late: not the 1,500 alert. Paid on day 4."""
    amount = Decimal("1499.99")
    draft.owner, draft.channel, draft.champion = None, None, None
    invoice_id, late = _exhausted(draft, day, amount)
    draft.plant("payment_unmanaged_1500", late, "1,499.99", expect="quiet")
    draft.allow(("payment_day0_owner_action",), late, "whoever stands in for the owner is told")
    _paid(draft, late + 4, invoice_id, amount)


def grace(draft: Draft, day: int) -> None:
    """The owner gives time until day 14; the suspension moves there, and it is paid the day before it would come."""
    amount = draft.mrr
    invoice_id, late = _exhausted(draft, day, amount)
    draft.plant("payment_day0_owner_action", late, "day 0 on a managed account")
    given = PaymentGraceGiven(
        org_id=draft.org_id, at=draft.at(late + 2, 10), invoice_id=invoice_id, until=draft.calendar.date_of(late + 14)
    )
    draft.script(late + 2, given)
    draft.plant("payment_suspend_tomorrow", late + 13, "the day before the grace date")
    draft.plant("payment_suspend", late + 6, "grace was given, and it is paid in time", expect="quiet")
    _paid(draft, late + 13, invoice_id, amount)


def credit_overdue(draft: Draft, day: int) -> None:
    """A credit invoice is unpaid on the day after its due date, with credit left; paid five days later."""
    invoice_id = f"in_{draft.org_id[4:]}_of"
    due = draft.calendar.date_of(day)
    amount = Decimal("18000.00")
    issued_day = max(day - 30, 1)
    draft.script(
        issued_day,
        InvoiceIssued(
            org_id=draft.org_id, at=draft.at(issued_day, 9), id=draft.moment_id("issued", invoice_id),
            invoice_id=invoice_id, amount=amount, plan="credit", due_on=due,
            period_start=due - timedelta(days=30),
        ),
    )  # fmt: skip
    late = day + 1
    draft.plant("credit_invoice_overdue", late, "unpaid on the day after the due date", until=late + 7)
    draft.plant("payment_day0_owner_action", late, "day 0 on a managed account")
    _paid(draft, late + 5, invoice_id, amount)
