"""What ingest reports, as metrics. Fits ``ingest.meter.IngestMeter`` by its shape: this layer cannot import it."""

from collections.abc import Sequence

from signals.domain.reasons import DeadReason
from signals.telemetry.metrics import Metrics


class IngestMetrics:
    """Counts into one process's metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def records(self, topic: str, outcome: str, count: int) -> None:
        """Count acknowledged input records."""
        self._metrics.count("signals_records", count, topic=topic, outcome=outcome)

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter."""
        self._metrics.count("signals_dead_letters", stage="ingest", reason=reason.value)

    def message(self, packs: Sequence[int]) -> None:
        """Count one message of account-updates and the size of its packs, in events."""
        self._metrics.count("signals_updates")
        for events in packs:
            self._metrics.observe("signals_combined_events", events)

    def lag(self, topic: str, records: int) -> None:
        """Set the records of a topic not taken yet."""
        self._metrics.set("signals_lag_records", records, topic=topic)

    def age(self, seconds: float) -> None:
        """Set how far event time is behind the wall clock."""
        self._metrics.set("signals_event_age_seconds", seconds)

    def waits(self, topic: str, seconds: float) -> None:
        """Set for how long the merge has waited for a topic."""
        self._metrics.set("signals_merge_waiting_seconds", seconds, topic=topic)

    def commit_failed(self) -> None:
        """Count one commit that a rebalance made void."""
        self._metrics.count("signals_commits_failed")
