"""How the measurements of the detectors are printed: a method a row, what it reaches, what it costs."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

PYTHON = "SCORER_PYTHON"
"""Environment variable: an interpreter that has what the scorers need; by default the one that measures."""

REMEDY = (
    "pip install -r benchmarks/detection/requirements.txt, or --python with an interpreter that has numpy and pandas"
)


class Row(NamedTuple):
    """One method on one set of data.

    Parameters
    ----------
    method
        ``ours`` or the name of the baseline.
    quality
        What the scorer says, by its own names; empty when it could not be run.
    us_per_record
        Microseconds of this process per record.
    state_bytes
        The largest serialised state that was seen.
    """

    method: str
    quality: dict[str, float]
    us_per_record: float
    state_bytes: int


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows, one below the other."""
    names = list(dict.fromkeys(name for row in rows for name in row.quality))
    table = Table(title=title)
    table.add_column("method")
    for name in (*names, "µs/record", "state bytes"):
        table.add_column(name, justify="right")
    for row in rows:
        reached = (f"{row.quality[name]:.4g}" if name in row.quality else "-" for name in names)
        table.add_row(row.method, *reached, f"{row.us_per_record:.1f}", str(row.state_bytes))
    Console(width=180).print(table)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one file of results, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


@cache
def say(line: str) -> None:
    """Say a line on the standard error, once however often it comes."""
    sys.stderr.write(f"{line}\n")


def scored(scorer: Path, report: Path, *arguments: str) -> dict[str, object]:
    """Return what a scorer writes to *report* with ``--json``; empty, with a word why, when it cannot be run here.

    The scorers come with the data, not with us, and need numpy and pandas: ``benchmarks/detection/requirements.txt``.
    """
    if not scorer.exists():
        say(f"not scored: no {scorer}")
        return {}
    report.unlink(missing_ok=True)
    done = subprocess.run(  # noqa: S603  # the scorer that lies beside the data
        [os.environ.get(PYTHON) or sys.executable, str(scorer), *arguments, "--json", str(report)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not report.exists():
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}, nothing written"])[-1]
        remedy = f" ({REMEDY})" if "No module named" in why else ""
        say(f"not scored by {scorer.name}: {why}{remedy}")
        return {}
    result: dict[str, object] = json.loads(report.read_text(encoding="utf-8"))
    return result
