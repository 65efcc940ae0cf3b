"""The table of catalogue 4.1 on the rule in force; its third condition (the month after) is another signal's."""

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.moment import Look, Moment
from signals.detectors.rules.loader import load_packs
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing
from signals.domain.account.daily import month_number
from signals.domain.account.state import Account

NOW = datetime(2026, 6, 20, tzinfo=UTC)
PACK = files("signals.detectors.rules") / "packs" / "spike.yaml"
RULE = next(rule for rule in load_packs([PACK], names=VOCABULARY) if rule.id == "revenue_spike_provisional")


@pytest.mark.parametrize(
    ("before_that", "before", "current", "holds"),
    [
        ("1000", "1000", "2000", False),  # needs more than twice
        ("1000", "1000", "2000.01", True),
        ("1000", "1000", "2001", True),
        ("1000", "1000", "2500", True),
        ("400", "400", "1399", False),  # +999
        ("400", "400", "1399.99", False),
        ("400", "400", "1400", True),  # +1,000
        ("500", "1500", "2100", True),  # against the mean, not the last month
        ("0", "0", "1500", False),  # two paying months are needed
        ("0", "1000", "1500", False),
        ("1000", "0", "1500", False),
    ],
)
def test_the_table_of_revenue_spikes(before_that: str, before: str, current: str, holds: bool) -> None:
    """More than twice the mean of the two months before, and at least 1,000 above it."""
    month = month_number(date(2026, 6, 1))
    revenue = {month - 2: Decimal(before_that), month - 1: Decimal(before), month: Decimal(current)}
    account = Account("acme", NOW, billing=Billing(revenue=revenue))
    moment = Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})

    assert RULE.when is not None
    assert RULE.when.evaluate(Look(moment)) is holds
