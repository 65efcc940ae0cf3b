"""The Slack sink against emulate, which keeps metadata and checks scopes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from pydantic import SecretStr

from signals.domain.errors import Permanent
from signals.domain.reasons import Change, ChartOutcome, FailReason, Severity
from signals.sinks.delivery import Delivered, deliver
from signals.sinks.slack.sink import SlackSink
from support.cards import credit_runway, delivery, step, transition
from support.charts import charted
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_servers import TOKEN, Proxy, emulate

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests; each works with signals of its own."""
    with emulate(tmp_path_factory.mktemp("emulate")) as address:
        yield address


@pytest.fixture
async def proxy(server: str) -> AsyncIterator[Proxy]:
    """Puts arguments where emulate reads them, and loses answers on request."""
    made = Proxy(server)
    async with made.running():
        yield made


@asynccontextmanager
async def sinking(proxy: Proxy, token: str = TOKEN) -> AsyncIterator[SlackSink]:
    """A started sink with nothing in its memory, as after a restart."""
    made = slack_sink(proxy.address, HandClock(), token=SecretStr(token))
    await made.start()
    yield made
    await made.stop()


async def test_a_crash_after_posting_finds_the_card_again(proxy: Proxy) -> None:
    """By the metadata that the server kept; the reply in the thread is not repeated either."""
    due = delivery(transition(org_id="org_crash"))
    async with sinking(proxy) as sink:
        first = await sink.send(due, None)
    posted = proxy.count("chat.postMessage")
    async with sinking(proxy) as reborn:
        again = await reborn.send(due, None, redelivered=True)

    assert again.ref == first.ref
    assert proxy.count("chat.postMessage") == posted == 2


async def test_a_lost_answer_does_not_post_twice(proxy: Proxy) -> None:
    """The server took the card, the connection broke: the next attempt finds it."""
    clock = HandClock()
    proxy.lose_answers("chat.postMessage", times=1)
    due = delivery(credit_runway())
    async with sinking(proxy) as sink:
        outcome = await deliver(sink, due, None, patience=clock.patience())

    assert isinstance(outcome, Delivered)
    assert outcome.attempts == 2
    cards = [form for method, form in proxy.calls if method == "chat.postMessage" and not form.get("thread_ts")]
    assert len(cards) == 1


async def test_a_card_is_edited_with_its_thread(proxy: Proxy) -> None:
    """The server's own chat.update and threads."""
    opened = transition(org_id="org_edit")
    async with sinking(proxy) as sink:
        sent = await sink.send(delivery(opened), None)
        raised = step(opened, Change.ESCALATED, severity=Severity.CRITICAL, notify=True)
        after = await sink.send(delivery(raised), sent)

    assert after.ref == sent.ref
    assert proxy.count("chat.update") == 1
    assert proxy.calls[-1][1]["thread_ts"] == sent.ref["ts"]


async def test_a_missing_scope_is_permanent_and_named(proxy: Proxy) -> None:
    """The server's own missing_scope."""
    async with sinking(proxy, "xoxb-no-write") as sink:
        with pytest.raises(Permanent, match="missing_scope") as caught:
            await sink.send(delivery(transition(org_id="org_scope")), None)
    assert caught.value.reason is FailReason.AUTH


async def test_without_the_scope_to_look_the_card_is_posted_anyway(proxy: Proxy) -> None:
    """Twice is better than never."""
    async with sinking(proxy, "xoxb-no-history") as sink:
        sent = await sink.send(delivery(transition(org_id="org_blind")), None, redelivered=True)
    assert sent.ref["ts"]


async def test_a_chart_needs_a_scope_and_the_card_does_not(proxy: Proxy) -> None:
    """The server checks scopes: with files:write it takes the file, without it the card has none."""
    counted: list[ChartOutcome] = []
    for token in ("xoxb-files", TOKEN):
        sink = slack_sink(proxy.address, HandClock(), counted=counted.append, token=SecretStr(token))
        await sink.start()
        sent = await sink.send(delivery(msgspec.structs.replace(charted(), signal_id=token)), None)
        await sink.stop()
        assert sent.ref["ts"]
        assert ("chart_file" in sent.ref) is (token == "xoxb-files")

    assert counted == [ChartOutcome.UPLOADED, ChartOutcome.FAILED]
