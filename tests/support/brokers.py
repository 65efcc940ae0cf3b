"""The brokers that integration tests run on: ours in memory, and Apache Kafka. Started once per test run, on demand.

Use: ``from support.brokers import broker`` in a ``conftest.py``; a test that takes ``broker`` runs on each. Give every
test topics of its own with ``broker.topics(partitions)`` or names of its own with ``broker.make``.
"""

import asyncio
import atexit
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from signals.streams.admin import create_topics, partition_counts, wait_for_leaders
from signals.streams.local_broker import LocalBroker
from signals.streams.topics import Topics

ROOT = Path(__file__).parent.parent.parent
_numbers = itertools.count()


@dataclass(frozen=True)
class Broker:
    """One running broker."""

    kind: str
    """``embedded`` or ``apache``."""
    bootstrap: str
    embedded: LocalBroker | None = None

    def topics(self, partitions: int = 4) -> Topics:
        """Make all topics of an installation of its own and return their names. Blocks."""
        topics = Topics(partitions=partitions, prefix=new_prefix())
        if self.embedded is not None:
            for name, count in partition_counts(topics).items():
                self.embedded.create(name, count)
        else:
            _run(create_topics(self.bootstrap, topics, replication=1))
        return topics

    def make(self, counts: Mapping[str, int]) -> None:
        """Make topics by name -> partitions. Blocks."""
        if self.embedded is not None:
            for name, count in counts.items():
                self.embedded.create(name, count)
        else:
            _run(_make(self.bootstrap, counts))


def new_prefix() -> str:
    """Return a topic prefix no other test has."""
    return f"t{os.getpid()}-{next(_numbers)}-"


@pytest.fixture(params=["embedded", pytest.param("apache", marks=pytest.mark.apache)])
def broker(request: pytest.FixtureRequest) -> Broker:
    """A running broker; the test runs once on each kind that is there."""
    return embedded_broker() if request.param == "embedded" else apache_broker()


@cache
def embedded_broker() -> Broker:
    """Return the embedded broker of this test run."""
    local = LocalBroker()
    local.start()
    atexit.register(local.stop)
    return Broker("embedded", local.bootstrap, local)


def missing_tools() -> str:
    """Return which programs Apache Kafka lacks here, in words; empty when it can be started."""
    return " and ".join(tool for tool in ("java", "mvn") if shutil.which(tool) is None)


@cache
def apache_broker() -> Broker:
    """Return Apache Kafka: the one ``SIGNALS_KAFKA`` names, else one started for this run, else skip the test."""
    if given := os.environ.get("SIGNALS_KAFKA"):
        return Broker("apache", given)
    if missing := missing_tools():
        pytest.skip(f"no Apache Kafka: SIGNALS_KAFKA=host:port is not set and {missing} not installed")
    state = tempfile.mkdtemp(prefix="signals-kafka-")
    environment = os.environ | {"KAFKA_STATE": state, "KAFKA_PORT": "0"}
    up = subprocess.run(
        [ROOT / "deploy/kafka/up.sh"], env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    atexit.register(_stop_apache, environment)
    if up.returncode != 0:
        pytest.skip(f"Apache Kafka did not start: {up.stderr.strip()[-300:]}")
    return Broker("apache", up.stdout.strip())


def _run(work: Coroutine[object, object, object]) -> None:
    # In a thread of its own, so that a fixture may call it whatever loop its test uses.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _stop_apache(environment: dict[str, str]) -> None:
    subprocess.run(
        [ROOT / "deploy/kafka/down.sh", "--delete"], env=environment, capture_output=True, check=False, timeout=60
    )


async def _make(bootstrap: str, counts: Mapping[str, int]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(name, count, 1) for name, count in counts.items()])
        refused = [error for error in answer.topic_errors if error[1]]
        assert not refused, refused
        await wait_for_leaders(admin, counts)
    finally:
        await admin.close()
