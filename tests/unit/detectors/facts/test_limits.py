"""The day on which a spend limit is reached, by the product's daily use."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from signals.detectors.facts.limits import LimitUse
from signals.detectors.moment import Look
from signals.domain.account.billing import Billing
from signals.domain.account.growth import Growth, Period
from support.moments import TODAY, ago, at, look_at, with_days

PRODUCT = "session_replay"
STARTED, ENDS = ago(20), TODAY + timedelta(days=10)
SPENT = Decimal(20)
"""A dollar a day: 1000 recordings."""


def look(limit: int, *, days: int = 100, **fields: Any) -> Look:
    """Return an account with a limit, steady use until yesterday, and a dollar a day spent until this morning."""
    account = with_days(dict.fromkeys(range(1, days + 1), 1000), created=ago(days), product=PRODUCT)
    given: dict[str, Any] = {"of": "billing", "start": STARTED, "ends_on": ENDS, "at": at(), "spend": {PRODUCT: SPENT}}
    period = Period(**{**given, **fields})
    return look_at(
        msgspec.structs.replace(
            account, billing=Billing(limits={PRODUCT: Decimal(limit)}), growth=Growth(periods=(period,))
        )
    )


def use_of(look: Look) -> LimitUse:
    """Return the only limit."""
    found = look.fact("billing.limits")
    assert isinstance(found, tuple)
    assert isinstance(found[0], LimitUse)
    return found[0]


def reached(limit: int, **fields: Any) -> tuple[object, object, object]:
    """Return near end, middle and far end of the only limit."""
    one = use_of(look(limit, **fields))
    return one.reached_early_on, one.reached_on, one.reached_late_on


def test_five_dollars_more_are_spent_on_the_fifth_day() -> None:
    """Today is the first of them."""
    early, likely, late = reached(25)

    assert likely == TODAY + timedelta(days=4)
    assert isinstance(early, date)
    assert isinstance(late, date)
    assert TODAY <= early <= TODAY + timedelta(days=4) <= late


@pytest.mark.parametrize(("limit", "day"), [(30, ENDS - timedelta(days=1)), (31, None)])
def test_at_the_end_of_the_period_it_begins_anew(limit: int, day: date | None) -> None:
    """A limit that would be reached on the first day of the next period is not reached."""
    assert reached(limit)[1] == day


def test_a_limit_that_is_used_up_is_reached() -> None:
    """On the day it was told."""
    assert reached(20) == (TODAY, TODAY, TODAY)


def test_the_limit_applies_to_discounted_dollars() -> None:
    """$20 at 20 % off let 25 through."""
    assert reached(20, price_cut=Decimal("0.2"))[1] == TODAY + timedelta(days=4)


def test_too_little_history_is_said() -> None:
    """Thirteen days of a new account are unknown, not none."""
    one = use_of(look(25, days=13))

    assert one.reached_on is msgspec.UNSET
    assert one.rests_on.startswith("not enough history: 13 of 13 days with use")
