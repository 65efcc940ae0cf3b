"""When to look again: the exact instants."""

from datetime import UTC, date, datetime, timedelta

import pytest

from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.domain.errors import PackError
from support.rule_scope import NAMES, NOW, PARAMS, FakeScope, param

TICK = timedelta(microseconds=1)
WEEK = timedelta(days=7)


def compiled(text: str, **lets: str) -> Expression:
    """Compile over the shared names."""
    made: dict[str, Expression] = {}
    for name, let in lets.items():
        made[name] = compile_expression(let, names=NAMES, params=PARAMS, lets=made)
    return compile_expression(text, names=NAMES, params=PARAMS, lets=made)


def wakes(text: str, **facts: object) -> tuple[datetime, ...]:
    """Return the wake-ups over facts."""
    return compiled(text).wakes(FakeScope(facts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age(seen_at) >= week", [WEEK]),
        ("age(seen_at) < week", [WEEK]),
        ("age(seen_at) > week", [WEEK + TICK]),
        ("age(seen_at) <= week", [WEEK + TICK]),
        ("age(seen_at) == week", [WEEK, WEEK + TICK]),
        ("week <= age(seen_at)", [WEEK]),
        ("until(seen_at) < -week", [WEEK + TICK]),
        ("until(seen_at) <= -week", [WEEK]),
        ("age(seen_at) - hours >= week", [WEEK + timedelta(hours=48)]),
        ("age(seen_at) - age(created_at) >= week", []),
    ],
)
def test_an_instant_flips_to_the_microsecond(text: str, expected: list[timedelta]) -> None:
    """Ordered comparisons flip at the instant or one microsecond later; an equality does both."""
    assert wakes(text, seen_at=NOW, created_at=NOW) == tuple(NOW + span for span in expected)


def test_past_flips_are_left_out() -> None:
    """Only instants after now are returned, now itself excluded."""
    assert wakes("age(seen_at) >= week", seen_at=NOW - WEEK) == ()
    assert wakes("age(seen_at) >= week", seen_at=NOW - timedelta(days=8)) == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("age(starts_on) >= week", date(2026, 3, 22)),
        ("age(starts_on) > week", date(2026, 3, 23)),
        ("until(starts_on) < -week", date(2026, 3, 23)),
        ("age(starts_on) >= half_day", date(2026, 3, 16)),
    ],
)
def test_a_day_flips_at_midnight_in_the_business_zone(text: str, day: date) -> None:
    """Calendar days change at 00:00 in New York: 04:00 UTC in summer time."""
    half_day = param("half_day", timedelta(hours=12))
    rule = compile_expression(text, names=NAMES, params=PARAMS | {"half_day": half_day})

    assert rule.daily
    assert rule.wakes(FakeScope({"starts_on": date(2026, 3, 15)})) == (
        datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
    )


def test_a_day_across_the_clock_change_flips_at_its_own_midnight() -> None:
    """Before 8 March 2026 New York is five hours behind, after it four."""
    before = FakeScope({"starts_on": date(2026, 3, 1)}, now=datetime(2026, 3, 2, tzinfo=UTC))

    assert compiled("age(starts_on) >= week").wakes(before) == (datetime(2026, 3, 8, 5, tzinfo=UTC),)
    assert compiled("age(starts_on) > week").wakes(before) == (datetime(2026, 3, 9, 4, tzinfo=UTC),)


def test_wakes_reach_into_lets_quantifiers_and_choices() -> None:
    """Every comparison with time counts, wherever it stands."""
    facts = {"seen_at": NOW, "created_at": NOW + timedelta(days=1), "managed": True}
    people = [{"seen_at": NOW + timedelta(days=2)}, {"seen_at": UNKNOWN}, {"seen_at": NOW}]

    let = compiled("fresh and managed", silent="age(seen_at)", fresh="silent < week")
    choice = compiled("(age(seen_at) if managed else age(created_at)) >= week")

    assert let.wakes(FakeScope(facts)) == (NOW + WEEK,)
    assert choice.wakes(FakeScope(facts)) == (NOW + WEEK, NOW + timedelta(days=8))
    assert wakes("any(age(p.seen_at) >= week for p in people)", people=people) == (
        NOW + WEEK,
        NOW + timedelta(days=9),
    )


def test_terms_that_already_decide_make_others_idle() -> None:
    """A false term without a clock leaves nothing to wait for; it is asked again when its fact moves."""
    assert wakes("managed and age(seen_at) >= week", managed=False, seen_at=NOW) == ()
    assert wakes("managed or age(seen_at) >= week", managed=True, seen_at=NOW) == ()
    assert wakes("managed and age(seen_at) >= week", seen_at=NOW) == (NOW + WEEK,)


def test_unknown_times_have_no_wake() -> None:
    """Nothing is waited for that cannot be computed, nor beyond the calendar."""
    assert wakes("age(seen_at) >= week") == ()
    assert wakes("age(seen_at) >= week", seen_at=None) == ()
    assert wakes("until(ends_on) >= week", ends_on=date.max) != ()
    assert wakes("age(ends_on) >= week", ends_on=date.max) == ()
    assert wakes("members >= few", members=AtLeast(3)) == ()


def test_timed_and_daily_are_told() -> None:
    """An expression says whether it compares with the clock and whether a day's close matters."""
    assert compiled("age(seen_at) >= week").timed
    assert not compiled("age(seen_at) >= week").daily
    assert not compiled("members >= few").timed
    assert compiled("active >= few").daily
    assert compiled("total(usage.total, week) == 0").daily
    assert compiled("quiet", quiet="until(ends_on) < week").daily


@pytest.mark.parametrize(
    "text",
    [
        "age(seen_at) / week > 1",
        "age(seen_at) * few > week",
        "age(seen_at) + age(created_at) > week",
        "age(seen_at) > age(starts_on)",
        "age(seen_at) + age(starts_on) > week",
        "created_at + age(seen_at) > seen_at",
        "total(usage.total, age(seen_at)) > 0",
        "max(age(p.seen_at) for p in people) > week",
        "sum(age(p.seen_at) for p in people) > week",
    ],
)
def test_what_gives_no_wake_is_refused(text: str) -> None:
    """A use of age from which no instant follows does not load."""
    with pytest.raises(PackError, match=r"no wake-up|adds up two|calendar days"):
        compiled(text)


def test_known_does_not_wait() -> None:
    """Whether an age is known does not change with time."""
    assert wakes("known(age(seen_at))", seen_at=NOW) == ()
