"""What a handover asks for: the first credit, and a discount no table yields."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.handovers import yields
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.credits import Contract, Credits
from signals.domain.account.relationship import Note, Opportunity, Relationship
from signals.domain.account.state import Account

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def look(*opportunities: Opportunity, notes: tuple[Note, ...] = (), credits: Credits | None = None) -> Look:
    """Return a look at an account with these deals."""
    relationship = Relationship(opportunities={str(key): one for key, one in enumerate(opportunities)}, notes=notes)
    account = Account("acme", NOW, relationship=relationship, credits=credits or Credits())
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def won(**fields: Any) -> Opportunity:
    """Return a signed order form."""
    return Opportunity("new", "Closed Won", open=False, at=NOW, order_form="completed", **fields)


@pytest.mark.parametrize(
    ("credit", "term", "discount", "given"),
    [
        (60_000, 12, "0.25", True),
        (60_000, 12, "0.27", False),
        (60_000, 12, "0.225", True),
        (60_000, 24, "0.305", True),
        (100_000, 36, "0.40", True),
        (1_000_000, 12, "0.51", True),
        (60_000, 48, "0.51", True),
        (24_999, 12, "0", True),
    ],
)
def test_what_the_table_yields(credit: int, term: int, discount: str, given: bool) -> None:
    """Tier, length, cash timing and net days; from a million or four years on a person decides."""
    assert yields(Decimal(credit), term, Decimal(discount), mutual=False) is given


def test_the_mutual_date_is_a_lever() -> None:
    """Five points more, once agreed."""
    assert yields(Decimal(60_000), 12, Decimal("0.30"), mutual=True)
    assert not yields(Decimal(60_000), 12, Decimal("0.30"), mutual=False)


def test_the_newest_signed_order_form_is_looked_at() -> None:
    """Open deals are not; without numbers nothing is known."""
    odd = won(credit=Decimal(60_000), discount=Decimal("0.27"), term_months=12)
    assert look(odd).fact("discount.unexplained") == Decimal("0.27")
    assert look(won(credit=Decimal(60_000), discount=Decimal("0.25"))).fact("discount.unexplained") is None
    assert look(Opportunity("new", "Discovery", open=True, at=NOW)).fact("discount.unexplained") is None
    assert look(won()).fact("discount.unexplained") is UNKNOWN
    assert look(won(credit=None, discount=None)).fact("discount.unexplained") is None
    assert look(odd, notes=(Note("discount", NOW),)).fact("discount.noted") is True
    assert look(odd).fact("discount.noted") is False


def test_the_first_contract_with_credit() -> None:
    """Flat plans are none; primary products are unknown without usage."""
    contracts = {
        "a": Contract(date(2025, 1, 1), 12, NOW),
        "b": Contract(date(2026, 1, 1), 12, NOW, Decimal(5)),
        "c": Contract(date(2026, 3, 1), 12, NOW, Decimal(5)),
    }
    assert look(credits=Credits(contracts=contracts)).fact("contract.first_credit_on") == date(2026, 1, 1)
    assert look().fact("contract.first_credit_on") is None
    assert look().fact("products.primary_used") is UNKNOWN
