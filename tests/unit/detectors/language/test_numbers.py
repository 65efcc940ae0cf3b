"""Exact numbers and times: what decides at an edge."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast
from support.rule_scope import NAMES, NOW, PARAMS, FakeScope


def evaluated(text: str, **facts: object) -> object:
    """Evaluate over facts."""
    compiled = compile_expression(text, names=NAMES, params=PARAMS)
    return compiled.evaluate(FakeScope({name.replace("__", "."): value for name, value in facts.items()}))


@pytest.mark.parametrize(("mrr", "holds"), [("1666.66", False), ("1666.67", True), ("1666.68", True)])
def test_money_is_exact_at_the_cent(mrr: str, holds: bool) -> None:
    """$1,666.67 reaches a floor of $1,666.67; in floats it would not."""
    assert evaluated("mrr >= floor", mrr=Decimal(mrr)) is holds


@pytest.mark.parametrize(
    ("members", "active", "holds"), [(6, 5, True), (11, 10, False), (12, 10, True), (119_999, 100_000, False)]
)
def test_plus_twenty_percent_is_exact(members: int, active: int, holds: bool) -> None:
    """A growth of exactly 20 % reaches 20 %, from any base."""
    assert evaluated("members / active - 1 >= drop", members=members, active=active) is holds


@pytest.mark.parametrize("base", [3, 7, 30, 9_999, 123_456_789])
def test_exact_growth_never_depends_on_the_base(base: int) -> None:
    """Six fifths of any base is +20 %; one less is not."""
    assert evaluated("members / active - 1 >= drop", members=6 * base, active=5 * base) is True
    assert evaluated("members / active - 1 >= drop", members=6 * base - 1, active=5 * base) is False


def test_money_ratio_is_decimal() -> None:
    """Money over money is an exact share."""
    facts = {"mrr": Decimal("2000.004"), "arr": Decimal("1666.67")}
    ratio = compile_expression("billing.limit / sum(p.spend for p in people)", names=NAMES, params=PARAMS)
    scope = FakeScope({"billing.limit": facts["mrr"], "people": [{"spend": facts["arr"]}]})

    assert ratio.evaluate(scope) == Decimal("1.2")


def test_division_by_zero_is_unknown() -> None:
    """No quotient, no answer."""
    assert evaluated("members / active >= drop", members=5, active=0) is UNKNOWN
    assert evaluated("members / active", members=0, active=0) is UNKNOWN


def test_arithmetic_with_unknown_or_null_is_unknown() -> None:
    """Nothing is computed from what is missing."""
    for op in "+-*/":
        assert evaluated(f"members {op} active", active=2) is UNKNOWN
        assert evaluated(f"members {op} active", members=None, active=2) is UNKNOWN
    assert evaluated("-members", members=3) == -3
    assert evaluated("abs(members - active)", members=3, active=5) == 2


def test_chained_comparison_is_a_conjunction() -> None:
    """``a <= x < b`` holds only where both do."""
    assert evaluated("0 < members <= few", members=5) is True
    assert evaluated("0 < members <= few", members=0) is False
    assert evaluated("0 < members <= few") is UNKNOWN


def test_extremes() -> None:
    """Min and max of values; money against 0."""
    assert evaluated("max(members, active, 1)", members=0, active=0) == 1
    assert evaluated("min(mrr, 0)", mrr=Decimal(5)) == 0
    assert evaluated("max(members, active)", members=1) is UNKNOWN


def test_functions_get_values_and_give_unknown() -> None:
    """A registered function is called with known values only; its bound is a bound."""
    series = {7: 10, 14: AtLeast(5), 21: UNKNOWN}

    assert evaluated("total(usage.total, week)", usage__total=series) == 10
    assert evaluated("total(usage.total, week, week) >= few", usage__total=series) is True
    assert evaluated("total(usage.total, week, week) == 0", usage__total=series) is False
    assert (
        evaluated("1 - total(usage.total, week) / total(usage.total, week, week) >= drop", usage__total=series)
        is UNKNOWN
    )
    assert evaluated("total(usage.total, week)") is UNKNOWN


def test_age_of_an_instant_is_exact() -> None:
    """An age is compared to the microsecond."""
    assert evaluated("age(seen_at) >= hours", seen_at=NOW - timedelta(hours=48)) is True
    assert evaluated("age(seen_at) >= hours", seen_at=NOW - timedelta(hours=48) + timedelta(microseconds=1)) is False
    assert evaluated("until(created_at) < week", created_at=NOW + timedelta(days=7)) is False
    assert evaluated("until(created_at) > 0", created_at=NOW) is False


def test_age_of_a_day_counts_calendar_days_of_the_business_zone() -> None:
    """At 03:30 UTC it is still yesterday in New York."""
    late = FakeScope({"starts_on": date(2026, 3, 8)}, now=datetime(2026, 3, 15, 3, 30, tzinfo=UTC))
    later = FakeScope({"starts_on": date(2026, 3, 8)}, now=datetime(2026, 3, 15, 4, 30, tzinfo=UTC))
    rule = compile_expression("age(starts_on) >= week", names=NAMES, params=PARAMS)

    assert (rule.evaluate(late), rule.evaluate(later)) == (False, True)


def test_times_and_durations_combine() -> None:
    """An instant plus a duration is an instant; two days apart give a duration; durations divide exactly."""
    assert evaluated("created_at + week < seen_at", created_at=NOW, seen_at=NOW + timedelta(days=8)) is True
    assert evaluated("ends_on - starts_on >= fortnight", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 15)) is True
    assert evaluated("(ends_on - starts_on) / week", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 8)) == 1
    assert evaluated("fortnight / 1 == week * few / few + week", starts_on=date(2026, 3, 1)) is True
    assert evaluated("starts_on + week == ends_on", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 8)) is True


def test_overflow_is_unknown() -> None:
    """A day beyond the calendar is not known rather than an error."""
    assert evaluated("ends_on + week > starts_on", starts_on=date(2026, 3, 1), ends_on=date.max) is UNKNOWN


def test_lets_are_computed_once() -> None:
    """A let that is read twice asks for its facts once."""
    asked: list[str] = []

    class Counting(FakeScope):
        def fact(self, name: str, /) -> object:
            asked.append(name)
            return super().fact(name)

    half = compile_expression("members / active", names=NAMES)
    rule = compile_expression("half > 0 and half < 1", names=NAMES, lets={"half": half})

    assert rule.evaluate(Counting({"members": 1, "active": 2})) is True
    assert asked == ["members", "active"]
    assert rule.reads == {"members", "active"}
