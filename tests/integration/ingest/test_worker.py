"""An ingest member on a real protocol: the embedded broker."""

import asyncio
from collections.abc import Iterator
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS
from signals.domain.reasons import DeadReason
from signals.domain.update import AccountUpdates, Arrival
from signals.ingest.combine import CombineLimits
from signals.ingest.deadletters import DeadFilter, list_dead_letters, replay_dead_letters
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.ingest.merge import merge_all
from signals.ingest.record import RawRecord
from signals.ingest.worker import IngestWorker
from signals.streams.local_broker import LocalBroker
from signals.streams.topics import Topics
from support.ingest_member import SystemClock, serve
from support.ingest_scene import CountingMeter, closed, put, read_updates, settings_for, until, working
from support.records import at_minute

pytestmark = pytest.mark.kafka

PARTITIONS = 4


@pytest.fixture(scope="module")
def broker() -> Iterator[LocalBroker]:
    """One embedded broker for this file; each test has its own prefix."""
    with LocalBroker() as running:
        yield running


@pytest.fixture
def topics(broker: LocalBroker) -> Topics:
    """Fresh topics."""
    topics = Topics(partitions=PARTITIONS, prefix=f"t{uuid4().hex[:8]}.")
    for topic in INPUT_TOPICS:
        broker.create(topics.input(topic), PARTITIONS)
    broker.create(topics.input(BROADCAST), 1)
    broker.create(topics.account_updates, PARTITIONS)
    broker.create(topics.dead_letters, PARTITIONS)
    return topics


def history(accounts: int, days: int) -> list[bytes]:
    """Return lines of a history: two topics, all accounts, a bad record every ten days."""
    lines = []
    for day in range(days):
        for number in range(accounts):
            org_id = f"org {number}"
            report = {"kind": "usage_reported", "org_id": org_id, "day": "2026-03-01", "volumes": {"surveys": day}}
            ticket = {"kind": "ticket_opened", "org_id": org_id, "ticket_id": f"{day}"}
            for topic, minute, value in (("usage", 10 * day, report), ("crm", 10 * day + number, ticket)):
                at = at_minute(minute).isoformat()
                lines.append({"topic": topic, "key": org_id, "value": value | {"at": at}})
        if day % 10 == 0:
            lines.append({"topic": "billing", "key": "org 1", "value": "no json"})
    return [msgspec.json.encode(line) for line in lines]


def by_account(messages: list[AccountUpdates]) -> dict[str, list[Arrival]]:
    """Return each account's arrivals in order, repetitions (by position) left out, without the latency clock."""
    accounts: dict[str, list[Arrival]] = {}
    last: dict[tuple[str, str], int] = {}
    for message in messages:
        for org_id, pack in message.packs.items():
            for arrival in pack:
                place = (org_id, arrival.position.topic)
                if arrival.position.offset > last.get(place, -1):
                    last[place] = arrival.position.offset
                    bare = msgspec.structs.replace(arrival, received_at=None)
                    accounts.setdefault(org_id, []).append(bare)
    return accounts


def replayed(records: list[RawRecord]) -> dict[str, list[Arrival]]:
    """Return what a replay of the same files gives each account."""
    decoder = RecordDecoder(PARTITIONS)
    streams: dict[int, dict[Any, list[Any]]] = {n: {} for n in range(PARTITIONS)}
    for record in records:
        streams[record.partition].setdefault(record.topic, []).append(decoder.decode(record))
    accounts: dict[str, list[Arrival]] = {}
    for streams_of_one in streams.values():
        for arrival in merge_all(streams_of_one, epoch=1):
            accounts.setdefault(arrival.event.org_id, []).append(arrival)
    return accounts


async def test_a_backlog_gives_each_account_what_a_replay_of_the_files_gives(
    broker: LocalBroker, topics: Topics
) -> None:
    """Same positions, same order, same reached; bad records are dead letters; the closing record is the last mark."""
    reader = LineReader(PARTITIONS)
    records = [*reader.read(history(20, 30)), *reader.closing(at_minute(5000))]
    await put(broker, topics, records)
    meter = CountingMeter()
    async with working(settings_for(broker, topics), meter):
        messages = await read_updates(broker, topics, closed(at_minute(5000), PARTITIONS))
    assert by_account(messages) == replayed(records)
    letters = await list_dead_letters(bootstrap=broker.bootstrap, topics=topics)
    assert [(letter.reason, letter.offset) for letter in letters] == [(DeadReason.UNDECODABLE, n) for n in range(3)]
    assert meter.outcomes == {"taken": 1200, "dead": 3, "control": PARTITIONS}
    assert sum(meter.packs) == 1200
    assert all(message.mark is None or message.mark <= at_minute(5000) for message in messages)


async def test_two_members_and_a_rebalance_in_the_middle_lose_nothing_and_change_nothing(
    broker: LocalBroker, topics: Topics
) -> None:
    """One member, then two, then the other one: accounts get the same arrivals as from a replay."""
    reader = LineReader(PARTITIONS)
    lines = history(12, 60)
    third = len(lines) // 3
    records: list[RawRecord] = []

    async def put_more(part: list[bytes]) -> None:
        new = list(reader.read(part))
        records.extend(new)
        await put(broker, topics, new)

    settings = settings_for(broker, topics, combine=CombineLimits(max_events=7))
    await put_more(lines[:third])
    context = get_context("spawn")
    stop, owned = context.Event(), context.Value("i", 0)
    other = context.Process(target=serve, args=(settings, stop, owned), daemon=True)
    async with working(settings) as worker:
        other.start()
        await until(lambda: len(worker.partitions) == owned.value == 2, "two members share")
        await put_more(lines[third : 2 * third])
        stop.set()
        await asyncio.to_thread(other.join, 30)
        assert other.exitcode == 0
        await put_more(lines[2 * third :])
        closing = list(reader.closing(at_minute(9000)))
        records.extend(closing)
        await put(broker, topics, closing)
        messages = await read_updates(broker, topics, closed(at_minute(9000), PARTITIONS))
    assert {
        org_id: [(a.position, a.event) for a in sorted(arrivals, key=lambda a: a.position)]
        for org_id, arrivals in by_account(messages).items()
    } == {
        org_id: [(a.position, a.event) for a in sorted(arrivals, key=lambda a: a.position)]
        for org_id, arrivals in replayed(records).items()
    }


async def test_a_restarted_member_goes_on_with_the_time_it_had_reached(broker: LocalBroker, topics: Topics) -> None:
    """``reached`` comes back from the tail of account-updates, so a late event stays late after a restart."""
    reader = LineReader(PARTITIONS)
    await put(broker, topics, [*reader.read(history(8, 3)), *reader.closing(at_minute(100))])
    async with working(settings_for(broker, topics)):
        before = await read_updates(broker, topics, closed(at_minute(100), PARTITIONS))
    late = {"kind": "ticket_opened", "org_id": "org 3", "ticket_id": "late", "at": at_minute(50).isoformat()}
    line = msgspec.json.encode({"topic": "crm", "key": "org 3", "value": late})
    await put(broker, topics, list(reader.read([line])))
    async with working(settings_for(broker, topics)):
        messages = await read_updates(
            broker, topics, lambda messages: sum(map(len, by_account(messages).values())) == 8 * 3 * 2 + 1
        )
    arrival = by_account(messages)["org 3"][-1]
    assert (arrival.event.at, arrival.reached) == (at_minute(50), at_minute(100))
    repeated = sum(len(pack) for m in messages for pack in m.packs.values()) - 49
    assert repeated == 0
    assert len(before) <= len(messages)


async def test_a_member_refuses_to_start_when_offsets_lie_beyond_the_topics_end(
    broker: LocalBroker, topics: Topics
) -> None:
    """A recreated topic would make every new event a 'duplicate'; the message says what to do."""
    settings = settings_for(broker, topics)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=settings.group_id, enable_auto_commit=False
    )
    await consumer.start()
    place = TopicPartition(topics.input("crm"), 1)
    consumer.assign([place])
    await consumer.commit({place: 7})
    await consumer.stop()
    with pytest.raises(ConfigError, match=r"committed offset 7 lies beyond its end 0.*topic epoch"):
        await asyncio.wait_for(IngestWorker(settings, SystemClock()).run(), 30)


async def test_a_member_refuses_topics_of_another_partition_count(broker: LocalBroker, topics: Topics) -> None:
    """Accounts would lie on other partitions than the key rule says."""
    settings = settings_for(broker, Topics(partitions=PARTITIONS + 1, prefix=topics.prefix))
    with pytest.raises(ConfigError, match="has 4 partitions"):
        await asyncio.wait_for(IngestWorker(settings, SystemClock()).run(), 30)


async def test_stop_may_come_twice_and_before_run(broker: LocalBroker, topics: Topics) -> None:
    """Nothing is left running whenever it comes."""
    worker = IngestWorker(settings_for(broker, topics), SystemClock())
    await worker.stop()
    await asyncio.wait_for(worker.run(), 30)
    await worker.stop()
    assert worker.partitions == ()


async def test_a_dead_letter_replayed_after_a_fix_is_applied(broker: LocalBroker, topics: Topics) -> None:
    """The original bytes come again as a new record; here the 'fix' is the right partition."""
    value = {"kind": "ticket_opened", "org_id": "org 1", "ticket_id": "t", "at": at_minute(1).isoformat()}
    reader = LineReader(PARTITIONS)
    right = next(iter(reader.read([msgspec.json.encode({"topic": "crm", "key": "org 1", "value": value})]))).partition
    wrong = {"topic": "crm", "key": "org 1", "value": value, "partition": (right + 1) % PARTITIONS}
    await put(broker, topics, list(LineReader(PARTITIONS).read([msgspec.json.encode(wrong)])))
    async with working(settings_for(broker, topics)):

        async def written() -> bool:
            return bool(await list_dead_letters(bootstrap=broker.bootstrap, topics=topics))

        await until(written, "a dead letter")
        letters = await list_dead_letters(
            bootstrap=broker.bootstrap, topics=topics, wanted=DeadFilter(reason=DeadReason.WRONG_PARTITION)
        )
        done = await replay_dead_letters(letters, bootstrap=broker.bootstrap, topics=topics, waive_too_late=True)
        assert (done.sent, done.refused) == (1, ())
        messages = await read_updates(broker, topics, lambda messages: "org 1" in by_account(messages))
    assert [arrival.waive_too_late for arrival in by_account(messages)["org 1"]] == [True]
