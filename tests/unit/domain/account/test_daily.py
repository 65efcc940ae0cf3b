"""Daily series and sets of days: bounded, dense, never changed in place."""

from datetime import date

import pytest

from signals.domain.account.daily import (
    KEEP_DAYS,
    LEAST_DAYS,
    MOST_DAYS,
    Daily,
    Days,
    month_number,
    month_start,
    ordinal,
)
from signals.domain.account.past import KEEP_WEEKS, Past


def test_days_between_are_zero() -> None:
    """A day put beyond the end fills the gap; a day put before the start does, too."""
    assert Daily().put(10, 5).put(13, 7) == Daily(10, (5, 0, 0, 7))
    assert Daily(10, (5,)).put(7, 2) == Daily(7, (2, 0, 0, 5))


def test_a_day_put_again_is_replaced() -> None:
    """The last value counts; the series it came from stays as it was."""
    before = Daily(10, (5, 6, 7))
    assert before.put(11, 9) == Daily(10, (5, 9, 7))
    assert before == Daily(10, (5, 6, 7))
    assert before.put(11, 6) is before


def test_adding_counts_up() -> None:
    """Units of one day add up."""
    assert Daily().add(3, 2).add(3, 4).on(3) == 6


def test_the_oldest_weeks_are_folded() -> None:
    """Whole weeks, Monday to Sunday, when the days are more than are kept one by one; nothing of the sum is lost."""
    first = ordinal(date(2026, 1, 1))  # a Thursday
    full = Daily(first, tuple(range(1, MOST_DAYS + 1)))
    assert full.past is None

    folded = full.put(first + MOST_DAYS, 1000)

    assert folded.past == Past(ordinal(date(2025, 12, 29)), (1 + 2 + 3 + 4,), ((12 * 2026, 10),))
    assert folded.start == ordinal(date(2026, 1, 5))
    assert len(folded.values) >= LEAST_DAYS
    assert folded.total(0, 10**6) == sum(range(1, MOST_DAYS + 1)) + 1000


def test_days_are_exact_for_fourteen_weeks() -> None:
    """However long a series grows, its newest days read as they were put."""
    series = Daily()
    for day in range(1, 900):
        series = series.put(day, day % 7)
        assert series.between(day - LEAST_DAYS + 1, day)[-min(day, LEAST_DAYS) :] == tuple(
            one % 7 for one in range(max(day - LEAST_DAYS, 0) + 1, day + 1)
        )
        assert len(series.values) <= MOST_DAYS


def test_a_year_and_two_windows_are_kept() -> None:
    """What churn_usage_drop_30 compares with: the two 28-day windows 52 weeks ago, as whole weeks."""
    series = Daily()
    for day in range(1, 1000):
        series = series.put(day, 10)
    assert series.past is not None
    assert series.past.first <= 1000 - KEEP_DAYS
    assert len(series.past.weeks) <= KEEP_WEEKS
    assert [series.total(999 - 364 - n - 28, 999 - 364 - n - 1) for n in range(28)] == [280] * 28


def test_the_last_months_are_exact() -> None:
    """A month whose days are folded in part or whole still has its own sum, six months back."""
    begin = ordinal(date(2025, 1, 1))
    days = {begin + n: n % 11 for n in range(500)}
    series = Daily()
    for day, units in days.items():
        series = series.put(day, units)
    end = date.fromordinal(begin + 499)
    for ago in range(6):
        number = month_number(end) - ago
        first, last = ordinal(month_start(number)), ordinal(month_start(number + 1)) - 1
        expected = sum(days.get(day, 0) for day in range(first, last + 1))
        assert series.month(number, first, last) == expected


def test_a_late_day_counts_toward_its_folded_week() -> None:
    """Units more on a folded day, and a day told when its week is folded; one beyond all weeks changes nothing."""
    series = Daily()
    for day in range(700, 1000):
        series = series.put(day, 1)
    assert series.add(800, 6).total(0, 10**6) == 306
    assert series.put(801, 6).total(0, 10**6) == 306
    assert series.put(600, 6).total(0, 10**6) == 306
    assert series.put(600, 0) is series
    assert series.put(100, 6) is series


def test_a_long_silence_leaves_nothing_of_what_was_before() -> None:
    """A day more than is kept behind the last one begins anew."""
    assert Daily(1, (5, 6)).put(2 + KEEP_DAYS + 1, 7) == Daily(2 + KEEP_DAYS + 1, (7,))
    assert Daily(1, (5, 6)).put(2 + KEEP_DAYS, 7).total(0, 10**6) == 18


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(10, 12, 12), (11, 11, 0), (0, 10, 5), (12, 99, 7), (13, 20, 0), (0, 9, 0)]
)
def test_a_total_includes_both_ends(first: int, last: int, expected: int) -> None:
    """Days outside are zero."""
    assert Daily(10, (5, 0, 7)).total(first, last) == expected


def test_the_first_day_with_units_is_found() -> None:
    """Leading zeros are no use."""
    assert Daily(10, (0, 0, 7)).first_nonzero() == 12
    assert Daily(10, (0,)).first_nonzero() is None


def test_runs_of_days_grow_together() -> None:
    """A day that closes a gap joins its neighbours; a known day changes nothing."""
    days = Days().with_day(5).with_day(9).with_day(7).with_day(6)
    assert days.runs == ((5, 7), (9, 9))
    assert days.with_day(6).runs == days.runs
    assert days.with_day(8).runs == ((5, 9),)


def test_a_set_covers_a_range_only_without_a_gap() -> None:
    """Every day must be in it; an empty range is covered."""
    days = Days(((5, 7), (9, 9)))
    assert days.covers(5, 7)
    assert not days.covers(5, 9)
    assert not days.covers(4, 6)
    assert days.covers(8, 7)
    assert days.newest() == 9
    assert Days().newest() is None


def test_runs_long_over_are_forgotten() -> None:
    """A run that ended more than the kept days before the newest is gone."""
    assert Days(((1, 3),)).with_day(3 + KEEP_DAYS).runs == ((3 + KEEP_DAYS, 3 + KEEP_DAYS),)
    assert len(Days(((1, 3),)).with_day(2 + KEEP_DAYS).runs) == 2
