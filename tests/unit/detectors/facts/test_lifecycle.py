"""The last closed month: account and products, what is left out, swings and concentration."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import RevenueReported
from signals.domain.events.described import TraitsReported

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def look(*events: Event) -> Look:
    """Return a look after the events."""
    account = Account("acme", NOW)
    for event in events:
        account = reduce(account, event, UTC)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def revenue(month: int, amount: int, **products: int) -> RevenueReported:
    """Return a month of 2026."""
    parts = {name: Decimal(part) for name, part in products.items()}
    return RevenueReported(
        org_id="acme", at=NOW, month=date(2026, month, 1), amount=Decimal(amount), products=parts or UNSET_PRODUCTS
    )


UNSET_PRODUCTS = RevenueReported(org_id="acme", at=NOW, month=date(2026, 1, 1), amount=Decimal(0)).products


def test_account_and_products() -> None:
    """The running month does not count; a product that was not there before is new."""
    seen = look(revenue(4, 100, a=100), revenue(5, 130, a=90, b=40), revenue(6, 999, a=999))
    stages = seen.fact("lifecycle.stages")
    assert isinstance(stages, tuple)
    assert [(one.name, one.stage, one.change) for one in stages] == [
        ("account", "growing", 30), ("a", "shrinking", -10), ("b", "new", 40),
    ]  # fmt: skip
    assert stages[1].share == Decimal("0.1")
    assert (seen.fact("lifecycle.stage"), seen.fact("lifecycle.month")) == ("growing", date(2026, 5, 1))
    assert seen.fact("lifecycle.shrinking") == {"a"}


def test_without_reports_nothing_is_known() -> None:
    """And a month not reported yet is not zero."""
    for seen in (look(), look(revenue(4, 100))):
        assert seen.fact("lifecycle.stage") is UNKNOWN
        assert seen.fact("revenue.declines") is UNKNOWN
        assert seen.fact("revenue.top_share") is UNKNOWN
    assert look().fact("lifecycle.stages") is UNKNOWN
    assert look().fact("lifecycle.shrinking") is UNKNOWN


def test_flagged_and_moved_accounts_have_no_stage() -> None:
    """Revenue of a trial that will leave, and the two sides of a move."""
    months = (revenue(4, 100), revenue(5, 0))
    assert look(*months).fact("lifecycle.stage") == "churned"
    for trait in ({"revenue_trial": True}, {"consolidated_with": "acme-us"}):
        told = TraitsReported(org_id="acme", at=NOW, traits=trait)  # type: ignore[arg-type]  # a subset of raw values
        assert look(*months, told).fact("lifecycle.stage") is None


def test_swings_and_concentration() -> None:
    """Rises and declines in a row, and the largest product of three months."""
    rising = look(*(revenue(month, 100 * month, a=80 * month, b=20 * month) for month in range(1, 6)))
    assert (rising.fact("revenue.rises"), rising.fact("revenue.declines")) == (4, 0)
    assert (rising.fact("revenue.top_share"), rising.fact("revenue.top_product")) == (Decimal("0.8"), "a")
    assert look(*(revenue(month, 900 - 100 * month) for month in range(2, 6))).fact("revenue.declines") == 3
