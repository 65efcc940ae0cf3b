"""What Faust acknowledges (design rules 2 and 6), tried on our agent and on a plain one, without a broker."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, NoReturn

import faust
import pytest

from signals.streams.detect import Fault
from signals.streams.faust_app import DetectRole, FaustEdge, attach, build_app
from signals.streams.topics import Topics


class Left(BaseException):
    """The process ended itself; ``acked`` tells whether the message counted as done by then."""


class Scene:
    """A detector that does what the test says, and its exits."""

    def __init__(self) -> None:
        self.exits: list[tuple[Fault, bool]] = []
        self.message: Any = None
        self.error: BaseException | None = None
        self.handled: list[int] = []

    def leave(self, fault: Fault, _: str) -> NoReturn:
        """Note whether the message was acknowledged before we left."""
        self.exits.append((fault, self.message.acked))
        raise Left

    async def handle(self, _: int, offset: int, __: bytes) -> None:
        """Stand for ``Detector.handle``."""
        self.handled.append(offset)
        if self.error is not None:
            raise self.error

    def recovered(self, _: object) -> None:
        """Nothing to rebuild."""

    def revoked(self, _: object) -> None:
        """Nothing to forget."""

    def next_offset(self, _: int) -> int | None:
        """Nothing is done."""
        return None


@pytest.fixture
def edge(tmp_path: Path) -> FaustEdge:
    """Our app, not connected."""
    return build_app(DetectRole(bootstrap="127.0.0.1:1", topics=Topics(partitions=4)), tmp_path)


async def settled(condition: Any) -> bool:
    """Let everything run that can, and return what *condition* says then."""
    for _ in range(300):
        await asyncio.sleep(0)
        if condition():
            return True
    return False


@pytest.mark.parametrize("error", [RuntimeError("a bug"), asyncio.CancelledError()])
async def test_faust_acknowledges_a_message_its_agent_failed_on(tmp_path: Path, error: BaseException) -> None:
    """The behaviour our agent has to live with: an exception, and a cancellation as a stop or a crash brings."""
    app = faust.App(
        "plain", broker="kafka://127.0.0.1:1", store="memory://", autodiscover=False, web_enabled=False,
        datadir=str(tmp_path),
    )  # fmt: skip
    topic = app.topic("plain", value_type=bytes, value_serializer="raw")
    seen: list[Any] = []

    @app.agent(topic)  # type: ignore[untyped-decorator]  # Faust is untyped for us
    async def plain(stream: Any) -> None:
        async for event in stream.events():
            seen.append(event.message)
            raise error

    async with plain.test_context() as context:
        await context.put(b"x", wait=False)
        assert await settled(lambda: seen and seen[0].acked)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("x"), SystemExit(1), asyncio.CancelledError()])
async def test_our_agent_leaves_before_the_acknowledge(edge: FaustEdge, error: BaseException) -> None:
    """Whatever escapes the detector, the message is not done when the process goes."""
    scene = Scene()
    scene.error = error
    await put(edge, scene, b"x")
    assert scene.exits == [("changelog_failed", False)]


async def test_a_message_that_is_done_is_acknowledged(edge: FaustEdge) -> None:
    """Returning from the detector is what allows the commit."""
    scene = Scene()
    await put(edge, scene, b"x", b"y")
    assert scene.handled == [0, 1]
    assert scene.exits == []


def test_there_is_one_agent_that_takes_one_message_at_a_time(edge: FaustEdge) -> None:
    """Rule 1: commits can pass a message in flight as soon as there are two."""
    attach(edge, Scene())  # type: ignore[arg-type]  # the methods attach uses
    (agent,) = edge.app.agents.values()
    assert agent.concurrency == 1
    assert not agent.isolated_partitions
    assert agent.channel.acks


async def put(edge: FaustEdge, scene: Scene, *values: bytes) -> None:
    """Give our agent messages, as Faust would, until it has looked at all of them or has left."""
    attach(edge, scene)  # type: ignore[arg-type]  # the three methods attach uses
    agent = edge.app.agents["detect"]

    with contextlib.suppress(Left):  # what left comes out again when the agent is stopped
        await _put(agent, scene, values)


async def _put(agent: Any, scene: Scene, values: tuple[bytes, ...]) -> None:
    async with agent.test_context() as context:
        for value in values:
            event = await context.put(value, wait=False)
            scene.message = event.message
            offset = event.message.offset
            assert await settled(lambda offset=offset: scene.exits or offset in scene.handled)
