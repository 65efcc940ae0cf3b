"""Credit facts: contracts, grants, balance and consumption, with reports that come late."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from signals.domain.account.credits import MAX_CONTRACTS, MAX_GRANTS, Credits, corrections
from signals.domain.account.daily import month_number
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events import billing as events
from signals.domain.events.base import Event
from signals.domain.events.crm import ContractSigned

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(kind: type[Event], day: float, **fields: Any) -> Event:
    """Return one event *day* days after the start."""
    return kind(org_id="acme", at=START + timedelta(days=day), **fields)


def told(*happened: Event) -> Credits:
    """Return the credit facts after these events, in the order given."""
    account = Account("acme", START)
    for one in happened:
        account = reduce(account, one, UTC)
    return account.credits


def both_orders(one: Event, two: Event) -> Credits:
    """Return the facts after two events, the same in either order."""
    facts = told(one, two)
    assert told(two, one) == facts
    return facts


def test_the_newest_balance_counts() -> None:
    """By event time; its day is kept for the run-out."""
    old = event(events.CreditBalanceReported, 0, balance=Decimal(9), as_of=date(2026, 3, 1))
    new = event(events.CreditBalanceReported, 7, balance=Decimal(5), as_of=date(2026, 3, 8))
    facts = both_orders(old, new)

    assert (facts.balance, facts.balance_on) == (Decimal(5), date(2026, 3, 8))


def test_a_contract_signed_again_is_replaced() -> None:
    """The later signature wins; another id is another contract."""
    one = event(ContractSigned, 0, contract_id="c1", starts_on=date(2026, 3, 1), term_months=12, credit=Decimal(1))
    two = event(ContractSigned, 1, contract_id="c1", starts_on=date(2026, 4, 1), term_months=24, credit=Decimal(2))
    other = event(ContractSigned, 2, contract_id="c2", starts_on=date(2027, 3, 1), term_months=12)

    assert both_orders(one, two).contracts["c1"].term_months == 24
    assert set(both_orders(one, other).contracts) == {"c1", "c2"}


def test_a_grant_corrected_later_stays_corrected() -> None:
    """The same grant with another amount."""
    one = event(events.CreditsGranted, 0, grant_id="g", amount=Decimal(500), reason="one_time")
    two = event(events.CreditsGranted, 1, grant_id="g", amount=Decimal(50), reason="one_time")

    assert both_orders(one, two).grants["g"].amount == Decimal(50)


def test_the_last_report_of_a_months_consumption_counts() -> None:
    """Never the sum."""
    one = event(events.CreditsConsumed, 5, month=date(2026, 3, 1), amount=Decimal(100))
    two = event(events.CreditsConsumed, 9, month=date(2026, 3, 1), amount=Decimal(180))

    assert list(both_orders(one, two).consumed.values()) == [Decimal(180)]


def test_an_old_month_does_not_come_back() -> None:
    """Fifteen months are kept."""
    new = event(events.CreditsConsumed, 1, month=date(2026, 3, 1), amount=Decimal(1))
    old = event(events.CreditsConsumed, 0, month=date(2024, 12, 1), amount=Decimal(1))

    assert len(both_orders(new, old).consumed) == 1


def test_contracts_and_grants_are_bounded() -> None:
    """The oldest go."""
    contracts = [
        event(ContractSigned, day, contract_id=f"c{day}", starts_on=date(2026, 3, 1) + timedelta(days=day))
        for day in range(20)
    ]
    grants = [event(events.CreditsGranted, day, grant_id=f"g{day}", amount=Decimal(1)) for day in range(40)]
    facts = told(*contracts, *grants)

    assert len(facts.contracts) == MAX_CONTRACTS
    assert len(facts.grants) == MAX_GRANTS
    assert "c19" in facts.contracts
    assert "g39" in facts.grants


def test_credit_that_corrects_a_month_is_told_by_its_reason() -> None:
    """For a promotion, an outage or a bug; a trial accommodation, and credit that was bought, correct nothing."""
    given = [("Promo Credit", 1), ("Incident Credit", 2), ("Bug Credit", 4), ("Trial Accommodation", 8), (None, 16)]
    grants = [
        event(events.CreditsGranted, 0, grant_id=f"g{amount}", amount=Decimal(amount), reason="one_time", given_for=why)
        for why, amount in given
    ]
    bought = event(
        events.CreditsGranted, 0, grant_id="c", amount=Decimal(32), reason="contract", given_for="Bug Credit"
    )
    later = event(events.CreditsGranted, 0, grant_id="l", amount=Decimal(64), reason="one_time", given_for="Bug Credit",
                  effective_on=date(2026, 4, 30))  # fmt: skip

    march, april = month_number(date(2026, 3, 1)), month_number(date(2026, 4, 1))
    assert corrections(told(*grants, bought, later), UTC) == {march: Decimal(7), april: Decimal(64)}
