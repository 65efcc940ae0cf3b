"""The embedded broker: what we ask of it, and the one thing it does badly."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from signals.streams.local_broker import LocalBroker, LocalBrokerError, LogTruncated, watch_log_start

pytestmark = pytest.mark.kafka


async def partitions_of(bootstrap: str, topic: str) -> int:
    """Return the partition count a client sees."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return len(consumer.partitions_for_topic(topic) or ())
    finally:
        await consumer.stop()


async def test_topics_have_the_partitions_that_were_asked_for() -> None:
    """Declared at the start or later, a topic has our count, not librdkafka's four."""
    with LocalBroker({"early": 3}) as broker:
        broker.create("late", 5)

        assert await partitions_of(broker.bootstrap, "early") == 3
        assert await partitions_of(broker.bootstrap, "late") == 5


def test_a_bad_topic_is_refused_with_its_name() -> None:
    """The child answers instead of dying."""
    with LocalBroker({"once": 1}) as broker, pytest.raises(LocalBrokerError, match="once"):
        broker.create("once", 1)


def test_it_stops_twice_and_without_a_start() -> None:
    """Stopping is safe at any time."""
    broker = LocalBroker()
    broker.stop()
    broker.start()
    broker.stop()
    broker.stop()
    assert not broker.alive


def test_it_dies_with_its_parent_and_outlives_ctrl_c() -> None:
    """A parent killed without a chance to clean up leaves nothing running."""
    program = (
        "from signals.streams.local_broker import LocalBroker; import time\n"
        "b = LocalBroker(); b.start(); print(b.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, signal.SIGINT)
    os.kill(child, 0)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(child):
        time.sleep(0.02)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  # a pseudo file; a zombie no longer runs
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    return False


async def test_dropped_records_end_the_run_loudly() -> None:
    """Past about 5 MB in one partition the guard raises, naming topic and partition."""
    with LocalBroker({"full": 2}) as broker:
        guard = asyncio.create_task(watch_log_start(broker.bootstrap, {"full": 2}, every_s=0.05))
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
        await producer.start()
        try:
            for _ in range(14):
                await producer.send_and_wait("full", b"x" * 500_000, partition=1)
        finally:
            await producer.stop()

        with pytest.raises(LogTruncated, match=r"full\[1\]"):
            await asyncio.wait_for(guard, 10)
