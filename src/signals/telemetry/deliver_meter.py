"""What deliver reports, as metrics. Fits ``streams.deliver.DeliverMeter`` by its shape: this layer cannot import it."""

from signals.domain.reasons import DeadReason, FailReason
from signals.telemetry.metrics import Metrics


class DeliverMetrics:
    """Counts into one process's metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def delivery(self, sink: str, outcome: str, reason: FailReason | None) -> None:
        """Count how a delivery, or one attempt at it, ended."""
        why = reason.value if reason is not None else ""
        self._metrics.count("signals_deliveries", sink=sink, outcome=outcome, reason=why)

    def event_to_card(self, sink: str, seconds: float) -> None:
        """Observe the time from an event's arrival to the service's answer."""
        self._metrics.observe("signals_event_to_card_seconds", max(0.0, seconds), sink=sink)

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter."""
        self._metrics.count("signals_dead_letters", stage="deliver", reason=reason.value)

    def lag(self, sink: str, records: int) -> None:
        """Set the deliveries of a sink not committed yet."""
        self._metrics.set("signals_lag_records", records, topic=f"deliveries_{sink}")
