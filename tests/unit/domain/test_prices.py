"""Tiered prices."""

from decimal import Decimal

import pytest

from signals.domain.prices import cost, require_tiers

# Illustrative tiers of the catalogue, 4.4.
TIERS = {"0": Decimal(0), "1000000": Decimal("0.00005"), "2000000": Decimal("0.00003")}


@pytest.mark.parametrize(
    ("units", "price"),
    [(0, 0), (1_000_000, 0), (1_000_001, "0.00005"), (2_000_000, 50), (2_000_001, "50.00003"), (3_000_000, 80)],
)
def test_each_tier_prices_the_units_that_lie_in_it(units: int, price: object) -> None:
    """3 M units cost 80, 2 M cost 50, the first million is free."""
    assert cost(TIERS, units) == Decimal(str(price))


def test_the_order_of_the_keys_does_not_matter() -> None:
    """Tiers are read by number, not by text or order."""
    assert cost({"20": Decimal(1), "0": Decimal(3), "3": Decimal(2)}, 21) == 3 * 3 + 17 * 2 + 1


@pytest.mark.parametrize("tiers", [{}, {"10": Decimal(1)}, {"0": Decimal(-1)}, {"0": Decimal(1), "x": Decimal(1)},
                                   {"0": Decimal(1), "01": Decimal(1)}, {"0": Decimal("Infinity")},
                                   {"0": Decimal("NaN")}, {"0": Decimal("1000000.01")}])  # fmt: skip
def test_what_is_no_tier_is_refused(tiers: dict[str, Decimal]) -> None:
    """No tier at 0, a negative price, one without an end or above a million, a key that is no number."""
    with pytest.raises(ValueError, match="prices"):
        require_tiers("prices", tiers)


def test_the_dearest_price_of_the_largest_volume_has_its_cents() -> None:
    """A million dollars a unit; the amount is still exact to the cent."""
    tiers = {"0": Decimal("999999.99")}
    require_tiers("prices", tiers)
    assert cost(tiers, 10**15).quantize(Decimal("0.01")) == Decimal("999999990000000000000.00")
