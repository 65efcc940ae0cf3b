"""What is kept of past excursions: few, none that a later one exceeded, joined when they are too many."""

import math

from hypothesis import given
from hypothesis import strategies as st

from signals.learning.spike_records import CODES, KEPT, SAME, SPANS, Outlook, look

MEMORY = 100, 300, 24
EXCURSIONS = st.lists(st.tuples(st.integers(0, 5), st.floats(0.5, 1e6)), min_size=1, max_size=120)


def after(excursions: list[tuple[int, float]]) -> tuple[Outlook, int]:
    """Return the outlook after (hours later, excursion) upwards, and the hour."""
    outlook, hour = Outlook(), 0
    for count, (later, size) in enumerate(excursions):
        hour += later
        outlook, _ = look(outlook, 0.0, size, hour, count, MEMORY)
    return outlook, hour


@given(EXCURSIONS)
def test_kept_excursions_fall_and_are_few(excursions: list[tuple[int, float]]) -> None:
    """Oldest and largest first, at most so many, none beyond the farthest span."""
    outlook, hour = after(excursions)
    hours, codes = outlook.highs[::2], outlook.highs[1::2]
    assert 1 <= len(hours) <= KEPT
    assert list(hours) == sorted(hours)
    assert list(codes) == sorted(codes, reverse=True)
    assert hours[0] >= hour - SPANS[-1] * 24
    assert outlook.lows == ()


@given(EXCURSIONS)
def test_the_largest_is_never_forgotten_early(excursions: list[tuple[int, float]]) -> None:
    """Within the farthest span the largest excursion is there, or one a little larger that was joined with it."""
    outlook, hour = after(excursions)
    at = 0
    recent = []
    for later, size in excursions:
        at += later
        if at >= hour - SPANS[-1] * 24:
            recent.append(size)
    assert outlook.highs[1] >= round(math.log(max(recent)) * CODES)


def test_one_as_far_as_the_last_is_one() -> None:
    """A record that is met again stands at 1 for its size, without what rarity adds."""
    outlook, _ = after([(1, 100.0)] * 50)
    assert len(outlook.highs) == 2
    _, standing = look(outlook, 0.0, 100.0, 50, 50, MEMORY)
    assert abs(standing - 1) < math.exp(SAME / CODES) - 1


def test_twice_the_largest_is_two() -> None:
    """Twice as far as anything before, where the usual is the largest: twice, and a little for its rarity."""
    outlook, _ = after([(1, 100.0)] * 50)
    _, standing = look(outlook, 0.0, 200.0, 50, 50, MEMORY)
    assert 2.0 < standing < 2.6


def test_a_side_knows_nothing_of_the_other() -> None:
    """The first excursion downwards has no record to meet, however many there were upwards."""
    outlook, _ = after([(1, 100.0)] * 50)
    _, standing = look(outlook, 0.0, -100.0, 50, 50, MEMORY)
    assert standing > 5


def test_rounding_is_no_excursion() -> None:
    """What a sum of floats leaves is not looked at and not kept, though nothing lay out before it."""
    outlook, standing = look(Outlook(0.3), 0.3, 5.6e-17, 50, 50, MEMORY)
    assert standing == 0
    assert outlook.highs == ()
