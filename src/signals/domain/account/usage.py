"""What was used: daily volumes per product, named actions, and which days the source has reported."""

from datetime import datetime, tzinfo

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.daily import Daily, Days, business_day, ordinal
from signals.domain.events.usage import UsageReported, UserActed
from signals.domain.measures import KEEP_DAYS as MEASURE_DAYS
from signals.domain.measures import MEASURES

TOTAL = "total"
"""The series of all products together."""

STAMP_DAYS = 10
# A report of a day may be repeated, late or out of order, within the admission window (7 days by default); older days
# need no memory of which report was the last.

MAX_PRODUCTS = 40
MAX_ACTIONS = 60
# Names come from outside; a source that invents one a minute must not grow the account without bound.


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Usage facts."""

    days: dict[str, Daily] = {}
    """Product key -> units per day; ``total`` is the sum of all products (billable volume)."""
    reported: Days = Days()
    """Days with a usage report: the witness of every zero."""
    stamps: dict[int, datetime] = {}
    """Day ordinal -> event time of the report that counts, for the last days."""
    actions: dict[str, Daily] = {}
    """Action name -> times per day."""
    measures: dict[str, Daily] = {}
    """Measure -> times per day; one that was never sent is not here, and not known."""
    group_types: int | UnsetType = UNSET
    members: int | UnsetType = UNSET
    latest_at: datetime | None = None
    """Event time of the newest report, which decides ``group_types`` and ``members``."""


def usage_reported(usage: Usage, event: UsageReported) -> Usage:
    """Put the day's volumes; of several reports of one day the last by event time counts, never the sum."""
    day = ordinal(event.day)
    known = usage.stamps.get(day)
    if known is not None and event.at < known:
        return usage
    if known is None and usage.reported.covers(day, day) and day < usage.days.get(TOTAL, Daily()).start:
        return usage  # a report of long ago told again: its day is part of a week by now
    newest = max(day, usage.reported.newest() or day)
    stamps = {other: at for other, at in usage.stamps.items() if other > newest - STAMP_DAYS}
    stamps[day] = event.at
    days = dict(usage.days)
    for product in days:
        if product not in event.volumes and product != TOTAL:
            days[product] = days[product].put(day, 0)
    for product, units in event.volumes.items():
        if product == TOTAL or (product not in days and (units == 0 or len(days) > MAX_PRODUCTS)):
            continue
        days[product] = days.get(product, Daily()).put(day, units)
    for product in [name for name in days if event.volumes.get(name, 0) == 0 and days[name].first_nonzero() is None]:
        if product != TOTAL:
            del days[product]  # never used as far as is known: a report that was corrected leaves nothing behind
    days[TOTAL] = days.get(TOTAL, Daily()).put(
        day, sum(units for product, units in event.volumes.items() if product != TOTAL)
    )
    latest = usage.latest_at is None or event.at >= usage.latest_at
    return msgspec.structs.replace(
        usage,
        days=days,
        reported=usage.reported.with_day(day),
        stamps=stamps,
        measures=_measured(usage.measures, event.measures, day),
        group_types=event.group_types if latest and event.group_types is not UNSET else usage.group_types,
        members=event.members if latest and event.members is not UNSET else usage.members,
        latest_at=event.at if latest else usage.latest_at,
    )


def _measured(known: dict[str, Daily], given: dict[str, int], day: int) -> dict[str, Daily]:
    """Return the measures with the day's; one that is known and left out is zero that day."""
    if not known and not given:
        return known
    names = {*known, *(name for name in given if name in MEASURES)}
    return {name: known.get(name, Daily()).put(day, given.get(name, 0)).newest(MEASURE_DAYS) for name in sorted(names)}


def user_acted(usage: Usage, event: UserActed, zone: tzinfo) -> Usage:
    """Count the action on its own business day."""
    if event.action not in usage.actions and len(usage.actions) >= MAX_ACTIONS:
        return usage
    series = usage.actions.get(event.action, Daily())
    day = business_day(event.at, zone)
    return msgspec.structs.replace(usage, actions={**usage.actions, event.action: series.add(day, event.times)})
