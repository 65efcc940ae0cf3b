"""What is left in Slack of a signal whose account was erased."""

from typing import Any

import pytest

from signals.domain.signal import Delivery, Position
from signals.engine.erasing import entry, farewell
from signals.sinks.slack.sink import SlackSink
from support.cards import NOW, delivery, resolved, transition
from support.slack_fake import SlackFake

OPENED = transition()


def goodbye() -> Delivery:
    """Return the delivery that takes the signal back."""
    last, _ = farewell(entry(OPENED.signal_id, ()), OPENED.org_id, NOW, Position(1, "feedback", 0, 4))
    return delivery(last)


def words_of(messages: list[dict[str, Any]]) -> str:
    """Everything messages say."""
    return "".join(str(message["text"]) + str(message["blocks"]) for message in messages)


async def test_card_and_thread_say_only_that_it_was_erased(sink: SlackSink, slack: SlackFake) -> None:
    """Everything we wrote is edited in place; nothing is posted, nobody is notified."""
    sent = await sink.send(delivery(OPENED), None)
    sent = await sink.send(delivery(resolved(OPENED)), sent)
    slack.messages["C01SIG", "9.9"] = {
        "channel": "C01SIG", "ts": "9.9", "thread_ts": sent.ref["ts"], "text": "a person wrote this", "blocks": []
    }  # fmt: skip
    before = len(slack.messages)

    await sink.send(goodbye(), sent)

    (card,) = slack.cards()
    ours = [one for one in slack.replies() if one["ts"] != "9.9"]
    assert len(slack.messages) == before
    assert card["text"] == f"{OPENED.org_id}: erased on request"
    assert len(ours) == 2
    assert {one["text"] for one in ours} == {"Erased on request"}
    assert "Acme" not in words_of([card, *ours])
    assert "38" not in words_of([card, *ours])
    assert slack.messages["C01SIG", "9.9"]["text"] == "a person wrote this"


async def test_replies_that_cannot_be_found_stay_and_are_logged(
    sink: SlackSink, slack: SlackFake, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the scope to read the channel the card is edited all the same."""
    sent = await sink.send(delivery(OPENED), None)
    slack.deny["conversations.replies"] = "missing_scope"

    await sink.send(goodbye(), sent)

    assert "erased on request" in slack.cards()[0]["text"]
    assert "they stay" in caplog.text
