"""Detect workers as processes, messages for them, and what came of both."""

import asyncio
import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from signals.domain.signal import Transition
from signals.streams import codec
from signals.streams.offsets import GroupOffsets
from signals.streams.tables import changelog_topic, detect_group
from signals.streams.topics import Topics, partition_for
from support.brokers import Broker
from support.fake_engine import arrival, transition, updates

WORKER = Path(__file__).parent / "detect_worker.py"
READY_S = 30.0
ACCOUNTS_PER_PARTITION = 5


@dataclass
class Worker:
    """One worker process."""

    process: subprocess.Popen[str]
    log: Path

    def wait_ready(self) -> None:
        """Return when the worker has said that its table is ready."""
        assert self.says_ready(), f"worker said nothing, exit {self.process.poll()}\n{self.log.read_text()[-3000:]}"

    def says_ready(self) -> bool:
        """Return whether the worker says that its table is ready; not when it ends before."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], READY_S)
        return bool(readable) and self.process.stdout.readline().strip() == "ready"

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def exit_within(self, seconds: float) -> int | None:
        """Return its exit code, None when it still runs then."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.terminate()
        return self.process.wait(READY_S)


@dataclass
class Scene:
    """A broker, topics of one test, its workers, and what was produced."""

    broker: Broker
    topics: Topics
    workers: list[Worker] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    last_offset: dict[str, int] = field(default_factory=dict)
    produced: Counter[int] = field(default_factory=Counter)

    def worker(self, name: str | None = None, *, program: Path = WORKER, **options: Any) -> Worker:
        """Start one more worker; with a name it is a static member."""
        given = {
            "bootstrap": self.broker.bootstrap, "prefix": self.topics.prefix, "partitions": self.topics.partitions,
            "instance": name, "embedded": self.broker.kind == "embedded",
            # The mock cluster lets every rebalance take the session less a second; Kafka allows no session below 6 s.
            "session_s": 3 if self.broker.kind == "embedded" else 6,
        } | options  # fmt: skip
        log = Path(f"/tmp/{self.topics.prefix}worker{len(self.workers)}.log")  # noqa: S108  # removed by end()
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, str(program), json.dumps(given)], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.workers.append(Worker(process, log))
        return self.workers[-1]

    def end(self) -> None:
        """Kill what still runs. Logs stay when ``SIGNALS_KEEP_LOGS`` is set."""
        for worker in self.workers:
            worker.kill()
            if worker.process.stdout is not None:
                worker.process.stdout.close()
            if "SIGNALS_KEEP_LOGS" not in os.environ:
                worker.log.unlink(missing_ok=True)

    async def produce(self, messages: int) -> None:
        """Write *messages* messages, over all partitions in turn, each with one event for each of five accounts."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            for number in range(messages):
                partition = number % self.topics.partitions
                offset = self.produced[partition]
                self.produced[partition] += 1
                arrivals = [arrival(org, offset, partition=partition) for org in accounts(partition, self.topics)]
                for one in arrivals:
                    self.last_offset[one.event.org_id] = offset
                    self.expected.add(transition(one.event.org_id, f"e{offset}", 1, one.event.at).id)
                await producer.send(
                    self.topics.account_updates, codec.encode_updates(updates(partition, *arrivals)),
                    partition=partition,
                )  # fmt: skip
            await producer.flush()
        finally:
            await producer.stop()

    async def transitions(self, *, deadline_s: float, until: set[str] | None = None) -> Counter[str]:
        """Return id -> times seen on signal-events, as soon as all expected ones are there or the deadline is over."""
        wanted = self.expected if until is None else until
        seen: Counter[str] = Counter()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.broker.bootstrap, fetch_max_wait_ms=100, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ones = [TopicPartition(self.topics.signal_events, n) for n in range(self.topics.partitions)]
            consumer.assign(ones)
            deadline = time.monotonic() + deadline_s
            while time.monotonic() < deadline and not wanted <= set(seen):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    seen.update(codec.decode_json(record.value, Transition).id for record in records)
        finally:
            await consumer.stop()
        return seen

    async def committed(self, *, deadline_s: float) -> dict[int, int | None]:
        """Return partition -> committed offset, once it equals what was produced or the deadline is over."""
        offsets = GroupOffsets(self.broker.bootstrap, detect_group(self.topics), self.topics.account_updates)
        await offsets.start()
        try:
            deadline = time.monotonic() + deadline_s
            while True:
                found = {n: await offsets.committed(n) for n in range(self.topics.partitions)}
                if found == dict(self.produced) or time.monotonic() > deadline:
                    return found
                await asyncio.sleep(0.1)
        finally:
            await offsets.stop()

    async def stored(self) -> dict[str, int]:
        """Return account -> last applied offset, as a worker would recover it from the changelog."""
        values: dict[str, int] = {}
        for record in await self._all_of(changelog_topic(self.topics)):
            ((_, offset),) = codec.decode_account(record.value).life.positions.values()
            values[record.key.decode()] = offset
        return values

    async def states(self) -> dict[str, tuple[int, int]]:
        """Return signal -> partition and ``seq`` of its last record on signal-state."""
        records = await self._all_of(self.topics.signal_state)
        return {one.key.decode(): (one.partition, json.loads(one.value)["seq"]) for one in records}

    async def say_late(self, signal_id: str, partition: int) -> None:
        """Write a step of ``seq`` 0, older than any, to signal-state."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap)
        await producer.start()
        try:
            await producer.send_and_wait(
                self.topics.signal_state, b'{"seq":0}', key=signal_id.encode(), partition=partition
            )
        finally:
            await producer.stop()

    async def _all_of(self, topic: str) -> list[Any]:
        """Return every record of a topic, in the order of each partition."""
        found: list[Any] = []
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.broker.bootstrap, fetch_max_wait_ms=100, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ones = [TopicPartition(topic, n) for n in range(self.topics.partitions)]
            consumer.assign(ones)
            ends = await consumer.end_offsets(ones)
            while any([await consumer.position(one) < ends[one] for one in ones]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
        finally:
            await consumer.stop()
        return found


def accounts(partition: int, topics: Topics) -> list[str]:
    """Return five account ids that belong on *partition*."""
    names = (f"org{number}" for number in range(10_000))
    mine = (name for name in names if partition_for(name, topics.partitions) == partition)
    return [next(mine) for _ in range(ACCOUNTS_PER_PARTITION)]
