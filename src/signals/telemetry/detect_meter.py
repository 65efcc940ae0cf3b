"""What detect reports, as metrics. Fits ``streams.detect.DetectMeter`` by its shape: this layer cannot import it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from signals.domain.reasons import Change, DeadReason, FamilyName, HeldReason
from signals.engine.stepped import Stepped, Tally
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import DeadLetters, SilentDetector, Watchdog


@dataclass
class DetectWatchdogs:
    """The watchdogs of detect.

    Parameters
    ----------
    ending_s
        Limits of those that end the process, by name: ``streams.worker`` looks at them and tells their ages.
    """

    ending_s: Mapping[str, float]
    silent: SilentDetector
    dead: DeadLetters

    def __iter__(self) -> Iterator[Watchdog]:
        """Yield each that is looked at from here."""
        yield from (self.silent, self.dead)


class DetectMetrics:
    """Counts into one process's metrics, and feeds its watchdogs."""

    def __init__(
        self,
        metrics: Metrics,
        watchdogs: DetectWatchdogs | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._watchdogs, self._monotonic = metrics, watchdogs, monotonic
        metrics.begin("signals_dead_letters", stage="detect")
        self._ending_s = dict(watchdogs.ending_s) if watchdogs is not None else {}
        for name, limit_s in self._ending_s.items():
            metrics.set("signals_watchdog_limit_seconds", limit_s, watchdog=name)

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
        if self._watchdogs is not None:
            now_s = self._monotonic()
            self._watchdogs.silent.stepped(tally.applied, tally.evaluated, now_s)
            self._watchdogs.dead.taken(tally.applied, now_s)

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
        if self._watchdogs is not None:
            self._watchdogs.dead.dead(reason.value, self._monotonic())

    def open_signals(self, family: FamilyName, count: int) -> None:
        """Set how many signals of a family are open."""
        self._metrics.set("signals_open_signals", count, family=family.value)

    def lag(self, records: int) -> None:
        """Set the records of account-updates not committed yet."""
        self._metrics.set("signals_lag_records", records, topic="account_updates")

    def watchdog_age(self, watchdog: str, seconds: float) -> None:
        """Set how long a watchdog has seen no progress."""
        self._metrics.set("signals_watchdog_age_seconds", seconds, watchdog=watchdog)
        if watchdog in self._ending_s:
            self._metrics.set("signals_watchdog_tripped", seconds > self._ending_s[watchdog], watchdog=watchdog)

    def watchdog(self, watchdog: str) -> None:
        """Count a watchdog's trip."""
        self._metrics.count("signals_watchdog_trips", watchdog=watchdog)


@dataclass
class EventTimes:
    """Since when, in event time, no rule was looked at and no family has spoken; computed when somebody asks.

    Event time, because a backlog of a day must not look like a day of silence.
    """

    metrics: Metrics
    reached: datetime | None = None
    evaluated_at: datetime | None = None
    spoke_at: dict[FamilyName, datetime] = field(default_factory=dict)

    def stepped(self, stepped: Stepped) -> None:
        """Note one account's step; called for each, so it does little."""
        clock = stepped.account.clock
        if self.reached is None or clock > self.reached:
            self.reached = clock
        if stepped.tally.evaluated and (self.evaluated_at is None or clock > self.evaluated_at):
            if self.evaluated_at is None:
                self.metrics.follow("signals_since_evaluation_seconds", self.since_evaluation_s)
            self.evaluated_at = clock
        for transition in stepped.transitions:
            known = self.spoke_at.get(transition.family)
            if known is None:
                self._follow(transition.family)
            if known is None or transition.at > known:
                self.spoke_at[transition.family] = transition.at

    def since_evaluation_s(self) -> float:
        """Return the event time since the last look at any rule, seconds."""
        return self._since_s(self.evaluated_at)

    def _since_s(self, at: datetime | None) -> float:
        if at is None or self.reached is None:
            return 0.0
        return max(0.0, (self.reached - at).total_seconds())

    def _follow(self, family: FamilyName) -> None:
        self.metrics.follow(
            "signals_since_transition_seconds", lambda: self._since_s(self.spoke_at.get(family)), family=family.value
        )
