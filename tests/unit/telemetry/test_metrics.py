"""Metrics: declared once, closed labels, a page Prometheus can read."""

import shutil
import subprocess

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from signals.domain.reasons import DeadReason, FamilyName, HeldReason
from signals.telemetry.metrics import Metrics
from signals.telemetry.specs import BUILD_INFO, SPECS


@pytest.fixture
def metrics() -> Metrics:
    """Metrics on a registry of their own."""
    return Metrics(CollectorRegistry())


def touch_all(metrics: Metrics) -> None:
    """Give every metric one sample with the first value of each label."""
    for spec in SPECS:
        labels = {label: values[-1] for label, values in spec.labels.items()}
        if spec.kind == "counter":
            metrics.count(spec.name, **labels)
        elif spec.kind == "gauge":
            metrics.set(spec.name, 2.0, **labels)
        else:
            metrics.observe(spec.name, 0.3, **labels)


def test_every_metric_is_on_the_page_with_its_type(metrics: Metrics) -> None:
    """Prometheus' own parser reads the page back with every declared name and type."""
    touch_all(metrics)

    page = generate_latest(metrics.registry).decode()

    read = {family.name: family.type for family in text_string_to_metric_families(page)}
    assert {spec.name: spec.kind for spec in SPECS} | {BUILD_INFO: "gauge"} == {
        name: kind for name, kind in read.items() if not name.endswith("_created")
    }


def test_names_are_unique_and_carry_their_base_unit() -> None:
    """A metric in seconds ends in _seconds; no name is declared twice."""
    names = [spec.name for spec in SPECS]

    assert len(set(names)) == len(names)
    assert [spec.name for spec in SPECS if (spec.unit == "seconds") != spec.name.endswith("_seconds")] == []
    assert [spec.name for spec in SPECS if not spec.help.endswith(".") or not spec.unit] == []


def test_a_value_outside_the_closed_set_is_a_bug(metrics: Metrics) -> None:
    """An open value, such as an account id, is refused before it becomes a series."""
    with pytest.raises(ValueError, match="is not one of duplicate, cooldown"):
        metrics.count("signals_suppressed", reason="acme")


def test_a_counter_can_begin_at_zero(metrics: Metrics) -> None:
    """Each series of the labels not named is on the page before anything was counted."""
    metrics.begin("signals_dead_letters", stage="detect")

    def shown(stage: str) -> list[float | None]:
        labels = [{"stage": stage, "reason": reason.value} for reason in DeadReason]
        return [metrics.registry.get_sample_value("signals_dead_letters_total", one) for one in labels]

    assert shown("detect") == [0.0] * len(DeadReason)
    assert shown("ingest") == [None] * len(DeadReason)


def test_an_unknown_family_counts_as_other(metrics: Metrics) -> None:
    """Where the set has ``other``, a family of a user's own pack is counted there."""
    metrics.count("signals_transitions", family="pirates", change="opened")

    assert metrics.value("signals_transitions", family="other", change="opened") == 1.0


def test_missing_labels_are_refused(metrics: Metrics) -> None:
    """A label left out raises with the names that belong there."""
    with pytest.raises(ValueError, match=r"signals_transitions has the labels \['change', 'family'\]"):
        metrics.count("signals_transitions", family="spike")


def test_label_sets_are_the_enums(metrics: Metrics) -> None:
    """The closed sets are those of the domain, so a new reason is a new label value at once."""
    labels = {spec.name: spec.labels for spec in SPECS}

    assert labels["signals_suppressed"]["reason"] == tuple(HeldReason)
    assert labels["signals_open_signals"]["family"] == tuple(FamilyName)


def test_no_metric_has_the_label_of_the_joined_page() -> None:
    """``role`` is added where the pages of several roles are joined, and must not hide a label of ours."""
    assert [spec.name for spec in SPECS if "role" in spec.labels] == []


def test_promtool_finds_nothing_to_say(metrics: Metrics) -> None:
    """``promtool check metrics`` accepts the page."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    touch_all(metrics)

    done = subprocess.run(
        [promtool, "check", "metrics"], input=generate_latest(metrics.registry), capture_output=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
