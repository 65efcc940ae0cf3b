"""Usage: reports of a day replace each other, actions add up, names from outside stay bounded."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from signals.domain.account.daily import ordinal
from signals.domain.account.usage import MAX_ACTIONS, MAX_PRODUCTS, STAMP_DAYS, TOTAL, Usage, usage_reported, user_acted
from signals.domain.events.usage import UsageReported, UserActed

DAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def report(hours: float, *, day: date = DAY, members: int | None = None, **volumes: int) -> UsageReported:
    """Return a report of a day, so many hours after noon of ``DAY``."""
    at = NOON + timedelta(hours=hours)
    if members is None:
        return UsageReported(org_id="o", at=at, day=day, volumes=volumes)
    return UsageReported(org_id="o", at=at, day=day, volumes=volumes, members=members)


def on_day(usage: Usage, product: str, day: date = DAY) -> int:
    """Return the units of one product on one day."""
    return usage.days[product].on(ordinal(day)) if product in usage.days else 0


def test_the_last_report_of_a_day_counts() -> None:
    """Not the sum, and last by event time, not by arrival."""
    usage = usage_reported(usage_reported(Usage(), report(1, events=5)), report(3, events=9))
    assert on_day(usage, "events") == 9
    assert usage_reported(usage, report(2, events=7)) == usage


def test_the_total_is_of_all_products() -> None:
    """A product called total is not counted twice."""
    usage = usage_reported(Usage(), report(0, events=5, recordings=2, total=99))
    assert on_day(usage, TOTAL) == 7


def test_a_product_no_longer_named_is_zero_that_day() -> None:
    """The later report is the witness that there was none."""
    usage = usage_reported(usage_reported(Usage(), report(0, events=5, recordings=2)), report(1, events=5))
    assert on_day(usage, "recordings") == 0
    assert on_day(usage, TOTAL) == 5


def test_a_reported_day_is_a_witness_even_without_volumes() -> None:
    """An empty report says that nothing was used."""
    assert usage_reported(Usage(), report(0)).reported.covers(ordinal(DAY), ordinal(DAY))


def test_the_newest_report_says_how_many_members_there_are() -> None:
    """A late report of an older day changes volumes, not what is now."""
    usage = usage_reported(Usage(), report(5, members=8, events=1))
    usage = usage_reported(usage, report(1, day=DAY - timedelta(days=1), members=5, events=3))
    assert usage.members == 8
    assert on_day(usage, "events", DAY - timedelta(days=1)) == 3


def test_stamps_are_kept_for_the_last_days_only() -> None:
    """Thirty days of reports leave the stamps of ten."""
    usage = Usage()
    for number in range(30):
        usage = usage_reported(usage, report(24 * number, day=DAY + timedelta(days=number), events=1))
    assert len(usage.stamps) == STAMP_DAYS


def test_names_from_outside_stay_bounded() -> None:
    """A source that invents products or actions does not grow the account."""
    usage = Usage()
    for number in range(2 * MAX_PRODUCTS):
        usage = usage_reported(usage, UsageReported(org_id="o", at=NOON, day=DAY, volumes={f"p{number}": 1}))
        usage = user_acted(usage, UserActed(org_id="o", at=NOON, person_id="a", action=f"a{number}"), UTC)
    assert len(usage.days) <= MAX_PRODUCTS + 2
    assert len(usage.actions) == MAX_ACTIONS


def test_an_action_belongs_to_the_business_day() -> None:
    """Half past one in the night in London is still yesterday in New York."""
    acted = UserActed(org_id="o", at=datetime(2026, 6, 15, 1, 30, tzinfo=UTC), person_id="a", action="looked", times=2)
    series = user_acted(Usage(), acted, ZoneInfo("America/New_York")).actions["looked"]
    assert series.on(ordinal(DAY - timedelta(days=1))) == 2
