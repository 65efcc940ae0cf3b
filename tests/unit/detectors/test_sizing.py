"""Sizing of a purchase and what a booked MRR is worth: the worked examples of catalogue 3.1 and 3.8."""

from decimal import Decimal

import pytest

from signals.detectors.sizing import amortised_mrr, annual_mrr_value, growth_of, product_mrr, size

MILLION = 1_000_000


def test_level_usage_is_shown_as_it_was() -> None:
    """10, 10, 11, 10, 9, 10 million: latest 10, mean 10, largest 11, no projection."""
    found = size([10 * MILLION, 10 * MILLION, 11 * MILLION, 10 * MILLION, 9 * MILLION, 10 * MILLION])

    assert [found.latest, found.mean, found.largest] == [Decimal(number * MILLION) for number in (10, 10, 11)]
    assert found.projected is None


def test_growing_usage_is_projected() -> None:
    """10 million growing by 10 % a month are 235.2 million in the next twelve months, 19.6 a month."""
    found = size([10 * MILLION], growth=Decimal("0.10"))

    assert found.projected is not None
    assert (found.projected * 12 / MILLION).quantize(Decimal("0.1")) == Decimal("235.2")
    assert (found.projected / MILLION).quantize(Decimal("0.1")) == Decimal("19.6")


@pytest.mark.parametrize(("growth", "projected"), [("0.02", False), ("0.0201", True)])
def test_two_percent_a_month_are_not_growth(growth: str, projected: bool) -> None:
    """The line is strict (proposed)."""
    assert (size([MILLION], growth=Decimal(growth)).projected is not None) is projected


def test_growth_between_first_and_last() -> None:
    """Compounded; of one month, or from nothing, there is none."""
    found = growth_of([Decimal(100), Decimal(90), Decimal(121)])
    assert found is not None
    assert found.quantize(Decimal("0.0001")) == Decimal("0.1000")
    assert growth_of([Decimal(100)]) is None
    assert growth_of([Decimal(0), Decimal(9)]) is None


def test_credit_paid_in_instalments_is_never_counted_twice() -> None:
    """8,000 a month of credit and 10,000 of usage at 20 % are 8,000 for the account and for the products."""
    assert amortised_mrr(Decimal(8_000), 1) == 8_000
    assert amortised_mrr(Decimal(24_000), 3) == 8_000
    assert product_mrr(Decimal(10_000), Decimal("0.20")) == 8_000


def test_value_without_the_discount() -> None:
    """8,000 at 20 % are 10,000."""
    assert annual_mrr_value(Decimal(8_000), Decimal("0.20")) == 10_000
