"""Going quiet on recorded purchases: ours beside plain counts of days, one setting for all logs.

Each customer's active days are told in order of time, a day at a time, as the scorer's stream tells them. At each
day's end every method says of whom it has begun to doubt that he comes back (``alerts.csv``), and on the first of a
month how much, of everybody with three active days (``risk.csv``). Of ``meta.json`` only the last day is read; what the
scorer calls a lapse is not. A plain count of days has no risk and BG/NBD no alert; each has a row of its own.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import process_time
from typing import NamedTuple, Protocol

import msgspec
from benchmarks.detection.bg_nbd import History, Model, fitted, silent_chance
from benchmarks.detection.folders import Unusable, cleared, number, parsed
from benchmarks.detection.table import Row, say, scored, write_csv

from signals.learning.cadence import Cadence, came, lapse_chance
from signals.learning.peers import Peers, Trial, begun, ended, judged, seen

THRESHOLD = Path(__file__).parent.parent / "thresholds" / "churn.json"

FROM_DAYS = 3
"""Active days from which on a customer is spoken of: the scorer asks of no others."""

LOOKS = 50
"""Looks at a silence until it counts as a lapse. A worker looks at every day's close, which says nearly the same."""

MOST_DAYS = 30
HALF_GAP_DAYS, HALF_GAP, SHRUNK_BY = 21, 0.5, 3
"""A plain count of days; and days with half of the own mean gap, into which the usual gap goes as three more gaps."""

SAMPLE, SOON_DAYS = 500, 90
"""Customers that BG/NBD is fitted to, and the days it says the chance for."""

ALERTS, RISK = ("customer_id", "date"), ("customer_id", "date", "risk")


class Log(NamedTuple):
    """One log: (customer, size) of each active day by its ordinal, and the last day of it."""

    days: dict[int, list[tuple[str, float]]]
    end: int

    @property
    def records(self) -> int:
        """How many active days there are."""
        return sum(len(active) for active in self.days.values())


class Method(Protocol):
    """What is measured. A customer's silence begins with each active day."""

    figures: dict[str, str]
    """What is said, ``alerts`` or ``risk`` or both, with the scorer's name for how well."""

    def active(self, customer: str, day: int, size: float) -> int | None:
        """Take an active day; return when to look at the silence after it, None never."""

    def look(self, customer: str, day: int) -> int | None:
        """Look at a silence at the end of *day*; return when to look again, None to raise the alert."""

    def close(self, day: int) -> None:
        """Take the end of a day, before its looks."""

    def risks(self, day: int) -> Iterator[tuple[str, float]]:
        """Yield (customer, risk) of everybody who is spoken of."""

    def largest_state(self) -> int:
        """Return the bytes of the largest state of a customer."""


class Ours:
    """The rhythm of each customer, and peers learnt from all of them as they come."""

    figures = {"alerts": "early_F1", "risk": "auc"}

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.peers = Peers()
        self.norm = self.peers.norm()
        self.cadences: dict[str, Cadence] = {}
        self.trials: dict[str, Trial] = {}
        self.due: dict[int, list[str]] = defaultdict(list)

    def active(self, customer: str, day: int, size: float) -> int | None:
        """Move the rhythm on; a silence goes under observation when none of the customer's is."""
        before = self.cadences.get(customer, Cadence())
        after = self.cadences[customer] = came(before, day, size)
        self.peers = seen(self.peers, before, after, size)
        trial = self.trials.get(customer)
        if trial is not None:
            self.trials[customer] = ended(trial, day)
        elif after.days > 1:
            trial = self.trials[customer] = begun(after, self.norm)
            self.due[trial.due].append(customer)
        return day + self._step if after.days >= FROM_DAYS else None

    @property
    def _step(self) -> int:
        return max(1, round(self.norm.lapse_days / LOOKS))

    def look(self, customer: str, day: int) -> int | None:
        """Alert when the chance of a lapse has reached the threshold."""
        cadence = self.cadences[customer]
        return None if lapse_chance(cadence, day - cadence.last, self.norm) >= self.threshold else day + self._step

    def close(self, day: int) -> None:
        """Judge the observations whose time is up; what is usual is worked out anew for the next day."""
        for customer in self.due.pop(day, ()):
            self.peers = judged(self.peers, self.trials.pop(customer))
        self.norm = self.peers.norm()

    def risks(self, day: int) -> Iterator[tuple[str, float]]:
        """Yield the chance of a lapse."""
        for customer, cadence in self.cadences.items():
            if cadence.days >= FROM_DAYS:
                yield customer, lapse_chance(cadence, day - cadence.last, self.norm)

    def largest_state(self) -> int:
        """Return the bytes of the largest rhythm with its observation, as stored."""
        encode = msgspec.msgpack.encode
        return max((len(encode((known, self.trials.get(name)))) for name, known in self.cadences.items()), default=0)


class Simple:
    """What the simple methods share: the rhythm of each customer, and nothing to say."""

    def __init__(self) -> None:
        self.cadences: dict[str, Cadence] = {}

    def look(self, customer: str, day: int) -> None:
        """Alert: the wait is over."""
        del customer, day

    def close(self, day: int) -> None:
        """Do nothing."""
        del day

    def risks(self, day: int) -> Iterator[tuple[str, float]]:
        """Yield nobody."""
        del day
        yield from ()

    def largest_state(self) -> int:
        """Return the bytes of the largest rhythm, as stored."""
        return max((len(msgspec.msgpack.encode(known)) for known in self.cadences.values()), default=0)


class Plain(Simple):
    """So many days of silence, perhaps with a part of the customer's own mean gap."""

    figures = {"alerts": "early_F1"}

    def __init__(self, own_gap: float) -> None:
        super().__init__()
        self.own_gap = own_gap
        self.peers = Peers()
        self.usual_gap = self.peers.usual_gap

    def active(self, customer: str, day: int, size: float) -> int | None:
        """Move the rhythm on."""
        before = self.cadences.get(customer, Cadence())
        after = self.cadences[customer] = came(before, day, size)
        self.peers = seen(self.peers, before, after, size)
        if after.days < FROM_DAYS:
            return None
        if not self.own_gap:
            return day + MOST_DAYS
        shrunk = (after.last - after.first + SHRUNK_BY * self.usual_gap) / (after.days - 1 + SHRUNK_BY)
        return day + round(HALF_GAP_DAYS + self.own_gap * shrunk)

    def close(self, day: int) -> None:
        """Work out anew what is usual."""
        del day
        self.usual_gap = self.peers.usual_gap


class BgNbd(Simple):
    """BG/NBD, fitted anew each month to some of the customers."""

    figures = {"risk": "auc"}

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    def active(self, customer: str, day: int, size: float) -> None:
        """Move the rhythm on; there is no alert to wait for."""
        self.cadences[customer] = came(self.cadences.get(customer, Cadence()), day, size)

    def risks(self, day: int) -> Iterator[tuple[str, float]]:
        """Yield the chance of a silence, after a new fit."""
        told = {
            customer: History(cadence.days - 1, cadence.last - cadence.first, day - cadence.first)
            for customer, cadence in self.cadences.items()
        }
        self.model = fitted(self.model, list(told.values())[:: -(-len(told) // SAMPLE)])
        for customer, history in told.items():
            if history.repeats >= FROM_DAYS - 1:
                yield customer, silent_chance(self.model, history, SOON_DAYS)


BASELINES: dict[str, Callable[[], Method]] = {
    "30 days": lambda: Plain(0.0),
    "21 days + half own gap": lambda: Plain(HALF_GAP),
    "BG/NBD": BgNbd,
}


def logs(data: Path) -> dict[str, Path]:
    """Return the folders of *data* that hold a log, by name."""
    found = [path.parent for path in sorted(data.glob("*/events.csv.gz"))]
    if not found:
        raise Unusable(f"{data}: no folder with events.csv.gz")
    whole = [folder for folder in found if (folder / "meta.json").exists()]
    if not whole:
        raise Unusable(f"{data}: no folder with meta.json beside events.csv.gz")
    if len(whole) < len(found):
        say(f"{len(found) - len(whole)} of {len(found)} logs have no meta.json: left out")
    return {folder.name: folder for folder in whole}


def read(folder: Path) -> Log:
    """Return one log."""
    try:
        end = date.fromisoformat(json.loads((folder / "meta.json").read_text(encoding="utf-8"))["end"])
    except (ValueError, TypeError, KeyError) as error:
        raise Unusable(f"{folder / 'meta.json'}: no last day in it: {error}") from error
    days: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for day, customer, size in parsed(
        folder / "events.csv.gz",
        ("customer_id", "date", "value"),
        lambda row: (date.fromisoformat(row["date"]).toordinal(), row["customer_id"], number(row["value"])),
    ):
        days[day].append((customer, size))
    return Log(days, end.toordinal())


def told(log: Log, method: Method, out: Path) -> None:
    """Tell a method one log, day by day, and write what it says."""
    waiting: dict[int, list[tuple[str, int]]] = defaultdict(list)
    newest: dict[str, int] = {}
    alerts: list[tuple[str, str]] = []
    risks: list[tuple[str, str, str]] = []
    for day in range(min(log.days), log.end + 1):
        when = date.fromordinal(day)
        for customer, size in log.days.get(day, ()):
            newest[customer] = day
            at = method.active(customer, day, size)
            if at is not None:
                waiting[at].append((customer, day))
        method.close(day)
        for customer, since in waiting.pop(day, ()):
            if newest[customer] != since:
                continue
            again = method.look(customer, day)
            if again is None:
                alerts.append((customer, when.isoformat()))
            else:
                waiting[again].append((customer, since))
        if when.day == 1:
            risks.extend((customer, when.isoformat(), f"{risk:.6f}") for customer, risk in method.risks(day))
    if "alerts" in method.figures:
        write_csv(out / "alerts.csv", ALERTS, alerts)
    if "risk" in method.figures:
        write_csv(out / "risk.csv", RISK, risks)


def measure(data: Path, out: Path, tools: Path) -> list[Row]:
    """Write what every method says of every log, have it scored and return one row for each method."""
    threshold = float(json.loads(THRESHOLD.read_text(encoding="utf-8"))["lapse_chance"])
    found = {name: (folder, read(folder)) for name, folder in logs(data).items()}
    cleared(out, "alerts.csv", ALERTS)
    cleared(out, "risk.csv", RISK)
    rows = [_measured("ours", lambda: Ours(threshold), found, out, tools)]
    for name, method in BASELINES.items():
        rows.append(_measured(name, method, found, out / "baselines" / _folder(name), tools))
    return rows


def _folder(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _measured(name: str, make: Callable[[], Method], found: dict[str, tuple[Path, Log]], out: Path, tools: Path) -> Row:
    reached: dict[str, dict[str, float]] = {"early_F1": {}, "AUC": {}}
    records, seconds, largest = 0, 0.0, 0
    for log_name, (folder, log) in found.items():
        method = make()
        began = process_time()
        told(log, method, out / log_name)
        seconds += process_time() - began
        records += log.records
        largest = max(largest, method.largest_state())
        for kind, field in method.figures.items():
            report = scored(
                tools / "score_churn.py", out / log_name / f"{kind}.json",
                kind, str(out / log_name / f"{kind}.csv"), "--dir", str(folder),
            )  # fmt: skip
            if isinstance(value := report.get(field), float):
                reached["AUC" if kind == "risk" else field][log_name] = value
    return Row(name, quality(reached), 1e6 * seconds / max(records, 1), largest)


def quality(reached: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return each figure's mean over the logs, and what it is made of."""
    found: dict[str, float] = {}
    for figure, by_log in reached.items():
        if by_log:
            found[f"{figure} mean"] = sum(by_log.values()) / len(by_log)
            found |= {f"{figure} {name}": value for name, value in by_log.items()}
    return found
