"""The PostHog format: bodies of its HTTP webhook destination, one event a record."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from signals.domain.events.base import Event, Instant
from signals.domain.events.billing import (
    AddonRemoved,
    BillingLimitHit,
    BillingLimitSet,
    CreditsGranted,
    InvoicePaid,
    PaymentFailed,
    ProductActivated,
    SubscriptionCancelled,
    TrialSet,
)
from signals.domain.events.kinds import InputTopic
from signals.domain.events.usage import (
    ProductIntentActivated,
    ProductIntentShown,
    UsageReported,
    UserActed,
    UserSignedUp,
)
from signals.ingest.sources.contract import Mapped, Nothing, build, invalid, one_organization
from signals.ingest.sources.posthog_tables import ACTIONS, PAGE_VIEWS, PRODUCT_ALIASES, VOLUMES, WEB_ANALYTICS_PATH


class _Event(msgspec.Struct):
    timestamp: Instant
    event: str | None = None
    name: str | None = None
    uuid: str | None = None
    distinct_id: str | int | None = None
    properties: dict[str, Any] | None = None


class _Person(msgspec.Struct):
    id: str | int | None = None
    uuid: str | int | None = None
    distinct_id: str | int | None = None


class _Group(msgspec.Struct):
    id: str | int | None = None
    properties: dict[str, Any] | None = None


class _Body(msgspec.Struct):
    event: _Event
    person: _Person | None = None
    groups: dict[str, _Group | None] | None = None
    project: dict[str, Any] | None = None


_BODY = msgspec.json.Decoder(_Body)
_Properties = Mapping[str, Any]


@dataclass(frozen=True)
class PosthogSource:
    """Reads PostHog webhook bodies; an instance is a `Source`.

    Parameters
    ----------
    group_type
        Group type whose key is the organization id.
    actions
        Event name -> action, for further events worth counting.
    trust_key
        Take the record's key for the organization when the body names none.
    """

    group_type: str = "organization"
    actions: Mapping[str, str] = field(default_factory=dict)
    trust_key: bool = False

    def __call__(self, value: bytes, topic: InputTopic, key: str | None) -> Mapped:  # noqa: ARG002 - the contract's
        """Return the event, or nothing for a name we do not map; see `Source` for what it raises."""
        body = _BODY.decode(value)
        event = body.event
        name = event.event or event.name
        if name is None:
            raise invalid("event.event: missing; valid is the event's name")
        properties = event.properties or {}
        if name not in _MAPPERS and name not in ACTIONS and name not in self.actions and name not in PAGE_VIEWS:
            return Nothing("unmapped")
        if _is_demo(body, properties):
            return Nothing("demo_project")
        said = _Said(
            self._organization(body, properties, key), event.timestamp, event.uuid or None, _person(body), properties
        )
        if name in self.actions:
            return (said.acted(self.actions[name], None),)
        if name in PAGE_VIEWS:
            return (_page_view(said),)
        if name in ACTIONS:
            action, product = ACTIONS[name]
            return (said.acted(action, product),)
        mapped = _MAPPERS[name](said)
        return mapped if isinstance(mapped, Nothing) else (mapped,)

    def _organization(self, body: _Body, properties: _Properties, key: str | None) -> str:
        group = (body.groups or {}).get(self.group_type)
        in_event = properties.get("$groups")
        named = {
            f"groups.{self.group_type}.id": _word(group.id if group is not None else None),
            f"event.properties.$groups.{self.group_type}": _word(
                in_event.get(self.group_type) if isinstance(in_event, dict) else None
            ),
            "event.properties.organization_id": _word(properties.get("organization_id")),
        }
        return one_organization(named, key, trust_key=self.trust_key)


@dataclass(frozen=True)
class _Said:
    """What every mapper needs of a body."""

    org_id: str
    at: datetime
    uuid: str | None
    person: str | None
    properties: _Properties

    def make(self, cls: type[Event], **fields: object) -> Event:
        return build(cls, org_id=self.org_id, at=self.at, id=self.uuid, **fields)

    def acted(self, action: str, product: str | None, path: str | None = None) -> Event:
        if self.person is None:
            raise invalid("person.id: missing, and no event.distinct_id; valid is who acted")
        return self.make(UserActed, person_id=self.person, action=action, product=product, path=path)

    def text(self, *names: str) -> str:
        """Return the first of the properties that is a text or number; BadInput when none is."""
        for name in names:
            word = _word(self.properties.get(name))
            if word:
                return word
        raise invalid(f"event.properties.{' or '.join(names)}: missing; valid is a text")

    def product(self) -> str:
        word = self.text("product_key", "product_type", "product", "type")
        return PRODUCT_ALIASES.get(word, word)

    def money(self, *names: str) -> Decimal:
        """Return dollars; PostHog's own events hold dollars, not cents."""
        text = self.text(*names)
        try:
            return Decimal(text)
        except InvalidOperation as error:
            raise invalid(f"event.properties.{names[0]}: {text[:40]!r} is no amount in dollars") from error


def _usage_report(said: _Said) -> Event | Nothing:
    counters = {
        name: value
        for name, value in said.properties.items()
        if type(value) in (int, float) and len(name) <= 200 and -(2**63) <= value < 2**64
    }
    volumes: dict[str, object] = {}
    for product, names in VOLUMES.items():
        for name in names:
            value = said.properties.get(name)
            if value is None:
                continue
            volumes[product] = int(value) if isinstance(value, float) and value.is_integer() else value
            counters.pop(name, None)
            break
    if "feature_flags" not in volumes and "decide_requests_count_in_period" in counters:
        # Older reports: a local evaluation is billed as ten requests.
        local = counters.get("local_evaluation_requests_count_in_period", 0)
        volumes["feature_flags"] = int(counters["decide_requests_count_in_period"] + 10 * local)
    group_types, members = counters.pop("group_types_total", UNSET), counters.pop("organization_user_count", UNSET)
    return said.make(
        UsageReported,
        day=said.text("date"),
        volumes=volumes,
        group_types=group_types,
        members=members,
        carried=counters,
    )


_BILLING_COUNT = re.compile(r"(.+)_count_in_period$")


def _billing_usage_report(said: _Said) -> Event | Nothing:
    if any(name in said.properties for names in VOLUMES.values() for name in names):
        return _usage_report(said) if "date" in said.properties else _usage_report(_dated(said))
    volumes = {
        PRODUCT_ALIASES.get(match[1], match[1]): value
        for name, value in said.properties.items()
        if (match := _BILLING_COUNT.match(name)) and type(value) is int
    }
    if not volumes:
        return Nothing("no_change")
    return _dated(said).make(UsageReported, day=_dated(said).text("date"), volumes=volumes)


def _dated(said: _Said) -> _Said:
    """Return it with a date; a report without one is of the day it was sent."""
    if "date" in said.properties:
        return said
    properties = {**said.properties, "date": said.at.date().isoformat()}
    return _Said(said.org_id, said.at, said.uuid, said.person, properties)


def _intent(said: _Said) -> Event:
    return said.make(
        ProductIntentShown,
        product=said.product() if "product_key" in said.properties else said.text("product_type", "product"),
        context=said.text("intent_context"),
        person_id=said.person,
        cross_sell=said.properties.get("type") == "cross_sell",
    )


def _signed_up(said: _Said) -> Event:
    if said.person is None:
        raise invalid("person.id: missing, and no event.distinct_id; valid is who signed up")
    return said.make(
        UserSignedUp,
        person_id=said.person,
        role=_word(said.properties.get("role_at_organization")) or None,
        first_of_organization=said.properties.get("is_organization_first_user") is True,
    )


def _page_view(said: _Said) -> Event:
    url = _word(said.properties.get("$current_url")) or _word(said.properties.get("url")) or ""
    path = _word(said.properties.get("$pathname"))
    if path is None:
        try:
            path = urlsplit(url).path
        except ValueError:
            path = ""
    path = path[:2000]
    screen = re.sub(r"^/project/[^/]+", "", path)
    if screen == WEB_ANALYTICS_PATH or screen.startswith(WEB_ANALYTICS_PATH + "/"):
        return said.acted("web analytics viewed", "web_analytics", path)
    if "billing" in path:
        return said.acted("billing page viewed", None, path)
    if "docs" in url or "docs" in path:
        return said.acted("docs viewed", None, path or None)
    return said.acted("page viewed", None, path or None)


def _subscription_paid(said: _Said) -> Event | Nothing:
    if "invoice_id" not in said.properties:
        return Nothing("no_change")  # without an invoice it settles nothing we know of
    return said.make(InvoicePaid, invoice_id=said.text("invoice_id"), amount=said.money("amount_usd", "amount"))


def _limit_set(said: _Said) -> Event:
    given = [said.properties[name] for name in ("limit_usd", "limit", "billing_limit") if name in said.properties]
    if not given:
        raise invalid("event.properties.limit_usd: missing; valid is dollars or null")
    limit = None if given[0] is None else said.money("limit_usd", "limit", "billing_limit")
    return said.make(BillingLimitSet, product=said.product(), limit=limit)


_MAPPERS: dict[str, Callable[[_Said], Event | Nothing]] = {
    "organization usage report": _usage_report,
    "billing usage report": _billing_usage_report,
    "user showed product intent": _intent,
    "product intent marked activated": lambda said: said.make(ProductIntentActivated, product=said.product()),
    "user signed up": _signed_up,
    "Hit billing limit": lambda said: said.make(BillingLimitHit, product=said.product()),
    "billing limits updated": _limit_set,
    "billing product activated": lambda said: said.make(ProductActivated, product=said.product()),
    "billing addon removed": lambda said: said.make(AddonRemoved, product=said.product()),
    "billing subscription paid": _subscription_paid,
    "billing subscription cancelled": lambda said: said.make(SubscriptionCancelled),
    "billing invoice payment failed": lambda said: said.make(
        PaymentFailed,
        invoice_id=said.text("invoice_id"),
        attempt=said.properties.get("attempt_count", 1),
        amount=said.money("amount_usd", "amount"),
    ),
    "annual plan credit purchase": lambda said: said.make(
        CreditsGranted, grant_id=said.text("grant_id", "invoice_id"), amount=said.money("amount_usd", "amount")
    ),
    "billing trial activated": lambda said: said.make(TrialSet, until=said.text("trial_until", "expires_on")),
}


def _is_demo(body: _Body, properties: _Properties) -> bool:
    """Say whether the event is of a project with invented data: not usage, and it must not move a usage fact."""
    project = (body.groups or {}).get("project")
    places = (properties, body.project or {}, (project.properties if project is not None else None) or {})
    return any(place.get("is_demo_project") is True or place.get("is_demo") is True for place in places)


def _person(body: _Body) -> str | None:
    person, event = body.person, body.event
    found = (person.id, person.uuid, person.distinct_id) if person is not None else ()
    return next((word for one in (*found, event.distinct_id) if (word := _word(one))), None)


def _word(value: object) -> str | None:
    """Return a text or number as text; anything else, also a truth value, is no word."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
