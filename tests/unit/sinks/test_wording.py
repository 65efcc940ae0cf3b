"""Numbers, money, shares and spans as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from signals.sinks.wording import as_words, money, number, percent, relative_day, relative_instant, span_words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0"),
        ("0.004", "0"),
        ("0.125", "0.12"),
        ("14", "14"),
        ("99.96", "100"),
        ("12400", "12,400"),
        ("999499.6", "999,500"),
        ("999999.4", "999,999"),
        ("999999.5", "1 M"),
        ("1000000", "1 M"),
        ("1234567", "1.2 M"),
        ("2500000000", "2.5 B"),
        ("-12400", "−12,400"),
        ("1E+3", "1,000"),
    ],
)
def test_numbers(value: str, expected: str) -> None:
    """Thousands are separated, millions shortened, nothing more precise than it needs to be."""
    assert number(Decimal(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12400", "$12,400"),
        ("12400.51", "$12,401"),
        ("1234567", "$1.2 M"),
        ("99.99", "$99.99"),
        ("100.01", "$100"),
        ("4.5", "$4.50"),
        ("5", "$5"),
        ("0", "$0"),
        ("-1812.40", "−$1,812"),
        ("999999.60", "$1 M"),
    ],
)
def test_money(value: str, expected: str) -> None:
    """Cents only below $100, and only when there are any."""
    assert money(Decimal(value)) == expected


@pytest.mark.parametrize(
    ("share", "signed", "expected"),
    [
        ("0.38", True, "+38 %"),
        ("-0.38", True, "−38 %"),
        ("0.38", False, "38 %"),
        ("0", True, "0 %"),
        ("0.004", False, "0.4 %"),
        ("10", True, "+1,000 %"),
        ("0.0999", False, "10 %"),
    ],
)
def test_percent(share: str, signed: bool, expected: str) -> None:
    """A growth shows its sign, a share does not; small ones keep one decimal."""
    assert percent(Decimal(share), signed=signed) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1", "days", "1 day"),
        ("0", "days", "0 days"),
        ("41", "days", "41 days"),
        ("0", "usage", "no usage"),
        ("1", "recordings", "1 recording"),
        ("1900000", "recordings", "1.9 M recordings"),
        ("0", "count", "none"),
        ("0", "", "0"),
        ("640", "USD/month", "$640 a month"),
        ("0.125", "share", "12 %"),
        ("1", "people", "1 person"),
    ],
)
def test_values_with_their_unit(value: str, unit: str, expected: str) -> None:
    """Plural and zero forms are right (irregular plurals too, as far as they are known)."""
    assert as_words(Decimal(value), unit) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (41, "in 41 days"), (-2, "2 days ago"), (152, "in 5 months")],
)
def test_days_relative_to_today(days: int, expected: str) -> None:
    """A day is named by its distance."""
    today = date(2026, 1, 19)
    assert relative_day(today + timedelta(days=days), today) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=120), "120 days"),
        (timedelta(days=365), "12 months"),
    ],
)
def test_spans(span: timedelta, expected: str) -> None:
    """The largest sensible unit, rounded down."""
    assert span_words(span) == expected


def test_an_exact_number_does_not_show_every_digit_of_a_quotient() -> None:
    """Six decimals are exact enough for people."""
    assert number(Decimal(1) / Decimal(3), exact=True) == "0.333333"
    assert number(Decimal(1500001), exact=True) == "1,500,001"


def test_an_instant_in_the_past_is_ago() -> None:
    """Direction is in words, not in a sign."""
    now = datetime(2026, 1, 19, 9, tzinfo=UTC)
    assert relative_instant(now - timedelta(hours=3), now) == "3 hours ago"
