"""The AsyncAPI 3 document: every public topic, its key, its partitions' rule and its messages, in one file."""

import json
import re
from typing import Any

from signals.domain.events.kinds import INPUT_TOPICS
from signals.schemas.documents import Contract, JsonSchema, contracts, schema_of
from signals.schemas.prose import one_line
from signals.streams.topics import Topics

_REF = re.compile(r'"#/\$defs/')


def asyncapi_document(version: str) -> dict[str, Any]:
    """Return the document for *version* of the package; ``json.dumps`` of it is stable."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    cleanup = {spec.name: spec for spec in Topics().all()}
    for contract in contracts():
        schema = _rebased(schema_of(contract))
        schemas.update(schema.pop("$defs"))
        names = [_message_name(model.__name__) for model in contract.models]
        for name, model in zip(names, contract.models, strict=True):
            messages[name] = _message(contract, model.__name__, one_line(model.__doc__ or ""))
        for topic in contract.topics:
            spec = cleanup[topic]
            channels[topic] = {
                "address": topic,
                "title": contract.title,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
                "bindings": {"kafka": {"topicConfiguration": {"cleanup.policy": [spec.cleanup]}}},
            }
            operations[f"{'receive' if contract.direction == 'input' else 'send'}-{topic}"] = {
                "action": "receive" if contract.direction == "input" else "send",
                "channel": {"$ref": f"#/channels/{topic.replace('~', '~0').replace('/', '~1')}"},
                "summary": contract.title + ".",
            }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "signals",
            "version": version,
            "description": (
                f"Account signals from {len(INPUT_TOPICS)} input topics of accounts, which share one partition count "
                "and Kafka's murmur2 partitioner on the organization id, and one of broadcasts with one partition."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _message_name(model: str) -> str:
    return model[:1].lower() + model[1:]


def _message(contract: Contract, model: str, doc: str) -> dict[str, Any]:
    return {
        "name": _message_name(model),
        "title": model,
        "summary": doc.split(". ")[0].removesuffix(".") + ".",
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{model}"},
        "bindings": {"kafka": {"key": {"type": ["string", "null"], "description": contract.key}}},
    }


def _rebased(schema: JsonSchema) -> JsonSchema:
    """Return the schema with its references pointing at the document's components."""
    rebased: JsonSchema = json.loads(_REF.sub('"#/components/schemas/', json.dumps(schema)))
    return rebased
