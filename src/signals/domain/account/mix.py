"""The biggest event types of each day, and the biggest signatures (an event with one property value)."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from signals.domain.account.daily import Daily, ordinal
from signals.domain.events.usage import UsageReported

KEEP_DAYS = 35
# The 28 days of a usual day, and the reports that come late.

MAX_NAMES = 12
STAMP_DAYS = 10


class Mix(msgspec.Struct, frozen=True, omit_defaults=True):
    """Event types and signatures -> times per day; names beyond ``MAX_NAMES`` go, the smallest first."""

    types: dict[str, Daily] = {}
    signatures: dict[str, Daily] = {}
    stamps: dict[int, datetime] = {}
    """Day ordinal -> event time of the report that counts, for the last days."""
    since: int | None = None
    """Ordinal of the first day that was reported with a mix."""


def mix_reported(mix: Mix, event: UsageReported) -> Mix:
    """Put the day's mix; of several reports of one day the last by event time counts. One without a mix is none."""
    if not event.top_events and not event.signatures:
        return mix
    day = ordinal(event.day)
    newest = max(day, *mix.stamps) if mix.stamps else day
    known = mix.stamps.get(day)
    if (known is not None and event.at < known) or day <= newest - STAMP_DAYS:
        return mix
    stamps = {other: at for other, at in mix.stamps.items() if other > newest - STAMP_DAYS}
    stamps[day] = event.at
    return Mix(
        types=_put(mix.types, event.top_events, day),
        signatures=_put(mix.signatures, event.signatures, day),
        stamps=stamps,
        since=day if mix.since is None else min(mix.since, day),
    )


def _put(known: Mapping[str, Daily], given: Mapping[str, int], day: int) -> dict[str, Daily]:
    """Return the series with the day's numbers; a name that is known and left out is zero that day."""
    names = {*known, *given}
    series = {name: known.get(name, Daily()).put(day, given.get(name, 0)).newest(KEEP_DAYS) for name in names}
    biggest = sorted(series, key=lambda name: (-max(series[name].values), name))[:MAX_NAMES]
    return {name: series[name] for name in sorted(biggest)}
