"""How old a reading of a channel may be: one that is too old means a second card."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from signals.sinks.card import build_card
from signals.sinks.lease import LEASE, Lease
from signals.sinks.slack.blocks import metadata
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.posted import FRESH_FOR, Posted
from support.cards import APPEARANCE, transition

CHANNEL = "C01"


class Channel:
    """A channel that shows what it is told to show, and counts how often it is read."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.readings = 0

    async def channel_id(self, channel: str) -> str:
        """Return the id."""
        return channel

    async def recent(self, _channel: str, _within: timedelta) -> AsyncIterator[dict[str, Any]]:
        """Yield what is shown."""
        self.readings += 1
        for message in self.shown:
            yield message

    def show(self, signal_id: str) -> None:
        """From now on the card of this signal can be seen."""
        card = build_card(transition(signal_id=signal_id, id="t"), None, APPEARANCE)
        self.shown.append({"ts": "1.0", "metadata": metadata(card, "card")})


class Watch:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Return it."""
        return self.now


@pytest.fixture
def channel() -> Channel:
    """An empty channel."""
    return Channel()


@pytest.fixture
def watch() -> Watch:
    """A clock of our own."""
    return Watch()


@pytest.fixture
def posted(channel: Channel, watch: Watch) -> Posted:
    """What is asked."""
    return Posted(channel, SlackConfig(), monotonic=watch)  # type: ignore[arg-type]  # only the two calls are made


async def test_one_reading_serves_many_look_ups_for_a_while(posted: Posted, channel: Channel, watch: Watch) -> None:
    """After a crash hundreds are in doubt, and Slack allows few readings."""
    for signal_id in ("a", "b", "c"):
        assert await posted.card(CHANNEL, signal_id) is None
    assert channel.readings == 1

    channel.show("c")
    watch.now += FRESH_FOR.total_seconds()
    assert await posted.card(CHANNEL, "c") == (CHANNEL, "1.0")


async def test_what_we_tried_ourselves_is_always_read_anew(posted: Posted, channel: Channel, watch: Watch) -> None:
    """Another look-up may have read the channel after our attempt and before it could be seen."""
    posted.trying(CHANNEL, "a")
    watch.now += 0.3
    assert await posted.card(CHANNEL, "b") is None
    channel.show("a")
    watch.now += 3.0

    assert await posted.card(CHANNEL, "a") == (CHANNEL, "1.0")


async def test_a_reading_ends_with_the_lease_it_was_made_under(posted: Posted, channel: Channel, watch: Watch) -> None:
    """A rebalance hands partitions over within a second: what their last owner posted is not in our reading."""
    reset = LEASE.set(Lease(timedelta(seconds=6), watch))
    assert await posted.card(CHANNEL, "b") is None
    channel.show("a")
    LEASE.set(Lease(timedelta(seconds=6), watch))

    assert await posted.card(CHANNEL, "a") == (CHANNEL, "1.0")
    LEASE.reset(reset)


async def test_a_card_of_ours_is_known_before_it_can_be_seen(posted: Posted, channel: Channel, watch: Watch) -> None:
    """Its thread may fail a moment later, and the next attempt looks for the card: no reading may hide it."""
    posted.trying(CHANNEL, "a")
    posted.made(CHANNEL, "a", (CHANNEL, "7.0"))
    watch.now += 0.3
    assert await posted.card(CHANNEL, "b") is None
    watch.now += 3.0

    assert await posted.card(CHANNEL, "a") == (CHANNEL, "7.0")


async def test_a_card_whose_thread_is_complete_is_read_again(posted: Posted) -> None:
    """Somebody may have deleted it, and the memory of all cards would grow without end."""
    posted.made(CHANNEL, "a", (CHANNEL, "7.0"))
    posted.done(CHANNEL, "a")

    assert await posted.card(CHANNEL, "a") is None
