"""Credit beside the price list (catalogue 3.3 to 3.8): roll-over, startup offer, self-serve, buyout, renewal."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from signals.detectors.calendar_months import add_months
from signals.detectors.discounts import cents, price_of, volume_discount

ROLL_OVER = Decimal("0.5")
"""Share of the original order form's credit that may be carried over."""

EARLY_RENEWAL = timedelta(days=60)
STARTUP_FREE = Decimal(1) / Decimal(6)
"""Two of twelve months."""

SELF_SERVE_INVOICES = 3
SELF_SERVE_AVERAGE = Decimal(280)
SELF_SERVE_MONTHS = 12

BUYOUT_MONTHS = 6
BUYOUT_LEAST = Decimal(20_000)
COMPETITOR_SHARE = Decimal("0.6")
"""Of a competitor's quote: 40 % below it is what we may reach."""


def roll_over(original: Decimal, left: Decimal, *, renewed_as_large: bool) -> Decimal:
    """Return how much unused credit a renewal takes over: up to half of the original, if it is not smaller.

    >>> [roll_over(Decimal(100_000), Decimal(n), renewed_as_large=True) for n in (60_000, 30_000, 50_000)]
    [Decimal('50000.0'), Decimal('30000'), Decimal('50000')]
    """
    return min(max(left, Decimal(0)), original * ROLL_OVER) if renewed_as_large else Decimal(0)


def early_renewal_until(contract_last_day: date, runout_on: date | None) -> date:
    """Return the last day on which a renewal gets the extra: 60 days before expiry, and still on prepaid credit.

    >>> early_renewal_until(date(2026, 12, 31), date(2026, 9, 1)), early_renewal_until(date(2026, 12, 31), None)
    (datetime.date(2026, 8, 31), datetime.date(2026, 11, 1))
    """
    usual = contract_last_day - EARLY_RENEWAL
    return usual if runout_on is None else min(usual, runout_on - timedelta(days=1))


def startup_free_credit(purchased: Decimal) -> Decimal:
    """Return the free credit beside a first purchase at the end of the startup programme.

    >>> startup_free_credit(Decimal(36_000)), startup_free_credit(Decimal(25_000))
    (Decimal('6000.00'), Decimal('4166.67'))
    """
    return cents(purchased * STARTUP_FREE)


def next_billing_day(after: date, billing_day: int) -> date:
    """Return the first billing date after a day; a month without that day bills on its last.

    >>> next_billing_day(date(2026, 6, 10), 1), next_billing_day(date(2026, 1, 31), 31)
    (datetime.date(2026, 7, 1), datetime.date(2026, 2, 28))
    """
    this = after.replace(day=min(billing_day, monthrange(after.year, after.month)[1]))
    if this > after:
        return this
    following = add_months(after.replace(day=1), 1)
    return following.replace(day=min(billing_day, monthrange(following.year, following.month)[1]))


def startup_offer_until(expires_on: date, emptied_on: date | None, billing_day: int | None) -> date | None:
    """Return the last day on which the offer holds: expiry, when credit was used up before it, else until billing.

    None while the billing day is not known. The next billing date itself is too late.
    """
    if emptied_on is not None and emptied_on < expires_on:
        return expires_on
    return None if billing_day is None else next_billing_day(expires_on, billing_day) - timedelta(days=1)


def self_serve_average(paid: Sequence[Decimal]) -> Decimal | None:
    """Return the mean of the last three paid invoices, in exact thirds; None with fewer.

    >>> self_serve_average([Decimal(300), Decimal(300), Decimal(240)])
    Decimal('280')
    """
    if len(paid) < SELF_SERVE_INVOICES:
        return None
    return sum(paid[-SELF_SERVE_INVOICES:], Decimal(0)) / SELF_SERVE_INVOICES


def self_serve_eligible(paid: Sequence[Decimal], *, open_invoices: int, barred: bool) -> bool:
    """Say whether prepaid credit may be bought in the product; *barred*: startup, legacy plan, or has credit."""
    if barred or open_invoices or len(paid) < SELF_SERVE_INVOICES:
        return False
    return sum(paid[-SELF_SERVE_INVOICES:], Decimal(0)) >= SELF_SERVE_AVERAGE * SELF_SERVE_INVOICES


@dataclass(frozen=True)
class SelfServe:
    """A purchase in the product: what is paid, and what lands each month."""

    discount: Decimal
    price: Decimal
    monthly: Decimal


def self_serve_offer(credit: Decimal) -> SelfServe | None:
    """Return the offer; None where the table says custom. The drip of a twelfth holds for every amount (pick).

    >>> self_serve_offer(Decimal(24_000))
    SelfServe(discount=Decimal('0.10'), price=Decimal('21600.00'), monthly=Decimal('2000.00'))
    """
    discount = volume_discount(credit, self_serve=True)
    if discount is None:
        return None
    return SelfServe(discount, price_of(credit, discount), cents(credit / SELF_SERVE_MONTHS))


def buyout_credit(annual: Decimal, overlap_months: int) -> Decimal:
    """Return the credit for the rest of a competitor's contract: at most six months of it, from $20k a year on.

    >>> buyout_credit(Decimal(50_000), 6), buyout_credit(Decimal(50_000), 7), buyout_credit(Decimal("19999.99"), 6)
    (Decimal('25000.00'), Decimal('25000.00'), Decimal('0'))
    """
    if annual < BUYOUT_LEAST:
        return Decimal(0)
    return cents(annual * min(overlap_months, BUYOUT_MONTHS) / 12)


def renewal_credit(our_price: Decimal, quote: Decimal) -> Decimal:
    """Return the credit that brings us 40 % below a competitor's renewal quote, in the first year only.

    >>> renewal_credit(Decimal(40_000), Decimal(50_000)), renewal_credit(Decimal(30_000), Decimal(50_000))
    (Decimal('10000.00'), Decimal('0.00'))
    """
    return cents(max(our_price - COMPETITOR_SHARE * quote, Decimal(0)))
