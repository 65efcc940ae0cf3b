"""Discounts of credit: the worked examples of catalogue 3.2, 3.6 and 3.8."""

from decimal import Decimal
from typing import Any

import pytest

from signals.detectors.discounts import (
    better_from,
    cash_timing,
    cents,
    expansion_discount,
    levers,
    nonprofit_discount,
    price_of,
    total,
    volume_discount,
)


@pytest.mark.parametrize(
    ("credit", "share"),
    [
        ("24999", "0"), ("24999.99", "0"), ("25000", "0.20"), ("59500", "0.20"), ("59999", "0.20"), ("60000", "0.25"),
        ("99999", "0.25"), ("100000", "0.30"), ("249999.99", "0.30"), ("250000", "0.35"), ("499999", "0.35"),
        ("500000", "0.40"), ("999999", "0.40"),
    ],
)  # fmt: skip
def test_volume_tiers(credit: str, share: str) -> None:
    """Each tier at its edge; 59,500 lies in a gap of the table and counts as 20 % (pick)."""
    assert volume_discount(Decimal(credit)) == Decimal(share)


def test_a_million_is_custom() -> None:
    """No table decides from there on, whatever the levers."""
    assert volume_discount(Decimal(1_000_000)) is None
    assert total(levers(Decimal(1_000_000))) is None
    assert expansion_discount(Decimal(1_000_000), Decimal(30_000)) is None
    assert nonprofit_discount(Decimal(1_000_000)) is None


def test_self_serve_below_the_first_tier() -> None:
    """10 % below 25,000, the table from there on; no other lever below."""
    assert volume_discount(Decimal("24999.99"), self_serve=True) == Decimal("0.10")
    assert volume_discount(Decimal(25_000), self_serve=True) == Decimal("0.20")
    assert total(levers(Decimal(24_000), self_serve=True, date_agreed=True, years=2)) == Decimal("0.10")
    assert total(levers(Decimal(24_999), date_agreed=True, years=3)) == 0


@pytest.mark.parametrize(
    ("credit", "options", "share"),
    [
        (60_000, {"years": 2, "years_upfront": 2, "date_agreed": True}, "0.355"),
        (100_000, {"years": 3, "years_upfront": 3, "date_agreed": True}, "0.45"),
        (25_000, {"net_days": 60}, "0.15"),
        (25_000, {"net_days": 45}, "0.175"),
        (25_000, {"net_days": 30}, "0.20"),
        (25_000, {"years": 2}, "0.23"),
        (25_000, {"years": 3}, "0.25"),
        (25_000, {"date_agreed": True}, "0.25"),
    ],
)
def test_levers(credit: int, options: dict[str, int], share: str) -> None:
    """The handbook's sums: 25 + 3 + 2.5 + 5 is 35.5, 30 + 5 + 5 + 5 is 45, 20 - 5 is 15."""
    assert total(levers(Decimal(credit), **options)) == Decimal(share)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"years": 4}, {"years_upfront": 4}])
def test_four_years_are_custom(options: dict[str, int]) -> None:
    """Neither length nor cash timing has a number for them."""
    assert total(levers(Decimal(60_000), **options)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("net_days", "share"), [(15, "0"), (30, "0"), (31, "-0.025"), (45, "-0.025"), (46, "-0.05")])
def test_each_begun_fifteen_days_cost(net_days: int, share: str) -> None:
    """Paying sooner than net 30 earns nothing."""
    assert cash_timing(net_days=net_days) == Decimal(share)


def test_expansion_in_the_first_half() -> None:
    """The better tier of the two and the terms of the new form: no lever for length or for a date agreed."""
    assert expansion_discount(Decimal(60_000), Decimal(30_000)) == Decimal("0.25")
    assert expansion_discount(Decimal(60_000), Decimal(100_000)) == Decimal("0.30")
    assert expansion_discount(Decimal(60_000), Decimal(30_000), net_days=45) == Decimal("0.225")


@pytest.mark.parametrize(
    ("original", "credit", "share"),
    [
        (24_999, 24_999, "0"), (25_000, 24_999, "0.15"), (24_999, 25_000, "0.15"), (10_000, 5_000, "0"),
    ],
)  # fmt: skip
def test_terms_of_payment_count_beside_a_tier_only(original: int, credit: int, share: str) -> None:
    """Net 60 takes five points of a tier; without one there is nothing to take them from."""
    assert expansion_discount(Decimal(original), Decimal(credit), net_days=60) == Decimal(share)


@pytest.mark.parametrize(
    ("credit", "share"), [(24_999, "0.15"), (25_000, "0.25"), (100_000, "0.35"), (100_001, "0.30")]
)
def test_non_profit(credit: int, share: str) -> None:
    """15 % below 25,000, five points more up to 100,000, the standard above."""
    assert nonprofit_discount(Decimal(credit)) == Decimal(share)


def test_prices_are_exact_cents() -> None:
    """24,000 at 10 % are 21,600; 25,000 at 20 % are 20,000; a third of a cent is rounded."""
    assert price_of(Decimal(24_000), Decimal("0.10")) == 21_600
    assert price_of(Decimal(25_000), Decimal("0.20")) == 20_000
    assert str(cents(Decimal("0.005"))) == "0.01"


def said(credit: int, **options: Any) -> list[str]:
    """Return why each part of a discount is given."""
    return [one.because for one in levers(Decimal(credit), **options) or ()]


def test_every_part_says_why() -> None:
    """25 + 3 + 2.5 + 5 of 60,000 for two years upfront with a date agreed; below the first tier the tier alone."""
    assert said(60_000, years=2, years_upfront=2, date_agreed=True) == [
        "25 % from $60,000 of credit on",
        "3 points more for 2 years",
        "2.5 points more for 2 years paid upfront",
        "5 points more for the date agreed",
    ]
    assert said(24_999, years=2, date_agreed=True) == ["0 % below $25,000"]
    assert said(24_999, self_serve=True) == ["10 % below $25,000, in the product"]
    assert said(100_000, years=2, years_upfront=2, net_days=60)[-1] == (
        "2.5 points less for 2 years paid upfront and net 60"
    )


@pytest.mark.parametrize(
    ("credit", "share", "because"),
    [
        (24_999, "0.15", "0 % below $25,000, 15 points more for a non-profit"),
        (25_000, "0.25", "20 % from $25,000 of credit on, 5 points more for a non-profit"),
        (100_000, "0.35", "30 % from $100,000 of credit on, 5 points more for a non-profit"),
        (100_001, "0.30", "30 % from $100,000 of credit on"),
    ],
)
def test_a_non_profits_parts(credit: int, share: str, because: str) -> None:
    """Its own base, and the same levers."""
    assert total(levers(Decimal(credit), nonprofit=True)) == Decimal(share)
    assert said(credit, nonprofit=True) == [because]


def test_custom_has_no_parts() -> None:
    """A million, and four years."""
    assert (levers(Decimal(1_000_000)), levers(Decimal(60_000), years=4), total(None)) == (None, None, None)


@pytest.mark.parametrize(
    ("original", "found"),
    [
        (24_999, (25_000, "0.20")), (25_000, (60_000, "0.25")), (59_999, (60_000, "0.25")), (60_000, (100_000, "0.30")),
        (499_999, (500_000, "0.40")), (500_000, None), (1_000_000, None),
    ],
)  # fmt: skip
def test_from_where_an_expansion_has_a_better_tier(original: int, found: tuple[int, str] | None) -> None:
    """The next row of the table; none at the top, and none where the original was custom."""
    expected = None if found is None else (Decimal(found[0]), Decimal(found[1]))
    assert better_from(Decimal(original)) == expected
    if expected is not None:
        assert expansion_discount(Decimal(original), expected[0]) == expected[1]
        assert expansion_discount(Decimal(original), expected[0] - 1) < expected[1]  # type: ignore[operator]  # in the table
