"""The conditions behind the alarms, each with the clock passed in: what is too old, since when, and in what words.

They are fed by the meters, so no role does more than it did. All times are monotonic seconds of one process; an age
says how long something has been wrong, 0 when nothing is. Whoever runs several processes of a role takes the least or
the largest age over them, as the alert rules in ``deploy/prometheus`` do.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

OTHERS_FLOW_WITHIN_S = 900.0
# A source is called silent only while another one was heard this lately: when all are, the fault is ours or the
# broker's, and the canary and the lag say so. Shorter misses sources that send in bursts of a quarter of an hour.
DEAD_IN_A_ROW = 3
# Deliveries a service refused for good without a success between. One or two are bad cards; after three the service
# refuses everything, such as a revoked token, and nothing is left waiting that would show it.
BUCKETS = 15
# A window is kept as so many counts: its edge is this share of it uncertain.


@dataclass(frozen=True)
class Look:
    """What looking at one watchdog showed."""

    age_s: float | None
    """For how long it has been wrong (or, for a source, silent), seconds; None: not known, and no age is shown."""
    tripped: bool
    said: str = ""
    """Why, for the log and the readiness page; empty unless tripped."""


FINE = Look(0.0, False)
UNKNOWN = Look(None, False)


class Watchdog(Protocol):
    """One condition. ``look`` is called every few seconds; it must not block or raise."""

    @property
    def name(self) -> str:
        """Value of the label ``watchdog``."""

    @property
    def limit_s(self) -> float:
        """Age above which it trips, seconds."""

    def look(self, now_s: float) -> Look:
        """Return how things stand at *now_s*, monotonic seconds."""


def _over(age_s: float, limit_s: float, said: str) -> Look:
    tripped = age_s > limit_s
    return Look(age_s, tripped, f"{said} for {age_s:.0f} s (limit {limit_s:.0f} s)" if tripped else "")


@dataclass
class Sources:
    """When each input topic was last heard of: a usable record, not one that was dead-lettered or says nothing.

    A topic of which no record is known at all is not watched: a source that was never connected is not silent.
    """

    heard_s: dict[str, float] = field(default_factory=dict)
    lag: Counter[str] = field(default_factory=Counter)

    def heard(self, topic: str, now_s: float) -> None:
        """Note a usable record."""
        self.heard_s[topic] = now_s

    def known(self, topic: str, at_s: float) -> None:
        """Note when the topic's newest record was written, as the broker tells at a start; never moves time back."""
        self.heard_s[topic] = max(at_s, self.heard_s.get(topic, at_s))


@dataclass
class SilentSource:
    """No usable record of a topic for longer than the limit, while others flow and none of its own wait."""

    sources: Sources
    topic: str
    limit_s: float

    @property
    def name(self) -> str:
        """``silent_source_<topic>``."""
        return f"silent_source_{self.topic}"

    def look(self, now_s: float) -> Look:
        """Return the silence; it is alarming only while another source is heard."""
        heard = self.sources.heard_s
        if self.topic not in heard:
            return UNKNOWN  # an age of 0 would hide, in the least age over all processes, what the others know
        age = max(0.0, now_s - heard[self.topic])
        others = any(now_s - at <= OTHERS_FLOW_WITHIN_S for topic, at in heard.items() if topic != self.topic)
        if not others or self.sources.lag[self.topic] > 0:
            return Look(age, False)
        return _over(age, self.limit_s, f"no usable record on {self.topic}")


@dataclass
class MergeWaiting:
    """The merge stands because a topic has lag and nothing of it is fetched."""

    limit_s: float
    name: str = "merge_waiting"
    _since_s: dict[str, float] = field(default_factory=dict)

    def waits(self, topic: str, seconds: float, now_s: float) -> None:
        """Note for how long the merge has waited for *topic*; 0: it does not. It goes on counting by itself."""
        if seconds > 0:
            self._since_s[topic] = now_s - seconds
        else:
            self._since_s.pop(topic, None)

    def look(self, now_s: float) -> Look:
        """Return the longest wait."""
        if not self._since_s:
            return FINE
        topic, since = min(self._since_s.items(), key=lambda item: item[1])
        return _over(now_s - since, self.limit_s, f"the merge waits for {topic}")


@dataclass
class Stall:
    """Work is waiting and none is acknowledged, or the loop that should tell has said nothing at all."""

    limit_s: float
    name: str = "commit_stalled"
    _told_s: float | None = None
    _stuck_s: float | None = None

    def told(self, waiting: int, now_s: float) -> None:
        """Note how much waits; called about once a second by a loop that is alive."""
        self._told_s = now_s
        if waiting <= 0:
            self._stuck_s = None
        elif self._stuck_s is None:
            self._stuck_s = now_s

    def progress(self, now_s: float) -> None:
        """Note that something was done and committed."""
        if self._stuck_s is not None:
            self._stuck_s = now_s

    def look(self, now_s: float) -> Look:
        """Return for how long nothing has moved."""
        if self._told_s is None:
            return FINE
        stuck = now_s - self._stuck_s if self._stuck_s is not None else 0.0
        mute = now_s - self._told_s
        if mute > stuck and mute > self.limit_s:
            return _over(mute, self.limit_s, "the loop has not come round")
        return _over(stuck, self.limit_s, "records wait and no offset was committed")


@dataclass
class SilentDetector:
    """Events are applied and no rule is looked at: a rule pack that is not there, or an engine that skips it.

    *least* events must have been applied since the last look at a rule: a few events may well touch no rule.
    """

    limit_s: float
    least: int
    name: str = "silent_detector"
    _applied: int = 0
    _since_s: float | None = None

    def stepped(self, applied: int, evaluated: int, now_s: float) -> None:
        """Note the events applied and the rules looked at in one message."""
        if evaluated > 0:
            self._applied, self._since_s = 0, None
        elif applied > 0:
            self._applied += applied
            self._since_s = self._since_s if self._since_s is not None else now_s

    def look(self, now_s: float) -> Look:
        """Return for how long events have been applied without a look at any rule."""
        if self._since_s is None:
            return FINE
        age = now_s - self._since_s
        if self._applied < self.least:
            return Look(age, False)
        return _over(age, self.limit_s, f"{self._applied} events applied and no rule looked at")


@dataclass
class DeadSink:
    """Deliveries wait, or are all refused for good, and none has succeeded for longer than the limit."""

    sink: str
    limit_s: float
    _waiting: int = 0
    _refused: int = 0
    _since_s: float | None = None

    @property
    def name(self) -> str:
        """``dead_sink_<sink>``."""
        return f"dead_sink_{self.sink}"

    def waiting(self, count: int, now_s: float) -> None:
        """Note how many deliveries are not done."""
        self._waiting = count
        if count > 0:
            self._since_s = self._since_s if self._since_s is not None else now_s
        elif self._refused == 0:
            self._since_s = None

    def ended(self, outcome: str, now_s: float) -> None:
        """Note what came of a delivery; only ``sent`` shows that the service lives."""
        if outcome == "sent":
            self._refused, self._since_s = 0, now_s if self._waiting > 0 else None
        elif outcome == "dead":
            self._refused += 1
            self._since_s = self._since_s if self._since_s is not None else now_s

    def look(self, now_s: float) -> Look:
        """Return for how long the sink has taken nothing although something is there."""
        if self._since_s is None:
            return FINE
        age = now_s - self._since_s
        if self._waiting <= 0 and self._refused < DEAD_IN_A_ROW:
            return Look(age, False)
        what = f"{self._waiting} deliveries wait" if self._waiting > 0 else f"{self._refused} deliveries were refused"
        return _over(age, self.limit_s, f"{what} and none arrived")


@dataclass
class DeadLetters:
    """Dead letters are more than *share* of what was taken within the window, and at least *least*.

    Trips at once: its age says for how long that has been so, and its limit is 0.
    """

    window_s: float
    share: float
    least: int
    name: str = "dead_letters"
    limit_s: float = 0.0
    _buckets: deque[tuple[int, Counter[str], int]] = field(default_factory=deque)
    _since_s: float | None = None

    def taken(self, count: int, now_s: float) -> None:
        """Note records that were used."""
        self._count(None, count, now_s)

    def dead(self, reason: str, now_s: float) -> None:
        """Note a dead letter."""
        self._count(reason, 1, now_s)

    def _count(self, reason: str | None, count: int, now_s: float) -> None:
        number = int(now_s / self.window_s * BUCKETS)
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append((number, Counter(), 0))
            self._forget(now_s)
        number, dead, taken = self._buckets[-1]
        if reason is not None:
            dead[reason] += count
        else:
            self._buckets[-1] = (number, dead, taken + count)

    def _forget(self, now_s: float) -> None:
        oldest = now_s / self.window_s * BUCKETS - BUCKETS
        while self._buckets and self._buckets[0][0] < oldest:
            self._buckets.popleft()

    def look(self, now_s: float) -> Look:
        """Return whether too much is refused, and since when."""
        self._forget(now_s)
        dead: Counter[str] = Counter()
        for _, reasons, _ in self._buckets:
            dead.update(reasons)
        total, taken = dead.total(), sum(count for _, _, count in self._buckets)
        if total < self.least or total <= self.share * (total + taken):
            self._since_s = None
            return FINE
        self._since_s = self._since_s if self._since_s is not None else now_s
        reason, count = dead.most_common(1)[0]
        said = f"{total} dead letters beside {taken} used in {self.window_s:.0f} s, most for {reason} ({count})"
        return Look(now_s - self._since_s, True, said)


@dataclass
class Canary:
    """How old the newest canary is that went all the way, on the partition where that is longest ago.

    A partition counts from when this process was given it, until its first canary arrives.

    Parameters
    ----------
    partitions
        Returns the partitions this process serves now; none: there is nothing it could say, and its age is 0.
    sink
        Through which it goes; it counts when it arrives there.
    """

    limit_s: float
    partitions: Callable[[], frozenset[int]]
    sink: str = "slack"
    name: str = "canary"
    _assigned_s: dict[int, float] = field(default_factory=dict)
    _sent_s: dict[int, float] = field(default_factory=dict)

    def arrived(self, partition: int, now_s: float, latency_s: float) -> None:
        """Note a canary that the service took: its age is the time since it was sent, not since it arrived."""
        sent_s = now_s - latency_s
        self._sent_s[partition] = max(sent_s, self._sent_s.get(partition, sent_s))

    def look(self, now_s: float) -> Look:
        """Return the age of the partition worst off."""
        served = self.partitions()
        self._assigned_s = {partition: self._assigned_s.get(partition, now_s) for partition in served}
        self._sent_s = {partition: at for partition, at in self._sent_s.items() if partition in served}
        if not served:
            return FINE
        since, partition = min((self._sent_s.get(one, self._assigned_s[one]), one) for one in served)
        return _over(max(0.0, now_s - since), self.limit_s, f"no canary came through partition {partition}")
