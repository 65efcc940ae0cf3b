"""A chart in a sentence, for who cannot see it."""

from datetime import date

import pytest

from signals.domain.chart import Ahead, Chart, Level
from signals.sinks.chart.words import ALT_LIMIT, chart_words
from support.charts import every_chart


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "spike",
            "Events, units a day: 12.4 M on 18 Jan 2026, between 397,440 and 12.4 M since 24 Nov 2025; expected "
            "348,000 to 489,000; threshold 11.3 M.",
        ),
        (
            "runway",
            "Credit left: $41,200 on 19 Jan 2026, between $41,200 and $110,000 since 1 Aug 2025; gone by daily use "
            "between 2 Apr 2026 and 12 May 2026; gone at 3-month mean 19 Apr 2026; must last until 30 May 2026.",
        ),
        (
            "limit",
            "Session Replay, spend in the billing period: $128 on 19 Jan 2026, between $0 and $150 since 1 Nov 2025; "
            "limit $200; forecast $220 on 1 Feb 2026; reaches the limit 30 Jan 2026.",
        ),
    ],
)
def test_a_chart_is_one_sentence_with_its_numbers(name: str, said: str) -> None:
    """The last value and day, the range, and what it is held against."""
    assert chart_words(every_chart()[name]) == said


def test_a_forecast_with_a_spread_says_it() -> None:
    """The band of its last day."""
    chart = Chart(start=date(2026, 6, 1), values=(9,), forecast=(Ahead(1, 5, 6, 8), Ahead(20, 1, 2, 3)))

    assert chart_words(chart) == "9 on 1 Jun 2026; forecast 2 on 21 Jun 2026, 1 to 3."


def test_a_balance_that_may_last_says_from_when_it_may_not() -> None:
    """The far end of its band is beyond what is drawn."""
    chart = Chart(start=date(2026, 6, 1), values=(9,), forecast=(Ahead(1, 9, 9, 9), Ahead(20, 0, 2, 3)))

    assert chart_words(chart) == "9 on 1 Jun 2026; gone by daily use from 21 Jun 2026 on."


def test_nothing_known_is_a_sentence_too() -> None:
    """As is one value; and the longest fits Slack's alternative text."""
    assert chart_words(Chart(title="Logs", start=date(2026, 6, 1), values=(None,))) == "Logs: ."
    assert chart_words(Chart(start=date(2026, 6, 1), values=(3,))) == "3 on 1 Jun 2026."
    long = Chart(title="x" * 5000, start=date(2026, 6, 1), values=(3,), line=Level(1, "l"))
    assert len(chart_words(long)) <= ALT_LIMIT


def test_a_title_cannot_make_markup_or_turn_the_text_around() -> None:
    """Control and direction marks go, as everywhere."""
    assert "\u202e" not in chart_words(Chart(title="a\u202eb\n", start=date(2026, 6, 1), values=(3,)))
