"""When to try again, and when to stop."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.sinks.retry import ASKED_BUDGET, FIRST_PAUSE, LONGEST_PAUSE, RETRY_BUDGET, Spent, next_pause

NOTHING = timedelta(0)


def chance(seed: int) -> Random:
    """Jitter that can be repeated."""
    return Random(seed)  # noqa: S311 - jitter, not a secret


class Highest(Random):
    """Chance that always gives its upper end."""

    def random(self) -> float:
        """One, which real chance only comes near."""
        return 1.0


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 45), (60, 45)])
def test_pauses_double_up_to_the_longest(attempts: int, seconds: int) -> None:
    """The upper end of each pause."""
    assert next_pause(Spent(attempts=attempts), NOTHING, Highest()) == timedelta(seconds=seconds)


@given(st.integers(min_value=1, max_value=100), st.integers())
def test_jitter_is_full(attempts: int, seed: int) -> None:
    """Anywhere between nothing and the upper end."""
    pause = next_pause(Spent(attempts=attempts), NOTHING, chance(seed))

    assert pause is not None
    assert NOTHING <= pause <= LONGEST_PAUSE


@given(st.integers(min_value=1, max_value=3600 - 1), st.integers())
def test_what_the_service_asks_for_is_never_undercut(seconds: int, seed: int) -> None:
    """A little is added, nothing taken away."""
    pause = next_pause(Spent(attempts=1), timedelta(seconds=seconds), chance(seed))

    assert pause is not None
    assert timedelta(seconds=seconds) <= pause <= timedelta(seconds=seconds) + FIRST_PAUSE


def test_asked_pauses_do_not_use_up_the_budget_of_our_own() -> None:
    """A service that puts us off for ten minutes has not failed."""
    spent = Spent(attempts=5, own=timedelta(seconds=10), asked=timedelta(minutes=10))
    assert next_pause(spent, timedelta(minutes=2), chance(1)) is not None


@pytest.mark.parametrize(
    ("spent", "after"),
    [
        (Spent(attempts=3, own=RETRY_BUDGET), NOTHING),
        (Spent(attempts=3, own=RETRY_BUDGET), timedelta(seconds=1)),
        (Spent(attempts=3, asked=ASKED_BUDGET), timedelta(seconds=1)),
    ],
)
def test_a_used_up_budget_ends_it(spent: Spent, after: timedelta) -> None:
    """Of either kind."""
    assert next_pause(spent, after, chance(1)) is None


def test_no_pause_reaches_beyond_the_budget() -> None:
    """The stop grace stands behind it."""
    assert next_pause(Spent(attempts=9, own=RETRY_BUDGET - timedelta(seconds=1)), NOTHING, Highest()) is None
