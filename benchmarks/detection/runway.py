"""Credit runway on recorded daily use: our outlook beside simple ones, from the history an account keeps of itself.

A case is an account that is granted credit and uses it up. Each day's use is put into the account's own bounded series
(105 days, 47 weeks before them), and at each day's end from the grant on every method says in how many days the rest is
gone. Nothing of the day of the end or later is read, nor how long a case lasts.
"""

import math
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import NamedTuple

import msgspec
from benchmarks.detection.folders import Unusable, cleared, number, parsed
from benchmarks.detection.table import Row, say, scored, write_csv

from signals.domain.account.daily import Daily
from signals.learning.consumption import WEEK, YEAR, Consumption, outlook
from signals.learning.depletion import MOST_DAYS, Depletion, Lot, depletion

CENTS = 100
"""Units of the kept series per unit of the data: an account counts in whole numbers."""

HISTORY = 500
"""Days of use before the grant that the scorer's stream gives."""

HEADER = ("case_id", "date", "p50", "p10", "p90")
COLUMNS = ("case_id", "series", "group", "grant_date", "credit", "depletion_date")
NORMAL_80 = 1.2816
MONTH, QUARTER = 28, 90

Method = Callable[[Daily, float], Depletion]


class Case(NamedTuple):
    """One account: its daily use from *start* on (up to the day before the end), and the credit it is granted."""

    name: str
    start: int
    use: Sequence[float]
    granted_on: int
    credit: float


class Granted(NamedTuple):
    """A line of ``cases.csv``: as it stands there, and the days and the credit in it."""

    line: tuple[str, ...]
    name: str
    series: str
    granted_on: int
    end: int
    credit: float


def granted(data: Path) -> tuple[list[Granted], int]:
    """Return the lines of ``cases.csv`` whose series has a file, and how many have none."""
    if not (data / "cases.csv").exists():
        raise Unusable(f"{data}: no cases.csv")
    told = parsed(data / "cases.csv", COLUMNS, _granted)
    there = [one for one in told if _file(data, one.series).is_file()]
    if not there:
        raise Unusable(f"{data}: none of the {len(told)} cases has a file in series")
    return there, len(told) - len(there)


def cases(data: Path, told: Sequence[Granted]) -> list[Case]:
    """Return the cases as the scorer's stream tells them."""
    known = {name: _series(_file(data, name)) for name in sorted({one.series for one in told})}
    return [_case(one, *known[one.series]) for one in told]


def cut(data: Path, told: Sequence[Granted], folder: Path) -> Path:
    """Write a folder of the layout of *data* with these cases only, for the scorer; return it."""
    write_csv(folder / "cases.csv", COLUMNS, [one.line for one in told])
    (folder / "series").mkdir(exist_ok=True)
    for name in {one.series for one in told}:
        shutil.copyfile(_file(data, name), _file(folder, name))
    return folder


def _granted(row: dict[str, str]) -> Granted:
    granted_on, end = (date.fromisoformat(row[name]).toordinal() for name in ("grant_date", "depletion_date"))
    line = tuple(row[name] for name in COLUMNS)
    return Granted(line, row["case_id"], row["series"], granted_on, end, number(row["credit"]))


def _case(one: Granted, first: int, use: list[float]) -> Case:
    start = max(first, one.granted_on - HISTORY + 1)
    return Case(one.name, start, use[start - first : max(one.end - first, 0)], one.granted_on, one.credit)


def _file(data: Path, series: str) -> Path:
    return data / "series" / f"{series}.csv"


def _series(path: Path) -> tuple[int, list[float]]:
    """Return the first day and the use of every day from there on: none on a day that the file passes over."""
    rows = parsed(
        path,
        ("date", "value"),
        lambda row: (date.fromisoformat(row["date"]).toordinal(), number(row["value"])),
    )
    by_day = dict(rows)
    first = min(by_day)
    return first, [by_day.get(day, 0.0) for day in range(first, max(by_day) + 1)]


def ours(kept: Daily, left: float) -> Depletion:
    """Return what our outlook says."""
    weeks = kept.past.weeks if kept.past is not None else ()
    newest = kept.start + len(kept.values) - 1
    expected = outlook(Consumption(kept.values, weeks, (newest - 1) % WEEK))
    return Depletion(None, None, None) if expected is None else depletion(expected, [Lot(left)])


def steady(*windows: int) -> Method:
    """Return the method that takes the mean of the daily means of the last *windows* days."""

    def method(kept: Daily, left: float) -> Depletion:
        a_day = sum(_mean(kept, days, 0) for days in windows) / len(windows)
        return _at(left / a_day if a_day > 0 else math.inf, kept)

    return method


def last_year(kept: Daily, left: float) -> Depletion:
    """Return when it is gone if the coming days are last year's times how the last 28 days compare with theirs."""
    newest = kept.start + len(kept.values) - 1
    year_ago = _mean(kept, MONTH, YEAR)
    if kept.past is None or kept.past.first > newest - YEAR - MONTH + 1 or year_ago <= 0:
        return steady(MONTH)(kept, left)
    ratio = _mean(kept, MONTH, 0) / year_ago
    days = [units * ratio for units in kept.between(newest - YEAR + 1, newest)]
    return _at(_gone(days, left), kept)


def damped_trend(kept: Daily, left: float) -> Depletion:
    """Return when it is gone by Holt's damped trend over the kept whole weeks (level 0.3, trend 0.1, damping 0.9)."""
    weeks = [*(kept.past.weeks if kept.past is not None else ())]
    days = kept.values[len(kept.values) % WEEK :]
    weeks.extend(sum(days[first : first + WEEK]) for first in range(0, len(days), WEEK))
    if len(weeks) < 2:
        return steady(MONTH)(kept, left)
    level, trend = float(weeks[0]), 0.0
    for week in weeks[1:]:
        before = level
        level = 0.3 * week + 0.7 * (level + 0.9 * trend)
        trend = 0.1 * (level - before) + 0.9 * 0.9 * trend
    path, damped = [], 0.0
    for ahead in range(MOST_DAYS // WEEK + 1):
        damped += 0.9 ** (ahead + 1) * trend
        path.extend([max(level + damped, 0.0) / WEEK] * WEEK)
    return _at(_gone(path, left), kept)


def _gone(days: Sequence[float], left: float) -> float:
    for ahead in range(MOST_DAYS):
        units = days[ahead % len(days)]
        if units >= left:
            return ahead + left / units if units > 0 else float(ahead)
        left -= units
    return math.inf


def _mean(kept: Daily, days: int, ago: int) -> float:
    """Return the mean of the *days* that ended *ago* days before the newest; of a short series of what there is."""
    newest = kept.start + len(kept.values) - 1
    first = kept.past.first if kept.past is not None else kept.start
    days = min(days, newest - ago - first + 1)
    return kept.total(newest - ago - days + 1, newest - ago) / days if days > 0 else 0.0


def _at(days: float, kept: Daily) -> Depletion:
    """Return a run-out with the band from how far each month of the last year was from the one before it."""
    first = 0 if kept.past is None else len(kept.past.weeks) // 4
    newest = kept.start + len(kept.values) - 1
    months = [_mean(kept, MONTH, MONTH * ago) for ago in range(first + 4)]
    months = [one for ago, one in enumerate(months) if newest - MONTH * (ago + 1) + 1 >= _first(kept) and one > 0]
    ratios = [math.log(one / other) for one, other in pairwise(months)]
    miss = math.sqrt(sum(ratio * ratio for ratio in ratios) / len(ratios)) if ratios else 0.0
    wide = math.exp(NORMAL_80 * miss)
    return Depletion(*(math.ceil(one) if one <= MOST_DAYS else None for one in (days / wide, days, days * wide)))


def _first(kept: Daily) -> int:
    return kept.past.first if kept.past is not None else kept.start


BASELINES: dict[str, Method] = {
    "mean of 28 days": steady(MONTH),
    "mix of 28 and 90 days": steady(MONTH, QUARTER),
    "last year's shape x 28 days": last_year,
    "damped trend": damped_trend,
}


def measure(data: Path, out: Path, tools: Path) -> list[Row]:
    """Write what every method says of every case, have it scored and return one row for each."""
    lines, left_out = granted(data)
    told = cases(data, lines)
    cleared(out, "pred.csv", HEADER)
    truth = data
    if left_out:
        say(f"{left_out} of {left_out + len(lines)} cases have no file in {data / 'series'}: scored without them")
        truth = cut(data, lines, out / "cases")
    folders = {name: out / "baselines" / name.replace("'", "").replace(" ", "_") for name in BASELINES} | {"ours": out}
    return [
        _measured(name, method, told, folders[name], truth, tools)
        for name, method in ({"ours": ours} | BASELINES).items()
    ]


def _measured(name: str, method: Method, told: Sequence[Case], out: Path, truth: Path, tools: Path) -> Row:
    lines: list[tuple[object, ...]] = []
    records, seconds, largest = 0, 0.0, 0
    for case in told:
        began = process_time()
        kept = _told(case, method, lines)
        seconds += process_time() - began
        records += len(case.use)
        largest = max(largest, len(msgspec.msgpack.encode(kept)))
    write_csv(out / "pred.csv", HEADER, lines)
    report = scored(tools / "score_runway.py", out / "score.json", "score", str(out / "pred.csv"), "--dir", str(truth))
    return Row(name, quality(report), 1e6 * seconds / max(records, 1), largest)


def _told(case: Case, method: Method, lines: list[tuple[object, ...]]) -> Daily:
    """Go through one case, day by day, and add a line for each day from the grant on; return the series at its end."""
    kept, left = Daily(), round(case.credit * CENTS)
    for day, units in enumerate(case.use, start=case.start):
        used = round(units * CENTS)
        kept = kept.put(day, used)
        if day > case.granted_on:
            left -= used
        if day >= case.granted_on:
            said = method(kept, left)
            days = ("" if one is None else one for one in (said.p50, said.p10, said.p90))
            lines.append((case.name, date.fromordinal(day).isoformat(), *days))
    return kept


def quality(report: dict[str, object]) -> dict[str, float]:
    """Return the figures of the scorer's report that issue and decision record speak of."""
    checkpoints, alert = report.get("rows"), report.get("alert")
    if not isinstance(checkpoints, list):
        return {}
    figures = {"score": report["score"]}
    figures |= {f"coverage_{row['checkpoint']}": row["coverage"] for row in checkpoints if "coverage" in row}
    if isinstance(alert, dict):
        figures |= {name: alert[name] for name in ("on_time", "too_early_75", "median_left_at_alert")}
    return {name: value for name, value in figures.items() if isinstance(value, float)}
