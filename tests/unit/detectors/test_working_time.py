"""Working time: nights, weekends and changes of the clock do not count."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.working_time import working_due

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ((15, 9), (15, 13)),
        ((15, 13), (15, 17)),
        ((15, 14), (16, 10)),
        ((15, 5), (15, 13)),
        ((15, 20), (16, 13)),
        ((19, 15), (22, 11)),
        ((20, 12), (22, 13)),
        ((21, 23), (22, 13)),
    ],
)
def test_four_hours_of_work(asked: tuple[int, int], due: tuple[int, int]) -> None:
    """The 15th is a Monday, the 19th a Friday."""
    found = working_due(datetime(2026, 6, *asked, tzinfo=UTC), 4 * HOUR, 9 * HOUR, 17 * HOUR, UTC)
    assert found == datetime(2026, 6, *due, tzinfo=UTC)


def test_the_zone_decides_when_people_work() -> None:
    """Noon in UTC is eight in New York: work begins an hour later."""
    found = working_due(datetime(2026, 6, 15, 12, tzinfo=UTC), HOUR, 9 * HOUR, 17 * HOUR, NEW_YORK)
    assert found == datetime(2026, 6, 15, 14, tzinfo=UTC)


def test_no_hours_and_endless_waits_have_no_end() -> None:
    """Nothing is found where nobody works, or within a year."""
    asked = datetime(2026, 6, 15, 12, tzinfo=UTC)
    assert working_due(asked, HOUR, 17 * HOUR, 9 * HOUR, UTC) is None
    assert working_due(asked, 9999 * HOUR, 9 * HOUR, 17 * HOUR, UTC) is None


def test_two_halves_are_the_whole() -> None:
    """Waiting four hours and then four more ends when waiting eight does."""
    for hour in range(24 * 7):
        asked = datetime(2026, 6, 15, tzinfo=UTC) + hour * HOUR
        half = working_due(asked, 4 * HOUR, 9 * HOUR, 17 * HOUR, UTC)
        assert half is not None
        assert working_due(half, 4 * HOUR, 9 * HOUR, 17 * HOUR, UTC) == working_due(
            asked, 8 * HOUR, 9 * HOUR, 17 * HOUR, UTC
        )
