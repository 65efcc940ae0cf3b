"""The deliver role of one sink: ``deliveries.<sink>`` in, cards out, ``sent.<sink>`` as its memory.

Per delivery: skip it when its ``seq`` is not above the last one sent to that destination; send it, with every retry;
write what the service answered to ``sent.<sink>`` and await the broker; only then is it done, and the commit may pass
it. So a crash repeats a delivery and never loses one, and the repeat is told that it may be one.

Calls are made under a lease (``sinks.lease``) that each commit renews: a process that was paused or cut off for longer
than its session makes none until the group has confirmed it, for somebody else may be sending by then.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from signals.sinks.contract import Clock, Digests, Sent, Sink
from signals.sinks.delivery import Patience
from signals.sinks.lease import Lease
from signals.streams import aiokafka_patches
from signals.streams.aiokafka_patches import offsets_of_group
from signals.streams.catch_up import CatchUp, CatchUpDesk, Gatherings
from signals.streams.desk import DeliverMeter, Desk
from signals.streams.lane import Lane
from signals.streams.oldest import Oldest
from signals.streams.outbox import KafkaOutbox, Outbox
from signals.streams.sent_log import SentKey, read_sent
from signals.streams.topics import Topics
from signals.streams.waiting import TRIED_BEFORE, Due

LOG = logging.getLogger(__name__)

POLL_MS = 200
COMMIT_EVERY_S = 1.0
POLL_RECORDS = 100
CLOSE_GRACE_S = 8.0
# For calls under way at a stop or rebalance; Slack answers within a second or two. Must stay below the 15 s that the
# parent gives and below the rebalance time-out, or others wait for us.
LEASE_SHARE = 0.75
# Of the session: the coordinator counts it from the last heartbeat, a quarter of it before a commit at most.
EACH_STEP = frozenset({"webhook"})
"""Sinks that tell every step; the others show a state, and need not show one that is over before they come to it."""
CLEAN = "clean"
# Metadata of a commit after which nothing was under way: whoever goes on from there need not look anything up.


@dataclass(frozen=True)
class DeliverRole:
    """How the deliver worker of one sink runs; the parameters are those of ``DetectRole``."""

    bootstrap: str
    topics: Topics
    instance: str | None = None
    session: timedelta = timedelta(seconds=10)
    client: Mapping[str, object] = field(default_factory=dict, repr=False)
    catch_up: CatchUp = field(default_factory=CatchUp)


@dataclass
class DeliverStatus:
    """What the health page may ask of a running deliver role. Written by ``run_deliver`` only."""

    partitions: frozenset[int] | None = None

    def served(self) -> int:
        """Return how many partitions this worker serves now."""
        return len(self.partitions or ())

    def assigned(self) -> str | None:
        """Return None when this worker serves partitions, else why not (a ``telemetry.health`` check)."""
        if self.partitions is None:
            return "starting"
        return None if self.partitions else "no partition of deliveries"


def deliver_group(topics: Topics, sink: str) -> str:
    """Return the consumer group of one sink's workers."""
    return f"{topics.prefix}signals-deliver-{sink}"


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
    digests: Digests | None = None,
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
    digests
        *sink* itself, if it can show a digest instead of many stale cards; see ``role.catch_up``.

    Raises
    ------
    Transient, Permanent
        The sink could not be started as configured.
    Exception
        The broker did not take what must be remembered; started again, the delivery is repeated.
    """
    outbox = KafkaOutbox(role.bootstrap, client=role.client)
    run = _Run(role, sink, meter, patience, clock, outbox, status or DeliverStatus(), ready, digests)
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
        digests: Digests | None,
    ) -> None:
        self._role, self._sink, self._meter = role, sink, meter
        self._patience, self._clock, self._outbox = patience, clock, outbox
        self._status, self._ready, self._digests = status, ready, digests
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
        self._oldest: dict[int, Oldest] = {}
        self._assigned: set[int] = set()
        self._generation = 0
        self._lease, self._gatherings = self._new_lease(), self._new_gatherings()
        self._failure: BaseException | None = None

    async def start(self) -> None:
        aiokafka_patches.apply()
        await self._consumer.start()
        self._running = True
        self._consumer.subscribe([self._topic], listener=self)

    async def serve(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        next_commit = loop.time() + COMMIT_EVERY_S
        renew_every = self._role.session.total_seconds() / 4
        next_renewal = loop.time() + renew_every
        while not stop.is_set() and self._failure is None:
            if missing := self._assigned - set(self._lanes):
                await self._open(missing)
            for one, records in (await self._consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)).items():
                if (lane := self._lanes.get(one.partition)) is not None:
                    for record in records:
                        self._oldest[one.partition].fetched(record.offset, record.timestamp)
                        tried = any(name == TRIED_BEFORE for name, _ in record.headers)
                        lane.offer(Due(record.offset, record.value or b"", tried))
            if loop.time() >= next_commit or any(lane.full for lane in self._lanes.values()):
                renew = loop.time() >= next_renewal
                await self._commit(self._lanes, everything=renew)
                next_commit = loop.time() + COMMIT_EVERY_S
                next_renewal = loop.time() + renew_every if renew else next_renewal
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
        # What an old call waits for must not be renewed by a new generation, and what old lanes held is theirs.
        self._lease, self._gatherings = self._new_lease(), self._new_gatherings()

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
        if any(doubtful for _, doubtful in starts.values()):
            # The last owner's last call may still be at work in the service: looked for now, it would not be found.
            await self._patience.sleep(self._patience.settle.total_seconds())
        # Whatever was written later can have been tried by nobody: the last owner has no lease any more.
        ends = await self._ends(partitions)
        topic = self._role.topics.sent(self._sink.name)
        sent = await read_sent(self._role.bootstrap, topic, partitions, client=self._role.client)
        if not opened or generation != self._generation:
            return  # a rebalance came in between: what was read may be old already
        for partition in partitions:
            start, doubtful = starts[partition]
            desk = self._desk(partition, sent[partition])
            self._lanes[partition] = Lane(
                start,
                doubtful_until=ends[partition] if doubtful else start,
                work=desk,
                coalesce=self._sink.name not in EACH_STEP,
                monotonic=self._patience.monotonic,
                failed=self._fail,
            )
            self._oldest[partition] = Oldest()
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
            committed = await offsets_of_group(admin, self._group, wanted)
        finally:
            await admin.close()
        begins = await self._consumer.beginning_offsets(wanted)
        starts = {}
        for one in wanted:
            known = committed[one]
            if known.offset < 0:
                # Never committed, so never opened by anybody: opening commits first.
                starts[one.partition] = (int(begins[one]), False)
            else:
                starts[one.partition] = (max(int(known.offset), int(begins[one])), known.metadata != CLEAN)
        return starts

    async def _ends(self, partitions: set[int]) -> dict[int, int]:
        wanted = [TopicPartition(self._topic, partition) for partition in partitions]
        return {one.partition: int(end) for one, end in (await self._consumer.end_offsets(wanted)).items()}

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
        waiting = [self._oldest[partition].at(lane.committable) for partition, lane in self._lanes.items()]
        oldest = min((at for at in waiting if at is not None), default=None)
        self._meter.oldest(self._sink.name, (self._clock() - oldest).total_seconds() if oldest is not None else 0.0)

    async def _close_lanes(self) -> None:
        lanes, self._lanes = self._lanes, {}
        self._status.partitions = frozenset()
        grace = CLOSE_GRACE_S if self._lease.held else 0.0  # without it what is under way waits for nothing
        await asyncio.gather(*(lane.close(grace) for lane in lanes.values()))
        await self._commit(lanes, closing=True)

    async def _commit(self, lanes: Mapping[int, Lane], *, closing: bool = False, everything: bool = False) -> None:
        """Commit what has moved, or *everything* to be confirmed as the owner."""
        offsets = {
            partition: (lane.committable, CLEAN if closing and lane.idle else "")
            for partition, lane in lanes.items()
            if closing or everything or lane.committable > lane.committed
        }
        if await self._commit_offsets(offsets):
            for partition, (offset, _) in offsets.items():
                lanes[partition].commit_moved(offset)

    async def _commit_offsets(self, offsets: Mapping[int, tuple[int, str]]) -> bool:
        if not offsets:
            return True
        asked_at = self._patience.monotonic()
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
        self._lease.confirmed(asked_at)
        return True

    def _desk(self, partition: int, sent: MutableMapping[SentKey, Sent]) -> Desk:
        common = (
            self._sink, self._role.topics, partition, sent, self._outbox, self._patience, self._clock, self._meter,
            self._lease,
        )  # fmt: skip
        if self._digests is None:
            return Desk(*common)
        return CatchUpDesk(
            *common, digests=self._digests, catch_up=self._role.catch_up, gatherings=self._gatherings
        )  # fmt: skip

    def _new_gatherings(self) -> Gatherings:
        return Gatherings(self._role.catch_up, monotonic=self._patience.monotonic, sleep=self._patience.sleep)

    def _new_lease(self) -> Lease:
        return Lease(self._role.session * LEASE_SHARE, self._patience.monotonic)

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
