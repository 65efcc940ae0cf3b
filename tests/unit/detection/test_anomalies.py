"""The measurement of spikes and drops on a made-up folder of its layout."""

import csv
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from benchmarks.detection.anomalies import HEADER, METHODS, Recorded, measure, series

from signals.learning.spike import ALARM
from support.shared import needs_shared

FIRST = datetime(2024, 1, 1)  # noqa: DTZ001  # as the files have it, without a zone
RECORDS, AT = 400, 300


def folder(root: Path) -> Path:
    """Write two hourly series, a day's rhythm each; one of them leaps at `AT`."""
    for name, leap in (("made/quiet.csv", 0), ("made/leaps.csv", 5000)):
        path = root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.write("timestamp,value,label\n")
            for number in range(RECORDS):
                value = 100 + 20 * (number % 24) + 37 * number % 41 + (leap if number == AT else 0)
                file.write(f"{FIRST + timedelta(hours=number)},{value},0\n")
    return root


def scorer(tools: Path) -> Path:
    """Write a scorer that says the standard threshold it was given, 1.0 without; return its folder."""
    tools.mkdir()
    (tools / "score_nab.py").write_text(
        "import json, sys\n"
        "given = [one for one in sys.argv[2:] if one != '--allow-missing']\n"
        "given = dict(zip(given[::2], given[1::2]))\n"
        "score = json.load(open(given['--thresholds']))['standard'] if '--thresholds' in given else 1.0\n"
        "json.dump({'standard': {'score': score}}, open(given['--json'], 'w'))\n",
        encoding="utf-8",
    )
    return tools


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a file of results."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_series_has_a_file_for_every_method(tmp_path: Path) -> None:
    """At the series' own path, a line per record in order, scores from 0 to 1; without windows nothing is scored."""
    data = folder(tmp_path / "data set")
    out = tmp_path / "out"
    measured = measure(data, out, tmp_path / "no tools")

    assert [row.method for row in measured] == list(METHODS)
    assert all(row.quality == {} and row.us_per_record > 0 and row.state_bytes > 0 for row in measured)
    for one in series(data):
        for method in METHODS:
            place = out if method == "ours" else out / "baselines" / method
            said = rows(place / one.path)
            assert tuple(said[0]) == HEADER
            assert [row["timestamp"] for row in said] == one.timestamps
            assert all(0 <= float(row["anomaly_score"]) <= 1 for row in said)


def test_the_leap_is_found_and_nothing_else(tmp_path: Path) -> None:
    """Above the alarm: the one record, once the first week is over; nothing in the series without it."""
    out = tmp_path / "out"
    measure(folder(tmp_path / "data"), out, tmp_path / "no tools")
    week = 24 * 7

    def found(name: str) -> list[int]:
        scores = [float(row["anomaly_score"]) for row in rows(out / "made" / name)]
        return [place for place, score in enumerate(scores) if score >= ALARM and place >= week]

    assert found("leaps.csv") == [AT]
    assert found("quiet.csv") == []


def test_the_scorer_is_given_the_committed_thresholds(tmp_path: Path) -> None:
    """A scorer beside the data is asked twice for ours: at its own best thresholds and at those that are committed."""
    data = folder(tmp_path / "nab")
    (data / "windows.json").write_text('{"made/leaps.csv": []}', encoding="utf-8")
    tools = scorer(tmp_path / "tools")
    thresholds = tmp_path / "thresholds.json"
    thresholds.write_text(json.dumps({"standard": 0.25}), encoding="utf-8")
    measured = measure(data, tmp_path / "out", tools, thresholds)
    assert measured[0].quality == {"standard": 1.0, "standard fixed": 0.25}
    assert measured[1].quality == {"standard": 1.0}
    assert (tmp_path / "out" / "best.json").exists()
    assert (tmp_path / "out" / "fixed.json").exists()


def test_series_without_a_file_or_without_windows_do_not_keep_the_rest_from_its_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scorer gets the windows of what is there; each kind is counted once; every file is written."""
    data = folder(tmp_path / "data")
    windows = [[str(FIRST), str(FIRST)]]
    named = {"made/leaps.csv": windows, "made/gone.csv": [], "other/leaps.csv": windows}
    (data / "windows.json").write_text(json.dumps(named), encoding="utf-8")
    out = tmp_path / "out"
    measured = measure(data, out, scorer(tmp_path / "tools"))

    assert all(row.quality == {"standard": 1.0} for row in measured)
    assert json.loads((out / "windows.json").read_text(encoding="utf-8")) == {"made/leaps.csv": windows}
    assert (out / "made" / "quiet.csv").exists()
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" in ")[0] for line in said if "series in" in line] == ["2 of 3 series"]
    assert [line.split(" are ")[0] for line in said if "files are not" in line] == ["1 of 2 files"]


def test_a_subset_into_a_used_folder_leaves_no_old_scores(tmp_path: Path) -> None:
    """What a run wrote before goes, for every method; whatever else lies there stays."""
    data, out = folder(tmp_path / "data"), tmp_path / "out"
    measure(data, out, tmp_path / "no tools")
    notes, odd = out / "notes.txt", out / "made" / "mine.csv"
    notes.write_text("mine", encoding="utf-8")
    odd.write_text("timestamp,value\n", encoding="utf-8")
    (data / "data" / "made" / "quiet.csv").unlink()
    measure(data, out, tmp_path / "no tools")

    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.csv")) == sorted(
        ["made/mine.csv", "made/leaps.csv", *(f"baselines/{name}/made/leaps.csv" for name in METHODS if name != "ours")]
    )
    assert notes.exists()


@pytest.mark.shared
def test_a_recorded_machine_fails_twice_in_time() -> None:
    """A machine's temperature, 22,695 records: the large drop of December and the last failure are alarms."""
    data = needs_shared("data", "nab")
    recorded: Recorded = next(one for one in series(data) if one.path.name == "machine_temperature_system_failure.csv")
    detector = METHODS["ours"]()
    scores = [detector.score(*record) for record in zip(recorded.seconds, recorded.values, strict=True)]
    loud = {stamp for stamp, score in zip(recorded.timestamps, scores, strict=True) if score >= ALARM}
    assert any(stamp.startswith("2013-12-16") for stamp in loud)
    assert any(stamp.startswith(("2014-02-07", "2014-02-08", "2014-02-09")) for stamp in loud)
    assert sum(score >= ALARM for score in scores) < 100
