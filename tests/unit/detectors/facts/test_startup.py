"""Facts about the startup programme."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import startup
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.credits import Credits, Grant
from signals.domain.account.daily import month_number
from signals.domain.account.intents import FirstUse, Intents
from signals.domain.account.state import Account
from signals.domain.account.traits import Traits, TraitState

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def look(expires: date | None = date(2026, 12, 15), balance: int | None = 25_000, **traits: Any) -> Look:
    """Return a look at a startup with 50,000 granted on 1 April, burning 1,000 a month."""
    newest = month_number(NOW.date())
    grants = {} if expires is None else {
        "g": Grant(Decimal(50_000), NOW - timedelta(days=75), "startup", date(2026, 4, 1), expires)
    }  # fmt: skip
    credits = Credits(grants=grants, consumed={newest - ago: Decimal(1_000) for ago in (1, 2, 3)})
    if balance is not None:
        empties = ((NOW, date(2026, 5, 1)),) if balance == 0 else ()
        credits = Credits(
            grants=grants, consumed=credits.consumed, balance=Decimal(balance), balance_on=date(2026, 6, 14),
            empties=empties,
        )  # fmt: skip
    account = Account(
        "acme", NOW, credits=credits,
        intents=Intents(first_use={"surveys": FirstUse(datetime(2026, 6, 1, tzinfo=UTC), "activated")}),
        traits=Traits({name: TraitState(value, NOW, NOW) for name, value in traits.items()}),
    )  # fmt: skip
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


@pytest.mark.parametrize("one", startup.FACTS, ids=[one.name for one in startup.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """Of a startup, and of an account without any startup credit."""
    assert conforms(look().fact(one.name), one.kind)
    assert conforms(look(None, None).fact(one.name), one.kind)


def test_figures() -> None:
    """Half used, six months to go, a quarter of the rest will be burnt, a sixth of 12,000 is free."""
    seen = look(balance=24_000)
    assert seen.fact("startup.used_share") == Decimal("0.52")
    assert seen.fact("startup.months_left") == 6
    assert seen.fact("startup.burnt_share") == Decimal("0.25")
    assert str(seen.fact("startup.free_credit")) == "2000.00"
    assert seen.fact("startup.late_by") == timedelta(days=61)


def test_on_the_plan() -> None:
    """As billing says, and never after the roll-off; without a word from billing by the credit."""
    assert look().fact("startup.on_plan") is True
    assert look(date(2026, 6, 16)).fact("startup.on_plan") is True
    assert look(date(2026, 6, 15)).fact("startup.on_plan") is False
    assert look(startup_plan=False).fact("startup.on_plan") is False
    assert look(date(2026, 6, 1), startup_plan=True).fact("startup.on_plan") is False
    assert look(None).fact("startup.on_plan") is False


def test_rolls_off_by_prices_when_there_is_no_credit() -> None:
    """Start plus the shortest valid_days; an expiry of credit goes first."""
    prices: dict[str, Any] = {"startup_price_from": "2026-01-01", "startup_price_days": 180}
    assert look(None, **prices).fact("startup.expires_on") == date(2026, 6, 30)
    assert look(**prices).fact("startup.expires_on") == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("expires", "balance", "traits", "open_"),
    [
        (date(2026, 6, 15), 5, {}, True),
        (date(2026, 6, 10), 5, {"billing_day": 1}, True),
        (date(2026, 6, 10), 5, {"billing_day": 16}, True),
        (date(2026, 6, 10), 5, {"billing_day": 15}, False),
        (date(2026, 6, 10), 0, {"billing_day": 1}, False),
        (date(2026, 6, 10), 5, {}, UNKNOWN),
        (date(2026, 6, 10), 5, {"billing_day": 0}, UNKNOWN),
        (date(2026, 12, 1), 5, {"startup_offer_used": True}, False),
        (None, 5, {}, False),
    ],
)
def test_offer(expires: date | None, balance: int, traits: dict[str, Any], open_: object) -> None:
    """Open to the day before the first billing date after expiry, to expiry when credit was gone before; once."""
    assert look(expires, balance, **traits).fact("startup.offer_open") is open_


def test_without_a_balance_shares_are_unknown() -> None:
    """Unknown is not nothing."""
    assert look(balance=None).fact("startup.used_share") is UNKNOWN
    assert look(balance=None).fact("startup.burnt_share") is UNKNOWN
