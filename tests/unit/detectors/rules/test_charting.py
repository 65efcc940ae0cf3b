"""``chart:`` in a pack: what may be named, and what is said of the rest."""

from pathlib import Path

import pytest

from signals.detectors.charts.table import CHARTS
from signals.detectors.contract import Rule
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.errors import PackError

RULE = """\
family: spike
rules:
- id: more
  title: More
  kind: level
  source: ours
  severity: info
  params: {times: {value: 2, unit: times, from: ours}, week: {value: 7 d, from: ours}}
  each: {in: usage.products, as: p, key: p.name}
  when: total(p.series, week) > 0
  text: {headline: H}
  chart: CHART
"""


def load(tmp_path: Path, chart: str, rule: str = RULE) -> Rule:
    """Load the rule with that chart."""
    (tmp_path / "a.yaml").write_text(rule.replace("CHART", chart))
    (only,) = load_packs([tmp_path], names=VOCABULARY, require_examples=False)
    return only


def test_a_name_is_enough(tmp_path: Path) -> None:
    """The element's own series and name."""
    plan = load(tmp_path, "product_usage").chart

    assert plan is not None
    assert (plan.source.name, plan.title.text) == ("product_usage", "{p.label}, units a day")
    assert plan.series is not None
    assert plan.series.text == "p.series"


def test_series_title_and_line_may_be_given(tmp_path: Path) -> None:
    """A line is an expression of the rule's."""
    written = '{of: usage, series: usage.session_replay, line: "mean_day(p.series, week) * times", line_label: twice}'
    plan = load(tmp_path, written).chart

    assert plan is not None
    assert plan.title.text == "session replay, a day"
    assert plan.line is not None
    assert plan.line_label == "twice"


def test_a_rule_without_one_has_none(tmp_path: Path) -> None:
    """Most have no series as their evidence."""
    assert load(tmp_path, "", RULE.replace("  chart: CHART\n", "")).chart is None


@pytest.mark.parametrize(
    ("chart", "problem", "valid"),
    [
        ("usages", "no chart usages", ", ".join(sorted(CHARTS))),
        ("spend_limit", "the chart spend_limit needs each, with limit of its element", "usage"),
        ("{of: credit_balance, series: usage.total}", "the chart credit_balance takes no series", "no series"),
        ("{of: usage, series: billing.mrr}", "series gives a money", "series"),
        ("{of: usage, line: times}", "a line needs a label", "both"),
        ("{of: usage, line: p.name, line_label: name}", "line gives a text", "number"),
        ("{of: usage, line: nothing, line_label: n}", "unknown name nothing", ""),
        ('{of: usage, title: "{nothing}"}', "unknown name nothing", ""),
        (f"{{of: usage, line: times, line_label: {'x' * 61}}}", "a line needs a label", "60 characters"),
        ("{of: usage, colour: red}", "chart.colour", ""),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_what_would_be_right(
    tmp_path: Path, chart: str, problem: str, valid: str
) -> None:
    """At load, not when the first card is made."""
    with pytest.raises(PackError) as caught:
        load(tmp_path, chart)

    assert problem in caught.value.problem
    assert valid in caught.value.valid
    assert caught.value.where.rpartition(":")[2] in ("12", "3")
    assert "a.yaml" in caught.value.where
