"""Facts about the day on which credit is gone by daily use."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from signals.detectors.facts import forecast
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look
from signals.domain.account.credits import Contract, Credits, Grant
from signals.domain.account.daily import month_number
from signals.domain.account.state import Account
from support.moments import TODAY, ago, at, look_at, with_days

A_DAY = 1000
"""Units; at 31 dollars a month of 31 days a thousand of them cost about a dollar."""


def credits(balance: int = 100, **fields: Any) -> Credits:
    """Return a dollar a day of consumption, and a balance of today."""
    month = month_number(TODAY)
    consumed = {month - 1: Decimal(31), month - 2: Decimal(30), month - 3: Decimal(31)}
    given: dict[str, Any] = {
        "contracts": {"c1": Contract(date(2026, 1, 1), 12, at(ago(200)), Decimal(400))},
        "balance": Decimal(balance),
        "balance_on": TODAY,
        "consumed": consumed,
    }
    return Credits(**{**given, **fields})


def account(days: int = 120, **fields: Any) -> Account:
    """Return an account that used the same every day until yesterday."""
    used = with_days(dict.fromkeys(range(1, days + 1), A_DAY), created=ago(days))
    return msgspec.structs.replace(used, credits=credits(**fields))


def gone(look: Look, of: str = "credits.gone") -> tuple[object, object, object]:
    """Return the three days."""
    return tuple(look.fact(f"{of}_{end}_on") for end in ("early", "likely", "late"))  # type: ignore[return-value]


@pytest.mark.parametrize("one", forecast.FACTS, ids=[one.name for one in forecast.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """Of an empty account, and of one with credit."""
    assert conforms(look_at(Account("acme", at())).fact(one.name), one.kind)
    assert conforms(look_at(account()).fact(one.name), one.kind)


def test_a_hundred_days_worth_is_gone_in_a_hundred_days() -> None:
    """Yesterday is the newest known day, the balance is that of this morning; the band lies around."""
    early, likely, late = gone(look_at(account()))

    assert likely == TODAY + timedelta(days=99)
    assert isinstance(early, date)
    assert isinstance(late, date)
    assert TODAY < early < TODAY + timedelta(days=99) < late


def test_without_credit_there_is_nothing_to_forecast() -> None:
    """Known to be none, not unknown."""
    assert gone(look_at(account(contracts={}))) == (None, None, None)
    assert gone(look_at(account(balance=0))) == (None, None, None)


@pytest.mark.parametrize(("days", "there"), [(13, False), (14, True)])
def test_thirteen_days_are_not_enough(days: int, there: bool) -> None:
    """The fact is unknown, and says why; a day more is a forecast with a lent band, at the running month's price."""
    month = month_number(TODAY)
    bought = credits(consumed={month: Decimal(days)}, consumed_at={month: at()})
    look = look_at(msgspec.structs.replace(account(days), credits=bought))

    assert all((end is not UNKNOWN) is there for end in gone(look))
    assert look.fact("credits.gone_rests_on") == (
        "14 days of use; weekdays and band lent by other accounts' use"
        if there
        else "not enough history: 13 of 13 days with use, 8 of 14 are needed"
    )


def test_without_a_price_nothing_is_said() -> None:
    """No month with both dollars and units."""
    look = look_at(account(consumed={}))

    assert gone(look) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert look.fact("credits.gone_rests_on") == "not enough history: no month with both use and consumption"


def test_a_balance_of_long_ago_says_nothing() -> None:
    """What was used since is not known day by day."""
    assert gone(look_at(account(balance_on=ago(101)))) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_one_time_credit_is_not_for_the_contract() -> None:
    """Ten dollars of a promo on the balance are ten days less."""
    promo = {"g1": Grant(Decimal(10), at(ago(3)), "one_time")}

    assert gone(look_at(account(grants=promo)))[1] == TODAY + timedelta(days=89)
    assert gone(look_at(account(grants=promo)), "credits.any_gone")[1] == TODAY + timedelta(days=99)


def test_credit_that_expires_is_gone_that_day() -> None:
    """Startup credit of sixty days more, of which hundred days' worth is left."""
    grants = {"s1": Grant(Decimal(400), at(ago(100)), "startup", expires_on=TODAY + timedelta(days=60))}
    look = look_at(account(contracts={}, grants=grants))

    assert gone(look, "credits.any_gone")[1:] == (TODAY + timedelta(days=60), TODAY + timedelta(days=60))


def test_the_balance_is_what_the_last_grants_to_expire_still_hold() -> None:
    """100 left of 80 that stay and 400 that expire in ten days: 20 of those, ten used, ten lapse; then 80 days."""
    grants = {
        "s1": Grant(Decimal(400), at(ago(100)), "startup", expires_on=TODAY + timedelta(days=9)),
        "c1": Grant(Decimal(80), at(ago(100))),
    }
    likely = gone(look_at(account(contracts={}, grants=grants)), "credits.any_gone")[1]

    assert likely == TODAY + timedelta(days=9 + 80)


def test_the_course_of_the_balance_starts_at_what_is_left_and_ends_at_nothing() -> None:
    """For a picture: down by a dollar a day in the middle, and wider with time."""
    course = forecast.balance_course(look_at(account()), Decimal(100), TODAY)

    assert course[0][2] == pytest.approx(99, abs=0.5)
    assert course[49][2] == pytest.approx(50, abs=0.5)
    assert all(low <= middle <= high for _, low, middle, high in course)
    assert course[-1][3] == 0
    assert forecast.balance_course(look_at(Account("acme", at())), Decimal(100), TODAY) == []
