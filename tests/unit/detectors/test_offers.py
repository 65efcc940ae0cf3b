"""Credit beside the price list: the worked examples of catalogue 3.3, 3.5, 3.7 and 3.8."""

from datetime import date
from decimal import Decimal

import pytest

from signals.detectors.offers import (
    buyout_credit,
    early_renewal_until,
    next_billing_day,
    renewal_credit,
    roll_over,
    self_serve_average,
    self_serve_eligible,
    self_serve_offer,
    startup_free_credit,
    startup_offer_until,
)


@pytest.mark.parametrize(
    ("left", "as_large", "rolled"),
    [(60_000, True, 50_000), (30_000, True, 30_000), (60_000, False, 0), (50_000, True, 50_000), (-5, True, 0)],
)
def test_roll_over(left: int, as_large: bool, rolled: int) -> None:
    """Up to half of 100,000, and nothing into a smaller renewal."""
    assert roll_over(Decimal(100_000), Decimal(left), renewed_as_large=as_large) == rolled


@pytest.mark.parametrize(
    ("runout", "deadline"),
    [(date(2026, 9, 1), date(2026, 8, 31)), (None, date(2026, 11, 1)), (date(2026, 12, 20), date(2026, 11, 1))],
)
def test_early_renewal(runout: date | None, deadline: date) -> None:
    """The sooner of 60 days before 31 December and the day before the run-out: exactly 60 days still count."""
    assert early_renewal_until(date(2026, 12, 31), runout) == deadline
    assert (date(2026, 12, 31) - early_renewal_until(date(2026, 12, 31), None)).days == 60


@pytest.mark.parametrize(("purchased", "free"), [("36000", "6000.00"), ("25000", "4166.67"), ("0", "0.00")])
def test_startup_free_credit(purchased: str, free: str) -> None:
    """Two of twelve months, in cents."""
    assert str(startup_free_credit(Decimal(purchased))) == free


@pytest.mark.parametrize(
    ("emptied", "last"),
    [(None, date(2026, 6, 30)), (date(2026, 5, 1), date(2026, 6, 10)), (date(2026, 6, 10), date(2026, 6, 30))],
)
def test_startup_offer(emptied: date | None, last: date) -> None:
    """Expiry on 10 June, billed on the 1st: open to 30 June, or to 10 June when credit was gone before."""
    assert startup_offer_until(date(2026, 6, 10), emptied, 1) == last


def test_startup_offer_without_a_billing_day() -> None:
    """Not known, unless the credit was gone before."""
    assert startup_offer_until(date(2026, 6, 10), None, None) is None
    assert startup_offer_until(date(2026, 6, 10), date(2026, 5, 1), None) == date(2026, 6, 10)


@pytest.mark.parametrize(
    ("after", "day", "following"),
    [
        (date(2026, 6, 10), 1, date(2026, 7, 1)),
        (date(2026, 6, 10), 10, date(2026, 7, 10)),
        (date(2026, 6, 10), 11, date(2026, 6, 11)),
        (date(2026, 12, 31), 31, date(2027, 1, 31)),
        (date(2026, 1, 31), 30, date(2026, 2, 28)),
    ],
)
def test_next_billing_day(after: date, day: int, following: date) -> None:
    """Strictly after; a month without that day bills on its last."""
    assert next_billing_day(after, day) == following


@pytest.mark.parametrize(
    ("paid", "open_invoices", "barred", "eligible"),
    [
        ((300, 300, 240), 0, False, True),
        ((300, 300, 239), 0, False, False),
        ((900, 900), 0, False, False),
        ((300, 300, 240), 1, False, False),
        ((300, 300, 240), 0, True, False),
        ((10, 300, 300, 240), 0, False, True),
    ],
)
def test_self_serve_eligibility(paid: tuple[int, ...], open_invoices: int, barred: bool, eligible: bool) -> None:
    """Three paid, 280 on average of the last three, nothing open, nothing that bars it."""
    amounts = [Decimal(amount) for amount in paid]
    assert self_serve_eligible(amounts, open_invoices=open_invoices, barred=barred) is eligible


def test_self_serve_average_is_exact() -> None:
    """239 instead of 240 is 279.67, which is below the line; two invoices have no average."""
    found = self_serve_average([Decimal(300), Decimal(300), Decimal(239)])
    assert found is not None
    assert found.quantize(Decimal("0.01")) == Decimal("279.67")
    assert self_serve_average([Decimal(300), Decimal(300)]) is None


@pytest.mark.parametrize(
    ("credit", "price", "monthly"), [(24_000, "21600.00", "2000.00"), (25_000, "20000.00", "2083.33")]
)
def test_self_serve_offer(credit: int, price: str, monthly: str) -> None:
    """A twelfth lands each month, whatever the tier (pick)."""
    offer = self_serve_offer(Decimal(credit))
    assert offer is not None
    assert (str(offer.price), str(offer.monthly)) == (price, monthly)
    assert self_serve_offer(Decimal(1_000_000)) is None


@pytest.mark.parametrize(
    ("annual", "months", "credit"),
    [(50_000, 6, 25_000), (50_000, 7, 25_000), (50_000, 3, 12_500), (20_000, 6, 10_000), (19_999, 6, 0)],
)
def test_buyout(annual: int, months: int, credit: int) -> None:
    """At most six months, of a contract of 20,000 a year or more."""
    assert buyout_credit(Decimal(annual), months) == credit


@pytest.mark.parametrize(("price", "credit"), [(40_000, 10_000), (30_000, 0), (29_000, 0), (50_000, 20_000)])
def test_renewal_credit(price: int, credit: int) -> None:
    """40 % below a quote of 50,000 is 30,000 net."""
    assert renewal_credit(Decimal(price), Decimal(50_000)) == credit
