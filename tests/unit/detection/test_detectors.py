"""The command of the measurements: what it refuses, in one line, and what it says of a scorer that cannot run."""

import gzip
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from benchmarks import detectors
from benchmarks.detection.table import PYTHON, say

HEADERS = {"nab": "timestamp,value\n", "runway": "date,value\n", "churn": "customer_id,date,value\n"}
CASES = "case_id,series,group,grant_date,credit,depletion_date\n"


@pytest.fixture
def _no_interpreter_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON, "")
    say.cache_clear()


pytestmark = pytest.mark.usefixtures("_no_interpreter_named")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Return the exit code of the command."""
    monkeypatch.setattr(sys, "argv", ["detectors.py", *map(str, arguments)])
    try:
        detectors.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def layout(kind: str, root: Path, line: str) -> Path:
    """Write a folder of the set's layout with one good line and *line*; return the file they are in."""
    if kind == "nab":
        path = root / "data" / "made" / "up.csv"
        good = "2024-01-01 00:00:00,1\n"
    elif kind == "runway":
        path, good = root / "series" / "up.csv", "2024-01-01,1\n"
    else:
        path, good = root / "made" / "events.csv.gz", "c1,2024-01-01,1\n"
    path.parent.mkdir(parents=True)
    if kind == "runway":
        (root / "cases.csv").write_text(f"{CASES}up#0,up,made,2024-01-01,1,2024-01-02\n", encoding="utf-8")
    if kind == "churn":
        (path.parent / "meta.json").write_text('{"end": "2024-01-31"}', encoding="utf-8")
    text = f"{HEADERS[kind]}{good}{line}\n".encode()
    path.write_bytes(gzip.compress(text) if kind == "churn" else text)
    return path


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("nab", "no data/**/*.csv"),
        ("cloudmon", "no data/**/*.csv"),
        ("runway", "no cases.csv"),
        ("churn", "events.csv.gz"),
    ],
)
@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_that_is_not_there_or_of_another_layout_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    kind: str,
    word: str,
    missing: bool,
) -> None:
    """One line, exit code 2, and nothing is written."""
    data, out = tmp_path / "data", tmp_path / "out"
    if not missing:
        data.mkdir()
    assert run(monkeypatch, kind, "--data", data, "--out", out) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(data) in line
    assert ("no folder" if missing else word) in line
    assert not out.exists()


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("nab", "2024-01-01 01:00:00,much"),
        ("nab", "2024-01-01 01:00:00,"),
        ("nab", "2024-01-01 01:00:00,nan"),
        ("nab", "yesterday,1"),
        ("runway", "2024-01-02,much"),
        ("runway", "2024-01-02"),
        ("churn", "c1,2024-01-02,much"),
        ("churn", "c1,2024-13-02,1"),
    ],
)
def test_a_line_that_is_no_good_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str, line: str
) -> None:
    """File and line; nothing is written."""
    path = layout(kind, tmp_path / "data", line)
    assert run(monkeypatch, kind, "--data", tmp_path / "data", "--out", tmp_path / "out") == 2
    (said,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("error: ")]
    assert f"{path}:3: " in said
    assert not (tmp_path / "out").exists()


def test_other_wrong_arguments_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An interpreter or scorers that are not there; results among the data; thresholds where none are chosen."""
    layout("nab", tmp_path / "data", "2024-01-01 01:00:00,1")
    given = ("--data", tmp_path / "data", "--out")
    for option, *more in (
        ("--python", *given, tmp_path / "out", "--python", tmp_path / "no python"),
        ("--tools", *given, tmp_path / "out", "--tools", tmp_path / "no tools"),
        ("--out", *given, tmp_path / "data" / "data"),
    ):
        monkeypatch.setenv(PYTHON, "")
        assert run(monkeypatch, "nab", *more) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"error: {option}: ")
    assert run(monkeypatch, "churn", *given, tmp_path / "out", "--save-thresholds") == 2
    assert not (tmp_path / "out").exists()


def test_a_scorer_that_cannot_run_is_told_of_once_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """However many methods there are; the files are written all the same."""
    layout("nab", tmp_path / "data", "2024-01-01 01:00:00,1")
    (tmp_path / "data" / "windows.json").write_text('{"made/up.csv": []}', encoding="utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "score_nab.py").write_text("import a_module_that_is_not_there\n", encoding="utf-8")
    assert run(monkeypatch, "nab", "--data", tmp_path / "data", "--out", tmp_path / "out") == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("not scored")
    assert "--python" in line
    assert "benchmarks/detection/requirements.txt" in line
    assert (tmp_path / "out" / "made" / "up.csv").exists()
