"""Calls are spaced out per key."""

import asyncio
from datetime import timedelta

import pytest

from signals.sinks.pacing import Pacer
from support.hand_clock import HandClock


def pacer(clock: HandClock, burst: int = 3) -> Pacer:
    """One call a second after a burst."""
    return Pacer(interval=timedelta(seconds=1), burst=burst, monotonic=clock.monotonic, sleep=clock.sleep)


async def test_a_burst_passes_then_one_a_second() -> None:
    """Three at once, the fourth and fifth wait a second each."""
    clock = HandClock()
    paced = pacer(clock)
    for _ in range(5):
        await paced.turn("a")

    assert clock.slept == [1, 1]


async def test_callers_at_once_each_get_their_own_moment() -> None:
    """Five together after the burst is used up: no two at the same second."""
    moments: list[float] = []

    async def sleep(seconds: float) -> None:
        moments.append(seconds)

    paced = Pacer(interval=timedelta(seconds=1), burst=1, monotonic=lambda: 100.0, sleep=sleep)
    await asyncio.gather(*(paced.turn("a") for _ in range(4)))

    assert moments == [1, 2, 3]


async def test_a_busy_channel_does_not_hold_up_another() -> None:
    """Keys have nothing to do with each other."""
    clock = HandClock()
    paced = pacer(clock, burst=1)
    paced.hold("busy", timedelta(minutes=5))
    await paced.turn("quiet")

    assert clock.slept == []


async def test_a_hold_stops_even_a_full_burst() -> None:
    """After the service asked for a pause nothing goes out before it is over."""
    clock = HandClock()
    paced = pacer(clock)
    paced.hold("a", timedelta(seconds=30))
    await paced.turn("a")

    assert clock.slept[0] >= 30


async def test_an_idle_channel_saves_up_one_burst_at_most() -> None:
    """A quiet night does not allow a flood in the morning."""
    clock = HandClock()
    paced = pacer(clock)
    await paced.turn("a")
    clock.seconds += 10_000
    for _ in range(4):
        await paced.turn("a")

    assert clock.slept == [1]


@pytest.mark.parametrize(("seconds", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_impossible_settings_are_refused(seconds: int, burst: int) -> None:
    """At once, not at the first call."""
    clock = HandClock()
    with pytest.raises(ValueError, match="interval must be positive"):
        Pacer(interval=timedelta(seconds=seconds), burst=burst, monotonic=clock.monotonic, sleep=clock.sleep)


async def test_looking_whether_it_is_clear_books_nothing() -> None:
    """Whoever only waits takes nobody's turn; a hold is waited for to its end."""
    clock = HandClock()
    paced = pacer(clock, burst=1)
    await paced.clear("a")
    await paced.clear("a")
    assert clock.slept == []
    paced.hold("a", timedelta(seconds=30))
    await paced.clear("b")
    assert clock.slept == []
    await paced.clear("a")
    assert clock.seconds == 30


async def test_whoever_does_not_want_to_wait_can_ask() -> None:
    """Free until somebody holds it, and again from the end of that."""
    clock = HandClock()
    paced = pacer(clock, burst=1)
    assert paced.free("a")
    paced.hold("a", timedelta(seconds=30))
    assert (paced.free("a"), paced.free("b")) == (False, True)
    clock.seconds = 30
    assert paced.free("a")
