"""The broadcast topic as one ingest member reads it: one partition, outside the group, for all partitions it owns.

How far a partition has heard is told by the tail of its ``account-updates``, not by a committed offset: the group's
offsets know one place per topic partition, and here every account partition has a place of its own. It goes out in the
message that holds the broadcast, so that a partition that changes its owner neither misses one nor hears it twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import BROADCAST
from signals.domain.update import AccountUpdates
from signals.ingest.config import IngestSettings
from signals.ingest.decode import RecordDecoder
from signals.ingest.ends import EndQuestions
from signals.ingest.merge import PartitionMerge


def heard_by(tail: AccountUpdates | None) -> tuple[int, int] | None:
    """Return epoch and offset of the last broadcast record that a partition has taken, from its newest message."""
    if tail is None or tail.broadcast is None:
        return tail.heard if tail is not None else None
    position = tail.broadcast.position
    return position.epoch, position.offset


def following(heard: tuple[int, int] | None, begin: int, end: int) -> int:
    """Return the offset of the first record that a partition has not heard, of a topic from *begin* to *end*.

    A topic that ends before what was heard is another one than that was heard of: all of it is new. Otherwise the place
    stands, whatever the epoch: it goes up for all input topics when any one of them was recreated.

    >>> following(None, 3, 9), following((1, 4), 3, 9), following((1, 8), 3, 9), following((1, 9), 0, 2)
    (3, 5, 9, 0)
    """
    if heard is None or heard[1] + 1 > end:
        return begin
    return heard[1] + 1


@dataclass(frozen=True)
class Beginning:
    """Where reading goes on for each partition of this member, and where the topic ends."""

    next: Mapping[int, int]
    """Account partition -> offset of the first record it has not heard."""
    end: int
    asked_s: float
    """Monotonic clock when the end was asked for."""


class BroadcastReader:
    """Reads broadcasts for the partitions of one member. ``start``, then ``beginning`` and ``seek`` per assignment.

    Parameters
    ----------
    settings
        Of the member.
    monotonic
        Seconds that never go back.
    """

    def __init__(self, settings: IngestSettings, monotonic: Callable[[], float]) -> None:
        self._settings, self._monotonic = settings, monotonic
        self._place = TopicPartition(settings.topics.input(BROADCAST), 0)
        self._ends = EndQuestions(lambda: self._consumer, monotonic)
        self._consumer: Any = None
        self._assigned = False

    async def start(self) -> None:
        """Connect; raises ``KafkaError`` when there is nobody."""
        settings = self._settings
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",  # a jump over deleted records must never be silent
            fetch_max_wait_ms=int(settings.fetch_wait.total_seconds() * 1000),
            **settings.client,
        )
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect; also without ``start``."""
        await self._ends.stop()
        if self._consumer is not None:
            await self._consumer.stop()

    async def beginning(self, tails: Mapping[int, AccountUpdates], partitions: Sequence[int]) -> Beginning:
        """Return where each of *partitions* goes on.

        Raises
        ------
        ConfigError
            A partition has heard more than there is in this epoch (the topic was recreated or restored), or retention
            deleted what it has not heard yet.
        """
        asked_s = self._monotonic()
        begin = (await self._consumer.beginning_offsets([self._place]))[self._place]
        end = (await self._consumer.end_offsets([self._place]))[self._place]
        places = {}
        for partition in partitions:
            heard = heard_by(tails.get(partition))
            places[partition] = following(heard, begin, end)
            where = f"topic {self._place.topic}, for partition {partition}"
            if heard is not None and heard[1] >= end and heard[0] >= self._settings.epoch:
                problem = f"heard up to offset {heard[1]}, beyond its end {end}: it was recreated or restored"
                raise ConfigError(where, problem, "raise the topic epoch in the settings by one")
            if places[partition] < begin:
                if not self._settings.accept_lost_records:
                    problem = f"retention deleted {begin - places[partition]} records that were never heard"
                    raise ConfigError(where, problem, "longer retention; or accept_lost_records, to go on without them")
                places[partition] = begin
        return Beginning(places, end, asked_s)

    def seek(self, beginning: Beginning) -> None:
        """Read on from the first record that any partition has not heard; nothing is awaited."""
        if not beginning.next:
            return
        if not self._assigned:
            # Only now: between an assignment and its seek the client must not look for a position of its own.
            self._consumer.assign([self._place])
            self._assigned = True
        self._consumer.seek(self._place, min(beginning.next.values()))

    async def offer(
        self, decoder: RecordDecoder, merges: Mapping[int, PartitionMerge], now_s: float, now: datetime
    ) -> None:
        """Put what has come into each merge, from where that one stands; waits for nothing."""
        for answer in self._ends.answers():
            for merge in merges.values():
                merge.confirm(BROADCAST, answer.offset, answer.asked_s)
        if not merges:
            return
        if all(merge.buffered(BROADCAST) < self._settings.buffer_records for merge in merges.values()):
            # Like full account topics: what is not taken from the client is not fetched further.
            most = self._settings.fetch_records
            fetched = await self._consumer.getmany(self._place, timeout_ms=0, max_records=most)
            decoded = [one for records in fetched.values() for one in decoder.decode_all(BROADCAST, 0, records)]
            # The client's own place: a transaction's end takes an offset, and is no record.
            next_fetch = await self._consumer.position(self._place)
            for merge in merges.values():
                at = merge.position(BROADCAST)
                unheard = [one for one in decoded if one.offset >= at]
                merge.offer(BROADCAST, unheard, max(at, next_fetch), now_s, now)
        end, polled_ms = self._consumer.highwater(self._place), self._consumer.last_poll_timestamp(self._place)
        if end is not None and polled_ms is not None:
            for merge in merges.values():
                merge.end_at(BROADCAST, end, datetime.fromtimestamp(polled_ms / 1000, UTC))

    def ask(self, merges: Iterable[PartitionMerge]) -> None:
        """Ask the leader for the end where a merge waits for it."""
        if any(BROADCAST in merge.unconfirmed for merge in merges):
            self._ends.ask([self._place])
