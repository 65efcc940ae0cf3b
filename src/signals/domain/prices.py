"""Tiered prices: what a number of units costs. Written as ``{"0": "0", "1000000": "0.00005"}``.

Each key is a number of units, and the price of one unit above it. Tiers are why the money of a difference is the
difference of two prices, never the price of the difference.
"""

from collections.abc import Mapping
from decimal import Decimal

MOST_TIERS = 20
DEAREST = Decimal(10) ** 6
"""Dollars a unit (ours): far above any price, and what it makes of the largest volume still has its cents."""


def cost(tiers: Mapping[str, Decimal], units: int | Decimal) -> Decimal:
    """Return what *units* cost by *tiers*.

    >>> cost({"0": Decimal(0), "1000000": Decimal("0.00005"), "2000000": Decimal("0.00003")}, 3_000_000)
    Decimal('80.00000')
    """
    above = sorted((int(start), price) for start, price in tiers.items())
    ends = [start for start, _ in above[1:]]
    return sum(
        ((min(units, end) - start) * price for (start, price), end in zip(above, [*ends, units], strict=False)
         if units > start),
        Decimal(0),
    )  # fmt: skip


def require_tiers(name: str, tiers: Mapping[str, Decimal]) -> None:
    """Raise ``ValueError`` unless the keys are whole numbers from 0 on and no price is negative or above a million."""
    if not 1 <= len(tiers) <= MOST_TIERS or "0" not in tiers:
        raise ValueError(f"{name} wants 1 to {MOST_TIERS} tiers, the first at '0'")
    for start, price in tiers.items():
        if not start.isdecimal() or len(start) > 15 or str(int(start)) != start:
            raise ValueError(f"{name} keys are whole numbers of units, got {start[:40]!r}")
        if not price.is_finite() or not 0 <= price <= DEAREST:
            raise ValueError(f"{name}.{start} must be from 0 to {DEAREST:,} dollars a unit, got {price}")
