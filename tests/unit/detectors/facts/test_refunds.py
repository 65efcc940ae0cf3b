"""Facts of a refund of the newest bill: the worked examples of catalogue 4.3 and 4.4, from what events tell."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import UNSET

from signals.detectors.facts import refunds
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.daily import Daily, Days
from signals.domain.account.heard import Heard, Mention
from signals.domain.account.market import Market, PriceChange
from signals.domain.account.profile import Profile
from signals.domain.account.refunds import Refund, Refunds
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BILLED = datetime(2026, 6, 1, 6, tzinfo=UTC)
M = 1_000_000
TIERS = {"0": Decimal(0), "1000000": Decimal("0.00005"), "2000000": Decimal("0.00003")}
PROFILES = {"0": Decimal("0.0001")}
REPORTED = Days(((date(2025, 12, 1).toordinal(), date(2026, 6, 14).toordinal()),))


def months(*units: int, since: tuple[int, int] = (2026, 2)) -> Daily:
    """Return a series with a month's units on its first day, February to May unless told."""
    daily = Daily()
    for number, amount in enumerate(units):
        daily = daily.put(date(since[0], since[1] + number, 1).toordinal(), amount)
    return daily


def look(
    usage: dict[str, Daily] | None = None,
    *,
    bills: dict[str, Invoice] | None = None,
    asked_on: tuple[date, ...] = (),
    created: datetime | None = None,
    terms: Terms | None = None,
    reported: Days = REPORTED,
    mrr: Decimal | None = None,
    limits: dict[str, Decimal] | None = None,
    made: int = 0,
    made_at: datetime = BILLED,
    prices: dict[str, PriceChange] | None = None,
    now: datetime = NOW,
) -> Look:
    """Return a look at an account with one bill of 1 June unless told."""
    billing = Billing(
        invoices=bills if bills is not None else {"in_1": Invoice(amount=Decimal(80), issued_at=BILLED)},
        limits=limits or {},
        mrr=UNSET if mrr is None else mrr,
    )
    mentions = tuple(Mention(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), "ticket") for day in asked_on)
    account = Account(
        "acme",
        now,
        billing=billing,
        usage=Usage(days=usage or {"product_analytics": months(M, M, M, 3 * M)}, reported=reported),
        heard=Heard({"refund_request": mentions} if mentions else {}),
        profile=Profile() if created is None else Profile(created_at=created),
        refunds=Refunds({f"r{one}": Refund(made_at, Decimal(5)) for one in range(made)}),
        market=Market(prices=prices or {}),
    )
    chosen = terms or Terms(prices={"product_analytics": TIERS, "person_profiles": PROFILES})
    return Look(Moment(account, now, zone=ZoneInfo("UTC"), terms=chosen, names=VOCABULARY, truths={}, levels={}))


@pytest.mark.parametrize("one", refunds.FACTS, ids=[one.name for one in refunds.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """With a bill, and without anything."""
    assert conforms(look().fact(one.name), one.kind)
    assert conforms(look(bills={}, terms=Terms()).fact(one.name), one.kind)


def test_money_is_a_difference_of_prices() -> None:
    """Three million after a million a month are 80, and not the 50 of two million."""
    one = look()
    assert one.fact("refund.amount") == 80
    assert one.fact("refund.by_product") == "Product Analytics $80.00 (3,000,000 units, usual 1,000,000)"
    assert look({"product_analytics": months(M, M, M, M)}).fact("refund.amount") == 0
    assert look({"product_analytics": months(M, M, M, M)}).fact("refund.by_product") is UNKNOWN


def test_each_product_has_its_own_line() -> None:
    """80 and 20 come to 100 in two lines."""
    one = look({
        "product_analytics": months(M, M, M, 3 * M),
        "person_profiles": months(100_000, 100_000, 100_000, 300_000),
        "total": months(9 * M, 9 * M, 9 * M, 90 * M),
    })  # fmt: skip
    assert one.fact("refund.amount") == 100
    assert "$80.00" in str(one.fact("refund.by_product"))
    assert "$20.00 (300,000 units, usual 100,000)" in str(one.fact("refund.by_product"))


def test_without_a_price_or_a_day_the_money_is_not_known() -> None:
    """A product without a price, a gap in the usage, no bill."""
    assert look(terms=Terms()).fact("refund.amount") is UNKNOWN
    gap = Days(((date(2025, 12, 1).toordinal(), date(2026, 5, 9).toordinal()),))
    assert look(reported=gap).fact("refund.amount") is UNKNOWN
    assert look(bills={}).fact("refund.amount") is UNKNOWN
    assert look(bills={}).fact("refund.ask_until") is UNKNOWN


def test_the_accounts_own_price_goes_before_the_list() -> None:
    """That of before a change until it takes effect."""
    cheap, dear = {"0": Decimal("0.00001")}, {"0": Decimal("0.00002")}
    ahead = PriceChange(date(2026, 7, 1), NOW, cheap, dear)
    over = PriceChange(date(2026, 6, 15), NOW, cheap, dear)
    assert look(prices={"product_analytics": ahead}).fact("refund.amount") == 20
    assert look(prices={"product_analytics": over}).fact("refund.amount") == 40


def test_the_month_is_that_of_the_bill() -> None:
    """By the first day of its period, else the month before it was issued."""
    april = Invoice(amount=Decimal(80), issued_at=BILLED, period_start=date(2026, 4, 20))
    one = look({"product_analytics": months(M, M, M, 3 * M, 0, since=(2026, 1))}, bills={"in_1": april})
    assert one.fact("refund.amount") == 80


@pytest.mark.parametrize(
    ("asked", "against"),
    [
        (date(2026, 7, 1), None),
        (date(2026, 7, 2), "asked more than 30 days after the billing date"),
        (date(2026, 5, 30), None),
    ],
)
def test_thirty_days_after_the_bill(asked: date, against: str | None) -> None:
    """Day 30 is in time, day 31 is not; what was asked before the bill is about another one."""
    reported = Days(((date(2025, 12, 1).toordinal(), date(2026, 7, 9).toordinal()),))
    one = look(asked_on=(asked,), now=datetime(2026, 7, 10, 12, tzinfo=UTC), reported=reported)
    assert one.fact("refund.against") == against
    assert one.fact("refund.ask_until") == date(2026, 7, 1)


def test_a_spike_that_goes_on_stands_against_it() -> None:
    """Half a day of the month's is the line: 3 M in 31 days are 96,774 a day."""

    def of_the_week(daily: int) -> object:
        series = months(M, M, M, 3 * M)
        for day in range(8, 15):
            series = series.put(date(2026, 6, day).toordinal(), daily)
        return look({"product_analytics": series}).fact("refund.against")

    assert of_the_week(48_387) is None
    assert of_the_week(48_388) == "usage has not stopped"


def going_on(usual: int, units: int, daily: int) -> Daily:
    """Return a series of three usual months and one of *units*, with *daily* in the week before now."""
    series = months(usual, usual, usual, units)
    for day in range(8, 15):
        series = series.put(date(2026, 6, day).toordinal(), daily)
    return series


@pytest.mark.parametrize(
    ("units", "daily", "against", "missing"),
    [
        (1_500_000, 32_258, None, False),  # a usual month is 32,258.06 a day
        (1_500_000, 32_259, None, True),
        (2 * M, 64_516, None, True),
        (2 * M + 1, 64_516, "usage has not stopped", False),
    ],
)
def test_what_is_back_at_the_usual_has_stopped(units: int, daily: int, against: str | None, missing: bool) -> None:
    """Though it be more than half of the month; of growth to at most twice the usual a person says what it is."""
    one = look({"product_analytics": going_on(M, units, daily)})
    assert one.fact("refund.against") == against
    assert ("whether usage has stopped" in str(one.fact("refund.to_check"))) is missing


@pytest.mark.parametrize("created", [datetime(2026, 5, 1, tzinfo=UTC), None])
@pytest.mark.parametrize(("daily", "missing"), [(500, False), (501, True), (1000, True)])
def test_the_first_usage_that_goes_on_is_no_refusal(created: datetime | None, daily: int, missing: bool) -> None:
    """1,000 units a day of a new organization, or of one that used nothing before: support decides on a bill of 50."""
    one = look({"product_analytics": going_on(0, 31_000, daily)}, created=created, mrr=Decimal(50),
               asked_on=(date(2026, 6, 14),))  # fmt: skip
    assert one.fact("refund.against") is None
    assert ("whether usage has stopped" in str(one.fact("refund.to_check"))) is missing
    assert refunds.refund_decided_by(one, False, False) == "support"


@pytest.mark.parametrize(("asked_on", "decides"), [((), "support"), ((date(2026, 6, 1),), "revops")])
def test_what_nobody_asks_for_is_not_refused(asked_on: tuple[date, ...], decides: str) -> None:
    """A spike that goes on stands against a refund, and is for revenue operations once somebody wants one."""
    one = look({"product_analytics": going_on(M, 3 * M, 90_000)}, mrr=Decimal(50), asked_on=asked_on)
    assert one.fact("refund.against") == "usage has not stopped"
    assert refunds.refund_decided_by(one, False, False) == decides


UNTIL_AUGUST = Days(((date(2025, 12, 1).toordinal(), date(2026, 8, 31).toordinal()),))
JUNE_AND_JULY = {
    "in_1": Invoice(amount=Decimal(80), issued_at=BILLED),
    "in_2": Invoice(amount=Decimal(5), issued_at=datetime(2026, 7, 1, 6, tzinfo=UTC)),
}


def in_summer(now: date, *asked_on: date, **given: Any) -> Look:
    """Return a look at noon of a day, with bills of 1 June and 1 July unless told."""
    at = datetime(now.year, now.month, now.day, 12, tzinfo=UTC)
    usual: dict[str, Any] = {"bills": JUNE_AND_JULY, "now": at, "reported": UNTIL_AUGUST, "asked_on": asked_on}
    return look(**(usual | given))


def test_the_first_request_after_the_bill_counts() -> None:
    """Asked on 10 June and mentioned again on day 31, and on day 41: the request came in time."""
    june = {"in_1": JUNE_AND_JULY["in_1"]}
    for later in (date(2026, 7, 2), date(2026, 7, 12)):
        one = in_summer(later, date(2026, 6, 10), later, bills=june)
        assert one.fact("refund.against") is None
    late = in_summer(date(2026, 7, 2), date(2026, 5, 31), date(2026, 7, 2), bills=june)
    assert late.fact("refund.against") == "asked more than 30 days after the billing date"


@pytest.mark.parametrize(
    ("today", "asked_on", "until"),
    [
        (date(2026, 7, 2), (date(2026, 6, 28),), date(2026, 7, 1)),
        (date(2026, 7, 2), (date(2026, 6, 28), date(2026, 7, 2)), date(2026, 7, 1)),
        (date(2026, 7, 28), (date(2026, 6, 28), date(2026, 7, 28)), date(2026, 7, 1)),
        (date(2026, 7, 29), (date(2026, 6, 28), date(2026, 7, 29)), date(2026, 7, 31)),
        (date(2026, 7, 28), (date(2026, 6, 28),), date(2026, 7, 1)),
        (date(2026, 7, 29), (date(2026, 6, 28),), date(2026, 7, 31)),
        (date(2026, 7, 2), (date(2026, 7, 1),), date(2026, 7, 31)),
        (date(2026, 7, 2), (date(2026, 5, 31),), date(2026, 7, 31)),
        (date(2026, 7, 2), (), date(2026, 7, 31)),
    ],
)
def test_it_stays_with_the_bill_asked_about(today: date, asked_on: tuple[date, ...], until: date) -> None:
    """The next bill does not take its place for 30 days after the last word; day 31 is about the newest bill."""
    one = in_summer(today, *asked_on)
    assert one.fact("refund.ask_until") == until
    june = until == date(2026, 7, 1)
    assert one.fact("refund.amount") == (80 if june else 0)
    assert (one.fact("refund.scenario") == "learning curve") is june


def test_a_refund_answers_what_was_asked_before_it() -> None:
    """Then the newest bill is looked at, until they ask again."""
    asked = date(2026, 6, 28)
    answered = {"made": 1, "made_at": datetime(2026, 6, 28, 9, tzinfo=UTC)}
    assert in_summer(date(2026, 7, 2), asked, **answered).fact("refund.ask_until") == date(2026, 7, 31)
    again = in_summer(date(2026, 7, 2), asked, date(2026, 6, 29), **answered)
    assert again.fact("refund.ask_until") == date(2026, 7, 1)


def test_a_limit_on_what_spiked_is_a_measure() -> None:
    """Without one a person has to ask: the cause may be gone."""
    assert look().fact("refund.to_check") == "signs of fraud; a measure against a repeat"
    assert look(limits={"product_analytics": Decimal(200)}).fact("refund.to_check") == "signs of fraud"
    assert look(limits={"surveys": Decimal(200)}).fact("refund.to_check") == look().fact("refund.to_check")


def test_the_first_bill_is_a_learning_curve() -> None:
    """Above a dollar; of a second bill nothing is known but its usage."""
    assert look().fact("refund.scenario") == "learning curve"
    earlier = Invoice(amount=Decimal(5), issued_at=BILLED - timedelta(days=30))
    newest = Invoice(amount=Decimal(80), issued_at=BILLED)
    second = look(bills={"in_0": earlier, "in_1": newest})
    assert second.fact("refund.scenario") is UNKNOWN
    assert str(second.fact("refund.to_check")).startswith("which scenario explains it")


@pytest.mark.parametrize(
    ("mrr", "odd", "several", "decides"),
    [
        ("1666.99", False, False, "support"),
        ("1667", False, False, "revops"),
        ("10", True, False, "revops"),
        ("10", False, True, "revops"),
    ],
)
def test_who_decides(mrr: str, odd: bool, several: bool, decides: str) -> None:
    """1,666.99 is support's, 1,667 and whatever is odd is not."""
    assert refunds.refund_decided_by(look(mrr=Decimal(mrr)), odd, several) == decides


def test_a_refused_claim_is_not_decided_by_support() -> None:
    """Asked for on day 31."""
    late = look(asked_on=(date(2026, 7, 2),), mrr=Decimal(10), now=datetime(2026, 7, 3, 12, tzinfo=UTC),
                reported=Days(((date(2025, 12, 1).toordinal(), date(2026, 7, 2).toordinal()),)))  # fmt: skip
    assert refunds.refund_decided_by(late, False, False) == "revops"
    assert refunds.refund_decided_by(look(bills={}), False, False) is UNKNOWN


def test_who_pays_it_back_decides() -> None:
    """A second refund, and one of an overdue bill, are for revenue operations, whatever is spent."""
    failed = {one: BILLED + timedelta(days=one) for one in range(1, 5)}
    late = {"in_1": Invoice(amount=Decimal(80), issued_at=BILLED, failed=failed)}
    found = [look(mrr=Decimal(10)), look(mrr=Decimal(10), made=1), look(mrr=Decimal(10), bills=late)]
    assert [refunds.refund_decided_by(one, False, False) for one in found] == ["support", "revops", "revops"]


def test_the_way_back() -> None:
    """Credit before there is a bill; then a credit note the first time; overdue ones are for revenue operations."""
    assert look(bills={}).fact("refund.way_back") == "credit"
    assert look().fact("refund.way_back") == "refund by a credit note"
    assert look(made=1).fact("refund.way_back") == "revenue operations"
    failed = {one: BILLED + timedelta(days=one) for one in range(1, 5)}
    late = {"in_1": Invoice(amount=Decimal(80), issued_at=BILLED, failed=failed)}
    assert look(bills=late).fact("refund.way_back") == "credit note, by revenue operations"


def test_a_repeated_incident() -> None:
    """The first by the rules, the second full or half, the third nothing."""
    assert [look(made=made).fact("refund.incident") for made in (0, 1, 2)] == [1, 2, 3]
    assert "Standard rules" in str(look().fact("refund.repeat"))
    assert "up to half" in str(look(made=1).fact("refund.repeat"))
    assert "declined" in str(look(made=2).fact("refund.repeat"))


def test_what_units_cost_above_the_usual() -> None:
    """Four million after a million: 50 for the second million and 60 for the two above it."""
    assert refunds.priced_above(look(), "product_analytics", 4 * M, Decimal(M)) == 110
    assert refunds.priced_above(look(), "surveys", 4 * M, Decimal(M)) is UNKNOWN
