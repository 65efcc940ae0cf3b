"""What detect reports, as metrics. Fits ``streams.detect.DetectMeter`` by its shape: this layer cannot import it."""

from signals.domain.reasons import Change, DeadReason, FamilyName, HeldReason
from signals.engine.stepped import Tally
from signals.telemetry.metrics import Metrics


class DetectMetrics:
    """Counts into one process's metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def evaluated(self, seconds: float, accounts: int) -> None:
        """Observe the time one message took, and count its accounts."""
        self._metrics.observe("signals_evaluation_seconds", seconds)
        self._metrics.count("signals_evaluations", accounts)

    def events(self, tally: Tally) -> None:
        """Count the events of one message by what became of them."""
        outcomes = ("applied", tally.applied), ("duplicate", tally.duplicates), ("late", tally.late)
        for outcome, count in (*outcomes, ("erased", tally.erased)):
            self._metrics.count("signals_events", count, outcome=outcome)
        self._metrics.count("signals_unowned", tally.unowned)

    def transition(self, family: FamilyName, change: Change) -> None:
        """Count one transition."""
        self._metrics.count("signals_transitions", family=family.value, change=change.value)

    def suppressed(self, reason: HeldReason) -> None:
        """Count one record on suppressions."""
        self._metrics.count("signals_suppressed", reason=reason.value)

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter, and its event."""
        self._metrics.count("signals_dead_letters", stage="detect", reason=reason.value)
        self._metrics.count("signals_events", outcome="dead")

    def open_signals(self, family: FamilyName, count: int) -> None:
        """Set how many signals of a family are open."""
        self._metrics.set("signals_open_signals", count, family=family.value)

    def lag(self, records: int) -> None:
        """Set the records of account-updates not committed yet."""
        self._metrics.set("signals_lag_records", records, topic="account_updates")

    def watchdog_age(self, watchdog: str, seconds: float) -> None:
        """Set how long a watchdog has seen no progress."""
        self._metrics.set("signals_watchdog_age_seconds", seconds, watchdog=watchdog)

    def watchdog(self, watchdog: str) -> None:
        """Count a watchdog's trip."""
        self._metrics.count("signals_watchdog_trips", watchdog=watchdog)
