"""The quota arithmetic against the handbook's own table."""

from decimal import Decimal

import pytest

from signals.detectors.quota import counted, multiplier, overage, quarter_arr

TABLE = (
    (2300, 1, "0.7", "1610"),
    (2200, 1, "0.7", "1540"),
    (2500, 1, "0.7", "1750"),
    (2700, 2, "0.9", "2430"),
    (2800, 1, "0.7", "1960"),
    (3000, 3, "1.1", "3300"),
)
"""Invoice, counted products, multiplier, quota invoice: January to June (catalogue 8.3)."""


@pytest.mark.parametrize(("invoice", "products", "expected", "quota_invoice"), TABLE)
def test_an_invoice_of_the_table(invoice: int, products: int, expected: str, quota_invoice: str) -> None:
    """Exact: in binary fractions the last one would be 3300.0000000000005."""
    assert multiplier(products) == Decimal(expected)
    assert invoice * multiplier(products) == Decimal(quota_invoice)


def test_the_quarters_of_the_table() -> None:
    """19,600 and 30,760, so the attainment is 11,160."""
    invoices = [amount * multiplier(products) for amount, products, _, _ in TABLE]
    first, second = quarter_arr(invoices[:3]), quarter_arr(invoices[3:])
    assert [first, second, second - first] == [19_600, 30_760, 11_160]


@pytest.mark.parametrize(
    ("amounts", "new", "expected"),
    [
        ((1000,), True, 12_000),
        ((1000, 1200), True, 13_200),
        ((1000, 1200, 1400), True, 14_400),
        ((1000, 1200), False, 8_800),
        ((), True, 0),
        ((), False, 0),
    ],
)
def test_a_quarter_with_fewer_invoices(amounts: tuple[int, ...], new: bool, expected: int) -> None:
    """A new customer's months stand for the year, an existing one's gaps stay gaps."""
    assert quarter_arr([Decimal(amount) for amount in amounts], new=new) == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [((1610, 1540, 0), 0), ((1610, 1540, "0.01"), "12600.04"), ((0, 1540, 1610), 12_600), ((1610, 0, 1540), 12_600)],
)
def test_a_quarter_that_ends_without_revenue_is_a_churn(amounts: tuple[object, ...], expected: object) -> None:
    """Nothing in the final month is worth nothing; a gap before it stays a gap."""
    assert quarter_arr([Decimal(str(amount)) for amount in amounts]) == Decimal(str(expected))


@pytest.mark.parametrize("new", [True, False])
def test_a_cancelled_subscription_is_worth_nothing(new: bool) -> None:
    """Whatever the quarter's invoices were, also those of one who was new."""
    assert quarter_arr([Decimal(1610), Decimal(1540)], new=new, cancelled=True) == 0


@pytest.mark.parametrize(("amount", "counts"), [("200.00", False), ("200.01", True)])
def test_a_product_counts_above_200(amount: str, counts: bool) -> None:
    """Strictly."""
    assert bool(counted({"surveys": Decimal(amount)})) is counts


def test_packages_do_not_count() -> None:
    """Only the primary products of the quota's own list do."""
    assert counted({"scale": Decimal(750), "group_analytics": Decimal(900)}) == frozenset()


@pytest.mark.parametrize(("invoiced", "expected"), [(20_000, 10_000), (10_000, 0), (9_000, 0)])
def test_overage_of_an_annual_customer(invoiced: int, expected: int) -> None:
    """Of 120,000 a year, 10,000 a month are covered."""
    assert overage(Decimal(invoiced), Decimal(120_000)) == expected
