"""What people did each day."""

from datetime import timedelta

import pytest

from signals.detectors.charts.activity import activity_chart
from signals.detectors.charts.daily import LEAST_DAYS
from signals.domain.chart import Chart
from signals.domain.events.usage import UserActed
from support.moments import ORG, account_after, ago, at, look_at


def chart_after(*days_ago: int) -> Chart | None:
    """The chart after two kinds of action on each of these days."""
    events = [
        UserActed(org_id=ORG, at=at(ago(days)) + timedelta(minutes=index), person_id="p1", action=action)
        for days in sorted(days_ago, reverse=True)
        for index, action in enumerate(("insight created", "dashboard created"))
    ]
    return activity_chart(look_at(account_after(*events)), None)


def test_all_actions_of_a_day_are_one_bar_and_silence_is_a_gap() -> None:
    """From the first day of any to yesterday; today is not over."""
    chart = chart_after(10, 8, 0)

    assert chart is not None
    assert chart.start == ago(10)
    assert chart.values == (2, 0, 2, 0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("days", "drawn"), [(LEAST_DAYS - 1, False), (LEAST_DAYS, True), (56, True), (57, False)])
def test_a_few_days_or_a_silence_longer_than_the_chart_are_none(days: int, drawn: bool) -> None:
    """There is nothing to see in either."""
    assert (chart_after(days) is not None) is drawn


def test_without_any_action_there_is_none() -> None:
    """People are not reported of every account."""
    assert chart_after() is None
