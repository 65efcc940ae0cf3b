"""Reducers: told twice is told once, and within the admission window the order of arrival does not matter."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from signals.domain.account.daily import KEEP_DAYS, LEAST_DAYS, MOST_DAYS, Daily, Days, ordinal
from signals.domain.account.reduce import reduce
from signals.domain.account.state import FACETS, Account
from signals.domain.account.usage import TOTAL
from signals.domain.events import billing, crm, incidents, leads, paperwork, training, usage
from signals.domain.events.base import Event

START = date(2026, 6, 15)
WINDOW_DAYS = 7
"""The admission window (default)."""

PRODUCTS = st.sampled_from(["product_analytics", "session_replay", "surveys"])
PEOPLE = st.sampled_from(["amy", "bob", "carl"])
INCIDENTS = st.sampled_from(["i1", "i2"])
TRAININGS = st.sampled_from(["t1", "t2"])
SESSIONS = st.sampled_from([1, 2])


def instant(minute: int) -> datetime:
    """Return an instant within the window."""
    return datetime.combine(START, time(), UTC) + timedelta(minutes=minute)


def build(minutes: st.SearchStrategy[int]) -> st.SearchStrategy[Event]:
    """Return events at those minutes of every kind whose meaning does not hang on the order of arrival."""
    times = minutes.map(instant)
    days = st.integers(0, WINDOW_DAYS - 1).map(lambda number: START - timedelta(days=number))
    months = st.sampled_from([date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)])
    money = st.integers(0, 10**6).map(Decimal)
    one: dict[type[Event], dict[str, st.SearchStrategy[object]]] = {
        usage.UsageReported: {"day": days, "volumes": st.dictionaries(PRODUCTS, st.integers(0, 50), min_size=3)},
        usage.UserSignedUp: {"person_id": PEOPLE},
        usage.ProductIntentActivated: {"product": PRODUCTS},
        billing.InvoicePaid: {"invoice_id": st.just("in_1"), "amount": st.just(Decimal(5))},
        billing.PaymentFailed: {
            "invoice_id": st.just("in_1"), "attempt": st.integers(1, 4), "amount": st.just(Decimal(5)),
        },
        billing.AccessSuspended: {"invoice_id": st.just("in_1")},
        billing.AccessRestored: {},
        billing.TrialSet: {"until": st.none() | days},
        billing.BillingLimitHit: {"product": PRODUCTS, "period_start": months},
        billing.SpendReported: {"mrr": money, "forecasted_mrr": money, "products": st.dictionaries(PRODUCTS, money),
                                "paying_since": days},
        billing.RevenueReported: {"month": months, "amount": money},
        billing.CreditBalanceReported: {"balance": money, "as_of": days},
        billing.CreditsConsumed: {"month": months, "amount": money},
        billing.CreditsGranted: {"grant_id": st.sampled_from(["g1", "g2"]), "amount": money, "noted": st.booleans()},
        paperwork.InvoiceDrafted: {"invoice_id": st.sampled_from(["in_1", "in_2"]), "amount": money},
        paperwork.InvoiceUnderpaid: {"invoice_id": st.just("in_1"), "missing": money},
        crm.OrganizationCreated: {},
        crm.AccountDescribed: {
            "employees": st.none() | st.integers(0, 99), "country": st.sampled_from(["USA", "Japan"]),
            "segments": st.lists(st.sampled_from(["Leads", "Churn Risk"]), max_size=2),
        },
        crm.OwnerAssigned: {"owner": st.none() | PEOPLE},
        crm.PersonDescribed: {"person_id": PEOPLE, "family": st.sampled_from(["sales", "data", None]), "title": PEOPLE},
        crm.OpportunityChanged: {
            "opportunity_id": st.sampled_from(["o1", "o2"]), "type": st.just("renewal"), "stage": PEOPLE,
            "open": st.booleans(), "order_form": st.sampled_from([UNSET, "sent", "completed"]),
        },
        leads.TaskChanged: {
            "task_id": st.sampled_from(["t1", "t2"]), "task": st.just("lead"), "touched": st.booleans(),
            "status": st.sampled_from(["open", "done", "disqualified"]), "assigned_to": st.none() | PEOPLE,
        },
        leads.LeadSubmitted: {"source": st.sampled_from(["demo_form", "sales_email"]), "person_id": st.none() | PEOPLE},
        crm.ContractSigned: {"contract_id": st.sampled_from(["c1", "c2"]), "starts_on": days},
        crm.ChannelLinked: {"channel": PEOPLE, "live": st.booleans()},
        crm.TouchLogged: {
            "medium": st.just("chat"), "direction": st.sampled_from(["inbound", "outbound", "both"]),
            "shared_channel": st.booleans(), "by": st.none() | PEOPLE,
        },
        incidents.IncidentDeclared: {
            "incident_id": INCIDENTS, "severity": st.integers(0, 4), "listed": st.booleans(),
        },
        incidents.IncidentResolved: {"incident_id": INCIDENTS},
        incidents.PostmortemSent: {"incident_id": INCIDENTS},
        training.TrainingPlanned: {
            "training_id": TRAININGS, "starts_at": times, "session": SESSIONS, "rescheduled": st.integers(0, 3),
            "form": st.sampled_from(["training", "micro"]),
        },
        training.TrainingHeld: {"training_id": TRAININGS, "session": SESSIONS, "minutes": st.integers(0, 90)},
        training.TrainingAttendee: {
            "training_id": TRAININGS, "person_id": PEOPLE, "session": SESSIONS,
            "status": st.sampled_from(["expected", "invited", "attended", "absent"]),
        },
        training.TrainingFollowedUp: {"training_id": TRAININGS, "what": st.sampled_from(["dashboard", "survey"])},
        crm.HealthScored: {
            "week": st.sampled_from([START, START - timedelta(days=7)]),
            "score": st.sampled_from(["poor", "fair", "good"]),
        },
    }  # fmt: skip
    return st.one_of([st.builds(cls, org_id=st.just("o"), at=times, **fields) for cls, fields in one.items()])


# Each instant once: of two reports of one instant the one that arrives later counts, by design.
STORIES = st.lists(st.integers(0, WINDOW_DAYS * 24 * 60 - 1), min_size=1, max_size=14, unique=True).flatmap(
    lambda minutes: st.tuples(*(build(st.just(minute)) for minute in minutes))
)


def account_after(events: Sequence[Event]) -> Account:
    """Return the account after the events."""
    account = Account("o", clock=instant(0))
    for event in events:
        account = reduce(account, event, UTC)
    return account


def facts(events: Sequence[Event]) -> dict[str, object]:
    """Return the facets after the events; of a daily series the days with units, not where it happens to begin."""
    account = account_after(events)
    found = {facet: getattr(account, facet) for facet in FACETS}
    days = {
        product: {daily.start + index: units for index, units in enumerate(daily.values) if units}
        for product, daily in account.usage.days.items()
    }
    return {**found, "usage": msgspec.structs.replace(account.usage, days={}), "usage.days": days}


@given(STORIES, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter_within_the_window(story: tuple[Event, ...], random: Random) -> None:
    """The same events shuffled give equal facts."""
    shuffled = list(story)
    random.shuffle(shuffled)
    first_uses = {"intents"}  # a first use depends on what had been reported before it: see below

    in_order, otherwise = facts(sorted(story, key=lambda event: event.at)), facts(shuffled)
    for facet in in_order.keys() - first_uses:
        assert in_order[facet] == otherwise[facet], facet


@given(STORIES)
def test_told_twice_is_told_once(story: tuple[Event, ...]) -> None:
    """An event that is applied again right away changes nothing."""
    doubled = [event for event in story for _ in range(2)]
    assert facts(doubled) == facts(story)


@given(STORIES)
def test_a_whole_story_told_again_changes_nothing(story: tuple[Event, ...]) -> None:
    """A backlog replayed as a whole leaves the facts as they were.

    First uses are left out: they are moments, found once, and what was reported before them is more the second time.
    """
    in_order = sorted(story, key=lambda event: event.at)
    once, twice = facts(in_order), facts([*in_order, *in_order])
    assert {**once, "intents": None} == {**twice, "intents": None}


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 500)), min_size=1, unique_by=lambda one: one[0]))
def test_the_last_report_of_a_day_counts(reports: list[tuple[int, int]]) -> None:
    """Of any number of reports of one day, in any order, the volume is that of the latest by event time."""
    events = [
        usage.UsageReported(org_id="o", at=instant(minute), day=START, volumes={"surveys": units})
        for minute, units in reports
    ]
    found = account_after(events).usage
    expected = max(reports)[1]
    day = ordinal(START)
    assert found.days.get("surveys", Daily()).on(day) == expected
    assert found.days[TOTAL].on(day) == expected


@given(STORIES)
def test_reducers_leave_what_they_were_given(story: tuple[Event, ...]) -> None:
    """No reducer changes the account in place."""
    account = Account("o", clock=instant(0))
    for event in story:
        before = msgspec.json.encode(account)
        after = reduce(account, event, UTC)
        assert msgspec.json.encode(account) == before
        account = after


DAY_VALUES = st.dictionaries(st.integers(1000, 1000 + 2 * KEEP_DAYS), st.integers(0, 99), min_size=1, max_size=40)


@given(DAY_VALUES, st.randoms(use_true_random=False))
def test_a_series_is_what_was_put_whatever_the_order(values: dict[int, int], random: Random) -> None:
    """Within what is kept, a day reads as it was put; the length never passes the bound."""
    order = list(values)
    random.shuffle(order)
    series = Daily()
    for day in order:
        series = series.put(day, values[day])
        assert len(series.values) <= MOST_DAYS
    newest = max(values)
    exact = {day: units for day, units in values.items() if day > newest - LEAST_DAYS}
    assert {day: series.on(day) for day in exact} == exact
    # Of the oldest weeks it depends on the order which ones are still there.
    surely = sum(units for day, units in values.items() if day > newest - KEEP_DAYS)
    at_most = sum(units for day, units in values.items() if day > newest - KEEP_DAYS - 21)
    assert surely <= series.total(0, 10**6) <= at_most


@given(st.sets(st.integers(1, 60), max_size=40), st.integers(1, 60), st.integers(0, 20))
def test_a_set_of_days_covers_what_is_in_it(days: set[int], first: int, length: int) -> None:
    """Covering a range is having each of its days; runs never touch."""
    found = Days()
    for day in sorted(days, key=lambda one: (one * 37) % 61):
        found = found.with_day(day)
    assert found.covers(first, first + length) == all(day in days for day in range(first, first + length + 1))
    assert all(one[1] + 1 < other[0] for one, other in zip(found.runs, found.runs[1:], strict=False))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_late_usage_counts_toward_its_own_day(volumes: list[int], random: Random) -> None:
    """Reports of different days in any order fill the same days and the same witness."""
    events: list[Event] = [
        usage.UsageReported(
            org_id="o", at=instant(60 * number), day=START + timedelta(days=number), volumes={"surveys": units}
        )
        for number, units in enumerate(volumes)
    ]  # fmt: skip
    shuffled = list(events)
    random.shuffle(shuffled)
    assert facts(shuffled)["usage.days"] == facts(events)["usage.days"]
    assert account_after(shuffled).usage.reported == account_after(events).usage.reported
