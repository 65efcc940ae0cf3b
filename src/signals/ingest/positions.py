"""Where a member starts: committed offsets checked against the topics, and the time reached before."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import InputTopic
from signals.domain.update import AccountUpdates
from signals.ingest.config import IngestSettings
from signals.streams.codec import decode_updates

LEADER_PAUSE_S = 0.02
# The embedded broker refuses a follower whose sync comes after the leader's. Followers sync at once, so the leader
# lets them go first. Costs 20 ms a rebalance; Apache Kafka does not need it.


class PatientRangeAssignor(RangePartitionAssignor):  # type: ignore[misc]  # no type information upstream
    """The range assignor, which keeps the topics' partitions together, after a short pause."""

    @classmethod
    def assign(cls, cluster: Any, members: Any) -> Any:
        """Assign; called in the group's leader only."""
        if len(members) > 1:
            time.sleep(LEADER_PAUSE_S)
        return super().assign(cluster, members)


TAIL_ATTEMPTS = 100
# Of 100 ms each: reading one record per partition takes a few; a broker that cannot give it in 10 s is down.


@dataclass(frozen=True)
class Start:
    """Where reading of one topic partition begins."""

    offset: int
    end: int
    """End offset of the topic at that moment."""
    first: bool
    """True when nothing was ever committed."""


def verify_copartitioned(places: Iterable[TopicPartition], logical: Mapping[str, InputTopic]) -> tuple[int, ...]:
    """Return the partition numbers assigned, the same for every topic; called on each assignment.

    Raises
    ------
    ConfigError
        The topics' numbers differ: another member subscribes to fewer topics, or uses another assignor.
    """
    numbers: dict[str, set[int]] = {name: set() for name in logical}
    for place in places:
        numbers[place.topic].add(place.partition)
    first, *others = numbers.values()
    if any(other != first for other in others):
        found = "; ".join(f"{name}: {sorted(own)}" for name, own in numbers.items())
        valid = "every member of the group subscribes to all input topics with the range assignor"
        raise ConfigError("consumer group", f"the input topics' partitions were torn apart: {found}", valid)
    return tuple(sorted(first))


async def starting_offsets(
    consumer: Any, places: list[TopicPartition], *, accept_lost: bool
) -> dict[TopicPartition, Start]:
    """Return where to start on each place.

    Raises
    ------
    ConfigError
        An offset was committed beyond the topic's end (it was recreated or restored), or before its beginning
        (retention deleted what was not read yet).
    """
    if not places:
        return {}
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    starts = {}
    for place in places:
        committed, begin, end = await consumer.committed(place), begins[place], ends[place]
        where = f"topic {place.topic}, partition {place.partition}"
        if committed is None:
            starts[place] = Start(begin, end, first=True)
            continue
        if committed > end:
            problem = f"committed offset {committed} lies beyond its end {end}: it was recreated or restored"
            valid = "raise the topic epoch in the settings by one and delete the group's offsets"
            raise ConfigError(where, problem, valid)
        if committed < begin and not accept_lost:
            problem = f"retention deleted {begin - committed} records that were never read (offsets {committed} on)"
            raise ConfigError(where, problem, "longer retention; or accept_lost_records, to go on without them")
        starts[place] = Start(max(committed, begin), end, first=False)
    return starts


async def read_tails(settings: IngestSettings, partitions: Iterable[int]) -> dict[int, AccountUpdates]:
    """Return the last message of account-updates on each partition that has one.

    Raises
    ------
    ConfigError
        The broker did not give them within ten seconds.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap, group_id=None, enable_auto_commit=False,
        auto_offset_reset="latest", fetch_max_wait_ms=100, **settings.client,
    )  # fmt: skip
    await consumer.start()
    try:
        places = [TopicPartition(settings.topics.account_updates, partition) for partition in partitions]
        if not places:
            return {}
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        wanted = {place: ends[place] - 1 for place in places if ends[place] > begins[place]}
        consumer.assign(list(wanted) or places)
        for place, offset in wanted.items():
            consumer.seek(place, offset)
        tails: dict[int, AccountUpdates] = {}
        for _ in range(TAIL_ATTEMPTS):
            if len(tails) == len(wanted):
                return tails
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                tails[place.partition] = decode_updates(records[-1].value)
    finally:
        await consumer.stop()
    missing = sorted(place.partition for place in wanted if place.partition not in tails)
    raise ConfigError(f"topic {settings.topics.account_updates}", f"no tail read from partitions {missing}")
