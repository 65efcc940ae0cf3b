"""Interest shown in products, and products switched on or first used."""

from datetime import datetime, timedelta, tzinfo

import msgspec

from signals.domain.account.daily import Days, ordinal
from signals.domain.account.usage import TOTAL, Usage
from signals.domain.events.billing import ProductActivated
from signals.domain.events.usage import ProductIntentActivated, ProductIntentShown, UsageReported

QUIET_DAYS = 90
# PROPOSED in the catalogue (product_first_use): a product counts as new again after 90 days of zero.

MAX_PRODUCTS = 60
MAX_CONTEXTS = 5


class Intent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Interest in one product. The first intent that is not a cross-sell one counts for activation."""

    first_at: datetime | None = None
    first_own_at: datetime | None = None
    last_at: datetime | None = None
    times: int = 0
    contexts: tuple[str, ...] = ()
    """Where own intents were shown, by name; the first few."""
    activated_at: datetime | None = None


class FirstUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a product was first used, and how we know."""

    at: datetime
    how: str
    """``activated``: switched on in billing; ``usage``: first day with usage."""


class Intents(msgspec.Struct, frozen=True, omit_defaults=True):
    """Intent facts per product."""

    intents: dict[str, Intent] = {}
    first_use: dict[str, FirstUse] = {}
    activated: dict[str, datetime] = {}
    """Product -> last time it was switched on in billing."""


def intent_shown(intents: Intents, event: ProductIntentShown) -> Intents:
    """Count an intent; the earliest is the first whatever the order of arrival."""
    known = intents.intents.get(event.product, Intent())
    if event.product not in intents.intents and len(intents.intents) >= MAX_PRODUCTS:
        return intents
    own = known.first_own_at
    if not event.cross_sell and (own is None or event.at < own):
        own = event.at
    intent = msgspec.structs.replace(
        known,
        first_at=event.at if known.first_at is None or event.at < known.first_at else known.first_at,
        first_own_at=own,
        last_at=event.at if known.last_at is None or event.at > known.last_at else known.last_at,
        times=known.times + 1,
        contexts=known.contexts if event.cross_sell else _with_context(known.contexts, event.context),
    )
    return msgspec.structs.replace(intents, intents={**intents.intents, event.product: intent})


def _with_context(known: tuple[str, ...], context: str) -> tuple[str, ...]:
    return known if context in known else tuple(sorted((*known, context))[:MAX_CONTEXTS])


def intent_activated(intents: Intents, event: ProductIntentActivated) -> Intents:
    """Note the activation the source judged; the earliest counts."""
    known = intents.intents.get(event.product, Intent())
    if known.activated_at is not None and known.activated_at <= event.at:
        return intents
    intent = msgspec.structs.replace(known, activated_at=event.at)
    return msgspec.structs.replace(intents, intents={**intents.intents, event.product: intent})


def product_activated(intents: Intents, event: ProductActivated, usage: Usage) -> Intents:
    """Note the switch-on; for a product never active before it is the first use."""
    seen = event.product in intents.activated or event.product in intents.first_use
    used = event.product in usage.days and usage.days[event.product].first_nonzero() is not None
    activated = {**intents.activated, event.product: event.at}
    first_use = intents.first_use
    if not seen and not used and len(first_use) < MAX_PRODUCTS:
        first_use = {**first_use, event.product: FirstUse(event.at, "activated")}
    return msgspec.structs.replace(intents, activated=activated, first_use=first_use)


def first_uses(
    intents: Intents, event: UsageReported, before: Usage, created_at: datetime | None, zone: tzinfo
) -> Intents:
    """Note products whose first day with usage this report is: after 90 witnessed zero days, or ever.

    *before* is the usage without the report. Without a witness for the zeros (the source was silent, or the
    organization is older than what it reported) nothing is noted: unknown is not zero.
    """
    day = ordinal(event.day)
    found: dict[str, FirstUse] = {}
    for product, units in event.volumes.items():
        if units == 0 or product == TOTAL or product in found:
            continue
        known = intents.first_use.get(product)
        if known is not None and event.at - known.at < timedelta(days=QUIET_DAYS):
            continue
        series = before.days.get(product)
        if series is not None and (series.on(day - 1) or series.total(day - QUIET_DAYS, day - 1) > 0):
            continue
        if _zero_witnessed(before.reported, day, created_at, zone):
            found[product] = FirstUse(event.at, "usage")
    if not found or len(intents.first_use) + len(found) > MAX_PRODUCTS:
        return intents
    return msgspec.structs.replace(intents, first_use={**intents.first_use, **found})


def _zero_witnessed(reported: Days, day: int, created_at: datetime | None, zone: tzinfo) -> bool:
    first = day - QUIET_DAYS
    if created_at is not None:
        first = max(first, ordinal(created_at.astimezone(zone).date()))
    return reported.covers(first, day - 1)
