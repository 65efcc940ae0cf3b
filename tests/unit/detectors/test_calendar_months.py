"""Month arithmetic: the ends of months, fractions, and the contract months of the handbook."""

from datetime import date
from decimal import Decimal

import pytest

from signals.detectors.calendar_months import add_months, after_months, contract_month, months_between


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 1), 12, date(2027, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_adding_months_keeps_the_day_where_there_is_one(start: date, months: int, expected: date) -> None:
    """The same day of the later month, or its last day."""
    assert add_months(start, months) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 1, 1), date(2026, 7, 1), Decimal(6)),
        (date(2026, 1, 1), date(2026, 6, 30), 5 + Decimal(29) / 30),
        (date(2026, 1, 1), date(2026, 7, 2), 6 + Decimal(1) / 31),
        (date(2026, 1, 31), date(2026, 2, 28), Decimal(1)),
        (date(2026, 1, 31), date(2026, 3, 1), 1 + Decimal(1) / 31),
        (date(2026, 7, 1), date(2026, 1, 1), Decimal(-6)),
        (date(2026, 7, 1), date(2026, 7, 1), Decimal(0)),
    ],
)
def test_elapsed_months_have_a_fraction(start: date, end: date, expected: Decimal) -> None:
    """Whole months, plus the share of the month begun."""
    assert months_between(start, end) == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (Decimal(0), date(2026, 1, 1)),
        (Decimal(6), date(2026, 7, 1)),
        (Decimal("6.01"), date(2026, 7, 1)),
        (Decimal("6.04"), date(2026, 7, 2)),
        (Decimal("0.999"), date(2026, 1, 31)),
    ],
)
def test_a_fraction_of_a_month_is_rounded_down_to_a_day(months: Decimal, expected: date) -> None:
    """A run-out within a day is on that day."""
    assert after_months(date(2026, 1, 1), months) == expected


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), 1),
        (date(2026, 2, 28), 2),
        (date(2026, 3, 1), 3),
        (date(2026, 6, 30), 6),
        (date(2026, 7, 1), 7),
        (date(2026, 9, 30), 9),
        (date(2026, 10, 1), 10),
        (date(2026, 12, 31), 12),
        (date(2027, 1, 1), 1),
    ],
)
def test_contract_months_are_those_of_the_handbook(today: date, month: int) -> None:
    """Catalogue 2.2, a contract from 1 January, counted per contract year."""
    assert contract_month(date(2026, 1, 1), today) == month
