"""Which broadcasts count as under way when an installation is to grow."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition

from signals.domain.update import AccountUpdates
from signals.ingest import rekey
from signals.ingest.config import IngestSettings
from signals.streams.topics import Topics

TOPICS = Topics(1)
NEVER, GONE = AccountUpdates(partition=0), None


class HandReader:
    """Broadcasts from one offset to another, and one partition of account-updates that holds or held messages."""

    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end = begin, end

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.begin)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {one: 77 if one.topic == TOPICS.account_updates else self.end for one in places}


@pytest.mark.parametrize(
    ("heard", "begin", "end", "said"),
    [
        (AccountUpdates(partition=0, heard=(1, 9)), 0, 10, None),
        (AccountUpdates(partition=0, heard=(1, 7)), 0, 10, ": 2 records not taken for partition 0"),
        (AccountUpdates(partition=0, heard=(1, 500)), 0, 10, ": 10 records not taken for partition 0"),
        (NEVER, 4, 10, ": 6 records not taken for partition 0"),
        (NEVER, 10, 10, None),
        (GONE, 4, 10, ": not known whether 6 records were taken for partition 0: its account-updates is empty by now"),
        (GONE, 10, 10, None),
    ],
    ids=["all", "behind", "recreated since", "none", "deleted", "not known", "not known and deleted"],
)
async def test_what_a_partition_has_not_heard(
    heard: AccountUpdates | None, begin: int, end: int, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a topic that was recreated nothing was heard; what retention deleted cannot be waited for."""

    @asynccontextmanager
    async def reader(*_: object) -> AsyncIterator[HandReader]:
        yield HandReader(begin, end)

    async def tails(_: IngestSettings, partitions: Iterable[int]) -> dict[int, AccountUpdates]:
        return {one: heard for one in partitions if heard is not None}

    monkeypatch.setattr(rekey, "_reader", reader)
    monkeypatch.setattr(rekey, "read_tails", tails)
    found = await rekey._unheard("nowhere", TOPICS, {})
    assert [one.startswith(f"{TOPICS.input('broadcast')}{said}") for one in found] == ([True] if said else [])
