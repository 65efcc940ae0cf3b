"""The parts of Stripe's objects we read, old and new shapes; everything else in them is passed over."""

from typing import Annotated

import msgspec
from msgspec import Meta

Unix = Annotated[int, Meta(ge=946_684_800, le=221_845_392_000)]
"""Seconds since 1970; between the years 2000 and 9000."""
Minor = Annotated[int, Meta(ge=-(10**15), le=10**15)]
"""Integer in the currency's smallest unit."""
Metadata = dict[str, str | None]


class Customer(msgspec.Struct):
    """A customer; elsewhere often only its id."""

    id: str
    balance: Minor | None = None
    currency: str | None = None
    metadata: Metadata | None = None


class Monetary(msgspec.Struct):
    """An amount of a credit grant."""

    currency: str
    value: Minor


class CreditAmount(msgspec.Struct):
    """``type`` is ``monetary``; other types have no amount of money."""

    type: str = "monetary"
    monetary: Monetary | None = None


class CreditGrant(msgspec.Struct):
    """``billing.credit_grant``."""

    id: str
    amount: CreditAmount
    category: str = "paid"
    effective_at: Unix | None = None
    expires_at: Unix | None = None
    voided_at: Unix | None = None
    metadata: Metadata | None = None
    customer: str | Customer | None = None


class Recurring(msgspec.Struct):
    """How often a price is charged."""

    interval: str | None = None


class Price(msgspec.Struct):
    """A price, or a plan of older versions."""

    id: str
    nickname: str | None = None
    lookup_key: str | None = None
    product: str | dict[str, object] | None = None
    recurring: Recurring | None = None
    interval: str | None = None
    metadata: Metadata | None = None


class PriceDetails(msgspec.Struct):
    """Which price a line is of, new shape."""

    price: str | dict[str, object] | None = None
    product: str | None = None


class Pricing(msgspec.Struct):
    """New shape of a line's price."""

    price_details: PriceDetails | None = None


class Line(msgspec.Struct):
    """One line of an invoice."""

    amount: Minor
    metadata: Metadata | None = None
    price: Price | None = None
    pricing: Pricing | None = None


class Lines(msgspec.Struct):
    """A list, of which the event carries the first page."""

    data: list[Line] = []


class SubscriptionDetails(msgspec.Struct):
    """What an invoice says of its subscription."""

    subscription: str | dict[str, object] | None = None
    metadata: Metadata | None = None


class Parent(msgspec.Struct):
    """What an invoice came from, new shape."""

    subscription_details: SubscriptionDetails | None = None


class Invoice(msgspec.Struct):
    """``invoice``; the subscription is at ``parent`` (new) or at ``subscription`` (old)."""

    id: str
    currency: str = "usd"
    amount_due: Minor = 0
    amount_paid: Minor = 0
    amount_remaining: Minor | None = None
    attempt_count: Annotated[int, Meta(ge=0, le=100)] = 0
    next_payment_attempt: Unix | None = None
    collection_method: str | None = None
    status: str | None = None
    hosted_invoice_url: str | None = None
    due_date: Unix | None = None
    period_start: Unix | None = None
    period_end: Unix | None = None
    lines: Lines | None = None
    metadata: Metadata | None = None
    parent: Parent | None = None
    subscription: str | dict[str, object] | None = None
    subscription_details: SubscriptionDetails | None = None
    customer: str | Customer | None = None


class Item(msgspec.Struct):
    """One item of a subscription; the period sits here (new) or on the subscription (old), and we read neither."""

    price: Price | None = None
    plan: Price | None = None
    metadata: Metadata | None = None


class Items(msgspec.Struct):
    """A list, of which the event carries the first page."""

    data: list[Item] = []
    has_more: bool = False


class Cancellation(msgspec.Struct):
    """Why it was cancelled."""

    reason: str | None = None


class Subscription(msgspec.Struct):
    """``subscription``."""

    id: str
    status: str
    items: Items | None = None
    cancel_at: Unix | None = None
    trial_end: Unix | None = None
    cancellation_details: Cancellation | None = None
    metadata: Metadata | None = None
    customer: str | Customer | None = None


class Data(msgspec.Struct):
    """The object, and what it was before (changed keys only)."""

    object: msgspec.Raw
    previous_attributes: dict[str, msgspec.Raw] | None = None


class Envelope(msgspec.Struct):
    """An event."""

    id: Annotated[str, Meta(min_length=1, max_length=180)]
    type: str
    created: Unix
    data: Data
    livemode: bool = True
