"""What to put into a quote: the worked examples of catalogue 3.1, from what usage reports tell."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import sizing
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.daily import Daily, Days
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
REPORTED = (date(2025, 12, 1), date(2026, 6, 14))


def months(*units: int) -> Daily:
    """Return a series with a month's units on its first day, December to May."""
    daily = Daily()
    for number, amount in enumerate(units):
        daily = daily.put(date(2025 + (11 + number) // 12, (11 + number) % 12 + 1, 1).toordinal(), amount)
    return daily


def look(usage: dict[str, Daily], reported: tuple[date, date] = REPORTED) -> Look:
    """Return a look at an account with this use."""
    known = Days(((reported[0].toordinal(), reported[1].toordinal()),))
    account = Account("acme", NOW, usage=Usage(days=usage, reported=known))
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


M = 1_000_000
LEVEL = months(10 * M, 10 * M, 11 * M, 10 * M, 9 * M, 10 * M)


def test_it_is_of_its_kind() -> None:
    """With use and without."""
    (one,) = sizing.FACTS
    assert conforms(look({"surveys": LEVEL}).fact(one.name), one.kind)
    assert look({}).fact(one.name) is UNKNOWN


def test_level_use_is_shown_as_it_was_and_growing_use_as_it_will_be() -> None:
    """10, 10, 11, 10, 9, 10 million; and 10 % more each month. The total is no product."""
    growing = months(100_000, 110_000, 121_000, 133_100, 146_410, 161_051)
    seen = look({"product_analytics": LEVEL, "surveys": growing, "total": LEVEL})
    assert seen.fact("sizing.by_product") == (
        "Product Analytics 10 M a month (mean 10 M, largest 11 M); "
        "Surveys 315,696 a month (grows by 10 % a month, last 161,051)"
    )


@pytest.mark.parametrize(("last", "grows"), [(110_408, False), (110_409, True)])
def test_two_percent_a_month_are_not_growth(last: int, grows: bool) -> None:
    """100,000 growing by 2 % five times are 110,408.08."""
    said = str(look({"surveys": months(100_000, 1, 1, 1, 1, last)}).fact("sizing.by_product"))
    assert ("grows by" in said) is grows


def test_a_gap_or_a_month_too_few_is_no_sizing() -> None:
    """And a product nobody used in the last month is not sized."""
    assert look({"surveys": LEVEL}, (date(2025, 12, 2), REPORTED[1])).fact("sizing.by_product") is UNKNOWN
    gone = look({"product_analytics": LEVEL, "surveys": months(5, 5, 5, 5, 5, 0)})
    assert "Surveys" not in str(gone.fact("sizing.by_product"))
