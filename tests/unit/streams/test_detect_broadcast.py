"""A broadcast in detect: every account of the partition takes it once, and no account that came after it."""

from datetime import timedelta

import msgspec
import pytest

from signals.domain.events.kinds import BROADCAST
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.domain.update import AccountUpdates, Arrival
from signals.engine.admission import DeadArrival
from signals.engine.stepped import Stepped
from signals.streams import codec, detect
from signals.streams.deadletter import DeadLetter
from signals.streams.evaluate import evaluate
from support.fake_engine import EPOCH, arrival, fake_step, updates
from support.hand_detect import Left, World, detector_in

NAMES = tuple("abcdefgh")


def broadcast(offset: int, reason: str | None = None) -> Arrival:
    """Return a broadcast at an offset of its topic."""
    one = arrival("*", offset, reason)
    return msgspec.structs.replace(one, position=Position(0, BROADCAST, 0, offset))


def message(*arrivals: Arrival, said: Arrival | None = None, heard: tuple[int, int] | None = None) -> bytes:
    """Return a message of partition 1 with packs, and a broadcast after them."""
    return codec.encode_updates(msgspec.structs.replace(updates(1, *arrivals), broadcast=said, heard=heard))


def marks(world: World) -> dict[str, int | None]:
    """Return up to which broadcast each account has heard."""
    found = {}
    for org_id, value in world.values.items():
        place = codec.decode_account(value).life.positions.get("broadcast:0")
        found[org_id] = place[1] if place is not None else None
    return found


async def test_every_account_takes_it_in_turns_the_new_ones_of_its_message_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broadcast is as many accounts as a midnight: each turn is stored before the next begins."""
    monkeypatch.setattr(detect, "TURN_ACCOUNTS", 3)
    world = World()
    detector = detector_in(world)
    await detector.handle(1, 0, message(*(arrival(name, 0) for name in NAMES[:6])))
    world.events.clear()
    await detector.handle(1, 1, message(arrival("g", 1), said=broadcast(4), heard=(0, 3)))
    assert marks(world) == dict.fromkeys(NAMES[:7], 4)
    assert [one for one in world.events if one.startswith("store")] == [f"store {name}" for name in "gabcdef"]
    assert world.events.index("store g") < world.events.index("signal-events", 5)


async def test_accounts_that_stand_for_several_do_not_take_it() -> None:
    """Nor do our own canaries; a pack of theirs in the same message is applied as ever."""
    world = World()
    detector = detector_in(world)
    others = ("all-accounts", "book:dana", "signals-canary-7")
    await detector.handle(1, 0, message(*(arrival(name, 0) for name in ("a", *others))))
    await detector.handle(1, 1, message(arrival("book:dana", 1), said=broadcast(0)))
    assert marks(world) == {"a": 0} | dict.fromkeys(others, None)


async def test_an_account_that_came_later_does_not_take_it_when_its_message_is_read_again() -> None:
    """The table is ahead of the commit after a crash: the account is there although the message comes before it."""
    world = World()
    detector = detector_in(world)
    messages = [
        message(arrival("a", 0)),
        message(said=broadcast(4), heard=(0, 3)),
        message(arrival("b", 0), heard=(0, 4)),
    ]
    for offset, value in enumerate(messages):
        await detector.handle(1, offset, value)
    before = dict(world.values)
    detector.revoked([1])
    world.events.clear()
    for offset, value in enumerate(messages):
        await detector.handle(1, offset, value)
    assert world.values == before
    assert marks(world) == {"a": 4, "b": 4}
    assert "signal-events" not in world.events


async def test_a_broadcast_half_done_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash between two turns those that have taken it say nothing again."""
    monkeypatch.setattr(detect, "TURN_ACCOUNTS", 2)
    world = World()
    detector = detector_in(world)
    await detector.handle(1, 0, message(*(arrival(name, 0) for name in NAMES)))
    world.events.clear()
    world.refuse_after = 20
    said = message(said=broadcast(4))
    with pytest.raises(Left):
        await detector.handle(1, 1, said)
    done = sum(mark == 4 for mark in marks(world).values())
    assert 0 < done < len(NAMES)
    world.refuse_after = None
    world.events.clear()
    detector.revoked([1])
    world.committed = 1
    await detector.handle(1, 1, said)
    assert marks(world) == dict.fromkeys(NAMES, 4)
    assert world.events.count("signal-events") == len(NAMES) - done


async def test_what_all_accounts_refuse_is_one_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter per account would bury all others; it holds the broadcast as it was sent."""
    monkeypatch.setattr(detect, "TURN_ACCOUNTS", 2)
    world = World()
    detector = detector_in(world)
    await detector.handle(1, 0, message(*(arrival(name, 0) for name in NAMES)))

    def too_late(*given: object, until: object) -> Stepped:
        account, org_id, arrivals = given
        stepped = fake_step(account, org_id, (), until=until)  # type: ignore[arg-type]  # handed on as they came
        dead = tuple(DeadArrival(one, DeadReason.TOO_LATE, "late") for one in arrivals)  # type: ignore[attr-defined]  # arrivals
        return Stepped(stepped.account, (), (), (), dead, stepped.tally)

    detector.step = too_late
    await detector.handle(1, 1, message(said=broadcast(4)))
    letters = [codec.decode_json(value, DeadLetter) for value in world.letters]
    assert [(one.org_id, one.topic, one.offset, one.reason) for one in letters] == [
        ("*", BROADCAST, 4, DeadReason.TOO_LATE)
    ]


def test_our_fault_on_one_account_is_that_accounts_dead_letter() -> None:
    """The others take it; the letter is addressed to the account, so that it can be sent again to it alone."""

    def fails_on_b(*given: object, until: object) -> Stepped:
        account, org_id, arrivals = given
        if org_id == "b" and arrivals:
            raise RuntimeError("a fault")
        return fake_step(account, org_id, arrivals, until=until)  # type: ignore[arg-type]  # handed on as they came

    table = evaluate(updates(1, arrival("a", 0), arrival("b", 0)), lambda _: None, fake_step).values
    said = AccountUpdates(partition=1, broadcast=broadcast(0))
    found = evaluate(said, table.get, fails_on_b, ("a", "b"))
    assert [(one.org_id, one.reason) for one in found.dead] == [("b", DeadReason.FAILED)]
    assert list(found.values) == ["a"]


def test_time_passes_for_all_who_hear_and_for_nobody_too_early() -> None:
    """A mark beside it wakes those who are due only."""
    table = evaluate(
        updates(1, arrival("a", 0, "wake:60"), arrival("b", 0, "wake:9000")), lambda _: None, fake_step
    ).values
    mark = EPOCH + timedelta(seconds=90)
    said = AccountUpdates(partition=1, broadcast=broadcast(0), mark=mark)
    found = evaluate(said, table.get, fake_step, ("a", "b"))
    assert [(one.org_id, one.key) for one in found.transitions] == [("a", "e0"), ("a", "woken"), ("b", "e0")]


@pytest.mark.parametrize("said", [None, broadcast(3)])
def test_an_older_detect_worker_reads_all_messages_but_those_with_a_broadcast(said: Arrival | None) -> None:
    """It would pass it over without a word; of a version it does not know it leaves."""
    value = message(arrival("a", 0), said=said, heard=(0, 2))
    assert value[0] == (1 if said is None else 2)
    assert codec.decode_updates(value).broadcast == said
