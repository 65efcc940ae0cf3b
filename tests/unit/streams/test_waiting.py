"""What waits for one destination: order per signal, and which edits nobody need see."""

from datetime import timedelta

import msgspec

from signals.domain.reasons import Change, ResolvedBecause
from signals.streams.waiting import Due, Heading, Queue, Step, Waiting, heading_of
from support.fake_engine import EPOCH


def waiting(offset: int, signal: str, change: Change = Change.UPDATED, *, erased: bool = False,
            doubtful: bool = False) -> Waiting:  # fmt: skip
    """Return one delivery."""
    because = ResolvedBecause.ERASED if erased else None
    step = Step(signal, offset + 1, change, EPOCH, "resolved" if erased else "open", because)
    return Waiting(Due(offset, b""), Heading("c", step), doubtful=doubtful)


def a_queue(*ones: Waiting, coalesce: bool = True) -> Queue:
    """Return a queue with these in it."""
    queue = Queue(coalesce=coalesce)
    for one in ones:
        queue.push(one)
    return queue


def drained(queue: Queue) -> tuple[list[int], list[int]]:
    """Return the offsets delivered and those left out."""
    delivered: list[int] = []
    left_out: list[int] = []
    while True:
        one, skipped = queue.take()
        left_out += [other.due.offset for other in skipped]
        if one is None:
            return delivered, left_out
        delivered.append(one.due.offset)


def test_twenty_edits_of_one_card_become_the_last() -> None:
    """The card shows a state: the newest is all that matters, and each one left out is known."""
    queue = a_queue(*(waiting(offset, "x") for offset in range(20)))
    assert drained(queue) == ([19], list(range(19)))


def test_what_happened_is_never_left_out() -> None:
    """An opening, an escalation, a reminder, a resolve and a reopening each say something of their own."""
    steps = [Change.OPENED, Change.ESCALATED, Change.REMINDED, Change.RESOLVED, Change.REOPENED]
    queue = a_queue(*(waiting(offset, "x", change) for offset, change in enumerate(steps)))
    assert drained(queue) == ([0, 1, 2, 3, 4], [])


def test_an_update_before_an_escalation_is_left_out_the_escalation_is_not() -> None:
    """The escalation's own edit shows the newer state."""
    queue = a_queue(waiting(0, "x"), waiting(1, "x", Change.ESCALATED), waiting(2, "x"), waiting(3, "x"))
    assert drained(queue) == ([1, 3], [0, 2])


def test_signals_do_not_take_each_others_place() -> None:
    """An update of another signal is another card."""
    queue = a_queue(waiting(0, "x"), waiting(1, "y"), waiting(2, "x"))
    assert drained(queue) == ([1, 2], [0])


def test_a_receiver_of_steps_gets_each_of_them() -> None:
    """A webhook's reader counts on it."""
    queue = a_queue(waiting(0, "x"), waiting(1, "x"), coalesce=False)
    assert drained(queue) == ([0, 1], [])


def test_what_was_never_shown_is_not_shown_to_be_erased() -> None:
    """An opening that waits behind a dead channel goes with its account; one that may have arrived is found first."""
    queue = a_queue(waiting(0, "x", Change.OPENED), waiting(1, "x", Change.RESOLVED, erased=True))
    assert drained(queue) == ([1], [0])
    queue = a_queue(waiting(0, "x", Change.OPENED, doubtful=True), waiting(1, "x", Change.RESOLVED, erased=True))
    assert drained(queue) == ([0, 1], [])


def test_what_could_not_be_delivered_goes_behind_the_other_signals_with_all_of_its_own() -> None:
    """So that a poisoned card holds nobody for ever, and the order of each signal stays."""
    queue = a_queue(waiting(0, "x", Change.OPENED), waiting(1, "x", Change.ESCALATED), waiting(2, "y", Change.OPENED))
    one, _ = queue.take()
    assert one is not None
    queue.put_back(one, 7.0)
    assert one.doubtful
    assert drained(queue) == ([2, 0, 1], [])


def test_the_last_chance_comes_when_others_got_through_or_after_a_day() -> None:
    """Then it is the delivery's own fault, or somebody must look; before, the destination is down and all wait."""
    queue = a_queue(waiting(0, "x", Change.OPENED), waiting(1, "y", Change.OPENED))
    one, _ = queue.take()
    assert one is not None
    assert not queue.last_chance(one, 0.0, 100.0)
    queue.put_back(one, 10.0)
    assert not queue.last_chance(one, 50.0, 100.0)
    assert queue.last_chance(one, 110.0, 100.0)
    queue.successes += 1
    assert queue.last_chance(one, 50.0, 100.0)


def test_the_heading_is_read_without_the_rest() -> None:
    """And nothing of a record that is none."""
    assert heading_of(b"\xff") is None
    assert heading_of(b"{}") is None
    step = {"signal_id": "s", "seq": 3, "change": "updated", "at": EPOCH + timedelta(hours=1), "status": "open"}
    heading = heading_of(msgspec.json.encode({"destination": "c", "transition": step, "id": "d"}))
    assert heading == Heading("c", Step("s", 3, Change.UPDATED, EPOCH + timedelta(hours=1), "open"))
