"""What each day of a series was expected to be."""

import pytest

from signals.detectors.charts.daily import daily_chart
from signals.detectors.charts.expected import LEAST_DAYS, usual_days
from signals.domain.account.daily import ordinal
from signals.domain.account.reduce import reduce
from signals.domain.events.crm import NoteAdded
from support.moments import ZONE, ago, at, look_at, series_of, with_days

WEEK = (100, 104, 102, 99, 92, 40, 36)
"""Monday first."""


def weeks(days: int, **changes: int) -> dict[int, int]:
    """So many days ago -> units, in a working week; *changes* are other units, as ``d3`` for three days ago."""
    found = {ago_: 1000 * WEEK[ago(ago_).weekday()] for ago_ in range(1, days + 1)}
    return found | {int(name[1:]): units for name, units in changes.items()}


def band_of(units: dict[int, int], gaps: tuple[int, ...] = ()) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The band of the last eight weeks."""
    account = with_days(units, gaps=gaps)
    return usual_days(look_at(account), series_of(account), ordinal(ago(56)), ordinal(ago(1)))


def test_a_band_holds_the_days_of_an_ordinary_week() -> None:
    """The week's shape in it: Sundays are expected to be low."""
    units = weeks(98)
    low, high = band_of(units)

    held = [low[-days] <= units[days] <= high[-days] for days in range(1, 57)]
    sunday, monday = next(day for day in range(1, 8) if ago(day).weekday() == 6), 7
    assert sum(held) >= 53
    assert ago(monday).weekday() == 0
    assert high[-sunday] < low[-monday]


def test_a_day_does_not_change_what_was_expected_of_it() -> None:
    """A spike lies above its own band."""
    low, high = band_of(weeks(98))
    assert band_of(weeks(98, d1=5_000_000)) == (low, high)
    assert high[-1] < 5_000_000


@pytest.mark.parametrize(("days", "expected"), [(LEAST_DAYS, 0), (LEAST_DAYS + 1, 1), (LEAST_DAYS + 20, 20)])
def test_four_weeks_are_needed_before_anything_is_expected(days: int, expected: int) -> None:
    """The band begins with the day after them."""
    low, high = band_of(weeks(days))

    assert (len(low), len(high)) == (expected, expected)


def test_a_day_nobody_reported_has_a_band_and_teaches_nothing() -> None:
    """Least of all that nothing is to be expected."""
    whole, torn = band_of(weeks(98)), band_of(weeks(98, d9=0), gaps=(9,))

    assert len(torn[0]) == 56
    assert torn[0][-9] == whole[0][-9]
    assert torn[1][-1] < 2 * whole[1][-1]


def test_a_level_that_has_moved_does_not_make_everything_usual() -> None:
    """Four weeks at half the use: what was expected comes down, and its band stays narrow."""
    half = {days: units // (2 if days <= 28 else 1) for days, units in weeks(98).items()}

    low, high = band_of(half)

    assert high[-1] - low[-1] < 4 * (high[0] - low[0])
    assert high[-1] < high[-29]
    assert half[5] < low[-5]  # a Wednesday: still thought low


def test_a_declared_change_begins_anew() -> None:
    """What was usual before a migration says nothing of the days after it: four weeks on there is a band again."""
    account = with_days(weeks(98))
    note = NoteAdded(org_id="org_1", at=at(ago(50)), category="migration", from_on=ago(45), until_on=ago(40))
    account = reduce(account, note, ZONE)

    low, _ = usual_days(look_at(account), series_of(account), ordinal(ago(56)), ordinal(ago(1)))

    assert len(low) == 39 - LEAST_DAYS


def test_a_chart_has_it() -> None:
    """From below to above, as whole units."""
    account = with_days(weeks(98))

    chart = daily_chart(look_at(account), series_of(account))

    assert chart is not None
    assert len(chart.low) == len(chart.values) == 56
    assert all(isinstance(low, int) and low <= high for low, high in zip(chart.low, chart.high, strict=True))
