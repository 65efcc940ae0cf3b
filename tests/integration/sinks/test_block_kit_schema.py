"""Our messages against the JSON Schema of Slack's own TypeScript types."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from signals.sinks.card import build_card
from signals.sinks.slack.blocks import Picture, card_message, reply_messages
from signals.sinks.thread import build_reply
from support.cards import APPEARANCE, USERS, every_sample, resolved
from support.charts import charted
from support.peers import npm_packages

pytestmark = pytest.mark.peer

_TYPES = """import type {KnownBlock} from '@slack/types';
export interface Message {text: string; blocks: KnownBlock[];}
"""
_TSCONFIG = {"compilerOptions": {"module": "nodenext", "moduleResolution": "nodenext", "strict": True}}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    """The schema, generated once into the cache."""
    home = npm_packages("@slack/types@3.2.0", "ts-json-schema-generator@2.4.0", "typescript@5.9.3")
    schema = home / "message.schema.json"
    if not schema.is_file():
        node = shutil.which("node")
        if node is None:
            pytest.skip("needs node, which is not installed")
        (home / "types.ts").write_text(_TYPES)
        (home / "tsconfig.json").write_text(json.dumps(_TSCONFIG))
        generator = next(iter(sorted((home / "node_modules" / "ts-json-schema-generator").glob("bin/*.js"))))
        command: list[str | Path] = [node, generator, "--path", "types.ts", "--type", "Message", "--tsconfig"]
        made = subprocess.run(
            [*command, "tsconfig.json", "-o", "made.json"], cwd=home, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr[-500:] + made.stdout[-500:]
        (home / "made.json").rename(schema)
    return jsonschema.Draft7Validator(json.loads(schema.read_text()))


def payloads() -> dict[str, dict[str, Any]]:
    """Every message of every sample: card, resolved card, thread replies."""
    found: dict[str, dict[str, Any]] = {}
    for name, sample in every_sample().items():
        reply = build_reply(sample, None, APPEARANCE)
        messages = [card_message(build_card(sample, None, APPEARANCE), USERS)]
        messages.append(card_message(build_card(resolved(sample), None, APPEARANCE), USERS))
        messages.extend(reply_messages(reply, USERS) if reply else [])
        for index, message in enumerate(messages):
            found[f"{name}-{index}"] = {"text": message.text, "blocks": message.blocks}
    picture = Picture(file="F0123ABCD", alt="what it shows", title="Usage", digest="", day="")
    message = card_message(build_card(charted(), None, APPEARANCE), USERS, picture)
    found["charted"] = {"text": message.text, "blocks": message.blocks}
    return found


@pytest.mark.parametrize("name", payloads())
def test_every_message_has_slacks_own_types(validator: jsonschema.Draft7Validator, name: str) -> None:
    """No unknown field, no missing one, no wrong type."""
    assert [error.message[:200] for error in validator.iter_errors(payloads()[name])] == []


def test_the_schema_refuses_what_slack_does_not_know(validator: jsonschema.Draft7Validator) -> None:
    """Guards the test above against a schema that takes anything."""
    assert not validator.is_valid({"text": "x", "blocks": [{"type": "nonsense"}]})
    assert not validator.is_valid(
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "loud": True}}]}
    )
