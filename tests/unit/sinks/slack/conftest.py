"""A Slack that is fine, and a sink that posts to it."""

from collections.abc import AsyncIterator

import pytest

from signals.sinks.slack.sink import SlackSink
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    """A Slack that is fine."""
    fake = SlackFake()
    async with fake.running():
        yield fake


@pytest.fixture
async def sink(slack: SlackFake) -> AsyncIterator[SlackSink]:
    """A started sink that posts to it."""
    made = slack_sink(slack.url, HandClock(), channels={"account-signals": "C01SIG"})
    await made.start()
    yield made
    await made.stop()
