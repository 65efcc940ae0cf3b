"""What holds for the merge and the combiner whatever the history and however it is cut."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.events.kinds import INPUT_TOPICS, MERGED_TOPICS
from signals.domain.reasons import DeadReason
from signals.domain.update import AccountUpdates, Arrival
from signals.ingest.combine import CombineLimits, Combiner
from signals.ingest.merge import PartitionMerge, Step, Taken, merge_all
from signals.ingest.record import Accepted, Rejected, Skipped
from signals.streams.codec import decode_updates
from support.records import accepted, raw

WAIT = timedelta(milliseconds=250)


def _one(topic: Any, offset: Any, what: Any) -> Any:
    if what is None:
        return Skipped(topic, 0, offset, "unmapped")
    if what < 0:
        return Rejected(raw(b"", topic=topic, offset=offset), DeadReason.UNDECODABLE, "")
    return accepted(topic, offset, what, org_id=f"org {what % 3}")


@st.composite
def histories(draw: Any, topics: Any = MERGED_TOPICS) -> Any:
    """Per topic a list of decoded records: times of a small range (many ties), bad and skipped ones between."""
    whats = st.one_of(st.integers(0, 12), st.just(-1), st.none())
    return {
        topic: [_one(topic, n, what) for n, what in enumerate(draw(st.lists(whats, max_size=12)))] for topic in topics
    }


def _order(arrivals: Any) -> Any:
    return [(a.position.topic, a.position.offset, a.reached) for a in arrivals]


@given(histories())
def test_within_a_topic_offsets_only_rise_and_nothing_is_lost_or_doubled(history: Any) -> None:
    """Every accepted record is taken once, in the order of its topic."""
    arrivals = list(merge_all(history, epoch=1))
    for topic, records in history.items():
        taken = [a.position.offset for a in arrivals if a.position.topic == topic]
        assert taken == [record.offset for record in records if isinstance(record, Accepted)]


@given(histories())
def test_each_one_taken_is_the_smallest_head_of_its_moment(history: Any) -> None:
    """By (event time, topic rank); reached is the largest time so far."""
    left = {topic: [r for r in records if isinstance(r, Accepted)] for topic, records in history.items()}
    reached = None
    for arrival in merge_all(history, epoch=1):
        heads = [(records[0].at, rank, topic) for rank, (topic, records) in enumerate(left.items()) if records]
        _, _, smallest = min(heads)
        assert arrival.position.topic == smallest
        taken = left[smallest].pop(0)
        reached = taken.at if reached is None else max(reached, taken.at)
        assert arrival.reached == reached


@given(histories(), st.data())
def test_the_order_does_not_depend_on_how_fetches_cut_the_history(history: Any, data: Any) -> None:
    """A backlog with known ends, fetched in pieces of any size from any topic, any pause between."""
    merge = PartitionMerge(1, WAIT)
    for topic, records in history.items():
        merge.start_at(topic, 0, len(records))
    given_out: list[Step] = []
    now = 0.0
    done = dict.fromkeys(history, 0)
    while any(done[topic] < len(history[topic]) for topic in history):
        topic = data.draw(st.sampled_from([t for t in history if done[t] < len(history[t])]))
        size = data.draw(st.integers(1, 5))
        piece = history[topic][done[topic] : done[topic] + size]
        done[topic] += len(piece)
        merge.offer(topic, piece, done[topic], now)
        now += data.draw(st.sampled_from([0.0, 0.1, 10.0]))
        given_out.extend(merge.take(now))
    given_out.extend(merge.take(now + 1))
    assert merge.idle
    arrivals = [arrival for step in given_out if isinstance(step, Taken) for arrival in step.arrivals]
    assert _order(arrivals) == _order(merge_all(history, epoch=1))
    rest = [(step.topic, step.offset) for step in given_out if not isinstance(step, Taken)]
    for topic in history:
        wanted = [record.offset for record in history[topic] if not isinstance(record, Accepted)]
        assert [offset for other, offset in rest if other == topic] == wanted


@given(histories(INPUT_TOPICS), st.integers(1, 6), st.integers(700, 3000), st.data())
def test_packing_keeps_each_accounts_order_and_every_arrival(
    history: Any, max_events: Any, max_bytes: Any, data: Any
) -> None:
    """Whatever the limits and whenever it is flushed, messages read in order give each account the same arrivals."""
    combiner = Combiner(0, CombineLimits(max_bytes=max_bytes, max_events=max_events))
    merge = PartitionMerge(1, timedelta(0))
    for topic, records in history.items():
        merge.start_at(topic, 0, len(records))
        merge.offer(topic, records, len(records), 0.0)
    messages: list[AccountUpdates] = []
    wanted: dict[str, list[Arrival]] = {}
    for step in merge.take(0.0):
        if isinstance(step, Taken):
            combiner.add([step], 0.0)
            wanted.setdefault(step.record.org_id, []).extend(step.arrivals)
        if data.draw(st.booleans()):
            messages.extend(decode_updates(message.value) for message in combiner.flush())
    messages.extend(decode_updates(message.value) for message in combiner.flush())
    packed: dict[str, list[Arrival]] = {}
    for message in messages:
        assert sum(len(pack) for pack in message.packs.values()) <= max_events
        for org_id, pack in message.packs.items():
            packed.setdefault(org_id, []).extend(pack)
    assert packed == wanted
