"""When the newest record of each topic was written, as the broker tells."""

import time
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer

from signals.ingest.last_records import last_records
from support.brokers import Broker, broker

__all__ = ["broker"]

pytestmark = pytest.mark.kafka


async def test_the_newest_record_of_each_topic(broker: Broker) -> None:
    """The largest timestamp over the partitions; a topic without a record is left out."""
    topics = broker.topics(3)
    now_ms = int(time.time() * 1000)
    ages_s = {("usage", 0): (9000, 7200), ("usage", 2): (3600,), ("crm", 1): (60,)}
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await producer.start()
    for (topic, partition), ages in ages_s.items():
        for age_s in ages:
            name = f"{topics.prefix}{topic}.events.v1"
            await producer.send_and_wait(name, b"{}", partition=partition, timestamp_ms=now_ms - age_s * 1000)
    await producer.stop()

    known = await last_records(broker.bootstrap, topics)

    assert known == {
        "usage": datetime.fromtimestamp((now_ms - 3_600_000) / 1000, UTC),
        "crm": datetime.fromtimestamp((now_ms - 60_000) / 1000, UTC),
    }


async def test_nothing_was_ever_written(broker: Broker) -> None:
    """A new installation knows of no source."""
    assert await last_records(broker.bootstrap, broker.topics(2)) == {}
