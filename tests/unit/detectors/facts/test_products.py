"""Facts about products: limits reached, first uses beside others."""

from datetime import date
from decimal import Decimal

from signals.domain.events import billing, usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def hit(day: date, period: date | None = None) -> Event:
    """Return one limit reached."""
    return billing.BillingLimitHit(org_id=ORG, at=at(day), product="session_replay", period_start=period)


def limits(*events: Event) -> list[tuple[str, date, object]]:
    """Return (product, period, day of the first hit) of each limit reached."""
    found = look_at(account_after(*events)).fact("billing.limits_hit")
    assert isinstance(found, tuple)
    return [(one.product, one.period, one.first_at) for one in found]


JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def test_a_limit_is_reached_once_a_period() -> None:
    """The first hit of the newest period counts, in whatever order hits arrive."""
    early, late, following = hit(date(2026, 6, 3), JUNE), hit(date(2026, 6, 9), JUNE), hit(date(2026, 7, 2), JULY)
    assert limits(early, late) == limits(late, early) == [("session_replay", JUNE, at(date(2026, 6, 3)))]
    assert limits(early, following, late) == [("session_replay", JULY, at(date(2026, 7, 2)))]


def test_a_hit_without_a_period_belongs_to_its_calendar_month() -> None:
    """The business zone's month."""
    assert limits(hit(date(2026, 6, 9)))[0][1] == JUNE


def test_a_limit_shows_what_was_set() -> None:
    """The limit in force, null when none is known."""
    limit = billing.BillingLimitSet(org_id=ORG, at=at(), product="session_replay", limit=Decimal(400))
    shown = look_at(account_after(limit, hit(JUNE))).fact("billing.limits_hit")
    assert isinstance(shown, tuple)
    assert shown[0].limit == 400
    assert shown[0].label == "Session Replay"


def report(days_ago: int, **volumes: int) -> Event:
    """Return the report of one day."""
    return usage.UsageReported(org_id=ORG, at=at(ago(days_ago - 1), 2), day=ago(days_ago), volumes=volumes)


def beside(*events: Event) -> dict[str, int]:
    """Return product -> how many others were in use before its first use."""
    found = look_at(account_after(*events)).fact("products.first_used")
    assert isinstance(found, tuple)
    return {one.product: one.beside for one in found}


def test_a_first_use_counts_the_products_used_before_it() -> None:
    """Products of the same first day are not before each other."""
    switched = billing.ProductActivated(org_id=ORG, at=at(ago(1)), product="surveys")
    used = [report(number, product_analytics=9, session_replay=1) for number in range(9, 2, -1)]
    assert beside(*used, switched) == {"surveys": 2}
    first = usage.UsageReported(
        org_id=ORG, at=at(ago(1), 2), day=ago(2), volumes={"product_analytics": 9, "surveys": 1}
    )
    assert set(beside(first, switched).values()) <= {0}
