"""A daily series: eight weeks of closed days, and what each was expected to be where that is known."""

from collections.abc import Callable
from datetime import date

from signals.detectors.charts.expected import Band, usual_days
from signals.detectors.charts.source import ChartSource
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look
from signals.domain.chart import Chart
from signals.domain.measures import KEEP_DAYS as MEASURE_DAYS

DAYS = 56
"""Closed days shown: eight weeks hold both windows of every rule that compares four weeks with the four before."""

LEAST_DAYS = 7
"""Known days without which there is no chart: fewer are in the evidence already."""

Expected = Callable[[Look, Series, int, int], Band]
"""(look, series, first day, last day) -> low and high of the newest of these days: as many as are known."""


def daily_chart(look: Look, series: Series | None, *, expected: Expected = usual_days) -> Chart | None:
    """Return the newest reported days of a series; unreported ones are not known. None when there is no use in any."""
    if series is None:
        return None
    reported = look.moment.state.usage.reported
    runs = [run for run in reported.runs if run[0] < look.moment.today_number]
    if not runs:
        return None
    last = min(runs[-1][1], look.moment.today_number - 1)
    first = max(last - DAYS + 1, runs[0][0], look.moment.created_number or 0, _kept_from(look, series.name))
    values = tuple(
        series.daily.on(day) if reported.covers(day, day) else None for day in range(first, last + 1)
    )  # fmt: skip
    if sum(value is not None for value in values) < LEAST_DAYS or not any(values):
        return None
    low, high = expected(look, series, first, last)
    return Chart(start=date.fromordinal(first), values=values, low=low, high=high)


def _kept_from(look: Look, name: str) -> int:
    """Return the first day of which a series is known, for those that are not kept as long as usage."""
    if name.startswith("measure:"):
        return look.moment.today_number - MEASURE_DAYS + 1
    return look.moment.state.mix.since or 0 if name.startswith("mix:") else 0


USAGE = ChartSource(
    name="usage",
    doc="Units of all products a day, or of the series named; the last eight weeks.",
    title="All products, units a day",
    draw=daily_chart,
    series="usage.total",
)
PRODUCT_USAGE = ChartSource(
    name="product_usage",
    doc="Units a day of the series of the element of each; the last eight weeks.",
    title="{item.label}, units a day",
    draw=daily_chart,
    series="item",
    needs=("series", "label"),
)
