"""The order of work on one message, and every way it may not be acknowledged."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from signals.domain.account.life import Episode, Life
from signals.domain.account.state import Account
from signals.domain.reasons import FamilyName
from signals.engine.stepped import Stepped
from signals.streams import codec, detect
from signals.streams.detect import Detector
from signals.streams.outbox import Record
from signals.streams.topics import partition_for
from support.fake_engine import EPOCH, arrival, fake_step, transition, updates
from support.hand_detect import Left, World, detector_in
from support.meters import SilentDetectMeter

ORG = next(name for name in ("a", "b", "c", "d", "e", "f", "g") if partition_for(name, 4) == 1)


@pytest.fixture
def world() -> World:
    """A fresh world."""
    return World()


@pytest.fixture
def detector(world: World) -> Detector:
    """A detector in *world* with the fake engine."""
    return detector_in(world)


def message(offset: int, reason: str | None = None) -> bytes:
    """Return a message with one event of the account."""
    return codec.encode_updates(updates(1, arrival(ORG, offset, reason)))


async def test_outputs_are_sent_before_the_table_and_the_changelog_before_the_return(
    world: World, detector: Detector
) -> None:
    """The order that loses nothing at any crash point."""
    await detector.handle(1, 0, message(0))
    assert world.events == [
        "signal-events", "signal-state", "suppressions", "deliveries.slack", f"store {ORG}", "changelog",
    ]  # fmt: skip
    assert detector.next_offset(1) == 1


async def test_offsets_must_follow_each_other(detector: Detector) -> None:
    """A hole means Faust lost a message: the process leaves and reads again from the commit."""
    await detector.handle(1, 0, message(0))
    with pytest.raises(Left) as left:
        await detector.handle(1, 2, message(2))
    assert left.value.fault == "offset_gap"
    assert "got offset 2, expected 1" in left.value.detail


async def test_the_first_offset_must_be_the_committed_one(world: World, detector: Detector) -> None:
    """Also messages lost before the first one seen are noticed."""
    world.committed = 5
    with pytest.raises(Left) as left:
        await detector.handle(1, 7, message(7))
    assert left.value.fault == "offset_gap"
    assert world.events == []


async def test_after_a_revocation_the_commit_counts_again(world: World, detector: Detector) -> None:
    """A partition that comes back starts where the group stands."""
    await detector.handle(1, 0, message(0))
    detector.revoked([1])
    assert detector.next_offset(1) is None
    world.committed = 4

    await detector.handle(1, 4, message(4))

    assert detector.next_offset(1) == 5


async def test_a_message_read_twice_is_done_once(world: World, detector: Detector) -> None:
    """A repeat within one assignment is let through without work."""
    await detector.handle(1, 0, message(0))
    world.events.clear()
    await detector.handle(1, 0, message(0))
    assert world.events == []


@pytest.mark.parametrize("topic", ["signal-events", "changelog"])
async def test_what_the_broker_did_not_take_ends_the_process(world: World, detector: Detector, topic: str) -> None:
    """An exception would still acknowledge the message."""
    world.refuse = topic
    with pytest.raises(Left) as left:
        await detector.handle(1, 0, message(0))
    assert left.value.fault == "changelog_failed"
    assert detector.next_offset(1) is None


async def test_a_turn_longer_than_the_session_says_nothing(world: World, detector: Detector) -> None:
    """A process that was stopped while it evaluated: the new owner has said all this, and perhaps more, by now."""

    def slow(*given: Any, until: datetime | None) -> Stepped:
        world.now += 11.0
        return fake_step(*given, until=until)

    detector.step = slow
    with pytest.raises(Left):
        await detector.handle(1, 0, message(0))
    assert world.events == []


async def test_a_turn_longer_than_the_session_stores_nothing(world: World, detector: Detector) -> None:
    """Another worker may own the partition by now; our values would bury its."""
    world.send_takes = 11.0
    with pytest.raises(Left):
        await detector.handle(1, 0, message(0))
    assert world.values == {}


async def test_a_message_nobody_can_read_becomes_a_dead_letter(world: World, detector: Detector) -> None:
    """It is kept, counted and passed: stopping at it would repeat for ever."""
    await detector.handle(1, 0, b"\x01garbage")
    assert world.events == ["dead-letters"]
    assert detector.next_offset(1) == 1


async def test_a_message_of_a_newer_program_ends_the_process(detector: Detector) -> None:
    """A rollback must not eat what it cannot read."""
    with pytest.raises(Left):
        await detector.handle(1, 0, b"\xfa\x80")


async def test_wakes_fire_at_a_mark_also_after_a_recovery(world: World, detector: Detector) -> None:
    """The heap is rebuilt from the first bytes of the stored values."""
    await detector.handle(1, 0, message(0, "wake:60"))
    await detector.recovered([])
    assert len(detector.wakes) == 0
    await detector.recovered([1])
    world.events.clear()

    mark = EPOCH + timedelta(seconds=90)
    await detector.handle(1, 1, codec.encode_updates(updates(1, mark=mark)))

    assert "signal-events" in world.events
    assert len(detector.wakes) == 0


async def test_what_an_older_value_buried_is_written_again_before_the_first_message(
    world: World, detector: Detector
) -> None:
    """A worker that was paused for longer than its session may have written last."""
    world.overtaken = ("acme",)
    await detector.recovered([0])
    assert world.events == []
    await detector.recovered([1])
    assert world.events == ["changelog"]


async def test_a_step_that_an_older_one_buried_is_written_again(world: World, detector: Detector) -> None:
    """Together with the accounts, before the first message; with no partition nobody looks."""
    asked: list[set[int]] = []

    async def buried(partitions: Collection[int]) -> tuple[Record, ...]:
        asked.append(set(partitions))
        return (Record("signal-state", 1, b"s1", b"{}"),)

    detector.buried = buried
    await detector.recovered([])
    await detector.recovered([1, 2])
    assert asked == [{1, 2}]
    assert world.events == ["signal-state"]


async def test_nothing_is_put_right_after_the_next_rebalance_began(world: World, detector: Detector) -> None:
    """Faust lets the callback of an old recovery run on; what it writes would stand behind the new owner's."""

    async def buried(_: Collection[int]) -> tuple[Record, ...]:
        detector.revoked([1])
        return (Record("signal-state", 1, b"s1", b"{}"),)

    world.overtaken = ("acme",)
    detector.buried = buried
    await detector.recovered([1])
    assert world.events == []


async def test_an_account_that_cannot_be_read_does_not_hold_up_the_others(world: World, detector: Detector) -> None:
    """Its events become dead letters later; every other account is served."""
    await detector.handle(1, 0, message(0, "wake:60"))
    world.values["broken"] = b"?"
    await detector.recovered([1])
    assert len(detector.wakes) == 1


async def test_open_signals_are_counted_again_after_a_recovery(world: World, detector: Detector) -> None:
    """The gauge shows what the table holds, not what this process has seen."""
    world.values[ORG] = open_account(3)
    await detector.recovered([1])
    meter = detector.meter
    assert isinstance(meter, SilentDetectMeter)
    assert meter.open[FamilyName.OTHER] == 3

    await detector.recovered([2])
    assert meter.open[FamilyName.OTHER] == 0


def open_account(signals: int) -> bytes:
    """Return a stored account with open signals."""
    draft = transition(ORG, "x", 1, EPOCH)
    episodes = {f"r|{n}": Episode(signal_id=f"s{n}", since=EPOCH, state="open", draft=draft) for n in range(signals)}
    return codec.encode_account(Account(org_id=ORG, clock=EPOCH, life=Life(episodes=episodes)))


async def test_accounts_of_other_partitions_are_not_woken_here(world: World, detector: Detector) -> None:
    """Faust's memory store keeps values of revoked partitions."""
    await detector.handle(1, 0, message(0, "wake:60"))
    await detector.recovered([0, 2])
    assert len(detector.wakes) == 0


async def test_a_midnight_of_many_accounts_is_done_in_turns(
    world: World, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All together they take longer than a session; each turn is sent and stored before the next begins."""
    monkeypatch.setattr(detect, "TURN_ACCOUNTS", 3)
    names = [name for name in map(str, range(100)) if partition_for(name, 4) == 1][:8]
    await detector.handle(1, 0, codec.encode_updates(updates(1, *(arrival(name, 0, "wake:60") for name in names))))
    world.events.clear()
    world.send_takes = 4.0  # twice in a turn of 10 s

    await detector.handle(1, 1, codec.encode_updates(updates(1, mark=EPOCH + timedelta(seconds=90))))

    stored = [event for event in world.events if event.startswith("store ")]
    assert stored == [f"store {name}" for name in sorted(names)]
    first = world.events.index(stored[2])
    assert "signal-events" in world.events[first:], "the second turn is evaluated after the first is stored"
    assert detector.next_offset(1) == 2


async def test_a_message_half_done_is_gone_on_with(
    world: World, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash between two turns the accounts that are stored say nothing again."""
    monkeypatch.setattr(detect, "TURN_ACCOUNTS", 2)
    names = [name for name in map(str, range(100)) if partition_for(name, 4) == 1][:4]
    data = codec.encode_updates(updates(1, *(arrival(name, 0) for name in names)))
    world.refuse_after = 12
    with pytest.raises(Left):
        await detector.handle(1, 0, data)
    done = set(world.values)
    assert 0 < len(done) < 4
    world.refuse_after = None
    world.events.clear()

    detector.revoked([1])
    await detector.handle(1, 0, data)

    assert set(world.values) == set(names)
    assert world.events.count("signal-events") == 4 - len(done)
