"""What lies on the input topics now, as records a replay takes."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, MERGED_TOPICS, InputTopic
from signals.ingest.record import RawRecord
from signals.settings.load import Configuration
from signals.streams.topics import partition_for
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of

FETCH_MS = 200


def read_inputs(configuration: Configuration, org_id: str | None = None) -> list[RawRecord]:
    """Return the records of the input topics, in offset order per partition; read without a group.

    Parameters
    ----------
    org_id
        Read only the partition this account is on, and all broadcasts. Retention bounds how far back the topics go.
    """
    return asyncio.run(_read(configuration, org_id))


async def _read(configuration: Configuration, org_id: str | None) -> list[RawRecord]:
    topics = topics_of(configuration.settings)
    numbers = range(topics.partitions) if org_id is None else [partition_for(org_id, topics.partitions)]
    logical: dict[str, InputTopic] = {topics.input(topic): topic for topic in MERGED_TOPICS}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_of(configuration),
        group_id=None,
        fetch_max_wait_ms=FETCH_MS,
        **client_of(configuration),
    )
    await consumer.start()
    try:
        places = [TopicPartition(topics.input(topic), number) for topic in INPUT_TOPICS for number in numbers]
        places.append(TopicPartition(topics.input(BROADCAST), 0))
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        records: list[RawRecord] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, fetched in (await consumer.getmany(timeout_ms=FETCH_MS)).items():
                records += [
                    RawRecord(
                        logical[place.topic], place.partition, one.offset, one.key, one.value, tuple(one.headers),
                        one.timestamp,
                    )
                    for one in fetched
                    if one.offset < ends[place]
                ]  # fmt: skip
        return records
    finally:
        await consumer.stop()
