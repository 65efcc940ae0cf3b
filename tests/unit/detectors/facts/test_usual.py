"""What an account's usage usually is: learnt from its own windows before, borrowed while it is young."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from signals.detectors.facts import usual
from signals.detectors.facts.usual import LEAST_DAYS, LEAST_WINDOWS, WEEKENDS
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look
from signals.domain.account.daily import ordinal
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.crm import AccountDescribed, NoteAdded
from signals.domain.events.described import ActivityLogged
from signals.domain.events.market import LaunchAnnounced
from support.moments import ORG, ZONE, ago, at, look_at, series_of, with_days

DAY, WEEK, FOUR_WEEKS = timedelta(days=1), timedelta(days=7), timedelta(days=28)


def workweeks(first: int, last: int = 1, units: int = 1000) -> dict[int, int]:
    """Return so many units on workdays and a tenth of them at weekends, *first* .. *last* days ago."""
    return {day: units if ago(day).weekday() < 5 else units // 10 for day in range(first, last - 1, -1)}


def said(account: Account, window: timedelta) -> tuple[object, object, object, object, str]:
    """Return kind, expected, low, high and what it was learnt from."""
    look, series = look_at(account), series_of(account)
    return (
        usual.usage_anomaly_kind(look, series, window), usual.expected_usage(look, series, window),
        usual.usage_band_low(look, series, window), usual.usage_band_high(look, series, window),
        str(usual.usage_basis(look, series, window)),
    )  # fmt: skip


def test_a_day_is_expected_by_its_weekday() -> None:
    """Yesterday was a Sunday: a tenth of a workday is what was expected of it, and ten times that is a spike."""
    kind, expected, low, high, basis = said(with_days(workweeks(60)), DAY)
    assert (kind, expected) == ("none", 100)
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert low <= 100 <= high
    assert basis == "their own 59 days before"
    assert said(with_days({**workweeks(60), 1: 1000}), DAY)[0] == "spike"


def test_a_week_is_expected_by_the_weeks_before() -> None:
    """Seven weeks of 5,200 units: so is the eighth expected to be; half of it is a drop, nothing at all a silence."""
    weeks = workweeks(56)
    assert said(with_days(weeks), WEEK) == ("none", 5200, 5200, 5200, "their own 7 weeks before")
    assert said(with_days(weeks | workweeks(7, units=500)), WEEK)[0] == "drop"
    assert said(with_days(weeks | workweeks(7, units=0)), WEEK)[0] == "silence"


def test_older_weeks_count_by_the_week() -> None:
    """A year of use is 51 weeks before this one, though days are kept one by one for fifteen."""
    kind, expected, _, _, basis = said(with_days(workweeks(364)), WEEK)
    assert (kind, expected, basis) == ("none", 5200, "their own 51 weeks before")


@pytest.mark.parametrize(("windows", "enough"), [(LEAST_WINDOWS - 1, False), (LEAST_WINDOWS, True)])
def test_four_windows_are_a_history(windows: int, enough: bool) -> None:
    """With three weeks before this one nothing is judged, and the evidence says so; a fourth suffices."""
    account = with_days(workweeks(7 * (windows + 1)))
    look, series = look_at(account), series_of(account)
    assert usual.within_usual(look, series, WEEK) is enough
    assert (usual.expected_usage(look, series, WEEK) is UNKNOWN) is not enough
    if not enough:
        assert usual.usage_basis(look, series, WEEK) == "not enough history: 3 of 4 weeks"


@pytest.mark.parametrize(("days", "borrowed"), [(LEAST_DAYS - 1, True), (LEAST_DAYS, False)])
def test_two_weeks_of_days_are_a_history(days: int, borrowed: bool) -> None:
    """Before, the week is that of companies like it, and is said to be; it is never an alarm nor an excuse."""
    account = with_days(dict.fromkeys(range(1, days + 2), 1000))
    kind, expected, low, high, basis = said(account, DAY)
    assert ("borrowed" in basis) is borrowed
    assert usual.within_usual(look_at(account), series_of(account), DAY) is not borrowed
    if borrowed:
        assert basis == "13 days of their own, the week borrowed from B2B companies"
        workday = Decimal(13000) / (10 + 3 * WEEKENDS["B2B"])
        assert expected == round(workday * WEEKENDS["B2B"])
        assert (kind, low, high) == ("none", round(Decimal(str(expected)) / 2), expected * 2)


def test_who_sells_to_people_borrows_their_week() -> None:
    """Their weekends are nearly workdays."""
    account = with_days(dict.fromkeys(range(1, 12), 1000))
    sells = reduce(account, AccountDescribed(org_id=ORG, at=at(), company_type="B2C"), ZONE)
    assert "B2C" in said(sells, DAY)[4]
    assert said(sells, DAY)[1] != said(account, DAY)[1]


def test_three_days_are_not_enough_to_borrow() -> None:
    """With fewer than three there is no level to bend."""
    assert said(with_days({1: 5, 2: 5, 3: 5}), DAY)[4] == "not enough history: 2 of 14 days"


def _noted(account: Account, first: int, last: int) -> Account:
    note = NoteAdded(org_id=ORG, at=at(ago(first + 1)), category="migration", from_on=ago(first), until_on=ago(last))
    return reduce(account, note, ZONE)


def test_a_declared_change_begins_the_history_anew() -> None:
    """Ten times as much since a migration: its own weeks are what counts, the ones before say nothing."""
    moved = with_days(workweeks(100) | workweeks(40, units=10_000))
    kind, expected, _, _, basis = said(_noted(moved, 45, 41), WEEK)
    assert (kind, expected, basis) == ("none", 52_000, "their own 4 weeks before")


@pytest.mark.parametrize(
    ("event", "anew"),
    [
        (ActivityLogged(org_id=ORG, at=at(ago(41)), activity="customer_launch"), True),
        (ActivityLogged(org_id=ORG, at=at(ago(41)), activity="health_check"), False),
        (LaunchAnnounced(org_id=ORG, at=at(ago(41)), product="product_analytics", launched_on=ago(41)), True),
        (LaunchAnnounced(org_id=ORG, at=at(ago(41)), product="surveys", launched_on=ago(41)), False),
    ],
)
def test_a_launch_begins_the_history_anew(event: Event, anew: bool) -> None:
    """Ours for its own product only, the customer's for all they do."""
    moved = with_days(workweeks(100) | workweeks(40, units=10_000))
    first = usual.history_from(look_at(reduce(moved, event, ZONE)), series_of(moved))
    assert (first == ordinal(ago(41))) is anew


def test_what_is_announced_for_later_changes_nothing() -> None:
    """A migration next week leaves the history as it is."""
    account = with_days(workweeks(56))
    assert said(_noted(account, -5, -9), WEEK) == said(account, WEEK)


def test_a_gap_in_this_week_leaves_it_unknown() -> None:
    """Nobody knows whether a week with a hole was usual."""
    account = with_days(workweeks(56), gaps=(3,))
    look, series = look_at(account), series_of(account)
    assert usual.usage_anomaly_kind(look, series, WEEK) is UNKNOWN
    assert usual.usage_basis(look, series, WEEK) is UNKNOWN
    assert not usual.within_usual(look, series, WEEK)


def test_a_gap_before_ends_the_history() -> None:
    """The weeks after it are what there is."""
    account = with_days(workweeks(100), gaps=(45,))
    assert said(account, WEEK)[4] == "their own 5 weeks before"


def test_swings_are_usual_where_weeks_swing() -> None:
    """Weeks of 2,000 and 1,000 in turns: the next of either is usual; one of four times as much is not."""
    swinging = {day: 2000 if (day - 1) // 7 % 2 else 900 for day in range(84, 0, -1)}
    assert usual.within_usual(look_at(with_days(swinging)), series_of(with_days(swinging)), WEEK)
    larger = swinging | dict.fromkeys(range(1, 8), 8000)
    assert not usual.within_usual(look_at(with_days(larger)), series_of(with_days(larger)), WEEK)


def test_it_does_not_read_today() -> None:
    """What is reported of the running day is no part of any closed window."""
    account = with_days({**workweeks(56), 0: 10**6})
    assert said(account, WEEK) == said(with_days(workweeks(56)), WEEK)


def test_the_account_is_left_as_it_was() -> None:
    """Learning is thrown away: nothing is kept in the account, so that a corrected day is learnt as corrected."""
    account = with_days(workweeks(56))
    before = msgspec.json.encode(account)
    said(account, WEEK)
    assert msgspec.json.encode(account) == before


def _score(look: Look, account: Account) -> Decimal:
    score = usual.usage_anomaly_score(look, series_of(account), DAY)
    assert isinstance(score, Decimal)
    return score


def test_the_score_says_how_much_it_stands_out() -> None:
    """A usual Sunday scores little, one at ten times the units a lot."""
    usually, spiking = with_days(workweeks(60)), with_days({**workweeks(60), 1: 1000})
    assert _score(look_at(usually), usually) < Decimal("0.62") <= _score(look_at(spiking), spiking) < 1
