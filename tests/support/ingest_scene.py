"""Ingest members on the embedded broker, and what they have written."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.events.kinds import MERGED_TOPICS
from signals.domain.update import AccountUpdates
from signals.ingest.config import IngestSettings
from signals.ingest.meter import NoMeter
from signals.ingest.produce import produce
from signals.ingest.record import RawRecord
from signals.ingest.worker import IngestWorker
from signals.streams.codec import decode_updates
from signals.streams.local_broker import LocalBroker
from signals.streams.topics import Topics
from support.ingest_member import SystemClock


class CountingMeter(NoMeter):
    """Counts outcomes and packs."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.packs: list[int] = []

    def records(self, topic: Any, outcome: str, count: int) -> None:
        assert topic in MERGED_TOPICS
        self.outcomes[outcome] += count

    def message(self, packs: Sequence[int]) -> None:
        self.packs.extend(packs)


def settings_for(broker: LocalBroker, topics: Topics, **changed: Any) -> IngestSettings:
    """Return settings of a member that is quick and takes its time from the input."""
    values: dict[str, Any] = {
        "time": "input", "merge_wait": timedelta(milliseconds=100), "mark_every": timedelta(milliseconds=50),
        "session": timedelta(seconds=6),
    }  # fmt: skip
    return IngestSettings(broker.bootstrap, topics, **(values | changed))


@asynccontextmanager
async def working(settings: IngestSettings, meter: CountingMeter | None = None) -> AsyncIterator[IngestWorker]:
    """Run a member meanwhile, and stop it."""
    worker = IngestWorker(settings, SystemClock(), meter)
    task = asyncio.create_task(worker.run())
    try:
        waiting = asyncio.create_task(worker.ready.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        waiting.cancel()
        if task.done():
            await task
        yield worker
    finally:
        await worker.stop()
        await asyncio.gather(task, return_exceptions=True)
    await task


async def read_updates(
    broker: LocalBroker, topics: Topics, enough: Callable[[list[AccountUpdates]], bool]
) -> list[AccountUpdates]:
    """Read account-updates from the beginning until *enough*, at most 30 s."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=50)
    await consumer.start()
    messages: list[AccountUpdates] = []
    try:
        consumer.assign([TopicPartition(topics.account_updates, n) for n in range(topics.partitions)])
        await consumer.seek_to_beginning()
        deadline = time.monotonic() + 30
        while not enough(messages) and time.monotonic() < deadline:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                messages.extend(decode_updates(record.value) for record in records)
    finally:
        await consumer.stop()
    assert enough(messages), f"not enough after 30 s: {len(messages)} messages"
    return messages


def closed(until: datetime, partitions: int) -> Callable[[list[AccountUpdates]], bool]:
    """Return whether every partition has a mark at or after *until*."""

    def enough(messages: list[AccountUpdates]) -> bool:
        return {m.partition for m in messages if m.mark is not None and m.mark >= until} == set(range(partitions))

    return enough


async def put(broker: LocalBroker, topics: Topics, records: list[RawRecord]) -> None:
    """Produce all records."""
    await produce(records, bootstrap=broker.bootstrap, topics=topics)


async def until(condition: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Poll a condition, at most 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        result = condition()
        if await result if isinstance(result, Awaitable) else result:
            return
        await asyncio.sleep(0.05)  # a process other than ours moves meanwhile
    pytest.fail(f"not within 30 s: {what}")
