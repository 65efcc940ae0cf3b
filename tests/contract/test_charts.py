"""What every rule that ships with a chart keeps, by having one."""

import msgspec
import pytest

from signals.backtest.examples import ORG, arrivals_of, story_events
from signals.detectors.charts.table import CHARTS
from signals.detectors.contract import Rule
from signals.domain.chart import Chart
from signals.domain.privacy import is_marked
from signals.engine.step import step
from signals.engine.stepped import Stepped
from support.packaged import POLICY, catalogue, rules

DRAWN = [rule for rule in rules() if rule.chart is not None]
CHARTED = pytest.mark.parametrize("rule", DRAWN, ids=[rule.id for rule in DRAWN])

MOST_BYTES = 3200
"""Of a chart as JSON: a transition is about as much without it."""


def told(rule: Rule) -> list[Stepped]:
    """Return what each example that fires leads to."""
    found = []
    for example in rule.examples:
        if example.verdict == "fires":
            arrivals = arrivals_of(story_events(example.story, zone=POLICY.zone))
            until = arrivals[-1].event.at
            found.append(step(None, ORG, arrivals, until=until, catalogue=catalogue().around({rule.id}), policy=POLICY))
    return found


def test_every_chart_there_is_is_asked_for() -> None:
    """One that no rule names would be drawn by nobody."""
    assert {rule.chart.source.name for rule in DRAWN if rule.chart} == set(CHARTS)


@CHARTED
def test_a_chart_goes_out_and_is_not_kept(rule: Rule) -> None:
    """Some example shows one; it is small, comes back as it was, and is nowhere in the account."""
    charts: list[Chart] = []
    for stepped in told(rule):
        charts += [one.chart for one in stepped.transitions if one.rule == rule.id and one.chart is not None]
        assert all(one.transition.chart is None for one in stepped.deliveries if one.sink == "crm")
        assert all(one.draft is None or one.draft.chart is None for one in stepped.account.life.episodes.values())

    assert charts
    for chart in charts:
        packed = msgspec.json.encode(chart)
        assert len(packed) <= MOST_BYTES
        assert msgspec.json.decode(packed, type=Chart) == chart
        assert chart.title
        assert not is_marked(chart.title)
