"""How arrivals become messages."""

from datetime import timedelta
from typing import Any

from signals.domain.update import AccountUpdates, Arrival
from signals.ingest.combine import CombineLimits, Combiner
from signals.ingest.merge import PartitionMerge, Taken
from signals.streams.codec import decode_updates, encode_updates
from support.records import accepted, at_minute


def taken(*records: Any) -> Any:
    """Return the records as the merge gives them."""
    merge = PartitionMerge(1, timedelta(0))
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, 0)
    merge.offer("usage", records, len(records), 0.0)
    return [step for step in merge.take(0.0) if isinstance(step, Taken)]


def flushed(combiner: Combiner) -> list[AccountUpdates]:
    """Return the combiner's messages as detect reads them."""
    return [decode_updates(message.value) for message in combiner.flush()]


def test_a_message_holds_each_accounts_arrivals_in_order_and_how_far_the_merge_came() -> None:
    """Packs are per account, in order; reached is that of the last arrival."""
    combiner = Combiner(3)
    for step in taken(*(accepted("usage", n, n, org_id="ab"[n % 2]) for n in range(5))):
        combiner.add([step], 0.0)
    (message,) = flushed(combiner)
    assert (message.partition, message.reached, message.mark) == (3, at_minute(4), None)
    assert {org: [a.position.offset for a in pack] for org, pack in message.packs.items()} == {
        "a": [0, 2, 4],
        "b": [1, 3],
    }
    assert flushed(combiner) == []


def test_a_message_is_due_when_its_first_arrival_has_waited_long_enough() -> None:
    """The interval counts from the first arrival, not from the last."""
    combiner = Combiner(0, CombineLimits(interval=timedelta(milliseconds=100)))
    one, two = taken(accepted("usage", 0, 0), accepted("usage", 1, 1))
    assert (combiner.due(0.0), combiner.due_in_s(0.0)) == (False, None)
    combiner.add([one], 0.0)
    combiner.add([two], 0.09)
    assert (combiner.due(0.05), round(combiner.due_in_s(0.05) or 0, 3)) == (False, 0.05)
    assert combiner.due(0.1)


def test_a_full_message_is_due_at_once_and_the_next_begins() -> None:
    """By number of events."""
    combiner = Combiner(0, CombineLimits(max_events=2))
    for step in taken(*(accepted("usage", n, n) for n in range(5))):
        combiner.add([step], 0.0)
    assert combiner.due(0.0)
    assert [len(message.packs["acme"]) for message in flushed(combiner)] == [2, 2, 1]


def test_no_message_is_larger_than_the_limit_and_none_is_needlessly_small() -> None:
    """A pack above the limit is split into consecutive messages, in order; encoded, each fits."""
    combiner = Combiner(0, CombineLimits(max_bytes=4096, max_events=10**6))
    for step in taken(*(accepted("usage", n, n, org_id="big" if n % 3 else f"small {n}") for n in range(300))):
        combiner.add([step], 0.0)
    messages = combiner.flush()
    sizes = [len(message.value) for message in messages]
    assert max(sizes) <= 4096
    assert min(sizes[:-1]) > 2800
    packs = [decode_updates(message.value).packs for message in messages]
    offsets = [arrival.position.offset for pack in packs for arrival in pack.get("big", ())]
    assert offsets == [n for n in range(300) if n % 3]


def test_events_of_one_record_are_never_parted() -> None:
    """Admission compares positions: the second half in another message would look like a repetition."""
    combiner = Combiner(0, CombineLimits(max_events=4))
    for step in taken(*(accepted("usage", n, n, events=3) for n in range(4))):
        combiner.add([step], 0.0)
    assert [len(message.packs["acme"]) for message in flushed(combiner)] == [6, 6]


def test_a_mark_ends_its_message_and_what_follows_begins_another() -> None:
    """The engine applies a message's packs first and its mark last."""
    combiner = Combiner(0)
    one, two = taken(accepted("usage", 0, 0), accepted("usage", 1, 1))
    combiner.add([one], 0.0)
    combiner.mark(at_minute(0.5), at_minute(0.5))
    assert combiner.due(0.0)
    combiner.add([two], 0.0)
    first, second = flushed(combiner)
    assert (first.mark, second.mark) == (at_minute(0.5), None)
    assert second.packs["acme"][0].position.offset == 1


def test_of_two_marks_with_nothing_between_the_later_stays() -> None:
    """A quiet partition needs one message, not two."""
    combiner = Combiner(0)
    combiner.mark(at_minute(1), None)
    combiner.mark(at_minute(2), None)
    assert flushed(combiner) == [AccountUpdates(partition=0, mark=at_minute(2))]


def test_a_message_has_the_bytes_that_the_codec_gives_for_its_value() -> None:
    """Arrivals are encoded one by one as they come; a reader, and a message's digest, must see no difference."""
    combiner = Combiner(2)
    steps = taken(*(accepted("usage", n, n, org_id=f"org {n % 7}", events=1 + n % 3) for n in range(200)))
    packs: dict[str, tuple[Arrival, ...]] = {}
    for step in steps:
        combiner.add([step], 0.0)
        packs[step.record.org_id] = (*packs.get(step.record.org_id, ()), *step.arrivals)
    combiner.mark(at_minute(300), at_minute(250))
    (message,) = combiner.flush()
    whole = AccountUpdates(partition=2, reached=at_minute(250), packs=packs, mark=at_minute(300))
    assert message.value == encode_updates(whole)
    assert message.packs == tuple(len(pack) for pack in packs.values())


def test_a_pack_of_more_than_an_array_of_two_bytes_counts_is_readable() -> None:
    """The head of an array has three forms; the longest begins at 65,536 arrivals."""
    combiner = Combiner(0, CombineLimits(max_events=70_000, max_bytes=2**24))
    for step in taken(*(accepted("usage", n, n % 60) for n in range(65_540))):
        combiner.add([step], 0.0)
    (message,) = flushed(combiner)
    assert [arrival.position.offset for arrival in message.packs["acme"]] == list(range(65_540))
