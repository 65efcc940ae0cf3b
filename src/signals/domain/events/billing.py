"""The billing topic: invoices and payments, subscriptions, credit, spend."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from signals.domain.events.base import Day, Event, Instant, Money, Name, Priced
from signals.domain.events.paperwork import InvoiceDrafted, InvoiceUnderpaid
from signals.domain.events.periods import PeriodReported

Plan = Literal["payg", "credit", "flat"]


class InvoiceIssued(Priced, frozen=True, kw_only=True, tag="invoice_issued"):
    """An invoice became final and payable."""

    invoice_id: Name
    amount: Money
    plan: Plan = "payg"
    """``credit``: bought in advance on an order form; ``payg``: charged to a card for usage."""
    due_on: Day | None = None
    """Last day to pay; absent on a credit invoice means contract start + 30 days."""
    period_start: Day | None = None
    period_end: Day | None = None
    lines: dict[Name, Money] = {}
    """Product key -> amount."""


class InvoicePaid(Priced, frozen=True, kw_only=True, tag="invoice_paid"):
    """An invoice was settled in full."""

    invoice_id: Name
    amount: Money


class InvoiceVoided(Event, frozen=True, kw_only=True, tag="invoice_voided"):
    """An invoice is void or written off; nothing is owed on it any more."""

    invoice_id: Name


class PaymentFailed(Priced, frozen=True, kw_only=True, tag="payment_failed"):
    """An automatic attempt to collect an invoice failed."""

    invoice_id: Name
    attempt: Annotated[int, Meta(ge=1, le=100, extra_json_schema={"x-unit": "attempt"})]
    amount: Money
    next_attempt_at: Instant | None = None
    cause: Name | None = None
    """Why it failed, as the bank says: ``authentication_required`` (3-D Secure), ``insufficient_funds``."""
    url: Annotated[str, Meta(max_length=2000)] | None = None


class PaymentGraceGiven(Event, frozen=True, kw_only=True, tag="payment_grace_given"):
    """The owner gave more time; ``until`` is the new suspend date."""

    invoice_id: Name
    until: Day


class AccessSuspended(Event, frozen=True, kw_only=True, tag="access_suspended"):
    """Access was in fact suspended for an unpaid balance."""

    invoice_id: Name | None = None


class AccessRestored(Event, frozen=True, kw_only=True, tag="access_restored"):
    """Access was switched on again."""


class SubscriptionChanged(Event, frozen=True, kw_only=True, tag="subscription_changed"):
    """The whole state of the subscription; items not named are not subscribed to (closed world)."""

    status: Literal["active", "trialing", "past_due", "unpaid", "incomplete", "paused", "cancelled"]
    interval: Literal["month", "year"] | None = None
    items: dict[Name, Name] | UnsetType = UNSET
    """Product or add-on key -> plan name, such as ``{"group_analytics": "paid"}``."""
    cancel_at: Instant | None = None


class SubscriptionCancelled(Event, frozen=True, kw_only=True, tag="subscription_cancelled"):
    """The subscription ended."""

    by: Literal["customer", "us_for_trial", "payment_machine", "unknown"] = "unknown"
    replaced_by_offer: bool = False
    """True for a marketplace agreement that an accepted offer replaced: not a cancellation."""


class TrialSet(Event, frozen=True, kw_only=True, tag="trial_set"):
    """A free trial runs until a day (which still counts as running); ``None`` ends it."""

    until: Day | None


class ProductActivated(Event, frozen=True, kw_only=True, tag="product_activated"):
    """A product was switched on in billing."""

    product: Name


class AddonRemoved(Event, frozen=True, kw_only=True, tag="addon_removed"):
    """An add-on or package was taken off the subscription."""

    product: Name


class BillingLimitSet(Priced, frozen=True, kw_only=True, tag="billing_limit_set"):
    """A spend limit for one product and period; ``None`` removes it."""

    product: Name
    limit: Money | None


class BillingLimitHit(Event, frozen=True, kw_only=True, tag="billing_limit_hit"):
    """Usage reached the spend limit; data beyond it is lost."""

    product: Name
    period_start: Day | None = None


class SpendReported(Priced, frozen=True, kw_only=True, tag="spend_reported"):
    """Monthly recurring revenue as billing sees it now; the last report counts."""

    mrr: Money
    forecasted_mrr: Money | UnsetType = UNSET
    products: dict[Name, Money] | UnsetType = UNSET
    """Product key -> MRR; closed world when given."""
    paying_since: Day | UnsetType = UNSET


class RevenueReported(Priced, frozen=True, kw_only=True, tag="revenue_reported"):
    """Revenue of one service month; the last report counts."""

    month: Day
    """First day of the month."""
    amount: Money
    products: dict[Name, Money] | UnsetType = UNSET
    """Product key -> its part of the amount; closed world when given."""


class CreditsGranted(Priced, frozen=True, kw_only=True, tag="credits_granted"):
    """Credit was added. One-time credit (a promo, an incident) has no ``expires_on`` and a ``reason``."""

    grant_id: Name
    amount: Money
    reason: Literal["contract", "startup", "one_time"] = "contract"
    effective_on: Day | None = None
    expires_on: Day | None = None
    given_for: Name | None | UnsetType = UNSET
    """Reason as written down, such as ``Incident Credit``; null when the field was left empty."""
    noted: bool | UnsetType = UNSET
    """Somebody wrote a note."""
    referenced: bool | UnsetType = UNSET
    """There is a link to a ticket or a thread."""
    put_back: bool = False
    """The old balance, taken off before an invoice was sent and put back after it."""


class CreditBalanceReported(Priced, frozen=True, kw_only=True, tag="credit_balance_reported"):
    """Credit left on a day, in dollars and positive; Stripe's negative cents are turned by the mapper."""

    balance: Money
    as_of: Day


class CreditsConsumed(Priced, frozen=True, kw_only=True, tag="credits_consumed"):
    """Credit-funded usage of one month so far; the last report of a month counts."""

    month: Day
    """First day of the month."""
    amount: Money


class ReceiptMatched(Event, frozen=True, kw_only=True, tag="receipt_matched"):
    """A bank receipt was matched to an invoice: counts as paid."""

    invoice_id: Name


class RefundIssued(Priced, frozen=True, kw_only=True, tag="refund_issued"):
    """Money went back, or a credit note was written."""

    refund_id: Name
    amount: Money
    why: Name | None = None
    """Internal reason, such as ``Unwanted Spike`` or ``First Big Bill``."""


BillingEvent = (
    InvoiceIssued
    | InvoicePaid
    | InvoiceVoided
    | PaymentFailed
    | PaymentGraceGiven
    | AccessSuspended
    | AccessRestored
    | SubscriptionChanged
    | SubscriptionCancelled
    | TrialSet
    | ProductActivated
    | AddonRemoved
    | BillingLimitSet
    | BillingLimitHit
    | SpendReported
    | RevenueReported
    | CreditsGranted
    | CreditBalanceReported
    | CreditsConsumed
    | ReceiptMatched
    | RefundIssued
    | PeriodReported
    | InvoiceDrafted
    | InvoiceUnderpaid
)
