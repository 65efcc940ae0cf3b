"""Moves what an installation remembers to topics with another partition count: how it grows without losing state.

A partition count is chosen for life, because a key's partition follows from it. So growing means a second set of
topics (another prefix, the next epoch): the old installation is drained and stopped, its three memories are copied
under their new partitions, and producers and roles go on with the new topics. Nothing is applied twice: every account
keeps its positions, and those of the next epoch are all above them. Nothing is lost: copying begins only when
everything written to the old topics has been through.

======================  ==============================================================
changelog of accounts   by account id
``signal-state``        by the account its records name
``sent.<sink>``         by the account that ``signal-state`` knows for the signal
======================  ==============================================================

The old topics stay as they are; copying again repeats itself and changes nothing.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS
from signals.ingest.broadcasts import following, heard_by
from signals.ingest.config import IngestSettings
from signals.ingest.positions import read_tails
from signals.sinks.contract import DIGEST_RECORD
from signals.streams.deliver import deliver_group
from signals.streams.offsets import GroupOffsets
from signals.streams.outbox import KafkaOutbox, Record
from signals.streams.tables import changelog_topic, detect_group
from signals.streams.topics import SINKS, Topics, partition_for

FETCH_MS = 200
_DIGEST = f"{DIGEST_RECORD}/".encode()
BATCH = 500
# Records sent and then awaited; at most some MB in memory, few enough that a failure is seen at once.


@dataclass
class Rekeyed:
    """What was copied: topic -> records; and records of ``sent`` whose signal nobody knows any more."""

    copied: dict[str, int] = field(default_factory=dict)
    without_account: int = 0


class _Said(msgspec.Struct):
    org_id: str


async def undrained(bootstrap: str, topics: Topics, *, client: Mapping[str, object] | None = None) -> list[str]:
    """Return what was written and not yet taken, a sentence each; empty when nothing is under way.

    Topics nobody ever read (a sink that is switched off) count as drained when they are empty only.
    """
    groups = {
        IngestSettings(bootstrap, topics).group_id: [topics.input(topic) for topic in INPUT_TOPICS],
        detect_group(topics): [topics.account_updates],
        **{deliver_group(topics, sink): [topics.deliveries(sink)] for sink in SINKS},
    }
    found: list[str] = []
    for group, names in groups.items():
        for name in names:
            offsets = GroupOffsets(bootstrap, group, name, client=client)
            await offsets.start()
            try:
                for partition, end in (await offsets.ends(range(topics.partitions))).items():
                    left = end - (await offsets.committed(partition) or 0)
                    if left > 0:
                        found.append(f"{name}[{partition}]: {left} records not taken by {group}")
            finally:
                await offsets.stop()
    return found + await _unheard(bootstrap, topics, client or {})


async def _unheard(bootstrap: str, topics: Topics, client: Mapping[str, object]) -> list[str]:
    """Return which partitions have not heard all broadcasts, a sentence each.

    Where one stands is in its newest message. When retention has deleted that, only ingest can tell anew.
    """
    place = TopicPartition(topics.input(BROADCAST), 0)
    updates = [TopicPartition(topics.account_updates, partition) for partition in range(topics.partitions)]
    async with _reader(bootstrap, client) as reader:
        begin = (await reader.beginning_offsets([place]))[place]
        ends = await reader.end_offsets([place, *updates])
    end = ends[place]
    if not end:
        return []
    tails = await read_tails(IngestSettings(bootstrap, topics, client=client), range(topics.partitions))
    found = []
    for partition, update in enumerate(updates):
        left = end - following(heard_by(tails.get(partition)), begin, end)
        if left > 0 and partition not in tails and ends[update]:
            known = f"not known whether {left} records were taken for partition {partition}"
            found.append(f"{place.topic}: {known}: its {update.topic} is empty by now; start ingest once more")
        elif left > 0:
            found.append(f"{place.topic}: {left} records not taken for partition {partition}")
    return found


async def rekey(bootstrap: str, old: Topics, new: Topics, *, client: Mapping[str, object] | None = None) -> Rekeyed:
    """Copy the memories of *old* to *new*; both have all their topics, nothing runs on either.

    Raises
    ------
    ConfigError
        Records are still under way on *old*, or something was already written to *new* by somebody else.
    """
    if old.prefix == new.prefix:
        raise ConfigError("--prefix", f"{new.prefix!r} is the prefix the topics have now", "another one")
    if waiting := await undrained(bootstrap, old, client=client):
        valid = "stop producers, wait until nothing lags, stop all roles"
        raise ConfigError(f"{len(waiting)} partitions", f"not drained: {'; '.join(waiting[:3])}", valid)
    done = Rekeyed()
    outbox = KafkaOutbox(bootstrap, client=client)
    await outbox.start()
    try:
        async with _reader(bootstrap, client) as reader:
            await _require_unused(reader, new)
            for partition in range(old.partitions):
                await _rekey_partition(reader, outbox, old, new, partition, done)
    finally:
        await outbox.stop()
    return done


async def _rekey_partition(
    reader: Any, outbox: KafkaOutbox, old: Topics, new: Topics, partition: int, done: Rekeyed
) -> None:
    owners: dict[bytes, str] = {}

    def of_account(record: ConsumerRecord) -> str | None:
        return str(record.key.decode())

    def of_state(record: ConsumerRecord) -> str | None:
        if record.value is not None:
            owners[record.key] = msgspec.json.decode(record.value, type=_Said).org_id
        return owners.get(record.key)

    def of_sent(record: ConsumerRecord) -> str | None:
        return owners.get(record.key.partition(b"/")[0])

    steps = [
        (changelog_topic(old), changelog_topic(new), of_account),
        (old.signal_state, new.signal_state, of_state),
        *((old.sent(sink), new.sent(sink), of_sent) for sink in SINKS),
    ]
    for source, target, account_of in steps:
        batch: list[Record] = []
        async for record in _records(reader, TopicPartition(source, partition)):
            account = account_of(record)
            if account is None:
                # A tombstone whose signal is gone from signal-state, a record of an erased one, or what a destination's
                # last digest shows: that counts by old offsets, and the next digest begins a new page anyway.
                done.without_account += record.value is not None and not record.key.startswith(_DIGEST)
                continue
            place = partition_for(account, new.partitions)
            batch.append(Record(target, place, record.key, record.value))
            if len(batch) >= BATCH:
                await outbox.send_all(batch)
                batch.clear()
            done.copied[target] = done.copied.get(target, 0) + 1
        await outbox.send_all(batch)


async def _require_unused(reader: Any, new: Topics) -> None:
    """Refuse topics that an installation has already worked with."""
    names = [*(new.input(topic) for topic in INPUT_TOPICS), new.account_updates, new.signal_events]
    places = [TopicPartition(name, number) for name in names for number in range(new.partitions)]
    places.append(TopicPartition(new.input(BROADCAST), 0))
    for place, end in (await reader.end_offsets(places)).items():
        if end:
            raise ConfigError("--prefix", f"{place.topic} holds records already", "a prefix nobody has used")


async def _records(reader: Any, place: TopicPartition) -> AsyncIterator[ConsumerRecord]:
    """Yield what stands on one partition now."""
    reader.assign([place])
    await reader.seek_to_beginning(place)
    end = (await reader.end_offsets([place]))[place]
    while await reader.position(place) < end:
        for records in (await reader.getmany(place, timeout_ms=FETCH_MS)).values():
            for record in records:
                yield record


@asynccontextmanager
async def _reader(bootstrap: str, client: Mapping[str, object] | None) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MS, **dict[str, Any](client or {}),
    )  # fmt: skip
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
