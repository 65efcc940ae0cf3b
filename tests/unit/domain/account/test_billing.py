"""Billing facts: what one report changes, and that a late one does not undo a newer one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signals.domain.account.billing import KEEP_MONTHS, KEEP_SETTLED, MAX_INVOICES, Billing, Invoice
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events import billing as events
from signals.domain.events.base import Event

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(kind: type[Event], day: float, **fields: Any) -> Event:
    """Return one event *day* days after the start."""
    return kind(org_id="acme", at=START + timedelta(days=day), **fields)


def told(*happened: Event) -> Billing:
    """Return the billing facts after these events, in the order given."""
    account = Account("acme", START)
    for one in happened:
        account = reduce(account, one, UTC)
    return account.billing


def both_orders(one: Event, two: Event) -> Billing:
    """Return the facts after two events, the same in either order."""
    facts = told(one, two)
    assert told(two, one) == facts
    return facts


def invoice(billing: Billing) -> Invoice:
    """Return the only invoice."""
    assert len(billing.invoices) == 1
    return next(iter(billing.invoices.values()))


ISSUED = event(events.InvoiceIssued, 0, invoice_id="in_1", amount=Decimal(120), plan="credit", due_on=date(2026, 4, 1))


def test_an_attempt_before_the_invoice_is_kept() -> None:
    """The invoice's own amount wins over the attempt's, whichever comes first."""
    failed = event(events.PaymentFailed, 1, invoice_id="in_1", attempt=1, amount=Decimal(90))
    known = invoice(both_orders(ISSUED, failed))

    assert (known.amount, known.plan, list(known.failed)) == (Decimal(120), "credit", [1])


def test_attempts_are_counted_once() -> None:
    """The same attempt reported again an hour later is one attempt, at its first time."""
    first = event(events.PaymentFailed, 0, invoice_id="in_1", attempt=1, amount=Decimal(90))
    again = event(events.PaymentFailed, 0.1, invoice_id="in_1", attempt=1, amount=Decimal(90))

    assert invoice(both_orders(first, again)).failed == {1: START}


def test_the_amount_of_an_unseen_invoice_is_the_first_attempts() -> None:
    """Two attempts that name different amounts; and an attempt beats a payment."""
    first = event(events.PaymentFailed, 0, invoice_id="in_1", attempt=1, amount=Decimal(90))
    second = event(events.PaymentFailed, 1, invoice_id="in_1", attempt=2, amount=Decimal(95))
    paid = event(events.InvoicePaid, 2, invoice_id="in_1", amount=Decimal(95))

    assert invoice(both_orders(first, second)).amount == Decimal(90)
    assert invoice(both_orders(first, paid)).amount == Decimal(90)


def test_the_link_is_the_newest_one_given() -> None:
    """An attempt without a link does not take it away."""
    first = event(events.PaymentFailed, 0, invoice_id="in_1", attempt=1, amount=Decimal(90), url="https://one")
    second = event(events.PaymentFailed, 1, invoice_id="in_1", attempt=2, amount=Decimal(90))
    third = event(events.PaymentFailed, 2, invoice_id="in_1", attempt=3, amount=Decimal(90), url="https://three")

    assert invoice(both_orders(first, second)).url == "https://one"
    assert invoice(both_orders(first, third)).url == "https://three"


def test_a_receipt_and_the_invoice_marked_paid_are_one_payment() -> None:
    """Paid at the earlier of the two."""
    receipt = event(events.ReceiptMatched, 3, invoice_id="in_1")
    paid = event(events.InvoicePaid, 20, invoice_id="in_1", amount=Decimal(120))

    assert invoice(both_orders(receipt, paid)).paid_at == START + timedelta(days=3)


def test_a_later_wording_of_an_invoice_wins() -> None:
    """An invoice finalised again with another amount and date."""
    again = event(
        events.InvoiceIssued, 1, invoice_id="in_1", amount=Decimal(100), plan="credit", due_on=date(2026, 5, 1)
    )
    known = invoice(both_orders(ISSUED, again))

    assert (known.amount, known.due_on) == (Decimal(100), date(2026, 5, 1))


def test_the_later_grace_counts() -> None:
    """By when it was given, not by its date."""
    one = event(events.PaymentGraceGiven, 1, invoice_id="in_1", until=date(2026, 3, 30))
    two = event(events.PaymentGraceGiven, 2, invoice_id="in_1", until=date(2026, 3, 20))

    assert invoice(both_orders(one, two)).grace_until == date(2026, 3, 20)


def test_a_suspension_that_names_no_invoice_stays_apart() -> None:
    """Which invoices it is for follows from the facts, whenever they come."""
    facts = both_orders(event(events.AccessSuspended, 8), ISSUED)

    assert invoice(facts).suspended_at is None
    assert facts.suspended_at == START + timedelta(days=8)


def test_the_last_suspension_and_restoration_count() -> None:
    """In any order."""
    one = event(events.AccessSuspended, 8, invoice_id="in_1")
    two = event(events.AccessSuspended, 15, invoice_id="in_1")
    back, again = event(events.AccessRestored, 9), event(events.AccessRestored, 16)

    assert invoice(both_orders(one, two)).suspended_at == START + timedelta(days=15)
    assert both_orders(back, again).restored_at == START + timedelta(days=16)


def test_a_cancellation_and_the_new_state_are_one() -> None:
    """The first report gives the time, and who did it is known from either order."""
    state = event(events.SubscriptionChanged, 1, status="cancelled", items={})
    cancelled = event(events.SubscriptionCancelled, 1.2, by="customer")
    facts = both_orders(state, cancelled)

    assert (facts.status, facts.cancelled_at, facts.cancelled_by) == (
        "cancelled",
        START + timedelta(days=1),
        "customer",
    )


def test_an_active_subscription_ends_an_earlier_cancellation() -> None:
    """And not a later one."""
    cancelled = event(events.SubscriptionCancelled, 1, by="customer")
    active = event(events.SubscriptionChanged, 2, status="active", items={"a": "paid"})
    before = event(events.SubscriptionChanged, 0, status="active", items={"a": "paid"})

    assert both_orders(cancelled, active).cancelled_at is None
    assert both_orders(cancelled, active).status == "active"
    assert both_orders(before, cancelled).cancelled_at == START + timedelta(days=1)


def test_an_accepted_offer_is_no_cancellation() -> None:
    """A marketplace agreement replaced by a new one."""
    assert told(event(events.SubscriptionCancelled, 1, by="customer", replaced_by_offer=True)) == Billing()


def test_what_a_report_leaves_out_stays() -> None:
    """Items and interval of the subscription, forecast and products of the spend."""
    full = event(events.SubscriptionChanged, 0, status="active", interval="year", items={"b": "paid", "a": "free"})
    short = event(events.SubscriptionChanged, 1, status="past_due")
    facts = both_orders(full, short)
    assert (facts.status, facts.interval, facts.items) == ("past_due", "year", {"a": "free", "b": "paid"})

    whole = event(events.SpendReported, 0, mrr=Decimal(10), forecasted_mrr=Decimal(12), paying_since=date(2026, 1, 1))
    only = event(events.SpendReported, 1, mrr=Decimal(11))
    spend = both_orders(whole, only)
    assert (spend.mrr, spend.forecasted_mrr, spend.paying_since) == (Decimal(11), Decimal(12), date(2026, 1, 1))


def test_the_last_word_on_a_limit_counts() -> None:
    """A limit set, then removed."""
    limit = event(events.BillingLimitSet, 0, product="session_replay", limit=Decimal(400))
    removed = event(events.BillingLimitSet, 1, product="session_replay", limit=None)

    assert both_orders(limit, removed).limits == {}


@pytest.mark.parametrize(("late_by", "amount"), [(timedelta(hours=1), 900), (timedelta(0), 700)])
def test_the_last_report_of_a_month_counts(late_by: timedelta, amount: int) -> None:
    """Never the sum; one that is older by its own time changes nothing."""
    at = START + timedelta(days=5)
    last = events.RevenueReported(org_id="acme", at=at, month=date(2026, 3, 1), amount=Decimal(900))
    other = events.RevenueReported(org_id="acme", at=at - late_by, month=date(2026, 3, 1), amount=Decimal(700))

    assert list(told(last, other).revenue.values()) == [Decimal(amount)]


def test_months_too_old_are_not_kept() -> None:
    """Fifteen months, in whatever order they come."""
    new = event(events.RevenueReported, 1, month=date(2026, 3, 1), amount=Decimal(1))
    old = event(events.RevenueReported, 0, month=date(2024, 12, 1), amount=Decimal(2))
    kept = event(events.RevenueReported, 0, month=date(2025, 1, 1), amount=Decimal(3))

    assert len(both_orders(new, old).revenue) == 1
    assert len(both_orders(new, kept).revenue) == 2
    assert KEEP_MONTHS == 15


def test_settled_invoices_go_after_a_while_and_open_ones_stay() -> None:
    """A quarter after an invoice was paid nothing needs it any more."""
    paid = event(events.InvoicePaid, 0, invoice_id="in_paid", amount=Decimal(1))
    unpaid = event(events.InvoiceIssued, 0, invoice_id="in_open", amount=Decimal(1))
    much_later = event(events.InvoiceIssued, KEEP_SETTLED.days + 1, invoice_id="in_new", amount=Decimal(1))

    assert set(told(paid, unpaid, much_later).invoices) == {"in_open", "in_new"}


def test_invoices_are_bounded() -> None:
    """Settled ones go first."""
    unpaid = event(events.InvoiceIssued, 0, invoice_id="in_open", amount=Decimal(1))
    many = [event(events.InvoicePaid, day, invoice_id=f"in_{day}", amount=Decimal(1)) for day in range(60)]
    kept = told(unpaid, *many).invoices

    assert len(kept) == MAX_INVOICES
    assert "in_open" in kept
    assert "in_59" in kept
