"""Dead letters: what is kept of a record nobody could use, how to find it again, and how to send it once more."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from signals.domain.events.broadcast import EVERYONE
from signals.domain.events.kinds import BROADCAST, MERGED_TOPICS, InputTopic
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.ingest.record import RECEIVED_AT, REPLAYED_FROM, WAIVE, RawRecord, Rejected
from signals.streams.deadletter import MAX_KEPT_BYTES, DeadLetter, bury
from signals.streams.topics import SINKS, Topics, partition_for
from signals.streams.waiting import TRIED_BEFORE


def dead_letter(rejected: Rejected, epoch: int) -> DeadLetter:
    """Return the dead letter of a record that ingest refused."""
    record = rejected.record
    try:
        at = record.arrived_at()
    except (ValueError, OverflowError):
        at = None
    return bury(
        rejected.reason,
        rejected.message,
        Position(epoch, record.topic, record.partition, record.offset),
        stage="ingest",
        key=record.key,
        value=record.value,
        headers=record.headers,
        at=None if at is None else at.astimezone(UTC),
        org_id=rejected.org_id,
    )


def encode_dead_letter(letter: DeadLetter) -> bytes:
    """Return the JSON of a dead letter; equal input gives equal bytes."""
    return msgspec.json.encode(letter)


@dataclass(frozen=True)
class DeadFilter:
    """Which dead letters; None: any."""

    reason: DeadReason | None = None
    topic: str | None = None
    org_id: str | None = None
    position: str | None = None
    """``<epoch>:<topic>:<partition>:<offset>`` of the original."""

    def matches(self, letter: DeadLetter) -> bool:
        """Say whether *letter* is one of them."""
        wanted = (self.reason, self.topic, self.org_id, self.position)
        has = (letter.reason, letter.topic, letter.org_id, letter.position)
        return all(one is None or one == other for one, other in zip(wanted, has, strict=True))


@dataclass(frozen=True)
class NotReplayable:
    """A dead letter that cannot be sent again, and why."""

    letter: DeadLetter
    why: str


@dataclass(frozen=True)
class Redelivery:
    """A delivery to be tried again, on the partition it came on."""

    sink: str
    partition: int
    key: bytes | None
    value: bytes


def as_redelivery(letter: DeadLetter) -> Redelivery | NotReplayable:
    """Return the new record for a sink's deliveries: the original bytes. A step that is not the newest is skipped."""
    if letter.cut_from is not None or letter.value is None:
        return NotReplayable(letter, "its bytes were not kept")
    key = None if letter.key is None else base64.b64decode(letter.key)
    sink = letter.topic.removeprefix("deliveries.")
    if sink not in SINKS or sink == letter.topic:
        return NotReplayable(letter, f"{letter.topic!r} is no topic of deliveries")
    return Redelivery(sink, letter.partition, key, base64.b64decode(letter.value))


def as_record(letter: DeadLetter, partitions: int, *, waive_too_late: bool = False) -> RawRecord | NotReplayable:
    """Return the new record for the input topic: the original bytes and a header that names the original position.

    It goes where its key belongs, whatever partition it came on; a broadcast that failed on one account goes to that
    account alone. Its offset is not known before it is written and stands as -1.
    """
    if letter.cut_from is not None:
        return NotReplayable(letter, f"only {MAX_KEPT_BYTES} of {letter.cut_from} bytes were kept")
    topic = _INPUTS.get(letter.topic)
    if topic is None:
        return NotReplayable(letter, f"{letter.topic!r} is no input topic")
    headers = [(name, base64.b64decode(data)) for name, data in letter.headers if name not in (REPLAYED_FROM, WAIVE)]
    if letter.at is not None and all(name != RECEIVED_AT for name, _ in headers):
        # The new record's Kafka timestamp would make the future check harmless: it is judged as when it first came.
        headers.append((RECEIVED_AT, letter.at.isoformat().encode()))
    headers.append((REPLAYED_FROM, letter.position.encode()))
    if waive_too_late:
        headers.append((WAIVE, b"too_late"))
    key = None if letter.key is None else base64.b64decode(letter.key)
    value = None if letter.value is None else base64.b64decode(letter.value)
    partition = letter.partition
    if topic == BROADCAST and letter.stage == "detect" and letter.org_id not in (None, EVERYONE):
        topic = ALONE
    if key and topic != BROADCAST:
        try:
            partition = partition_for(key.decode(), partitions)
        except UnicodeDecodeError:
            return NotReplayable(letter, "its key is not UTF-8")
    return RawRecord(topic, partition, -1, key, value, tuple(headers))


_INPUTS: dict[str, InputTopic] = {topic: topic for topic in MERGED_TOPICS}

ALONE: InputTopic = "crm"
"""Where all kinds that may be broadcast come on when they are for one account."""

_LETTER = msgspec.json.Decoder(DeadLetter)


def read_letters(values: Iterable[bytes], wanted: DeadFilter) -> Iterator[DeadLetter]:
    """Yield the dead letters that match; values that are none of ours are passed over."""
    for value in values:
        try:
            letter = _LETTER.decode(value)
        except (msgspec.MsgspecError, UnicodeError):
            continue
        if wanted.matches(letter):
            yield letter


async def list_dead_letters(
    *, bootstrap: str, topics: Topics, wanted: DeadFilter = DeadFilter(), client: dict[str, object] | None = None
) -> list[DeadLetter]:
    """Return the dead letters on the topic now that match, in order per partition. Read without a group."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=100, **(client or {}),
    )  # fmt: skip
    await consumer.start()
    try:
        numbers = consumer.partitions_for_topic(topics.dead_letters) or set(range(topics.partitions))
        partitions = [TopicPartition(topics.dead_letters, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        values: dict[int, list[bytes]] = {}
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for one, records in (await consumer.getmany(timeout_ms=200)).items():
                values.setdefault(one.partition, []).extend(record.value for record in records if record.value)
        return [letter for number in sorted(values) for letter in read_letters(values[number], wanted)]
    finally:
        await consumer.stop()


def once(letters: Iterable[DeadLetter]) -> Iterator[DeadLetter]:
    """Yield *letters*, of a broadcast to everyone the first one only: each partition that refused it has buried it."""
    seen: set[str] = set()
    for letter in letters:
        if letter.topic == BROADCAST and letter.org_id in (None, EVERYONE):
            if letter.position in seen:
                continue
            seen.add(letter.position)
        yield letter


@dataclass(frozen=True)
class Replayed:
    """What `replay_dead_letters` did."""

    sent: int
    refused: tuple[NotReplayable, ...]


async def replay_dead_letters(
    letters: Iterable[DeadLetter],
    *,
    bootstrap: str,
    topics: Topics,
    waive_too_late: bool = False,
    client: dict[str, object] | None = None,
) -> Replayed:
    """Send the originals to their topics as new records; returns when the broker has acknowledged all.

    Deliveries go to their sink's topic, marked as tried before, so that the sink looks whether they arrived.
    A broadcast goes once, however many partitions refused it, and all accounts hear it again, those that took it too.

    They stay on the dead letter topic: replaying twice sends twice (a second one of a moment is recognised by its
    natural key within the admission window).
    """
    records = [
        as_redelivery(letter)
        if letter.stage == "deliver"
        else as_record(letter, topics.partitions, waive_too_late=waive_too_late)
        for letter in once(letters)
    ]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", max_request_size=2_097_152, **(client or {})
    )
    await producer.start()
    try:
        sent = 0
        for record in records:
            if isinstance(record, NotReplayable):
                continue
            if isinstance(record, Redelivery):
                await producer.send_and_wait(
                    topics.deliveries(record.sink), value=record.value, key=record.key, partition=record.partition,
                    headers=[(TRIED_BEFORE, b"")],
                )  # fmt: skip
                sent += 1
                continue
            await producer.send_and_wait(
                topics.input(record.topic), value=record.value, key=record.key, partition=record.partition,
                headers=list(record.headers),
            )  # fmt: skip
            sent += 1
    finally:
        await producer.stop()
    return Replayed(sent, tuple(record for record in records if isinstance(record, NotReplayable)))
