"""A digest as Block Kit: pure, and within Slack's limits. At most 14 blocks, whatever is in it."""

from typing import Any

from signals.sinks.digest_page import Digest
from signals.sinks.slack.blocks import FIELDS, Message, buttons, context, section
from signals.sinks.slack.mrkdwn import escaped, mrkdwn
from signals.sinks.spans import words


def digest_message(digest: Digest) -> Message:
    """Return the message of a digest; nobody is tagged by it."""
    blocks = [section(mrkdwn(digest.headline, {}))]
    if digest.status:
        blocks.append(context(digest.status, {}))
    fields = [{"type": "mrkdwn", "text": escaped(text), "verbatim": True} for text in digest.families]
    blocks.extend({"type": "section", "fields": fields[at : at + FIELDS]} for at in range(0, len(fields), FIELDS))
    blocks.extend(section(f"• {mrkdwn(line, {})}") for line in digest.top)
    if digest.rest:
        blocks.append(context((words(digest.rest),), {}))
    if digest.button is not None:
        blocks.append(buttons((digest.button,)))
    return Message(text=escaped(digest.notification), blocks=blocks)


def digest_metadata(digest_id: str) -> dict[str, Any]:
    """Return the metadata by which a digest is found again."""
    return {"event_type": "signal", "event_payload": {"signal_id": digest_id, "part": "digest"}}
