"""The deliver role of one sink: ``deliveries.<sink>`` in, cards out, ``sent.<sink>`` as its memory.

Per delivery: skip it when its ``seq`` is not above the last one sent to that destination; send it, with every retry;
write what the service answered to ``sent.<sink>`` and await the broker; only then is it done, and the commit may pass
it. So a crash repeats a delivery and never loses one, and the repeat is told that it may be one.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from signals.domain.errors import Transient
from signals.domain.reasons import DeadReason, FailReason
from signals.domain.signal import Delivery, Position
from signals.sinks.contract import Clock, Sent, Sink
from signals.sinks.delivery import Dead, Delivered, Patience, Skipped, deliver
from signals.streams import codec
from signals.streams.deadletter import bury, bury_delivery
from signals.streams.lane import WINDOW, Due, Lane
from signals.streams.outbox import KafkaOutbox, Outbox, Record
from signals.streams.sent_log import SentKey, erased_record, read_sent, sent_record
from signals.streams.topics import Topics

LOG = logging.getLogger(__name__)

POLL_MS = 200
COMMIT_EVERY_S = 1.0
POLL_RECORDS = 100
CLOSE_GRACE_S = 8.0
# For calls under way at a stop or rebalance; Slack answers within a second or two. Must stay below the 15 s that the
# parent gives and below the rebalance time-out, or others wait for us.
CLEAN = "clean"
# Metadata of a commit after which nothing was under way: whoever goes on from there need not look anything up.

DeliverOutcome = Literal["sent", "skipped", "retried", "dead"]


class DeliverMeter(Protocol):
    """Where deliver reports what it did; called in the event loop, must not block."""

    def delivery(self, sink: str, outcome: DeliverOutcome, reason: FailReason | None) -> None:
        """One delivery came to an end, or one attempt will be repeated (``retried``)."""

    def event_to_card(self, sink: str, seconds: float) -> None:
        """From the arrival of the event that caused a card to the service's answer."""

    def dead(self, reason: DeadReason) -> None:
        """One record is on the dead letter topic."""

    def lag(self, sink: str, records: int) -> None:
        """Deliveries not committed yet, over the partitions of this process."""


@dataclass(frozen=True)
class DeliverRole:
    """How the deliver worker of one sink runs; the parameters are those of ``DetectRole``."""

    bootstrap: str
    topics: Topics
    instance: str | None = None
    session: timedelta = timedelta(seconds=10)
    client: Mapping[str, object] = field(default_factory=dict)


@dataclass
class DeliverStatus:
    """What the health page may ask of a running deliver role. Written by ``run_deliver`` only."""

    partitions: frozenset[int] | None = None

    def assigned(self) -> str | None:
        """Return None when this worker serves partitions, else why not (a ``telemetry.health`` check)."""
        if self.partitions is None:
            return "starting"
        return None if self.partitions else "no partition of deliveries"


def deliver_group(topics: Topics, sink: str) -> str:
    """Return the consumer group of one sink's workers."""
    return f"{topics.prefix}signals-deliver-{sink}"


@dataclass
class Desk:
    """Brings single deliveries to an end: the part without consumers and offsets.

    Parameters
    ----------
    sink
        Started.
    sent
        What this partition has sent, as read from the topic; kept up to date here.
    """

    sink: Sink
    topics: Topics
    partition: int
    sent: dict[SentKey, Sent]
    outbox: Outbox
    patience: Patience
    clock: Clock
    meter: DeliverMeter

    async def work(self, due: Due, doubtful: bool) -> None:
        """Deliver one record and record the outcome; raises only when that could not be written."""
        name = self.sink.name
        position = Position(0, f"deliveries.{name}", self.partition, due.offset)
        try:
            delivery = codec.decode_json(due.value, Delivery)
        except codec.Corrupt as error:
            letter = bury(
                DeadReason.UNDECODABLE, str(error), position, stage="deliver", key=None, value=due.value
            )  # fmt: skip
            await self._write(self.topics.dead_letters, b"", letter)
            self.meter.dead(DeadReason.UNDECODABLE)
            return
        key = (delivery.transition.signal_id, delivery.destination)
        outcome = await deliver(
            self.sink,
            delivery,
            self.sent.get(key),
            patience=self.patience,
            redelivered=doubtful,
            on_retry=self._count_retry,
        )
        match outcome:
            case Skipped():
                self.meter.delivery(name, "skipped", None)
            case Delivered(sent=sent):
                await self._remember(sent, forget=delivery.transition.erased)
                self.meter.delivery(name, "sent", None)
                if delivery.caused_at is not None:
                    self.meter.event_to_card(name, (self.clock() - delivery.caused_at).total_seconds())
            case Dead(reason=reason, message=message):
                org_key = delivery.transition.org_id.encode()
                letter = bury_delivery(delivery, position, f"{reason}: {message}")
                await self._write(self.topics.dead_letters, org_key, letter)
                if delivery.transition.erased and (known := self.sent.get(key)) is not None:
                    await self._remember(known, forget=True)
                self.meter.delivery(name, "dead", reason)
                self.meter.dead(DeadReason.UNDELIVERABLE)

    async def _remember(self, sent: Sent, *, forget: bool) -> None:
        topic = self.topics.sent(self.sink.name)
        record = erased_record(topic, self.partition, sent) if forget else sent_record(topic, self.partition, sent)
        await self.outbox.send_all([record])
        if forget:
            self.sent.pop(sent.key, None)
        else:
            self.sent[sent.key] = sent

    def _count_retry(self, failure: Transient) -> None:
        self.meter.delivery(self.sink.name, "retried", failure.reason)

    async def _write(self, topic: str, key: bytes, letter: msgspec.Struct) -> None:
        await self.outbox.send_all([Record(topic, self.partition, key, codec.encode_json(letter))])


def destination_of(due: Due) -> str:
    """Return the queue a record belongs to; an unreadable one has its own."""
    try:
        return msgspec.json.decode(due.value, type=_Addressed).destination
    except msgspec.MsgspecError:
        return ""


class _Addressed(msgspec.Struct):
    destination: str


async def run_deliver(
    role: DeliverRole,
    sink: Sink,
    meter: DeliverMeter,
    *,
    patience: Patience,
    clock: Clock,
    stop: asyncio.Event,
    ready: Callable[[], None] | None = None,
    status: DeliverStatus | None = None,
) -> None:
    """Deliver to one sink until *stop* is set. Starts and stops *sink*.

    Parameters
    ----------
    patience, clock
        The real ones in production; their waiting and instants are faked in tests.
    stop
        Set by the caller's signal handler: calls under way get ``CLOSE_GRACE_S``, then everything done is committed.
    ready
        Called once, when the first partitions are served.

    Raises
    ------
    Transient, Permanent
        The sink could not be started as configured.
    Exception
        The broker did not take what must be remembered; started again, the delivery is repeated.
    """
    outbox = KafkaOutbox(role.bootstrap, client=role.client)
    run = _Run(role, sink, meter, patience, clock, outbox, status or DeliverStatus(), ready)
    try:
        await sink.start()
        await outbox.start()
        await run.start()
        await run.serve(stop)
    finally:
        await run.close()
        await outbox.stop()
        await sink.stop()


class _Run(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped for us
    def __init__(
        self,
        role: DeliverRole,
        sink: Sink,
        meter: DeliverMeter,
        patience: Patience,
        clock: Clock,
        outbox: Outbox,
        status: DeliverStatus,
        ready: Callable[[], None] | None,
    ) -> None:
        self._role, self._sink, self._meter = role, sink, meter
        self._patience, self._clock, self._outbox = patience, clock, outbox
        self._status, self._ready = status, ready
        self._topic = role.topics.deliveries(sink.name)
        self._group = deliver_group(role.topics, sink.name)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=role.bootstrap,
            group_id=self._group,
            group_instance_id=role.instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(role.session.total_seconds() * 1000),
            heartbeat_interval_ms=int(role.session.total_seconds() * 250),
            fetch_max_wait_ms=POLL_MS,
            **role.client,
        )
        self._running = False
        self._lanes: dict[int, Lane] = {}
        self._assigned: set[int] = set()
        self._generation = 0
        self._failure: BaseException | None = None

    async def start(self) -> None:
        await self._consumer.start()
        self._running = True
        self._consumer.subscribe([self._topic], listener=self)

    async def serve(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        next_commit = loop.time() + COMMIT_EVERY_S
        while not stop.is_set() and self._failure is None:
            if missing := self._assigned - set(self._lanes):
                await self._open(missing)
            for one, records in (await self._consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)).items():
                if (lane := self._lanes.get(one.partition)) is not None:
                    for record in records:
                        lane.offer(Due(record.offset, record.value or b""))
            if loop.time() >= next_commit or any(lane.full for lane in self._lanes.values()):
                await self._commit(self._lanes)
                next_commit = loop.time() + COMMIT_EVERY_S
            self._steer()
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        if self._running:
            self._running = False
            await self._close_lanes()
            await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002  # always all
        """Finish what is under way and commit, before anybody else is given the partitions."""
        self._assigned = set()
        self._generation += 1
        await self._close_lanes()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Note the partitions; nothing is fetched from them before their lane is open."""
        partitions = list(assigned)
        self._assigned = {one.partition for one in partitions}
        self._status.partitions = frozenset(self._assigned)
        self._consumer.pause(*partitions)

    async def _open(self, partitions: set[int]) -> None:
        generation = self._generation
        starts = await self._starts(partitions)
        # From now on things may be under way: a commit that still says "clean" would hide that from the next owner.
        opened = await self._commit_offsets({partition: (start, "") for partition, (start, _) in starts.items()})
        topic = self._role.topics.sent(self._sink.name)
        sent = await read_sent(self._role.bootstrap, topic, partitions, client=self._role.client)
        if not opened or generation != self._generation:
            return  # a rebalance came in between: what was read may be old already
        for partition in partitions:
            start, doubtful = starts[partition]
            desk = Desk(
                self._sink, self._role.topics, partition, sent[partition], self._outbox, self._patience, self._clock,
                self._meter,
            )  # fmt: skip
            self._lanes[partition] = Lane(
                start,
                doubtful_until=start + WINDOW if doubtful else start,
                destination_of=destination_of,
                work=desk.work,
                failed=self._fail,
            )
            self._consumer.seek(TopicPartition(self._topic, partition), start)
        if self._ready is not None and self._lanes:
            self._ready()
            self._ready = None

    async def _starts(self, partitions: set[int]) -> dict[int, tuple[int, bool]]:
        """Return per partition where to begin, and whether the last owner may have left something half done."""
        wanted = [TopicPartition(self._topic, partition) for partition in partitions]
        admin = AIOKafkaAdminClient(bootstrap_servers=self._role.bootstrap, **self._role.client)
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(self._group, partitions=wanted)
        finally:
            await admin.close()
        begins = await self._consumer.beginning_offsets(wanted)
        starts = {}
        for one in wanted:
            known = committed.get(one)
            if known is None or known.offset < 0:
                # Never committed, so never opened by anybody: opening commits first.
                starts[one.partition] = (int(begins[one]), False)
            else:
                starts[one.partition] = (max(int(known.offset), int(begins[one])), known.metadata != CLEAN)
        return starts

    def _steer(self) -> None:
        """Fetch only where there is room."""
        for partition, lane in self._lanes.items():
            one = TopicPartition(self._topic, partition)
            if one in self._consumer.assignment():
                (self._consumer.pause if lane.full else self._consumer.resume)(one)
        lag = 0
        for partition, lane in self._lanes.items():
            end = self._consumer.highwater(TopicPartition(self._topic, partition))
            lag += max(0, (end or 0) - lane.committable)
        self._meter.lag(self._sink.name, lag)

    async def _close_lanes(self) -> None:
        lanes, self._lanes = self._lanes, {}
        self._status.partitions = frozenset()
        await asyncio.gather(*(lane.close(CLOSE_GRACE_S) for lane in lanes.values()))
        await self._commit(lanes, closing=True)

    async def _commit(self, lanes: Mapping[int, Lane], *, closing: bool = False) -> None:
        offsets = {
            partition: (lane.committable, CLEAN if closing and lane.idle else "")
            for partition, lane in lanes.items()
            if closing or lane.committable > lane.committed
        }
        if await self._commit_offsets(offsets):
            for partition, (offset, _) in offsets.items():
                lanes[partition].commit_moved(offset)

    async def _commit_offsets(self, offsets: Mapping[int, tuple[int, str]]) -> bool:
        if not offsets:
            return True
        try:
            await self._consumer.commit(
                {
                    TopicPartition(self._topic, partition): OffsetAndMetadata(offset, note)
                    for partition, (offset, note) in offsets.items()
                }
            )
        except (CommitFailedError, IllegalStateError, KafkaError) as error:
            # The group has moved on. Whoever owns the partitions now repeats what was not committed.
            LOG.warning("offsets not committed", extra={"group": self._group, "error": repr(error)})
            return False
        return True

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
