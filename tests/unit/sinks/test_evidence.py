"""Evidence in words, and the bands that decide whether an update is news."""

from datetime import timedelta

import pytest

from signals.domain.signal import Evidence
from signals.sinks.evidence import context_words, decisive_band, ordered, value_line
from signals.sinks.spans import plain
from support.cards import NOW, transition


def fact(value: str, unit: str = "count", **more: str) -> Evidence:
    """One decisive fact."""
    return Evidence(name="n", label=more.pop("label", "Recordings"), value=value, unit=unit, decisive=True, **more)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("2026-03-01", "date", "1 Mar 2026 (in 41 days)"),
        ("2026-01-20", "date", "20 Jan 2026 (tomorrow)"),
        ("2026-01-19T12:05:00+00:00", "instant", "19 Jan 2026, 12:05 UTC (in 3 hours)"),
        ("2026-03-01", "", "1 Mar 2026 (in 41 days)"),
        ("2026-01-19T09:05:00+00:00", "", "19 Jan 2026, 09:05 UTC (just now)"),
        ("20260301", "count", "20.3 M"),
        ("16.0967", "months", "16 months"),
        ("changed_role", "", "changed role"),
        ("feature_flags, org_A1b, web_analytics", "", "feature flags, org_A1b, web analytics"),
        ("in_0jjp0n4q6xkk_x", "", "in_0jjp0n4q6xkk_x"),
        ("soon", "date", "soon"),
        ("2026-01-19T12:05:00", "instant", "2026-01-19T12:05:00"),
        ("unknown", "USD", "not known"),
        ("true", "", "yes"),
        ("NaN", "count", "NaN"),
        ("1e400", "USD", "1e400"),
        ("123456789012345678901234567890", "count", "123,456,789,012,345,678.9 T"),
        ("1E-30", "USD", "$0"),
        ("Mona <b>", "person", "Mona <b>"),
    ],
)
def test_a_value_reads_as_its_unit_says(value: str, unit: str, expected: str) -> None:
    """Dates carry their distance; what cannot be read is shown as it is, never guessed."""
    assert plain(value_line(fact(value, unit), NOW)) == expected


def test_a_value_that_rounds_to_its_threshold_is_shown_exactly() -> None:
    """1,500,001 against 1,500,000 must not read 1.5 M against 1.5 M."""
    near = fact("1500001", threshold="1500000")

    assert plain(value_line(near, NOW)) == "1,500,001"
    assert context_words(near) == "threshold 1,500,000"


def test_a_value_equal_to_its_threshold_stays_short() -> None:
    """At the threshold both are the same number, and rounding says so."""
    assert plain(value_line(fact("1500000", threshold="1500000"), NOW)) == "1.5 M"


@pytest.mark.parametrize(
    ("label", "window", "expected"),
    [
        ("Recordings in 30 days", "last 30 days", ""),
        ("Recordings", "last 30 days", "last 30 days"),
        ("Recordings in 7 days", "last 30 days", "last 30 days"),
        ("Recordings", "", ""),
    ],
)
def test_a_window_is_said_once(label: str, window: str, expected: str) -> None:
    """The window is left out only when the label names the same number of days."""
    assert context_words(fact("5", label=label, window=window)) == expected


def test_a_word_unit_is_not_repeated_in_the_threshold() -> None:
    """*1.9 M recordings, threshold 1.5 M*: once is enough."""
    assert context_words(fact("1900000", "recordings", threshold="1500000")) == "threshold 1.5 M"
    assert context_words(fact("5", "days", threshold="14")) == "threshold 14 days"


def test_a_date_is_held_against_days() -> None:
    """*9 Feb, threshold 14 days*: the rule counts from the date."""
    assert context_words(fact("2026-02-09T19:48:16+00:00", "", threshold="14")) == "threshold 14 days"


def test_a_word_that_is_its_own_threshold_says_so_once() -> None:
    """*Company type: B2B, threshold B2B* tells nobody anything."""
    assert context_words(fact("B2B", "", threshold="B2B")) == ""
    assert context_words(fact("5", "count", threshold="5")) == "threshold 5"


def test_the_decisive_fact_comes_first_and_unknown_ones_are_left_out() -> None:
    """Order is the rule's otherwise."""
    a, b, c = (
        Evidence(name=name, label=name, value=value) for name, value in (("a", "1"), ("b", "unknown"), ("c", "3"))
    )
    d = Evidence(name="d", label="d", value="4", decisive=True)

    assert [entry.name for entry in ordered((a, b, c, d))] == ["d", "a", "c"]


def band(value: str, unit: str, later: int = 0) -> str:
    """The band of a transition whose decisive fact is this one."""
    return decisive_band(transition(evidence=(fact(value, unit),), at=NOW + timedelta(days=later)))


@pytest.mark.parametrize(
    ("one", "other", "unit", "same"),
    [
        ("-0.38", "-0.31", "share", True),
        ("-0.38", "-0.41", "share", False),
        ("0.38", "0.41", "share", False),
        ("41200", "40100", "USD", True),
        ("41200", "19000", "USD", False),
        ("1000", "999", "count", False),
        ("0", "1", "count", False),
        ("5", "-5", "count", False),
        ("6", "5", "days", True),
        ("7", "6", "days", False),
        ("unknown", "1", "count", False),
        ("red", "amber", "", False),
    ],
)
def test_a_band_changes_only_when_the_number_says_something_new(one: str, other: str, unit: str, same: bool) -> None:
    """Small movements stay in a band; a new order, decile, sign or fortnight leaves it."""
    assert (band(one, unit) == band(other, unit)) is same


def test_the_band_of_a_date_is_its_distance() -> None:
    """The same date moves through the bands as time passes."""
    assert band("2026-03-01", "date") == band("2026-03-01", "date", later=5)
    assert band("2026-03-01", "date") != band("2026-03-01", "date", later=30)


def test_a_ladder_changes_band_with_its_step() -> None:
    """Each step that a rule names is news."""
    first, second = transition(say="day 1"), transition(say="day 5")
    assert decisive_band(first) != decisive_band(second)


def test_without_a_decisive_fact_nothing_changes_band() -> None:
    """Then only severity and owner make an update worth a line."""
    assert decisive_band(transition(evidence=())) == ""
