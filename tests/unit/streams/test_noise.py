"""Series as bits of noise and what is left: what is laid out is taken up, and noise costs what it has to."""

import math
import zlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.streams.noise import LIMIT, Laid, lay_out, taken_up

numbers = st.lists(st.integers(0, LIMIT - 1), max_size=30) | st.lists(st.integers(900, 1100), max_size=120)
series = st.lists(st.tuples(numbers, st.sampled_from((1, 7))), max_size=6)


def of(lists: list[tuple[list[int], int]]) -> tuple[list[list[int]], list[int]]:
    """Return the series and their lags."""
    return [one for one, _ in lists], [lag for _, lag in lists]


@given(series)
def test_series_come_back(lists: list[tuple[list[int], int]]) -> None:
    """Of any length, also none, and of any size up to the limit."""
    held, lags = of(lists)
    found = taken_up(lay_out(held, lags), [len(one) for one in held], lags)
    assert [list(one) for one in found] == held


@pytest.mark.parametrize("number", [-1, LIMIT, 2**64])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    """It would be read as another one."""
    with pytest.raises(OverflowError):
        lay_out([[1, number, 3]], [7])


def noisy(level: int, spread: int, seed: int) -> list[int]:
    """Return a hundred days around a level."""
    rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    return [level + rng.randrange(spread) for _ in range(105)]


def test_noise_takes_little_more_than_its_bits() -> None:
    """Differences are half a bit more than numbers, and their rest is some two bits: three in all, and a first week."""
    held = [noisy(10**number, 3 * 10**number // 50, number) for number in range(3, 7)]
    laid = lay_out(held, [7] * len(held))
    size = len(laid.noise) + len(zlib.compress(laid.rest))
    bits = sum(math.log2(3 * 10**number // 50) * 105 for number in range(3, 7))
    assert size * 8 < bits + 3 * 4 * 105 + 800


def test_a_series_that_jumps_comes_back() -> None:
    """Its newest numbers say nothing of the jump."""
    held = [[5] * 50 + [10**9] + [6] * 50]
    assert list(taken_up(lay_out(held, [7]), [101], [7])[0]) == held[0]


@pytest.mark.parametrize("damage", ["noise", "rest", "cuts", "more noise"])
def test_bytes_that_do_not_fit_are_refused(damage: str) -> None:
    """Lost or foreign bytes are no series."""
    laid = lay_out([noisy(1000, 100, 1)], [7])
    broken = {
        "noise": Laid(laid.noise[:-1], laid.cuts, laid.rest),
        "rest": Laid(laid.noise, laid.cuts, laid.rest[:-1]),
        "cuts": Laid(laid.noise, laid.cuts + b"\1", laid.rest),
        "more noise": Laid(laid.noise + b"\1", laid.cuts, laid.rest),
    }
    with pytest.raises(ValueError):
        taken_up(broken[damage], [105], [7])
