"""All canonical events as one closed union, and which input topic carries which."""

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from signals.domain.events.base import Event, Instant
from signals.domain.events.billing import BillingEvent
from signals.domain.events.broadcast import BroadcastEvent
from signals.domain.events.crm import CrmEvent
from signals.domain.events.feedback import FeedbackEvent
from signals.domain.events.usage import UsageEvent

InputTopic = Literal["usage", "billing", "crm", "feedback", "broadcast"]

BROADCAST: InputTopic = "broadcast"
"""Its events are every account's. It has one partition, and whoever merges a partition of the others merges it too."""

INPUT_TOPICS: tuple[InputTopic, ...] = ("usage", "billing", "crm", "feedback")
"""The account topics: keyed by account, one partition count."""

MERGED_TOPICS: tuple[InputTopic, ...] = (*INPUT_TOPICS, BROADCAST)
"""Fixed rank: at one instant a smaller index is merged first (design: event time, topic rank, offset)."""


class TimeReached(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="time_reached"):
    """Control record, on any input topic, key null, one per partition: the history is complete up to ``at``."""

    at: Instant
    v: Annotated[int, Meta(ge=1, le=1)] = 1


AnyEvent = UsageEvent | BillingEvent | CrmEvent | FeedbackEvent

EVENTS_OF: dict[InputTopic, tuple[type[Event], ...]] = {
    "usage": get_args(UsageEvent),
    "billing": get_args(BillingEvent),
    "crm": get_args(CrmEvent),
    "feedback": get_args(FeedbackEvent),
    "broadcast": get_args(BroadcastEvent),
}


def kind_of(event: type[Event] | Event) -> str:
    """Return the ``kind`` of an event or of its class, such as ``usage_reported``."""
    cls = event if isinstance(event, type) else type(event)
    return str(cls.__struct_config__.tag)


TOPIC_OF: dict[str, InputTopic] = {kind_of(cls): topic for topic in INPUT_TOPICS for cls in EVENTS_OF[topic]}
"""The account topic of each kind; some may come on the broadcast topic, too."""

CLASS_OF: dict[str, type[Event]] = {kind_of(cls): cls for classes in EVENTS_OF.values() for cls in classes}
