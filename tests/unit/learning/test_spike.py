"""Spikes, drops, shifts and silences: what stands out, what does not, and that state is all there is."""

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.learning.spike import ALARM, Kind, Learnt, Verdict, observe

DAY, HOUR = 86_400, 3600
MONDAY = 1_704_067_200
"""2024-01-01, a Monday, in seconds."""


def run(values: list[float], step: int, learnt: Learnt | None = None, first: int = MONDAY) -> list[Verdict]:
    """Return the verdicts of values that come every *step* seconds."""
    verdicts = []
    for number, value in enumerate(values):
        learnt, verdict = observe(learnt, first + number * step, value)
        verdicts.append(verdict)
    return verdicts


def workdays(weeks: int, noise: float = 5.0) -> list[float]:
    """Return daily totals of about 1,000 on workdays and 100 at weekends."""
    dice = random.Random(7)  # noqa: S311  # a seeded series, no secret
    return [(100.0 if day % 7 >= 5 else 1000.0) + dice.gauss(0, noise) for day in range(7 * weeks)]


def alarms(verdicts: list[Verdict]) -> list[tuple[int, Kind]]:
    """Return the places of what was named, from the fifth week of days on."""
    return [(place, one.kind) for place, one in enumerate(verdicts) if one.kind is not Kind.NONE and place >= 28]


def test_a_new_series_says_nothing() -> None:
    """The first three records are no history: whatever they are, nothing stands out."""
    assert [one.score for one in run([5.0, 5000.0, 0.0], DAY)] == [0.0, 0.0, 0.0]


def test_a_weekend_is_no_drop_and_a_quiet_workday_is() -> None:
    """With the week learnt, a Wednesday at the level of a Sunday stands out; the Sundays before it do not."""
    usual = workdays(10)
    assert alarms(run(usual, DAY)) == []
    wednesday = 7 * 10 + 2
    verdict = run([*usual, *workdays(1)[:2], 100.0], DAY)[wednesday]
    assert verdict.kind is Kind.DROP
    assert verdict.shaped
    assert verdict.expected == pytest.approx(1000, rel=0.02)
    assert verdict.high > verdict.expected > verdict.low > 100


def test_a_spike_is_named_and_its_like_next_day_is_none() -> None:
    """Three times a workday is a spike; the same again on the next day is at most a shift, a third time no news."""
    verdicts = run([*workdays(10), 3000.0, 3000.0, 3000.0], DAY)
    assert verdicts[70].kind is Kind.SPIKE
    assert verdicts[71].kind in {Kind.SHIFT, Kind.NONE}
    assert verdicts[71].score < verdicts[70].score
    assert verdicts[72].kind is Kind.NONE


def test_a_burst_of_every_night_becomes_normal() -> None:
    """Hourly records with a job at 2 h: expected from the fifth night on; a burst at noon is not."""
    night = [500.0 if hour == 2 else 10.0 + hour % 3 for hour in range(24)]
    nights = run(night * 8, HOUR)
    assert all(one.kind is Kind.NONE for one in nights[5 * 24 :])
    assert run([*night * 8, *night[:12], 500.0], HOUR)[-1].kind is Kind.SPIKE


def test_silence_is_a_fall_to_nothing() -> None:
    """A workday with nothing at all is a silence, not a drop; the band of counts ends at zero."""
    verdict = run([*workdays(10), 0.0], DAY)[70]
    assert verdict.kind is Kind.SILENCE
    assert verdict.low >= 0


def test_a_run_on_one_side_is_a_shift() -> None:
    """Values that swing by 50, one up and one down, stay up: no single one is far out, their short mean is."""
    swing = [100.0 + (50 if number % 2 else -50) + number % 5 for number in range(2000)]
    verdicts = run([*swing, *[152.0] * 5], 300)
    assert {one.kind for one in verdicts[300:2000]} == {Kind.NONE}
    assert {one.kind for one in verdicts[2000:]} == {Kind.NONE, Kind.SHIFT}


def test_growth_is_followed() -> None:
    """One percent more every day is not a spike a day: the expectation comes along."""
    values = [1000 * 1.01**day for day in range(120)]
    verdicts = run(values, DAY)
    assert not any(one.kind is Kind.SPIKE for one in verdicts[100:110])
    assert verdicts[-1].expected > 0.6 * values[-1]


def test_about_one_record_in_twenty_lies_outside_the_band() -> None:
    """The band's ends move until 5 % of the records are out, whatever their distribution."""
    dice = random.Random(5)  # noqa: S311
    values = [dice.lognormvariate(3, 0.8) for _ in range(6000)]
    inside = [one.low <= value <= one.high for one, value in zip(run(values, 300), values, strict=True)]
    assert 0.93 < sum(inside[1000:]) / 5000 < 0.97


def test_a_restart_changes_nothing() -> None:
    """State that went through storage goes on exactly as state that did not."""
    values = workdays(8)
    through: Learnt | None = None
    stored: Learnt | None = None
    for day, value in enumerate(values):
        through, one = observe(through, MONDAY + day * DAY, value)
        stored, other = observe(stored, MONDAY + day * DAY, value)
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(stored), type=Learnt)
        assert one == other
    assert stored == through


@pytest.mark.parametrize(("step", "records", "most"), [(DAY, 800, 360), (HOUR, 3000, 600), (300, 20_000, 600)])
def test_state_is_bounded(step: int, records: int, most: int) -> None:
    """However long a series of any size, its state stays in so many bytes."""
    dice = random.Random(11)  # noqa: S311
    learnt, largest = None, 0
    for number in range(records):
        learnt, _ = observe(learnt, MONDAY + number * step, dice.lognormvariate(8, 3))
        if number % 50 == 0:
            largest = max(largest, len(msgspec.msgpack.encode(learnt)))
    assert largest <= most


@pytest.mark.parametrize("step", [300, HOUR, DAY])
def test_a_constant_is_never_news(step: int) -> None:
    """The same amount for ever, one that no sum of floats gives exactly: nothing stands out."""
    assert {one.score for one in run([0.1] * 3000, step)} == {0.0}


def test_a_gap_and_a_late_record_do_no_harm() -> None:
    """After three weeks without records the next usual one is usual; one from before counts as of now."""
    learnt = None
    for day, value in enumerate(workdays(8)):
        learnt, _ = observe(learnt, MONDAY + day * DAY, value)
    later = MONDAY + (8 + 3) * 7 * DAY
    learnt, verdict = observe(learnt, later, 1000.0)
    assert verdict.kind is Kind.NONE
    learnt, _ = observe(learnt, later - 30 * DAY, 1000.0)
    assert learnt.at == later


@given(
    st.lists(st.one_of(st.integers(0, 10**15), st.floats(-1e12, 1e12)), min_size=1, max_size=80),
    st.sampled_from([60, 300, HOUR, DAY, 7 * DAY]),
)
def test_every_series_has_a_verdict(values: list[float], step: int) -> None:
    """Scores lie within 0 and 1, bands around what is expected, kinds above the alarm only, whatever comes."""
    for value, one in zip(values, run(values, step), strict=True):
        assert 0 <= one.score < 1
        assert math.isfinite(one.expected)
        assert one.low <= one.high
        assert (one.kind is Kind.NONE) == (one.score < ALARM)
        assert one.kind is not Kind.SILENCE or value <= 0


@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=60), st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_unit_does_not_matter(values: list[int], unit: float) -> None:
    """Cents or dollars, the score is about the same."""
    plain = [one.score for one in run([float(value) for value in values], HOUR)]
    scaled = [one.score for one in run([value * unit for value in values], HOUR)]
    assert scaled == pytest.approx(plain, abs=0.03)
