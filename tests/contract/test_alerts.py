"""Alert rules and dashboard: they name metrics that exist, fire when they should, and lead to a runbook."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from signals.telemetry.specs import BUILD_INFO, SPECS

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/signals.rules.yml"
CASES = sorted(RULES.parent.glob("*.test.yml"))
DASHBOARD = ROOT / "deploy/grafana/signals.json"
SEVERITIES = {"page", "ticket"}

METRIC = re.compile(r"(?<![\w:.\"])(signals_[a-z0-9_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r"(\w+)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"")

ADDED = frozenset({"instance", "job", "role"})
"""Labels that scraping and the joined page add."""


def declared() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return every name that may be asked for, as Prometheus shows it, with its labels and their values."""
    names: dict[str, dict[str, tuple[str, ...]]] = {BUILD_INFO: {}, "signals_role_up": {}}
    suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    for spec in SPECS:
        for suffix in suffixes[spec.kind]:
            names[spec.name + suffix] = dict(spec.labels)
    return names


def rules() -> list[dict[str, Any]]:
    """Return all rules of the file, recorded ones and alerts."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    """Return the alerts."""
    return [rule for rule in rules() if "alert" in rule]


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard."""
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Yield (whose, expression) of everything that asks for metrics."""
    yield from ((rule.get("alert", rule.get("record", "")), rule["expr"]) for rule in rules())
    yield from ((panel["title"], target["expr"]) for panel in panels() for target in panel["targets"])


def faults(expression: str) -> list[str]:
    """Return what an expression asks for that is not declared: a metric, a label, a value of a label."""
    names = declared()
    found = []
    for name, matchers in METRIC.findall(expression):
        if name not in names:
            found.append(name)
            continue
        for label, how, value in MATCHER.findall(matchers):
            if label in ADDED:
                continue
            values = names[name].get(label)
            if values is None:
                found.append(f"{name}{{{label}}}")
            elif how in ("=", "!=") and value not in values:
                found.append(f"{name}{{{label}={value}}}")
            elif how in ("=~", "!~") and not any(re.fullmatch(value, one) for one in values):
                found.append(f"{name}{{{label}~{value}}}")
    return found


@pytest.mark.parametrize(("whose", "expression"), list(expressions()), ids=lambda value: str(value)[:40])
def test_only_declared_metrics_are_asked_for(whose: str, expression: str) -> None:
    """A metric, label or value that no process shows makes an alert that never fires."""
    assert METRIC.search(expression) or "signals:" in expression, whose
    assert faults(expression) == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(signals_recrods_total)", ["signals_recrods_total"]),
        ("signals_records", ["signals_records"]),
        ('signals_records_total{outcome="token"}', ["signals_records_total{outcome=token}"]),
        ('signals_records_total{stage="ingest"}', ["signals_records_total{stage}"]),
        ('signals_watchdog_tripped{watchdog=~"dead_snik_.+"}', ["signals_watchdog_tripped{watchdog~dead_snik_.+}"]),
        ('signals_records_total{outcome="taken", role="ingest"}', []),
    ],
)
def test_the_check_sees_what_is_not_declared(expression: str, fault: list[str]) -> None:
    """It can fail."""
    assert faults(expression) == fault


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_every_alert_says_what_and_where_to_read_on(alert: dict[str, Any]) -> None:
    """A severity of two, a summary, a description, and a section of the runbook that names the alert."""
    page, _, anchor = alert["annotations"]["runbook"].partition("#")

    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["description"]
    assert anchor in anchors(ROOT / page)
    assert f"**{alert['alert']}**" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_every_alert_has_a_case_that_fires_and_one_that_nearly_does(alert: dict[str, Any]) -> None:
    """In the files that promtool runs below."""
    cases = [
        case["exp_alerts"]
        for file in CASES
        for test in yaml.safe_load(file.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert["alert"]
    ]

    assert any(cases)
    assert not all(cases)


def promtool(*arguments: str, cwd: Path = RULES.parent) -> str:
    """Run promtool, and return what it said; the test fails when it is not content, and skips when it is not there."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run([tool, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("file", CASES, ids=lambda file: str(file.name))
def test_the_rules_fire_when_they_should_and_only_then(file: Path) -> None:
    """Every case of a test file, by Prometheus' own evaluation."""
    assert "SUCCESS" in promtool("test", "rules", file.name)


@pytest.mark.parametrize("file", ["deploy/prometheus/prometheus.example.yml"])
def test_the_example_configuration_is_valid(file: str) -> None:
    """With the rules it loads."""
    promtool("check", "config", str(ROOT / file))


def test_the_dashboard_asks_valid_questions(tmp_path: Path) -> None:
    """Prometheus parses every expression."""
    asked = [
        {"record": f"asked{number}", "expr": target["expr"].replace("$__rate_interval", "5m")}
        for number, target in enumerate(target for panel in panels() for target in panel["targets"])
    ]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": asked}]}))

    assert f"{len(asked)} rules found" in promtool("check", "rules", "asked.yml", cwd=tmp_path)


def test_the_dashboard_shows_what_the_person_on_call_needs() -> None:
    """Lag, event to card, dead letters by reason, watchdogs, what was held back, the canary; no two panels overlap."""
    asked = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    places = [
        (x, y)
        for panel in panels()
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    for name in (
        "signals_lag_records",
        "signals_event_to_card_seconds_bucket",
        "signals_dead_letters_total",
        "signals_watchdog_age_seconds",
        "signals_suppressed_total",
        "signals_canary_age_seconds",
    ):
        assert name in asked
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24
    assert all(panel["description"] for panel in panels())
