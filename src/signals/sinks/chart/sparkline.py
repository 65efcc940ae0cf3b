"""A chart as one line of a terminal."""

from collections.abc import Sequence

from rich.cells import cell_len

from signals.domain.chart import Chart, Number
from signals.sinks.chart.words import number_words
from signals.sinks.safety import clean, cut

_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = " "
_LEAST = 12
# Columns of the line itself; a longer title gives way.


def sparkline(chart: Chart, width: int) -> str:
    """Return title, bars and what they span in at most *width* columns; empty when nothing is known.

    Bars stand on zero, and each is the highest of its days, so that a spike of one day does not vanish.

    >>> from datetime import date
    >>> sparkline(Chart(title="Logs", start=date(2026, 6, 1), values=(0, 4, None, 8)), 40)
    'Logs  ▁▅ █  between 0 and 8'
    >>> sparkline(Chart(title="Credit", unit="USD", start=date(2026, 6, 1), values=(9, 4, 6), days=(0, 9, 12)), 40)
    'Credit  █▄▆  $9 to $6'
    """
    known = [value for value in chart.values if value is not None]
    if not known:
        return ""
    spread = _spread(chart, known)
    room = max(width - len(spread) - _LEAST - 4, 2)
    title = cut(clean(chart.title), room)
    if cell_len(title) > room:
        title = cut(title, room // 2)  # letters may be two columns wide
    head = f"{title}  " if title else ""
    return f"{head}{bars(chart.values, max(width - cell_len(head) - len(spread) - 2, _LEAST))}  {spread}"


def _spread(chart: Chart, known: Sequence[Number]) -> str:
    """Return from where to where a balance went, or what all else lay between."""
    if len(known) == 1:
        return number_words(known[0], chart.unit)
    if chart.days and chart.line is None:  # not one a day, and held against nothing
        return f"{number_words(known[0], chart.unit)} to {number_words(known[-1], chart.unit)}"
    return f"between {number_words(min(known), chart.unit)} and {number_words(max(known), chart.unit)}"


def bars(values: Sequence[Number | None], most: int) -> str:
    """Return one block a value, or the highest of several when there are more than *most*."""
    shown = [_highest(values[len(values) * at // most : len(values) * (at + 1) // most]) for at in range(most)]
    shown = list(values) if len(values) <= most else shown
    known = [value for value in shown if value is not None]
    floor, top = min(0, *known), max(0, *known)
    return "".join(_GAP if value is None else _block(value - floor, top - floor) for value in shown)


def _highest(values: Sequence[Number | None]) -> Number | None:
    return max((value for value in values if value is not None), default=None)


def _block(value: Number, most: Number) -> str:
    return _BLOCKS[round(value / most * (len(_BLOCKS) - 1))] if most > 0 else _BLOCKS[0]
