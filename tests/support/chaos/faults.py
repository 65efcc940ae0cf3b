"""What is done to the installation, and when: a seeded schedule of faults that overlap."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from support.chaos.cluster import Cluster
from support.chaos.crew import Worker
from support.chaos.services import Services
from support.fake_server import Fault as SinkFault

SESSION_S = 10.0
"""Of every group; a pause is short below it and long above it."""
ROLES = ("ingest", "detect", "deliver")


@dataclass
class Scene:
    """What faults act on."""

    workers: dict[str, Worker]
    """Those that are to run all the time."""
    guests: dict[str, Worker]
    """By role: one more member, which joins and leaves."""
    cluster: Cluster
    services: Services
    random: Random
    busy: set[str] = field(default_factory=set)
    """Names of what a fault is being done to."""
    done: Counter[str] = field(default_factory=Counter)
    log: list[tuple[float, str, str]] = field(default_factory=list)
    """Seconds since the start, kind and target of each fault."""
    begun: float = field(default_factory=time.monotonic)


Injection = Callable[[Scene, str], Awaitable[None]]


async def kill(scene: Scene, name: str) -> None:
    """SIGKILL a worker."""
    scene.workers[name].send(signal.SIGKILL)
    await asyncio.sleep(0)


async def terminate(scene: Scene, name: str) -> None:
    """SIGTERM a worker, as a deployment does."""
    await scene.workers[name].terminate()


async def _pause(scene: Scene, name: str, seconds: float) -> None:
    scene.workers[name].send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    scene.workers[name].send(signal.SIGCONT)


async def pause_short(scene: Scene, name: str) -> None:
    """Stop a worker for less than its session."""
    await _pause(scene, name, scene.random.uniform(0.5, 5))


async def pause_long(scene: Scene, name: str) -> None:
    """Stop a worker until others have its partitions, then let it go on as if nothing had been."""
    await _pause(scene, name, SESSION_S + scene.random.uniform(2, 6))


async def _cut(scene: Scene, name: str, brokers: tuple[int, ...]) -> None:
    links = scene.workers[name].links
    links.cut(scene.random.choice(("silent", "refused")), brokers)
    await asyncio.sleep(scene.random.choice((2, 4, 8, SESSION_S + 4)))
    links.mend()


async def cut_one(scene: Scene, name: str) -> None:
    """Cut a worker off from one broker."""
    await _cut(scene, name, (scene.random.choice(scene.cluster.numbers),))


async def cut_all(scene: Scene, name: str) -> None:
    """Cut a worker off from every broker."""
    await _cut(scene, name, scene.cluster.numbers)


async def skew(scene: Scene, name: str) -> None:
    """Set a worker's clock ahead or behind by up to some hours, and right again."""
    worker = scene.workers[name]
    worker.skew(scene.random.choice((-6 * 3600, -600, -30, 30, 600, 6 * 3600)))
    await asyncio.sleep(scene.random.uniform(3, 10))
    worker.skew(0)


async def join_and_leave(scene: Scene, name: str) -> None:
    """Let one more member join a role and leave it again."""
    guest = scene.guests[name]
    guest.start()
    await asyncio.sleep(scene.random.uniform(6, 14))
    await guest.stop()


async def broker_kill(scene: Scene, name: str) -> None:
    """SIGKILL a broker and start it again."""
    number = int(name)
    await scene.cluster.do("kill", number)
    await asyncio.sleep(scene.random.uniform(0.5, 6))
    await scene.cluster.do("start", number)


async def broker_restart(scene: Scene, name: str) -> None:
    """Let a broker hand over, end, and start again."""
    await scene.cluster.do("stop", int(name))
    await scene.cluster.do("start", int(name))


async def broker_pause(scene: Scene, name: str) -> None:
    """Stop a broker, at times for longer than the controllers wait for it."""
    await scene.cluster.do("pause", int(name))
    await asyncio.sleep(scene.random.choice((1, 4, 12)))
    await scene.cluster.do("resume", int(name))


async def broker_rolling(scene: Scene, name: str) -> None:
    """Restart every broker in turn, as an upgrade does."""
    del name
    for number in scene.cluster.numbers:
        await scene.cluster.do("stop", number)
        await scene.cluster.do("start", number)


async def sink_outage(scene: Scene, name: str) -> None:
    """Let a service answer nothing but errors for a while."""
    server = scene.services.servers[name]
    server.always = scene.random.choice((SinkFault(503), SinkFault(0), SinkFault(429, headers={"Retry-After": "3"})))
    await asyncio.sleep(scene.random.uniform(3, 12))
    server.always = None


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    name: str
    inject: Injection
    targets: str
    """``worker``, ``role`` (its guest), ``broker`` or ``sink``."""
    weight: int = 1


KINDS: tuple[Kind, ...] = (
    Kind("worker SIGKILL", kill, "worker", 30),
    Kind("worker SIGTERM", terminate, "worker", 20),
    Kind("worker paused, short", pause_short, "worker", 15),
    Kind("worker paused, beyond session", pause_long, "worker", 10),
    Kind("worker cut off from a broker", cut_one, "worker", 15),
    Kind("worker cut off from all", cut_all, "worker", 10),
    Kind("clock skewed", skew, "worker", 10),
    Kind("member joins and leaves", join_and_leave, "role", 12),
    Kind("broker SIGKILL", broker_kill, "broker", 10),
    Kind("broker restart", broker_restart, "broker", 6),
    Kind("broker paused", broker_pause, "broker", 6),
    Kind("rolling broker restart", broker_rolling, "broker", 2),
    Kind("sink outage", sink_outage, "sink", 6),
)


def schedule(count: int, random: Random, kinds: tuple[Kind, ...] = KINDS) -> list[Kind]:
    """Return *count* kinds in a random order: each once while there is room, then by weight."""
    chosen = list(random.sample(kinds, len(kinds)))[:count]
    chosen += random.choices(kinds, weights=[kind.weight for kind in kinds], k=count - len(chosen))
    return chosen


BROKERS = "brokers"
# One broker is away at a time: with two of three nobody may write, and the cluster's own guarantee ends.
TURN_S = 0.2


def _target(scene: Scene, kind: Kind) -> str | None:
    """Return something free of this kind, None when all are busy."""
    match kind.targets:
        case "worker":
            free = [name for name, worker in scene.workers.items() if name not in scene.busy and worker.running]
        case "role":
            free = [role for role in scene.guests if role not in scene.busy]
        case "sink":
            free = [name for name in scene.services.servers if name not in scene.busy]
        case _:
            free = [] if BROKERS in scene.busy else [str(number) for number in scene.cluster.numbers]
    return scene.random.choice(sorted(free)) if free else None


async def inject(scene: Scene, kinds: list[Kind], every_s: float, at_once: int) -> None:
    """Do all of *kinds*, one begun every *every_s* seconds, at most *at_once* under way; return when all is mended."""
    begun, under_way = list[asyncio.Task[None]](), set[asyncio.Task[None]]()
    for count, kind in enumerate(kinds):
        await asyncio.sleep(max(0.0, scene.begun + (count + 1) * every_s - time.monotonic()))
        while len(under_way) >= at_once or (target := _target(scene, kind)) is None:  # noqa: ASYNC110
            await asyncio.sleep(TURN_S)
        key = BROKERS if kind.targets == "broker" else target
        scene.busy.add(key)
        scene.log.append((round(time.monotonic() - scene.begun, 2), kind.name, target))
        task = asyncio.create_task(_do(scene, kind, target, key))
        begun.append(task)
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*begun)


async def _do(scene: Scene, kind: Kind, target: str, key: str) -> None:
    try:
        await kind.inject(scene, target)
        scene.done[kind.name] += 1
    finally:
        scene.busy.discard(key)
