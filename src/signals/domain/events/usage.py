"""The usage topic: what the organization and its people did in the product."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from signals.domain.events.base import Count, Day, Event, Name


class UsageReported(Event, frozen=True, kw_only=True, tag="usage_reported"):
    """Volumes of one calendar day. Reports repeat within a day: the last one (by ``at``) counts, never the sum.

    A report is also the witness that a product it does not name had no usage that day.
    """

    day: Day
    volumes: dict[Name, Count] = {}
    """Product key -> units that day (events, recordings, requests, rows, ... : the product's own unit)."""
    group_types: Count | UnsetType = UNSET
    """Group types configured at the day's end."""
    members: Count | UnsetType = UNSET
    """People with a login at the day's end."""
    measures: dict[Name, Count] = {}
    """Counter -> times that day, of ``src/signals/domain/measures.py``; others are ignored."""
    top_events: dict[Name, Count] = {}
    """Event type -> times that day, the biggest ones; a source that sends them sends them with every report."""
    signatures: dict[Name, Count] = {}
    """An event with one property value, such as ``$pageview, browser HeadlessChrome`` -> times, the biggest ones."""
    carried: dict[str, int | float] = {}
    """Counters the source sent and nobody reads yet; kept in the event, out of state."""


class UserActed(Event, frozen=True, kw_only=True, tag="user_acted"):
    """A person did something worth a name: viewed an experiment, analysed a recording, opened a page."""

    person_id: Name
    action: Name
    """Such as ``experiment viewed``, ``recording analyzed``, ``feature flag created``, ``web analytics viewed``."""
    product: Name | None = None
    path: Annotated[str, Meta(max_length=2000)] | None = None
    times: Annotated[int, Meta(ge=1, le=1_000_000, extra_json_schema={"x-unit": "count"})] = 1
    enabled: bool | UnsetType = UNSET
    """Of a changed setting: whether it is on now; for an opt-out, whether they opted out."""


class ProductIntentShown(Event, frozen=True, kw_only=True, tag="product_intent_shown"):
    """A person showed interest in a product (set up, read, clicked) without necessarily using it."""

    product: Name
    context: Name
    person_id: Name | None = None
    cross_sell: bool = False


class ProductIntentActivated(Event, frozen=True, kw_only=True, tag="product_intent_activated"):
    """The source judged an earlier intent to be activated."""

    product: Name


class UserSignedUp(Event, frozen=True, kw_only=True, tag="user_signed_up"):
    """A person joined the organization."""

    person_id: Name
    role: Name | None = None
    first_of_organization: bool = False


class CaptureBurstSeen(Event, frozen=True, kw_only=True, tag="capture_burst_seen"):
    """Capture calls jumped from one minute to the next and stayed there; told once the burst has lasted a while."""

    per_minute: Count
    """The slowest minute of the burst."""
    hour_before: Count
    """Calls a minute, the mean of the hour before the jump."""
    minutes: Count
    """How long it has lasted."""
    batch_size: Count
    """Events per call: 1 means that nothing is batched."""


UsageEvent = UsageReported | UserActed | ProductIntentShown | ProductIntentActivated | UserSignedUp | CaptureBurstSeen
UsageKind = Literal[
    "usage_reported", "user_acted", "product_intent_shown", "product_intent_activated", "user_signed_up",
    "capture_burst_seen",
]  # fmt: skip
