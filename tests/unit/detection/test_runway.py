"""The measurement of the credit runway on a made-up folder of its layout."""

import csv
import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from benchmarks.detection.runway import BASELINES, HEADER, cases, granted, measure, quality

FIRST = date(2024, 1, 1)
GRANTED, LASTS = 120, 50
UNITS = 10.0


def folder(root: Path, after: float = UNITS) -> Path:
    """Write one series of ten a day, and a credit for fifty days; *after* is what comes from its end on."""
    (root / "series").mkdir(parents=True)
    day = [FIRST + timedelta(days) for days in range(GRANTED + LASTS + 60)]
    with (root / "series" / "made_up.csv").open("w", encoding="utf-8") as file:
        file.write("date,value\n")
        for number, one in enumerate(day):
            file.write(f"{one},{UNITS if number < GRANTED + LASTS else after}\n")
    (root / "cases.csv").write_text(
        "case_id,series,group,grant_date,credit,depletion_date\n"
        f"made_up#0,made_up,made,{day[GRANTED]},{UNITS * LASTS},{day[GRANTED + LASTS]}\n",
        encoding="utf-8",
    )
    return root


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a file of results."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_day_from_the_grant_on_has_a_line(tmp_path: Path) -> None:
    """The first says fifty days, the last, a day before the end, one."""
    measured = measure(folder(tmp_path / "data"), tmp_path / "out", tmp_path / "no tools")
    said = rows(tmp_path / "out" / "pred.csv")

    assert [row.method for row in measured] == ["ours", *BASELINES]
    assert tuple(said[0]) == HEADER
    assert [int(row["p50"]) for row in said] == list(range(LASTS, 0, -1))
    assert all(int(row["p10"]) <= int(row["p50"]) <= int(row["p90"]) for row in said)
    assert all(0 < row.state_bytes < 2048 for row in measured)


def test_every_baseline_writes_the_same_lines_elsewhere(tmp_path: Path) -> None:
    """Beside ours, in a folder each; on a steady series all are right."""
    measure(folder(tmp_path / "data"), tmp_path / "out", tmp_path / "no tools")
    written = sorted((tmp_path / "out" / "baselines").glob("*/pred.csv"))

    assert len(written) == len(BASELINES)
    for path in written:
        assert [int(row["p50"]) for row in rows(path)] == list(range(LASTS, 0, -1))


def test_nothing_of_the_last_day_or_later_is_read(tmp_path: Path) -> None:
    """What comes at the end and behind it changes no line."""
    for name, after in (("one", UNITS), ("other", 1e6)):
        measure(folder(tmp_path / name, after), tmp_path / f"{name} out", tmp_path / "no tools")

    assert rows(tmp_path / "one out" / "pred.csv") == rows(tmp_path / "other out" / "pred.csv")


def test_a_case_without_its_series_is_left_out_of_the_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is counted once, and the scorer gets a folder with the others only, whole; the data stays as it is."""
    data, out, tools = folder(tmp_path / "data"), tmp_path / "out", tmp_path / "tools"
    tools.mkdir()
    (tools / "score_runway.py").write_text(
        "import csv, json, pathlib, sys\n"
        "data, report = pathlib.Path(sys.argv[4]), sys.argv[6]\n"
        "cases = list(csv.DictReader((data / 'cases.csv').open()))\n"
        "[(data / 'series' / f\"{case['series']}.csv\").open() for case in cases]\n"
        "json.dump({'score': float(len(cases)), 'rows': []}, open(report, 'w'))\n",
        encoding="utf-8",
    )
    with (data / "cases.csv").open("a", encoding="utf-8") as file:
        file.write("gone#0,gone,made,2024-02-01,10,2024-03-01\n")
    before = (data / "cases.csv").read_bytes()
    measured = measure(data, out, tools)

    assert [row.quality for row in measured] == [{"score": 1.0}] * len(measured)
    assert {row["case_id"] for row in rows(out / "pred.csv")} == {"made_up#0"}
    assert capsys.readouterr().err.count("1 of 2 cases") == 1
    assert (data / "cases.csv").read_bytes() == before
    assert not json.loads((out / "score.json").read_text(encoding="utf-8"))["rows"]


def test_a_day_that_the_file_passes_over_has_no_use(tmp_path: Path) -> None:
    """The days after it stay where they are."""
    data = folder(tmp_path / "data")
    path = data / "series" / "made_up.csv"
    skipped = str(FIRST + timedelta(GRANTED + 1))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(skipped)), encoding="utf-8")
    (case,) = cases(data, granted(data)[0])

    assert len(case.use) == GRANTED + LASTS
    assert [day for day, units in enumerate(case.use) if not units] == [GRANTED + 1]


def test_the_report_of_the_scorer_becomes_one_line_of_figures() -> None:
    """The names are those of the scorer; what it could not say is left out."""
    report = {
        "score": 0.06,
        "rows": [{"checkpoint": 90, "coverage": 0.8}, {"checkpoint": 60}],
        "alert": {"cases": 3, "on_time": 0.97, "too_early_75": 0.1, "median_left_at_alert": 35.0},
    }

    assert quality(report) == {
        "score": 0.06, "coverage_90": 0.8, "on_time": 0.97, "too_early_75": 0.1, "median_left_at_alert": 35.0,
    }  # fmt: skip
    assert quality({}) == {}
