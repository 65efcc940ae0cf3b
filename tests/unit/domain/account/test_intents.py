"""Intents: interest counted, first uses found once, and only where the zeros before them are known."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from signals.domain.account.intents import QUIET_DAYS, FirstUse, Intents
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import ProductActivated
from signals.domain.events.crm import OrganizationCreated
from signals.domain.events.usage import ProductIntentActivated, ProductIntentShown, UsageReported

DAY = date(2026, 6, 15)


def at(days: float) -> datetime:
    """Return an instant so many days after ``DAY`` began."""
    return datetime.combine(DAY, time(), UTC) + timedelta(days=days)


def report(day: int, **volumes: int) -> Event:
    """Return the report of a day, in the night after it."""
    return UsageReported(org_id="o", at=at(day + 1), day=DAY + timedelta(days=day), volumes=volumes)


def intents_after(*events: Event) -> Intents:
    """Return the facet after the events."""
    account = Account("o", clock=at(0))
    for event in events:
        account = reduce(account, event, UTC)
    return account.intents


def quiet(days: int) -> list[Event]:
    """Return reports of another product for the days before day 0."""
    return [report(-number, events=1) for number in range(days, 0, -1)]


@pytest.mark.parametrize(("days", "known"), [(QUIET_DAYS, True), (QUIET_DAYS - 1, False)])
def test_a_first_use_needs_ninety_reported_days_without_it(days: int, known: bool) -> None:
    """One day short and the zero before is not known."""
    assert ("surveys" in intents_after(*quiet(days), report(0, events=1, surveys=3)).first_use) is known


def test_an_organization_younger_than_that_is_known_from_its_beginning() -> None:
    """Three days old, all reported."""
    created = OrganizationCreated(org_id="o", at=at(-3))
    assert "surveys" in intents_after(created, *quiet(3), report(0, surveys=3)).first_use


def test_usage_within_ninety_days_is_no_first_use() -> None:
    """Ninety days ago still counts as used."""
    events = [*quiet(120)]
    events[120 - QUIET_DAYS] = report(-QUIET_DAYS, events=1, surveys=1)
    assert "surveys" not in intents_after(*events, report(0, surveys=1)).first_use


def test_switched_on_then_used_is_one_first_use() -> None:
    """The earlier of the two is kept, with how we know."""
    found = intents_after(*quiet(90), ProductActivated(org_id="o", at=at(0.5), product="surveys"), report(2, surveys=3))
    assert found.first_use["surveys"] == FirstUse(at(0.5), "activated")


def test_used_then_switched_on_is_one_first_use() -> None:
    """A product in use is not new when it is switched on in billing."""
    found = intents_after(*quiet(90), report(0, surveys=3), ProductActivated(org_id="o", at=at(2), product="surveys"))
    assert found.first_use["surveys"] == FirstUse(at(1), "usage")


def test_switching_on_again_is_not_first() -> None:
    """Only the first time is."""
    again = [ProductActivated(org_id="o", at=at(day), product="surveys") for day in (0, 40)]
    assert intents_after(*again).first_use["surveys"].at == at(0)


def test_interest_is_counted_whatever_its_order() -> None:
    """First and last by event time; what we prompted ourselves is not the first interest of their own."""
    shown = [
        ProductIntentShown(org_id="o", at=at(3), product="surveys", context="docs"),
        ProductIntentShown(org_id="o", at=at(1), product="surveys", context="banner", cross_sell=True),
        ProductIntentShown(org_id="o", at=at(2), product="surveys", context="docs"),
    ]
    intent = intents_after(*shown).intents["surveys"]
    assert (intent.first_at, intent.first_own_at, intent.last_at, intent.times) == (at(1), at(2), at(3), 3)


def test_the_earliest_activation_counts() -> None:
    """Judged twice by the source, kept once."""
    judged = [ProductIntentActivated(org_id="o", at=at(day), product="surveys") for day in (5, 2, 9)]
    assert intents_after(*judged).intents["surveys"].activated_at == at(2)
