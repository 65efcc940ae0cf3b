"""JSON Schema of every input and output topic, from the models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args

import msgspec

from signals.domain.classes import FieldClass, class_of
from signals.domain.events.base import Event
from signals.domain.events.kinds import BROADCAST, EVENTS_OF, INPUT_TOPICS, TimeReached
from signals.domain.signal import Delivery, Suppression, Transition
from signals.domain.summary import Summary
from signals.schemas.prose import field_prose, one_line
from signals.streams.topics import Topics

JsonSchema = dict[str, Any]  # JSON as such: its shape is what this package is about
Direction = Literal["input", "output"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Contract:
    """One kind of message that others write or read."""

    name: str
    """File name without ``.json``."""
    topics: tuple[str, ...]
    """Topic names as they are without a prefix."""
    direction: Direction
    key: str
    title: str
    models: tuple[type[msgspec.Struct], ...]


def contracts() -> tuple[Contract, ...]:
    """Return every contract: the account topics, the broadcast topic, then what others may read."""
    topics = Topics()
    inputs = tuple(
        Contract(
            name=topics.input(topic),
            topics=(topics.input(topic),),
            direction="input",
            key="Organization id; null for time_reached.",
            title=f"Canonical events of the {topic} topic",
            models=(*EVENTS_OF[topic], TimeReached),
        )
        for topic in INPUT_TOPICS
    )
    return (
        *inputs,
        Contract(
            name=topics.input(BROADCAST),
            topics=(topics.input(BROADCAST),),
            direction="input",
            key="`*`; null for time_reached.",
            title="Canonical events that are every account's",
            models=(*EVENTS_OF[BROADCAST], TimeReached),
        ),
        Contract(
            "signal-events",
            (topics.signal_events, topics.signal_state),
            "output",
            "Organization id on signal-events; signal id on signal-state.",
            "Steps in the life of signals",
            (Transition,),
        ),
        Contract(
            "suppressions",
            (topics.suppressions,),
            "output",
            "Organization id.",
            "What was held back, and why",
            (Suppression,),
        ),
        Contract(
            "account-summaries",
            (topics.account_summaries,),
            "output",
            "Organization id; compacted, without a value once the account is erased.",
            "What figures over several accounts need of one",
            (Summary,),
        ),
        Contract(
            "deliveries",
            tuple(topics.deliveries(sink) for sink in ("slack", "crm", "webhook")),
            "output",
            "Organization id.",
            "Transitions on their way to a sink (pass over records with a `kind`: they are notes among the workers)",
            (Delivery,),
        ),
    )


def schema_of(contract: Contract) -> JsonSchema:
    """Return the JSON Schema of one contract; equal models give an equal document, byte for byte."""
    union: Any = Union.__getitem__(contract.models)  # one type from a tuple that is known only now
    (top,), components = msgspec.json.schema_components([union], ref_template="#/$defs/{name}")
    models = _models_behind(contract.models)
    for name, component in components.items():
        if "description" in component:
            component["description"] = one_line(component["description"])
        if name in models:
            _describe(component, models[name])
    return {
        "$schema": DIALECT,
        "$id": f"{contract.name}.json",
        "title": contract.title,
        **top,
        "$defs": dict(sorted(components.items())),
    }


def _models_behind(models: tuple[type[msgspec.Struct], ...]) -> Mapping[str, type[msgspec.Struct]]:
    """Return every model reachable from *models*, by class name."""
    found: dict[str, type[msgspec.Struct]] = {}

    def visit(kind: object) -> None:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind.__name__ not in found:
                found[kind.__name__] = kind
                for field in msgspec.structs.fields(kind):
                    visit(field.type)
        else:
            for part in get_args(kind):
                visit(part)

    for model in models:
        visit(model)
    return found


def _describe(component: JsonSchema, model: type[msgspec.Struct]) -> None:
    """Put the fields' prose into their schemas, name the format of instants and, of events, each field's class."""
    prose = field_prose(model)
    types = {field.encode_name: field.type for field in msgspec.structs.fields(model)}
    for name, schema in component.get("properties", {}).items():
        if name in prose:
            if "$ref" in schema:
                schema["allOf"] = [{"$ref": schema.pop("$ref")}]
            schema["description"] = prose[name]
        if types.get(name) is datetime:
            schema["format"] = "date-time"
        elif datetime in get_args(types.get(name)):
            for option in schema.get("anyOf", []):
                if option.get("type") == "string":
                    option["format"] = "date-time"
        if issubclass(model, Event):
            schema["x-class"] = (class_of(model, name) if name in types else FieldClass.PUBLIC).value
