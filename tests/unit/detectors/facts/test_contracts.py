"""Facts about contracts beyond the runway: what follows, what is left, what expires."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import contracts
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.credits import Contract, Credits, Grant
from signals.domain.account.daily import month_number
from signals.domain.account.state import Account
from signals.domain.account.traits import Traits, TraitState
from signals.domain.traits.trait import RawTrait

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SIGNED = datetime(2025, 12, 1, 12, tzinfo=UTC)


def look(credits: Credits | None = None, **traits: RawTrait) -> Look:
    """Return a look at an account with this credit and these traits."""
    told = Traits({name: TraitState(value, NOW, NOW) for name, value in traits.items()})
    account = Account("acme", NOW, credits=credits or Credits(), traits=told)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def contract(starts: date, months: int = 12, billing: str = "upfront", **fields: Any) -> Contract:
    """Return an order form of 100,000."""
    return Contract(starts, months, SIGNED, Decimal(100_000), billing, **fields)


def credits(balance: int, *running: Contract, burn: int = 5_000, **fields: Any) -> Credits:
    """Return credit facts at a burn, the balance of 1 June."""
    newest = month_number(NOW.date())
    return Credits(
        contracts={f"c{number}": one for number, one in enumerate(running)},
        balance=Decimal(balance),
        balance_on=date(2026, 6, 1),
        consumed={newest - ago: Decimal(burn) for ago in (1, 2, 3)},
        **fields,
    )


@pytest.mark.parametrize("one", contracts.FACTS, ids=[one.name for one in contracts.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """Of an empty account and of one with a contract."""
    assert conforms(look().fact(one.name), one.kind)
    assert conforms(look(credits(80_000, contract(date(2025, 12, 1)))).fact(one.name), one.kind)


def test_surplus_and_roll_over() -> None:
    """80,000 on 1 June at 5,000 a month to 1 December leave 50,000; of 60,000 half of the original is taken over."""
    half = look(credits(80_000, contract(date(2025, 12, 1))))
    assert (half.fact("credits.surplus"), half.fact("credits.rolls_over")) == (50_000, 50_000)
    more = look(credits(90_000, contract(date(2025, 12, 1))))
    assert (more.fact("credits.surplus"), more.fact("credits.rolls_over")) == (60_000, 50_000)
    assert look(credits(30_000, contract(date(2025, 12, 1)))).fact("credits.surplus") is None
    assert look(Credits(contracts={"c": contract(date(2025, 12, 1))})).fact("credits.surplus") is UNKNOWN


def test_a_tranche_to_come_is_no_surplus() -> None:
    """Paid yearly, only the last contract year has one."""
    first = look(credits(90_000, contract(date(2025, 12, 1), 24, "yearly"), burn=1_000))
    assert first.fact("credits.surplus") is None
    assert first.fact("contract.next_tranche_on") == date(2026, 12, 1)
    assert first.fact("contract.anniversary_on") is None
    last = look(credits(90_000, contract(date(2024, 12, 1), 24, "yearly"), burn=1_000))
    assert last.fact("credits.surplus") == 84_000
    assert last.fact("contract.next_tranche_on") is None
    assert last.fact("contract.anniversary_on") == date(2025, 12, 1)


def test_early_renewal_is_unknown_without_a_runway() -> None:
    """Nobody can say whether credit is left at the signature."""
    assert look(Credits(contracts={"c": contract(date(2026, 1, 1))})).fact("credits.early_renewal_until") is UNKNOWN
    assert look(credits(10_000, contract(date(2026, 1, 1)))).fact("credits.early_renewal_until") == date(2026, 7, 31)
    assert look(credits(10_000, contract(date(2026, 1, 1)), burn=0)).fact("credits.early_renewal_until") == date(
        2026, 11, 1
    )


def test_exhausted_by_the_day_it_became_empty() -> None:
    """A renewal signed before that day covers; one signed after it does not, however often zero is reported."""
    running = contract(date(2026, 1, 1))
    empty: dict[str, Any] = {"empties": ((NOW, date(2026, 6, 10)), (NOW, date(2026, 6, 14)))}
    assert look(credits(0, running, **empty)).fact("credits.exhausted") is True
    assert look(credits(0, running, **empty)).fact("credits.exhausted_on") == date(2026, 6, 10)
    ending = contract(date(2025, 7, 1))
    for day, exhausted in ((10, False), (11, True)):
        renewal = Contract(date(2026, 7, 1), 12, datetime(2026, 6, day, 12, tzinfo=UTC), Decimal(100_000))
        assert look(credits(0, ending, renewal, **empty)).fact("credits.exhausted") is exhausted


def test_one_time_credit_is_not_the_contracts() -> None:
    """500 of promo credit on an empty contract: used up all the same."""
    promo: dict[str, Any] = {"grants": {"g": Grant(Decimal(500), NOW, "one_time")}}
    assert look(credits(500, contract(date(2026, 1, 1)), **promo)).fact("credits.exhausted") is True


def test_lapsed_when_nothing_follows() -> None:
    """The day after the last one; null while a contract runs or begins later."""
    over = contract(date(2025, 6, 15))
    assert look(credits(0, over)).fact("credits.lapsed_on") == date(2026, 6, 15)
    assert look(credits(0, contract(date(2025, 6, 16)))).fact("credits.lapsed_on") is None
    assert look(credits(0, over, contract(date(2026, 7, 1)))).fact("credits.lapsed_on") is None
    assert look().fact("credits.lapsed_on") is None


def test_renewed_when_a_form_reaches_further() -> None:
    """An expansion that ends with the contract is no renewal."""
    running = contract(date(2025, 12, 1))
    assert look(credits(0, running)).fact("contract.renewed") is False
    assert look(credits(0, running, contract(date(2026, 6, 1), 6))).fact("contract.renewed") is False
    assert look(credits(0, running, contract(date(2026, 12, 1)))).fact("contract.renewed") is True
    assert look().fact("contract.renewed") is None


def test_what_expires_next() -> None:
    """The contract's end, else the next expiry of bought credit; startup credit is another matter."""
    assert look(credits(9, contract(date(2025, 12, 1)))).fact("credits.expires_on") == date(2026, 12, 1)
    grants = {
        "past": Grant(Decimal(9), NOW, expires_on=date(2026, 6, 15)),
        "next": Grant(Decimal(9), NOW, expires_on=date(2026, 7, 1)),
        "startup": Grant(Decimal(9), NOW, "startup", expires_on=date(2026, 6, 20)),
    }
    assert look(Credits(grants=grants)).fact("credits.expires_on") == date(2026, 7, 1)


def test_cover_of_each_contract() -> None:
    """Of those that are to cover an invoice."""
    late = contract(date(2025, 9, 21), covers_from=date(2025, 9, 21), covers_until=date(2025, 10, 21))
    found = look(credits(9, late, contract(date(2025, 12, 1)))).fact("contracts")
    assert isinstance(found, tuple)
    assert [one.cover for one in found] == ["override", None]


@pytest.mark.parametrize(
    ("day", "now", "following"),
    [
        (1, date(2026, 6, 1), date(2026, 7, 1)),
        (15, date(2026, 6, 15), date(2026, 7, 15)),
        (16, date(2026, 5, 16), date(2026, 6, 16)),
        (31, date(2026, 5, 31), date(2026, 6, 30)),
    ],
)
def test_when_a_contract_begins_that_covers_this_period(day: int, now: date, following: date) -> None:
    """Today is the 15 June: at once it begins with the running billing period, else with the next one."""
    seen = look(billing_day=day)
    assert (seen.fact("cover.start_now"), seen.fact("cover.start_next")) == (now, following)


def test_without_a_billing_day_nobody_knows_the_start() -> None:
    """Nor with one that no month has."""
    for seen in (look(), look(billing_day=0), look(billing_day=32)):
        assert (seen.fact("cover.start_now"), seen.fact("cover.start_next")) == (UNKNOWN, UNKNOWN)
