"""The card as Block Kit: pure, and within Slack's limits before anything is sent."""

import re
from typing import Any

import msgspec

from signals.domain.signal import Link
from signals.sinks.card import Card, Fact
from signals.sinks.safety import beginning, cut
from signals.sinks.slack.mrkdwn import escaped, mrkdwn
from signals.sinks.spans import Line, Words, words
from signals.sinks.thread import Reply

Block = dict[str, Any]

# Slack's limits, from its Block Kit reference.
BLOCKS = 50
SECTION = 3000
FIELD = 2000
FIELDS = 10
CONTEXT_ELEMENTS = 10
BUTTON = 75
ALT = 2000
METADATA_BYTES = 8000
TITLE = 150
# Ours: Slack takes 2,000 letters above a picture, and a phone shows a line or two.
NOTIFICATION = 300
# Ours: what phones show of a notification is far less than Slack's 4,000 characters.
MESSAGE = 12_000
# Ours: Slack refuses messages of about 13,000 characters in all with msg_blocks_too_long, below the documented limits.
PROSE = 600
# Ours: a paragraph longer than this does not belong on a card that is read in two seconds; it moves to the thread.


_NUMBER_AND_SIGN = re.compile(r"(?<=\d) (?=(?:%|[MBT]\b))")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: the notification's text and the blocks."""

    text: str
    blocks: list[Block]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A chart that was uploaded, and what is said of it beside and instead of it."""

    file: str
    """Slack's id."""
    alt: str
    title: str
    digest: str
    """Of the numbers drawn."""
    day: str
    """Of the transition it was drawn for, ISO 8601."""


def card_message(card: Card, users: dict[str, str], picture: Picture | None = None) -> Message:
    """Return the card's message, with its chart as *picture*. Use ``moved_to_thread`` for what did not fit."""
    blocks = [section(mrkdwn(card.headline, users))]
    if card.resolved:
        blocks.append(section(escaped(cut(card.resolution, PROSE))))
    else:
        blocks.append(context(card.status, users))
        if card.facts:
            blocks.extend(_fields(card.facts, users))
        blocks.extend(_prose(card))
        if picture is not None:
            blocks.append(image(picture))
        if card.buttons:
            blocks.append(buttons(card.buttons))
    blocks.append(context(card.footer, users))
    return Message(text=escaped(cut(card.notification, NOTIFICATION)), blocks=blocks)


def moved_to_thread(card: Card) -> tuple[Line, ...]:
    """Return the paragraphs that were shortened on the card, in full."""
    texts = (card.resolution,) if card.resolved else (card.why_now, card.next_step)
    return tuple(words(text) for text in texts if len(text) > PROSE)


def reply_messages(reply: Reply, users: dict[str, str]) -> list[Message]:
    """Return the thread messages of a reply, in order: usually one, more when it is very long."""
    blocks: list[Block] = []
    for line in reply.lines:
        blocks.extend(section(part) for part in _chunks(line, users))
    blocks.extend(_fields(reply.facts, users))
    text = mrkdwn(reply.lines[0], users) if reply.lines else "Evidence"
    return [Message(text=cut(text, SECTION), blocks=part) for part in _pages(blocks)]


def metadata(card: Card, part: str, page: int = 0) -> dict[str, Any]:
    """Return the message metadata by which a message is found again; *part* is ``card`` or ``reply``.

    *page* is the number of the message within its reply: a crash may come between two of them.
    """
    payload: dict[str, Any] = {"signal_id": card.signal_id, "seq": card.seq, "rule": card.rule, "part": part}
    if page:
        payload["page"] = page
    return {"event_type": "signal", "event_payload": payload}


def section(text: str) -> Block:
    """Return a paragraph of mrkdwn that is shown as it is."""
    # verbatim: Slack must not turn addresses, channel names or user names in the text into links.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(lines: tuple[Line, ...], users: dict[str, str]) -> Block:
    """Return small print: the lines as one, with dots between them."""
    # One element, not one per part: elements wrap as blocks of their own on a phone.
    text = " · ".join(mrkdwn(line, users) for line in lines)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _fields(facts: tuple[Fact, ...], users: dict[str, str]) -> list[Block]:
    fields = [{"type": "mrkdwn", "text": _fact(fact, users), "verbatim": True} for fact in facts]
    return [{"type": "section", "fields": fields[at : at + FIELDS]} for at in range(0, len(fields), FIELDS)]


def _fact(fact: Fact, users: dict[str, str]) -> str:
    context = f"\n{_unbroken(escaped(cut(fact.context, 300)))}" if fact.context else ""
    value = tuple(
        msgspec.structs.replace(span, text=cut(span.text, 300)) if isinstance(span, Words) else span
        for span in fact.value
    )
    return f"{escaped(cut(fact.label, 150))}\n*{_unbroken(mrkdwn(value, users))}*{context}"


def _unbroken(text: str) -> str:
    """Keep a number and its sign or letter on one line: the columns are narrow on a phone."""
    return _NUMBER_AND_SIGN.sub("\u00a0", text)


def _prose(card: Card) -> list[Block]:
    blocks = []
    if card.why_now:
        blocks.append(section(escaped(cut(card.why_now, PROSE))))
    if card.next_step:
        blocks.append(section(f"*Next step:* {escaped(cut(card.next_step, PROSE))}"))
    if card.also:
        blocks.append(section("*Also:*\n" + "\n".join(f"• {escaped(one)}" for one in card.also)))
    return blocks


def image(picture: Picture) -> Block:
    """Return the picture, with its title as text above it."""
    block: Block = {"type": "image", "slack_file": {"id": picture.file}, "alt_text": cut(picture.alt, ALT)}
    if picture.title:
        block["title"] = {"type": "plain_text", "text": cut(picture.title, TITLE), "emoji": False}
    return block


def buttons(links: tuple[Link, ...]) -> Block:
    """Return a row of links."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": cut(link.label, BUTTON), "emoji": False},
                "url": link.url,
                "action_id": f"open:{index}",
            }
            for index, link in enumerate(links)
        ],
    }


def _chunks(line: Line, users: dict[str, str]) -> list[str]:
    """Split a line into section texts; only its plain text is ever long."""
    room = SECTION // 6
    # Escaping makes at most five characters of one, and spans before the text need some room too.
    parts: list[str] = []
    current: Line = ()
    for span in line:
        if not isinstance(span, Words) or len(span.text) <= room:
            current = (*current, span)
            continue
        text = span.text
        while len(text) > room:
            space = text.rfind(" ", 0, room)
            at = space if space > 0 else len(beginning(text, room)) or room
            parts.append(mrkdwn((*current, msgspec.structs.replace(span, text=text[:at])), users))
            current, text = (), text[at:].lstrip()
        current = (msgspec.structs.replace(span, text=text),)
    if current:
        parts.append(mrkdwn(current, users))
    return parts


def _pages(blocks: list[Block]) -> list[list[Block]]:
    """Split blocks into messages within the limits on number and total size."""
    pages: list[list[Block]] = []
    size = 0
    for block in blocks:
        length = len(msgspec.json.encode(block))
        if not pages or len(pages[-1]) >= BLOCKS or size + length > MESSAGE:
            pages.append([])
            size = 0
        pages[-1].append(block)
        size += length
    return pages
