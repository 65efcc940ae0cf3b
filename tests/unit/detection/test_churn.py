"""The measurement of going quiet on a made-up folder of its layout."""

import csv
import gzip
import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from benchmarks.detection.bg_nbd import History, Model, fitted, likelihood, silent_chance
from benchmarks.detection.churn import BASELINES, MOST_DAYS, logs, measure, quality

FIRST = date(2024, 1, 1)
DAYS, STOPS, EVERY = 300, 150, 5


def folder(root: Path, after: bool = True) -> Path:
    """Write a log of twenty customers who come every five days; the first one stops, the others only if not *after*."""
    log = root / "made_up"
    log.mkdir(parents=True)
    (log / "meta.json").write_text(
        json.dumps({"horizon": 60, "warm_end": "2024-02-01", "end": str(FIRST + timedelta(DAYS))})
    )
    lines = [
        (f"c{number}", FIRST + timedelta(day), 10.0)
        for number in range(20)
        for day in range(number % EVERY, DAYS if number and after else STOPS, EVERY)
    ]
    with gzip.open(log / "events.csv.gz", "wt", encoding="utf-8") as file:
        file.write("customer_id,date,value\n")
        file.writelines(f"{customer},{day},{value}\n" for customer, day, value in sorted(lines))
    (root / "no log").mkdir()
    return root


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a file of results."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_who_stops_is_told_once_and_early(tmp_path: Path) -> None:
    """Nobody else is."""
    measured = measure(folder(tmp_path / "data"), tmp_path / "out", tmp_path / "no tools")
    alerts = rows(tmp_path / "out" / "made_up" / "alerts.csv")

    assert [row.method for row in measured] == ["ours", *BASELINES]
    assert [row["customer_id"] for row in alerts] == ["c0"]
    silent = (date.fromisoformat(alerts[0]["date"]) - FIRST).days - (STOPS - EVERY)
    assert EVERY < silent < MOST_DAYS
    assert all(0 < row.state_bytes < 2048 for row in measured)


def test_everybody_has_a_risk_on_the_first_of_each_month(tmp_path: Path) -> None:
    """From his third active day on; who stopped has the highest."""
    measure(folder(tmp_path / "data"), tmp_path / "out", tmp_path / "no tools")
    risks = rows(tmp_path / "out" / "made_up" / "risk.csv")
    june = {row["customer_id"]: float(row["risk"]) for row in risks if row["date"] == "2024-06-01"}

    assert {row["date"] for row in risks} == {f"2024-{month:02}-01" for month in range(2, 11)}
    assert len(june) == 20
    assert max(june, key=lambda name: june[name]) == "c0"
    assert all(0 <= float(row["risk"]) <= 1 for row in risks)


def test_nothing_is_known_of_what_comes_later(tmp_path: Path) -> None:
    """Until the day all of them stop, the same is said as if they went on."""
    measure(folder(tmp_path / "on"), tmp_path / "a", tmp_path / "no tools")
    measure(folder(tmp_path / "off", after=False), tmp_path / "b", tmp_path / "no tools")
    until = str(FIRST + timedelta(STOPS))
    for name in ("alerts.csv", "risk.csv"):
        one, other = (rows(tmp_path / side / "made_up" / name) for side in "ab")
        assert [row for row in one if row["date"] < until] == [row for row in other if row["date"] < until]
        assert one != other


def test_each_method_writes_what_it_says_and_no_more(tmp_path: Path) -> None:
    """A count of days has no risk, BG/NBD no alert; what a run left of another log goes, and nothing else."""
    out = tmp_path / "out"
    measure(folder(tmp_path / "data"), out, tmp_path / "no tools")
    old = out / "baselines" / "BG_NBD" / "old"
    (out / "made_up").rename(out / "old")
    old.mkdir()
    (old / "alerts.csv").write_text("who,when\n", encoding="utf-8")
    measure(tmp_path / "data", out, tmp_path / "no tools")

    assert {path.relative_to(out).as_posix() for path in out.rglob("*.csv")} == {
        "made_up/alerts.csv",
        "made_up/risk.csv",
        "baselines/30_days/made_up/alerts.csv",
        "baselines/21_days___half_own_gap/made_up/alerts.csv",
        "baselines/BG_NBD/made_up/risk.csv",
        "baselines/BG_NBD/old/alerts.csv",
    }


def test_only_folders_that_hold_a_log_are_read(tmp_path: Path) -> None:
    """Whatever they are called."""
    assert list(logs(folder(tmp_path))) == ["made_up"]


def test_the_figures_are_means_over_the_logs() -> None:
    """And each log's own; nothing when nothing was scored."""
    assert quality({"AUC": {"a": 0.5, "b": 0.75}, "early_F1": {}}) == {"AUC mean": 0.625, "AUC a": 0.5, "AUC b": 0.75}


def test_bg_nbd_doubts_who_was_frequent_and_is_silent() -> None:
    """Silent for 200 days after weekly purchases is worse than after two in 200 days; a fit makes data likelier."""
    histories = [History(10, 70, 75), History(2, 200, 220), History(0, 0, 200), History(5, 100, 300)] * 10
    model = fitted(Model(), histories)

    assert likelihood(model, histories) > likelihood(Model(), histories)
    assert silent_chance(model, History(20, 140, 340), 90) > silent_chance(model, History(2, 200, 400), 90)
    assert silent_chance(model, History(20, 140, 141), 90) == pytest.approx(0, abs=0.3)
