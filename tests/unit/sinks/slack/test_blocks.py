"""The card as Block Kit: within every limit, whatever the signal says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.reasons import Change, Severity
from signals.domain.signal import Evidence, Link, Transition
from signals.sinks.card import build_card, sent_state
from signals.sinks.contract import Sent
from signals.sinks.slack.blocks import (
    METADATA_BYTES,
    PROSE,
    Picture,
    card_message,
    metadata,
    moved_to_thread,
    reply_messages,
)
from signals.sinks.spans import plain
from signals.sinks.thread import Reply, build_reply
from support.block_kit import problems
from support.cards import APPEARANCE, NOW, USERS, every_sample, resolved, step, transition
from support.charts import charted


def blocks(of: Transition) -> list[dict[str, Any]]:
    """The blocks of a new card."""
    return card_message(build_card(of, None, APPEARANCE), USERS).blocks


def strings(value: Any) -> list[str]:
    """Every text anywhere in a payload."""
    if isinstance(value, dict):
        return [text for child in value.values() for text in strings(child)]
    if isinstance(value, list):
        return [text for child in value for text in strings(child)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("sample", every_sample().values(), ids=every_sample().keys())
def test_every_sample_is_valid_block_kit(sample: Transition) -> None:
    """Card, resolved card and thread replies pass the SDK's own checks."""
    shown = build_card(sample, None, APPEARANCE)
    ended = build_card(resolved(sample), None, APPEARANCE)
    reply = build_reply(sample, None, APPEARANCE)
    assert reply is not None

    assert problems(card_message(shown, USERS).blocks) == []
    assert problems(card_message(ended, USERS).blocks) == []
    assert [problems(message.blocks) for message in reply_messages(reply, USERS)] == [[]]


def test_the_checker_refuses_what_slack_refuses() -> None:
    """Guards the other tests against a checker that sees nothing."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    button = {"type": "button", "text": {"type": "plain_text", "text": "x" * 76}, "action_id": "a"}
    assert problems([section])
    assert problems([{"type": "actions", "elements": [button]}])
    assert problems([{"type": "nonsense"}])
    assert problems([{"type": "divider"}] * 51)


def test_the_layout_of_a_card() -> None:
    """Headline, status, evidence, why now, next step, buttons, footer."""
    assert [block["type"] for block in blocks(transition())] == [
        "section",
        "context",
        "section",
        "section",
        "section",
        "actions",
        "context",
    ]


def test_a_resolved_card_is_three_blocks() -> None:
    """Headline, resolution, footer."""
    shown = card_message(build_card(resolved(transition()), None, APPEARANCE), USERS).blocks
    assert [block["type"] for block in shown] == ["section", "section", "context"]
    assert shown[1]["text"]["text"] == "Resolved after 6 days: usage is back at 92 % of normal"


def test_missing_parts_leave_no_empty_blocks() -> None:
    """Without links no buttons, without evidence no fields, without words no paragraph."""
    bare = transition(links=(), evidence=(), why_now="", next_step="", value_at_stake=None)
    assert [block["type"] for block in blocks(bare)] == ["section", "context", "context"]


def test_the_owner_is_tagged_exactly_once() -> None:
    """In the status line of a new card, and nowhere on an edit."""
    assert sum(text.count("<@") for text in strings(blocks(transition()))) == 1


def test_slack_makes_nothing_of_the_text_itself() -> None:
    """Every markup text is verbatim: no address or name in it becomes a link."""
    texts = [
        part
        for block in blocks(transition())
        for part in (block.get("text"), *block.get("fields", []), *block.get("elements", []))
        if part and part["type"] == "mrkdwn"
    ]
    assert len(texts) == 9
    assert all(part["verbatim"] for part in texts)


def test_what_is_too_long_moves_to_the_thread() -> None:
    """Shortened on the card, whole below it."""
    long = "All of this matters. " * 200
    card = build_card(transition(next_step=long, why_now="short", value_at_stake=None), None, APPEARANCE)

    shown = card_message(card, USERS).blocks[4]["text"]["text"]
    assert len(shown) < PROSE + 30
    assert shown.endswith("…")
    assert [plain(line) for line in moved_to_thread(card)] == [long.strip()]


def test_a_very_long_reply_becomes_several_messages_without_losing_a_word() -> None:
    """Within every limit, in order."""
    long = " ".join(f"word{number}" for number in range(6000))
    card = build_card(transition(next_step=long), None, APPEARANCE)

    messages = reply_messages(Reply(lines=moved_to_thread(card)), USERS)

    assert len(messages) > 1
    assert [problems(message.blocks) for message in messages] == [[]] * len(messages)
    said = " ".join(text for message in messages for block in message.blocks for text in [block["text"]["text"]])
    assert said.split() == long.split()


def test_the_metadata_names_the_signal() -> None:
    """By it a card is found again after a crash; Slack takes up to 8 KB."""
    found = metadata(build_card(transition(), None, APPEARANCE), "card")

    assert found["event_type"] == "signal"
    assert found["event_payload"] == {
        "signal_id": transition().signal_id,
        "seq": 1,
        "rule": "churn_usage_drop_30",
        "part": "card",
    }
    assert len(json.dumps(found)) < METADATA_BYTES


nasty = st.text(alphabet=st.sampled_from("<>&!@#|*_~`:-abc \n\u202e\u0301👩\u200d🚀🇩é"), max_size=400)
anything = st.one_of(nasty, st.text(max_size=400), st.builds(lambda text: text * 40, st.text(min_size=1, max_size=120)))


@given(
    name=anything, headline=anything, why=anything, step_=anything, label=anything, value=anything, unit=anything,
    notes=st.lists(anything, max_size=4), url=anything,
)  # fmt: skip
def test_whatever_the_data_says_the_messages_are_valid_and_harmless(
    name: str, headline: str, why: str, step_: str, label: str, value: str, unit: str, notes: list[str], url: str
) -> None:
    """Any text in any field: valid Block Kit, and no mention or link that we did not make."""
    facts = tuple(
        Evidence(name="n", label=label, value=value, unit=unit, window=why, threshold=value) for _ in range(7)
    )
    nasty_one = transition(
        account_name=name, headline=headline, why_now=why, next_step=step_, evidence=facts, decisive=value,
        starter=step_, notes=tuple(notes), segment=name, source=label,
        links=(Link(label, url), Link("x", f"https://{url}")),
    )  # fmt: skip
    card = build_card(nasty_one, None, APPEARANCE)
    reply = build_reply(nasty_one, None, APPEARANCE)
    messages = [card_message(card, USERS), *(reply_messages(reply, USERS) if reply else [])]

    for message in messages:
        assert problems(message.blocks) == []
        for text in [message.text, *strings(message.blocks)]:
            if text.startswith("https://"):
                continue  # a button's address, which is not markup
            allowed = text.replace("<@U01ALICE>", "").replace("<!date^", "").replace("<https://", "")
            assert "<" not in allowed


def test_an_escalation_tags_in_the_reply() -> None:
    """The edit stays silent, the reply notifies."""
    raised = step(transition(), Change.ESCALATED, severity=Severity.CRITICAL, notify=True)
    sent_card = build_card(transition(), None, APPEARANCE)
    assert sent_card.owner.tag
    sent = Sent(
        signal_id=raised.signal_id, seq=1, sink="slack", destination="x", ref={}, at=NOW,
        **sent_state(sent_card, transition()),
    )  # fmt: skip
    edit = card_message(build_card(raised, sent, APPEARANCE), USERS)
    reply = build_reply(raised, sent, APPEARANCE)
    assert reply is not None

    assert not any("<@" in text for text in strings(edit.blocks))
    assert reply_messages(reply, USERS)[0].text.startswith("<@U01ALICE> Escalated from warning to critical")


def test_a_picture_is_a_block_that_the_sdk_knows() -> None:
    """With words for who cannot see it; of a long title and sentence the beginning."""
    picture = Picture(file="F0123ABCD", alt="x" * 5000, title="y" * 5000, digest="", day="")

    blocks = card_message(build_card(charted(), None, APPEARANCE), USERS, picture).blocks

    assert problems(blocks) == []
    (image,) = (block for block in blocks if block["type"] == "image")
    assert image["slack_file"] == {"id": "F0123ABCD"}
    assert (len(image["alt_text"]), len(image["title"]["text"])) == (2000, 150)
    assert all(block["type"] != "image" for block in card_message(build_card(charted(), None, APPEARANCE), {}).blocks)
