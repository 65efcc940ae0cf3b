"""The numbers of a chart: what goes together, and what they become on the way."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.chart import Ahead, Chart, Level, Mark, plotted

START = date(2026, 4, 20)


@pytest.mark.parametrize(
    "parts",
    [
        {"low": (1,)},
        {"low": (1, 2), "high": (3,)},
        {"low": (1, 2, 3, 4), "high": (3, 4, 5, 6)},
        {"days": (0, 1)},
        {"days": (0, 2, 1)},
        {"forecast": (Ahead(5, 1, 1, 1), Ahead(4, 1, 1, 1))},
        {"line": Level(float("inf"), "limit")},
        {"low": (float("nan"),), "high": (1,)},
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: dict[str, Any]) -> None:
    """Before anybody tries to draw them; the same chart without them is fine."""
    assert Chart(start=START, values=(1, 2, 3)).last_day == 2
    with pytest.raises(ValueError):
        Chart(start=START, values=(1, 2, 3), **parts)


def test_a_band_is_of_the_newest_days() -> None:
    """It begins when enough is known to expect anything."""
    chart = Chart(start=START, values=(1, None, 3), low=(0, 1), high=(4, 5))

    assert chart.band() == ((1, 0, 4), (2, 1, 5))
    assert chart.points() == ((0, 1), (1, None), (2, 3))
    assert Chart(start=START, values=(1,)).band() == ()
    assert Chart(start=START, values=(1, 2), days=(5, 9), low=(0,), high=(4,)).band() == ((9, 0, 4),)


def test_the_spread_is_of_everything_that_is_seen() -> None:
    """History, band, line and forecast; nothing known spreads over nothing."""
    chart = Chart(
        start=START, values=(5, None), low=(3,), high=(6,), line=Level(9, "limit"), forecast=(Ahead(2, 1, 4, 8),)
    )

    assert chart.spread == (1, 9)
    assert Chart(start=START, values=(None,)).spread == (0, 0)


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_computed_number_is_carried_to_what_can_be_seen(value: Decimal) -> None:
    """Four figures, or a whole number, and never beyond what JSON carries exactly."""
    carried = plotted(value)

    assert msgspec.json.decode(msgspec.json.encode(carried), type=int | float) == carried
    inside = max(-(Decimal(10) ** 15), min(value, Decimal(10) ** 15))
    assert abs(Decimal(carried) - inside) <= max(abs(inside) / 1000, Decimal("0.00001"))


def test_a_full_chart_is_small_and_comes_back_as_it_was() -> None:
    """Every part at its bound, with large counts: it goes over Kafka with the transition."""
    count = 123_456_789
    chart = Chart(
        title="Session Replay, units a day",
        start=START,
        values=(count,) * 56,
        low=(count,) * 56,
        high=(count,) * 56,
        line=Level(count, "mean of the four weeks before"),
        forecast=tuple(Ahead(day, count, count, count) for day in range(56, 84)),
        marks=(Mark(80, "must last until"),),
        began=50,
    )

    packed = msgspec.json.encode(chart)

    assert msgspec.json.decode(packed, type=Chart) == chart
    assert len(packed) < 3200
