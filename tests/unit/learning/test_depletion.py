"""The day on which credit is gone: lots, expiries, top-ups, and the band."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.learning.consumption import Consumption, Outlook, outlook
from signals.learning.depletion import MOST_DAYS, Depletion, Lot, course, depletion


def steady(units: float = 10.0) -> Outlook:
    """Return the outlook of an account that consumes the same every day."""
    found = outlook(Consumption([units] * 100))
    assert found is not None
    return found


@pytest.mark.parametrize(("units", "day"), [(299.9, 30), (300.0, 30), (300.1, 31)])
def test_the_day_on_which_the_last_of_it_goes_counts(units: float, day: int) -> None:
    """Exactly thirty days' worth is gone on the thirtieth."""
    assert depletion(steady(), [Lot(units)]).p50 == day


def test_the_band_lies_around_the_middle() -> None:
    """Near end, middle and far end, in this order."""
    said = depletion(steady(), [Lot(600)])

    assert said.p10 is not None
    assert said.p50 == 60
    assert said.p90 is not None
    assert said.p10 < said.p50 < said.p90


def test_nothing_left_is_gone_today() -> None:
    """Zero days, not never."""
    assert depletion(steady(), [Lot(0)]) == Depletion(0, 0, 0)
    assert depletion(steady(), []) == Depletion(0, 0, 0)


def test_further_than_the_horizon_is_not_told() -> None:
    """The near end may still be within it."""
    assert depletion(steady(), [Lot(10.0 * MOST_DAYS)]).p50 == MOST_DAYS
    assert depletion(steady(), [Lot(10.0 * MOST_DAYS + 1)]).p50 is None
    assert depletion(steady(), [Lot(1e9)]) == Depletion(None, None, None)


def test_a_top_up_moves_the_day_out() -> None:
    """Credit that comes on top is used after what was there."""
    assert depletion(steady(), [Lot(300), Lot(200)]).p50 == 50


def test_what_expires_is_used_first_and_lapses() -> None:
    """Of 400 that expire in 30 days a hundred lapse; the 200 that stay last until day 50."""
    assert depletion(steady(), [Lot(200), Lot(400, expires_in=30)]).p50 == 50


def test_an_expiry_after_the_end_changes_nothing() -> None:
    """All of it is used before, even at the far end."""
    assert depletion(steady(), [Lot(300, expires_in=40)]) == depletion(steady(), [Lot(300)])


def test_credit_that_all_expires_is_gone_that_day_at_the_latest() -> None:
    """However little is used."""
    assert depletion(steady(0.1), [Lot(300, expires_in=12)]) == Depletion(12, 12, 12)


def test_two_expiries_follow_each_other() -> None:
    """100 by day 5 (50 lapse), 100 by day 20 (all used by day 15), 50 without: gone on day 20."""
    assert depletion(steady(), [Lot(100, 5), Lot(100, 20), Lot(50)]).p50 == 20


def test_the_course_crosses_what_is_left_on_the_days_of_the_band() -> None:
    """Much is used up by the near end, little by the far end."""
    said = depletion(steady(), [Lot(600)])
    used = list(course(steady()))

    for end, which in ((said.p10, 2), (said.p50, 1), (said.p90, 0)):
        assert end is not None
        assert used[end - 2][which] < 600 <= used[end - 1][which] + 1e-9


@given(st.lists(st.floats(0.1, 1e4), min_size=30, max_size=105), st.floats(1, 1e6), st.integers(1, 300))
def test_an_expiry_never_makes_it_last_longer(days: list[float], units: float, expires_in: int) -> None:
    """Nor does it pull the ends of the band out of order."""
    expected = outlook(Consumption(days))
    assert expected is not None

    free, bound = depletion(expected, [Lot(units)]), depletion(expected, [Lot(units, expires_in)])

    for one, other in zip(bound, free, strict=True):
        assert one is not None
        assert one <= expires_in
        assert other is None or one <= other
    ends = [MOST_DAYS + 1 if one is None else one for one in free]
    assert ends == sorted(ends)


@given(st.lists(st.floats(0.1, 1e4), min_size=30, max_size=105), st.floats(1, 1e5), st.floats(1, 1e5))
def test_more_credit_never_ends_sooner(days: list[float], units: float, more: float) -> None:
    """At any end of the band."""
    expected = outlook(Consumption(days))
    assert expected is not None

    for one, other in zip(depletion(expected, [Lot(units)]), depletion(expected, [Lot(units + more)]), strict=True):
        assert other is None or (one is not None and one <= other)
