"""Calls are made only while the group has confirmed us not long ago."""

import asyncio
from datetime import timedelta

from signals.sinks.lease import LEASE, Lease, may_call
from support.cards import delivery, transition
from support.hand_clock import HandClock
from support.sink_peers import PEERS


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lease_counts_from_the_question_not_from_the_answer() -> None:
    """An answer that was long on its way says nothing of the time since."""
    clock = HandClock()
    lease = Lease(timedelta(seconds=6), clock.monotonic)
    before = lease.held
    clock.seconds = 5
    lease.confirmed(1)
    confirmed = lease.held
    clock.seconds = 7
    assert (before, confirmed, lease.held) == (False, True, False)


async def test_a_process_that_was_paused_waits_until_it_is_confirmed_again() -> None:
    """Its next call comes after the confirmation, or never."""
    clock = HandClock()
    lease = Lease(timedelta(seconds=6), clock.monotonic)
    lease.confirmed(0)
    await lease.hold()
    clock.seconds = 60

    waiting = asyncio.create_task(lease.hold())
    await settle()
    assert not waiting.done()
    lease.confirmed(1)  # an old answer that arrives only now
    await settle()
    assert not waiting.done()
    lease.confirmed(60)
    await waiting


async def test_without_a_lease_nobody_waits() -> None:
    """As in tests and demos."""
    await may_call()


async def test_no_sink_makes_a_call_without_its_lease() -> None:
    """Whatever it was about to do when the process was paused."""
    clock = HandClock()
    for kind in PEERS:
        fake = kind.fake()
        async with fake.running() as url:
            sink = kind.build(url, clock)
            await sink.start()
            lease = Lease(timedelta(seconds=6), clock.monotonic)
            token = LEASE.set(lease)
            sending = asyncio.create_task(sink.send(delivery(transition(), sink.name), None))
            LEASE.reset(token)
            await settle()
            assert fake.requests == []
            lease.confirmed(clock.monotonic())
            await sending
            await sink.stop()
        assert kind.arrived(fake) == 1
