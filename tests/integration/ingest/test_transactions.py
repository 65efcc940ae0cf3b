"""A producer that writes in transactions: each one's end takes an offset on the topic, and is no record."""

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from signals.domain.update import AccountUpdates
from support.brokers import apache_broker
from support.ingest_scene import read_updates, settings_for, working
from support.records import at_minute

pytestmark = [pytest.mark.kafka, pytest.mark.apache]


async def test_what_is_written_in_transactions_holds_nothing_up() -> None:
    """Two topics end with the end of a transaction. They count as read all the same, or everything waits for ever."""
    broker = apache_broker()
    topics = broker.topics(1)
    said = [
        ("broadcast", b"*", {"kind": "incident_resolved", "org_id": "*", "incident_id": "i"}),
        ("usage", b"acme", {"kind": "usage_reported", "org_id": "acme", "day": "2026-03-01"}),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id=f"{topics.prefix}tx")
    await producer.start()
    for minute, (topic, key, value) in enumerate(said):
        async with producer.transaction():
            data = msgspec.json.encode(value | {"at": at_minute(minute).isoformat()})
            await producer.send_and_wait(topics.input(topic), data, key=key, partition=0)  # type: ignore[arg-type]  # two of its names
    await producer.stop()

    def marked(messages: list[AccountUpdates]) -> bool:
        return any(one.mark == at_minute(1) for one in messages)

    settings = settings_for(broker, topics)  # type: ignore[arg-type]  # only its address is asked for
    async with working(settings):
        messages = await read_updates(broker, topics, marked)  # type: ignore[arg-type]  # as above

    assert [one.broadcast.position.offset for one in messages if one.broadcast is not None] == [0]
    assert [org_id for one in messages for org_id in one.packs] == ["acme"]
