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
MAX_CANCELS = 6
MAX_TRIALS = 6


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
    """Access was in fact suspended for this invoice: the last time."""
    url: str | None = None
    url_at: datetime | None = None
    lines: dict[str, Decimal] = {}
    """Product -> amount, of those that cost anything."""
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
    active_at: datetime | None = None
    """When it was last reported as anything but cancelled."""
    cancels: tuple[tuple[datetime, str], ...] = ()
    """Cancellations reported since it was last active: when, and by whom; oldest first."""
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    trial_until: date | None | UnsetType = UNSET
    trial_at: datetime | None = None
    trials: dict[int, datetime] = {}
    """Ordinal of a trial's last day -> when that was first said: from these follows when the running one began."""
    suspended_at: datetime | None = None
    """The last suspension that named no invoice: it is for every invoice late by then and unpaid."""
    restored_at: datetime | None = None
    limits: dict[str, Decimal] = {}
    limits_at: dict[str, datetime] = {}
    """Product -> event time of what was last said about its limit."""
    limit_hits: dict[str, LimitHit] = {}
    """Product -> its newest hit."""
    removed: dict[str, datetime] = {}
    changed: dict[str, datetime] = {}
    """Field that a report may leave out -> event time of the report it is from."""


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
    """Note the invoice; attempts and payments that came before it are kept, and a later wording of it wins."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    if known.issued_at is not None and event.at < known.issued_at:
        return billing
    return _invoice(
        billing,
        event.invoice_id,
        event.at,
        amount=event.amount,
        plan=event.plan,
        issued_at=event.at,
        due_on=event.due_on,
        period_start=event.period_start,
        lines={product: amount for product, amount in sorted(event.lines.items()) if amount},
    )


def invoice_paid(billing: Billing, event: InvoicePaid) -> Billing:
    """Settle the invoice; of one never seen the amount paid stands for its own (the larger, if told twice)."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    amount = known.amount
    if known.issued_at is None and not known.failed:
        amount = event.amount if amount is None else max(amount, event.amount)
    return _invoice(billing, event.invoice_id, event.at, paid_at=_earliest(known.paid_at, event.at), amount=amount)


def receipt_matched(billing: Billing, event: ReceiptMatched) -> Billing:
    """Settle the invoice by a bank receipt; the invoice marked paid by hand afterwards is the same payment."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    return _invoice(billing, event.invoice_id, event.at, paid_at=_earliest(known.paid_at, event.at))


def invoice_voided(billing: Billing, event: InvoiceVoided) -> Billing:
    """Nothing is owed on it any more."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    return _invoice(billing, event.invoice_id, event.at, voided_at=_earliest(known.voided_at, event.at))


def payment_failed(billing: Billing, event: PaymentFailed) -> Billing:
    """Note the attempt; the same attempt reported twice is one attempt.

    The amount is the invoice's own; while that was not seen, the first attempt's.
    """
    known = billing.invoices.get(event.invoice_id, Invoice())
    failed = {**known.failed, event.attempt: _earliest(known.failed.get(event.attempt), event.at)}
    values: dict[str, object] = {"failed": dict(sorted(failed.items()))}
    if known.issued_at is None and all(event.at < at for at in known.failed.values()):
        values["amount"] = event.amount
    if event.url is not None and (known.url_at is None or event.at >= known.url_at):
        values["url"], values["url_at"] = event.url, event.at
    return _invoice(billing, event.invoice_id, event.at, **values)


def payment_grace_given(billing: Billing, event: PaymentGraceGiven) -> Billing:
    """Set the grace date, unless a later decision is known."""
    known = billing.invoices.get(event.invoice_id, Invoice())
    if known.grace_at is not None and event.at < known.grace_at:
        return billing
    return _invoice(billing, event.invoice_id, event.at, grace_until=event.until, grace_at=event.at)


def access_suspended(billing: Billing, event: AccessSuspended) -> Billing:
    """Note the actual suspension; the cancel clock of section 5 counts from it.

    One that names no invoice is kept apart: which invoices it is for follows from what is known of them, in whatever
    order that comes.
    """
    if event.invoice_id is None:
        return msgspec.structs.replace(billing, suspended_at=_latest(billing.suspended_at, event.at))
    known = billing.invoices.get(event.invoice_id, Invoice())
    return _invoice(billing, event.invoice_id, event.at, suspended_at=_latest(known.suspended_at, event.at))


def access_restored(billing: Billing, event: AccessRestored) -> Billing:
    """Access is on again."""
    return msgspec.structs.replace(billing, restored_at=_latest(billing.restored_at, event.at))


def _newest(billing: Billing, at: datetime, **values: object) -> dict[str, object]:
    """Return the values given that no later report has set, with the stamps to keep; ``UNSET`` is not given."""
    changed = dict(billing.changed)
    taken: dict[str, object] = {}
    for field, value in values.items():
        if value is UNSET or (field in changed and at < changed[field]):
            continue
        changed[field] = at
        taken[field] = value
    return {**taken, "changed": dict(sorted(changed.items()))} if taken else {}


def _cancelled(billing: Billing, cancels: tuple[tuple[datetime, str], ...], active_at: datetime | None) -> Billing:
    """Return the billing facts with the cancellation that follows from the reports: the first since it was active.

    Two reports of one cancellation (the event and the subscription's new state) are one; who did it is the first that
    says so.
    """
    since = tuple(sorted({one for one in cancels if active_at is None or one[0] > active_at}))[:MAX_CANCELS]
    told = [by for _, by in since if by != "unknown"]
    return msgspec.structs.replace(
        billing,
        active_at=active_at,
        cancels=since,
        cancelled_at=since[0][0] if since else None,
        cancelled_by=(told[0] if told else "unknown") if since else None,
    )


def subscription_changed(billing: Billing, event: SubscriptionChanged) -> Billing:
    """Replace the subscription, unless a later state is known; an active one ends an earlier cancellation."""
    items = dict(sorted(event.items.items())) if event.items is not UNSET else UNSET
    interval = event.interval if event.interval is not None else UNSET
    values = _newest(billing, event.at, items=items, interval=interval)
    if billing.subscription_at is None or event.at >= billing.subscription_at:
        values |= {"status": event.status, "subscription_at": event.at}
    billing = msgspec.structs.replace(billing, **values)
    if event.status == "cancelled":
        return _cancelled(billing, (*billing.cancels, (event.at, "unknown")), billing.active_at)
    return _cancelled(billing, billing.cancels, _latest(billing.active_at, event.at))


def subscription_cancelled(billing: Billing, event: SubscriptionCancelled) -> Billing:
    """Note the cancellation; one that an accepted offer replaced is none."""
    if event.replaced_by_offer:
        return billing
    if billing.subscription_at is None or event.at >= billing.subscription_at:
        billing = msgspec.structs.replace(billing, status="cancelled", subscription_at=event.at)
    return _cancelled(billing, (*billing.cancels, (event.at, event.by)), billing.active_at)


def trial_set(billing: Billing, event: TrialSet) -> Billing:
    """Set the trial's last day."""
    if event.until is not None:
        until = event.until.toordinal()
        trials = {**billing.trials, until: _earliest(billing.trials.get(until), event.at)}
        kept = sorted(trials)[-MAX_TRIALS:]
        billing = msgspec.structs.replace(billing, trials={key: trials[key] for key in kept})
    if billing.trial_at is not None and event.at < billing.trial_at:
        return billing
    return msgspec.structs.replace(billing, trial_until=event.until, trial_at=event.at)


def addon_removed(billing: Billing, event: AddonRemoved) -> Billing:
    """Note the last removal."""
    at = _latest(billing.removed.get(event.product), event.at)
    return msgspec.structs.replace(billing, removed={**billing.removed, event.product: at})


def billing_limit_set(billing: Billing, event: BillingLimitSet) -> Billing:
    """Set or remove a product's spend limit, unless a later decision is known."""
    known = billing.limits_at.get(event.product)
    if known is not None and event.at < known:
        return billing
    limits = {product: limit for product, limit in billing.limits.items() if product != event.product}
    if event.limit is not None:
        limits[event.product] = event.limit
    return msgspec.structs.replace(
        billing, limits=dict(sorted(limits.items())), limits_at={**billing.limits_at, event.product: event.at}
    )


def billing_limit_hit(billing: Billing, event: BillingLimitHit, zone: tzinfo) -> Billing:
    """Note the first hit of the newest period; hits of earlier periods change nothing."""
    period = event.period_start or business_day(event.at, zone).replace(day=1)
    hit, known = LimitHit(period, event.at), billing.limit_hits.get(event.product)
    if known is not None and (known.period > period or (known.period == period and known.first_at <= event.at)):
        return billing
    return msgspec.structs.replace(billing, limit_hits={**billing.limit_hits, event.product: hit})


def spend_reported(billing: Billing, event: SpendReported) -> Billing:
    """Replace the spend figures, unless a later report is known; what it leaves out stays."""
    products = dict(sorted(event.products.items())) if event.products is not UNSET else UNSET
    values = _newest(
        billing,
        event.at,
        forecasted_mrr=event.forecasted_mrr,
        product_mrr=products,
        paying_since=event.paying_since,
    )
    if billing.spend_at is None or event.at >= billing.spend_at:
        values |= {"mrr": event.mrr, "spend_at": event.at}
    return msgspec.structs.replace(billing, **values)


def revenue_reported(billing: Billing, event: RevenueReported) -> Billing:
    """Put the month's revenue; the last report by event time counts."""
    month = month_number(event.month)
    known = billing.revenue_at.get(month)
    newest = max(month, *billing.revenue) if billing.revenue else month
    if (known is not None and event.at < known) or month <= newest - KEEP_MONTHS:
        return billing
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
