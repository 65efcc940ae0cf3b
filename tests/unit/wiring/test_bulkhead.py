"""One sink that falls is started again alone."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from signals.wiring.bulkhead import LONGEST_PAUSE, Parts


class Part:
    """Serves, then falls as often as told, then waits for the stop."""

    def __init__(self, stop: asyncio.Event, *, falls: int = 0, serves: bool = True) -> None:
        self.stop, self.falls, self.serves, self.starts = stop, falls, serves, 0

    async def run(self, serving: Callable[[], None]) -> None:
        """As ``Parts`` wants it."""
        self.starts += 1
        if self.serves or self.starts == 1:
            serving()
        await asyncio.sleep(0)
        if self.starts <= self.falls:
            raise ConnectionError("broker away")
        await self.stop.wait()


async def run(parts: dict[str, Part], stop: asyncio.Event) -> tuple[list[float], Counter[str]]:
    """Run until all that falls has fallen; return the pauses and how often all served was told."""
    slept: list[float] = []
    told: Counter[str] = Counter()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    whole = Parts(
        {name: part.run for name, part in parts.items()}, stop=stop, all_serve=lambda: told.update(["all"]),
        sleep=sleep,
    )  # fmt: skip
    running = asyncio.create_task(whole.run())
    for _ in range(200):
        await asyncio.sleep(0)
    stop.set()
    await running
    return slept, told


async def test_a_part_that_falls_is_started_again_and_the_others_never_stop() -> None:
    """The other sinks keep their partitions and their pace."""
    stop = asyncio.Event()
    parts = {"slack": Part(stop, falls=2), "crm": Part(stop)}
    slept, told = await run(parts, stop)
    assert (parts["slack"].starts, parts["crm"].starts) == (3, 1)
    assert slept == [1.0, 1.0]
    assert told == {"all": 1}


async def test_the_pause_grows_while_it_does_not_come_up() -> None:
    """Up to a minute."""
    stop = asyncio.Event()
    slept, _ = await run({"slack": Part(stop, falls=9, serves=False)}, stop)
    assert slept[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(slept) == LONGEST_PAUSE.total_seconds()


async def test_a_part_that_never_served_ends_all() -> None:
    """A wrong configuration is told at once."""

    async def fails(_: Callable[[], None]) -> None:
        raise ConnectionError("no broker")

    stop = asyncio.Event()
    parts = Parts({"slack": fails, "crm": Part(stop).run}, stop=stop, all_serve=lambda: None)
    with pytest.raises(ConnectionError):
        await parts.run()
    assert parts.missing() == "not serving yet: slack"


async def test_a_fallen_part_is_named_until_it_serves_again() -> None:
    """The page of the process says so."""
    stop, fallen = asyncio.Event(), asyncio.Event()

    async def part(serving: Callable[[], None]) -> None:
        serving()
        await asyncio.sleep(0)
        raise ConnectionError("broker away")

    async def sleep(_: float) -> None:
        fallen.set()
        await stop.wait()

    parts = Parts({"slack": part}, stop=stop, all_serve=lambda: None, sleep=sleep)
    running = asyncio.create_task(parts.run())
    await fallen.wait()
    assert parts.missing() == "not serving yet: slack"
    stop.set()
    await running
