"""What a sink has sent: the compacted ``sent.<sink>``, read to its end before a partition is served."""

import logging
from collections.abc import Iterable, Iterator, Mapping, MutableMapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.sinks.contract import Sent
from signals.streams import codec
from signals.streams.outbox import Record

LOG = logging.getLogger(__name__)

SentKey = tuple[str, str]
"""Signal id and destination: one signal may be shown in several places of a sink."""

POLL_MS = 200


class SentMemory(MutableMapping[SentKey, Sent]):
    """What one partition has sent, kept as the bytes that stand on the topic: every card ever shown is in it.

    A record takes some 450 bytes this way, as an object more than twice that; one is read per delivery, in about a
    microsecond.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> memory = SentMemory()
    >>> sent = Sent(signal_id="s1", seq=1, sink="slack", destination="#a/b", ref={"ts": "1"}, at=at)
    >>> memory[sent.key] = sent
    >>> memory["s1", "#a/b"] == sent, list(memory)
    (True, [('s1', '#a/b')])
    """

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}

    def __getitem__(self, key: SentKey) -> Sent:
        return codec.decode_json(self._rows[_row_key(key)], Sent)

    def __setitem__(self, key: SentKey, sent: Sent) -> None:
        self._rows[_row_key(key)] = codec.encode_json(sent)

    def __delitem__(self, key: SentKey) -> None:
        del self._rows[_row_key(key)]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and _row_key(key) in self._rows

    def __iter__(self) -> Iterator[SentKey]:
        for row in self._rows:
            signal_id, _, destination = row.decode().partition("/")
            yield signal_id, destination

    def __len__(self) -> int:
        return len(self._rows)


def _row_key(key: SentKey) -> bytes:
    # The signal id comes first and has no slash, so a reader can tell the two apart.
    return "/".join(key).encode()


def sent_record(topic: str, partition: int, sent: Sent) -> Record:
    """Return the record to write after the service answered."""
    return Record(topic, partition, sent_key(sent), codec.encode_json(sent))


def erased_record(topic: str, partition: int, sent: Sent) -> Record:
    """Return the tombstone of what was remembered of a signal at a destination."""
    return Record(topic, partition, sent_key(sent), None)


def sent_key(sent: Sent) -> bytes:
    """Return the key on the topic: one per signal and destination, or compaction would forget one of them."""
    return _row_key(sent.key)


async def read_sent(
    bootstrap: str, topic: str, partitions: Iterable[int], *, client: Mapping[str, object] | None = None
) -> dict[int, SentMemory]:
    """Return what stands on *topic* now, per partition. Called once per assignment, before anything is sent.

    Records that are no ``Sent`` are passed over with a log line: a lost memory makes a card appear twice, a refusal
    would make none appear at all.
    """
    wanted = [TopicPartition(topic, partition) for partition in sorted(partitions)]
    found = {one.partition: SentMemory() for one in wanted}
    if not wanted:
        return found
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=POLL_MS, **dict(client or {}),
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(wanted)
        ends = await consumer.end_offsets(wanted)
        open_ones = {one for one in wanted if ends[one] > 0}
        while open_ones:
            for one, records in (await consumer.getmany(*open_ones, timeout_ms=POLL_MS)).items():
                for record in records:
                    _remember(found[one.partition], record.key, record.value)
            # The position, not the last record: compaction may have removed the end of the log.
            open_ones = {one for one in open_ones if await consumer.position(one) < ends[one]}
    finally:
        await consumer.stop()
    return found


def _remember(known: MutableMapping[SentKey, Sent], key: bytes | None, value: bytes | None) -> None:
    if value is None:
        signal_id, _, destination = (key or b"").decode(errors="replace").partition("/")
        known.pop((signal_id, destination), None)
        return
    try:
        sent = codec.decode_json(value, Sent)
    except codec.Corrupt as error:
        LOG.warning("not a record of what was sent", extra={"error": str(error)})
        return
    last = known.get(sent.key)
    # Two owners may have overlapped for a moment; the higher seq is the later card.
    if last is None or sent.seq >= last.seq:
        known[sent.key] = sent
