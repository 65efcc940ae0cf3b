"""The one loop that brings every delivery to its sink."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason, SkipReason
from signals.domain.signal import Delivery
from signals.sinks.contract import Sent
from signals.sinks.delivery import Dead, Delivered, Skipped, deliver, skip_reason
from support.cards import NOW, delivery, transition
from support.hand_clock import HandClock

DUE = delivery(transition())
SENT = Sent(signal_id=DUE.transition.signal_id, seq=1, sink="slack", destination="account-signals", ref={}, at=NOW)
DOWN = Transient(FailReason.SERVER, "down")


class Scripted:
    """A sink that raises its script, then answers; remembers whether each attempt was a possible repeat."""

    name = "slack"

    def __init__(self, script: Sequence[Exception], clock: HandClock, call_s: float = 0) -> None:
        self.script, self.clock, self.call_s = list(script), clock, call_s
        self.repeats: list[bool] = []

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:  # noqa: ARG002 - a port
        """Raise the next of the script."""
        self.repeats.append(redelivered)
        self.clock.seconds += self.call_s
        if self.script:
            raise self.script.pop(0)
        return SENT


@pytest.mark.parametrize(("last", "expected"), [(0, None), (1, SkipReason.REPEAT), (2, SkipReason.REPEAT)])
def test_a_delivery_not_above_the_last_is_a_repeat(last: int, expected: SkipReason | None) -> None:
    """Sequence numbers decide, nothing else."""
    before = Sent(signal_id="s", seq=last, sink="slack", destination="d", ref={}, at=NOW) if last else None
    assert skip_reason(DUE, before) is expected


async def test_a_repeat_makes_no_call() -> None:
    """Skipped, with its reason."""
    clock = HandClock()
    sink = Scripted([], clock)

    assert await deliver(sink, DUE, SENT, patience=clock.patience()) == Skipped(SkipReason.REPEAT)
    assert sink.repeats == []


async def test_every_attempt_after_a_failure_may_be_a_repeat() -> None:
    """The first is not, unless the caller says so."""
    clock = HandClock()
    sink = Scripted([DOWN, DOWN], clock)

    assert await deliver(sink, DUE, None, patience=clock.patience()) == Delivered(SENT, 3)
    assert sink.repeats == [False, True, True]


async def test_slow_failures_use_the_budget_too() -> None:
    """Twenty seconds a time-out: a dozen attempts, not hundreds."""
    clock = HandClock()
    sink = Scripted([DOWN] * 100, clock, call_s=20)

    outcome = await deliver(sink, DUE, None, patience=clock.patience())

    assert isinstance(outcome, Dead)
    assert outcome.attempts <= 12
    assert clock.seconds <= 260


async def test_each_failure_that_is_tried_again_is_reported() -> None:
    """For the metric; the last one is the outcome instead."""
    clock, seen = HandClock(), list[FailReason]()
    faults = [DOWN, Transient(FailReason.TIMEOUT, "slow"), Permanent(FailReason.AUTH, "no")]

    outcome = await deliver(
        Scripted(faults, clock), DUE, None, patience=clock.patience(), on_retry=lambda fault: seen.append(fault.reason)
    )

    assert outcome == Dead(FailReason.AUTH, "no", 3)
    assert seen == [FailReason.SERVER, FailReason.TIMEOUT]


async def test_a_bug_in_a_sink_is_a_dead_delivery_not_a_dead_worker() -> None:
    """Its text stays out of the dead letter, since nobody checked it for secrets."""
    clock = HandClock()
    outcome = await deliver(Scripted([KeyError("token xoxb-1")], clock), DUE, None, patience=clock.patience())

    assert outcome == Dead(FailReason.OTHER, "slack: KeyError", 1)


async def test_a_stop_in_the_middle_of_a_pause_is_not_an_outcome() -> None:
    """Cancelled means unfinished: nothing is recorded, so it is delivered again."""
    clock, paused = HandClock(), asyncio.Event()

    async def pause(seconds: float) -> None:
        paused.set()
        await asyncio.Event().wait()

    patience = clock.patience()
    patience = type(patience)(monotonic=clock.monotonic, sleep=pause, random=patience.random)
    task = asyncio.create_task(deliver(Scripted([DOWN], clock), DUE, None, patience=patience))
    await paused.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_service_is_not_asked_before_the_time_it_named() -> None:
    """Retry-After of ten minutes, well beyond our own budget, is waited for."""
    clock = HandClock()
    sink = Scripted([Transient(FailReason.RATE_LIMITED, "later", timedelta(minutes=10))], clock)

    assert await deliver(sink, DUE, None, patience=clock.patience()) == Delivered(SENT, 2)
    assert 600 <= clock.seconds <= 601
