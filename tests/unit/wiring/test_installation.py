"""Restarts of roles: a pause that doubles, and an end to it."""

from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from signals.settings.load import Configuration, parse_settings
from signals.wiring.installation import MOST_RESTARTS, Installation, InstallationFailed


@pytest.fixture
def installation() -> Installation:
    """Provide an installation of which nothing runs."""
    return Installation(Configuration(parse_settings("http: {port: 0}", "signals.yaml")), {})


def test_the_pause_before_a_restart_doubles_and_then_ends(installation: Installation) -> None:
    """1, 2, 4, 8, 16 s; the sixth end within ten minutes stops the whole and says which role and how."""
    pauses = [installation.pause_before_restart("detect", "exit code 81") for _ in range(MOST_RESTARTS)]

    assert pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 16)]
    with pytest.raises(InstallationFailed, match=r"role detect ended 6 times within 10 minutes \(last: exit code 82\)"):
        installation.pause_before_restart("detect", "exit code 82")


def test_roles_are_counted_apart(installation: Installation) -> None:
    """One role's ends do not shorten another's patience."""
    for _ in range(MOST_RESTARTS):
        installation.pause_before_restart("detect", "exit code 81")

    assert installation.pause_before_restart("ingest", "exit code 1") == timedelta(seconds=1)


def test_it_is_not_ready_before_its_roles_run(installation: Installation) -> None:
    """The readiness of the whole names every role that is not there."""
    failing = installation.health.failing()

    assert failing == {"children": "ingest is not running; detect is not running; deliver is not running"}


def test_the_role_report_runs_where_leads_go_in_turn() -> None:
    """It alone sees all accounts; without members it is started apart, by whoever wants its figures."""
    text = "http: {port: 0}\nassignment: {members: [{user: ann, role: TAE}]}"
    installation = Installation(Configuration(parse_settings(text, "signals.yaml")), {})

    assert installation.roles == ("ingest", "detect", "deliver", "report")
    assert "report is not running" in installation.health.failing()["children"]


def test_the_joined_page_has_the_parents_own_metrics(installation: Installation) -> None:
    """Restarts are counted by the parent and shown beside the roles' pages, which may be missing."""
    installation.metrics.count("signals_child_restarts", child="detect")
    installation.scraper.pages["ingest"] = "# TYPE x counter\nx_total 3.0\n"

    page = generate_latest(installation.page).decode()

    samples = {
        (sample.name, sample.labels.get("role"), sample.labels.get("child")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert samples["signals_child_restarts_total", "up", "detect"] == 1
    assert samples["signals_child_restarts_total", "up", "ingest"] == 0
    assert samples["x_total", "ingest", None] == 3
    assert samples["signals_role_up", "detect", None] == 0
