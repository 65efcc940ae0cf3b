"""Whose turn it is: the merge, driven by hand."""

from datetime import timedelta
from typing import Any

from signals.domain.events.crm import TicketSolved
from signals.domain.events.kinds import INPUT_TOPICS
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.ingest.merge import PartitionMerge, Taken, merge_all
from signals.ingest.record import Control, Decoded, Rejected, Skipped
from support.records import accepted, at_minute, raw

WAIT = timedelta(milliseconds=250)


def merge_with_ends(**ends: Any) -> Any:
    """Return a merge whose topics start at 0 and end as given; a topic not given is empty."""
    merge = PartitionMerge(1, WAIT)
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, ends.get(topic, 0))
    return merge


def turns(merge: Any, now_s: Any = 0.0) -> Any:
    """Return what the merge gives now, as (topic, offset)."""
    return [(step.record.topic, step.record.offset) for step in merge.take(now_s) if isinstance(step, Taken)]


def test_the_earliest_head_goes_first() -> None:
    """Heads of different topics are taken by event time."""
    merge = merge_with_ends(usage=1, billing=1, crm=1, feedback=1)
    for minute, topic in zip((3, 1, 4, 2), INPUT_TOPICS, strict=True):
        merge.offer(topic, [accepted(topic, 0, minute)], 1, 0.0)
    assert turns(merge, now_s=1.0) == [("billing", 0), ("feedback", 0), ("usage", 0), ("crm", 0)]


def test_at_one_instant_the_topics_rank_decides() -> None:
    """Usage before billing before crm before feedback, always."""
    merge = merge_with_ends(usage=1, billing=1, crm=1, feedback=1)
    for topic in ("feedback", "crm", "billing", "usage"):
        merge.offer(topic, [accepted(topic, 0, 5)], 1, 0.0)
    assert [topic for topic, _ in turns(merge, now_s=1.0)] == ["usage", "billing", "crm", "feedback"]


def test_within_a_topic_nothing_is_reordered() -> None:
    """A late record waits for its turn by offset; a position is a high-water mark."""
    merge = merge_with_ends(usage=2, billing=1)
    merge.offer("usage", [accepted("usage", 0, 10), accepted("usage", 1, 1)], 2, 0.0)
    merge.offer("billing", [accepted("billing", 0, 5)], 1, 0.0)
    assert turns(merge, now_s=1.0) == [("billing", 0), ("usage", 0), ("usage", 1)]


def test_a_topic_with_lag_and_nothing_fetched_is_waited_for_however_long() -> None:
    """Its next record may be older than every head."""
    merge = merge_with_ends(usage=1, billing=3)
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 0.0)
    assert turns(merge, now_s=3600.0) == []
    assert merge.waiting_for == ("billing",)
    assert merge.wait_s(3600.0) is None
    merge.offer("billing", [accepted("billing", n, n) for n in range(3)], 3, 3600.0)
    assert turns(merge, now_s=3601.0)[-1] == ("usage", 0)
    assert merge.waiting_for == ()


def test_a_topic_that_is_caught_up_is_waited_for_merge_wait_only() -> None:
    """What is in flight sorts itself within merge_wait; then the head goes."""
    merge = merge_with_ends(usage=1)
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 5.0)
    assert turns(merge, now_s=5.249) == []
    assert round(merge.wait_s(5.249) or 0, 3) == 0.001
    merge.offer("billing", [accepted("billing", 0, 9)], 1, 5.249)
    assert turns(merge, now_s=5.25) == []
    assert turns(merge, now_s=5.499) == [("billing", 0), ("usage", 0)]


def test_a_head_on_every_topic_needs_no_waiting() -> None:
    """With all heads known the order is exact, so a backlog is not slowed by merge_wait."""
    merge = merge_with_ends(usage=2, billing=2, crm=2, feedback=2)
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.offer(topic, [accepted(topic, 0, 1), accepted(topic, 1, 2)], 2, 0.0)
    assert len(turns(merge, now_s=0.0)) == 5  # usage's second goes too; then usage is empty and merge_wait counts


def test_reached_is_the_largest_time_taken_with_the_records_own() -> None:
    """A late record carries how far the partition had come, and does not pull it back."""
    merge = merge_with_ends(usage=3)
    merge.offer("usage", [accepted("usage", 0, 10), accepted("usage", 1, 3), accepted("usage", 2, 12)], 3, 0.0)
    arrivals = [step.arrivals[0] for step in merge.take(1.0) if isinstance(step, Taken)]
    assert [arrival.reached for arrival in arrivals] == [at_minute(10), at_minute(10), at_minute(12)]
    assert [arrival.event.at for arrival in arrivals] == [at_minute(10), at_minute(3), at_minute(12)]


def test_reached_goes_on_where_it_stood_before_a_restart() -> None:
    """The tail of account-updates says how far the last member had come."""
    merge = PartitionMerge(1, WAIT, reached=at_minute(60))
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, 0)
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 0.0)
    (step,) = merge.take(1.0)
    assert isinstance(step, Taken)
    assert step.arrivals[0].reached == at_minute(60)


def test_events_of_one_record_share_its_position() -> None:
    """One foreign record may say several things; they stay together and in order."""
    merge = merge_with_ends(billing=1)
    merge.offer("billing", [accepted("billing", 4, 1, events=3)], 5, 0.0, received=at_minute(2))
    (step,) = merge.take(1.0)
    assert isinstance(step, Taken)
    assert {arrival.position for arrival in step.arrivals} == {Position(1, "billing", 0, 4)}
    said = [event.ticket_id for arrival in step.arrivals if isinstance(event := arrival.event, TicketSolved)]
    assert said == ["billing-4-0", "billing-4-1", "billing-4-2"]
    assert {arrival.received_at for arrival in step.arrivals} == {at_minute(2)}


def test_a_bad_record_goes_out_in_its_turn_by_offset_and_blocks_nobody() -> None:
    """It has no time, so it leaves as soon as it is the head; a bad record behind a waiting one waits."""
    merge = merge_with_ends(usage=3, billing=1)
    bad = [Rejected(raw(b"", offset=n), DeadReason.UNDECODABLE, "") for n in (0, 2)]
    merge.offer("usage", [bad[0], accepted("usage", 1, 5), bad[1]], 3, 0.0)
    assert list(merge.take(1.0)) == [bad[0]]
    merge.offer("billing", [accepted("billing", 0, 9)], 1, 0.0)
    rest = list(merge.take(1.0))
    assert rest[1] is bad[1]
    assert [type(step) for step in rest] == [Taken, Rejected, Taken]


def test_lag_counts_what_is_here_and_what_is_still_on_the_broker() -> None:
    """The lag metric must not fall because records were fetched."""
    merge = merge_with_ends(usage=10)
    merge.offer("usage", [accepted("usage", 0, 5), Skipped("usage", 0, 1, "unmapped")], 2, 0.0)
    assert (merge.lag("usage"), merge.buffered("usage"), merge.lag("crm"), merge.idle) == (10, 2, 0, False)


def test_an_end_offset_never_goes_back() -> None:
    """A fetch answered by a lagging replica must not make a topic look caught up."""
    merge = merge_with_ends(usage=5)
    merge.end_at("usage", 3)
    merge.offer("usage", [accepted("usage", n, n) for n in range(3)], 3, 0.0)
    assert len(turns(merge, 9.0)) == 3
    assert merge.idle is False


def live_merge() -> Any:
    """Return a merge of empty topics whose ends were asked for at 0 s, as a member has it after an assignment."""
    merge = PartitionMerge(1, WAIT)
    for topic in INPUT_TOPICS:
        merge.start_at(topic, 0, 0, asked_s=0.0)
    return merge


def test_a_head_passes_a_topic_only_when_its_leader_was_asked_after_it_had_come() -> None:
    """What a fetch says of the end may be old, or of a leader that does not know everything yet."""
    merge = live_merge()
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 5.0)
    for topic in INPUT_TOPICS:
        merge.end_at(topic, 1 if topic == "usage" else 0, at_minute(1))
    assert turns(merge, 5.2) == []
    assert merge.unconfirmed == ()  # merge_wait is not over: nobody need be asked yet

    assert turns(merge, 5.3) == []
    assert merge.unconfirmed == merge.waiting_for == ("billing", "crm", "feedback")
    assert 0 < merge.wait_s(5.3) < 0.1

    for topic in merge.unconfirmed:
        merge.confirm(topic, 0, asked_s=4.9)
    assert turns(merge, 5.4) == []
    for topic in merge.unconfirmed:
        merge.confirm(topic, 0, asked_s=5.3)
    assert turns(merge, 5.4) == [("usage", 0)]
    assert merge.unconfirmed == merge.waiting_for == ()


def test_an_answer_that_there_is_more_is_waited_for() -> None:
    """The leader knows of a record that no fetch has brought: it may be the older one, and here it is."""
    merge = live_merge()
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 5.0)
    for topic, end in (("billing", 1), ("crm", 0), ("feedback", 0)):
        merge.confirm(topic, end, asked_s=5.3)
    assert turns(merge, 60.0) == []
    assert merge.waiting_for == ("billing",)

    merge.offer("billing", [accepted("billing", 0, 9)], 1, 60.0)
    for topic in ("crm", "feedback"):
        merge.confirm(topic, 0, asked_s=60.3)
    assert turns(merge, 60.4) == [("billing", 0), ("usage", 0)]


def test_a_broker_that_is_away_holds_a_partition_up_and_makes_nothing_late() -> None:
    """Whatever the other leaders say, and however long it takes."""
    merge = live_merge()
    merge.offer("usage", [accepted("usage", 0, 10)], 1, 5.0)
    for topic in ("crm", "feedback"):
        merge.confirm(topic, 0, asked_s=3600.0)
    assert turns(merge, 3600.0) == []
    assert merge.unconfirmed == ("billing",)


def test_with_the_wall_clock_time_moves_only_as_far_as_the_broker_said_there_is_nothing() -> None:
    """While the broker is silent time stands still, else 'silent for 14 days' would fire on our own outage."""
    merge = merge_with_ends()
    assert merge.mark("wall", at_minute(100)) is None
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.end_at(topic, 0, known_at=at_minute(90))
    assert merge.mark("wall", at_minute(100)) == at_minute(90) - WAIT
    assert merge.mark("wall", at_minute(80)) == at_minute(80) - WAIT


def test_with_the_wall_clock_and_a_backlog_time_is_the_low_bound_of_the_merge() -> None:
    """Behind, only what was taken says how far time has come."""
    merge = merge_with_ends(usage=3)
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.end_at(topic, 0, known_at=at_minute(90))
    merge.offer("usage", [accepted("usage", 0, 5)], 1, 0.0)
    assert len(turns(merge, 1.0)) == 1
    assert merge.mark("wall", at_minute(100)) == at_minute(5)


def test_with_input_time_there_is_no_mark_before_every_topic_is_read() -> None:
    """A history's time comes from its records only, once all that is known was taken."""
    merge = merge_with_ends(usage=2)
    merge.offer("usage", [accepted("usage", 0, 5)], 1, 0.0)
    assert len(turns(merge, 1.0)) == 1
    assert merge.mark("input", at_minute(99)) is None
    merge.offer("usage", [accepted("usage", 1, 6)], 2, 1.0)
    assert merge.mark("input", at_minute(99)) is None
    assert len(turns(merge, 2.0)) == 1
    assert merge.mark("input", at_minute(99)) == at_minute(6)


def test_a_closing_record_takes_its_turn_and_raises_reached() -> None:
    """After it a record dated earlier is late."""
    merge = merge_with_ends(usage=2)
    merge.offer("usage", [Control("usage", 0, 0, at_minute(30)), accepted("usage", 1, 5)], 2, 0.0)
    closing, late = merge.take(1.0)
    assert closing == Control("usage", 0, 0, at_minute(30))
    assert isinstance(late, Taken)
    assert late.arrivals[0].reached == at_minute(30)


def test_merge_all_gives_a_whole_history_and_hands_over_what_is_no_event() -> None:
    """The replay of files uses the same machine; a topic without records is simply caught up."""
    bad = Rejected(raw(b""), DeadReason.UNDECODABLE, "")
    seen: list[Any] = []
    crm: list[Decoded] = [bad, accepted("crm", 1, 3), Control("crm", 0, 2, at_minute(9))]
    arrivals = merge_all(
        {
            "usage": [accepted("usage", n, 2 * n) for n in range(3)],
            "crm": iter(crm),
        },
        epoch=4,
        other=seen.append,
    )
    assert [(a.position.epoch, a.position.topic, a.position.offset) for a in arrivals] == [
        (4, "usage", 0), (4, "usage", 1), (4, "crm", 1), (4, "usage", 2),
    ]  # fmt: skip
    assert seen == [bad, Control("crm", 0, 2, at_minute(9))]
