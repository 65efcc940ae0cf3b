"""Checks of Block Kit payloads with the SDK's own models, and the limits that those leave out."""

import json
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block


def problems(blocks: list[dict[str, Any]]) -> list[str]:
    """Return what Slack would refuse, in words; an empty list for a payload that is fine."""
    found = []
    if not 1 <= len(blocks) <= 50:
        found.append(f"{len(blocks)} blocks")
    if len(json.dumps(blocks)) > 13_000 * 6:  # escaped to ASCII at most six characters each
        found.append("too large in all")
    for index, block in enumerate(blocks):
        parsed = Block.parse(block)
        if parsed is None:
            found.append(f"block {index}: unknown type {block.get('type')}")
        else:
            found.extend(f"block {index}: {text}" for text in _invalid(parsed))
    actions = [
        element["action_id"] for block in blocks for element in block.get("elements", []) if "action_id" in element
    ]
    if len(set(actions)) != len(actions):
        found.append("two elements with one action_id")
    return found


def _invalid(part: JsonObject) -> list[str]:
    found = []
    try:
        part.validate_json()
    except SlackObjectFormationError as error:
        found.append(f"{type(part).__name__}: {error}")
    for value in vars(part).values():
        for child in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(child, JsonObject):
                found.extend(_invalid(child))
    text = getattr(part, "text", None)
    if isinstance(text, str) and not text:
        found.append(f"{type(part).__name__}: empty text")
    return found
