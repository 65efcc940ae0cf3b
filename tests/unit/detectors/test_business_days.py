"""Days of work."""

from datetime import date

import pytest

from signals.detectors.business_days import add_business_days


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 6, 15), 2, date(2026, 6, 17)),
        (date(2026, 6, 12), 1, date(2026, 6, 15)),
        (date(2026, 6, 13), 1, date(2026, 6, 15)),
        (date(2026, 6, 15), 0, date(2026, 6, 15)),
        (date(2026, 6, 15), 5, date(2026, 6, 22)),
    ],
)
def test_weekends_are_skipped(day: date, count: int, found: date) -> None:
    """Monday to Friday count."""
    assert add_business_days(day, count) == found
