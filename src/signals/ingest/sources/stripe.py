"""The Stripe format: webhook events as Stripe sends them, one event a record.

Amounts there are integers in a currency's smallest unit, and a customer's negative balance is credit that is left.
Stripe's event id becomes our event's id, so that the same webhook posted twice is one moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import UNSET

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
from signals.domain.events.kinds import InputTopic
from signals.domain.events.paperwork import InvoiceDrafted
from signals.ingest.sources.contract import Mapped, Nothing, build, invalid, one_organization
from signals.ingest.sources.stripe_shapes import (
    CreditGrant,
    Customer,
    Envelope,
    Invoice,
    Line,
    Metadata,
    Price,
    Subscription,
)

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
"""Currencies that Stripe counts in whole units (UGX and ISK it counts in hundredths, though they have none)."""
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
"""Currencies that Stripe counts in thousandths."""

STATUSES = {
    "active": "active",
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "incomplete": "incomplete",
    "incomplete_expired": "cancelled",
    "paused": "paused",
    "canceled": "cancelled",
}
"""Stripe's status of a subscription -> ours."""

PRODUCT_KEY = "posthog_product_key"
"""Metadata key on prices and lines that holds the product."""

CANCELLED_BY = {"cancellation_requested": "customer", "payment_failed": "payment_machine"}

_ENVELOPE = msgspec.json.Decoder(Envelope)
Shape = TypeVar("Shape")


def dollars(amount: int, currency: str, rates: Mapping[str, Decimal]) -> Decimal:
    """Return an amount of a currency's smallest unit in dollars; the sign stays.

    Parameters
    ----------
    currency
        ISO code, any case.
    rates
        Dollars per unit of another currency.

    Raises
    ------
    BadInput
        INVALID: no rate is configured for the currency.

    Examples
    --------
    >>> dollars(1050, "usd", {}), dollars(500, "jpy", {"jpy": Decimal("0.01")})
    (Decimal('10.50'), Decimal('5.00'))
    """
    code = currency.lower()
    places = 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2
    value = Decimal(amount).scaleb(-places)
    if code == "usd":
        return value
    if code not in rates:
        raise invalid(f"currency: {code[:20]!r} has no configured rate; valid: usd" + "".join(f", {c}" for c in rates))
    return value * rates[code]


@dataclass(frozen=True)
class StripeSource:
    """Reads Stripe's webhook events; an instance is a `Source`.

    Parameters
    ----------
    org_metadata
        Metadata keys that hold the organization id, in order of preference.
    rates
        Dollars per unit of another currency, by lower-case code.
    products
        Stripe product or price id -> product key, where metadata does not say it.
    zone
        The business zone, for calendar days.
    trust_key
        Take the record's key for the organization when no metadata names one.
    ignore_test_mode
        Pass over events with ``livemode`` false.
    """

    org_metadata: tuple[str, ...] = ("posthog_organization_id", "organization_id")
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    trust_key: bool = False
    ignore_test_mode: bool = False

    def __call__(self, value: bytes, topic: InputTopic, key: str | None) -> Mapped:  # noqa: ARG002 - the contract's
        """Return the events of one Stripe event; see `Source` for what it raises."""
        envelope = _ENVELOPE.decode(value)
        mapper = _MAPPERS.get(envelope.type)
        if mapper is None:
            return Nothing("unmapped")
        if self.ignore_test_mode and not envelope.livemode:
            return Nothing("test_mode")
        return mapper(_Sent(self, envelope, key))

    def organization(self, key: str | None, **places: Metadata | None) -> str:
        """Return the organization named by the first of the metadata that names one."""
        named: dict[str, str | None] = {}
        for place, metadata in places.items():
            path = f"data.object.{place.replace('__', '.')}"
            found = [(metadata or {}).get(name) for name in self.org_metadata]
            named[f"{path}.{' or '.join(self.org_metadata)}"] = next((one for one in found if one), None)
        return one_organization(named, key, trust_key=self.trust_key)


@dataclass(frozen=True)
class _Sent:
    """One Stripe event on its way through a mapper."""

    source: StripeSource
    envelope: Envelope
    key: str | None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.envelope.created, UTC)

    def read(self, shape: type[Shape]) -> Shape:
        """Return the event's object; errors name the path from the record's root."""
        try:
            return msgspec.json.decode(self.envelope.data.object, type=shape)
        except msgspec.ValidationError as error:
            text = str(error).replace("at `$", "at `$.data.object")
            raise invalid(text if "at `$" in text else f"{text} - at `$.data.object`") from error

    def make(self, cls: type[Event], org_id: str, **fields: object) -> Event:
        return build(cls, org_id=org_id, at=self.at, id=self.envelope.id, **fields)

    def day(self, unix: int | None) -> date | None:
        return None if unix is None else datetime.fromtimestamp(unix, self.source.zone).date()

    def money(self, amount: int, currency: str) -> Decimal:
        return dollars(amount, currency, self.source.rates)

    def product_of(self, metadata: Metadata | None, price: Price | None, *ids: str | None) -> str | None:
        """Return the product key of a line or item, by metadata, then by the configured ids, then the id itself."""
        for one in (metadata, price.metadata if price is not None else None):
            if one and (named := one.get(PRODUCT_KEY)):
                return named
        found = [*ids]
        if price is not None:
            found = [price.product if isinstance(price.product, str) else None, price.id, *found]
        known = [one for one in found if one]
        return next((self.source.products[one] for one in known if one in self.source.products), None) or next(
            iter(known), None
        )


def _instant(unix: int | None) -> datetime | None:
    return None if unix is None else datetime.fromtimestamp(unix, UTC)


def _of_customer(customer: str | Customer | None) -> Metadata | None:
    return customer.metadata if isinstance(customer, Customer) else None


def _invoice(sent: _Sent) -> tuple[Invoice, str]:
    invoice = sent.read(Invoice)
    details = invoice.parent.subscription_details if invoice.parent is not None else None
    older = invoice.subscription_details
    org_id = sent.source.organization(
        sent.key,
        metadata=invoice.metadata,
        parent__subscription_details__metadata=details.metadata if details is not None else None,
        subscription_details__metadata=older.metadata if older is not None else None,
        customer__metadata=_of_customer(invoice.customer),
    )
    return invoice, org_id


def _issued(sent: _Sent) -> Mapped:
    invoice, org_id = _invoice(sent)
    lines: dict[str, Decimal] = {}
    for line in invoice.lines.data if invoice.lines is not None else ():
        product = _line_product(sent, line) or "unattributed"
        lines[product] = lines.get(product, Decimal(0)) + sent.money(line.amount, invoice.currency)
    return (
        sent.make(
            InvoiceIssued,
            org_id,
            invoice_id=invoice.id,
            amount=sent.money(invoice.amount_due, invoice.currency),
            plan=_plan(invoice),
            due_on=sent.day(invoice.due_date),
            period_start=sent.day(invoice.period_start),
            period_end=sent.day(invoice.period_end),
            lines=lines,
        ),
    )


def _plan(invoice: Invoice) -> str:
    plan = (invoice.metadata or {}).get("plan")
    if plan in ("payg", "credit", "flat"):
        return plan
    # Stripe does not say it: what is paid by transfer is an order form's credit, what a card pays is usage.
    return "credit" if invoice.collection_method == "send_invoice" else "payg"


def _drafted(sent: _Sent) -> Mapped:
    """Of drafts only those for credit say something: usage stands in draft for an hour each month."""
    draft = sent.read(Invoice)
    if draft.status != "draft" or _plan(draft) != "credit":
        return Nothing("unmapped")
    invoice, org_id = _invoice(sent)
    renewal = (invoice.metadata or {}).get("renewal") == "true"
    amount = sent.money(invoice.amount_due, invoice.currency)
    return (sent.make(InvoiceDrafted, org_id, invoice_id=invoice.id, amount=amount, plan="credit", renewal=renewal),)


def _line_product(sent: _Sent, line: Line) -> str | None:
    details = line.pricing.price_details if line.pricing is not None else None
    if details is None:
        return sent.product_of(line.metadata, line.price)
    price = details.price if isinstance(details.price, str) else None
    return sent.product_of(line.metadata, line.price, details.product, price)


def _paid(sent: _Sent) -> Mapped:
    invoice, org_id = _invoice(sent)
    amount = sent.money(invoice.amount_paid, invoice.currency)
    return (sent.make(InvoicePaid, org_id, invoice_id=invoice.id, amount=amount),)


def _failed(sent: _Sent) -> Mapped:
    invoice, org_id = _invoice(sent)
    owed = invoice.amount_due if invoice.amount_remaining is None else invoice.amount_remaining
    return (
        sent.make(
            PaymentFailed,
            org_id,
            invoice_id=invoice.id,
            attempt=max(1, invoice.attempt_count),  # an attempt by hand is not counted by Stripe
            amount=sent.money(owed, invoice.currency),
            next_attempt_at=_instant(invoice.next_payment_attempt),
            url=invoice.hosted_invoice_url,
        ),
    )


def _voided(sent: _Sent) -> Mapped:
    invoice, org_id = _invoice(sent)
    return (sent.make(InvoiceVoided, org_id, invoice_id=invoice.id),)


def _subscription(sent: _Sent) -> Mapped:
    subscription = sent.read(Subscription)
    org_id = sent.source.organization(
        sent.key, metadata=subscription.metadata, customer__metadata=_of_customer(subscription.customer)
    )
    deleted = sent.envelope.type == "customer.subscription.deleted"
    status = "cancelled" if deleted else STATUSES.get(subscription.status)
    if status is None:
        raise invalid(f"data.object.status: {subscription.status[:40]!r}; valid: {', '.join(STATUSES)}")
    intervals, items = set(), {}
    listed = subscription.items
    for item in listed.data if listed is not None else ():
        price = item.price or item.plan
        if price is None:
            continue
        product = sent.product_of(item.metadata, price)
        if product is not None:
            items[product] = (price.metadata or {}).get("plan") or price.nickname or price.lookup_key or price.id
        intervals.add(price.recurring.interval if price.recurring is not None else price.interval)
    interval = next((one for one in ("year", "month") if one in intervals), None)
    whole = listed is not None and not listed.has_more  # a first page is no closed world
    events = [
        sent.make(
            SubscriptionChanged,
            org_id,
            status=status,
            interval=interval,
            items=items if whole else UNSET,
            cancel_at=_instant(subscription.cancel_at),
        )
    ]
    if status == "trialing" and subscription.trial_end is not None:
        events.append(sent.make(TrialSet, org_id, until=sent.day(subscription.trial_end)))
    if deleted:
        reason = subscription.cancellation_details.reason if subscription.cancellation_details is not None else None
        events.append(sent.make(SubscriptionCancelled, org_id, by=CANCELLED_BY.get(reason or "", "unknown")))
    return tuple(events)


def _granted(sent: _Sent) -> Mapped:
    grant = sent.read(CreditGrant)
    metadata = grant.metadata or {}
    org_id = sent.source.organization(sent.key, metadata=metadata, customer__metadata=_of_customer(grant.customer))
    money = grant.amount.monetary
    if money is None:
        raise invalid(f"data.object.amount.type: {grant.amount.type[:40]!r}; valid is monetary")
    startup = metadata.get("plan") == "startup" or metadata.get("is_startup_plan_customer") == "true"
    reason = "startup" if startup else "contract" if grant.category == "paid" else "one_time"
    return (
        sent.make(
            CreditsGranted,
            org_id,
            grant_id=grant.id,
            # A voided grant gives nothing any more; the same grant id replaces what was granted.
            amount=Decimal(0) if grant.voided_at is not None else sent.money(money.value, money.currency),
            reason=reason,
            effective_on=sent.day(grant.effective_at),
            expires_on=sent.day(grant.expires_at),
        ),
    )


def _balance(sent: _Sent) -> Mapped:
    previous = sent.envelope.data.previous_attributes
    customer = sent.read(Customer)
    if customer.balance is None or (previous is not None and "balance" not in previous):
        return Nothing("no_change")
    org_id = sent.source.organization(sent.key, metadata=customer.metadata)
    # Negative at Stripe: credit the customer has. Positive: something owed, so no credit is left.
    left = sent.money(max(0, -customer.balance), customer.currency or "usd")
    return (sent.make(CreditBalanceReported, org_id, balance=left, as_of=sent.day(sent.envelope.created)),)


_MAPPERS: dict[str, Callable[[_Sent], Mapped]] = {
    "invoice.created": _drafted,
    "invoice.updated": _drafted,
    "invoice.finalized": _issued,
    "invoice.paid": _paid,
    "invoice.payment_succeeded": _paid,
    "invoice.payment_failed": _failed,
    "invoice.voided": _voided,
    "invoice.marked_uncollectible": _voided,
    "customer.subscription.created": _subscription,
    "customer.subscription.updated": _subscription,
    "customer.subscription.paused": _subscription,
    "customer.subscription.resumed": _subscription,
    "customer.subscription.deleted": _subscription,
    "billing.credit_grant.created": _granted,
    "billing.credit_grant.updated": _granted,
    # One transaction is no balance and no month's total, and no canonical event holds it: the grant itself and
    # customer.updated say what we keep.
    "billing.credit_balance_transaction.created": lambda _: Nothing("unmapped"),
    "customer.updated": _balance,
}
