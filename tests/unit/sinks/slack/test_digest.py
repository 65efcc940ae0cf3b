"""The life of one digest in Slack."""

from signals.sinks.digest import Held, begin, join
from signals.sinks.digest_page import part_of
from signals.sinks.slack.sink import SlackSink
from support.cards import delivery, transition
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

PART = part_of("slack", "account-signals", [transition()])
HELD: Held = join(begin(PART), [PART])


async def test_a_digest_is_posted_once_then_edited(sink: SlackSink, slack: SlackFake) -> None:
    """What joins it later edits it, and notifies nobody."""
    ref = await sink.send_digest("account-signals", HELD, {})
    again = await sink.send_digest("account-signals", HELD, ref)
    assert again == ref
    assert slack.methods() == ["chat.postMessage", "chat.update"]
    assert slack.cards()[0]["text"] == "While we were away: 1 signal, 1 warning"


async def test_a_digest_that_may_be_there_is_looked_for(sink: SlackSink, slack: SlackFake) -> None:
    """By its own id, among cards."""
    await sink.send(delivery(transition()), None)
    ref = await sink.send_digest("account-signals", HELD, {})
    assert await sink.send_digest("account-signals", HELD, {}, redelivered=True) == ref
    assert len(slack.cards()) == 2


async def test_a_deleted_digest_is_posted_anew(sink: SlackSink, slack: SlackFake) -> None:
    """When there is more to say."""
    ref = await sink.send_digest("account-signals", HELD, {})
    slack.messages.clear()
    assert await sink.send_digest("account-signals", HELD, ref) != ref
    assert len(slack.cards()) == 1


async def test_a_card_that_an_earlier_process_posted_is_seen(sink: SlackSink, slack: SlackFake) -> None:
    """So it does not go into a digest too."""
    due = delivery(transition())
    assert not await sink.shown(due)
    await sink.send(due, None)
    slack.calls.clear()
    other = slack_sink(slack.url, HandClock(), channels={"account-signals": "C01SIG"})
    await other.start()
    assert await other.shown(due)
    await other.stop()
