"""Spend against a limit: the running billing period and those before it, each from nothing to what was spent."""

from datetime import date
from decimal import Decimal
from math import ceil

from signals.detectors.charts.source import ChartSource
from signals.detectors.facts.limits import LimitUse, allowed, spend_course
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look
from signals.domain.account.growth import Period
from signals.domain.chart import MOST_AHEAD, Ahead, Chart, Level, Mark, plotted

PERIODS_BACK = 2

REACHED = "reaches the limit"

LONGEST = 1200
# Three billing periods of a year each, and some days; longer ones are a mistake of the source.


def limit_chart(look: Look, series: Series | None) -> Chart | None:
    """Return what was spent of one product in each period, its limit, and how the running period is to go on.

    That is by daily use with its band, or straight on while there is too little of it.
    """
    del series
    use = look.item
    if not isinstance(use, LimitUse):
        return None
    periods = _joined(look)
    if not periods or (periods[-1].ends_on - periods[0].start).days > LONGEST:
        return None
    start, running = periods[0].start, periods[-1]
    points: list[tuple[int, Decimal]] = []
    for one in periods:
        until = min(one.ends_on, max(one.at.astimezone(look.zone).date(), one.start))
        points += [((one.start - start).days, Decimal(0)), ((until - start).days, _spent(one, use.product))]
    forecast, marks = _by_use(look, running, use, start, points[-1])
    if not forecast:
        forecast, marks = _ahead(running, use, start, points[-1])
    level = None if running.price_cut >= 1 else Level(plotted(allowed(use.limit, running.price_cut)), "limit")
    return Chart(
        unit="USD",
        start=start,
        values=tuple(plotted(amount) for _, amount in points),
        days=tuple(day for day, _ in points),
        line=level,
        forecast=forecast,
        marks=marks,
    )


def _joined(look: Look) -> list[Period]:
    """Return the newest periods that follow each other without a gap, oldest first; a closed one may be the last."""
    begun = [one for one in look.moment.state.growth.periods if one.of == "billing" and one.start <= look.today]
    found: list[Period] = []
    for one in sorted(begun, key=lambda one: one.start, reverse=True):
        if found and (one.ends_on != found[-1].start or len(found) > PERIODS_BACK):
            break
        found.append(one)
    return found[::-1]


def _spent(period: Period, product: str) -> Decimal:
    return period.spend.get(product, Decimal(0))


def _by_use(
    look: Look, running: Period, use: LimitUse, start: date, last: tuple[int, Decimal]
) -> tuple[tuple[Ahead, ...], tuple[Mark, ...]]:
    """Return how the spend is thought to go on by daily use, at even steps, and the stated day on the limit."""
    today, spent = last
    course = [one for one in spend_course(look, use.product, running) if (one[0] - start).days > today]
    if not course:
        return (), ()
    now, step = plotted(spent), ceil(len(course) / (MOST_AHEAD - 2))
    points = [*course[step - 1 :: step], *(course[-1:] if len(course) % step else [])]
    ahead = (Ahead((day - start).days, *(plotted(amount) for amount in amounts)) for day, *amounts in points)
    reached = use.reached_on
    marks = (Mark((reached - start).days, REACHED),) if isinstance(reached, date) else ()
    return (Ahead(today, now, now, now), *ahead), marks


def _ahead(
    running: Period, use: LimitUse, start: date, last: tuple[int, Decimal]
) -> tuple[tuple[Ahead, ...], tuple[Mark, ...]]:
    """Return the straight line to the period's end, and the day on which it meets the limit."""
    (today, spent), begin, end = last, (running.start - start).days, (running.ends_on - start).days
    if today >= end or today <= begin or spent <= 0:
        return (), ()
    pace = spent / (today - begin)
    now, then = plotted(spent), plotted(spent + pace * (end - today))
    forecast = (Ahead(today, now, now, now), Ahead(end, then, then, then))
    if running.price_cut >= 1:
        return forecast, ()
    reached = begin + ceil(allowed(use.limit, running.price_cut) / pace)
    return forecast, (Mark(reached, REACHED),) if today < reached <= end else ()


SPEND_LIMIT = ChartSource(
    name="spend_limit",
    doc="What one product spent in this billing period and the two before, against its limit.",
    title="{item.label}, spend in the billing period",
    draw=limit_chart,
    needs=("limit", "label"),
)
