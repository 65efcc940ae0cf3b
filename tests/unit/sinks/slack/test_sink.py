"""The life of one card in Slack, against a small Slack that remembers."""

from datetime import timedelta
from typing import Any

import pytest

from signals.domain.errors import Permanent, SinkError, Transient
from signals.domain.reasons import Change, FailReason, Severity
from signals.domain.signal import Evidence, Owner
from signals.sinks.contract import Sent
from signals.sinks.delivery import deliver
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.sink import SlackSink
from support.cards import NOW, credit_runway, delivery, resolved, step, transition
from support.fake_server import Fault
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

OPENED = transition()


def text_of(message: dict[str, Any]) -> str:
    """Everything a message says."""
    return str(message["text"]) + str(message["blocks"])


async def test_an_opening_posts_the_card_and_its_details(sink: SlackSink, slack: SlackFake) -> None:
    """Two messages: the card, which tags, and a reply, which does not."""
    sent = await sink.send(delivery(OPENED), None)

    (card,), (reply,) = slack.cards(), slack.replies()
    assert sent.ref == {"channel": "C01SIG", "ts": card["ts"]}
    assert card["text"].startswith("Acme: usage fell by 38 % in four weeks – ")
    assert text_of(card).count("<@U01ALICE>") == 1
    assert reply["thread_ts"] == card["ts"]
    assert "<@" not in text_of(reply)
    assert card["metadata"]["event_payload"] == {
        "signal_id": OPENED.signal_id,
        "seq": 1,
        "rule": OPENED.rule,
        "part": "card",
    }


async def test_posting_neither_unfurls_nor_links_names(sink: SlackSink, slack: SlackFake) -> None:
    """Every post says so; an edit, which unfurls nothing, still refuses to parse."""
    sent = await sink.send(delivery(OPENED), None)
    await sink.send(delivery(resolved(OPENED)), sent)

    posts = [arguments for method, arguments in slack.calls if method == "chat.postMessage"]
    edits = [arguments for method, arguments in slack.calls if method == "chat.update"]
    assert len(posts) == 3
    assert all(post["unfurl_links"] in (0, False) and post["unfurl_media"] in (0, False) for post in posts)
    assert all(call["parse"] == "none" and call["link_names"] in (0, False) for call in posts + edits)


async def test_an_update_that_changes_nothing_makes_no_call(sink: SlackSink, slack: SlackFake) -> None:
    """The record moves on all the same."""
    sent = await sink.send(delivery(OPENED), None)
    before = len(slack.calls)

    again = await sink.send(delivery(step(OPENED, Change.UPDATED, at=OPENED.at)), sent)

    assert len(slack.calls) == before
    assert (again.seq, again.ref) == (2, sent.ref)


async def test_an_update_within_the_band_edits_silently(sink: SlackSink, slack: SlackFake) -> None:
    """The card shows the new number, the thread says nothing."""
    sent = await sink.send(delivery(OPENED), None)
    fact = Evidence(name="change_28d", label="Events, change", value="-0.385", unit="share", decisive=True)

    await sink.send(delivery(step(OPENED, Change.UPDATED, evidence=(fact,))), sent)

    (card,) = slack.cards()
    assert "−38 %" in text_of(card)
    assert card["edited"]
    assert len(slack.replies()) == 1


async def test_a_change_of_owner_edits_and_adds_a_line(sink: SlackSink, slack: SlackFake) -> None:
    """Nobody is tagged by it."""
    sent = await sink.send(delivery(OPENED), None)

    await sink.send(delivery(step(OPENED, Change.UPDATED, owner=Owner(name="005A2"))), sent)

    assert "Grace Hopper" in text_of(slack.cards()[0])
    assert slack.replies()[-1]["text"] == "Owner: Ada Lovelace → Grace Hopper"
    assert "<@" not in text_of(slack.cards()[0]) + text_of(slack.replies()[-1])


async def test_an_escalation_edits_the_card_and_tags_in_the_thread(sink: SlackSink, slack: SlackFake) -> None:
    """The edited card tags nobody; the new reply does."""
    sent = await sink.send(delivery(OPENED), None)

    await sink.send(delivery(step(OPENED, Change.ESCALATED, severity=Severity.CRITICAL, notify=True)), sent)

    assert "critical" in text_of(slack.cards()[0])
    assert "<@" not in text_of(slack.cards()[0])
    assert slack.replies()[-1]["text"].startswith("<@U01ALICE> Escalated from warning to critical")


async def test_a_resolve_shortens_the_card_and_keeps_the_evidence(sink: SlackSink, slack: SlackFake) -> None:
    """The numbers are in the thread."""
    sent = await sink.send(delivery(OPENED), None)

    await sink.send(delivery(resolved(OPENED)), sent)

    (card,) = slack.cards()
    assert len(card["blocks"]) == 3
    assert "Resolved after 6 days: usage is back at 92 % of normal" in text_of(card)
    assert "Active users" in text_of(slack.replies()[-1])


async def test_a_reopened_signal_is_the_same_card_and_notifies_nobody(sink: SlackSink, slack: SlackFake) -> None:
    """Full form again, one more line in the thread."""
    sent = await sink.send(delivery(OPENED), None)
    sent = await sink.send(delivery(ended := resolved(OPENED)), sent)
    again = step(ended, Change.REOPENED, status="open", resolved_because=None, resolved_text="")

    await sink.send(delivery(again), sent)

    (card,) = slack.cards()
    assert "Next step" in text_of(card)
    assert slack.replies()[-1]["text"].startswith("Open again")
    assert "<@" not in text_of(card) + text_of(slack.replies()[-1])


async def test_a_deleted_card_is_posted_anew_while_its_signal_is_open(sink: SlackSink, slack: SlackFake) -> None:
    """At the next news, with its details."""
    sent = await sink.send(delivery(OPENED), None)
    slack.messages.clear()

    renewed = await sink.send(delivery(step(OPENED, Change.UPDATED, severity=Severity.NOTICE)), sent)

    (card,) = slack.cards()
    assert renewed.ref["ts"] == card["ts"] != sent.ref["ts"]
    assert len(slack.replies()) == 1


async def test_a_deleted_card_of_a_resolved_signal_stays_deleted(sink: SlackSink, slack: SlackFake) -> None:
    """Nobody wants news about what they threw away."""
    sent = await sink.send(delivery(OPENED), None)
    slack.messages.clear()

    after = await sink.send(delivery(resolved(OPENED)), sent)

    assert slack.messages == {}
    assert after.status == "resolved"


async def test_a_resolve_whose_opening_never_arrived_posts_nothing(sink: SlackSink, slack: SlackFake) -> None:
    """There is nothing to take back; a later reopening posts the card."""
    sent = await sink.send(delivery(ended := resolved(OPENED)), None)
    assert slack.methods() == ["conversations.history"]

    await sink.send(delivery(step(ended, Change.REOPENED, status="open", resolved_because=None)), sent)
    assert len(slack.cards()) == 1


async def test_an_edit_that_the_workspace_forbids_still_reaches_the_thread(sink: SlackSink, slack: SlackFake) -> None:
    """The card stays as it was, the news is below it."""
    sent = await sink.send(delivery(OPENED), None)
    slack.deny["chat.update"] = "edit_window_closed"

    await sink.send(delivery(resolved(OPENED)), sent)

    assert slack.replies()[-1]["text"].startswith("Resolved after 6 days")


async def test_the_history_is_read_only_after_a_possible_repeat(sink: SlackSink, slack: SlackFake) -> None:
    """The ordinary opening costs two calls."""
    await sink.send(delivery(OPENED), None)
    assert slack.methods() == ["chat.postMessage", "chat.postMessage"]


async def test_a_crash_between_card_and_reply_completes_the_card(sink: SlackSink, slack: SlackFake) -> None:
    """Found by its metadata, edited, and the missing reply added once."""
    await sink.send(delivery(OPENED), None)
    slack.messages = {key: message for key, message in slack.messages.items() if "thread_ts" not in message}

    first = await sink.send(delivery(OPENED), None, redelivered=True)
    second = await sink.send(delivery(OPENED), None, redelivered=True)

    assert first.ref == second.ref
    assert (len(slack.cards()), len(slack.replies())) == (1, 1)


async def test_one_reading_of_a_channel_serves_all_that_are_in_doubt(sink: SlackSink, slack: SlackFake) -> None:
    """After a crash hundreds may be, and Slack allows 50 readings a minute."""
    signals = [transition(org_id=f"org_{number}") for number in range(5)]
    for one in signals:
        await sink.send(delivery(one), None)
    slack.calls.clear()

    for one in signals:
        await sink.send(delivery(one), None, redelivered=True)

    assert len(slack.cards()) == 5
    assert slack.methods().count("conversations.history") == 1


async def test_a_reading_older_than_the_attempt_is_not_trusted(sink: SlackSink, slack: SlackFake) -> None:
    """Looked for, posted with the answer lost, looked for again: the second look reads again."""
    clock = HandClock()
    slack.faults.extend([None, Fault(0, applied=True)])

    await deliver(sink, delivery(OPENED), None, patience=clock.patience(), redelivered=True)

    assert (len(slack.cards()), len(slack.replies())) == (1, 1)


async def test_a_thread_line_that_fails_makes_no_second_card(sink: SlackSink, slack: SlackFake) -> None:
    """The card stands, its line fails; a reading made in between for another card does not show the first one yet."""
    other = delivery(transition(org_id="org_other"))
    slack.refuse = lambda _method, arguments: "fatal_error" if arguments.get("thread_ts") else ""
    slack.lag_s = 3600.0
    with pytest.raises(Transient):
        await sink.send(delivery(OPENED), None)
    with pytest.raises(Transient):
        await sink.send(other, None, redelivered=True)
    slack.refuse = lambda _method, _arguments: ""

    await sink.send(delivery(OPENED), None, redelivered=True)

    assert len(slack.cards()) == 2  # one of each
    assert len(slack.replies()) == 1


async def test_a_card_is_found_on_a_later_page(sink: SlackSink, slack: SlackFake) -> None:
    """Behind all that was posted since, up to the limit of pages."""
    await sink.send(delivery(OPENED), None)
    (card,) = slack.cards()
    for number in range(450):
        slack.messages["C01SIG", f"1768900000.{number:06}"] = {**card, "ts": str(number), "metadata": {}}

    await sink.send(delivery(OPENED), None, redelivered=True)

    assert slack.methods().count("conversations.history") == 3
    assert len(slack.cards()) == 451


async def test_a_repeated_escalation_tags_once(sink: SlackSink, slack: SlackFake) -> None:
    """The reply of the same step is found in the thread."""
    sent = await sink.send(delivery(OPENED), None)
    raised = delivery(step(OPENED, Change.ESCALATED, severity=Severity.CRITICAL, notify=True))

    await sink.send(raised, sent)
    await sink.send(raised, sent, redelivered=True)

    assert sum("Escalated" in text_of(reply) for reply in slack.replies()) == 1


async def test_another_signal_of_the_account_is_not_taken_for_this_one(sink: SlackSink, slack: SlackFake) -> None:
    """Only the signal's own id counts."""
    await sink.send(delivery(credit_runway()), None)
    await sink.send(delivery(OPENED), None, redelivered=True)

    assert len(slack.cards()) == 2


async def test_without_permission_to_look_the_card_is_posted_anyway(
    sink: SlackSink, slack: SlackFake, caplog: pytest.LogCaptureFixture
) -> None:
    """Twice is better than never; the log says why, once."""
    slack.deny["conversations.history"] = "missing_scope"
    await sink.send(delivery(OPENED), None, redelivered=True)
    await sink.send(delivery(credit_runway()), None, redelivered=True)

    assert len(slack.cards()) == 2
    assert [record.levelname for record in caplog.records if "already posted" in record.message] == ["WARNING"]


async def test_looking_can_be_switched_off(slack: SlackFake) -> None:
    """For apps that may not read."""
    made = slack_sink(slack.url, HandClock(), find_posted=False)
    await made.start()
    await made.send(delivery(OPENED), None, redelivered=True)
    await made.stop()

    assert slack.methods() == ["chat.postMessage", "chat.postMessage"]


async def test_a_channel_given_by_name_is_found_for_reading(slack: SlackFake) -> None:
    """Slack posts to names but reads ids only."""
    for _ in range(2):
        made = slack_sink(slack.url, HandClock())
        await made.start()
        await made.send(delivery(OPENED), None, redelivered=True)
        await made.stop()

    assert len(slack.cards()) == 1
    assert "conversations.list" in slack.methods()


async def test_a_channel_is_paced_as_one_whether_by_name_or_by_id(slack: SlackFake) -> None:
    """Cards go to the name, replies to the id: ten signals are twenty messages, seventeen beyond the burst."""
    clock = HandClock()
    made = slack_sink(slack.url, clock)
    await made.start()
    for number in range(10):
        await made.send(delivery(transition(org_id=f"org_{number}")), None)
    await made.stop()

    assert clock.seconds >= 16


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("invalid_auth", Permanent, FailReason.AUTH),
        ("not_in_channel", Permanent, FailReason.NOT_FOUND),
        ("internal_error", Transient, FailReason.SERVER),
    ],
)
async def test_what_slack_refuses(sink: SlackSink, slack: SlackFake, code: str, kind: type, reason: FailReason) -> None:
    """Slack's code decides, although the answer is a 200."""
    slack.deny["chat.postMessage"] = code

    with pytest.raises(SinkError) as caught:
        await sink.send(delivery(OPENED), None)

    assert isinstance(caught.value, kind)
    assert caught.value.reason is reason
    assert code in str(caught.value)


def test_the_token_shows_nowhere_in_the_configuration() -> None:
    """Neither printed nor dumped."""
    config = SlackConfig.model_validate({"token": "xoxb-secret"})
    assert "xoxb" not in repr(config) + str(config.model_dump()) + config.model_dump_json()


@pytest.mark.parametrize("user", ["ada", "<!channel>", "u01alice", "", "C01SIG"])
def test_only_slack_ids_can_be_tagged(user: str) -> None:
    """A name in the mapping would be shown, not tagged, and a broken one could mention everybody."""
    with pytest.raises(ValueError, match="Slack user or group id"):
        SlackConfig(users={"005A1": user})


async def test_a_record_from_another_time_is_enough_to_edit(sink: SlackSink, slack: SlackFake) -> None:
    """All the sink needs is in the record: it keeps nothing itself."""
    first = await sink.send(delivery(OPENED), None)
    bare = Sent(signal_id=first.signal_id, seq=1, sink="slack", destination="account-signals", ref=first.ref, at=NOW)

    await sink.send(delivery(step(OPENED, Change.UPDATED, at=NOW + timedelta(days=2))), bare)

    assert len(slack.cards()) == 1
