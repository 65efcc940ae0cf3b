"""Spend in the billing periods, against a limit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from signals.detectors.charts.limit import limit_chart
from signals.detectors.facts.limits import LimitUse
from signals.detectors.moment import Look
from signals.domain.chart import Ahead, Chart, Level, Mark
from signals.domain.events.base import Event
from signals.domain.events.billing import BillingLimitSet
from signals.domain.events.periods import PeriodReported
from signals.domain.events.usage import UsageReported
from support.moments import ORG, account_after, at, look_at


def period(start: date, end: date, spend: str, reported: date, **more: Any) -> Event:
    """One report of one period."""
    return PeriodReported(
        org_id=ORG, at=at(reported), period_start=start, period_ends_on=end, spend={"replay": Decimal(spend)}, **more
    )


LIMIT = BillingLimitSet(org_id=ORG, at=at(date(2026, 1, 1)), product="replay", limit=Decimal(200))
APRIL = period(date(2026, 4, 1), date(2026, 5, 1), "120", date(2026, 5, 2))
MAY = period(date(2026, 5, 1), date(2026, 6, 1), "150", date(2026, 6, 2))
JUNE = period(date(2026, 6, 1), date(2026, 7, 1), "140", date(2026, 6, 15))


def chart_after(*events: Event, today: date = date(2026, 6, 15)) -> Chart | None:
    """The chart of the only limit."""
    look = look_at(account_after(LIMIT, *events), at(today))
    uses = look.fact("billing.limits")
    assert isinstance(uses, tuple)
    (use,) = uses
    assert isinstance(use, LimitUse)
    return limit_chart(Look(look.moment, item=use), None)


def test_each_period_begins_with_nothing() -> None:
    """A saw: what was spent of it by its end, and of the running one by the last report."""
    chart = chart_after(APRIL, MAY, JUNE)

    assert chart is not None
    assert chart.start == date(2026, 4, 1)
    assert chart.points() == ((0, 0), (30, 120), (30, 0), (61, 150), (61, 0), (75, 140))
    assert chart.line == Level(200, "limit")


def test_the_running_period_goes_on_as_it_did() -> None:
    """10 a day reach 200 on the 21st, and 300 at the end."""
    chart = chart_after(JUNE)

    assert chart is not None
    assert chart.forecast == (Ahead(14, 140, 140, 140), Ahead(30, 300, 300, 300))
    assert chart.marks == (Mark(20, "reaches the limit"),)


def test_by_daily_use_it_goes_on_with_a_band_to_the_stated_day() -> None:
    """At 100 units and so 10 dollars a day, the weekends included."""
    days = [
        UsageReported(org_id=ORG, at=at(date.fromordinal(day + 1)), day=date.fromordinal(day), volumes={"replay": 100})
        for day in range(date(2026, 3, 1).toordinal(), date(2026, 6, 15).toordinal())
    ]
    chart = chart_after(*days, JUNE)

    assert chart is not None
    today, *ahead = chart.forecast
    assert today == Ahead(14, 140, 140, 140)
    assert [one.day for one in ahead] == list(range(15, 31))
    assert [round(one.mid) for one in ahead[:2]] == [160, 170]  # by the end of the 16th and of the 17th
    assert all(one.low < one.mid < one.high for one in ahead)
    (mark,) = chart.marks
    assert ahead[mark.day - 15].mid >= 200 > ahead[mark.day - 16].mid


@pytest.mark.parametrize(("spend", "reached"), [("93.33", False), ("93.34", True)])
def test_a_limit_that_is_not_reached_in_the_period_is_not_marked(spend: str, reached: bool) -> None:
    """A cent decides: 6.667 a day are 200 after 30 days."""
    chart = chart_after(period(date(2026, 6, 1), date(2026, 7, 1), spend, date(2026, 6, 15)))

    assert chart is not None
    assert bool(chart.marks) is reached


def test_the_line_is_what_the_limit_lets_through() -> None:
    """The limit is of discounted dollars, the spend at list price (catalogue 8.4)."""
    cut = period(date(2026, 6, 1), date(2026, 7, 1), "140", date(2026, 6, 15), price_cut=Decimal("0.2"))
    free = period(date(2026, 6, 1), date(2026, 7, 1), "140", date(2026, 6, 15), price_cut=Decimal(1))

    with_cut, all_free = chart_after(cut), chart_after(free)

    assert with_cut is not None
    assert all_free is not None
    assert with_cut.line == Level(250, "limit")
    assert (all_free.line, all_free.marks) == (None, ())


def test_a_period_that_is_missing_ends_the_history() -> None:
    """And without any report there is nothing to draw."""
    chart = chart_after(APRIL, JUNE)

    assert chart is not None
    assert chart.start == date(2026, 6, 1)
    assert chart_after() is None


def test_a_period_that_is_over_has_no_projection() -> None:
    """Its last report is its last word."""
    chart = chart_after(MAY, today=date(2026, 6, 15))

    assert chart is not None
    assert (chart.forecast, chart.marks, chart.last_day) == ((), (), 31)


def test_an_element_of_another_kind_has_no_chart() -> None:
    """Whatever a rule of somebody's own goes over."""
    assert limit_chart(look_at(account_after(LIMIT, JUNE)), None) is None


def test_a_period_of_a_hundred_years_is_a_mistake() -> None:
    """And not drawn."""
    assert chart_after(period(date(2026, 6, 1), date(2126, 7, 1), "140", date(2026, 6, 15))) is None
