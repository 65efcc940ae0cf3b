"""What deliver reports, as metrics. Fits ``streams.deliver.DeliverMeter`` by its shape: this layer cannot import it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from signals.domain.reasons import ChartOutcome, DeadReason, FailReason, HeldReason, SkipReason
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import Canary, DeadLetters, DeadSink, Watchdog


@dataclass
class DeliverWatchdogs:
    """The watchdogs of deliver: one for each sink, one for all its dead letters, and the canary if there is one."""

    sinks: Mapping[str, DeadSink]
    dead: DeadLetters
    canary: Canary | None = None

    def __iter__(self) -> Iterator[Watchdog]:
        """Yield each."""
        yield from self.sinks.values()
        yield self.dead
        if self.canary is not None:
            yield self.canary


def charts_counted(metrics: Metrics) -> Callable[[ChartOutcome], None]:
    """Return what counts charts into *metrics*; every outcome is there from the start, so that a first one is seen."""
    for outcome in ChartOutcome:
        metrics.count("signals_charts", 0, outcome=outcome.value)
    return lambda outcome: metrics.count("signals_charts", outcome=outcome.value)


class DeliverMetrics:
    """Counts into one process's metrics, and feeds its watchdogs."""

    def __init__(
        self,
        metrics: Metrics,
        watchdogs: DeliverWatchdogs | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._watchdogs, self._monotonic = metrics, watchdogs, monotonic
        metrics.begin("signals_dead_letters", stage="deliver")
        if watchdogs is not None and watchdogs.canary is not None:
            metrics.count("signals_canaries", 0, outcome="arrived")  # so that the first increase is seen
            metrics.follow("signals_canary_age_seconds", self._canary_age_s, sink=watchdogs.canary.sink)

    def delivery(self, sink: str, outcome: str, reason: FailReason | SkipReason | None) -> None:
        """Count how a delivery, or one attempt at it, ended."""
        why = reason.value if reason is not None else ""
        self._metrics.count("signals_deliveries", sink=sink, outcome=outcome, reason=why)
        if self._watchdogs is not None:
            now_s = self._monotonic()
            self._watchdogs.sinks[sink].ended(outcome, now_s)
            if outcome == "sent":
                self._watchdogs.dead.taken(1, now_s)

    def event_to_card(self, sink: str, seconds: float) -> None:
        """Observe the time from an event's arrival to the service's answer."""
        self._metrics.observe("signals_event_to_card_seconds", max(0.0, seconds), sink=sink)

    def canary(self, sink: str, partition: int, seconds: float) -> None:
        """Count a canary that arrived at its sink; the clocks of two machines may make it negative."""
        canary = self._watchdogs.canary if self._watchdogs is not None else None
        if canary is None or canary.sink != sink:
            return
        latency_s = max(0.0, seconds)
        canary.arrived(partition, self._monotonic(), latency_s)
        self._metrics.count("signals_canaries", outcome="arrived")
        self._metrics.observe("signals_canary_latency_seconds", latency_s)

    def _canary_age_s(self) -> float:
        canary = self._watchdogs.canary if self._watchdogs is not None else None
        return (canary.look(self._monotonic()).age_s or 0.0) if canary is not None else 0.0

    def suppressed(self, reason: HeldReason) -> None:
        """Count one signal without a card of its own."""
        self._metrics.count("signals_suppressed", reason=reason.value)

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter."""
        self._metrics.count("signals_dead_letters", stage="deliver", reason=reason.value)
        if self._watchdogs is not None:
            self._watchdogs.dead.dead(reason.value, self._monotonic())

    def oldest(self, sink: str, seconds: float) -> None:
        """Set the age of the oldest delivery that is not done."""
        self._metrics.set("signals_oldest_delivery_seconds", max(0.0, seconds), sink=sink)

    def lag(self, sink: str, records: int) -> None:
        """Set the deliveries of a sink not committed yet."""
        self._metrics.set("signals_lag_records", records, topic=f"deliveries_{sink}")
        if self._watchdogs is not None:
            self._watchdogs.sinks[sink].waiting(records, self._monotonic())
