"""One chart of each kind: what the tests of the sinks and the pictures of the documentation show."""

from datetime import date

import msgspec

from signals.detectors.charts.credit import STATED
from signals.domain.chart import Ahead, Chart, Level, Mark
from signals.domain.signal import Transition
from support.cards import NOW, credit_runway, spike, transition

DAYS = 56
FIRST = date.fromordinal(NOW.date().toordinal() - DAYS)

_WEEK = (1.0, 1.06, 1.03, 0.98, 0.9, 0.42, 0.36)
_WOBBLE = (0, 3, -2, 4, -4, 1, -1, 2, -3, 5, -5)


def _usual(day: int) -> int:
    """Units of an ordinary day: a working week with a little noise that is the same each time."""
    return round(1_150_000 * _WEEK[day % 7] * (1 + _WOBBLE[day % 11] / 100))


def _band() -> tuple[tuple[int, ...], tuple[int, ...]]:
    low = tuple(round(1_150_000 * _WEEK[day % 7] * 0.84, -3) for day in range(DAYS))
    high = tuple(round(1_150_000 * _WEEK[day % 7] * 1.18, -3) for day in range(DAYS))
    return tuple(map(int, low)), tuple(map(int, high))


def spike_chart() -> Chart:
    """One day ten times the usual."""
    low, high = _band()
    return Chart(
        title="Events, units a day",
        start=FIRST,
        values=(*(_usual(day) for day in range(DAYS - 1)), 12_400_000),
        low=low,
        high=high,
        line=Level(11_320_600, "threshold"),
        began=DAYS - 1,
    )


def drop_chart() -> Chart:
    """Four weeks at two thirds of the four before, and two days nobody reported."""
    low, high = _band()
    values = [_usual(day) if day < DAYS // 2 else round(_usual(day) * 0.62) for day in range(DAYS)]
    return Chart(
        title="All products, units a day",
        start=FIRST,
        values=(*values[:10], None, None, *values[12:]),
        low=low,
        high=high,
        line=Level(937_000, "mean of the 28 days before"),
        began=DAYS - 3,
    )


def runway_chart() -> Chart:
    """A balance that ends before the contract does, with the span in which it will."""
    start = date(2025, 8, 1)
    days = tuple((day - start).days for day in (*(date(2025, month, 1) for month in range(8, 13)), date(2026, 1, 1)))
    last = (NOW.date() - start).days
    ends = {label: (day - start).days for label, day in (("10", date(2026, 4, 2)), ("50", date(2026, 4, 19)))}
    latest = (date(2026, 5, 12) - start).days
    return Chart(
        title="Credit left",
        unit="USD",
        start=start,
        values=(110_000, 100_500, 90_000, 78_300, 64_700, 48_800, 41_200),
        days=(*days, last),
        forecast=(
            Ahead(last, 41_200, 41_200, 41_200),
            Ahead(ends["10"], 0, 7_800, 14_600),
            Ahead(ends["50"], 0, 0, 8_400),
            Ahead(latest, 0, 0, 0),
        ),
        marks=(Mark(ends["50"], STATED), Mark((date(2026, 5, 30) - start).days, "must last until")),
    )


def limit_chart() -> Chart:
    """Three billing periods against a limit that the third will reach."""
    return Chart(
        title="Session Replay, spend in the billing period",
        unit="USD",
        start=date(2025, 11, 1),
        values=(0, 120, 0, 150, 0, 128),
        days=(0, 30, 30, 61, 61, 79),
        line=Level(200, "limit"),
        forecast=(Ahead(79, 128, 128, 128), Ahead(92, 220, 220, 220)),
        marks=(Mark(90, "reaches the limit"),),
    )


def every_chart() -> dict[str, Chart]:
    """All of them by name."""
    return {"spike": spike_chart(), "drop": drop_chart(), "runway": runway_chart(), "limit": limit_chart()}


def charted(name: str = "drop") -> Transition:
    """The sample whose evidence the chart is."""
    samples = {"drop": transition, "spike": spike, "runway": credit_runway}
    return msgspec.structs.replace(samples[name](), chart=every_chart()[name])
