"""Stripe payloads, ours and Stripe's own example objects, as canonical events."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from signals.domain.errors import BadInput
from signals.domain.events.base import Event
from signals.domain.events.billing import (
    CreditBalanceReported,
    CreditsGranted,
    InvoiceIssued,
    InvoicePaid,
    InvoiceVoided,
    PaymentFailed,
    SubscriptionCancelled,
    SubscriptionChanged,
    TrialSet,
)
from signals.domain.events.paperwork import InvoiceDrafted
from signals.domain.reasons import DeadReason
from signals.ingest.sources.contract import Nothing
from signals.ingest.sources.stripe import StripeSource, dollars
from support.payloads import CREATED, ORG, grant, invoice, stripe_event, subscription
from support.records import START
from support.shared import shared_path


def mapped(kind: str, obj: dict[str, Any], source: StripeSource | None = None, **envelope: Any) -> Any:
    """Return what the source makes of an event; a single event by itself."""
    value = msgspec.json.encode(stripe_event(kind, obj, **envelope))
    result = (source or StripeSource())(value, "billing", "acme")
    return result[0] if isinstance(result, tuple) and len(result) == 1 else result


@pytest.mark.parametrize(
    ("amount", "currency", "rates", "usd"),
    [
        (1050, "usd", {}, "10.50"), (1050, "USD", {}, "10.50"), (-3_000_000, "usd", {}, "-30000"),
        (500, "jpy", {"jpy": "0.0065"}, "3.25"), (1500, "kwd", {"kwd": "3.25"}, "4.875"),
        (1000, "eur", {"eur": "1.1"}, "11"),
        (500, "ugx", {"ugx": "0.1"}, "0.5"),
    ],
)  # fmt: skip
def test_amounts_are_in_the_currencys_smallest_unit(amount: int, currency: str, rates: Any, usd: str) -> None:
    """Cents for most, whole units for JPY, thousandths for KWD; exact."""
    assert dollars(amount, currency, {code: Decimal(rate) for code, rate in rates.items()}) == Decimal(usd)


def test_a_currency_without_a_rate_is_refused_by_name() -> None:
    """An amount in yen must never pass for dollars."""
    with pytest.raises(BadInput, match="'jpy' has no configured rate") as refused:
        mapped("invoice.paid", invoice(currency="jpy", amount_paid=500))
    assert refused.value.reason is DeadReason.INVALID


def test_a_finalized_invoice_is_issued_with_its_lines_by_product() -> None:
    """Amount due, days in the business zone, lines by metadata or by the configured product id."""
    source = StripeSource(products={"prod_1": "surveys"}, zone=ZoneInfo("America/Los_Angeles"))
    event = mapped("invoice.finalized", invoice(due_date=CREATED - 7200), source)
    assert event == InvoiceIssued(
        org_id="acme", at=START, id="evt_1", invoice_id="in_1", amount=Decimal("1500.50"), plan="payg",
        due_on=date(2026, 3, 1), period_start=date(2026, 1, 31), period_end=date(2026, 3, 2),
        lines={"session_replay": Decimal(1000), "surveys": Decimal("500.50")},
    )  # fmt: skip


def test_an_invoice_paid_by_transfer_is_taken_for_credit_unless_metadata_says_otherwise() -> None:
    """The payment machine treats order forms and cards differently."""
    assert mapped("invoice.finalized", invoice(collection_method="send_invoice")).plan == "credit"
    assert mapped("invoice.finalized", invoice(metadata={"plan": "flat"})).plan == "flat"


def test_of_drafts_those_for_credit_are_told() -> None:
    """Made or changed while in draft; usage, and an invoice already sent, say nothing; metadata marks a renewal."""
    draft = invoice(collection_method="send_invoice", status="draft")
    for kind in ("invoice.created", "invoice.updated"):
        event = mapped(kind, draft)
        assert isinstance(event, InvoiceDrafted)
        assert (event.amount, event.plan, event.renewal) == (Decimal("1500.50"), "credit", False)
    marked = invoice(collection_method="send_invoice", status="draft", metadata={**ORG, "renewal": "true"})
    assert mapped("invoice.created", marked).renewal is True
    assert mapped("invoice.created", invoice(status="draft")) == Nothing("unmapped")
    assert mapped("invoice.updated", invoice(collection_method="send_invoice", status="open")) == Nothing("unmapped")


def test_a_failed_payment_carries_attempt_amount_left_and_next_attempt() -> None:
    """What is still owed, not what was billed; an attempt by hand counts as the first."""
    event = mapped("invoice.payment_failed", invoice(amount_remaining=100_000))
    assert isinstance(event, PaymentFailed)
    assert (event.attempt, event.amount, event.url) == (2, Decimal(1000), "https://pay.example/in_1")
    assert event.next_attempt_at is not None
    assert (event.next_attempt_at - START).days == 3
    assert mapped("invoice.payment_failed", invoice(attempt_count=0)).attempt == 1


@pytest.mark.parametrize(
    ("kind", "cls"),
    [("invoice.paid", InvoicePaid), ("invoice.payment_succeeded", InvoicePaid), ("invoice.voided", InvoiceVoided),
     ("invoice.marked_uncollectible", InvoiceVoided)],
)  # fmt: skip
def test_other_ends_of_an_invoice(kind: str, cls: type[Event]) -> None:
    """Paid is paid, voided and written off are both off the table."""
    event = mapped(kind, invoice(amount_paid=150_050))
    assert type(event) is cls
    if isinstance(event, InvoicePaid):
        assert event.amount == Decimal("1500.50")


def test_the_organization_of_an_older_invoice_is_found_in_its_older_place() -> None:
    """Old API versions stay in use for years: subscription on the invoice, details beside it."""
    older = invoice(subscription="sub_1", subscription_details={"metadata": ORG})
    del older["parent"]
    assert mapped("invoice.paid", older).org_id == "acme"


def test_two_organizations_in_one_object_are_refused() -> None:
    """Whose invoice it is must not depend on where we look first."""
    with pytest.raises(BadInput, match="both must be one organization") as refused:
        mapped("invoice.paid", invoice(metadata={"organization_id": "other"}))
    assert refused.value.reason is DeadReason.FOREIGN_ACCOUNT


def test_no_organization_is_refused_unless_the_key_is_trusted() -> None:
    """Who puts the key there decides whether it may speak for the payload."""
    nameless = invoice(parent=None)
    with pytest.raises(BadInput, match=r"data.object.metadata") as refused:
        mapped("invoice.paid", nameless)
    assert refused.value.reason is DeadReason.NO_ORGANIZATION
    assert mapped("invoice.paid", nameless, StripeSource(trust_key=True)).org_id == "acme"


def test_a_subscription_is_its_whole_state() -> None:
    """Status, interval and items by product; a first page of items is no closed world."""
    event = mapped("customer.subscription.updated", subscription())
    assert event == SubscriptionChanged(
        org_id="acme", at=START, id="evt_1", status="active", interval="month", items={"group_analytics": "paid"}
    )
    page = subscription()
    page["items"]["has_more"] = True
    assert mapped("customer.subscription.updated", page).items is msgspec.UNSET


def test_an_older_subscription_with_plans_and_its_own_period_reads_the_same() -> None:
    """Old shape: plan instead of price, period on the subscription."""
    older = subscription(current_period_start=CREATED, current_period_end=CREATED, items={"data": [
        {"id": "si", "plan": {"id": "plan_1", "nickname": "paid", "interval": "year", "product": "prod_9"}},
    ]})  # fmt: skip
    event = mapped("customer.subscription.updated", older)
    assert (event.interval, event.items) == ("year", {"prod_9": "paid"})


def test_a_deleted_subscription_is_cancelled_and_says_by_whom() -> None:
    """Two events of one record: the state, and the moment."""
    ended = subscription(status="canceled", cancellation_details={"reason": "payment_failed"})
    changed, cancelled = mapped("customer.subscription.deleted", ended)
    assert (changed.status, cancelled.by) == ("cancelled", "payment_machine")
    assert isinstance(cancelled, SubscriptionCancelled)


def test_a_trial_runs_until_its_day() -> None:
    """The day of the end still counts as running."""
    _, trial = mapped("customer.subscription.created", subscription(status="trialing", trial_end=CREATED + 86_400))
    assert (type(trial), trial.until) == (TrialSet, date(2026, 3, 3))


def test_an_unknown_status_is_refused_with_the_valid_ones() -> None:
    """A new status of Stripe's must be looked at by a person."""
    with pytest.raises(BadInput, match=r"data.object.status: 'zombie'; valid: active"):
        mapped("customer.subscription.updated", subscription(status="zombie"))


@pytest.mark.parametrize(
    ("changed", "amount", "reason"),
    [
        ({}, "30000", "contract"), ({"category": "promotional"}, "30000", "one_time"),
        ({"metadata": ORG | {"plan": "startup"}}, "30000", "startup"), ({"voided_at": CREATED}, "0", "contract"),
    ],
)  # fmt: skip
def test_a_credit_grant(changed: Any, amount: str, reason: str) -> None:
    """3,000,000 cents are $30,000; a voided grant gives nothing."""
    event = mapped("billing.credit_grant.updated", grant(**changed))
    assert isinstance(event, CreditsGranted)
    assert (event.amount, event.reason, event.expires_on) == (Decimal(amount), reason, date(2027, 3, 2))


@pytest.mark.parametrize(("cents", "left"), [(-3_000_000, "30000"), (-1, "0.01"), (0, "0"), (1, "0"), (500_000, "0")])
def test_a_negative_balance_is_credit_left_in_dollars(cents: int, left: str) -> None:
    """Raw -3,000,000 is $30,000 of credit (not 3,000,000, not -30,000); a positive one is owed: no credit."""
    customer = {"id": "cus_1", "balance": cents, "currency": "usd", "metadata": ORG}
    event = mapped("customer.updated", customer, previous_attributes={"balance": 7})
    assert event == CreditBalanceReported(
        org_id="acme", at=START, id="evt_1", balance=Decimal(left), as_of=date(2026, 3, 2)
    )


def test_what_says_nothing_to_us_is_nothing_and_no_error() -> None:
    """Unmapped types, unchanged balances, and test mode where it is to be passed over."""
    assert mapped("plan.created", {"id": "x"}) == Nothing("unmapped")
    customer = {"id": "cus_1", "balance": -5, "metadata": ORG}
    assert mapped("customer.updated", customer, previous_attributes={"email": "x"}) == Nothing("no_change")
    source = StripeSource(ignore_test_mode=True)
    assert mapped("invoice.paid", invoice(), source, livemode=False) == Nothing("test_mode")


def test_a_field_of_the_wrong_type_is_named_from_the_records_root() -> None:
    """The dead letter must say where to look."""
    with pytest.raises(BadInput, match=r"Expected `int`, got `str` - at `\$\.data\.object\.amount_due`"):
        mapped("invoice.finalized", invoice(amount_due="12"))


SHARED = shared_path("contracts", "stripe", "fixtures3.json")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="Stripe's example objects are not there (SIGNALS_SHARED)")
@pytest.mark.parametrize(
    ("kind", "resource", "changed"),
    [
        ("invoice.finalized", "invoice", {}), ("invoice.paid", "invoice", {}), ("invoice.voided", "invoice", {}),
        ("invoice.created", "invoice", {"status": "draft", "collection_method": "send_invoice"}),
        ("invoice.payment_failed", "invoice", {}), ("invoice.marked_uncollectible", "invoice", {}),
        ("customer.subscription.created", "subscription", {}), ("customer.subscription.updated", "subscription", {}),
        ("customer.subscription.deleted", "subscription", {}), ("customer.updated", "customer", {"balance": -500}),
        # the example's currency is the word "currency"
        ("billing.credit_grant.created", "billing.credit_grant",
         {"amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 111_972_721}}}),
    ],
)  # fmt: skip
def test_stripes_own_example_objects_are_read(kind: str, resource: str, changed: dict[str, Any]) -> None:
    """Each example, with only an organization put into its metadata."""
    resources = msgspec.json.decode(SHARED.read_bytes())["resources"]
    obj = resources[resource] | {"metadata": ORG} | changed
    envelope = {name: value for name, value in resources["event"].items() if name not in ("data", "type", "created")}
    result = mapped(kind, obj, **envelope)
    events = result if isinstance(result, tuple) else (result,)
    assert all(isinstance(event, Event) and event.org_id == "acme" for event in events)
    assert {event.id for event in events} == {resources["event"]["id"]}
    if kind == "customer.updated":
        assert events[0].balance == Decimal(5)
    if kind == "invoice.finalized":
        assert events[0].amount == Decimal(10)
