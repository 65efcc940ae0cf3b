"""One account at one instant, as facts see it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.daily import Daily, Days, ordinal
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage
from signals.domain.events.base import Event

ORG = "org_1"
TODAY = date(2026, 6, 15)
"""A Monday."""
ZONE = ZoneInfo("UTC")


def at(day: date = TODAY, hour: float = 12) -> datetime:
    """Return an instant of a day."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


def ago(days: int) -> date:
    """Return the day so many days before ``TODAY``; negative: after it."""
    return TODAY - timedelta(days=days)


def account_after(*events: Event, zone: ZoneInfo = ZONE) -> Account:
    """Return an account with the events' facts in it."""
    account = Account(ORG, clock=at())
    for event in events:
        account = reduce(account, event, zone)
    return account


def look_at(account: Account, now: datetime | None = None, *, zone: ZoneInfo = ZONE) -> Look:
    """Return a look at the account, at noon of ``TODAY`` unless told."""
    moment = Moment(account, now or at(), zone=zone, terms=Terms(), names=VOCABULARY, truths={}, levels={})
    return Look(moment)


def with_days(
    units: Mapping[int, int],
    *,
    gaps: Iterable[int] = (),
    created: date | None = None,
    product: str = "product_analytics",
) -> Account:
    """Return an account with reported days: how many days ago -> units; *gaps* hold units nobody reported."""
    daily, reported = Daily(), Days()
    for days_ago in sorted(units, reverse=True):
        day = ordinal(ago(days_ago))
        daily = daily.put(day, units[days_ago])
        if days_ago not in set(gaps):
            reported = reported.with_day(day)
    account = Account(ORG, clock=at(), usage=Usage(days={product: daily, "total": daily}, reported=reported))
    if created is not None:
        account = msgspec.structs.replace(
            account, profile=msgspec.structs.replace(account.profile, created_at=at(created, 6))
        )
    return account


def series_of(account: Account, product: str = "product_analytics") -> Series:
    """Return the daily series of one product."""
    return Series(product, account.usage.days.get(product, Daily()))
