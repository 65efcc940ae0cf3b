"""What a chart shows, in one sentence with its numbers: for who cannot see the picture."""

from datetime import date, timedelta
from decimal import Decimal

from signals.domain.chart import Chart, Number
from signals.sinks.safety import clean, cut
from signals.sinks.wording import as_words, day_words, money

ALT_LIMIT = 1000
# Slack takes 2,000 characters of alternative text; nobody listens to more than a few sentences.


GONE = "gone by daily use"
"""What the band of a balance says, beside a stated day on which it is gone."""


def chart_words(chart: Chart) -> str:
    """Return the sentence.

    >>> chart_words(Chart(title="Logs, units a day", start=date(2026, 6, 1), values=(5, 9, 7)))
    'Logs, units a day: 7 on 3 Jun 2026, between 5 and 9 since 1 Jun 2026.'
    """
    known = [(day, value) for day, value in chart.points() if value is not None]
    parts = []
    if known:
        low, high = min(value for _, value in known), max(value for _, value in known)
        last = f"{number_words(known[-1][1], chart.unit)} on {day_words(day_of(chart, known[-1][0]))}"
        since = f"since {day_words(day_of(chart, known[0][0]))}"
        between = f"between {number_words(low, chart.unit)} and {number_words(high, chart.unit)}"
        parts.append(f"{last}, {between} {since}" if len(known) > 1 else last)
    if chart.low:
        expected = f"{number_words(chart.low[-1], chart.unit)} to {number_words(chart.high[-1], chart.unit)}"
        parts.append(f"expected {expected}")
    if chart.line is not None:
        parts.append(f"{clean(chart.line.label)} {number_words(chart.line.value, chart.unit)}")
    gone = gone_between(chart)
    if gone is not None:
        early, late = (None if day is None else day_words(day_of(chart, day)) for day in gone)
        parts.append(f"{GONE} from {early} on" if late is None else f"{GONE} between {early} and {late}")
    elif chart.forecast:
        end = chart.forecast[-1]
        ahead = f"forecast {number_words(end.mid, chart.unit)} on {day_words(day_of(chart, end.day))}"
        if end.low != end.high:
            ahead += f", {number_words(end.low, chart.unit)} to {number_words(end.high, chart.unit)}"
        parts.append(ahead)
    parts += [f"{clean(mark.label)} {day_words(day_of(chart, mark.day))}" for mark in chart.marks]
    title = clean(chart.title)
    return cut(f"{title}: {'; '.join(parts)}." if title else f"{'; '.join(parts)}.", ALT_LIMIT)


def gone_between(chart: Chart) -> tuple[int, int | None] | None:
    """Return the days on which the band of a falling forecast reaches zero, the far one where it does; None without.

    >>> from signals.domain.chart import Ahead
    >>> ahead = (Ahead(0, 9, 9, 9), Ahead(4, 0, 2, 4), Ahead(9, 0, 0, 0))
    >>> gone_between(Chart(start=date(2026, 6, 1), values=(9,), forecast=ahead))
    (4, 9)
    """
    ahead = chart.forecast
    if not ahead or ahead[0].mid <= 0 or all(one.low == one.high for one in ahead):
        return None
    early = next((one.day for one in ahead if one.low <= 0), None)
    late = next((one.day for one in ahead if one.high <= 0), None)
    return (early, late) if early is not None else None


def number_words(value: Number, unit: str) -> str:
    """Return a number of a chart as its axis says it: zero is a number too.

    >>> number_words(0, "count"), number_words(12_400_000, "count"), number_words(1200.5, "USD")
    ('0', '12.4 M', '$1,200')
    """
    exact = Decimal(str(value))
    return money(exact) if unit == "USD" else "0" if not value else as_words(exact, unit)


def day_of(chart: Chart, offset: int) -> date:
    """Return the calendar day of an offset."""
    return chart.start + timedelta(days=offset)
