"""Which topics are not fetched for a while, because what came of them waits here."""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition

from signals.domain.events.kinds import INPUT_TOPICS
from signals.ingest.config import IngestSettings
from signals.ingest.partition import PartitionWork


def pause_full(consumer: Any, settings: IngestSettings, work_of: Mapping[int, PartitionWork]) -> None:
    """Stop fetching topics whose buffer is full, and go on with those at half."""
    paused, full = consumer.paused(), settings.buffer_records
    for partition, work in work_of.items():
        for topic in INPUT_TOPICS:
            place, held = TopicPartition(settings.topics.input(topic), partition), work.merge.buffered(topic)
            if held >= full and place not in paused:
                consumer.pause(place)
            elif held <= full // 2 and place in paused:
                consumer.resume(place)
