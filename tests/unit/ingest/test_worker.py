"""The order of writing, with a producer by hand."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from aiokafka import TopicPartition

from signals.ingest.broadcasts import Beginning
from signals.ingest.combine import Message
from signals.ingest.config import IngestSettings
from signals.ingest.partition import Batch, PartitionWork
from signals.ingest.worker import MOST_PUT_OFF, IngestWorker
from signals.streams.topics import Topics
from support.hand_clock import HandClock


class HandProducer:
    """Takes what is sent once it may, or refuses it."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.refuses = False
        self.sent: list[bytes] = []

    async def send_and_wait(self, topic: str, *, value: bytes, partition: int) -> None:
        assert (topic, partition) == ("account-updates", 0)
        await self.may.wait()
        if self.refuses:
            raise ConnectionError("gone")
        self.sent.append(value)


def batch(*values: bytes) -> Batch:
    """Return a batch of messages; no offsets, so that nothing is committed."""
    return Batch(0, [Message(value, (1,)) for value in values])


class HandWork(PartitionWork):
    """A partition that has one more batch to write."""

    def __init__(self, settings: IngestSettings, *values: bytes) -> None:
        super().__init__(0, settings, None)
        self.values = values

    def collect(self) -> Batch:
        return batch(*self.values)


@pytest.fixture
async def worker() -> Any:
    """A worker in the middle of writing a first message, with a second one to come."""
    worker: Any = IngestWorker(IngestSettings("nowhere", Topics(1)), HandClock())
    worker._producer = HandProducer()
    worker._work = {0: HandWork(worker.settings, b"second")}
    worker._writing = asyncio.create_task(worker._write([batch(b"first")]))
    await asyncio.sleep(0)
    return worker


async def test_a_later_message_waits_for_the_one_that_is_being_written(worker: Any) -> None:
    """Writing goes on beside reading, but there is never more than one such task."""
    flush = asyncio.create_task(worker._flush())
    await asyncio.sleep(0)
    assert worker._producer.sent == []
    worker._producer.may.set()
    await flush
    assert worker._producer.sent == [b"first", b"second"]


async def test_a_later_message_never_passes_a_lost_one(worker: Any) -> None:
    """It would raise the accounts' high-water marks over the lost one: the member ends instead."""
    worker._producer.refuses = True
    worker._producer.may.set()
    with pytest.raises(ConnectionError):
        await worker._flush()
    assert worker._producer.sent == []


async def test_an_assignment_that_is_lost_waits_for_what_is_being_written(worker: Any) -> None:
    """A message that came after the next owner had read the topic's tail would stand behind its own."""
    lost = asyncio.create_task(worker.revoked(write=False))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not lost.done()
    worker._producer.may.set()
    await lost
    assert worker._producer.sent == [b"first"]
    assert worker.partitions == ()


async def test_a_backlog_is_read_on_while_a_write_is_under_way_but_not_for_ever(worker: Any) -> None:
    """Live, what is due waits for the write before; in a backlog some more rounds are read first."""
    backlog, live = {"any": [None] * worker.settings.fetch_records}, {"any": [None]}
    assert not await worker._goes_on(live)
    assert [await worker._goes_on(backlog) for _ in range(MOST_PUT_OFF + 1)] == [True] * MOST_PUT_OFF + [False]
    worker._producer.may.set()
    await worker._written()
    assert not await worker._goes_on(backlog)


class HandConsumer:
    """One partition of each topic with three records on usage; nothing was ever committed. Commits take their time."""

    def __init__(self) -> None:
        self.positions: dict[TopicPartition, int] = {}
        self.fetched = asyncio.Event()

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: 3 if place.topic.startswith("usage") else 0 for place in places}

    async def committed(self, place: TopicPartition) -> None:
        assert place

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        assert offsets
        for _ in range(20):
            await asyncio.sleep(0)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.positions[place] = offset

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        assert timeout_ms
        assert max_records
        for _ in range(20):
            await asyncio.sleep(0)
            for place, position in self.positions.items():
                if place.topic.startswith("usage") and position < 3:
                    self.positions[place] = 3
                    return {place: [record(offset) for offset in range(position, 3)]}
        return {}

    def highwater(self, place: TopicPartition) -> None:
        assert place

    def last_poll_timestamp(self, place: TopicPartition) -> None:
        assert place

    def paused(self) -> set[TopicPartition]:
        return set()


class NoBroadcasts:
    """Nothing was ever broadcast."""

    async def beginning(self, _: object, partitions: Sequence[int]) -> Beginning:
        return Beginning(dict.fromkeys(partitions, 0), 0, 0.0)

    def seek(self, beginning: Beginning) -> None:
        assert beginning.end == 0

    async def offer(self, *_: object) -> None:
        return

    def ask(self, _: object) -> None:
        return


def record(offset: int) -> Any:
    """Return what the client gives for one record of usage."""
    at = f"2026-03-01T00:00:0{offset}Z"
    value = {"kind": "user_acted", "org_id": "acme", "at": at, "person_id": "p", "action": "insight created"}
    return SimpleNamespace(
        offset=offset, key=b"acme", value=msgspec.json.encode(value), headers=(), timestamp=1_800_000_000_000
    )


async def test_what_is_fetched_while_a_first_start_commits_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that goes on from our seek belongs to the new assignment, whenever it comes back."""

    async def no_tails(*_: object) -> dict[int, Any]:
        return {}

    monkeypatch.setattr("signals.ingest.worker.read_tails", no_tails)
    worker: Any = IngestWorker(IngestSettings("nowhere", Topics(1)), HandClock())
    worker._consumer, worker._ends = HandConsumer(), SimpleNamespace(answers=list, ask=list)
    worker._broadcasts = NoBroadcasts()
    places = [TopicPartition(name, 0) for name in worker._logical]

    await asyncio.gather(worker.assigned(places), worker._round())
    for _ in range(3):
        await worker._round()

    assert worker._failure is None
    assert worker._work[0].merge.buffered("usage") + worker._work[0].collect().offsets.get("usage", 0) == 3


async def test_an_account_topic_is_read_past_what_is_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction's end takes an offset; the partition would wait for a record that never comes."""

    async def no_tails(*_: object) -> dict[int, Any]:
        return {}

    class Ended(HandConsumer):
        """The third record of usage is the end of a transaction."""

        async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
            fetched = await super().getmany(timeout_ms=timeout_ms, max_records=max_records)
            return {place: records[:-1] for place, records in fetched.items()}

        async def position(self, place: TopicPartition) -> int:
            return self.positions[place]

        def highwater(self, place: TopicPartition) -> int:  # type: ignore[override]  # this one knows
            return 3 if place.topic.startswith("usage") else 0

        def last_poll_timestamp(self, place: TopicPartition) -> int:  # type: ignore[override]  # this one knows
            assert place
            return 1_800_000_000_000

    monkeypatch.setattr("signals.ingest.worker.read_tails", no_tails)
    worker: Any = IngestWorker(IngestSettings("nowhere", Topics(1)), HandClock())
    worker._consumer, worker._ends = Ended(), SimpleNamespace(answers=list, ask=list)
    worker._broadcasts = NoBroadcasts()
    await worker.assigned([TopicPartition(name, 0) for name in worker._logical])
    await worker._round()
    assert worker._failure is None
    assert (worker._work[0].merge.position("usage"), worker._work[0].merge.lag("usage")) == (3, 2)
