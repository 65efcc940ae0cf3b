"""What a 429 of Slack's holds: a channel, or a method in the whole workspace."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from signals.domain.errors import Transient
from signals.sinks.slack.faults import RATE_LIMIT_PAUSE
from signals.sinks.slack.sink import SlackSink
from support.cards import delivery, transition
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

CHANNELS = {name: f"C0{number}" for number, name in enumerate(("one", "two", "three"))}
PAUSE_S = RATE_LIMIT_PAUSE.total_seconds()


@dataclass
class Rig:
    """A sink, a Slack that limits what the test says, and a clock that only waiting moves."""

    slack: SlackFake
    sink: SlackSink
    clock: HandClock
    limited: set[tuple[str, str]] = field(default_factory=set)
    """(method, channel id) pairs refused now."""

    def refuse(self, method: str, arguments: dict[str, Any]) -> str:
        """Refuse what is limited."""
        return "ratelimited" if (method, arguments.get("channel", "")) in self.limited else ""

    async def waits(self, channel: str, signal: str, *, redelivered: bool = False) -> float:
        """Return for how long a delivery waits, in seconds; -1 when it is limited."""
        began = self.clock.seconds
        try:
            await self.sink.send(delivery(transition(org_id=signal), "slack", channel), None, redelivered=redelivered)
        except Transient:
            return -1
        return self.clock.seconds - began


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """Everything is fine."""
    clock = HandClock()
    slack = SlackFake(clock=clock.monotonic, channels=CHANNELS)
    async with slack.running():
        sink = slack_sink(slack.url, clock, channels=CHANNELS)
        await sink.start()
        rig = Rig(slack, sink, clock)
        slack.refuse = rig.refuse
        yield rig
        await sink.stop()


async def test_a_limited_post_holds_its_channel_and_no_other(rig: Rig) -> None:
    """About one message a second and channel is the limit that is met first."""
    rig.limited = {("chat.postMessage", "C00")}
    assert await rig.waits("one", "a") == -1
    rig.limited.clear()
    assert await rig.waits("two", "b") == 0
    assert await rig.waits("one", "a") == PAUSE_S + 1  # its card and, a second later, its details


async def test_a_second_limited_channel_means_the_workspace(rig: Rig) -> None:
    """Slack limits posting there too, and does not say which it was; a third channel is spared the refusal."""
    rig.limited = {("chat.postMessage", "C00"), ("chat.postMessage", "C01")}
    assert await rig.waits("one", "a") == -1
    assert await rig.waits("two", "b") == -1
    rig.limited.clear()
    assert await rig.waits("three", "c") == PAUSE_S


async def test_a_channel_limited_later_on_is_one_channel_again(rig: Rig) -> None:
    """What was limited long ago says nothing about now."""
    rig.limited = {("chat.postMessage", "C00")}
    assert await rig.waits("one", "a") == -1
    rig.clock.seconds += PAUSE_S + 1
    rig.limited = {("chat.postMessage", "C01")}
    assert await rig.waits("two", "b") == -1
    rig.limited.clear()
    assert await rig.waits("three", "c") == 0


async def test_a_limited_look_up_holds_look_ups_and_no_post(rig: Rig) -> None:
    """Every other method is limited by workspace."""
    rig.limited = {("conversations.history", "C00")}
    assert await rig.waits("one", "a", redelivered=True) == -1
    rig.limited.clear()
    assert await rig.waits("two", "b") == 0
    assert await rig.waits("three", "c", redelivered=True) == PAUSE_S


async def test_the_turn_of_a_limited_channel_comes_after_its_pause(rig: Rig) -> None:
    """Until then news of a card can still take the place of older ones."""
    rig.limited = {("chat.postMessage", "C00")}
    await rig.waits("one", "a")
    await rig.sink.turn("two")
    assert rig.clock.seconds == 0
    await rig.sink.turn("one")
    assert rig.clock.seconds == PAUSE_S
