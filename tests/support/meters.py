"""Meters that keep what they are told, for tests."""

from collections import Counter

from signals.domain.reasons import Change, DeadReason, FamilyName, HeldReason
from signals.engine.stepped import Tally
from signals.streams.detect import Fault


class SilentDetectMeter:
    """Keeps counts of everything; reports to nobody."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.open: dict[FamilyName, int] = {}
        self.lag_records: int | None = None

    def evaluated(self, seconds: float, accounts: int) -> None:  # noqa: ARG002  # a port
        """Count the message and its accounts."""
        self.counts["messages"] += 1
        self.counts["accounts"] += accounts

    def events(self, tally: Tally) -> None:
        """Count events by what became of them."""
        self.counts["applied"] += tally.applied
        self.counts["duplicates"] += tally.duplicates

    def transition(self, family: FamilyName, change: Change) -> None:  # noqa: ARG002  # a port
        """Count one transition."""
        self.counts["transitions"] += 1

    def suppressed(self, reason: HeldReason) -> None:
        """Count one suppression."""
        self.counts[f"suppressed:{reason}"] += 1

    def dead(self, reason: DeadReason) -> None:
        """Count one dead letter."""
        self.counts[f"dead:{reason}"] += 1

    def open_signals(self, family: FamilyName, count: int) -> None:
        """Keep the number of open signals."""
        self.open[family] = count

    def lag(self, records: int) -> None:
        """Keep the lag."""
        self.lag_records = records

    def watchdog_age(self, watchdog: Fault, seconds: float) -> None:
        """Ignore ages."""

    def watchdog(self, watchdog: Fault) -> None:
        """Count a trip."""
        self.counts[f"watchdog:{watchdog}"] += 1
