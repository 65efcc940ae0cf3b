"""Steps on signal-state that an older one buried."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from signals.streams.signal_state import TAIL, LastSteps, find_buried

TOPIC = "signal-state"


def step(seq: int) -> bytes:
    """Return a record's value, as far as this reads it."""
    return b'{"id":"t","signal_id":"s","seq":%d,"change":"updated"}' % seq


def buried(*values: bytes | None) -> list[bytes | None]:
    """Return what is to be written again after these records of one signal."""
    steps = LastSteps(TOPIC)
    for offset, value in enumerate(values):
        steps.take(3, offset, b"s", value)
    records = steps.buried()
    assert all((record.topic, record.partition, record.key) == (TOPIC, 3, b"s") for record in records)
    return [record.value for record in records]


@pytest.mark.parametrize(
    ("values", "again"),
    [
        pytest.param([step(1), step(2), step(3)], [], id="in order"),
        pytest.param([step(1), step(1)], [], id="a repetition"),
        pytest.param([step(1), step(3), step(2)], [step(3)], id="an older one last"),
        pytest.param([step(4), step(1), step(2)], [step(4)], id="several older ones last"),
        pytest.param([step(3), step(2), step(4)], [], id="a newer one since"),
        pytest.param([step(3), step(2), step(3)], [], id="written again"),
        pytest.param([step(3), None], [], id="erased"),
        pytest.param([None, step(3)], [None], id="an erased one comes back"),
    ],
)
def test_only_a_step_below_the_newest_is_put_right(values: list[bytes | None], again: list[bytes | None]) -> None:
    """And with the newest one there is."""
    assert buried(*values) == again


class Reader:
    """Gives one buried step, or gives up half-way."""

    def __init__(self, *, complete: bool) -> None:
        self.complete = complete
        self.ranges: Mapping[int, tuple[int, int]] = {}

    async def read(self, ranges: Mapping[int, tuple[int, int]], target: LastSteps) -> bool:
        """Read."""
        self.ranges = ranges
        target.take(0, 1, b"s", step(2))
        target.take(0, 2, b"s", step(1))
        return self.complete


async def ends(partitions: Iterable[int], topic: str) -> dict[int, int]:
    """Return where the partitions end."""
    assert topic == TOPIC
    return {partition: 10 if partition == 0 else TAIL + 10 for partition in partitions}


async def test_the_end_of_each_partition_is_looked_through() -> None:
    """All of a short one."""
    reader: Any = Reader(complete=True)
    (record,) = await find_buried(TOPIC, {0, 1}, ends, reader)
    assert record.value == step(2)
    assert reader.ranges == {0: (0, 10), 1: (10, TAIL + 10)}


async def test_nothing_is_put_right_by_half_a_look() -> None:
    """The rest may hold a newer step, which this would bury."""
    reader: Any = Reader(complete=False)
    assert await find_buried(TOPIC, {0}, ends, reader) == ()
