"""A worker that dies or stands still, and the one that takes over: from a copy, and against a writer who comes late."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from signals.streams.worker import EXIT_CODES
from support.detect_scene import READY_S, Scene, Worker

pytestmark = pytest.mark.kafka

TURNS = 2
# Each member is killed that often.


async def require_everything(scene: Scene, *, deadline_s: float = 30) -> None:
    """Nothing lost, nothing invented, every account stored, everything committed."""
    seen = await scene.transitions(deadline_s=deadline_s)
    assert set(seen) == scene.expected
    assert await scene.committed(deadline_s=10) == dict(scene.produced)
    assert await scene.stored() == scene.last_offset


async def test_a_standby_takes_over_without_reading_again(scene: Scene) -> None:
    """Two static members with a copy of each other's accounts; one is killed and not started again.

    Faust's own memory store deletes copies and forgets how far they were read (design rule 6 would still hold, but the
    takeover would take as long as without a copy).
    """
    first, second = scene.worker("a", standbys=1), scene.worker("b", standbys=1)
    first.wait_ready()
    second.wait_ready()
    await scene.produce(200)
    await scene.transitions(deadline_s=20)
    await scene.committed(deadline_s=10)
    await copied(scene, second)

    first.kill()
    await scene.produce(40)
    await require_everything(scene)

    assert second.stop() == 0
    assert second.process.stdout is not None
    assert second.process.stdout.read().strip() == "read twice: 0"


async def test_members_with_copies_are_killed_in_turn(scene: Scene) -> None:
    """Copies become owners and owners copies, under load; what one has read counts for the other role too."""
    names = ("a", "b")
    workers = {name: scene.worker(name, standbys=1, work_ms=1) for name in names}
    for worker in workers.values():
        worker.wait_ready()
    for name in names * TURNS:
        await scene.produce(60)
        workers[name].kill()
        workers[name] = scene.worker(name, standbys=1, work_ms=1)
        workers[name].wait_ready()
    await scene.produce(20)
    await require_everything(scene)
    assert all(worker.process.poll() is None for worker in workers.values())


async def copied(scene: Scene, worker: Worker) -> None:
    """Give the standby a moment to read what was written before; nothing tells when it has."""
    assert worker.process.poll() is None
    await asyncio.sleep(2.0)
    assert await scene.stored() == scene.last_offset


async def test_a_worker_that_wakes_up_late_buries_nothing(scene: Scene, tmp_path: Path) -> None:
    """It was stopped between its last look at the time and its write, for longer than its session.

    Its values are the last in the changelog then. The new owner, who holds newer ones, notices that somebody else has
    written and leaves; the recovery keeps what has seen more and writes it again.
    """
    flag = tmp_path / "pause"
    zombie = scene.worker("a", pause=str(flag))
    zombie.wait_ready()
    await scene.produce(40)
    await scene.transitions(deadline_s=20)

    flag.touch()
    await scene.produce(4)
    await until(lambda: stopped(zombie))
    owner = scene.worker("b")
    owner.wait_ready()
    await scene.produce(40)
    await require_everything(scene)

    zombie.process.send_signal(signal.SIGCONT)
    zombie.process.wait(READY_S)
    assert await scene.stored() != scene.last_offset, "nothing was buried: this test shows nothing"
    assert owner.process.wait(READY_S) == EXIT_CODES["changelog_failed"], "the owner did not notice"
    scene.worker("b").wait_ready()
    assert await scene.stored() == scene.last_offset, "an old value is still the last one"
    await scene.produce(20)
    await require_everything(scene)


async def test_a_late_step_does_not_stand_on_signal_state(scene: Scene) -> None:
    """Written by a worker that was cut off in its send; the next who takes the partition over puts it right."""
    scene.worker("a").wait_ready()
    await scene.produce(20)
    await scene.transitions(deadline_s=20)
    before = await scene.states()
    assert {seq for _, seq in before.values()} == {1}

    signal_id, (partition, _) = next(iter(before.items()))
    await scene.say_late(signal_id, partition)
    assert (await scene.states())[signal_id] == (partition, 0)
    scene.worker("b").wait_ready()
    await scene.produce(4)
    await scene.transitions(deadline_s=30)
    states = await scene.states()
    assert {name: states[name] for name in before} == before


def stopped(worker: Worker) -> bool:
    """Whether the process stands still."""
    status = Path(f"/proc/{worker.process.pid}/stat").read_text()
    return status.rsplit(")", 1)[1].split()[0] == "T"


async def until(condition: object) -> None:
    """Return when *condition* says so."""
    assert callable(condition)
    deadline = time.monotonic() + READY_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
