"""Windows over daily series: which days count, and when a number is known."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from signals.detectors.facts import windows
from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.domain.account.state import Account
from support.moments import ORG, TODAY, ago, at, look_at, series_of, with_days

WEEK, FOUR_WEEKS, MONTH = timedelta(days=7), timedelta(days=28), timedelta(days=30)


def days(first: int, last: int, units: int = 1) -> dict[int, int]:
    """Return so many units for each day, *first* .. *last* days ago."""
    return dict.fromkeys(range(last, first + 1), units)


def test_a_total_is_of_closed_days() -> None:
    """Seven days are the seven that end yesterday; today's volume is not in them."""
    account = with_days({**days(8, 1), 0: 100, 8: 50})
    look = look_at(account)
    assert windows.total(look, series_of(account), WEEK) == 7
    assert windows.total(look, series_of(account), WEEK, timedelta(days=1)) == 6 + 50


def test_recent_is_today_and_the_days_before() -> None:
    """Thirty days recent are today and 29 before: today no, tomorrow yes needs this."""
    account = with_days({**days(40, 1, 0), 29: 1})
    assert windows.recent(look_at(account), series_of(account), MONTH) == 1
    later = with_days({**days(40, 1, 0), 30: 1})
    assert windows.recent(look_at(later), series_of(later), MONTH) == 0


def test_today_counts_as_far_as_it_is_reported() -> None:
    """An unreported today makes recent no less known."""
    account = with_days({**days(40, 1, 0), 0: 3})
    assert windows.recent(look_at(account), series_of(account), MONTH) == 3


def test_a_gap_turns_a_sum_into_a_bound() -> None:
    """With one day not reported a sum is only "at least"."""
    account = with_days(days(7, 1), gaps=[3])
    assert windows.total(look_at(account), series_of(account), WEEK) == AtLeast(7)
    assert windows.recent(look_at(account), series_of(account), WEEK) == AtLeast(6)


def test_nothing_before_the_creation_needs_a_witness() -> None:
    """An organization three days old has a known week."""
    account = with_days(days(3, 1), created=ago(3))
    assert windows.total(look_at(account), series_of(account), WEEK) == 3


def test_without_any_report_a_zero_is_not_known() -> None:
    """No source, no zero."""
    account = Account(ORG, clock=at())
    assert windows.total(look_at(account), series_of(account), WEEK) == AtLeast(0)
    assert windows.lifetime(look_at(account), series_of(account)) == AtLeast(0)


def test_a_month_is_a_calendar_month() -> None:
    """One month ago is May as a whole; zero is June so far."""
    account = with_days(days(60, 1))
    look = look_at(account)
    assert windows.month_total(look, series_of(account), 1) == 31
    assert windows.month_total(look, series_of(account), 0) == 14


def test_a_month_that_began_before_the_organization_is_unknown() -> None:
    """Half a month is no base to grow from."""
    account = with_days(days(20, 1), created=date(2026, 5, 26))
    assert windows.month_total(look_at(account), series_of(account), 1) is UNKNOWN


def test_the_mean_of_months_wants_each_of_them() -> None:
    """Three months are averaged by month, not by day; one gap makes it unknown."""
    account = with_days(days(120, 1))
    assert windows.month_mean(look_at(account), series_of(account), 3) == Decimal(31 + 30 + 31) / 3
    gappy = with_days(days(120, 1), gaps=[50])
    assert windows.month_mean(look_at(gappy), series_of(gappy), 3) is UNKNOWN


@pytest.mark.parametrize(("newest", "expected"), [(1, 10), (2, 20), (3, UNKNOWN)])
def test_the_newest_closed_day_is_at_most_two_days_old(newest: int, expected: object) -> None:
    """Yesterday, else the day before; older is not news."""
    account = with_days({number: 10 * number for number in range(newest, 9)})
    assert windows.last_closed(look_at(account), series_of(account)) == expected


def test_the_median_leaves_out_the_day_it_is_compared_with() -> None:
    """The 28 days before the newest closed day; a gap makes it unknown."""
    account = with_days({**days(29, 2, 5), 1: 1000})
    assert windows.median_before(look_at(account), series_of(account), FOUR_WEEKS) == 5
    gappy = with_days({**days(29, 2, 5), 1: 1000}, gaps=[9])
    assert windows.median_before(look_at(gappy), series_of(gappy), FOUR_WEEKS) is UNKNOWN


def weeks(*daily: int) -> dict[int, int]:
    """Return whole weeks, oldest first, the last of which ended yesterday."""
    found: dict[int, int] = {}
    for number, units in enumerate(reversed(daily)):
        found |= days(7 * number + 7, 7 * number + 1, units)
    return found


@pytest.mark.parametrize(
    ("series", "drops", "steady"),
    [
        ((100, 100, 98, 95, 90, 88), 4, 0),
        ((100, 98, 99, 95, 90), 2, 0),
        ((100, 98, 95, 90, 88, 88), 0, 1),
        ((90, 80, 80, 85), 0, 2),
    ],
)
def test_streaks_count_from_the_newest_week(series: tuple[int, ...], drops: int, steady: int) -> None:
    """Drops are weeks below the one before, steady ones level or above; the first other week ends the streak."""
    account = with_days(weeks(*series))
    assert windows.weekly_drops(look_at(account), series_of(account)) == drops
    assert windows.weekly_steady(look_at(account), series_of(account)) == steady


def test_a_streak_that_runs_into_a_gap_is_a_bound() -> None:
    """Two drops, then a week that is not known: at least two; no week at all: unknown."""
    account = with_days(weeks(99, 98, 95, 90), gaps=[25])
    assert windows.weekly_drops(look_at(account), series_of(account)) == AtLeast(2)
    nothing = Account(ORG, clock=at())
    assert windows.weekly_drops(look_at(nothing), series_of(nothing)) is UNKNOWN


def test_a_streak_that_reaches_the_beginning_is_known() -> None:
    """An organization three weeks old has dropped twice and no more."""
    account = with_days(weeks(98, 95, 90), created=ago(21))
    assert windows.weekly_drops(look_at(account), series_of(account)) == 2


def test_weeks_are_calendar_weeks() -> None:
    """On a Wednesday the week ends with the Sunday before; the days since then do not count."""
    account = with_days({**weeks(100, 100, 98, 95, 90, 88), 0: 1, -1: 1})
    assert windows.weekly_drops(look_at(account, at(ago(-2))), series_of(account)) == 4


def test_the_largest_weekly_drop_is_of_trailing_weeks() -> None:
    """The worst week against the week before it; 0 when none fell; unknown without the week before the window."""
    account = with_days(weeks(100, 100, 95, 100, 98))
    assert windows.max_weekly_drop(look_at(account), series_of(account), FOUR_WEEKS) == Decimal("0.05")
    rising = with_days(weeks(1, 2, 3, 4, 5))
    assert windows.max_weekly_drop(look_at(rising), series_of(rising), FOUR_WEEKS) == 0
    short = with_days(weeks(2, 3, 4, 5))
    assert windows.max_weekly_drop(look_at(short), series_of(short), FOUR_WEEKS) is UNKNOWN


def test_a_year_ago_has_the_same_weekdays() -> None:
    """The windows a year ago end 364 days earlier; without that history there is nothing to compare."""
    year = with_days({**days(420, 393, 10), **days(392, 1, 7)})
    assert windows.year_ago_change(look_at(year), series_of(year), FOUR_WEEKS) == Decimal("-0.3")
    short = with_days(days(419, 1, 7))
    assert windows.year_ago_change(look_at(short), series_of(short), FOUR_WEEKS) is UNKNOWN


def test_never_needs_thirty_days_of_witness() -> None:
    """A lifetime zero is known after 30 reported days, not after 29; one unit is known at once."""
    zero = with_days(days(30, 1, 0))
    assert windows.lifetime(look_at(zero), series_of(zero)) == 0
    early = with_days(days(29, 1, 0))
    assert windows.lifetime(look_at(early), series_of(early)) == AtLeast(0)
    used = with_days({300: 1})
    assert windows.lifetime(look_at(used), series_of(used)) == 1


def test_months_elapse_on_the_same_day_of_a_later_month() -> None:
    """Three months are elapsed on the 15th, not on the 14th."""
    look = look_at(Account(ORG, clock=at()))
    assert windows.elapsed_months(look, date(2026, 3, 15)) == 3
    assert windows.elapsed_months(look, date(2026, 3, 16)) < 3
    assert windows.elapsed_months(look, TODAY) == 0
