"""The outlook of daily consumption: what it believes, what it does not, and when it says nothing."""

from collections.abc import Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.learning.consumption import PEERS, YEAR, Consumption, Outlook, Peers, outlook

WORKING_WEEK = (10.0, 10.0, 10.0, 10.0, 10.0, 2.0, 2.0)
SUNDAY, WEDNESDAY = 6, 2


def seen(days: Sequence[float], weeks: Sequence[float] = (), weekday: int = SUNDAY, peers: Peers = PEERS) -> Outlook:
    """Return the outlook, which must be there."""
    found = outlook(Consumption(days, weeks, weekday), peers)
    assert found is not None
    return found


def month(expected: Outlook) -> float:
    """Return what is expected of a day, on average of the coming four weeks."""
    return sum(expected.ahead(28)) / 28


def year_of_weeks(weeks: Sequence[float]) -> Outlook:
    """Return the outlook of an account whose newest 14 weeks are kept by day, evenly."""
    days = [week / 7 for week in weeks[-14:] for _ in range(7)]
    return seen(days, weeks[:-14])


@pytest.mark.parametrize(("days", "enough"), [(13, False), (14, True)])
def test_two_weeks_of_daily_use_are_the_least(days: int, enough: bool) -> None:
    """Of thirteen days nothing is said."""
    assert (outlook(Consumption([3.0] * days)) is not None) is enough


@pytest.mark.parametrize(("used", "enough"), [(7, False), (8, True)])
def test_of_two_weeks_eight_days_must_have_use(used: int, enough: bool) -> None:
    """Seven of fourteen days are too few."""
    assert (outlook(Consumption([3.0] * (used - 1) + [0.0] * (14 - used) + [3.0])) is not None) is enough


@pytest.mark.parametrize(("weeks", "enough"), [(7, False), (8, True)])
def test_one_that_is_used_now_and_then_needs_eight_weeks(weeks: int, enough: bool) -> None:
    """One day a week: four weeks would make a wild guess."""
    assert (outlook(Consumption([40.0, 0, 0, 0, 0, 0, 0] * weeks)) is not None) is enough


def test_three_days_of_use_are_too_few_however_long_the_history() -> None:
    """Three lumps in a quarter say nothing of the next."""
    lumps = [0.0] * 30
    lumps[0] = 100.0

    assert outlook(Consumption(lumps * 3)) is None
    assert outlook(Consumption(lumps[:20] * 5)) is not None


def test_nothing_is_said_of_one_that_stopped() -> None:
    """No use in a quarter is no consumption to go on with."""
    assert outlook(Consumption([10.0] * 14 + [0.0] * 90)) is not None
    assert outlook(Consumption([10.0] * 14 + [0.0] * 91)) is None


def test_what_is_steady_stays() -> None:
    """The same every day is the same tomorrow and in a year."""
    assert list(seen([7.0] * 100).ahead(400)) == pytest.approx([7.0] * 400)


def test_the_time_before_the_first_use_is_no_low_level() -> None:
    """An account that began three weeks ago has the level of these weeks."""
    assert seen([0.0] * 70 + [7.0] * 21) == seen([7.0] * 21)


def test_the_week_goes_on() -> None:
    """After a Wednesday come two working days and a weekend."""
    days = [WORKING_WEEK[(day + 3) % 7] for day in range(84)]

    assert list(islice(seen(days, weekday=WEDNESDAY).ahead(5), 5)) == pytest.approx([10, 10, 2, 2, 10], rel=0.01)


def test_a_new_account_borrows_the_week_of_its_peers() -> None:
    """After two even weeks the weekend of the peers still shows, after eight it does not."""
    peers = PEERS._replace(weekdays=(1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5))

    assert seen([10.0] * 14, peers=peers).weekdays == pytest.approx([1.15] * 5 + [0.625] * 2)
    assert seen([10.0] * 56, peers=peers).weekdays == pytest.approx([1.0] * 7)


def test_one_day_is_not_believed() -> None:
    """A day of thirty times as much moves the month by a few percent, not to twice."""
    days = [10.0] * 90

    spiked = month(seen([*days, 300.0]))

    assert 10 < spiked < 10.6


def test_a_week_of_more_is_believed() -> None:
    """Seven days in a row are no spike any more."""
    assert month(seen([10.0] * 90 + [30.0] * 7)) > 11.5


def test_lumps_are_what_a_lumpy_account_consumes() -> None:
    """Nothing is cut off where most days are empty: the mean is that of all."""
    assert month(seen([0.0, 0, 0, 0, 0, 0, 70.0] * 15)) == pytest.approx(10.0, rel=0.02)


def test_a_trend_goes_on_and_runs_out() -> None:
    """Growth of the last month goes on, slower and slower, and never beyond half as much again."""
    growing = [10.0 * 1.01**day for day in range(119)]
    coming = list(seen(growing).ahead(400))

    assert coming[0] < coming[60] < coming[200]
    assert coming[399] / coming[330] < 1.01
    assert coming[399] < 1.5 * coming[0]


def test_a_month_without_a_quarter_before_it_has_no_trend() -> None:
    """Who ramps up in the first weeks is not thought to go on so for a year."""
    assert seen([1.0 + day for day in range(60)]).trend == 0


def test_last_years_shape_comes_back() -> None:
    """A quarter that was twice as busy a year ago is expected to be busier again."""
    weeks = [70.0] * 13 + [140.0] * 13 + [70.0] * 35

    coming = list(year_of_weeks(weeks).ahead(200))

    assert sum(coming[10:25]) / 15 == pytest.approx(10.0, rel=0.1)
    assert sum(coming[60:75]) / 15 > 15


def test_last_years_shape_moves_with_the_level() -> None:
    """Twice last year's level now means twice last year's shape to come."""
    quiet = year_of_weeks([70.0] * 61)
    doubled = year_of_weeks([35.0] * 47 + [70.0] * 14)

    assert quiet.since_last_year == pytest.approx(1.0)
    assert doubled.since_last_year == pytest.approx(2.0)
    assert month(doubled) == pytest.approx(10.0, rel=0.05)


@pytest.mark.parametrize(("days", "share"), [(YEAR + 27, 0.0), (YEAR + 28, 0.8)])
def test_the_shape_needs_a_year_and_a_month(days: int, share: float) -> None:
    """With a day less nothing says how the level moved."""
    assert seen([5.0] * days).year_share == share


def test_a_steady_account_is_trusted_more_than_a_restless_one() -> None:
    """Its own past months say how far a forecast misses."""
    steady = seen([10.0] * 280)
    restless = seen([10.0 if day // 28 % 2 else 20.0 for day in range(280)])

    assert steady.miss < 0.1 < 0.3 < restless.miss


def test_a_new_account_borrows_how_far_its_peers_miss() -> None:
    """Without a forecast of its own past, the whole width is lent; the more it is used on few days, the wider."""
    daily, lumpy = seen([10.0] * 30), seen([10.0, 0, 0, 0] * 20)

    assert (daily.forecasts, daily.borrowed) == (0, 1.0)
    assert daily.miss == pytest.approx(0.15)
    assert lumpy.miss > 2 * daily.miss
    assert seen([10.0] * 112).borrowed == pytest.approx(0.5, abs=0.1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=105), st.lists(st.floats(0, 1e7), max_size=47))
def test_nothing_negative_or_endless_is_expected(days: list[float], weeks: list[float]) -> None:
    """Whatever the history, what is expected is a number of at least zero."""
    expected = outlook(Consumption(days, weeks))

    if expected is not None:
        assert all(0 <= units < 1e12 for units in expected.ahead(400))
        assert 0 < expected.miss < 100


@given(st.lists(st.integers(0, 1000), min_size=60, max_size=105), st.integers(2, 1000))
def test_the_unit_does_not_matter(days: list[int], times: int) -> None:
    """Cents or dollars: the outlook is the same."""
    small, large = outlook(Consumption(days)), outlook(Consumption([day * times for day in days]))

    assert (small is None) == (large is None)
    if small is not None and large is not None:
        assert [units * times for units in small.ahead(90)] == pytest.approx(list(large.ahead(90)))
        assert small.miss == pytest.approx(large.miss)
