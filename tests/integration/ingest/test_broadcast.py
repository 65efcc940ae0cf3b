"""Broadcasts through ingest members on the embedded broker, while partitions change their owner."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import msgspec
import pytest

from signals.domain.events.incidents import IncidentResolved
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.domain.update import AccountUpdates, Arrival
from signals.ingest.deadletters import Replayed, list_dead_letters, replay_dead_letters
from signals.ingest.lines import LineReader
from signals.ingest.rekey import undrained
from signals.streams.deadletter import bury_arrival
from signals.streams.topics import Topics
from support.brokers import embedded_broker
from support.ingest_member import serve
from support.ingest_scene import CountingMeter, put, read_updates, settings_for, until, working
from support.records import at_minute

pytestmark = pytest.mark.kafka

PARTITIONS = 4


@pytest.fixture
def topics() -> Topics:
    """Fresh topics."""
    return embedded_broker().topics(PARTITIONS)


@pytest.fixture
def broker() -> Any:
    """The embedded broker."""
    return embedded_broker().embedded


def said(number: int, **changed: object) -> bytes:
    """Return the line of a broadcast, an hour after the one before."""
    value = {"kind": "incident_declared", "org_id": "*", "at": at_minute(60 * number).isoformat(), "severity": 2}
    return msgspec.json.encode(
        {"topic": "broadcast", "key": "*", "value": value | {"incident_id": f"i{number}"} | changed}
    )


def reported(number: int) -> list[bytes]:
    """Return a line for each of eight accounts, half an hour after the broadcast of that number."""
    at = at_minute(60 * number + 30).isoformat()
    return [
        msgspec.json.encode({
            "topic": "usage", "key": f"org {n}",
            "value": {"kind": "usage_reported", "org_id": f"org {n}", "day": "2026-03-01", "at": at},
        })
        for n in range(8)
    ]  # fmt: skip


def heard(messages: Sequence[AccountUpdates]) -> dict[int, list[int]]:
    """Return the offsets of the broadcasts that each partition was told of, in order."""
    found: dict[int, list[int]] = {number: [] for number in range(PARTITIONS)}
    for message in messages:
        if message.broadcast is not None:
            found[message.partition].append(message.broadcast.position.offset)
    return found


def reports_in(messages: Sequence[AccountUpdates]) -> set[tuple[str, datetime]]:
    """Return account and time of the reports in the packs; a killed member's may be there twice."""
    return {(org_id, one.event.at) for m in messages for org_id, pack in m.packs.items() for one in pack}


def hears(count: int) -> Callable[[list[AccountUpdates]], bool]:
    """Return whether every partition has been told of as many."""
    return lambda messages: all(len(set(offsets)) >= count for offsets in heard(messages).values())


async def test_partitions_that_move_neither_miss_a_broadcast_nor_hear_one_twice(broker: Any, topics: Topics) -> None:
    """One member, then two, then the other killed: each partition hears each once, between the right events."""
    reader = LineReader(PARTITIONS)
    settings = settings_for(broker, topics)
    context = get_context("spawn")
    stop, owned = context.Event(), context.Value("i", 0)
    other = context.Process(target=serve, args=(settings, stop, owned), daemon=True)

    async def send(number: int) -> None:
        await put(broker, topics, list(reader.read([said(number), *reported(number)])))

    async with working(settings) as worker:
        await send(0)
        await read_updates(broker, topics, hears(1))
        other.start()
        await until(lambda: len(worker.partitions) == owned.value == 2, "two members share")
        await send(1)
        await read_updates(broker, topics, hears(2))
        await send(2)
        if other.pid is not None:
            other.kill()
        await asyncio.to_thread(other.join, 30)
        assert other.exitcode == -signal.SIGKILL
        await send(3)
        await until(lambda: len(worker.partitions) == PARTITIONS, "the dead member's partitions")
        messages = await read_updates(broker, topics, hears(4))
    async with working(settings):
        await send(4)
        messages = await read_updates(broker, topics, lambda messages: len(reports_in(messages)) == 5 * 8)

    assert heard(messages) == {number: list(range(5)) for number in range(PARTITIONS)}
    for message in messages:
        # Merged by time: what was said at each hour stands before the reports of its half hour and after those before.
        after = message.heard[1] if message.heard is not None else -1
        assert all(at_minute(60 * after) <= at < at_minute(60 * (after + 1)) for _, at in reports_in([message]))


async def test_a_refused_broadcast_is_one_dead_letter_whoever_takes_over(broker: Any, topics: Topics) -> None:
    """All partitions read it, one buries it, and none reads it again: its place is told although nothing else is."""
    reader = LineReader(PARTITIONS)
    lines = [said(0), said(1, kind="usage_reported", day="2026-03-01"), said(2, incident_id=7)]
    await put(broker, topics, list(reader.read(lines)))
    meter = CountingMeter()
    for _ in range(2):
        async with working(settings_for(broker, topics), meter):
            messages = await read_updates(
                broker, topics, lambda messages: {m.partition for m in messages if m.heard == (1, 2)} == {0, 1, 2, 3}
            )
    assert heard(messages) == {number: [0] for number in range(PARTITIONS)}
    letters = await list_dead_letters(bootstrap=broker.bootstrap, topics=topics)
    assert [(one.reason, one.position) for one in letters] == [
        (DeadReason.WRONG_TOPIC, "1:broadcast:0:1"),
        (DeadReason.INVALID, "1:broadcast:0:2"),
    ]
    assert meter.outcomes == {"taken": 1, "dead": 2}
    assert not [one for one in await undrained(broker.bootstrap, topics) if topics.input("broadcast") in one]


async def test_a_broadcast_that_every_partition_refused_is_sent_again_once(broker: Any, topics: Topics) -> None:
    """Or all accounts would hear it as often as there are partitions."""
    event = IncidentResolved(org_id="*", at=at_minute(0), incident_id="i")
    letter = bury_arrival(Arrival(Position(1, "broadcast", 0, 7), event.at, event), DeadReason.TOO_LATE, "late")
    done = await replay_dead_letters([letter] * PARTITIONS, bootstrap=broker.bootstrap, topics=topics)
    assert done == Replayed(1, ())


async def test_a_broadcast_nobody_has_taken_is_under_way(broker: Any, topics: Topics) -> None:
    """An installation does not grow past it."""
    await put(broker, topics, list(LineReader(PARTITIONS).read([said(0), said(1)])))
    waiting = await undrained(broker.bootstrap, topics)
    name = topics.input("broadcast")
    assert waiting == [f"{name}: 2 records not taken for partition {number}" for number in range(PARTITIONS)]
