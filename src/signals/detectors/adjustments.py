"""Revenue that is no growth: spikes, trials, one-time credits, discounts (catalogue 4.1, 4.2, 3.8). Pure functions."""

from decimal import Decimal

CREDITS_THAT_DISTORT = frozenset({"Promo Credit", "Incident Credit", "Bug Credit"})
"""Reasons for one-time credit that an outage, a promotion or a billing correction has."""

SPIKE_TIMES, SPIKE_INCREASE, SPIKE_FALL = 2, Decimal(1000), Decimal("0.5")
CREDIT_SHARE = Decimal("0.5")


def looks_like_a_spike(before_that: Decimal, before: Decimal, month: Decimal) -> bool:
    """Say whether a month is more than twice the mean of the two before and at least 1,000 above it.

    Both months before must have been paid for (proposed): otherwise the customer is new.

    >>> looks_like_a_spike(Decimal(1000), Decimal(1000), Decimal(2000))
    False
    """
    mean = (before_that + before) / 2
    return min(before_that, before) > 0 and month > SPIKE_TIMES * mean and month - mean >= SPIKE_INCREASE


def is_spike(before_that: Decimal, before: Decimal, month: Decimal, following: Decimal) -> bool:
    """Say whether a month was a spike: it looked like one, and the month after fell by half or more."""
    return looks_like_a_spike(before_that, before, month) and following <= SPIKE_FALL * month


def month_after_credit(
    credit: Decimal, reason: str, *, month: Decimal, before: Decimal, before_that: Decimal, following: Decimal
) -> Decimal:
    """Return the revenue to count for a month in which one-time credit was given.

    The revenue of the month before, if the credit distorts it: given for a promotion, an outage or a billing
    correction, at least half of the month before, and revenue is back the month after; else the month's own.
    """
    distorts = (
        reason in CREDITS_THAT_DISTORT
        and credit >= CREDIT_SHARE * before
        and following >= (before + before_that) / 2
    )  # fmt: skip
    return before if distorts else month


def counts_for_retention(revenue_trial: bool | None) -> bool:
    """Say whether an account's revenue counts: not while it only tries us, which a person has flagged by hand."""
    return revenue_trial is not True


def annual_value(total: Decimal, discount: Decimal) -> Decimal:
    """Return the MRR of an annual plan before its discount.

    >>> int(annual_value(Decimal(8000), Decimal("0.20")))
    10000
    """
    return total / (1 - discount)
