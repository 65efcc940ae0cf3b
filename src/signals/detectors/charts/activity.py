"""What people at the customer did each day: the gaps between the bars are what a rule about silence speaks of."""

from datetime import date

from signals.detectors.charts.daily import DAYS, LEAST_DAYS
from signals.detectors.charts.source import ChartSource
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look
from signals.domain.chart import Chart


def activity_chart(look: Look, series: Series | None) -> Chart | None:
    """Return how many actions each of the last eight weeks' closed days had, from the first one on; today is not over.

    Actions come one by one, so a day without any is a day on which nobody did anything.
    """
    del series
    last = look.moment.today_number - 1
    actions = look.moment.state.usage.actions.values()
    begun = [first for daily in actions if (first := daily.first_nonzero()) is not None]
    if not begun:
        return None
    first = max(last - DAYS + 1, min(begun))
    days = tuple(sum(daily.on(day) for daily in actions) for day in range(first, last + 1))
    if len(days) < LEAST_DAYS or not any(days):
        return None
    return Chart(start=date.fromordinal(first), values=days)


ACTIVITY = ChartSource(
    name="activity",
    doc="What people at the customer did a day, of all kinds; the last eight weeks.",
    title="Actions of people a day",
    draw=activity_chart,
)
