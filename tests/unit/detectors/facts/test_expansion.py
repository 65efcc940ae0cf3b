"""Facts on expansion, as a rule asks for them: known, absent and unknown."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import expansion
from signals.detectors.facts.limits import allowed
from signals.detectors.facts.newcomers import among_top, joined_in, made_in
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, AtLeast, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import BillingLimitSet, InvoiceIssued, SpendReported
from signals.domain.events.crm import ChampionChanged, ChampionNamed, ContractSigned, PersonDescribed
from signals.domain.events.described import TraitsReported
from signals.domain.events.periods import PeriodReported
from signals.domain.events.usage import UsageReported, UserActed, UserSignedUp

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = NOW.date()


def at(days: int) -> datetime:
    """Return noon so many days from today."""
    return NOW + timedelta(days=days)


def look(*events: Event) -> Look:
    """Return a look at an account after these events."""
    account = Account("acme", NOW)
    for event in events:
        account = reduce(account, event, UTC)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def acted(person: str, days: int = 0, action: str = "insight viewed", times: int = 1) -> UserActed:
    """Return an action of a person."""
    return UserActed(org_id="acme", at=at(days), person_id=person, action=action, times=times)


def person(key: str, family: str | None = None, **fields: Any) -> PersonDescribed:
    """Return a description of a person."""
    if family is not None:
        fields["family"] = family
    return PersonDescribed(org_id="acme", at=at(-300), person_id=key, **fields)


def reported(day: int, **volumes: int) -> UsageReported:
    """Return the report of a day."""
    return UsageReported(org_id="acme", at=at(day + 1), day=TODAY + timedelta(days=day), volumes=volumes)


@pytest.mark.parametrize("name", [one.name for one in expansion.FACTS])
def test_every_fact_is_of_its_kind(name: str) -> None:
    """Of an empty account: a value of the kind promised, absent, or unknown."""
    fact = VOCABULARY.facts[name]
    assert conforms(look().fact(name), fact.kind)


def team(size: int, family: str, first: int = -200) -> list[Event]:
    """Return a team: described, seen long ago and today."""
    keys = [f"{family}{number}" for number in range(size)]
    return [person(key, family) for key in keys] + [acted(key, day) for key in keys for day in (first, -1)]


PATH = TraitsReported(org_id="acme", at=at(-300), traits={"primary_use_case": "pi"})
ONE = [reported(day, product_analytics=9) for day in range(-40, 0)]
TWO = [reported(day, product_analytics=9, session_replay=2) for day in range(-40, 0)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([PATH, *TWO, *team(4, "product")], "trojan_hog"),
        ([PATH, *ONE, *team(5, "product")], "trojan_hog"),
        ([PATH, *TWO, *team(5, "product")], "depth"),
        ([PATH, *TWO, *team(5, "product"), *team(3, "engineering", -100)], "platform"),
        ([PATH, *TWO, *team(5, "product"), *team(2, "engineering", -100)], "depth"),
        (
            [PATH, *TWO, *team(5, "product"), *team(2, "customer_service", -100),
             acted("customer_service0", -1, "recording analyzed")],
            "breadth",
        ),
        (
            [PATH, *TWO, *team(5, "product"), *team(3, "engineering", -100),
             TraitsReported(org_id="acme", at=at(-1), traits={"next_team": "growth"})],
            "shampoo",
        ),
        ([PATH, *TWO, *(acted(f"p{number}") for number in range(5))], UNKNOWN),
        ([PATH, *ONE, *(acted(f"p{number}") for number in range(4))], UNKNOWN),
        ([PATH, *TWO], UNKNOWN),
    ],
)  # fmt: skip
def test_phase(events: list[Event], expected: object) -> None:
    """Five people and a product added, a second use case in another team, two teams, a named next one."""
    seen = look(*events)
    assert seen.fact("phase.name") == expected
    if expected is not UNKNOWN:
        assert seen.fact("phase.at_least_depth") is (expected != "trojan_hog")


def named(count: int, days: int) -> list[Event]:
    """Return people who joined."""
    return [UserSignedUp(org_id="acme", at=at(days), person_id=f"j{days}{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], UNKNOWN),
        (named(2, -29), 2),
        (named(2, -30), 0),
        ([*named(1, 0), *named(3, -40)], 1),
        ([acted("a")], UNKNOWN),
    ],
)
def test_joined(events: list[Event], expected: object) -> None:
    """Thirty days with today; where nobody ever joined, joins are not reported."""
    assert joined_in(look(*events), timedelta(days=30)) == expected


@pytest.mark.parametrize(("many", "expected"), [(20, False), (40, True)])
def test_the_top_twentieth(many: int, expected: bool) -> None:
    """Of 40 people two are in the top 5 %, of 20 only the first."""
    makers = [acted(f"p{number:02}", -1, "insight created", 50 - number) for number in range(many)]
    seen = look(*makers)
    people: Any = seen.fact("people")
    second = next(one for one in people if one.id == "p01")
    first = next(one for one in people if one.id == "p00")
    share, window = Decimal("0.05"), timedelta(days=14)
    assert among_top(seen, second, share, window) is expected
    assert among_top(seen, first, share, window) is True
    assert made_in(seen, first, window) == 50
    assert made_in(seen, first, timedelta(days=90)) is UNKNOWN


def _fresh(*events: Event) -> dict[str, bool]:
    return {one.family: one.fresh for one in look(*events).fact("people.departments")}  # type: ignore[attr-defined]


def test_a_department_is_fresh_when_people_were_known_before() -> None:
    """Ninety days of others, or all the days of a young organization; the first department never is."""
    assert _fresh(*team(1, "engineering", -91), *team(1, "marketing", -1)) == {"engineering": False, "marketing": True}
    assert _fresh(*team(1, "engineering", -90), *team(1, "marketing", -1))["marketing"] is False
    assert _fresh(*team(1, "engineering", -300), *team(1, "marketing", -1))["marketing"] is True


def test_the_champion() -> None:
    """Leads by title or family; replaced only when there was another."""
    events: list[Event] = [ChampionNamed(org_id="acme", at=at(-9), person_id="a")]
    assert look().fact("champion.leads") is UNKNOWN
    assert look(*events).fact("champion.leads") is UNKNOWN
    assert look(*events, person("a", title="VP Engineering")).fact("champion.leads") is True
    assert look(*events, person("a", title="Senior engineer")).fact("champion.leads") is False
    assert look(*events, person("a", "leadership")).fact("champion.leads") is True
    assert look(*events, *events).fact("champion.replaced_at") is None
    after = ChampionNamed(org_id="acme", at=at(-2), person_id="b")
    assert look(*events, after).fact("champion.replaced_at") == at(-2)
    lost = ChampionChanged(org_id="acme", at=at(-5), person_id="a", how="left")
    assert look(*events, lost).fact("champion.replaced_at") is None
    assert look(*events, lost, after).fact("champion.replaced_at") == at(-2)


def invoice(key: str, days: int, amount: str, **fields: Any) -> InvoiceIssued:
    """Return an invoice."""
    return InvoiceIssued(org_id="acme", at=at(days), invoice_id=key, amount=Decimal(amount), **fields)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("100", "120", "150"), True),
        (("100", "120", "120"), False),
        (("90", "99"), UNKNOWN),
        (("9", "1", "2", "3"), True),
    ],
)
def test_rising(amounts: tuple[str, ...], expected: object) -> None:
    """The last three, each above the one before."""
    invoices = [invoice(f"i{place}", place - 9, amount) for place, amount in enumerate(amounts)]
    assert look(*invoices).fact("bill.rising") is expected


def test_counted_products() -> None:
    """The newest month's lines, else the spend; nothing known without either."""
    spend = SpendReported(org_id="acme", at=at(0), mrr=Decimal(1), products={"logs": Decimal(201)})
    old = invoice("a", -60, "900", lines={"surveys": Decimal(900)})
    split = [
        invoice(key, -20, "150", lines={"session_replay": Decimal(150), "surveys": Decimal(200)}) for key in ("b", "c")
    ]
    assert look().fact("quota.counted") is UNKNOWN
    assert look(spend).fact("quota.counted") == {"logs"}
    assert look(spend, old).fact("quota.counted") == {"surveys"}
    assert look(spend, old, *split).fact("quota.counted") == {"session_replay", "surveys"}
    assert look(spend, old, *split).fact("quota.multiplier") == Decimal("0.9")


YEAR = ContractSigned(org_id="acme", at=at(-100), contract_id="c", starts_on=date(2026, 3, 7), credit=Decimal(120_000))


def test_overages() -> None:
    """Of invoices for usage since the annual contract began."""
    invoices = [
        invoice("before", -101, "50000"), invoice("credit", -90, "120000", plan="credit"),
        invoice("within", -40, "10000"), invoice("above", -9, "20000"),
    ]  # fmt: skip
    found: Any = look(YEAR, *invoices).fact("quota.overages")
    assert [(one.id, one.excess) for one in found] == [("above", 10_000)]
    assert look(*invoices).fact("quota.overages") == ()


def period(start: date, spent: str, cut: str = "0") -> PeriodReported:
    """Return a month of spend on surveys."""
    ends = (start + timedelta(days=31)).replace(day=1)
    return PeriodReported(
        org_id="acme", at=at(0), period_start=start, period_ends_on=ends, spend={"surveys": Decimal(spent)},
        price_cut=Decimal(cut),
    )  # fmt: skip


def test_a_limit_applies_to_discounted_dollars() -> None:
    """200 at 20 % off let 250 of list price through; the period's rest counts today."""
    assert allowed(Decimal(200), Decimal("0.20")) == 250
    limit = BillingLimitSet(org_id="acme", at=at(-99), product="surveys", limit=Decimal(200))
    months = [
        period(date(2026, 4, 1), "225", "0.2"),
        period(date(2026, 5, 1), "180"),
        period(date(2026, 6, 1), "200", "0.2"),
    ]
    found: Any = look(limit, *months).fact("billing.limits")
    (one,) = found
    assert (one.share, one.share_before, one.share_before_that) == (Decimal("0.8"), Decimal("0.9"), Decimal("0.9"))
    assert one.left == Decimal(16) / 30
    gap: Any = look(limit, months[0], months[2]).fact("billing.limits")
    assert (gap[0].share_before, gap[0].share_before_that) == (UNKNOWN, UNKNOWN)


def test_products_that_came_onto_the_bill() -> None:
    """Those of the first report were there before; weeks of use are counted while they last."""
    first = invoice("a", -60, "9", lines={"surveys": Decimal(9)})
    second = invoice("b", -29, "19", lines={"surveys": Decimal(9), "logs": Decimal(10)})
    strategy = TraitsReported(org_id="acme", at=at(-59), traits={"strategy": "deeper"})
    used = [reported(day, logs=int(day % 7 == 0)) for day in range(-60, 0)]
    found: Any = look(first, second, strategy, *used).fact("bill.added")
    assert [(one.product, one.days_after_strategy, one.weeks_used) for one in found] == [("logs", 30, 4)]
    some: Any = look(first, second, strategy, *used[:40]).fact("bill.added")
    assert some[0].weeks_used == AtLeast(2)
    assert some[0].days_after_strategy == 30


def test_daily_products() -> None:
    """Five of the last seven closed days."""
    days = [reported(-day, surveys=1, logs=int(day < 5)) for day in range(1, 8)]
    days[6] = reported(-7, logs=0)
    days[5] = reported(-6, logs=0)
    assert look(*days).fact("products.daily") == {"surveys"}
    assert look().fact("products.daily") is UNKNOWN


@pytest.mark.parametrize(("rows", "historical", "expected"), [(5_200_000, 5_000_000, 200_000), (200_000, 0, 200_000)])
def test_first_syncs_do_not_count(rows: int, historical: int, expected: int) -> None:
    """Five million rows of a first sync and 200,000 after it are 200,000."""
    days = [reported(day, data_warehouse=0) for day in range(-8, -1)]
    last = UsageReported(
        org_id="acme", at=at(0), day=TODAY - timedelta(days=1), volumes={"data_warehouse": rows},
        measures={"historical_sync_rows": historical},
    )  # fmt: skip
    found: Any = look(*days, last).fact("usage.free_tiers")
    assert [(one.product, one.week) for one in found] == [("data_warehouse", expected)]


def test_the_quarter() -> None:
    """Its last day."""
    assert look().fact("calendar.quarter_ends_on") == date(2026, 6, 30)
