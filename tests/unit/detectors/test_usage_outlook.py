"""From kept daily use to days on which something is gone: holes, stale balances, lots, and what it rests on."""

from datetime import date

import pytest

from signals.detectors.usage_outlook import (
    LATEST_REPORT,
    LONGEST_STALE,
    MOST_MISSING,
    Forecast,
    gone_on,
    history,
    rests_on,
    too_little,
    used_since,
    within,
)
from signals.domain.account.daily import Daily, Days, ordinal
from signals.learning.consumption import Consumption, Outlook, outlook

MONDAY = ordinal(date(2026, 6, 15))
YESTERDAY = MONDAY - 1


def kept(units: list[int], last: int = YESTERDAY) -> Daily:
    """Return the series that ends on *last*, as an account keeps it."""
    daily = Daily()
    for day, one in enumerate(units, start=last - len(units) + 1):
        daily = daily.put(day, one)
    return daily


def told(days: int, last: int = YESTERDAY, *, without: tuple[int, ...] = ()) -> Days:
    """Return the reported days that end on *last*; *without* are days before it."""
    found = Days()
    for ago in range(days - 1, -1, -1):
        if ago not in without:
            found = found.with_day(last - ago)
    return found


def known_of(units: list[int], reported: Days, created: int | None = None) -> Consumption:
    """Return the history as of Monday, which must be there."""
    found = history(kept(units), reported, created, MONDAY)
    assert found is not None
    return found[0]


def steady(days: int = 100) -> tuple[Outlook, Consumption]:
    """Return ten a day until yesterday."""
    known = Consumption([10.0] * days)
    expected = outlook(known)
    assert expected is not None
    return expected, known


def test_the_history_is_days_and_the_weeks_before_them() -> None:
    """A year and more of ten a day, as days and sevenfold."""
    known = known_of([10] * 430, told(430))

    assert set(known.days) == {10}
    assert set(known.weeks) == {70}
    assert len(known.days) + 7 * len(known.weeks) > 392
    assert known.weekday == 6


@pytest.mark.parametrize(("late", "there"), [(LATEST_REPORT, True), (LATEST_REPORT + 1, False)])
def test_reports_that_stopped_say_nothing_of_today(late: int, there: bool) -> None:
    """A week without a report is the most."""
    last = MONDAY - late

    assert (history(kept([10] * 60, last), told(60, last), None, MONDAY) is not None) is there


def test_what_is_reported_of_today_is_not_a_day_yet() -> None:
    """It ends with yesterday."""
    found = history(kept([*[10] * 60, 3], MONDAY), told(61, MONDAY), None, MONDAY)

    assert found is not None
    assert found[1] == YESTERDAY
    assert set(found[0].days) == {10}


def test_a_short_hole_is_filled_by_the_same_weekdays() -> None:
    """Two days nobody reported are no days without use."""
    units = [20 if day % 7 == 0 else 10 for day in range(60)]
    units[40], units[42] = 0, 0

    known = known_of(units, told(60, without=(59 - 40, 59 - 42)))

    assert (known.days[40], known.days[42]) == (10, 20)


@pytest.mark.parametrize(("missing", "days"), [(MOST_MISSING, 60), (MOST_MISSING + 1, 30)])
def test_before_a_long_hole_nothing_counts(missing: int, days: int) -> None:
    """A week is bridged, a day more is not."""
    hole = tuple(range(30, 30 + missing))

    assert len(known_of([10] * 60, told(60, without=hole)).days) == days


def test_a_folded_week_with_an_unreported_day_is_taken_in_proportion() -> None:
    """Six days of ten are a week of seventy."""
    units = [10] * 200
    units[200 - 150] = 0

    known = known_of(units, told(200, without=(149,)))

    assert known.weeks == pytest.approx([70] * len(known.weeks))
    assert len(known.weeks) > 10


def test_before_the_organization_there_was_no_use() -> None:
    """Days before its creation are not in the history."""
    assert len(known_of([0] * 30 + [10] * 30, told(60), MONDAY - 30).days) == 30


def test_what_was_used_since_the_balances_day_is_taken_off() -> None:
    """305 left at the beginning of the day five days ago: 50 are used, 255 last another 26 days."""
    expected, known = steady()
    gone = gone_on(expected, known, YESTERDAY, 305, YESTERDAY - 4)

    assert gone is not None
    assert gone.p50 == 26


def test_a_balance_of_days_to_come_lasts_as_much_longer() -> None:
    """305 left in three days' time: what is used until then comes on top."""
    expected, known = steady()

    assert used_since(expected, known, YESTERDAY, YESTERDAY + 4) == pytest.approx(-30)
    gone = gone_on(expected, known, YESTERDAY, 305, YESTERDAY + 4)
    assert gone is not None
    assert gone.p50 == 34


@pytest.mark.parametrize(("old", "there"), [(LONGEST_STALE, True), (LONGEST_STALE + 1, False)])
def test_a_balance_too_old_says_nothing(old: int, there: bool) -> None:
    """What was used since is known only of the days kept one by one."""
    expected, known = steady(105)

    assert (gone_on(expected, known, YESTERDAY, 5000, YESTERDAY - old + 1) is not None) is there


def test_use_comes_from_what_expires_first() -> None:
    """300, of which 100 expire in twenty days; 50 were used since, of those: 50 lapse or are used by day 20."""
    expected, known = steady()
    gone = gone_on(expected, known, YESTERDAY, 300, YESTERDAY - 4, [(100, YESTERDAY + 20)])

    assert gone is not None
    assert gone.p50 == 25


def test_it_says_what_it_rests_on() -> None:
    """A year with its shape, months without, weeks with a lent band, and days with everything lent."""
    year, months, weeks, days = (outlook(Consumption([10.0] * count)) for count in (400, 240, 70, 20))

    assert year is not None
    assert months is not None
    assert weeks is not None
    assert days is not None
    assert rests_on(year) == "13 months of daily use, with last year's shape"
    assert rests_on(months) == "8 months of daily use, without a year to compare"
    assert rests_on(weeks) == "70 days of daily use; the band is mostly lent by other accounts' use"
    assert rests_on(days) == "20 days of use; weekdays and band lent by other accounts' use"


def test_it_says_why_there_is_none() -> None:
    """Days short of it, a use that stopped, and reports that stopped."""
    assert too_little(Consumption([0.0] * 6 + [1.0] * 4)).startswith("not enough history: 4 of 4 days with use")
    assert too_little(Consumption([1.0] + [0.0] * 104)).startswith("not enough history: hardly any use")
    assert too_little(None).startswith("not enough history: no report")


def test_a_period_ends_the_forecast() -> None:
    """Days at or behind its end are none: it begins anew."""
    found = Forecast(date(2026, 6, 20), date(2026, 6, 21), date(2026, 6, 22), "")

    assert within(found, date(2026, 6, 21)) == Forecast(date(2026, 6, 20), None, None, "")
