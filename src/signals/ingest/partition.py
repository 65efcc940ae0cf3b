"""One partition's work between fetch and send: merge, combine, dead letters, offsets. Pure; clocks are passed in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from signals.domain.events.kinds import BROADCAST, InputTopic
from signals.ingest.combine import Combiner, Message
from signals.ingest.config import IngestSettings
from signals.ingest.merge import PartitionMerge, Taken
from signals.ingest.meter import IngestMeter, Outcome
from signals.ingest.record import Control, Rejected, Skipped


@dataclass
class Batch:
    """What is to be written together: the dead letters, the messages in order, then the offsets."""

    partition: int
    messages: list[Message] = field(default_factory=list)
    dead: list[Rejected] = field(default_factory=list)
    offsets: dict[InputTopic, int] = field(default_factory=dict)
    """Next offset to read, per topic; every record below it is in ``messages`` or ``dead``, or says nothing."""
    outcomes: Counter[tuple[InputTopic, Outcome]] = field(default_factory=Counter)


class PartitionWork:
    """The state of one partition while this member owns it.

    Parameters
    ----------
    partition
        Of the account topics and of account-updates.
    settings
        Of the member.
    reached
        Event time reached before, from the tail of account-updates.
    marked
        Time mark given before, from there too; marks never go back.
    heard
        Epoch and offset of the last broadcast record taken before, from there too.
    """

    def __init__(
        self,
        partition: int,
        settings: IngestSettings,
        reached: datetime | None,
        marked: datetime | None = None,
        heard: tuple[int, int] | None = None,
    ) -> None:
        self.partition = partition
        self.merge = PartitionMerge(settings.epoch, settings.merge_wait, reached)
        self._settings = settings
        self._combiner = Combiner(partition, settings.combine, heard, reached)
        self._batch = Batch(partition)
        self._since_s: float | None = None
        self._marked = marked
        self._marked_s: float | None = None
        self._heard = heard

    def hear_from(self, offset: int, end: int, asked_s: float) -> None:
        """Say where broadcasts go on, and where they end; once, before anything is taken.

        A place that is not the one behind what was heard, as in a new epoch, is told by a message at once. Broadcasts
        that come later would otherwise be measured by the place in a topic that is gone.

        Parameters
        ----------
        asked_s
            Monotonic clock when the end was asked for.
        """
        self.merge.start_at(BROADCAST, offset, end, asked_s)
        if self._heard is not None:
            self._combiner.heard(self.merge.epoch, offset - 1, asked_s)

    def advance(self, now_s: float, now: datetime) -> None:
        """Take everything whose turn has come, and let time go on; called once per round of the loop."""
        batch, combiner, begin = self._batch, self._combiner, 0
        steps = self.merge.take(now_s)
        taken = Counter([step.record.topic for step in steps if isinstance(step, Taken)])
        hears = BROADCAST in taken
        others = [
            (index, step)
            for index, step in enumerate(steps)
            if not isinstance(step, Taken) or (hears and step.record.topic == BROADCAST)
        ]
        for index, step in others:
            combiner.add(steps[begin:index], now_s)  # type: ignore[arg-type]  # those between two others are packed
            begin = index + 1
            if isinstance(step, Taken):
                combiner.hear(step)
            else:
                outcome = self._aside(step, now_s)
                batch.outcomes[step.topic, outcome] += self._counts(step.topic)
        combiner.add(steps[begin:], now_s)  # type: ignore[arg-type]  # as above
        for topic, count in taken.items():
            if self._counts(topic):
                batch.outcomes[topic, "taken"] += count
        done = self.merge.done()
        if (heard := done.pop(BROADCAST, None)) is not None:
            combiner.heard(self.merge.epoch, heard - 1, now_s)
        batch.offsets |= done
        if steps and self._since_s is None:
            self._since_s = now_s
        self._let_time_go_on(now_s, now)

    def _counts(self, topic: InputTopic) -> bool:
        """Say whether a topic's records are counted, and buried, here: those of a broadcast in one partition only."""
        return topic != BROADCAST or self.partition == 0

    def _aside(self, step: Control | Skipped | Rejected, now_s: float) -> Outcome:
        """Do what a record without events asks for, and return what becomes of it."""
        if isinstance(step, Rejected):
            if self._counts(step.topic):
                self._batch.dead.append(step)
            return "dead"
        if isinstance(step, Skipped):
            return "skipped"
        if self._settings.time == "input":
            self._mark(step.at, now_s)
        return "control"

    def due(self, now_s: float) -> bool:
        """Say whether there is something to write now."""
        if self._combiner.due(now_s):
            return True
        return self._since_s is not None and now_s - self._since_s >= self._settings.combine.interval.total_seconds()

    def collect(self) -> Batch:
        """Return all that was taken and not written yet, and start a new batch."""
        batch, self._batch = self._batch, Batch(self.partition)
        batch.messages = self._combiner.flush()
        self._since_s = None
        return batch

    def sleep_s(self, now_s: float) -> float | None:
        """Return in how many seconds there may be something to do without a fetch; None: only after one."""
        times = [self._combiner.due_in_s(now_s), self.merge.wait_s(now_s)]
        if self._since_s is not None:
            times.append(max(0.0, self._since_s + self._settings.combine.interval.total_seconds() - now_s))
        return min((time for time in times if time is not None), default=None)

    def _let_time_go_on(self, now_s: float, now: datetime) -> None:
        if self._marked_s is not None and now_s - self._marked_s < self._settings.mark_every.total_seconds():
            return
        mark = self.merge.mark(self._settings.time, now)
        if mark is not None and (self._marked is None or mark > self._marked):
            self._mark(mark, now_s)

    def _mark(self, at: datetime, now_s: float) -> None:
        self._combiner.mark(at, self.merge.reached)
        self._marked = at if self._marked is None else max(at, self._marked)
        self._marked_s = now_s


def count(batches: Iterable[Batch], meter: IngestMeter) -> None:
    """Tell *meter* what was written."""
    for batch in batches:
        for (topic, outcome), records in batch.outcomes.items():
            meter.records(topic, outcome, records)
        for rejected in batch.dead:
            meter.dead(rejected.reason)
        for message in batch.messages:
            meter.message(message.packs)
