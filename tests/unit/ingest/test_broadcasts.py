"""What comes on the broadcast topic: what may, what ingest makes of it, and where a member goes on."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from aiokafka import TopicPartition

from signals.domain.errors import ConfigError
from signals.domain.events.incidents import IncidentResolved
from signals.domain.events.kinds import BROADCAST, EVENTS_OF, TOPIC_OF, kind_of
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.domain.update import AccountUpdates, Arrival
from signals.ingest.broadcasts import BroadcastReader, heard_by
from signals.ingest.combine import CombineLimits, Combiner
from signals.ingest.config import IngestSettings
from signals.ingest.deadletters import ALONE, NotReplayable, as_record, dead_letter, once
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.ingest.merge import PartitionMerge, Taken
from signals.ingest.partition import PartitionWork
from signals.ingest.record import Accepted, RawRecord, Rejected
from signals.streams.codec import decode_updates
from signals.streams.deadletter import bury_arrival
from signals.streams.topics import Topics, partition_for
from support.hand_clock import HandClock
from support.records import PARTITIONS, accepted, at_minute, raw, usage_report

HOME_0 = next(name for number in range(99) if partition_for(name := f"org_{number}", PARTITIONS) == 0).encode()
"""An account whose partition has the number of the broadcast topic's only one."""
RESOLVED = {"kind": "incident_resolved", "org_id": "*", "at": "2026-03-02T09:00:00Z", "incident_id": "i"}
TRAITS = {"kind": "traits_reported", "org_id": "*", "at": "2026-03-02T09:00:00Z"}


def decoded(value: dict[str, Any], key: bytes | None = b"*", topic: Any = BROADCAST) -> Any:
    """Return what the decoder makes of a record on partition 0."""
    return RecordDecoder(PARTITIONS).decode(raw(value, topic=topic, key=key, partition=0))


def broadcast(offset: int, minute: float) -> Accepted:
    """Return a decoded broadcast."""
    event = IncidentResolved(org_id="*", at=at_minute(minute), incident_id=f"i{offset}")
    return Accepted(BROADCAST, 0, offset, event.at, "*", (event,))


# -- what may come -----------------------------------------------------------------------------------------------------


def test_a_broadcast_is_accepted_for_everyone() -> None:
    """One partition, whatever murmur2 would say of its key."""
    found = decoded(RESOLVED)
    assert isinstance(found, Accepted)
    assert (found.topic, found.partition, found.org_id) == (BROADCAST, 0, "*")


@pytest.mark.parametrize(
    ("value", "key", "reason", "words"),
    [
        (usage_report(org_id="*"), b"*", DeadReason.WRONG_TOPIC, "'usage_reported' cannot be broadcast; valid: inc"),
        (RESOLVED | {"kind": "heard_of"}, b"*", DeadReason.UNKNOWN_KIND, "unknown kind 'heard_of'"),
        (RESOLVED | {"org_id": "acme"}, b"acme", DeadReason.INVALID, "'acme' on the topic broadcast"),
        (RESOLVED | {"org_id": "acme"}, b"*", DeadReason.FOREIGN_ACCOUNT, "the payload names 'acme'"),
        (RESOLVED, None, DeadReason.MISSING_KEY, "key: none"),
        (TRAITS | {"traits": {"cloud_region": "EU"}}, b"*", DeadReason.INVALID, "cloud_region is each account's own"),
    ],
)
def test_what_may_not_be_said_to_everyone_is_a_dead_letter(
    value: dict[str, Any], key: bytes | None, reason: DeadReason, words: str
) -> None:
    """A kind or a trait that is one account's, and an address that is not everyone's."""
    found = decoded(value, key)
    assert isinstance(found, Rejected)
    assert found.reason is reason
    assert words in found.message


def test_traits_that_are_the_same_for_all_may_be_broadcast() -> None:
    """Names that no table knows are ignored here as they are for one account."""
    assert isinstance(decoded(TRAITS | {"traits": {"sdk_dropped": "flutter", "heard_of": 1}}), Accepted)


def test_no_account_is_called_everyone() -> None:
    """On an account topic the address would make an account of that name."""
    found = decoded(RESOLVED, topic="crm")
    assert isinstance(found, Rejected)
    assert found.reason is DeadReason.INVALID


def test_an_account_that_was_seen_before_is_not_everyone() -> None:
    """The quick way knows accounts of partition 0 by their keys; on this topic none of them is an address."""
    decoder = RecordDecoder(PARTITIONS)
    seen = RESOLVED | {"org_id": HOME_0.decode()}
    own = raw(seen, topic="crm", key=HOME_0, partition=0)
    assert isinstance(decoder.decode(own), Accepted)

    (found,) = decoder.decode_all(BROADCAST, 0, [raw(seen, topic=BROADCAST, key=HOME_0, partition=0)])

    assert isinstance(found, Rejected)
    assert "on the topic broadcast" in found.message


def test_a_broadcast_of_a_file_is_on_the_one_partition() -> None:
    """A line that names another is a mistake of the file."""
    line = msgspec.json.encode({"topic": BROADCAST, "key": "*", "value": RESOLVED, "partition": 3})
    with pytest.raises(ConfigError, match=r"partition 3 .*valid: 0, the only one"):
        list(LineReader(PARTITIONS).read([line]))


def test_a_line_of_a_file_goes_to_the_one_partition() -> None:
    """Lines carry no partition."""
    line = msgspec.json.encode({"topic": BROADCAST, "key": "*", "value": RESOLVED})
    assert [(one.partition, one.offset) for one in LineReader(PARTITIONS).read([line, line])] == [(0, 0), (0, 1)]


# -- dead letters sent again -------------------------------------------------------------------------------------------


def test_a_refused_broadcast_is_sent_again_to_everyone() -> None:
    """It goes back to the topic it came on, which has one partition."""
    found = decoded(TRAITS | {"traits": {"cloud_region": "EU"}})
    record = as_record(dead_letter(found, 1), PARTITIONS)
    assert not isinstance(record, NotReplayable)
    assert (record.topic, record.partition, record.key) == (BROADCAST, 0, b"*")


def test_a_broadcast_that_failed_on_one_account_is_sent_again_to_that_account_alone() -> None:
    """The others have taken it; every kind that may be broadcast has its place on the same account topic."""
    event = IncidentResolved(org_id="acme", at=at_minute(1), incident_id="i")
    letter = bury_arrival(Arrival(Position(1, BROADCAST, 0, 7), event.at, event), DeadReason.FAILED, "a fault")
    record = as_record(letter, PARTITIONS)
    assert isinstance(record, RawRecord)
    assert record.topic == ALONE
    assert isinstance(RecordDecoder(PARTITIONS).decode(record), Accepted)
    assert {TOPIC_OF[kind_of(one)] for one in EVENTS_OF[BROADCAST]} == {ALONE}


def test_what_several_partitions_refused_is_sent_again_once() -> None:
    """Each buries it; a record per letter would be heard by all accounts as often. What is one account's stays."""
    events = [IncidentResolved(org_id=org_id, at=at_minute(1), incident_id="i") for org_id in ("*", "acme", "bolt")]
    of_all, of_acme, of_bolt = (
        bury_arrival(Arrival(Position(1, BROADCAST, 0, 7), one.at, one), DeadReason.TOO_LATE, "late") for one in events
    )
    later = msgspec.structs.replace(of_all, offset=8)
    given = [of_all, of_all, of_acme, later, of_all, of_bolt, later]
    assert list(once(given)) == [of_all, of_acme, later, of_bolt]


def test_two_events_of_one_record_are_both_sent_again() -> None:
    """They share a position on an account topic, and each has its letter."""
    events = [IncidentResolved(org_id="acme", at=at_minute(1), incident_id=one) for one in "ij"]
    letters = [bury_arrival(Arrival(Position(1, "crm", 0, 7), one.at, one), DeadReason.FAILED, "") for one in events]
    assert list(once(letters)) == letters


# -- messages ----------------------------------------------------------------------------------------------------------


def test_a_broadcast_ends_its_message_and_later_ones_say_that_it_was_heard() -> None:
    """The packs before it are of accounts that take it; an account of a later pack has heard it by then."""
    combiner = Combiner(3, heard=(1, 4))
    combiner.add([Taken(accepted("usage", 0, 0), 1, at_minute(0), None)], 0.0)
    combiner.hear(Taken(broadcast(5, 1), 1, at_minute(1), None))
    combiner.add([Taken(accepted("usage", 1, 2), 1, at_minute(2), None)], 0.0)
    first, second = (decode_updates(message.value) for message in combiner.flush())
    assert first.broadcast is not None
    assert (list(first.packs), first.heard, first.reached) == (["acme"], (1, 4), at_minute(1))
    assert (first.broadcast.position, first.broadcast.event.org_id) == (Position(1, BROADCAST, 0, 5), "*")
    assert (list(second.packs), second.heard, second.broadcast) == (["acme"], (1, 5), None)
    assert heard_by(first) == heard_by(second) == (1, 5)
    assert heard_by(None) is None


def test_a_refused_broadcast_makes_a_message_of_its_own_when_nothing_else_does() -> None:
    """Or it would be refused again by each member that takes the partition over."""
    combiner = Combiner(0, CombineLimits(interval=timedelta(milliseconds=100)))
    assert combiner.flush() == []
    combiner.heard(1, 0, 5.0)
    assert (combiner.due(5.0), combiner.due(5.2)) == (False, True)
    (message,) = combiner.flush()
    assert decode_updates(message.value) == AccountUpdates(partition=0, heard=(1, 0))
    assert combiner.flush() == []


@pytest.mark.parametrize("partition", [0, 1])
def test_a_broadcast_is_counted_and_buried_by_one_partition(partition: int) -> None:
    """Every partition reads all of them."""
    work = PartitionWork(partition, IngestSettings("nowhere", Topics(2), merge_wait=timedelta(0)), None)
    work.merge.start_at(BROADCAST, 0, 2)
    for topic in ("usage", "billing", "crm", "feedback"):
        work.merge.start_at(topic, 0, 0)
    refused = Rejected(raw(b"", topic=BROADCAST, key=b"*", partition=0), DeadReason.UNDECODABLE, "")
    work.merge.offer(BROADCAST, [refused, broadcast(1, 0)], 2, 0.0)
    work.advance(1.0, at_minute(0))
    batch = work.collect()
    assert sum(decode_updates(one.value).broadcast is not None for one in batch.messages) == 1
    assert len(batch.dead) == (partition == 0)
    assert +batch.outcomes == ({(BROADCAST, "taken"): 1, (BROADCAST, "dead"): 1} if partition == 0 else {})
    assert batch.offsets == {}, "the group has no offset there"


def test_time_by_the_wall_clock_waits_for_the_broadcast_topic_too() -> None:
    """While its broker is silent nothing is said to be over; once it is read to its end time goes on."""
    merge = PartitionMerge(1, timedelta(0), at_minute(0))
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, 0)
        merge.end_at(topic, 0, at_minute(9))
    merge.start_at(BROADCAST, 4, 4)
    assert merge.mark("wall", at_minute(9)) == at_minute(0)
    merge.end_at(BROADCAST, 4, at_minute(8))
    assert merge.mark("wall", at_minute(9)) == at_minute(8)
    merge.end_at(BROADCAST, 5, at_minute(9))
    assert merge.mark("wall", at_minute(9)) == at_minute(0)


# -- where a member goes on --------------------------------------------------------------------------------------------


class HandConsumer:
    """A topic that retention has cut, with records up to an offset; what is fetched next is put into it."""

    def __init__(self, next_fetch: int = 3) -> None:
        self.next_fetch = next_fetch
        self.fetched: list[RawRecord] = []

    async def getmany(self, place: TopicPartition, *, timeout_ms: int, max_records: int) -> dict[Any, Any]:
        assert (timeout_ms, max_records > 0) == (0, True)
        return {place: [fetched(one) for one in self.fetched]} if self.fetched else {}

    async def position(self, place: TopicPartition) -> int:
        assert place.partition == 0
        return self.next_fetch

    def highwater(self, place: TopicPartition) -> None:
        assert place

    def last_poll_timestamp(self, place: TopicPartition) -> None:
        assert place

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 3)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 9)


def reader(**changed: Any) -> Any:
    """Return a reader that is connected, in epoch 2."""
    made: Any = BroadcastReader(IngestSettings("nowhere", Topics(4), epoch=2, **changed), HandClock().monotonic)
    made._consumer = HandConsumer()
    return made


def fetched(one: RawRecord) -> Any:
    """Return a record as the client gives it."""
    return SimpleNamespace(offset=one.offset, key=one.key, value=one.value, headers=(), timestamp=1_800_000_000_000)


async def test_each_partition_goes_on_after_what_it_has_heard() -> None:
    """One that never heard any, or of topics that were since recreated, begins at the beginning."""
    tails = {n: AccountUpdates(partition=n, heard=heard) for n, heard in enumerate(((2, 4), (2, 8), (1, 100)))}
    found = await reader().beginning(tails, range(4))
    assert (found.next, found.end) == ({0: 5, 1: 9, 2: 3, 3: 3}, 9)


@pytest.mark.parametrize(
    ("heard", "words"), [((2, 9), "heard up to offset 9, beyond its end 9"), ((2, 0), "retention deleted 2 records")]
)
async def test_a_member_refuses_a_topic_that_does_not_fit_what_was_heard(heard: tuple[int, int], words: str) -> None:
    """As with the offsets of account topics."""
    with pytest.raises(ConfigError, match=words):
        await reader().beginning({0: AccountUpdates(partition=0, heard=heard)}, [0])


async def test_lost_broadcasts_may_be_accepted() -> None:
    """By the setting that accepts lost records elsewhere."""
    tails = {0: AccountUpdates(partition=0, heard=(2, 0))}
    assert (await reader(accept_lost_records=True).beginning(tails, [0])).next == {0: 3}


async def test_a_new_epoch_keeps_the_place_in_a_topic_that_still_has_it() -> None:
    """The epoch goes up for all input topics when any was recreated; who joined after a launch would hear it then."""
    tails = {n: AccountUpdates(partition=n, heard=heard) for n, heard in enumerate(((1, 4), (1, 8), (1, 9)))}
    found = await reader().beginning(tails, range(3))
    assert found.next == {0: 5, 1: 9, 2: 3}, "the last one heard more than there is: the topic is another one"
    with pytest.raises(ConfigError, match="retention deleted 2 records"):
        await reader().beginning({0: AccountUpdates(partition=0, heard=(1, 0))}, [0])


@pytest.mark.parametrize(
    ("epoch", "goes_on", "said"),
    [(1, 5, []), (2, 5, [(2, 4)]), (2, 0, [(2, -1)])],
    ids=["the same epoch", "a new one", "a new one of a recreated topic"],
)
def test_a_partition_says_where_it_stands_in_a_new_epoch(epoch: int, goes_on: int, said: list[tuple[int, int]]) -> None:
    """At once: the next owner would otherwise measure a topic by the place in one that is gone."""
    settings = IngestSettings("nowhere", Topics(1), epoch=epoch)
    work = PartitionWork(0, settings, at_minute(7), heard=(1, 4))
    work.hear_from(goes_on, goes_on, 5.0)
    assert work.due(5.2) == bool(said)
    messages = [decode_updates(one.value) for one in work.collect().messages]
    assert messages == [AccountUpdates(partition=0, reached=at_minute(7), heard=one) for one in said]


@pytest.mark.parametrize("after", [[], [raw(RESOLVED, topic=BROADCAST, key=b"*", partition=0, offset=8)]])
async def test_what_is_no_record_is_read_past(after: list[RawRecord]) -> None:
    """A transaction's end takes the last offset: the topic would never be read to its end, and all would wait."""
    one, merge = reader(), PartitionMerge(2, timedelta(0))
    merge.start_at(BROADCAST, 8, 10)
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, 0)
    one._consumer.next_fetch, one._consumer.fetched = 10, after
    await one.offer(RecordDecoder(PARTITIONS), {0: merge}, 0.0, at_minute(9))
    assert (merge.position(BROADCAST), merge.buffered(BROADCAST)) == (10, len(after))
    merge.take(1.0)
    assert merge.idle
