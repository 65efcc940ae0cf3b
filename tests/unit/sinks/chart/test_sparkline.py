"""A chart as one line of a terminal."""

from datetime import date

import pytest
from rich.cells import cell_len

from signals.domain.chart import Chart
from signals.sinks.chart.sparkline import bars, sparkline
from support.charts import every_chart


@pytest.mark.parametrize("name", every_chart())
def test_it_fits_a_card_of_eighty_columns(name: str) -> None:
    """Title, bars and range in the 76 within the box."""
    line = sparkline(every_chart()[name], 76)

    assert cell_len(line) <= 76
    assert any(char in line for char in "▁▂▃▄▅▆▇█")


@pytest.mark.parametrize(
    ("name", "span"),
    [("runway", "$110,000 to $41,200"), ("limit", "between $0 and $150"), ("spike", "between 397,440 and 12.4 M")],
)
def test_a_balance_goes_from_first_to_last(name: str, span: str) -> None:
    """The least to the greatest read as if a falling one rose."""
    assert sparkline(every_chart()[name], 76).endswith(f"  {span}")


def test_a_spike_of_one_day_stays_when_days_are_joined() -> None:
    """A mean would hide it."""
    values = [1] * 99
    values[50] = 80

    assert bars(values, 20).count("█") == 1


def test_bars_stand_on_zero() -> None:
    """Half is half as high, and a fall below zero is the floor."""
    assert bars((8, 4, None, 0), 10) == "█▅ ▁"
    assert bars((-4, 0, 4), 10) == "▁▅█"
    assert bars((0, 0), 10) == "▁▁"


def test_a_long_title_gives_way() -> None:
    """Wide letters count twice."""
    chart = Chart(title="分析" * 60, start=date(2026, 6, 1), values=tuple(range(50)))

    assert cell_len(sparkline(chart, 76)) <= 76
    assert sparkline(Chart(start=date(2026, 6, 1), values=(None,)), 76) == ""
