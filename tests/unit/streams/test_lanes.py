"""Numbers and times as planes of bytes: what is put is got, in few bytes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.streams.lanes import Chunks, get_numbers, get_times, put_numbers, put_times

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

small = st.integers(0, 255)
large = st.integers(-(2**70), 2**70)
near = st.integers(739_000, 740_000)
instants = st.datetimes(datetime(1960, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive
seconds = st.integers(0, 2**32 - 1).map(lambda at: datetime.fromtimestamp(at, UTC))
milliseconds = st.integers(-(2**40), 2**40).map(lambda at: NOON + timedelta(milliseconds=at))
halves = st.integers(-(2**30), 2**30).map(lambda at: NOON + timedelta(seconds=at, milliseconds=500))


@given(st.lists(small) | st.lists(near) | st.lists(large) | st.lists(st.integers(-(2**63), 2**63)))
def test_numbers_come_back(values: list[int]) -> None:
    """Of any size and sign, in any order."""
    out: list[bytes] = []
    plain = put_numbers(values, out)
    chunks = Chunks(b"".join(out))
    assert get_numbers(plain, len(values), chunks) == values
    chunks.end()


@given(st.lists(instants) | st.lists(seconds) | st.lists(milliseconds) | st.lists(halves))
def test_times_come_back(values: list[datetime]) -> None:
    """With and without fractions, before 1970 and after 2106, in any order."""
    out: list[bytes] = []
    plain = put_times(values, out)
    chunks = Chunks(b"".join(out))
    assert get_times(plain, len(values), chunks) == values
    chunks.end()


def test_numbers_that_grow_by_little_are_a_byte_each() -> None:
    """Days of a calendar, and months."""
    out: list[bytes] = []
    assert put_numbers(range(739_000, 739_700, 7), out) == [739_000, 7, 0]
    assert put_numbers([739_000, 739_200, 739_410], out) == [739_000, 200, 1]
    assert b"".join(out) == bytes((0, 10))


def test_times_of_a_week_have_an_empty_plane() -> None:
    """The high bytes of differences of days are zero but for the first."""
    out: list[bytes] = []
    put_times([NOON + timedelta(days=n, seconds=n * n) for n in range(7)], out)
    assert out[3][1:] == bytes(6)


@pytest.mark.parametrize(("step", "unit"), [(2000, 10**6), (7, 10**3), (0.5, 1)])
def test_times_are_counted_in_the_largest_unit_that_says_them(step: float, unit: int) -> None:
    """What all have in common is no noise; here they begin half a second past."""
    out: list[bytes] = []
    times = [NOON + timedelta(milliseconds=500 + n * step) for n in range(9)]
    assert put_times(times, out)[:2] == [unit, 500_000 % unit]


@pytest.mark.parametrize(
    ("plain", "count", "data"),
    [(1, 3, b"ab"), (9, 1, bytes(9)), (-1, 1, b""), ([5, 2], 2, b"abc"), ([[1, 2]], 3, b""), ([0, 1, 8], 3, bytes(8))],
)
def test_numbers_that_do_not_fit_are_refused(plain: object, count: int, data: bytes) -> None:
    """Lost or foreign bytes are no numbers."""
    with pytest.raises(ValueError):
        get_numbers(plain, count, Chunks(data))


def test_times_that_do_not_fit_are_refused() -> None:
    """As numbers."""
    with pytest.raises(ValueError):
        get_times(0, 2, Chunks(bytes(7)))
