"""``signals erase``: what it refuses before anything is sent."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from signals.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without settings of this machine."""
    monkeypatch.chdir(tmp_path)
    for name in ("SIGNALS_CONFIG", "SIGNALS_KAFKA"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str, answer: str = "") -> Result:
    """Run the command as a user would."""
    return CliRunner().invoke(main, ["erase", *arguments], input=answer, catch_exceptions=False)


def test_it_asks_first() -> None:
    """Without a yes nothing is sent, and nothing is looked for either."""
    done = run("acme", answer="n\n")

    assert done.exit_code == 1
    assert "cannot be undone" in done.output


def test_without_a_broker_it_says_so() -> None:
    """One line, exit code 2."""
    done = run("acme", "--yes")

    assert (done.exit_code, "kafka.bootstrap: no broker" in done.stderr) == (2, True)


def test_a_blank_account_is_refused() -> None:
    """It would be a dead letter."""
    done = run("  ", "--yes")

    assert (done.exit_code, "org_id must not be blank" in done.stderr) == (2, True)


def test_where_time_comes_from_the_input_the_instant_must_be_named(here: Path) -> None:
    """The wall clock would move a history to today."""
    (here / "signals.yaml").write_text("time: {source: input}\n")

    done = run("acme", "--yes")

    assert (done.exit_code, "--at" in done.stderr) == (2, True)
