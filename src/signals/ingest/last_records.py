"""When the newest record of each input topic was written, as the broker tells.

A process that just started cannot know it by itself; without it every deploy would make a silent source look fresh.
"""

from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.streams.topics import Topics

POLL_MS = 500
POLLS = 10
# Compaction and transactions may leave nothing at the end of a partition; five seconds are enough for a broker, and
# the answer is only a hint.


async def last_records(
    bootstrap: str, topics: Topics, *, client: dict[str, object] | None = None
) -> dict[InputTopic, datetime]:
    """Return, per input topic, Kafka's timestamp of its newest record; a topic without any is left out.

    Raises
    ------
    KafkaError
        The broker cannot be asked.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="latest",
        fetch_max_wait_ms=100, **(client or {}),
    )  # fmt: skip
    await consumer.start()
    try:
        logical = {topics.input(topic): topic for topic in INPUT_TOPICS}
        places = [TopicPartition(name, partition) for name in logical for partition in range(topics.partitions)]
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        wanted = {place: ends[place] for place in places if ends[place] > begins[place]}
        if not wanted:
            return {}
        consumer.assign(list(wanted))
        for place, end in wanted.items():
            consumer.seek(place, end - 1)
        found: dict[InputTopic, datetime] = {}
        for _ in range(POLLS):
            for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                newest = datetime.fromtimestamp(max(record.timestamp for record in records) / 1000, UTC)
                topic = logical[place.topic]
                found[topic] = max(newest, found.get(topic, newest))
                if records[-1].offset >= wanted[place] - 1:
                    wanted.pop(place, None)
                    consumer.pause(place)
            if not wanted:
                break
        return found
    finally:
        await consumer.stop()
