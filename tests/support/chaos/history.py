"""The input: a simulated company, sent in the order of event time, and what ``replay`` makes of it."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from signals.backtest.replay import Replayed, Watch, replay
from signals.domain.events.kinds import INPUT_TOPICS
from signals.ingest.lines import LineReader
from signals.ingest.record import RawRecord
from signals.settings.load import Configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.streams.topics import Topics
from signals.wiring.catalogue import catalogue_of
from signals.wiring.kafka import decoder_of
from signals.wiring.policy import policy_of

RETRY_S = 1.0


@dataclass(frozen=True)
class History:
    """Records per partition, in the order of event time, and the instant all is driven to."""

    partitions: dict[int, list[RawRecord]]
    end: datetime

    @property
    def size(self) -> int:
        """Number of records."""
        return sum(map(len, self.partitions.values()))


def make_history(accounts: int, days: int, seed: int, partitions: int) -> History:
    """Return a company with many plots and few events, so that much comes of every record.

    In the order of event time no record is late, so what comes out may not depend on who was away when.
    """
    simulation = simulate(
        SimulationSettings(
            accounts=accounts, days=days, seed=seed, events_per_day=1.0, plot_share=1.0, bad_input_share=0.002
        )
    )
    lines = sorted((to_line(record) for record in simulation.records()), key=_turn)
    reader = LineReader(partitions)
    found: dict[int, list[RawRecord]] = {number: [] for number in range(partitions)}
    for record in (*reader.read(lines), *reader.closing(simulation.end)):
        found[record.partition].append(record)
    return History(found, simulation.end)


def _turn(line: bytes) -> tuple[datetime, int]:
    """Return the merge's key of a line, without the offset; what has no time goes first."""
    record = msgspec.json.decode(line)
    try:
        at = datetime.fromisoformat(record["value"]["at"])
    except (TypeError, KeyError, ValueError):
        at = datetime.min.replace(tzinfo=UTC)
    return at.astimezone(UTC), INPUT_TOPICS.index(record["topic"])


@dataclass
class Feed:
    """Sends a history: per partition one record after the other, each acknowledged before the next.

    So the brokers get a partition's records in the order of time whatever happens to them meanwhile.
    """

    history: History
    bootstrap: str
    topics: Topics
    rate: float
    """Records a second, over all partitions."""
    sent: int = 0
    retries: int = 0
    last: dict[int, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Send everything."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for records in self.history.partitions.values():
                tasks.create_task(self._send(records, begun))

    async def _send(self, records: Sequence[RawRecord], begun: float) -> None:
        rate = self.rate * len(records) / self.history.size
        producer = await self._producer()
        try:
            for count, record in enumerate(records):
                if (ahead := begun + count / rate - time.monotonic()) > 0:
                    await asyncio.sleep(ahead)
                while True:
                    try:
                        await producer.send_and_wait(
                            self.topics.input(record.topic), value=record.value, key=record.key,
                            partition=record.partition, headers=list(record.headers),
                        )  # fmt: skip
                        break
                    except KafkaError:
                        # Perhaps it is there, perhaps not. Sent again it may stand there twice; what is expected is
                        # computed from what stands there.
                        self.retries += 1
                        await producer.stop()
                        await asyncio.sleep(RETRY_S)
                        producer = await self._producer()
                self.sent += 1
        finally:
            await producer.stop()

    async def _producer(self) -> AIOKafkaProducer:
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, enable_idempotence=True, acks="all", max_request_size=2_097_152
            )
            try:
                await producer.start()
            except KafkaError:
                await producer.stop()
                await asyncio.sleep(RETRY_S)
            else:
                return producer


async def read_inputs(bootstrap: str, topics: Topics) -> list[RawRecord]:
    """Return what stands on the input topics."""
    found = []
    for topic in INPUT_TOPICS:
        for one in await read_topic(bootstrap, topics.input(topic), topics.partitions):
            found.append(  # noqa: PERF401  # a comprehension over two loops and an await reads worse
                RawRecord(topic, one.partition, one.offset, one.key, one.value, tuple(one.headers), one.timestamp)
            )
    return found


class Kept(msgspec.Struct, frozen=True):
    """One record of a topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


async def read_topic(bootstrap: str, name: str, partitions: int) -> list[Kept]:
    """Return every record of a topic, up to its end now."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )  # fmt: skip
    try:
        await consumer.start()
        places = [TopicPartition(name, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Kept] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [
                    Kept(one.partition, one.offset, one.key, one.value, tuple(one.headers), one.timestamp)
                    for one in batch
                ]
        return found
    finally:
        await consumer.stop()


def expected_of(records: Iterable[RawRecord], configuration: Configuration, end: datetime, watch: Watch) -> Replayed:
    """Return what ``signals replay`` gives for these records; *watch* sees every step."""
    return replay(
        records,
        decoder=decoder_of(configuration),
        catalogue=catalogue_of(configuration),
        policy=policy_of(configuration.settings),
        epoch=configuration.settings.kafka.epoch,
        until=end,
        watch=watch,
    )
