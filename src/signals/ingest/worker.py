"""One ingest member: reads the input topics, writes account-updates, in this order and no other.

Per round: fetch, decode, merge, combine; send the dead letters and await them; send the messages of each partition one
after the other and await each; commit the input offsets. Dead letters go first because a message says how far its
partition has heard the broadcast topic, which nobody reads again. It promises: nothing is lost at any crash point, and
what is repeated carries the same position. It gives up: exactly-once on the topic (readers compare positions).
A failed send ends the member, because a later message that passes would raise the accounts' high-water marks over the
lost one.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, NoOffsetForPartitionError

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, InputTopic
from signals.ingest.broadcasts import BroadcastReader, heard_by
from signals.ingest.config import Clock, IngestSettings
from signals.ingest.deadletters import dead_letter, encode_dead_letter
from signals.ingest.decode import RecordDecoder
from signals.ingest.ends import EndQuestions
from signals.ingest.meter import IngestMeter, NoMeter
from signals.ingest.partition import Batch, PartitionWork, count
from signals.ingest.pauses import pause_full
from signals.ingest.positions import PatientRangeAssignor, read_tails, starting_offsets, verify_copartitioned
from signals.ingest.rebalance import Rebalance
from signals.ingest.reports import Reports
from signals.streams import aiokafka_patches

_log = logging.getLogger(__name__)

JOIN_ATTEMPTS = 8
# Each takes one rebalance, about 5 s with the embedded broker.

COMMIT_WHILE_REVOKING_S = 0.2
# Far above a commit's few milliseconds, far below the session: a member must rejoin in time.

MOST_PUT_OFF = 8
# Rounds of 5,000 records: 6 MB of messages that wait for the ones before.
TURNS = 6  # of the loop: what it takes from one message's acknowledge to the next one's request.

LONGEST_SLEEP_S = 0.2
# A stop, and the end offsets of idle topics, are noticed within this.


class IngestWorker:
    """A member of the ingest group. Make it, ``await run()``; ``await stop()`` from elsewhere ends it.

    Parameters
    ----------
    settings
        Plain values.
    clock
        Wall and monotonic clock.
    meter
        Where counts go.
    """

    def __init__(self, settings: IngestSettings, clock: Clock, meter: IngestMeter | None = None) -> None:
        self.settings = settings
        self.ready = asyncio.Event()
        """Set once partitions have been assigned for the first time."""
        self._clock = clock
        self._meter: IngestMeter = meter or NoMeter()
        self._decoder = RecordDecoder(settings.topics.partitions, settings.sources, settings.decode)
        self._logical: dict[str, InputTopic] = {settings.topics.input(topic): topic for topic in INPUT_TOPICS}
        self._work: dict[int, PartitionWork] = {}
        self._lock = asyncio.Lock()  # a round and a rebalance never overlap
        self._generation = 0
        self._rebalancing = False
        self._revoking = asyncio.Event()
        self._failure: BaseException | None = None
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._reports = Reports(self._meter, settings.report_every)
        self._writing: asyncio.Task[None] | None = None
        self._put_off = 0
        self._ends = EndQuestions(lambda: self._consumer, clock.monotonic)
        self._broadcasts = BroadcastReader(settings, clock.monotonic)
        self._consumer: Any = None
        self._producer: Any = None

    @property
    def partitions(self) -> tuple[int, ...]:
        """Partitions this member owns now."""
        return tuple(sorted(self._work))

    async def run(self) -> None:
        """Work until ``stop`` is called.

        Raises
        ------
        ConfigError
            Topics are missing or their partition counts differ; offsets do not fit the topics.
        KafkaError
            A send failed, or the broker cannot be reached; nothing after it was committed.
        """
        self._running = True
        try:
            await self._start()
            while not self._stopping.is_set():
                await self._round()
            async with self._lock:
                await self._flush()
        except BaseException as error:
            self._failure = self._failure or error
            raise
        finally:
            await self._close()
            self._ended.set()

    async def stop(self) -> None:
        """Flush, commit, leave the group. May be called before, while and after ``run``, any number of times."""
        self._stopping.set()
        if self._running:
            await self._ended.wait()

    async def _start(self) -> None:
        aiokafka_patches.apply()
        settings = self.settings
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,  # each send is awaited: a linger would be waited for every time
            max_batch_size=max(settings.combine.max_bytes * 2, 1_048_576),
            max_request_size=2_097_152,
            **settings.client,
        )
        await self._producer.start()
        names = [*self._logical, settings.topics.account_updates, settings.topics.dead_letters]
        counts = dict.fromkeys(names, settings.topics.partitions) | {settings.topics.input(BROADCAST): 1}
        for name, wanted in counts.items():
            found = len(await self._producer.partitions_for(name))
            if found != wanted:
                raise ConfigError(f"topic {name}", f"has {found} partitions", f"{wanted}; see `signals topics check`")
        await self._broadcasts.start()
        await self._join()

    async def _join(self) -> None:
        """Join the group; again, a few times, where the client takes an answer during a rebalance for fatal.

        It raises the bare ``KafkaError`` for those. Seen with the embedded broker: a follower that syncs after its
        leader is answered "invalid request", and fits in at the next attempt.
        """
        for attempt in range(1, JOIN_ATTEMPTS + 1):
            self._consumer = self._new_consumer()
            try:
                await self._consumer.start()
            except KafkaError as error:
                if type(error) is not KafkaError or attempt == JOIN_ATTEMPTS:
                    raise
                await self._consumer.stop()
            else:
                return

    def _new_consumer(self) -> Any:
        settings = self.settings
        consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap,
            group_id=settings.group_id,
            group_instance_id=settings.instance_id,
            enable_auto_commit=False,
            auto_offset_reset="none",  # we seek ourselves: a jump over deleted records must never be silent
            partition_assignment_strategy=[PatientRangeAssignor],
            fetch_max_wait_ms=int(settings.fetch_wait.total_seconds() * 1000),
            session_timeout_ms=int(settings.session.total_seconds() * 1000),
            heartbeat_interval_ms=int(settings.session.total_seconds() * 100),
            **settings.client,
        )
        consumer.subscribe(topics=list(self._logical), listener=Rebalance(self.revoked, self.assigned))
        return consumer

    async def _round(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            fetched = await self._consumer.getmany(timeout_ms=self._sleep_ms(), max_records=self.settings.fetch_records)
        except NoOffsetForPartitionError:
            return  # asked before our own seek on assignment was done; it cannot come after it
        except KafkaError as error:
            if type(error) is not KafkaError:
                raise
            await self._consumer.stop()  # as in `_join`
            await self.revoked(write=False)
            await self._join()
            return
        generation = self._generation
        async with self._lock:
            if self._failure is not None:
                raise self._failure
            if generation != self._generation:
                return  # fetched for an assignment that is gone; the new one starts at the committed offsets
            now_s, now = self._clock.monotonic(), self._clock.now()
            self._offer(fetched, now_s, now)
            merges = {partition: work.merge for partition, work in self._work.items()}
            await self._broadcasts.offer(self._decoder, merges, now_s, now)
            await self._note_ends()
            for work in self._work.values():
                work.advance(now_s, now)
            self._ends.ask(self._unconfirmed())
            self._broadcasts.ask(merges.values())
            due = any(work.due(now_s) for work in self._work.values())
            if due and not self._rebalancing and not await self._goes_on(fetched):
                await self._written()
                if not self._rebalancing:  # the commit just awaited may have said so
                    batches = [work.collect() for work in self._work.values() if work.due(now_s)]
                    self._writing = asyncio.create_task(self._write(batches))
            elif self._writing is not None and self._writing.done():
                await self._written()
            pause_full(self._consumer, self.settings, self._work)
            self._reports.tell(self._work, now_s, now)

    def _sleep_ms(self) -> int:
        now_s = self._clock.monotonic()
        times = [work.sleep_s(now_s) for work in self._work.values()]
        return int(1000 * min((time for time in times if time is not None and time > 0), default=LONGEST_SLEEP_S)) or 1

    def _offer(self, fetched: dict[TopicPartition, list[Any]], now_s: float, now: datetime) -> None:
        for place, records in fetched.items():
            topic, partition = self._logical[place.topic], place.partition
            decoded = self._decoder.decode_all(topic, partition, records)
            self._work[partition].merge.offer(topic, decoded, records[-1].offset + 1, now_s, now)

    async def _note_ends(self) -> None:
        for one in self._ends.answers():
            if one.place.partition in self._work:
                self._work[one.place.partition].merge.confirm(self._logical[one.place.topic], one.offset, one.asked_s)
        for partition, work in self._work.items():
            for name, topic in self._logical.items():
                place = TopicPartition(name, partition)
                end, polled_ms = self._consumer.highwater(place), self._consumer.last_poll_timestamp(place)
                if end is not None and polled_ms is not None:
                    work.merge.end_at(topic, end, datetime.fromtimestamp(polled_ms / 1000, UTC))
                    work.merge.read_to(topic, await self._consumer.position(place))

    def _unconfirmed(self) -> list[TopicPartition]:
        return [
            TopicPartition(name, partition)
            for partition, work in self._work.items()
            for name, topic in self._logical.items()
            if topic in work.merge.unconfirmed
        ]

    async def _written(self) -> None:
        """Wait for what is being written; raises what failed. Called before anything later is sent, and in time.

        Writing goes on while the next records are fetched, decoded and merged: waiting for the broker took a fifth of
        the time. There is never more than one such task, so a later message still cannot pass a lost one.
        """
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    async def _goes_on(self, fetched: dict[TopicPartition, list[Any]]) -> bool:
        """Return whether to go on reading although something is due: there is a backlog, and a write under way.

        Each round of a backlog fills messages. Waiting for the write before at each left the processor idle for a
        fifth of the time, as a write gets on only when this loop lets others have a turn.
        """
        under_way = self._writing is not None and not self._writing.done()
        behind = sum(map(len, fetched.values())) >= self.settings.fetch_records
        self._put_off = self._put_off + 1 if under_way and behind else 0
        if not 0 < self._put_off <= MOST_PUT_OFF:
            return False
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return True

    async def _write(self, batches: Iterable[Batch]) -> None:
        batches = [batch for batch in batches if batch.messages or batch.offsets]
        if not batches:
            return
        topics = self.settings.topics
        letters = []
        for rejected in (one for batch in batches for one in batch.dead):
            value = encode_dead_letter(dead_letter(rejected, self.settings.epoch))
            letters.append(
                await self._producer.send(
                    topics.dead_letters, value=value, key=rejected.record.key, partition=rejected.partition
                )
            )
        await asyncio.gather(*letters)
        await asyncio.gather(*(self._send_in_order(batch) for batch in batches))
        offsets = {
            TopicPartition(topics.input(topic), batch.partition): offset
            for batch in batches
            for topic, offset in batch.offsets.items()
        }
        if offsets:
            await self._commit(offsets)
        count(batches, self._meter)

    async def _send_in_order(self, batch: Batch) -> None:
        """Send one partition's messages, each after the one before was acknowledged."""
        for message in batch.messages:
            await self._producer.send_and_wait(
                self.settings.topics.account_updates, value=message.value, partition=batch.partition
            )

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Commit, unless a rebalance forbids it: then the next owner reads these records under the same positions.

        A broker that completes a rebalance answers "try again", and the client does so for ever, while the rebalance
        waits for our lock. So once partitions are to be revoked a commit has only a moment left.
        """
        commit = asyncio.ensure_future(self._consumer.commit(offsets))
        revoking = asyncio.ensure_future(self._revoking.wait())
        await asyncio.wait({commit, revoking}, return_when=asyncio.FIRST_COMPLETED)
        revoking.cancel()
        if not commit.done():
            await asyncio.wait({commit}, timeout=COMMIT_WHILE_REVOKING_S)
        try:
            if not commit.done():
                commit.cancel()
            await commit
        except (CommitFailedError, IllegalStateError, asyncio.CancelledError):
            # Writing more now would only be repeated; the assignment that must follow clears this.
            self._meter.commit_failed()
            self._rebalancing = True

    async def _flush(self) -> None:
        """Write what the merge has given out so far; what still waits in it is read again by the next owner."""
        await self._written()
        await self._write([work.collect() for work in self._work.values()])

    async def revoked(self, *, write: bool = True) -> None:
        """Write and commit what was merged, forget the rest; called by the client before a rebalance."""
        self._revoking.set()
        async with self._lock:
            self._generation += 1
            try:
                if self._failure is None:
                    # Also without writing more: what is under way must not end up behind the next owner's messages.
                    await (self._flush() if write else self._written())
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop must end with it
                self._failure = self._failure or error
            self._work.clear()
            self._reports.forget()

    async def assigned(self, places: Iterable[TopicPartition]) -> None:
        """Restore each partition's place and time; called by the client after a rebalance.

        The client swallows what a listener raises, so a failure is kept for the loop.
        """
        async with self._lock:
            try:
                self._work = await self._restored(list(places))
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop must end with it
                self._failure = self._failure or error
            self._generation += 1  # only now: what was fetched meanwhile stood before our seeks and comes again
            self._rebalancing = False
            self._revoking.clear()
        self.ready.set()

    async def _restored(self, places: list[TopicPartition]) -> dict[int, PartitionWork]:
        partitions, asked_s = verify_copartitioned(places, self._logical), self._clock.monotonic()
        starts = await starting_offsets(self._consumer, places, accept_lost=self.settings.accept_lost_records)
        tails = await read_tails(self.settings, partitions)
        broadcasts = await self._broadcasts.beginning(tails, partitions)
        first = {place: start.offset for place, start in starts.items() if start.first}
        if first:
            await self._commit(first)  # so that the next start is no first one, also where no record ever came
        # Nothing is awaited from here to the new generation: a fetch in between would go on from our seek, and be lost.
        work = {}
        for partition in partitions:
            tail = tails.get(partition)
            work[partition] = PartitionWork(
                partition, self.settings, tail.reached if tail else None, tail.mark if tail else None, heard_by(tail)
            )
            work[partition].hear_from(broadcasts.next[partition], broadcasts.end, broadcasts.asked_s)
            for name, topic in self._logical.items():
                start = starts[TopicPartition(name, partition)]
                self._consumer.seek(TopicPartition(name, partition), start.offset)
                work[partition].merge.start_at(topic, start.offset, start.end, asked_s)
        self._broadcasts.seek(broadcasts)
        return work

    async def _close(self) -> None:
        if self._writing is not None:  # something else failed meanwhile
            self._writing.cancel()
            await asyncio.wait({self._writing})
        await self._ends.stop()
        await self._broadcasts.stop()
        if self._consumer is not None:
            self._work.clear()  # leaving the group revokes: nothing may be written then
            await self._consumer.stop()
        if self._producer is not None:
            try:
                await self._producer.stop()
            except KafkaError:
                _log.warning("the producer did not stop cleanly; the failure before it is the cause")
