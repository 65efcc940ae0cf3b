"""Deliver workers that crash, stop and hang: every card once or, when in doubt, again and told so."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer

from signals.domain.ids import delivery_id
from signals.domain.signal import Delivery, Position
from signals.ingest.deadletters import replay_dead_letters
from signals.streams import codec
from signals.streams.deadletter import bury_delivery
from signals.streams.sent_log import read_sent
from support.detect_scene import Scene, Worker
from support.fake_engine import EPOCH, transition

pytestmark = pytest.mark.kafka

PROGRAM = Path(__file__).parent.parent.parent / "support/deliver_worker.py"


class Call(NamedTuple):
    """One call of the sink."""

    signal_id: str
    seq: int
    last: int
    redelivered: bool
    destination: str


def deliver_worker(scene: Scene, path: Path, name: str | None = None, **options: object) -> Worker:
    """Start a worker that writes its calls to *path*."""
    worker = scene.worker(name, program=PROGRAM, file=str(path), **options)
    worker.wait_ready()
    return worker


async def produce(scene: Scene, signals: range, seqs: range, destination: str = "c") -> None:
    """Write deliveries: every seq of every signal, signals over all partitions in turn."""
    producer = AIOKafkaProducer(bootstrap_servers=scene.broker.bootstrap)
    await producer.start()
    for seq in seqs:
        for number in signals:
            one = transition("acme", f"s{number}", seq, EPOCH)
            delivery = Delivery(
                id=delivery_id(one.signal_id, seq, "slack", destination), sink="slack", destination=destination,
                transition=one,
            )  # fmt: skip
            await producer.send(scene.topics.deliveries("slack"), codec.encode_json(delivery), partition=number % 4)
    await producer.stop()


def calls(path: Path) -> list[Call]:
    """Return the calls so far."""
    lines = path.read_text().splitlines() if path.exists() else []
    rows = [line.split() for line in lines]
    return [Call(row[0], int(row[1]), int(row[2]), row[3] == "1", row[4]) for row in rows if len(row) == 5]


async def calls_when(path: Path, count: int, *, deadline_s: float = 20) -> list[Call]:
    """Return the calls once *count* different ones are there, or when the deadline is over."""
    deadline = time.monotonic() + deadline_s
    while True:
        found = calls(path)
        if len({(one.signal_id, one.seq, one.destination) for one in found}) >= count or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.05)


async def sent_seqs_when(scene: Scene, wanted: int, *, deadline_s: float = 5) -> set[int]:
    """Return the highest seq of each signal on sent.slack, once all are *wanted* or the deadline is over."""
    deadline = time.monotonic() + deadline_s
    while True:
        found = await read_sent(scene.broker.bootstrap, scene.topics.sent("slack"), range(4))
        seqs = {sent.seq for known in found.values() for sent in known.values()}
        if seqs == {wanted} or time.monotonic() > deadline:
            return seqs


async def test_a_killed_worker_repeats_only_what_it_did_not_record(scene: Scene, tmp_path: Path) -> None:
    """In order per signal, nothing lost; what is sent again is sent as perhaps a repeat."""
    path = tmp_path / "calls"
    worker = deliver_worker(scene, path, "d", takes_ms=3)
    await produce(scene, range(20), range(1, 6))
    await calls_when(path, 30)
    worker.kill()

    deliver_worker(scene, path, "d", takes_ms=3)
    found = await calls_when(path, 100)

    times = Counter((one.signal_id, one.seq) for one in found)
    assert len(times) == 100
    seen: dict[str, int] = {}
    for one in found:
        if times[one.signal_id, one.seq] == 1 or one.seq > seen.get(one.signal_id, 0):
            assert one.seq == seen.get(one.signal_id, 0) + 1
        else:
            assert one.redelivered
        seen[one.signal_id] = one.seq
        assert one.last in (one.seq - 1, one.seq)
    assert set(times.values()) <= {1, 2}


async def test_a_stopped_worker_leaves_no_doubt(scene: Scene, tmp_path: Path) -> None:
    """After an orderly stop nothing is repeated and nothing need be looked up."""
    path = tmp_path / "calls"
    worker = deliver_worker(scene, path, takes_ms=3)
    await produce(scene, range(8), range(1, 4))
    await calls_when(path, 24)
    assert worker.stop() == 0

    await produce(scene, range(8), range(4, 6))
    deliver_worker(scene, path, takes_ms=3)
    found = await calls_when(path, 40)

    assert len(found) == 40
    assert not any(one.redelivered for one in found)
    assert all(one.last == one.seq - 1 for one in found)


async def test_a_worker_paused_beyond_its_session_sends_nothing_when_it_wakes(scene: Scene, tmp_path: Path) -> None:
    """Another one has sent its cards meanwhile; what it was about to do next would show them twice."""
    path = tmp_path / "calls"
    paused = deliver_worker(scene, path, takes_ms=200)
    await produce(scene, range(8), range(1, 4))
    await calls_when(path, 6)
    paused.process.send_signal(signal.SIGSTOP)
    before = len(calls(path))

    deliver_worker(scene, path, takes_ms=3)
    assert len({(one.signal_id, one.seq) for one in await calls_when(path, 24)}) == 24
    paused.process.send_signal(signal.SIGCONT)
    await produce(scene, range(8), range(4, 6))
    found = await calls_when(path, 40)

    assert {(one.signal_id, one.seq) for one in found[:before]} & {(one.signal_id, one.seq) for one in found[before:]}
    times = Counter((one.signal_id, one.seq) for one in found)
    assert len(times) == 40
    # Under way when it was paused: one per partition. The other worker was told to look for those.
    twice = {key for key, count in times.items() if count > 1}
    assert len(twice) <= 4
    assert all(one.redelivered for one in found[before:] if (one.signal_id, one.seq) in twice)
    assert max(times.values()) <= 2


async def test_a_channel_that_hangs_holds_up_nobody_else(scene: Scene, tmp_path: Path) -> None:
    """All other destinations of the same partitions are served, and remembered."""
    path = tmp_path / "calls"
    deliver_worker(scene, path, stuck="down")
    await produce(scene, range(4), range(1, 2), destination="down")
    await produce(scene, range(4), range(1, 11))

    found = await calls_when(path, 44)

    assert Counter(one.destination for one in found) == {"down": 4, "c": 40}
    assert await sent_seqs_when(scene, 10) == {10}


async def test_a_dead_letter_is_sent_again_as_one_that_may_have_arrived(scene: Scene, tmp_path: Path) -> None:
    """Refused at first, repaired, replayed: the sink looks before it posts."""
    path = tmp_path / "calls"
    one = transition("acme", "s", 1, EPOCH)
    due = Delivery(id=delivery_id(one.signal_id, 1, "slack", "c"), sink="slack", destination="c", transition=one)
    letter = bury_delivery(due, Position(0, "deliveries.slack", 2, 7), "not_found: no such channel")

    done = await replay_dead_letters([letter], bootstrap=scene.broker.bootstrap, topics=scene.topics)
    deliver_worker(scene, path)

    (call,) = await calls_when(path, 1)
    assert done.sent == 1
    assert (call.signal_id, call.redelivered) == (one.signal_id, True)
