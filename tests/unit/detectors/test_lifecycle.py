"""Stages and adjustments: the worked examples of the handbook (4.1, 4.2, 8.1)."""

from decimal import Decimal

import pytest

from signals.detectors.language.names import UNKNOWN
from signals.detectors.lifecycle import Stage, adjusted, declines, is_credited, is_spike, stage_of, variation


def months(*amounts: str) -> dict[int, Decimal]:
    """Return revenue of months 0, 1, 2 ..."""
    return {number: Decimal(amount) for number, amount in enumerate(amounts)}


@pytest.mark.parametrize(
    ("before_that", "before", "current", "after", "spike"),
    [
        ("1000", "1000", "2000", "500", False),
        ("1000", "1000", "2001", "1000", True),
        ("1000", "1000", "2500", "1200", True),
        ("400", "400", "1399", "500", False),
        ("400", "400", "1400", "700", True),
        ("400", "400", "1400", "701", False),
        ("500", "1500", "2100", "900", True),
        ("0", "0", "1500", "0", False),
        ("1000", "0", "5000", "0", False),
    ],
)
def test_what_a_spike_is(before_that: str, before: str, current: str, after: str, spike: bool) -> None:
    """More than twice the mean, by 1,000, and the next month at most half; two prior paying months."""
    assert is_spike(months(before_that, before, current, after), 2) is spike


@pytest.mark.parametrize(
    ("credit", "after", "counts"), [("500", "950", True), ("499", "950", False), ("500", "949.99", False)]
)
def test_a_month_emptied_by_credit(credit: str, after: str, counts: bool) -> None:
    """Prior 1000, prior2 900, mean 950."""
    revenue, given = months("900", "1000", "100", after), {2: Decimal(credit)}
    assert is_credited(revenue, given, 2) is counts
    assert adjusted(revenue, given)[2] == (1000 if counts else 100)


def test_a_spike_month_counts_as_the_mean_before_it() -> None:
    """400, 400, 1400, 700: flat then growing, not growing then shrinking."""
    revenue = months("400", "400", "1400", "700")
    assert adjusted(revenue, {}) == months("400", "400", "400", "700")
    assert [stage_of(revenue, month).stage for month in (2, 3)] == [Stage.FLAT, Stage.GROWING]


def test_a_spike_that_may_be_one_is_provisional() -> None:
    """Until the next month closes it grows."""
    month = stage_of(months("400", "400", "1400"), 2)
    assert (month.stage, month.provisional) == (Stage.GROWING, True)


def test_credit_makes_no_pair_of_churned_and_reactivated() -> None:
    """The emptied month is undecided until the next one closes, and then it is flat."""
    given = {2: Decimal(1000)}
    assert stage_of(months("1000", "1000", "0"), 2, credits=given).stage is UNKNOWN
    revenue = months("1000", "1000", "0", "1000")
    assert [stage_of(revenue, month, credits=given).stage for month in (2, 3)] == [Stage.FLAT, Stage.FLAT]


def test_a_trial_of_ours_keeps_the_revenue_of_before() -> None:
    """And when it ends without a subscription the customer is lost."""
    revenue = months("3000", "3000", "0", "0")
    assert stage_of(revenue, 2, held=[2]).stage is Stage.FLAT
    assert stage_of(revenue, 3, held=[2]).stage is Stage.CHURNED


@pytest.mark.parametrize(
    ("before", "current", "stage"),
    [
        ("100", "100", Stage.FLAT),
        ("100", "150", Stage.GROWING),
        ("200", "120", Stage.SHRINKING),
        ("80", "0", Stage.CHURNED),
        ("100", "100.00", Stage.FLAT),
        ("100", "100.01", Stage.GROWING),
        ("0", "0", None),
    ],
)
def test_the_stages(before: str, current: str, stage: Stage | None) -> None:
    """Customers A to D, and the edges."""
    assert stage_of(months("0", before, current), 2).stage is stage


def test_new_and_reactivated() -> None:
    """E never paid, F paid once earlier; paying, zero for one month, paying is never new."""
    assert stage_of(months("0", "50"), 1, whole_since=0).stage is Stage.NEW
    assert stage_of(months("0", "50"), 1, first_paid=1).stage is Stage.NEW
    assert stage_of(months("0", "70"), 1, first_paid=-5).stage is Stage.REACTIVATED
    revenue = months("70", "0", "70")
    assert [stage_of(revenue, month).stage for month in (1, 2)] == [Stage.CHURNED, Stage.REACTIVATED]


def test_without_the_month_before_nothing_is_known() -> None:
    """Unless the organization, or its paying, began in the month."""
    assert stage_of({5: Decimal(50)}, 5).stage is UNKNOWN
    assert stage_of({5: Decimal(50)}, 5, whole_since=5).stage is Stage.NEW
    assert stage_of({5: Decimal(50)}, 5, first_paid=5).stage is Stage.NEW
    assert stage_of({4: Decimal(0), 5: Decimal(50)}, 5).stage is UNKNOWN
    assert stage_of({}, 5).stage is UNKNOWN


def test_declines_and_swings() -> None:
    """Three declines in a row; of 100 and 300 alternating the swing is a half."""
    assert declines(months("5", "6", "5", "4", "3"), 4) == 3
    assert declines(months("5"), 0) == 0
    assert variation(months(*["100", "300"] * 3), 5, 6) == Decimal("0.5")
    assert variation(months("100", "300"), 1, 6) is UNKNOWN
    assert variation(months(*["0"] * 6), 5, 6) is UNKNOWN
