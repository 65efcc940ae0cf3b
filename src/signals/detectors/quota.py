"""The quota of account managers (catalogue 8.3) as arithmetic: counted products, multiplier, quarter, attainment."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

QUOTA_PRODUCTS = frozenset({
    "product_analytics", "session_replay", "feature_flags", "surveys", "error_tracking", "ai_observability",
    "data_warehouse", "cdp_destinations", "workflows", "logs", "posthog_ai",
})  # fmt: skip
"""Primary products, definition B (handbook HW)."""

COUNTED_ABOVE = Decimal(200)
"""Dollars on a month's invoice; strictly above (handbook HW)."""

_BASE, _STEP = Decimal("0.7"), Decimal("0.2")
MONTHS_A_YEAR = 12
QUARTERS_A_YEAR = 4
INVOICES_A_QUARTER = 3


def counted(amounts: Mapping[str, Decimal]) -> frozenset[str]:
    """Return the products of a month's invoice that count.

    >>> sorted(counted({"surveys": Decimal("200.01"), "logs": Decimal("200.00"), "boost": Decimal(900)}))
    ['surveys']
    """
    return frozenset(one for one, amount in amounts.items() if one in QUOTA_PRODUCTS and amount > COUNTED_ABOVE)


def multiplier(products: int) -> Decimal:
    """Return what an invoice is worth for the quota by how many products counted; none count as one (proposed).

    >>> [str(multiplier(count)) for count in (0, 1, 2, 3, 4, 5, 6)]
    ['0.7', '0.7', '0.9', '1.1', '1.3', '1.5', '1.7']
    """
    return _BASE + _STEP * (max(products, 1) - 1)


def quarter_arr(quota_invoices: Sequence[Decimal], *, new: bool = False, cancelled: bool = False) -> Decimal:
    """Return the ARR of a quarter from its quota invoices, three or fewer, oldest first.

    A new customer's one month counts times twelve, two months times six; an existing one with gaps counts as it is.
    No revenue in the final month, or a cancelled subscription, is a churn: the quarter is worth nothing.

    >>> quarter_arr([Decimal(1000), Decimal(1200)], new=True), quarter_arr([Decimal(1000), Decimal(1200)])
    (Decimal('13200'), Decimal('8800'))
    >>> quarter_arr([Decimal(1000), Decimal(1200), Decimal(0)])
    Decimal('0')
    """
    if cancelled or (quota_invoices and quota_invoices[-1] <= 0):
        return Decimal(0)
    total = sum(quota_invoices, Decimal(0))
    if new and 0 < len(quota_invoices) < INVOICES_A_QUARTER:
        return total * MONTHS_A_YEAR / len(quota_invoices)
    return total * QUARTERS_A_YEAR


def overage(invoiced: Decimal, annual: Decimal) -> Decimal:
    """Return what of a month's invoice lies above a twelfth of the annual run rate.

    >>> overage(Decimal(20_000), Decimal(120_000)), overage(Decimal(9_000), Decimal(120_000))
    (Decimal('10000'), Decimal('0'))
    """
    return max(invoiced - annual / MONTHS_A_YEAR, Decimal(0))
