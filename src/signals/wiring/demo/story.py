"""What the demo tells: a simulated company as input records, and how far the telling has come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from signals.ingest.lines import LineReader
from signals.ingest.record import RawRecord
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import PRESETS


@dataclass
class Story:
    """One simulation, as records in the order of their arrival; told once.

    Parameters
    ----------
    preset
        Of the simulator.
    partitions
        Of every account topic.
    """

    preset: str
    partitions: int
    told: int = 0
    """Records handed out so far."""
    at: datetime | None = None
    """Arrival of the last record handed out, in simulated time."""
    lines: list[tuple[bytes, datetime]] = field(default_factory=list)
    accounts: int = 0
    planted: int = 0

    def prepare(self) -> None:
        """Make all lines; takes about a second, so it is done while the processes start."""
        simulation = simulate(PRESETS[self.preset])
        self.lines = [(to_line(record), record.received_at) for record in simulation.records()]
        self.accounts, self.planted = len(simulation.org_ids), len(simulation.truth)
        self.end = simulation.end

    def records(self) -> Iterator[RawRecord]:
        """Yield every record, then on each partition that time has reached the end of the history."""
        reader = LineReader(self.partitions)
        for line, at in self.lines:
            self.told += 1
            self.at = at
            yield from reader.read((line,), self.preset)
        self.at = self.end
        yield from reader.closing(self.end)
