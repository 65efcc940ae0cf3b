"""Slow change: slopes and declines of whole weeks, known only without gaps."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from signals.detectors.facts.trends import (
    months_on,
    usual_day_decline,
    weekly_decline,
    weekly_decline_year_ago,
    weekly_slope,
)
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.facts.windows import Series
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.daily import Daily, Days, business_day, ordinal
from signals.domain.account.history import History, Spend
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = business_day(NOW, UTC)
FOUR_WEEKS = timedelta(days=28)


def look(billing: Billing | None = None, history: History | None = None, *, days: int = 28) -> Look:
    """Return a look at an account with usage reported for some days."""
    usage = Usage(reported=Days(((TODAY - days, TODAY - 1),)) if days else Days())
    account = Account("acme", NOW, usage=usage, billing=billing or Billing(), history=history or History())
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def series(*weeks: int) -> Series:
    """Return a series whose closed weeks bring so much a day, the newest last."""
    values = tuple(units for units in weeks for _ in range(7))
    return Series("total", Daily(TODAY - len(values), values))


def test_a_line_through_the_weeks() -> None:
    """700, 600, 500, 400 units: 100 less a week, and 3 of 7 less in all."""
    falling = series(100, 100, 100, 100)
    assert weekly_slope(look(), falling, FOUR_WEEKS) == 0
    falling = Series(
        "total", Daily(TODAY - 28, tuple(700 - 100 * (day // 7) if day % 7 == 0 else 0 for day in range(28)))
    )
    assert weekly_slope(look(), falling, FOUR_WEEKS) == -100
    assert weekly_decline(look(), falling, FOUR_WEEKS) == 1 - Decimal(400) / 700


def test_a_day_without_a_report_leaves_it_open() -> None:
    """And so does a first week of nothing, or a year that is not known."""
    assert weekly_slope(look(days=27), series(9, 9, 9, 9), FOUR_WEEKS) is UNKNOWN
    assert weekly_decline(look(days=27), series(9, 9, 9, 9), FOUR_WEEKS) is UNKNOWN
    assert weekly_decline(look(), series(0, 9, 9, 9), FOUR_WEEKS) is UNKNOWN
    assert weekly_decline_year_ago(look(), series(9, 9, 9, 9), FOUR_WEEKS) is UNKNOWN
    assert weekly_slope(look(), series(9), timedelta(days=7)) is UNKNOWN


def test_the_median_day_does_not_see_one_day() -> None:
    """Ten times as much on one day of the oldest week: the week fell by more than half, its usual day not at all."""
    daily = [1000] * 28
    daily[2] = 10_000
    spiked = Series("total", Daily(TODAY - 28, tuple(daily)))
    assert weekly_decline(look(), spiked, FOUR_WEEKS) == 1 - Decimal(7000) / 16_000
    assert usual_day_decline(look(), spiked, FOUR_WEEKS) == 0
    daily[21:] = [900] * 7
    assert usual_day_decline(look(), Series("total", Daily(TODAY - 28, tuple(daily))), FOUR_WEEKS) == Decimal("0.1")
    assert usual_day_decline(look(days=27), spiked, FOUR_WEEKS) is UNKNOWN


def test_months_on() -> None:
    """The last day where the month is shorter."""
    assert months_on(look(), date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_payments_that_fail() -> None:
    """The first failed attempt of open invoices; null when they are paid."""
    failed = Invoice(failed={1: NOW - 3 * DAY, 2: NOW - DAY})
    seen = look(Billing(invoices={"a": failed, "b": Invoice(failed={1: NOW - 9 * DAY}, paid_at=NOW)}))
    assert seen.fact("payment.failed_since") == NOW - 3 * DAY
    assert look().fact("payment.failed_since") is None


def test_days_and_amounts_of_before() -> None:
    """The day of a cancellation, the peak of ARR, the first day of a trial that was extended."""
    assert look(Billing(cancelled_at=NOW)).fact("billing.cancelled_on") == NOW.date()
    assert look().fact("billing.peak_arr") is UNKNOWN
    spend = {1: Spend(NOW, Decimal(100)), 2: Spend(NOW, Decimal(50))}
    assert look(history=History(spend=spend)).fact("billing.peak_arr") == 1200
    trials = {ordinal(date(2026, 6, 1)): NOW - 30 * DAY, ordinal(date(2026, 7, 1)): NOW - 15 * DAY}
    seen = look(Billing(trial_until=date(2026, 7, 1)), History(trials=trials))
    assert seen.fact("trial.began_on") == (NOW - 30 * DAY).date()
    assert look().fact("trial.began_on") is None
