"""How much to buy: sizing of a conversion or renewal (catalogue 3.1), and what a booked MRR is worth (3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

GROWTH_FROM = Decimal("0.02")
"""A month; proposed: growth beyond it is projected, below it the past is shown."""

MONTHS = 12
PAST_MONTHS = 6
"""Complete months a quote is sized by (handbook CT-CM)."""


@dataclass(frozen=True)
class Sizing:
    """Volumes a month to put into a quote."""

    latest: Decimal
    mean: Decimal
    largest: Decimal
    projected: Decimal | None
    """Mean of the next twelve months at the growth rate; None while usage does not rise."""


def size(volumes: Sequence[int], growth: Decimal | None = None) -> Sizing:
    """Return the sizing from complete months, oldest first; *growth* a month is taken from them unless given.

    >>> size([10, 10, 11, 10, 9, 10]).projected is None
    True
    """
    months = [Decimal(volume) for volume in volumes]
    latest = months[-1]
    if growth is None:
        growth = growth_of(volumes)
    projected = None
    if growth is not None and growth > GROWTH_FROM:
        projected = sum((latest * (1 + growth) ** month for month in range(1, MONTHS + 1)), Decimal(0)) / MONTHS
    return Sizing(latest, sum(months, Decimal(0)) / len(months), max(months), projected)


def growth_of(months: Sequence[int | Decimal]) -> Decimal | None:
    """Return the growth a month between the first and the last, compounded; None from nothing or of one month."""
    if len(months) < 2 or months[0] <= 0:  # the growth of a single month is none
        return None
    return (Decimal(months[-1]) / months[0]) ** (Decimal(1) / (len(months) - 1)) - 1


def amortised_mrr(credits_subscription: Decimal, cadence_months: int) -> Decimal:
    """Return the account's MRR where credit is paid in instalments: from the credit subscription alone, a month.

    The usage subscription of the second billing customer is the same money again; it is never added.
    """
    return credits_subscription / cadence_months


def product_mrr(usage: Decimal, credit_discount: Decimal) -> Decimal:
    """Return a product's MRR that is paid from credit: its usage less the discount the credit was bought at.

    >>> product_mrr(Decimal(10_000), Decimal("0.20"))
    Decimal('8000.00')
    """
    return usage * (1 - credit_discount)


def annual_mrr_value(total_mrr: Decimal, discount: Decimal) -> Decimal:
    """Return what an annual plan would be without its discount.

    >>> annual_mrr_value(Decimal(8_000), Decimal("0.20")) == 10_000
    True
    """
    return total_mrr / (1 - discount)
