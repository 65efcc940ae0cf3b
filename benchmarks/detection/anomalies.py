"""Spikes and drops on recorded series: our detector beside simple ones, one pass each, one setting for every series.

A folder has ``data/<category>/<name>.csv`` (timestamp, value, and perhaps more that is not read) and, when it can be
scored, ``windows.json``. A file of results stands at a series' own path: ours in the folder of results itself, each
baseline's in ``baselines/<name>/``; with them what the scorer said (``best.json``, ``fixed.json``) and what it was told
to score (``windows.json``: that of the data without series that have no file). No method knows a series' name, its
length or anything later than the record.
"""

import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import NamedTuple, Protocol

import msgspec
from benchmarks.detection.folders import Unusable, cleared, number, parsed
from benchmarks.detection.table import Row, say, scored, write_csv

from signals.learning.spike import Learnt, observe

THRESHOLDS = Path(__file__).parent.parent / "thresholds"
HEADER = ("timestamp", "anomaly_score")
PROFILES = {"standard": "standard", "reward_low_FP_rate": "low FP", "reward_low_FN_rate": "low FN"}
FIXED, BEST = " fixed", "best.json"
LOOK_EVERY = 500
"""Records between two looks at the size of the state."""


class Detector(Protocol):
    """A detector of one series: told its records in order, it gives each a score in [0, 1]."""

    def score(self, seconds: int, value: float, /) -> float:
        """Return the score of a record."""

    def state(self) -> object:
        """Return what is kept, for its size."""


class Recorded(NamedTuple):
    """One series: its path below ``data``, the times as they are written and in seconds, the values."""

    path: Path
    timestamps: list[str]
    seconds: list[int]
    values: list[float]


def series(data: Path) -> Iterator[Recorded]:
    """Yield the series of a folder, in the order of their paths."""
    for file in sorted((data / "data").rglob("*.csv")):
        rows = parsed(
            file,
            ("timestamp", "value"),
            lambda row: (row["timestamp"], _seconds(row["timestamp"]), number(row["value"])),
        )
        stamps, seconds, values = (list(column) for column in zip(*rows, strict=True))
        yield Recorded(file.relative_to(data / "data"), stamps, seconds, values)


def _seconds(stamp: str) -> int:
    at = datetime.fromisoformat(stamp)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


class Ours:
    """Our detector, with nothing set for the series or the set."""

    def __init__(self) -> None:
        self.learnt: Learnt | None = None

    def score(self, seconds: int, value: float) -> float:
        """Return the score of a record."""
        self.learnt, verdict = observe(self.learnt, seconds, value)
        return verdict.score

    def state(self) -> object:
        """Return what is kept."""
        return self.learnt


class EwmaZ:
    """Distance from the exponential mean in exponential standard deviations."""

    RATE = 2 / (288 + 1)

    def __init__(self) -> None:
        self.mean: float | None = None
        self.variance = 0.0

    def score(self, _seconds: int, value: float) -> float:
        """Return z / (1 + z)."""
        error = 0.0 if self.mean is None else value - self.mean
        z = abs(error) / math.sqrt(self.variance) if self.variance > 0 else float(error != 0)
        self.mean = value if self.mean is None else self.mean + self.RATE * error
        self.variance = (1 - self.RATE) * (self.variance + self.RATE * error * error)
        return z / (1 + z)

    def state(self) -> object:
        """Return what is kept."""
        return self.mean, self.variance


class WindowedGaussian:
    """How far out a value is under the normal distribution of the last records, fitted anew every hundred.

    The usual score, one less the tail's chance, has the same order and is 1.0 for too many values to tell them apart.
    """

    WINDOW, STEP = 6400, 100

    def __init__(self) -> None:
        self.kept: deque[float] = deque(maxlen=self.WINDOW)
        self.mean, self.deviation, self.seen = 0.0, 0.0, 0

    def score(self, _seconds: int, value: float) -> float:
        """Return z / (1 + z)."""
        z = abs(value - self.mean) / self.deviation if self.deviation > 0 else 0.0
        self.kept.append(value)
        self.seen += 1
        if self.seen % self.STEP == 0 or self.seen <= self.STEP:
            self.mean = sum(self.kept) / len(self.kept)
            self.deviation = math.sqrt(sum((one - self.mean) ** 2 for one in self.kept) / len(self.kept))
        return z / (1 + z)

    def state(self) -> object:
        """Return what is kept."""
        return self.mean, self.deviation, self.seen, tuple(self.kept)


class RangeSeen:
    """Whether a value lies beyond the range seen so far and a twentieth of it."""

    MARGIN = 0.05

    def __init__(self) -> None:
        self.low, self.high = math.inf, -math.inf

    def score(self, _seconds: int, value: float) -> float:
        """Return 1 beyond, 0 within."""
        room = self.MARGIN * (self.high - self.low) if self.high > self.low else 0.0
        outside = self.high >= self.low and not self.low - room <= value <= self.high + room
        self.low, self.high = min(self.low, value), max(self.high, value)
        return float(outside)

    def state(self) -> object:
        """Return what is kept."""
        return self.low, self.high


METHODS: dict[str, Callable[[], Detector]] = {
    "ours": Ours,
    "ewma_z": EwmaZ,
    "windowed_gaussian": WindowedGaussian,
    "range_seen": RangeSeen,
}


def measure(data: Path, out: Path, tools: Path, thresholds: Path | None = None) -> list[Row]:
    """Write the scores of every method and return the rows.

    Parameters
    ----------
    thresholds
        The thresholds chosen on the open half; by default those that have the folder's name.
    """
    chosen = thresholds or THRESHOLDS / f"{data.resolve().name}.json"
    recorded = list(series(data))
    if not recorded:
        raise Unusable(f"{data}: no data/**/*.csv")
    windows = _windows(data / "windows.json", [one.path.as_posix() for one in recorded])
    cleared(out, "*.csv", HEADER)
    labels = out / "windows.json"
    labels.unlink(missing_ok=True)
    if windows:
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text(json.dumps(windows, indent=1), encoding="utf-8")
    return [
        _measured(name, method, recorded, labels, out if name == "ours" else out / "baselines" / name, tools, chosen)
        for name, method in METHODS.items()
    ]


def _windows(path: Path, names: Sequence[str]) -> dict[str, object]:
    """Return the windows of the series that are there, and say how many have only the one or the other."""
    if not path.exists():
        say(f"not scored: no {path}")
        return {}
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unusable(f"{path}: {error}") from error
    if not isinstance(named, dict):
        raise Unusable(f"{path}: not an object of windows by series")
    found = {name: windows for name, windows in named.items() if name in names}
    if len(found) < len(named):
        say(f"{len(named) - len(found)} of {len(named)} series in {path} have no file below data: scored without them")
    if len(found) < len(names):
        say(f"{len(names) - len(found)} of {len(names)} files are not in {path}: scores are written, not scored")
    return found


def _measured(
    name: str,
    method: Callable[[], Detector],
    recorded: list[Recorded],
    labels: Path,
    out: Path,
    tools: Path,
    chosen: Path,
) -> Row:
    spent, records, largest = 0.0, 0, 0
    for one in recorded:
        detector, scores = method(), list[float]()
        for start in range(0, len(one.values), LOOK_EVERY):
            piece = slice(start, start + LOOK_EVERY)
            begun = process_time()
            scores += [detector.score(*record) for record in zip(one.seconds[piece], one.values[piece], strict=True)]
            spent += process_time() - begun
            largest = max(largest, len(msgspec.msgpack.encode(detector.state())))
        records += len(scores)
        write_csv(out / one.path, HEADER, zip(one.timestamps, (f"{score:.6f}" for score in scores), strict=True))
    quality = _quality(out, labels, tools, None)
    if name == "ours" and chosen.exists():
        fixed = _quality(out, labels, tools, chosen)
        quality |= {f"{profile}{FIXED}": score for profile, score in fixed.items()}
    return Row(name, quality, 1e6 * spent / records if records else 0.0, largest)


def _quality(out: Path, windows: Path, tools: Path, thresholds: Path | None) -> dict[str, float]:
    if not windows.exists():
        return {}
    report = out / ("fixed.json" if thresholds else BEST)
    fixed = ("--thresholds", str(thresholds)) if thresholds else ()
    said = scored(tools / "score_nab.py", report, str(out), "--labels", str(windows), *fixed, "--allow-missing")
    return {name: _score(said[profile]) for profile, name in PROFILES.items() if profile in said}


def _score(profile: object) -> float:
    return float(profile["score"]) if isinstance(profile, dict) else math.nan


def save_thresholds(out: Path, name: str) -> None:
    """Write the best thresholds of our last scored run, as the scorer's ``--save-thresholds`` does."""
    if not (out / BEST).exists():
        raise Unusable("no thresholds are saved: nothing was scored")
    best = json.loads((out / BEST).read_text(encoding="utf-8"))
    text = json.dumps({profile: one["threshold"] for profile, one in best.items()}, indent=1)
    (THRESHOLDS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
