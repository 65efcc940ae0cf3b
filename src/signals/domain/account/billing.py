"""Money: spend, revenue by month, invoices and attempts to collect them, the subscription, trials, access."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.daily import month_number
from signals.domain.events.billing import (
    AccessRestored,
    AccessSuspended,
    AddonRemoved,
    BillingLimitHit,
    BillingLimitSet,
    InvoiceIssued,
    InvoicePaid,
    InvoiceVoided,
    PaymentFailed,
    PaymentGraceGiven,
    ReceiptMatched,
    RevenueReported,
    SpendReported,
    SubscriptionCancelled,
    SubscriptionChanged,
    TrialSet,
)

KEEP_MONTHS = 15
KEEP_SETTLED = timedelta(days=100)
# A settled invoice is evidence for a quarter (recovery, three missed periods); after that it only costs state.
MAX_INVOICES = 40


class Invoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One invoice and the attempts to collect it."""

    amount: Decimal | None = None
    plan: str = "payg"
    issued_at: datetime | None = None
    due_on: date | None = None
    period_start: date | None = None
    paid_at: datetime | None = None
    voided_at: datetime | None = None
    failed: dict[int, datetime] = {}
    """Attempt number -> when it failed."""
    grace_until: date | None = None
    grace_at: datetime | None = None
    suspended_at: datetime | None = None
    """Access was in fact suspended for this invoice."""
    url: str | None = None
    touched_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Neither paid nor void."""
        return self.paid_at is None and self.voided_at is None


class LimitHit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A spend limit reached, in the newest billing period in which it was."""

    period: date
    """First day of the billing period; of the calendar month when the source did not say."""
    first_at: datetime
    """First hit of that period: later ones in it say nothing new."""


class Billing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Billing facts. Money in dollars."""

    mrr: Decimal | UnsetType = UNSET
    forecasted_mrr: Decimal | UnsetType = UNSET
    product_mrr: dict[str, Decimal] | UnsetType = UNSET
    paying_since: date | UnsetType = UNSET
    spend_at: datetime | None = None
    revenue: dict[int, Decimal] = {}
    """Month number -> revenue of that service month, as reported."""
    revenue_at: dict[int, datetime] = {}
    invoices: dict[str, Invoice] = {}
    status: str | UnsetType = UNSET
    interval: str | None | UnsetType = UNSET
    items: dict[str, str] | UnsetType = UNSET
    """Product or add-on -> plan; closed world: what is not named is not subscribed to."""
    subscription_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    trial_until: date | None | UnsetType = UNSET
    trial_at: datetime | None = None
    suspended_at: datetime | None = None
    restored_at: datetime | None = None
    limits: dict[str, Decimal] = {}
    limit_hits: dict[str, LimitHit] = {}
    """Product -> its newest hit."""
    removed: dict[str, datetime] = {}


def _invoice(billing: Billing, invoice_id: str, at: datetime, **values: object) -> Billing:
    known = billing.invoices.get(invoice_id, Invoice())
    touched = at if known.touched_at is None or at > known.touched_at else known.touched_at
    invoice = msgspec.structs.replace(known, touched_at=touched, **values)
    invoices = {**billing.invoices, invoice_id: invoice}
    newest = max((one.touched_at for one in invoices.values() if one.touched_at is not None), default=at)
    settled_before = newest - KEEP_SETTLED
    invoices = {
        key: one
        for key, one in invoices.items()
        if one.open or one.touched_at is None or one.touched_at >= settled_before
    }
    if len(invoices) > MAX_INVOICES:
        quietest = min(invoices, key=lambda key: (invoices[key].open, str(invoices[key].touched_at), key))
        del invoices[quietest]
    return msgspec.structs.replace(billing, invoices=invoices)


def invoice_issued(billing: Billing, event: InvoiceIssued) -> Billing:
    """Note the invoice; attempts and payments that came before it are kept."""
    return _invoice(
        billing,
        event.invoice_id,
        event.at,
        amount=event.amount,
        plan=event.plan,
        issued_at=event.at,
        due_on=event.due_on,
        period_start=event.period_start,
    )


def invoice_paid(billing: Billing, event: InvoicePaid) -> Billing:
    """Settle the invoice."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    amount = event.amount if known.amount is None else known.amount
    return _invoice(billing, event.invoice_id, event.at, paid_at=_earliest(known.paid_at, event.at), amount=amount)


def receipt_matched(billing: Billing, event: ReceiptMatched) -> Billing:
    """Settle the invoice by a bank receipt; the invoice marked paid by hand afterwards is the same payment."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    return _invoice(billing, event.invoice_id, event.at, paid_at=_earliest(known.paid_at, event.at))


def invoice_voided(billing: Billing, event: InvoiceVoided) -> Billing:
    """Nothing is owed on it any more."""
    return _invoice(billing, event.invoice_id, event.at, voided_at=event.at)


def payment_failed(billing: Billing, event: PaymentFailed) -> Billing:
    """Note the attempt; the same attempt reported twice is one attempt."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    failed = {**known.failed, event.attempt: _earliest(known.failed.get(event.attempt), event.at)}
    return _invoice(
        billing,
        event.invoice_id,
        event.at,
        failed=dict(sorted(failed.items())),
        amount=known.amount if known.amount is not None else event.amount,
        url=event.url or known.url,
    )


def payment_grace_given(billing: Billing, event: PaymentGraceGiven) -> Billing:
    """Set the grace date, unless a later decision is known."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    if known.grace_at is not None and event.at < known.grace_at:
        return billing
    return _invoice(billing, event.invoice_id, event.at, grace_until=event.until, grace_at=event.at)


def access_suspended(billing: Billing, event: AccessSuspended) -> Billing:
    """Note the actual suspension; the cancel clock of section 5 counts from it."""
    billing = msgspec.structs.replace(billing, suspended_at=_latest(billing.suspended_at, event.at))
    if event.invoice_id is not None:
        return _invoice(billing, event.invoice_id, event.at, suspended_at=event.at)
    for invoice_id, invoice in billing.invoices.items():
        if invoice.open and invoice.suspended_at is None:
            billing = _invoice(billing, invoice_id, event.at, suspended_at=event.at)
    return billing


def access_restored(billing: Billing, event: AccessRestored) -> Billing:
    """Access is on again."""
    return msgspec.structs.replace(billing, restored_at=_latest(billing.restored_at, event.at))


def subscription_changed(billing: Billing, event: SubscriptionChanged) -> Billing:
    """Replace the subscription, unless a later state is known; an active one ends an earlier cancellation."""
    if billing.subscription_at is not None and event.at < billing.subscription_at:
        return billing
    cancelled_at, cancelled_by = billing.cancelled_at, billing.cancelled_by
    if event.status == "cancelled":
        if cancelled_at is None:
            cancelled_at, cancelled_by = event.at, "unknown"
    elif cancelled_at is not None and event.at >= cancelled_at:
        cancelled_at, cancelled_by = None, None
    return msgspec.structs.replace(
        billing,
        status=event.status,
        interval=event.interval if event.interval is not None else billing.interval,
        items=dict(sorted(event.items.items())) if event.items is not UNSET else billing.items,
        subscription_at=event.at,
        cancelled_at=cancelled_at,
        cancelled_by=cancelled_by,
    )


def subscription_cancelled(billing: Billing, event: SubscriptionCancelled) -> Billing:
    """Note the cancellation; one that an accepted offer replaced is none."""
    if event.replaced_by_offer or (billing.subscription_at is not None and event.at < billing.subscription_at):
        return billing
    return msgspec.structs.replace(
        billing, status="cancelled", subscription_at=event.at, cancelled_at=event.at, cancelled_by=event.by
    )


def trial_set(billing: Billing, event: TrialSet) -> Billing:
    """Set the trial's last day."""
    if billing.trial_at is not None and event.at < billing.trial_at:
        return billing
    return msgspec.structs.replace(billing, trial_until=event.until, trial_at=event.at)


def addon_removed(billing: Billing, event: AddonRemoved) -> Billing:
    """Note the removal."""
    return msgspec.structs.replace(billing, removed={**billing.removed, event.product: event.at})


def billing_limit_set(billing: Billing, event: BillingLimitSet) -> Billing:
    """Set or remove a product's spend limit."""
    limits = {product: limit for product, limit in billing.limits.items() if product != event.product}
    if event.limit is not None:
        limits[event.product] = event.limit
    return msgspec.structs.replace(billing, limits=limits)


def billing_limit_hit(billing: Billing, event: BillingLimitHit, zone: tzinfo) -> Billing:
    """Note the first hit of the newest period; hits of earlier periods change nothing."""
    period = event.period_start or business_day(event.at, zone).replace(day=1)
    hit, known = LimitHit(period, event.at), billing.limit_hits.get(event.product)
    if known is not None and (known.period > period or (known.period == period and known.first_at <= event.at)):
        return billing
    return msgspec.structs.replace(billing, limit_hits={**billing.limit_hits, event.product: hit})


def spend_reported(billing: Billing, event: SpendReported) -> Billing:
    """Replace the spend figures, unless a later report is known."""
    if billing.spend_at is not None and event.at < billing.spend_at:
        return billing
    return msgspec.structs.replace(
        billing,
        mrr=event.mrr,
        forecasted_mrr=event.forecasted_mrr if event.forecasted_mrr is not UNSET else billing.forecasted_mrr,
        product_mrr=dict(sorted(event.products.items())) if event.products is not UNSET else billing.product_mrr,
        paying_since=event.paying_since if event.paying_since is not UNSET else billing.paying_since,
        spend_at=event.at,
    )


def revenue_reported(billing: Billing, event: RevenueReported) -> Billing:
    """Put the month's revenue; the last report by event time counts."""
    month = month_number(event.month)
    known = billing.revenue_at.get(month)
    if known is not None and event.at < known:
        return billing
    newest = max(month, *billing.revenue) if billing.revenue else month
    revenue = {key: value for key, value in billing.revenue.items() if key > newest - KEEP_MONTHS}
    stamps = {key: value for key, value in billing.revenue_at.items() if key > newest - KEEP_MONTHS}
    revenue[month], stamps[month] = event.amount, event.at
    return msgspec.structs.replace(
        billing, revenue=dict(sorted(revenue.items())), revenue_at=dict(sorted(stamps.items()))
    )


def business_day(at: datetime, zone: tzinfo) -> date:
    """Return the calendar day of an instant in the business zone."""
    return at.astimezone(zone).date()


def _earliest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at < known else known


def _latest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None or at > known else known
