"""Workers that crash, join and leave: what comes out is what would have come out without."""

import os

import pytest

from support.detect_scene import Scene

pytestmark = pytest.mark.kafka

RESTARTS = int(os.environ.get("SIGNALS_RESTARTS", "4"))
# The number that shows the fault of rule 14 with near certainty is 20 (about a minute); CI takes that many.


async def require_everything(scene: Scene, *, deadline_s: float = 20) -> None:
    """Nothing lost, nothing invented, every account stored, everything committed."""
    seen = await scene.transitions(deadline_s=deadline_s)
    assert set(seen) == scene.expected
    assert await scene.committed(deadline_s=10) == dict(scene.produced)
    assert await scene.stored() == scene.last_offset


async def test_two_workers_one_killed_and_started_again(scene: Scene) -> None:
    """SIGKILL in mid-stream: the repeats have the same ids, the table is recovered, the other worker goes on."""
    first, second = scene.worker("a", work_ms=1), scene.worker("b", work_ms=1)
    first.wait_ready()
    second.wait_ready()
    await scene.produce(200)
    await scene.transitions(deadline_s=20, until=set(sorted(scene.expected)[:1]))

    first.kill()
    await scene.produce(100)
    scene.worker("a", work_ms=1).wait_ready()
    await scene.produce(100)

    await require_everything(scene)


async def test_a_worker_joins_and_the_first_one_leaves(scene: Scene) -> None:
    """Two rebalances under load, both orderly: exit code 0, nothing lost, nothing said twice."""
    first = scene.worker(work_ms=1)
    first.wait_ready()
    await scene.produce(200)

    scene.worker(work_ms=1).wait_ready()
    await scene.produce(200)
    assert first.stop() == 0
    await scene.produce(100)

    await require_everything(scene)


@pytest.mark.timeout(90 + 10 * RESTARTS)
async def test_restarts_under_load_lose_nothing(scene: Scene) -> None:
    """Design rule 14: a worker that recovers its table while messages arrive keeps every one of them."""
    await scene.produce(40)
    worker = scene.worker("a", work_ms=2)
    worker.wait_ready()
    for _ in range(RESTARTS):
        await scene.produce(120)
        worker.kill()
        worker = scene.worker("a", work_ms=2)
        worker.wait_ready()
        assert worker.process.poll() is None

    await require_everything(scene, deadline_s=20 + 3 * RESTARTS)
    assert worker.stop() == 0
