"""A simulation as files: events as JSON lines, as ``produce`` and ``replay`` take them, and its truth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from signals.simulator.company import Simulation
from signals.simulator.delivery import Record
from signals.simulator.truth import Planted


class Line(msgspec.Struct, frozen=True):
    """One line of an events file; ``value`` is an object, or a text for what is no JSON object."""

    topic: str
    key: str | None
    value: msgspec.Raw | str
    received_at: datetime


@dataclass(frozen=True)
class Written:
    """What was written: events and bytes of values, per topic, and the two paths."""

    events: dict[str, int]
    value_bytes: dict[str, int]
    events_path: Path
    truth_path: Path


def to_line(record: Record) -> bytes:
    r"""Return the record as one line of JSON, without the line's end."""
    value: msgspec.Raw | str = msgspec.Raw(record.value)
    if record.dead is not None:
        try:
            msgspec.json.decode(record.value)
        except msgspec.DecodeError:
            value = record.value.decode(errors="replace")
    return msgspec.json.encode(Line(record.topic, record.key, value, record.received_at))


def write_files(simulation: Simulation, directory: Path) -> Written:
    """Write ``events.jsonl`` and ``truth.json`` into *directory*, which is made if need be; old ones are replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    events_path, truth_path = directory / "events.jsonl", directory / "truth.json"
    events: dict[str, int] = {}
    sizes: dict[str, int] = {}
    with events_path.open("wb") as file:
        for record in simulation.records():
            events[record.topic] = events.get(record.topic, 0) + 1
            sizes[record.topic] = sizes.get(record.topic, 0) + len(record.value)
            file.write(to_line(record) + b"\n")
    write_truth(simulation.truth, truth_path)
    return Written(events, sizes, events_path, truth_path)


def write_truth(truth: Iterable[Planted], path: Path) -> None:
    """Write the truth as one JSON array, indented for people."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(list(truth)), indent=1) + b"\n")


def read_truth(path: Path) -> tuple[Planted, ...]:
    """Return the truth that ``write_truth`` wrote; raises ``msgspec.ValidationError`` for anything else."""
    return msgspec.json.decode(path.read_bytes(), type=tuple[Planted, ...])
