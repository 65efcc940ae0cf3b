"""Eight weeks of a daily series."""

from datetime import date, timedelta

import pytest

from signals.detectors.charts.daily import DAYS, LEAST_DAYS, daily_chart
from signals.detectors.facts.windows import Series
from signals.domain.account.daily import Daily, ordinal
from signals.domain.measures import KEEP_DAYS
from support.moments import ago, look_at, series_of, with_days


def test_the_newest_closed_days_are_shown() -> None:
    """Today is not over and left out; yesterday is the last."""
    account = with_days({days: 1000 + days for days in range(100)})

    chart = daily_chart(look_at(account), series_of(account))

    assert chart is not None
    assert (chart.start, len(chart.values)) == (ago(DAYS), DAYS)
    assert (chart.values[0], chart.values[-1]) == (1000 + DAYS, 1001)


def test_a_day_nobody_reported_is_not_a_zero() -> None:
    """Nor one before the organization was created a part of the series."""
    account = with_days(dict.fromkeys(range(1, 40), 5), gaps=(3,), created=ago(20))

    chart = daily_chart(look_at(account), series_of(account))

    assert chart is not None
    assert chart.start == ago(20)
    assert chart.values == (*(5,) * 17, None, 5, 5)


def test_it_ends_with_the_last_report() -> None:
    """Days after it are not known; a hole at the end would read like a fall."""
    account = with_days(dict.fromkeys(range(3, 20), 5))

    chart = daily_chart(look_at(account), series_of(account))

    assert chart is not None
    assert chart.start + timedelta(days=chart.last_day) == ago(3)


@pytest.mark.parametrize(("days", "drawn"), [(LEAST_DAYS - 1, False), (LEAST_DAYS, True)])
def test_a_few_days_are_no_chart(days: int, drawn: bool) -> None:
    """They are in the evidence already."""
    account = with_days(dict.fromkeys(range(1, days + 1), 5))

    assert (daily_chart(look_at(account), series_of(account)) is not None) is drawn


def test_nothing_reported_is_no_chart() -> None:
    """As of a silent source, or a series that is not there."""
    account = with_days({})

    assert daily_chart(look_at(account), series_of(account)) is None
    assert daily_chart(look_at(account), None) is None


@pytest.mark.parametrize(("units", "drawn"), [(0, False), (1, True)])
def test_eight_weeks_without_use_are_no_chart(units: int, drawn: bool) -> None:
    """As of a product that was switched on and not used yet."""
    account = with_days(dict.fromkeys(range(1, 57), 0) | {56: units})

    assert (daily_chart(look_at(account), series_of(account)) is not None) is drawn


def test_what_was_expected_is_asked_for_the_days_shown() -> None:
    """Of whoever has learnt it."""
    account = with_days(dict.fromkeys(range(1, 11), 5))
    asked: list[tuple[str, int, int]] = []

    def expected(_look: object, series: Series, first: int, last: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        asked.append((series.name, first, last))
        return (4,) * 10, (6,) * 10

    chart = daily_chart(look_at(account), series_of(account), expected=expected)

    assert chart is not None
    assert (chart.low, chart.high) == ((4,) * 10, (6,) * 10)
    assert asked == [("product_analytics", ordinal(ago(10)), ordinal(ago(1)))]


def test_a_measure_is_shown_as_far_back_as_it_is_kept() -> None:
    """What was folded away is not a zero."""
    account = with_days(dict.fromkeys(range(1, 100), 5))
    first = ordinal(date(2026, 1, 1))
    daily = Series("measure:exceptions", Daily(first, (7,) * 165))

    chart = daily_chart(look_at(account), daily)

    assert chart is not None
    assert chart.start >= ago(KEEP_DAYS - 1)
    assert set(chart.values) == {7}
