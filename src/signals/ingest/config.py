"""What an ingest member needs to know, as plain values; settings files are read elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from signals.domain.events.kinds import InputTopic
from signals.ingest.combine import CombineLimits
from signals.ingest.decode import DecodeLimits
from signals.ingest.merge import TimeMode
from signals.ingest.sources.contract import Source
from signals.streams.topics import Topics


class Clock(Protocol):
    """The two clocks of the edge."""

    def now(self) -> datetime:
        """Return the wall clock, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...


@dataclass(frozen=True)
class IngestSettings:
    """One ingest member. Everything has a default but where the broker is and what the topics are."""

    bootstrap: str
    topics: Topics
    epoch: int = 1
    """Topic epoch, part of every position. One more after topics were recreated or restored."""
    time: TimeMode = "wall"
    sources: Mapping[InputTopic, Source] = field(default_factory=dict)
    """Payload format per input topic; a topic not named is canonical."""
    group: str = "ingest"
    """Consumer group, after the topics' prefix."""
    instance_id: str | None = None
    """Static membership: a member that is back within its session causes no rebalance. Unique per member."""
    decode: DecodeLimits = field(default_factory=DecodeLimits)
    combine: CombineLimits = field(default_factory=CombineLimits)
    merge_wait: timedelta = timedelta(milliseconds=250)
    # Live records wait this long for others in flight. Each card is later by it; events closer than it may be late.
    mark_every: timedelta = timedelta(seconds=5)
    # A time mark at most this often per partition. Timers are hours and days apart; and the embedded broker keeps only
    # some MB: one mark of ~150 bytes each 5 s makes 2.6 MB a day and partition.
    fetch_wait: timedelta = timedelta(milliseconds=100)
    # How long the broker holds a fetch that finds nothing. aiokafka keeps one fetch per broker in flight, so a topic
    # with a backlog waits this long behind three empty ones: the default of 500 ms would cost most of the throughput.
    fetch_records: int = 5_000
    # Records decoded before the loop turns to sending and heartbeats again: about 25 ms.
    buffer_records: int = 20_000
    # Records of one topic and partition held here before it is paused; it goes on at half. Bounds memory (~20 MB a
    # partition at 1 kB) while the merge waits for another topic.
    session: timedelta = timedelta(seconds=10)
    # A dead member's partitions stand still this long. Below 6 s brokers refuse it by default.
    report_every: timedelta = timedelta(seconds=1)
    # Lag, age and waits; counts are told as they happen.
    accept_lost_records: bool = False
    """Start although the broker deleted records by retention before they were read."""
    client: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Further settings of every client, such as security_protocol."""

    @property
    def group_id(self) -> str:
        """The consumer group's name on the broker."""
        return f"{self.topics.prefix}{self.group}"
