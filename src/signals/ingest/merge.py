"""The merge of one partition's four input topics by event time: a pure state machine, the clock is passed in.

The broadcast topic is a fifth one, the same for every partition: each merges all of it.

It promises: within one topic nothing is reordered; among the topics the head with the smallest (event time, topic
rank, offset) goes first; the result on a backlog does not depend on how fetches cut it; a topic counts as read to its
end only when its leader was asked after the record that wants to pass had come, so a broker that is away holds its
partitions up and makes nothing late. It gives up: order across topics for live records that reach the brokers more than
``merge_wait`` apart (they are late, and handled as late).
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal, TypeAlias

import msgspec

from signals.domain.events.kinds import INPUT_TOPICS, MERGED_TOPICS, InputTopic
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.ingest.record import Accepted, Control, Decoded, Rejected, Skipped

TimeMode = Literal["wall", "input"]

CHUNK = 512
# Records a replay reads from one topic at a time; any number gives the same order.

LOOK_AGAIN_S = 0.02
# While an end is not confirmed: the answer takes some milliseconds, and does not wake the loop that fetches.


class Taken(msgspec.Struct, frozen=True, gc=False):
    """One record's turn, and how far the merge had come with it."""

    record: Accepted
    epoch: int
    reached: datetime
    """Largest event time taken so far on this partition, this record's own included."""
    received: datetime | None
    """Wall clock of the fetch, for the latency metric; None in a replay."""

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The record's events for the engine, all of one account and one position; made anew at each call."""
        record = self.record
        position = Position(self.epoch, record.topic, record.partition, record.offset)
        return tuple(
            [
                Arrival(position, self.reached, event, self.received, record.waive_too_late)  # type: ignore[arg-type]  # every Event we decode is a member of AnyEvent
                for event in record.events
            ]
        )


Step: TypeAlias = Taken | Control | Skipped | Rejected
"""What the merge gives out. Control and Skipped only move the position; Rejected is a dead letter to write."""


@dataclass(slots=True)
class _Chunk:
    """What one fetch brought of one topic; never empty while it is in a lane."""

    records: Sequence[Decoded]
    offered_s: float
    received: datetime | None
    next: int = 0
    """Index of the first record not given out."""


@dataclass(slots=True)
class _Lane:
    """One topic of the partition."""

    topic: InputTopic
    rank: int
    chunks: deque[_Chunk] = field(default_factory=deque)
    position: int = 0
    """Offset the next fetch will start at."""
    end: int | None = None
    """The broker's end offset as last known; None: not known yet, so it counts as lag."""
    end_known_at: datetime | None = None
    """Wall clock of the fetch that said so."""
    confirmed_s: float = math.inf
    """Monotonic clock when the leader was last asked for the end and answered; infinite: nothing can come."""
    done: int | None = None
    """Offset after the last record given out, of those given out since they were last asked for."""

    @property
    def caught_up(self) -> bool:
        return self.end is not None and self.position >= self.end

    @property
    def buffered(self) -> int:
        return sum(len(chunk.records) - chunk.next for chunk in self.chunks)

    def head(self, given_out: list[Step]) -> Accepted | Control | None:
        """Return the first record with a time; what has none and stands before it is given out."""
        while self.chunks:
            chunk = self.chunks[0]
            while chunk.next < len(chunk.records):
                record = chunk.records[chunk.next]
                if isinstance(record, (Accepted, Control)):
                    return record
                chunk.next += 1
                self.done = record.offset + 1
                given_out.append(record)
            self.chunks.popleft()
        return None


_Head: TypeAlias = tuple[datetime, int, _Lane]
"""Event time and rank, by which heads are compared; no two have the same rank."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class PartitionMerge:
    """Merges one partition; made on assignment, dropped on revocation.

    Parameters
    ----------
    epoch
        Topic epoch for the positions.
    merge_wait
        How long a head waits for topics that are caught up: what is in flight sorts itself meanwhile.
    reached
        Largest event time taken before the restart; None on the first start.
    """

    def __init__(self, epoch: int, merge_wait: timedelta, reached: datetime | None = None) -> None:
        self.epoch = epoch
        self.reached = reached
        self.waiting_for: tuple[InputTopic, ...] = ()
        """Topics that the last ``take`` had to stop for: with lag but nothing fetched, or ``unconfirmed``."""
        self.unconfirmed: tuple[InputTopic, ...] = ()
        """Topics that are read to their end as far as is known, which their leaders should be asked to confirm."""
        self._wait = merge_wait
        self._wait_s = merge_wait.total_seconds()
        self._due_s: float | None = None
        self._lanes: dict[InputTopic, _Lane] = {topic: _Lane(topic, rank) for rank, topic in enumerate(INPUT_TOPICS)}

    def start_at(self, topic: InputTopic, position: int, end: int, asked_s: float = math.inf) -> None:
        """Say where reading starts and where the topic ends; once per topic, before anything is offered.

        Without it the account topics count as lag, and of broadcasts there are none.

        Parameters
        ----------
        asked_s
            Monotonic clock when the end was asked for. Infinite: the end will not move but by ``end_at``.
        """
        lane = self._lanes.setdefault(topic, _Lane(topic, MERGED_TOPICS.index(topic)))
        lane.position, lane.end, lane.confirmed_s = position, end, asked_s

    def offer(
        self,
        topic: InputTopic,
        decoded: Iterable[Decoded],
        position: int,
        now_s: float,
        received: datetime | None = None,
    ) -> None:
        """Put what was fetched behind what is there.

        Parameters
        ----------
        decoded
            In the order of offsets.
        position
            Offset the next fetch will start at.
        now_s
            Monotonic clock, seconds: ``merge_wait`` counts from here.
        received
            Wall clock, for the latency metric; None in a replay.
        """
        lane, records = self._lanes[topic], list(decoded)
        if records:
            lane.chunks.append(_Chunk(records, now_s, received))
        lane.position = position

    def end_at(self, topic: InputTopic, end: int, known_at: datetime | None = None) -> None:
        """Note the end offset of a topic as a fetch that came back at *known_at* (wall clock) told it.

        It says that there is more, never that there is nothing more: see ``confirm``.
        """
        lane = self._lanes[topic]
        if lane.end is None or end >= lane.end:
            lane.end = end
        if known_at is not None:
            lane.end_known_at = known_at

    def confirm(self, topic: InputTopic, end: int, asked_s: float) -> None:
        """Note the end offset that the partition's leader gave when asked at *asked_s* (monotonic clock).

        Everything that was acknowledged before lies below it. The end that comes with a fetch does not have that
        quality: it may be old, and after a change of leaders it may lie below records that the last one acknowledged.
        """
        self.end_at(topic, end)
        lane = self._lanes[topic]
        lane.confirmed_s = max(lane.confirmed_s, asked_s)

    def read_to(self, topic: InputTopic, position: int) -> None:
        """Note the offset the next fetch will start at: beyond the last record where a transaction ended behind it."""
        lane = self._lanes[topic]
        lane.position = max(lane.position, position)

    def buffered(self, topic: InputTopic) -> int:
        """Return how many records of a topic wait here."""
        return self._lanes[topic].buffered

    def position(self, topic: InputTopic) -> int:
        """Return the offset of a topic up to which everything was offered."""
        return self._lanes[topic].position

    def lag(self, topic: InputTopic) -> int:
        """Return how many records of a topic are not taken yet: buffered here and still on the broker."""
        lane = self._lanes[topic]
        return lane.buffered + max(0, (lane.end or 0) - lane.position)

    @property
    def idle(self) -> bool:
        """True when every topic is read to its known end and nothing waits here."""
        return all(lane.caught_up and not lane.chunks for lane in self._lanes.values())

    def take(self, now_s: float) -> list[Step]:
        """Return everything whose turn has come, and take it away.

        A rejected or skipped record has no time; it goes out as soon as it is the head of its topic, so positions
        stay in order.
        """
        given_out: list[Step] = []
        while True:
            heads: list[_Head] = []
            empty: list[_Lane] = []
            for lane in self._lanes.values():
                head = lane.head(given_out)
                if head is None:
                    empty.append(lane)
                else:
                    heads.append((head.at, lane.rank, lane))
            self._due_s, self.unconfirmed = None, ()
            self.waiting_for = tuple(lane.topic for lane in empty if heads and not lane.caught_up)
            if not heads or self.waiting_for:
                return given_out
            heads.sort()
            latest_s = min([now_s - self._wait_s, *(lane.confirmed_s for lane in empty)]) if empty else math.inf
            while True:
                _, rank, lane = heads[0]
                if lane.chunks[0].offered_s > latest_s and not self._may_pass(empty, lane.chunks[0].offered_s, now_s):
                    return given_out
                del heads[0]
                bound, rival = heads[0][:2] if heads else (_NEVER, rank)
                head = self._run(lane, bound, rank < rival, given_out)
                if head is None:
                    break  # the fetch is used up: the topic may be empty now, or go on with a later fetch
                insort(heads, (head.at, rank, lane))

    def _may_pass(self, empty: list[_Lane], offered_s: float, now_s: float) -> bool:
        """Say whether a head may go before whatever the *empty* topics may still bring."""
        if now_s - offered_s < self._wait_s:
            self._due_s = offered_s + self._wait_s
            return False
        self.unconfirmed = self.waiting_for = tuple(lane.topic for lane in empty if lane.confirmed_s < offered_s)
        if self.unconfirmed:
            self._due_s = now_s + LOOK_AGAIN_S
        return not self.unconfirmed

    def _run(self, lane: _Lane, bound: datetime, ties: bool, given_out: list[Step]) -> Accepted | Control | None:
        """Take from a topic until a record lies beyond *bound*, and return that; None: its oldest fetch is used up.

        A topic comes in runs, day by day or minute by minute. Looking at all topics again after each record took
        longer than everything else in the merge; so did a call per record, hence the one long loop.

        Parameters
        ----------
        bound
            Event time of the next head of another topic.
        ties
            Whether a record of that same time is still this topic's turn.
        """
        chunk, epoch, reached = lane.chunks[0], self.epoch, self.reached
        records, received = chunk.records, chunk.received
        for index in range(chunk.next, len(records)):
            record = records[index]
            if not isinstance(record, (Accepted, Control)):
                given_out.append(record)
                continue
            at = record.at
            if at >= bound and (at > bound or not ties):
                if index > chunk.next:
                    lane.done = records[index - 1].offset + 1
                chunk.next, self.reached = index, reached
                return record
            if reached is None or at > reached:
                reached = at
            given_out.append(Taken(record, epoch, reached, received) if isinstance(record, Accepted) else record)
        lane.done, self.reached = records[-1].offset + 1, reached
        lane.chunks.popleft()
        return None

    def done(self) -> dict[InputTopic, int]:
        """Return per topic the offset after the last record given out; topics that did not move since are left out."""
        moved = {lane.topic: lane.done for lane in self._lanes.values() if lane.done is not None}
        for lane in self._lanes.values():
            lane.done = None
        return moved

    def wait_s(self, now_s: float) -> float | None:
        """Return in how many seconds ``take`` has something new by the clock alone; None: only by an offer."""
        return None if self._due_s is None else max(0.0, self._due_s - now_s)

    def mark(self, mode: TimeMode, now: datetime) -> datetime | None:
        """Return how far time has certainly come on this partition; None: not known, or not to be said yet.

        With ``wall`` and every topic caught up it is the wall clock less ``merge_wait``, but never later than the
        last fetch that found nothing: while the broker is silent, time stands still. Otherwise it is the low bound
        of the merge. With ``input`` it is the time reached, once every topic is caught up.
        """
        if mode == "input":
            return self.reached if self.idle else None
        if not self.idle:
            return self.reached
        known = [lane.end_known_at for lane in self._lanes.values()]
        oldest = min((at for at in known if at is not None), default=None)
        if oldest is None or None in known:
            return self.reached
        return min(now, oldest) - self._wait


def merge_all(
    streams: Mapping[InputTopic, Iterable[Decoded]],
    *,
    epoch: int,
    other: Callable[[Control | Skipped | Rejected], None] | None = None,
) -> Iterator[Arrival]:
    """Yield the arrivals of one partition's whole history, in the order the live machine gives a backlog.

    Parameters
    ----------
    streams
        Decoded records per topic, in the order of offsets; a topic not named is empty. Read lazily.
    epoch
        Topic epoch for the positions.
    other
        Called with everything that is no event, in its turn: closing times, skipped and rejected records.
    """
    merge = PartitionMerge(epoch, timedelta(0))
    left = {topic: iter(streams.get(topic, ())) for topic in MERGED_TOPICS}
    for topic in left:
        merge.start_at(topic, 0, 1)  # "there is more" until its stream has ended
    while left or not merge.idle:
        for topic in [topic for topic in left if not merge.buffered(topic)]:
            chunk = list(islice(left[topic], CHUNK))
            merge.offer(topic, chunk, 0 if chunk else 1, 0.0)
            if not chunk:
                del left[topic]
        for step in merge.take(0.0):
            if isinstance(step, Taken):
                yield from step.arrivals
            elif other is not None:
                other(step)
