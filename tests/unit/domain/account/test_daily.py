"""Daily series and sets of days: bounded, dense, never changed in place."""

import pytest

from signals.domain.account.daily import KEEP_DAYS, Daily, Days


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


def test_only_the_last_days_are_kept() -> None:
    """A new day pushes out the oldest; one older than that changes nothing."""
    full = Daily(1, tuple(range(1, KEEP_DAYS + 1)))
    pushed = full.put(KEEP_DAYS + 1, 99)
    assert (pushed.start, len(pushed.values), pushed.on(1)) == (2, KEEP_DAYS, 0)
    assert pushed.put(1, 5) is pushed
    assert full.put(5000, 1).values[-1] == 1
    assert len(full.put(5000, 1).values) == KEEP_DAYS


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
