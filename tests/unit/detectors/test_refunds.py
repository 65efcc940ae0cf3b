"""Refunds: the worked examples of the catalogue (4.3, 4.4)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signals.detectors.refunds import (
    Claim,
    Scenario,
    Way,
    baseline,
    decided_by,
    overage,
    refund,
    refund_lines,
    refusals,
    repeat,
    scenario,
    steepest,
    to_check,
    up_by_200,
    way_back,
)

M = 1_000_000
TIERS = {"0": Decimal(0), "1000000": Decimal("0.00005"), "2000000": Decimal("0.00003")}
BILLED = date(2026, 6, 1)


def claim(**given: Any) -> Claim:
    """Return a claim of the day of billing, that of a new client's first bill of 50 unless told."""
    usual: dict[str, Any] = {
        "billed_on": BILLED, "asked_on": BILLED, "first_bill": Decimal(50), "new_or_off_startup": True,
    }  # fmt: skip
    return Claim(**(usual | given))


def test_the_baseline_is_the_mean_of_three_months() -> None:
    """A mean of 1 M and a spike of 3 M leave 2 M."""
    assert baseline((900_000, M, 1_100_000)) == M
    assert overage(3 * M, (M, M, M)) == 2 * M
    assert overage(M // 2, (M, M, M)) == 0


@pytest.mark.parametrize(("usage", "over"), [(3 * M, False), (3 * M + 1, True), (2 * M + 1, False)])
def test_200_percent_up_is_more_than_three_times(usage: int, over: bool) -> None:
    """3,000,000 after a mean of a million is exactly 200 % up, which is not over."""
    assert up_by_200(usage, (M, M, M)) is over


def test_money_is_a_difference_of_prices() -> None:
    """80 - 0, and not the price of 2 M, which is 50."""
    assert refund(TIERS, 3 * M, M) == 80


def test_each_product_has_its_own_line() -> None:
    """Product analytics 80 and person profiles 20 come to 100 in two lines; what has no overage has no line."""
    prices = {"product_analytics": TIERS, "person_profiles": {"0": Decimal("0.0001")}, "surveys": TIERS}
    spikes = {"product_analytics": 3 * M, "person_profiles": 300_000, "surveys": 5}
    lines = refund_lines(spikes, {"product_analytics": M, "person_profiles": 100_000, "surveys": 5}, prices)
    assert lines == {"product_analytics": 80, "person_profiles": 20}
    assert sum(lines.values()) == 100


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, Scenario.LEARNING_CURVE),
        ({"first_bill": Decimal(1)}, None),
        ({"first_bill": Decimal("1.01")}, Scenario.LEARNING_CURVE),
        ({"new_or_off_startup": False}, None),
        ({"hobby_project": True}, Scenario.STARDOM),
        ({"first_bill": None, "no_revenue": True, "usage": 3 * M + 1, "months_before": (M, M, M)}, Scenario.STARDOM),
        ({"first_bill": None, "no_revenue": True, "usage": 3 * M, "months_before": (M, M, M)}, None),
        ({"first_bill": None, "usage": 4 * M, "months_before": (M, M, M)}, None),
        ({"attacked": True, "usage": M + 1, "months_before": (M, M, M)}, Scenario.ATTACK),
        ({"unintended_features": True}, Scenario.WRONG_SETUP),
    ],
)
def test_scenarios(given: dict[str, Any], found: Scenario | None) -> None:
    """The four scenarios of the table, at and beside their edges."""
    assert scenario(claim(**given)) is found


@pytest.mark.parametrize(("day", "ok"), [(30, True), (31, False)])
def test_a_claim_comes_within_thirty_days(day: int, ok: bool) -> None:
    """Day 30 is in time, day 31 is not, whatever the first bill was; then revenue operations decides."""
    found = refusals(claim(asked_on=BILLED + timedelta(days=day)))
    assert (found == ()) is ok
    assert decided_by(Decimal(50), refused=found) == ("support" if ok else "revops")


@pytest.mark.parametrize("given", [{"explained": False}, {"fraud": True}, {"stopped": False}, {"measure_taken": False},
                                   {"new_or_off_startup": False}])  # fmt: skip
def test_what_stands_against_a_claim(given: dict[str, Any]) -> None:
    """No explanation, fraud, usage that goes on, no measure, no scenario."""
    assert len(refusals(claim(**given))) == 1


def test_repeats() -> None:
    """The second unfixed gets half at most, the third may be declined, and never for a fault of ours."""
    assert repeat(1).most == 1
    assert repeat(2, fixed=False).most == Decimal("0.5")
    assert repeat(2, fixed=True).most == 1
    assert repeat(3).most == 0
    assert repeat(3, our_fault=True).most == 1


@pytest.mark.parametrize(("spend", "who"), [("1666.99", "support"), ("1667", "revops")])
def test_large_customers_go_to_revenue_operations(spend: str, who: str) -> None:
    """1,667 a month and more."""
    assert decided_by(Decimal(spend)) == who


@pytest.mark.parametrize("odd", ["something_off", "several_lately", "invoice_must_change"])
def test_odd_cases_go_to_revenue_operations(odd: str) -> None:
    """Something off, several lately, an invoice that must change."""
    assert decided_by(Decimal(10), **{odd: True}) == "revops"  # type: ignore[arg-type]


def test_the_way_back() -> None:
    """Credit while the period is open, a credit note once it is final, overdue ones by revenue operations."""
    assert way_back(period_open=True, invoice_final=False, first_time=True) == "credit"
    assert way_back(period_open=False, invoice_final=True, first_time=True) == "refund by a credit note"
    assert way_back(period_open=False, invoice_final=True, first_time=False) == "revenue operations"
    assert "credit note" in way_back(period_open=False, invoice_final=True, first_time=True, overdue=True)


@pytest.mark.parametrize(
    ("way", "who"),
    [
        (None, "support"),
        (Way.CREDIT, "support"),
        (Way.CREDIT_NOTE, "support"),
        (Way.OVERDUE, "revops"),
        (Way.REVOPS, "revops"),
    ],
)
def test_who_pays_it_back_decides(way: Way | None, who: str) -> None:
    """A credit note of an overdue invoice, and a second refund, are for revenue operations, however little is spent."""
    assert decided_by(Decimal(100), way=way) == who


@pytest.mark.parametrize(
    ("units", "months", "found"),
    [
        ({"a": 3 * M, "b": 1010}, {"a": (0, 0, 0), "b": (1000, 1000, 1000)}, "a"),
        ({"a": 0, "b": 1010}, {"a": (0, 0, 0), "b": (1000, 1000, 1000)}, "b"),
        ({"a": 5, "b": 6}, {"a": (0,), "b": (0,)}, "b"),
        ({"a": 3000, "b": 3001}, {"a": (1000,), "b": (1000,)}, "b"),
        ({"a": 9 * M, "b": 1010}, {"b": (1000,)}, "b"),
    ],
)
def test_the_steepest_product(units: dict[str, int], months: dict[str, tuple[int, ...]], found: str) -> None:
    """From nothing to something is steepest; from nothing to nothing, and from what is not known, it is not."""
    assert steepest(units, months) == found


def test_from_nothing_to_something_is_up_by_more_than_200_percent() -> None:
    """Which makes it stardom, where there is no revenue."""
    assert up_by_200(1, (0, 0, 0))
    risen = claim(first_bill=None, no_revenue=True, usage=3 * M, months_before=(0, 0, 0))
    assert scenario(risen) is Scenario.STARDOM


UNTOLD: dict[str, Any] = dict.fromkeys(
    ("no_revenue", "hobby_project", "attacked", "unintended_features", "explained", "fraud", "stopped", "measure_taken")
)


def test_what_nobody_told_is_to_be_checked_and_speaks_against_nothing() -> None:
    """Not knowing is neither for nor against a claim; a first bill is a scenario of its own."""
    untold = claim(first_bill=None, new_or_off_startup=False, **UNTOLD)
    assert refusals(untold) == ()
    assert to_check(untold) == (
        "which scenario explains it", "signs of fraud", "whether usage has stopped", "a measure against a repeat",
    )  # fmt: skip
    first = claim(**{**UNTOLD, "explained": True})
    assert to_check(first) == to_check(untold)[1:]


def test_what_fits_no_scenario_is_refused_once_everything_is_told() -> None:
    """While one of the four things is not told it may still be that one."""
    told = claim(first_bill=None, new_or_off_startup=False)
    assert refusals(told) == ("no reasonable explanation that fits a scenario",)
    assert (refusals(claim(first_bill=None, hobby_project=None)), to_check(told)) == ((), ())


def test_nobody_asked_too_late_who_has_not_asked() -> None:
    """The 30 days run, and are not over."""
    assert refusals(claim(asked_on=None)) == ()
