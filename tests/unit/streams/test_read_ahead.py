"""The bulk reader of the changelog: what it asks for, where it ends, and that a broker's trouble is not its own."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from signals.streams import read_ahead
from signals.streams.read_ahead import DEADLINE_S, BulkReader

TOPIC = "changelog"


class Log:
    """A consumer of a changelog: partition -> offsets of the records that are left."""

    made: "list[Log]"

    def __init__(self, records: dict[int, list[int]], ends: dict[int, int], **settings: Any) -> None:
        self.records, self.ends, self.settings = records, ends, settings
        self.positions: dict[TopicPartition, int] = {}
        self.refuses = self.stopped = False

    async def start(self) -> None:
        """Connect, or not."""
        if self.refuses:
            raise KafkaConnectionError

    async def stop(self) -> None:
        """Disconnect."""
        self.stopped = True

    def assign(self, places: list[TopicPartition]) -> None:
        """Begin."""
        self.positions = dict.fromkeys(places, 0)

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Go somewhere."""
        self.positions[place] = offset

    async def position(self, place: TopicPartition) -> int:
        """Return where it stands."""
        return self.positions[place]

    async def getmany(self, *places: TopicPartition, **_: int) -> dict[TopicPartition, Any]:
        """Give two records of the first place that has some."""
        for place in places:
            left = [one for one in self.records[place.partition] if one >= self.positions[place]][:2]
            if left:
                self.positions[place] = left[-1] + 1
                return {place: [SimpleNamespace(offset=one, key=b"k", value=b"v") for one in left]}
            self.positions[place] = self.ends[place.partition]
        return {}


class Target:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []

    def take(self, partition: int, offset: int, *_: bytes | None) -> None:
        """Keep it."""
        self.taken.append((partition, offset))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """A changelog of two partitions that was compacted; 9 and 10 came after the recovery had noted its end."""
    log = Log({0: [2, 3, 7, 9, 10], 1: [0, 5]}, {0: 11, 1: 6})

    def consumer(**settings: Any) -> Log:
        log.settings = settings
        return log

    monkeypatch.setattr(read_ahead, "AIOKafkaConsumer", consumer)
    yield log
    assert log.stopped or not log.settings


async def test_every_record_of_the_ranges_is_read_and_none_behind(log: Log) -> None:
    """In the order of each partition."""
    target = Target()
    reader = BulkReader("b:1", TOPIC, {"security_protocol": "SSL"})
    assert await reader.read({0: (3, 9), 1: (0, 6)}, target)
    assert sorted(target.taken) == [(0, 3), (0, 7), (1, 0), (1, 5)]
    assert log.settings["security_protocol"] == "SSL"


async def test_nothing_to_read_asks_no_broker(log: Log) -> None:
    """A partition kept over a rebalance, or an empty one."""
    assert await BulkReader("b:1", TOPIC, {}).read({0: (9, 9), 1: (0, 0)}, Target())
    assert log.settings == {}


async def test_it_ends_at_its_deadline(log: Log) -> None:
    """Faust reads the rest; the step of its recovery that this is part of has a time-out of its own."""
    times = iter([0.0, 0.0, DEADLINE_S, DEADLINE_S])
    target = Target()
    assert not await BulkReader("b:1", TOPIC, {}, monotonic=lambda: next(times)).read({0: (2, 11)}, target)
    assert target.taken == [(0, 2), (0, 3)]


async def test_a_broker_that_is_away_is_left_to_faust(log: Log) -> None:
    """It has patience of its own."""
    log.refuses = True
    target = Target()
    assert not await BulkReader("b:1", TOPIC, {}).read({0: (2, 11)}, target)
    assert target.taken == []
