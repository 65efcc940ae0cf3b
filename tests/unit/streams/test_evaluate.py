"""One message in, everything to write out; one account's bug stays its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from signals.domain.account.state import Account
from signals.domain.reasons import DeadReason
from signals.domain.update import Arrival
from signals.engine.stepped import Stepped
from signals.streams import codec
from signals.streams.deadletter import DeadLetter
from signals.streams.evaluate import Evaluated, Load, evaluate, records
from signals.streams.topics import Topics
from support.fake_engine import EPOCH, arrival, fake_step, updates

TOPICS = Topics(partitions=4, prefix="p-")


def stored(values: dict[str, bytes]) -> Load:
    """Return a table that holds *values*."""
    return lambda org_id: values.get(org_id)


NEW = stored({})


def applied(evaluated: Evaluated) -> dict[str, int]:
    """Return account id -> last applied offset on feedback:0."""
    found = {}
    for org_id, value in evaluated.values.items():
        found[org_id] = codec.decode_account(value).life.positions["feedback:0"][1]
    return found


def test_every_account_of_a_message_gets_its_value() -> None:
    """Packs are applied in their order, each to its own account."""
    message = updates(0, arrival("a", 1), arrival("b", 2), arrival("a", 3))

    evaluated = evaluate(message, NEW, fake_step)

    assert applied(evaluated) == {"a": 3, "b": 2}
    assert [(one.org_id, one.key) for one in evaluated.transitions] == [("a", "e1"), ("a", "e3"), ("b", "e2")]
    assert evaluated.tally.applied == 3


def test_a_message_read_again_changes_nothing_and_says_nothing() -> None:
    """Positions make a repeat harmless."""
    message = updates(0, arrival("a", 1))
    first = evaluate(message, NEW, fake_step)

    second = evaluate(message, stored(first.values), fake_step)

    assert (second.values, second.transitions) == (first.values, [])
    assert second.tally.duplicates == 1


def test_a_mark_wakes_the_due_and_only_those_without_a_pack_apart() -> None:
    """An account with a pack sees the mark in the same step, after its events."""
    before = evaluate(updates(0, arrival("a", 0, "wake:60"), arrival("b", 1, "wake:60")), NEW, fake_step)
    assert before.wakes["a"] == EPOCH + timedelta(seconds=60)
    mark = updates(0, arrival("b", 2), mark=EPOCH + timedelta(seconds=90))

    evaluated = evaluate(mark, stored(before.values), fake_step, due=("a", "b"))

    assert [(one.org_id, one.key) for one in evaluated.transitions] == [("b", "e2"), ("b", "woken"), ("a", "woken")]
    assert evaluated.accounts == 2
    assert evaluated.wakes == {"a": None, "b": None}


def test_only_the_record_that_fails_is_given_up() -> None:
    """Its neighbours in the pack and in the message are applied as if it had not been there."""
    message = updates(0, arrival("a", 1), arrival("a", 2, "fail"), arrival("a", 3), arrival("b", 4))

    evaluated = evaluate(message, NEW, fake_step)

    assert applied(evaluated) == {"a": 3, "b": 4}
    assert [(one.offset, one.reason, one.stage) for one in evaluated.dead] == [(2, DeadReason.FAILED, "detect")]
    assert "RuntimeError: told to fail at fake_step" in evaluated.dead[0].message
    assert [org_id for org_id, _ in evaluated.failures] == ["a"]


def test_events_of_one_record_fail_together_and_are_tried_together() -> None:
    """The engine takes a position that comes again in another call for a repetition."""
    calls: list[int] = []

    def step(
        account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        calls.append(len(arrivals))
        if len(arrivals) > 2:
            raise RuntimeError("too many at once")
        return fake_step(account, org_id, arrivals, until=until)

    evaluate(updates(0, arrival("a", 1), arrival("a", 1), arrival("a", 2)), NEW, step)

    assert calls == [3, 2, 1]


def test_timers_that_fail_are_not_asked_again_at_every_mark() -> None:
    """The account keeps its value, gets one dead letter, and waits for its next event."""

    def step(
        account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        if until is not None:
            raise ValueError("a broken rule")
        return fake_step(account, org_id, arrivals, until=until)

    values = evaluate(updates(0, arrival("a", 0, "wake:60")), NEW, fake_step).values

    evaluated = evaluate(updates(0, mark=EPOCH + timedelta(seconds=90)), stored(values), step, due=("a",))

    assert evaluated.wakes == {"a": None}
    assert evaluated.values == {}
    assert [(one.org_id, one.value) for one in evaluated.dead] == [("a", None)]


def test_a_damaged_account_costs_only_itself() -> None:
    """Its events become dead letters with their canonical bytes; the others go on."""
    evaluated = evaluate(updates(0, arrival("a", 1), arrival("b", 2)), stored({"a": b"damaged"}), fake_step)

    assert set(evaluated.values) == {"b"}
    assert [one.org_id for one in evaluated.dead] == ["a"]


def test_an_account_of_a_newer_program_stops_everything() -> None:
    """Going on would write what the newer program cannot trust."""
    value = bytearray(evaluate(updates(0, arrival("a", 1)), NEW, fake_step).values["a"])
    value[codec.WAKE_BYTES] = 99
    with pytest.raises(codec.SchemaTooNew):
        evaluate(updates(0, arrival("a", 2)), stored({"a": bytes(value)}), fake_step)


def test_outputs_go_to_their_topics_on_the_accounts_partition() -> None:
    """Each record has the key its topic promises; signal-state keeps the last transition of a signal only."""
    evaluated = evaluate(updates(2, arrival("a", 1), arrival("a", 2, "fail")), NEW, fake_step)
    evaluated.transitions.append(msgspec.structs.replace(evaluated.transitions[0], seq=2))
    signal = evaluated.transitions[0].signal_id

    written = list(records(evaluated, TOPICS, 2))

    assert {one.partition for one in written} == {2}
    assert [(one.topic.removeprefix("p-"), one.key) for one in written] == [
        ("signal-events", b"a"),
        ("signal-events", b"a"),
        ("signal-state", signal.encode()),
        ("suppressions", b"a"),
        ("deliveries.slack", b"a"),
        ("dead-letters", b"a"),
    ]
    state, letter = written[2].value, written[5].value
    assert state is not None
    assert letter is not None
    assert msgspec.json.decode(state)["seq"] == 2
    assert codec.decode_json(letter, DeadLetter).position == "0:feedback:0:2"


@pytest.mark.parametrize("flag", ["closed_day", "leads_moved"])
def test_an_account_is_summarised_when_there_is_something_new_to_say(flag: str) -> None:
    """A day closed or its leads moved; not at every event, and never an account that stands for others."""

    def stepping(*arguments: object, **options: object) -> Stepped:
        stepped = fake_step(*arguments, **options)  # type: ignore[arg-type]  # passed on as they come
        return replace(stepped, **{flag: stepped.account.org_id != "quiet"})  # type: ignore[arg-type]  # a flag by name

    message = updates(0, arrival("told", 1), arrival("quiet", 2), arrival("book:dana", 3))
    evaluated = evaluate(message, NEW, stepping, summarise=lambda account: account.org_id.encode())

    assert evaluated.summaries == {"told": b"told"}
