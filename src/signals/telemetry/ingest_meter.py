"""What ingest reports, as metrics. Fits ``ingest.meter.IngestMeter`` by its shape: this layer cannot import it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from signals.domain.reasons import DeadReason
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import DeadLetters, MergeWaiting, SilentSource, Sources, Stall, Watchdog


@dataclass
class IngestWatchdogs:
    """The watchdogs of ingest.

    Parameters
    ----------
    silence_s
        Topic -> seconds of silence that are too many; a topic not named is not watched.
    """

    silence_s: Mapping[str, float]
    merge: MergeWaiting
    stall: Stall
    dead: DeadLetters
    sources: Sources = field(default_factory=Sources)

    def __iter__(self) -> Iterator[Watchdog]:
        """Yield each."""
        yield from (SilentSource(self.sources, topic, limit_s) for topic, limit_s in self.silence_s.items())
        yield from (self.merge, self.stall, self.dead)


class IngestMetrics:
    """Counts into one process's metrics, and feeds its watchdogs."""

    def __init__(
        self,
        metrics: Metrics,
        watchdogs: IngestWatchdogs | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._watchdogs, self._monotonic = metrics, watchdogs, monotonic
        metrics.begin("signals_dead_letters", stage="ingest")
        self._lag: dict[str, int] = {}
        self._void = False  # the last commit failed: what was counted since is no progress

    def records(self, topic: str, outcome: str, count: int) -> None:
        """Count acknowledged input records."""
        self._metrics.count("signals_records", count, topic=topic, outcome=outcome)
        if self._watchdogs is not None:
            now_s = self._monotonic()
            if not self._void:
                self._watchdogs.stall.progress(now_s)
            if outcome == "taken":
                self._watchdogs.sources.heard(topic, now_s)
                self._watchdogs.dead.taken(count, now_s)

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter."""
        self._metrics.count("signals_dead_letters", stage="ingest", reason=reason.value)
        if self._watchdogs is not None:
            self._watchdogs.dead.dead(reason.value, self._monotonic())

    def message(self, packs: Sequence[int]) -> None:
        """Count one message of account-updates and the size of its packs, in events."""
        self._metrics.count("signals_updates")
        self._metrics.observe_all("signals_combined_events", packs)

    def lag(self, topic: str, records: int) -> None:
        """Set the records of a topic not taken yet."""
        self._metrics.set("signals_lag_records", records, topic=topic)
        self._lag[topic] = records
        self._void = False
        if self._watchdogs is not None:
            self._watchdogs.sources.lag[topic] = records
            self._watchdogs.stall.told(sum(self._lag.values()), self._monotonic())

    def age(self, seconds: float) -> None:
        """Set how far event time is behind the wall clock."""
        self._metrics.set("signals_event_age_seconds", seconds)

    def waits(self, topic: str, seconds: float) -> None:
        """Set for how long the merge has waited for a topic."""
        self._metrics.set("signals_merge_waiting_seconds", seconds, topic=topic)
        if self._watchdogs is not None:
            self._watchdogs.merge.waits(topic, seconds, self._monotonic())

    def commit_failed(self) -> None:
        """Count one commit that a rebalance made void."""
        self._metrics.count("signals_commits_failed")
        self._void = True
