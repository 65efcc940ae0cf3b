"""Facts about money, as a rule asks for them: known, absent and unknown."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.payment import InvoiceView
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.credits import Contract, Credits, Grant
from signals.domain.account.daily import month_number
from signals.domain.account.history import History, Spend, week_number
from signals.domain.account.state import Account

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SIGNED = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = Contract(date(2026, 3, 1), 12, SIGNED, Decimal(24_000))


def look(billing: Billing | None = None, credits: Credits | None = None, history: History | None = None) -> Look:
    """Return a look at an account with these facets."""
    account = Account(
        "acme", NOW, billing=billing or Billing(), credits=credits or Credits(), history=history or History()
    )
    moment = Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})
    return Look(moment)


def credits(balance: int = 10_000, contract: Contract = YEAR, **fields: Any) -> Credits:
    """Return credit facts at 5,000 a month, the balance of 1 June."""
    newest = month_number(NOW.date())
    return Credits(
        contracts={"c1": contract},
        balance=Decimal(balance),
        balance_on=date(2026, 6, 1),
        consumed={newest - ago: Decimal(5_000) for ago in (1, 2, 3)},
        **fields,
    )


MONEY = [
    name
    for name in VOCABULARY.facts
    if name.split(".")[0] in {"billing", "revenue", "credits", "contract"} and "gone_" not in name
]
"""All but the forecast from daily use, which stands in test_forecast.py: bills alone say nothing of it."""


@pytest.mark.parametrize("name", MONEY)
def test_every_money_fact_is_of_its_kind(name: str) -> None:
    """Of an empty account and of a full one: a value of the kind promised, absent, or unknown."""
    full = look(
        Billing(
            mrr=Decimal(10), forecasted_mrr=Decimal(11), paying_since=date(2026, 1, 1), status="active",
            interval="month", items={"a": "b"}, product_mrr={"a": Decimal(1)}, subscription_at=NOW,
            revenue={month_number(NOW.date()) - ago: Decimal(5) for ago in range(7)},
        ),
        credits(),
        History(
            spend={week_number(NOW.toordinal()): Spend(NOW, Decimal(10))},
            product_revenue={month_number(NOW.date()) - ago: {"a": Decimal(5)} for ago in range(7)},
        ),
    )  # fmt: skip
    fact = VOCABULARY.facts[name]

    assert conforms(look().fact(name), fact.kind)
    assert conforms(full.fact(name), fact.kind)
    assert full.fact(name) is not UNKNOWN


def test_runway_facts_of_a_prepaid_contract() -> None:
    """10,000 at 5,000 a month: two months from 1 June, five months into the term."""
    seen = look(credits=credits())

    assert seen.fact("credits.prepaid") is True
    assert seen.fact("credits.runway_months") == 2
    assert seen.fact("credits.runout_on") == date(2026, 8, 1)
    assert seen.fact("credits.cover_end") == date(2027, 3, 1)
    assert seen.fact("credits.case") == "A"
    assert seen.fact("contract.first_half_until") == date(2026, 9, 1)
    assert seen.fact("contract.credit") == 24_000


def test_without_a_contract_the_runway_is_known_to_be_absent() -> None:
    """A promo credit on the balance of a monthly customer is nothing to project."""
    seen = look(credits=Credits(balance=Decimal(500), balance_on=date(2026, 6, 1)))

    assert seen.fact("credits.prepaid") is False
    assert seen.fact("credits.runout_on") is None
    assert seen.fact("credits.covered") is False


def test_without_a_balance_the_runway_is_unknown() -> None:
    """A contract is there, so it is not absent."""
    seen = look(credits=Credits(contracts={"c1": YEAR}))

    assert seen.fact("credits.prepaid") is UNKNOWN
    assert seen.fact("credits.runout_on") is UNKNOWN
    assert seen.fact("credits.covered") is UNKNOWN


@pytest.mark.parametrize(("contract", "prepaid"), [
    (Contract(date(2026, 3, 1), 12, SIGNED, Decimal(24_000), "drip"), False),
    (Contract(date(2026, 3, 1), 12, SIGNED), False),
    (Contract(date(2026, 7, 1), 12, SIGNED, Decimal(24_000)), False),
    (Contract(date(2025, 6, 15), 12, SIGNED, Decimal(24_000)), False),
    (Contract(date(2025, 6, 16), 12, SIGNED, Decimal(24_000)), True),
])  # fmt: skip
def test_the_scope_of_creditbot(contract: Contract, prepaid: bool) -> None:
    """Credit bought on a running contract; no drip, no flat plan, not before the start, not after the last day."""
    assert look(credits=credits(contract=contract)).fact("credits.prepaid") is prepaid


@pytest.mark.parametrize(("granted", "issued", "left"), [
    (datetime(2026, 6, 2, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), 9_500),
    (datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), 10_000),
])  # fmt: skip
def test_one_time_credit_is_for_the_next_invoice(granted: datetime, issued: datetime, left: int) -> None:
    """Granted since the last invoice it is still on the balance; an invoice later it is spent."""
    facts = credits(grants={"g1": Grant(Decimal(500), granted, "one_time")})
    billing = Billing(invoices={"in_1": Invoice(issued_at=issued, amount=Decimal(1))})

    assert look(billing, facts).fact("credits.balance") == left


def test_a_signed_follow_on_covers_the_gap() -> None:
    """A form of twelve months that begins on the day of the run-out."""
    facts = credits()
    follow_on = Contract(date(2026, 8, 1), 12, SIGNED, Decimal(60_000))
    both = msgspec.structs.replace(facts, contracts={"c1": YEAR, "c2": follow_on})

    assert look(credits=facts).fact("credits.covered") is False
    assert look(credits=both).fact("credits.covered") is True


def test_invoices_carry_the_machine() -> None:
    """The fact gives each invoice with its state of today and the keys of attempts can be told apart."""
    billing = Billing(invoices={"in_1": Invoice(amount=Decimal(9), failed={4: datetime(2026, 6, 9, tzinfo=UTC)})})
    seen = look(billing)
    invoices = seen.fact("invoices")

    assert isinstance(invoices, tuple)
    assert isinstance(invoices[0], InvoiceView)
    assert (invoices[0].id, invoices[0].state, invoices[0].suspend_on) == ("in_1", "suspend_notice", date(2026, 6, 16))
    assert VOCABULARY.functions["numbered"].call(seen, "in_1", 4) == "in_1#4"


def test_revenue_of_the_newest_months() -> None:
    """The newest reported month, and the mean of the two before; unknown when one of them is missing."""
    month = month_number(date(2026, 6, 1))
    seen = look(Billing(revenue={month - 2: Decimal(500), month - 1: Decimal(1500), month: Decimal(2100)}))
    gap = look(Billing(revenue={month - 2: Decimal(500), month: Decimal(2100)}))

    assert (seen.fact("revenue.current"), seen.fact("revenue.mean_before")) == (2100, 1000)
    assert seen.fact("revenue.month") == date(2026, 6, 1)
    assert (gap.fact("revenue.before"), gap.fact("revenue.mean_before")) == (UNKNOWN, UNKNOWN)
