"""The canonical format: our own versioned JSON, one event a record, tagged by ``kind``."""

from difflib import get_close_matches
from typing import Any, Union

import msgspec

from signals.domain.errors import BadInput
from signals.domain.events.kinds import BROADCAST, CLASS_OF, EVENTS_OF, MERGED_TOPICS, TOPIC_OF, InputTopic, kind_of
from signals.domain.reasons import DeadReason
from signals.ingest.sources.contract import Mapped

DECODERS: dict[InputTopic, msgspec.json.Decoder[Any]] = {
    topic: msgspec.json.Decoder(Union[EVENTS_OF[topic]])  # noqa: UP007 - a union made of a tuple at run time
    for topic in MERGED_TOPICS
}
"""One per input topic, for all events that may come on it."""


class _Kind(msgspec.Struct):
    kind: str


_KIND = msgspec.json.Decoder(_Kind)


def read_canonical(value: bytes, topic: InputTopic, key: str | None) -> Mapped:  # noqa: ARG001 - the contract's
    """Return the one event of a canonical record.

    Raises
    ------
    BadInput
        UNKNOWN_KIND or WRONG_TOPIC.
    msgspec.ValidationError
        A field is missing, of the wrong type or out of range; the message holds its path.
    msgspec.DecodeError
        Not JSON.
    """
    try:
        return (DECODERS[topic].decode(value),)
    except msgspec.ValidationError:
        _check_kind(value, topic)
        raise


def _check_kind(value: bytes, topic: InputTopic) -> None:
    """Raise ``BadInput`` when the reason of a failure is the kind; otherwise return."""
    try:
        kind = _KIND.decode(value).kind
    except msgspec.ValidationError as error:
        valid = ", ".join(kind_of(cls) for cls in EVENTS_OF[topic])
        raise BadInput(DeadReason.INVALID, f"{error}; valid on {topic}: {valid}") from error
    if kind not in CLASS_OF:
        near = get_close_matches(kind, CLASS_OF, n=1)
        valid = f"did you mean {near[0]!r}?" if near else ", ".join(kind_of(cls) for cls in EVENTS_OF[topic])
        raise BadInput(DeadReason.UNKNOWN_KIND, f"kind: unknown kind {kind[:80]!r}; {valid}")
    if topic == BROADCAST and CLASS_OF[kind] not in EVENTS_OF[BROADCAST]:
        valid = ", ".join(kind_of(cls) for cls in EVENTS_OF[BROADCAST])
        raise BadInput(DeadReason.WRONG_TOPIC, f"kind: {kind!r} cannot be broadcast; valid: {valid}")
    if topic not in (BROADCAST, TOPIC_OF[kind]):
        message = f"kind: {kind!r} belongs on the topic {TOPIC_OF[kind]}, this record came on {topic}"
        raise BadInput(DeadReason.WRONG_TOPIC, message)
