"""Facts about the discount an account may have: catalogue 3.2, 3.6 and 3.8, from what events tell."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import discounts
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing
from signals.domain.account.credits import Contract, Credits
from signals.domain.account.daily import month_number
from signals.domain.account.state import Account
from signals.domain.account.traits import Traits, TraitState

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SIGNED = datetime(2025, 12, 1, 12, tzinfo=UTC)


def look(
    credit: str | None = None,
    *,
    months: int = 12,
    mrr: str | None = None,
    nonprofit: bool | None = None,
    discount: str | None = None,
    burn: int = 0,
    starts: date = date(2026, 1, 1),
) -> Look:
    """Return a look at an account with a contract over so much credit, all of it left."""
    credits, newest = Credits(), month_number(NOW.date())
    if credit is not None:
        credits = Credits(
            contracts={"c1": Contract(starts, months, SIGNED, Decimal(credit))},
            balance=Decimal(credit),
            balance_on=date(2026, 6, 1),
            consumed={newest - ago: Decimal(burn) for ago in (1, 2, 3)},
        )
    told: dict[str, Any] = {} if nonprofit is None else {"nonprofit": nonprofit}
    if discount is not None:
        told["stripe_discount"] = discount
    account = Account(
        "acme",
        NOW,
        credits=credits,
        billing=Billing() if mrr is None else Billing(mrr=Decimal(mrr)),
        traits=Traits({name: TraitState(value, NOW, NOW) for name, value in told.items()}),
    )
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


@pytest.mark.parametrize("one", discounts.FACTS, ids=[one.name for one in discounts.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """With a contract, with a bill, and without anything."""
    for seen in (look("60000", nonprofit=True), look(mrr="3000"), look("1000000"), look()):
        assert conforms(seen.fact(one.name), one.kind)


@pytest.mark.parametrize(
    ("credit", "share", "early"),
    [
        ("24999", "0", "0"), ("25000", "0.20", "0.25"), ("59999", "0.20", "0.25"), ("60000", "0.25", "0.30"),
        ("100000", "0.30", "0.35"), ("999999", "0.40", "0.45"),
    ],
)  # fmt: skip
def test_a_renewal_as_large(credit: str, share: str, early: str) -> None:
    """The tier, and five points more while it is early; below the first tier nothing counts."""
    seen = look(credit)
    assert (seen.fact("discount.renewal"), seen.fact("discount.renewal_early")) == (Decimal(share), Decimal(early))


def test_a_renewal_says_why() -> None:
    """The early part only where there is one."""
    assert look("60000").fact("discount.renewal_why") == "25 % from $60,000 of credit on; 5 points more if signed early"
    assert look("24999").fact("discount.renewal_why") == "0 % below $25,000"
    assert look("1000000").fact("discount.renewal_why") == "custom: a person decides"
    assert look("1000000").fact("discount.renewal") is UNKNOWN
    assert look().fact("discount.renewal_why") is UNKNOWN


@pytest.mark.parametrize(("starts", "early"), [(date(2025, 8, 15), True), (date(2025, 8, 14), False)])
def test_early_ends_sixty_days_before_the_last_day(starts: date, early: bool) -> None:
    """Today is the 15 June; 60 days on is the 14 August, the last day of a term that began on the 15th."""
    seen = look("60000", starts=starts)
    assert (seen.fact("discount.renewal_early") == Decimal("0.30")) is early
    assert ("signed early" in str(seen.fact("discount.renewal_why"))) is early


def test_a_longer_term_counts_by_the_year() -> None:
    """120,000 over two years are 60,000 a year; half a year's 60,000 stay 60,000."""
    assert look("120000", months=24).fact("discount.renewal") == Decimal("0.25")
    assert look("119998", months=24).fact("discount.renewal") == Decimal("0.20")
    assert look("60000", months=6).fact("discount.renewal") == Decimal("0.25")


def test_a_non_profits_renewal() -> None:
    """15 % below the first tier, five points more up to 100,000."""
    found = [look(credit, nonprofit=True).fact("discount.renewal") for credit in ("24999", "25000", "100000", "100001")]
    assert found == [Decimal(share) for share in ("0.15", "0.25", "0.35", "0.30")]
    assert look("25000", nonprofit=False).fact("discount.renewal") == Decimal("0.20")


def test_more_credit_in_the_first_half() -> None:
    """The tier of the original purchase, and from where on an expansion has a better one."""
    seen = look("60000")
    assert seen.fact("discount.expansion") == Decimal("0.25")
    assert seen.fact("discount.expansion_why") == (
        "25 %, the tier of the original purchase; 30 % for $100,000 or more at once, its own tier"
    )
    assert look("500000").fact("discount.expansion_why") == "40 %, the tier of the original purchase"
    assert look("1000000").fact("discount.expansion_why") == "custom: a person decides"


@pytest.mark.parametrize(
    ("mrr", "share", "price"),
    [("2083.33", "0", "24999.96"), ("2083.34", "0.20", "20000.06"), ("5000", "0.25", "45000"), ("0", None, None)],
)
def test_a_year_instead_of_months(mrr: str, share: str | None, price: str | None) -> None:
    """Twelve months' MRR by the table."""
    seen = look(mrr=mrr)
    assert seen.fact("discount.year") == (UNKNOWN if share is None else Decimal(share))
    assert seen.fact("discount.year_price") == (UNKNOWN if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("mrr", "discount", "share", "price", "why"),
    [
        (
            "1500",
            "0.30",
            "0.20",
            "20571.43",
            "20 % from $25,000 of credit on; of $25,714.29, the year before the present 30 %",
        ),
        ("1458.33", "0.30", "0", "24999.94", "0 % below $25,000; of $24,999.94, the year before the present 30 %"),
        (
            "1458.34",
            "0.30",
            "0.20",
            "20000.09",
            "20 % from $25,000 of credit on; of $25,000.11, the year before the present 30 %",
        ),
        ("60000", "0.30", None, None, "custom: a person decides; of $1,028,571.43, the year before the present 30 %"),
        ("1500", "0", "0", "18000", "0 % below $25,000"),
        ("15", "0.99", "0", "18000", "0 % below $25,000; of $18,000.00, the year before the present 99 %"),
        ("1500", "0.9900000000001", "0", "18000", "0 % below $25,000"),
        ("1500", "1", "0", "18000", "0 % below $25,000"),
        ("1500", "-0.1", "0", "18000", "0 % below $25,000"),
        ("1500", None, "0", "18000", "0 % below $25,000"),
    ],
)
def test_a_year_is_reckoned_before_the_present_discount(
    mrr: str, discount: str | None, share: str | None, price: str | None, why: str
) -> None:
    """Tiers are of credit before discount: 1,500 at 30 % off are 2,142.86 a month, 25,714.29 a year."""
    seen = look(mrr=mrr, discount=discount)
    assert seen.fact("discount.year") == (UNKNOWN if share is None else Decimal(share))
    assert seen.fact("discount.year_price") == (UNKNOWN if price is None else Decimal(price))
    assert seen.fact("discount.year_why") == why
