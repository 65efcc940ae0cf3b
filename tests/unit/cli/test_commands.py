"""Commands: one clear line for an error, exit codes, and what they print."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from signals.cli import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without settings of this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIGNALS_CONFIG", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run one command as a user would."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_every_command_has_help(here: Path) -> None:
    """Each command explains itself, also with a broken settings file beside it."""
    (here / "signals.yaml").write_text("nonsense: 1\n")

    for name in main.commands:
        done = run(name, "--help")
        assert done.exit_code == 0, name
        assert len(done.stdout.splitlines()) > 3, name


def test_a_wrong_setting_is_one_line_and_exit_2(here: Path) -> None:
    """The error says file, line and remedy on standard error; nothing else is printed."""
    (here / "signals.yaml").write_text("kafka:\n  partitions: 0\n")

    done = run("config", "check")

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: signals.yaml:2 kafka.partitions: input should be greater than or equal to 1, got 0\n"
    )


def test_config_check_shows_no_secret(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of the secrets that are set, not their values."""
    monkeypatch.setenv("SIGNALS_SLACK_TOKEN", "xoxb-very-secret")

    done = run("config", "check")

    assert done.exit_code == 0
    assert "secrets set: SIGNALS_SLACK_TOKEN" in done.stdout
    assert "very-secret" not in done.output


def test_config_check_reads_the_certificates(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a start would: a file that is not there, or is no PEM, is told with its line."""
    monkeypatch.setenv("SIGNALS_KAFKA_PASSWORD", "hush-hush")
    settings = "kafka:\n  bootstrap: k:9093\n  security: sasl_ssl\n  sasl_mechanism: PLAIN\n  sasl_user: me\n"
    (here / "signals.yaml").write_text(settings)
    assert "kafka: k:9093 (sasl_ssl, PLAIN)" in run("config", "check").stdout
    (here / "signals.yaml").write_text(settings + "  ca_file: ca.pem\n")

    missing = run("config", "check")
    (here / "ca.pem").write_text("no certificate")
    wrong = run("config", "check")

    assert missing.stderr == (
        "error: signals.yaml:6 kafka.ca_file: cannot be read: No such file or directory (valid: a readable PEM file)\n"
    )
    assert wrong.stderr.startswith("error: signals.yaml:6 kafka.ca_file: cannot be used: ")
    assert (missing.exit_code, wrong.exit_code) == (2, 2)


def test_a_missing_rule_folder_is_told(here: Path) -> None:
    """A folder of the settings that is not there stops before anything starts."""
    (here / "signals.yaml").write_text("rules: {folders: [mine]}\n")

    done = run("config", "check")

    assert (done.exit_code, done.stderr) == (2, "error: signals.yaml rules.folders: mine is no folder\n")


def test_simulate_writes_the_same_bytes_again(here: Path) -> None:
    """Equal options give equal files; every line has topic, key and value."""
    options = ("simulate", "--accounts", "2", "--days", "20", "--seed", "3", "--out")

    assert run(*options, "one").exit_code == 0
    assert run(*options, "two").exit_code == 0

    one = (here / "one/events.jsonl").read_bytes()
    assert one == (here / "two/events.jsonl").read_bytes()
    assert {"topic", "key", "value"} <= set(json.loads(one.splitlines()[0]))


def test_an_unknown_plot_is_told(here: Path) -> None:
    """A plot that does not exist is an error with its name, not a traceback."""
    done = run("simulate", "--plot", "alien_landing", "--out", "x")

    assert done.exit_code == 2
    assert "alien_landing" in done.stderr


def test_schemas_outside_the_repository_say_what_is_missing(here: Path) -> None:
    """Without the examples the command says where it belongs."""
    done = run("schemas", "write")

    assert done.exit_code == 2
    assert "event-examples.json" in done.stderr


def test_catalogue_lists_every_signal_as_json(here: Path) -> None:
    """Objects with id and state; a parameter with value, unit and source."""
    done = run("catalogue", "--json", "--family", "churn_risk")

    by_id = {one["id"]: one for one in json.loads(done.stdout)}
    drop = by_id["churn_usage_drop_30"]
    assert drop["state"] == "live"
    assert "churn_risk.yaml:" in drop["rule"]
    assert {"name": "drop_at_least", "value": "0.3", "unit": "share", "source": "handbook", "doc": ""} in [
        param | {"value": param["value"].rstrip("0")} for param in drop["params"]
    ]


def test_catalogue_names_the_families_and_states_there_are(here: Path) -> None:
    """A mistyped filter is an error that says what would be valid, not an empty list."""
    family = run("catalogue", "--family", "paymnt")
    state = run("catalogue", "--state", "alive")

    assert (family.exit_code, state.exit_code) == (2, 2)
    assert "'paymnt' is not one of adoption," in family.output
    assert "'live'" in state.output


def test_catalogue_lists_own_rules_and_overrides(here: Path) -> None:
    """A rule that a user's folder sets to shadow says so; proposals are listed apart."""
    (here / "mine").mkdir()
    (here / "mine" / "change.yaml").write_text("overrides: {churn_usage_drop_30: {stage: shadow}}\n")
    (here / "signals.yaml").write_text("rules: {folders: [mine]}\n")

    shadow = run("catalogue", "--state", "shadow").stdout.splitlines()
    proposed = run("catalogue", "--proposed", "--family", "churn_risk").stdout

    assert [line for line in shadow if line.startswith("churn_usage_drop_30")]
    assert shadow[-1].endswith(" shadow")
    assert shadow[0].split() == ["signal", "family", "state", "source", "numbers"]
    assert proposed.splitlines()[0].split()[:5] == ["signal", "number", "value", "unit", "from"]
    assert "season_tolerance" in proposed
    assert "drop_at_least" not in proposed


def test_report_shows_who_got_the_leads_of_the_month(here: Path) -> None:
    """The next one of a role first; who takes none now is last. Nothing without members."""
    event = {
        "kind": "lead_assigned", "org_id": "a", "at": "2026-11-12T10:00:00Z", "team": "tae_round_robin", "to": "ann",
        "role": "TAE",
    }  # fmt: skip
    file = here / "events.jsonl"
    file.write_text(json.dumps({"topic": "crm", "key": "a", "value": event}) + "\n")
    assert "Leads in turn" not in run("report", str(file)).stdout
    (here / "signals.yaml").write_text(
        "assignment:\n  members:\n  - {user: ann, role: TAE, territories: [ANZ]}\n"
        "  - {user: bob, role: TAE, active: false}\n  - {user: cy, role: TAE, adjustments: {2026-11: 0.5}}\n"
    )

    lines = run("report", str(file)).stdout.partition("Leads in turn, November 2026\n")[2].splitlines()

    assert [line.split() for line in lines[1:]] == [
        ["cy", "TAE", "0", "0.5", "1", "every", "territory"],
        ["ann", "TAE", "1", "0", "1", "ANZ"],
        ["bob", "TAE", "0", "0", "1", "none", "now"],
    ]
    told = json.loads(run("report", "--json", str(file)).stdout)["leads-in-turn"]
    assert told["ann"] == {"role": "TAE", "leads": 1, "adjustment": "0", "priority": 1, "territories": ["ANZ"]}
    assert told["bob"]["territories"] == []
