"""What the demo came to, read from the topics and the metrics pages, as any user could."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from signals.domain.events.kinds import INPUT_TOPICS
from signals.domain.signal import Delivery, Suppression, Transition
from signals.ingest.config import IngestSettings
from signals.sinks.contract import Sent
from signals.streams.deliver import deliver_group
from signals.streams.tables import detect_group
from signals.streams.topics import SINKS, Topics

FETCH_MS = 100


@dataclass
class Figures:
    """Counts of one installation's whole life; only exact when all of it fits the broker."""

    events: Counter[str] = field(default_factory=Counter)
    """Input topic and outcome, such as ``usage taken``."""
    engine: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(family, status) of the last transition of each signal."""
    transitions: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(sink, outcome)."""
    latencies: list[timedelta] = field(default_factory=list)
    """From the arrival at ingest of the causing event to the card, per card that was caused by an event."""


def percentile(values: Iterable[timedelta], share: float) -> timedelta | None:
    """Return the smallest value that *share* of the values do not exceed, None without values.

    >>> percentile([timedelta(seconds=s) for s in (1, 2, 3, 4)], 0.5)
    datetime.timedelta(seconds=2)
    """
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


async def read_figures(bootstrap: str, topics: Topics, pages: Mapping[str, str]) -> Figures:
    """Return the figures; *pages* are the roles' metrics pages."""
    figures = Figures()
    _from_pages(figures, pages)
    last: dict[str, Transition] = {}
    async for value in read_all(bootstrap, topics.signal_events, topics.partitions):
        transition = msgspec.json.decode(value, type=Transition)
        figures.transitions[transition.change.value] += 1
        known = last.get(transition.signal_id)
        if known is None or transition.seq > known.seq:
            last[transition.signal_id] = transition
    figures.states.update((one.family.value, one.status) for one in last.values())
    async for value in read_all(bootstrap, topics.suppressions, topics.partitions):
        held = msgspec.json.decode(value, type=Suppression)
        figures.held[f"{held.reason.value}{f' {held.guard}' if held.guard else ''}"] += 1
    figures.latencies = await _latencies(bootstrap, topics)
    return figures


async def _latencies(bootstrap: str, topics: Topics) -> list[timedelta]:
    caused: dict[tuple[str, int, str], Delivery] = {}
    async for value in read_all(bootstrap, topics.deliveries("slack"), topics.partitions):
        delivery = msgspec.json.decode(value, type=Delivery)
        caused[delivery.transition.signal_id, delivery.transition.seq, delivery.destination] = delivery
    found = []
    async for value in read_all(bootstrap, topics.sent("slack"), topics.partitions):
        sent = msgspec.json.decode(value, type=Sent)
        cause = caused.get((sent.signal_id, sent.seq, sent.destination))
        if cause is not None and cause.caused_at is not None:
            found.append(sent.at - cause.caused_at)
    return found


def _from_pages(figures: Figures, pages: Mapping[str, str]) -> None:
    for page in pages.values():
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                labels, count = sample.labels, int(sample.value)
                if not count:
                    continue
                if sample.name == "signals_records_total":
                    figures.events[f"{labels['topic']} {labels['outcome']}"] += count
                elif sample.name == "signals_events_total":
                    figures.engine[labels["outcome"]] += count
                elif sample.name == "signals_dead_letters_total":
                    figures.dead[labels["reason"]] += count
                elif sample.name == "signals_deliveries_total":
                    figures.deliveries[labels["sink"], labels["outcome"]] += count


async def read_all(bootstrap: str, topic: str, partitions: int) -> AsyncIterator[bytes]:
    """Yield every value that is on a topic now, partition by partition; without a group."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, fetch_max_wait_ms=FETCH_MS)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=FETCH_MS)).values():
                for record in records:
                    if record.value is not None:
                        yield record.value
    finally:
        await consumer.stop()


class Progress:
    """Asks the broker how far each group has come. ``start`` before, ``stop`` after."""

    def __init__(self, bootstrap: str, topics: Topics) -> None:
        ingest = IngestSettings(bootstrap=bootstrap, topics=topics).group_id
        self._bootstrap, self._partitions = bootstrap, topics.partitions
        self._groups: list[tuple[str, tuple[str, ...]]] = [
            (ingest, tuple(topics.input(topic) for topic in INPUT_TOPICS)),
            (detect_group(topics), (topics.account_updates,)),
            *((deliver_group(topics, sink), (topics.deliveries(sink),)) for sink in SINKS),
        ]
        self._consumers: list[AIOKafkaConsumer] = []

    async def start(self) -> None:
        """Connect once per group."""
        for group, _ in self._groups:
            consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, group_id=group, enable_auto_commit=False)
            await consumer.start()
            self._consumers.append(consumer)

    async def stop(self) -> None:
        """Disconnect."""
        while self._consumers:
            await self._consumers.pop().stop()

    async def behind(self) -> int:
        """Return how many records are not committed yet, in order of the flow; 0 once everything is through."""
        for (_, names), consumer in zip(self._groups, self._consumers, strict=True):
            places = [TopicPartition(name, number) for name in names for number in range(self._partitions)]
            ends = await consumer.end_offsets(places)
            lag = 0
            for place in places:
                if ends[place]:
                    lag += ends[place] - (await consumer.committed(place) or 0)
            if lag:
                return lag
        return 0
