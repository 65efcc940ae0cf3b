"""The life of a card in local-slack, a Slack-like server that nobody here wrote."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr

from signals.domain.errors import Permanent
from signals.domain.reasons import Change, FailReason, Severity
from signals.sinks.delivery import Delivered, deliver
from signals.sinks.slack.sink import SlackSink
from support.cards import delivery, every_sample, resolved, step, transition
from support.charts import charted
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_servers import CHANNEL, CHANNEL_ID, TOKEN, Proxy, local_slack

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests; each works with signals of its own."""
    with local_slack(tmp_path_factory.mktemp("local-slack")) as address:
        yield address


@pytest.fixture
async def sink(server: str) -> AsyncIterator[SlackSink]:
    """A started sink that posts there."""
    made = slack_sink(server, HandClock(), token=SecretStr(TOKEN), channels={CHANNEL: CHANNEL_ID})
    await made.start()
    yield made
    await made.stop()


async def messages(server: str, thread: str = "") -> list[dict[str, Any]]:
    """What a reader of the channel, or of one thread, sees."""
    method = f"conversations.replies?ts={thread}&" if thread else "conversations.history?"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server}/api/{method}channel={CHANNEL_ID}&limit=200", headers=headers) as answer,
    ):
        found: list[dict[str, Any]] = (await answer.json())["messages"]
        return found


async def test_a_signal_is_one_card_with_its_history_below(server: str, sink: SlackSink) -> None:
    """Opened, escalated, resolved: one message in the channel, edited, and three replies."""
    opened = transition(org_id="org_life")
    raised = step(opened, Change.ESCALATED, severity=Severity.CRITICAL, notify=True)
    sent = await sink.send(delivery(opened), None)
    sent = await sink.send(delivery(raised), sent)
    sent = await sink.send(delivery(resolved(raised)), sent)

    card, *replies = await messages(server, sent.ref["ts"])
    assert card["edited"]
    assert "Resolved after 6 days" in json.dumps(card["blocks"])
    assert [("<@U01ALICE>" in reply["text"]) for reply in replies] == [False, True, False]
    assert sum(message["ts"] == sent.ref["ts"] for message in await messages(server)) == 1


@pytest.mark.parametrize("name", every_sample())
async def test_every_sample_is_taken(server: str, sink: SlackSink, name: str) -> None:
    """And stands there as it was sent, unharmed by names of any kind."""
    sample = every_sample()[name]
    sent = await sink.send(delivery(sample), None)

    card = next(message for message in await messages(server) if message["ts"] == sent.ref["ts"])
    assert len(card["blocks"]) >= 3
    assert "<!channel>" not in card["text"]


async def test_a_deleted_card_is_posted_anew(server: str, sink: SlackSink) -> None:
    """The server's own message_not_found is understood."""
    opened = transition(org_id="org_deleted")
    sent = await sink.send(delivery(opened), None)
    async with aiohttp.ClientSession() as session:
        payload = {"channel": CHANNEL_ID, "ts": sent.ref["ts"]}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with session.post(f"{server}/api/chat.delete", json=payload, headers=headers) as answer:
            assert (await answer.json())["ok"]

    again = await sink.send(delivery(step(opened, Change.UPDATED, severity=Severity.NOTICE)), sent)

    assert again.ref["ts"] != sent.ref["ts"]


async def test_an_unknown_channel_is_permanent(sink: SlackSink) -> None:
    """The server's own channel_not_found is understood."""
    with pytest.raises(Permanent, match="channel_not_found") as caught:
        await sink.send(delivery(transition(), destination="nowhere"), None)
    assert caught.value.reason is FailReason.NOT_FOUND


async def test_a_rate_limit_in_front_of_the_server_is_waited_out(server: str) -> None:
    """Two 429s with Retry-After: the card comes once, after the pauses that were asked for."""
    clock, proxy = HandClock(), Proxy(server)
    proxy.rate_limit("chat.postMessage", times=2, seconds=37)
    async with proxy.running():
        made = slack_sink(proxy.address, clock, token=SecretStr(TOKEN), channels={CHANNEL: CHANNEL_ID})
        await made.start()
        due = delivery(transition(org_id="org_limited"))
        outcome = await deliver(made, due, None, patience=clock.patience())
        await made.stop()

    assert isinstance(outcome, Delivered)
    assert outcome.attempts == 3
    assert sum(pause >= 37 for pause in clock.slept) == 2
    assert proxy.count("chat.postMessage") == 4


async def info(server: str, file: str) -> dict[str, Any]:
    """What the server says of a file."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server}/api/files.info?file={file}", headers=headers) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


async def test_a_chart_is_a_file_of_no_channel_until_another_takes_its_place(server: str, sink: SlackSink) -> None:
    """The server took the bytes, shares them with nobody, and forgets them when the next day's are there."""
    opened = msgspec.structs.replace(charted(), signal_id="charted")
    sent = await sink.send(delivery(opened), None)
    first = await info(server, sent.ref["chart_file"])
    later = step(opened, Change.UPDATED, severity=Severity.CRITICAL, chart=charted("spike").chart)
    again = await sink.send(delivery(later), sent)

    card, *_ = await messages(server, sent.ref["ts"])
    assert [block["slack_file"]["id"] for block in card["blocks"] if block["type"] == "image"] == [
        again.ref["chart_file"]
    ]
    assert first["file"]["mimetype"] == "image/png"
    assert first["file"]["size"] > 1000
    assert first["file"]["channels"] == []
    assert (await info(server, sent.ref["chart_file"]))["error"] == "file_deleted"
