"""Commits that stand still (design rule 10), on Faust's own consumer: why, and that they do not any more."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from mode.utils.queues import FlowControlEvent, FlowControlQueue

from signals.streams.faust_app import DetectRole, build_app
from signals.streams.faust_patches import ORIGINALS, gentle_resume, honest_commit_offsets
from signals.streams.topics import Topics


class Message:
    """One delivery."""

    def __init__(self, tp: TP, offset: int) -> None:
        self.tp, self.topic, self.offset, self.acked = tp, tp.topic, offset, False


class Group:
    """The consumer group as the broker has it, behind Faust's own consumer object."""

    def __init__(self, consumer: Any, tp: TP) -> None:
        self.consumer, self.tp = consumer, tp
        self.committed: int | None = None
        self.refuses = False
        self.commits: list[int] = []
        consumer.assignment = lambda: {tp}
        consumer._commit = self._commit
        consumer.seek_to_committed = self._seek

    async def _commit(self, offsets: dict[TP, int]) -> bool:
        if self.refuses:
            return False  # what the driver makes of "the group has already rebalanced"
        self.committed = offsets[self.tp]
        self.commits.append(offsets[self.tp])
        return True

    async def _seek(self) -> dict[TP, int | None]:
        return {self.tp: self.committed}

    def acknowledge(self, *offsets: int) -> None:
        """Let the agent be done with messages; each delivery is a message of its own."""
        for offset in offsets:
            self.consumer.ack(Message(self.tp, offset))

    async def rebalance(self, finishing: int) -> None:
        """Lose the partition and get it back; the message in hand is finished and its commit refused on the way."""
        self.consumer._acked.pop(self.tp, None)  # as Consumer.on_partitions_revoked does before anything else
        self.consumer._acked_index.pop(self.tp, None)
        self.consumer._committed_offset.pop(self.tp, None)
        self.acknowledge(finishing)
        self.refuses = True
        await self.consumer.commit()
        self.refuses = False
        await self.consumer.perform_seek()


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Group:
    """A group with one partition, nothing committed; nothing is connected."""
    edge = build_app(DetectRole(bootstrap="127.0.0.1:1", topics=Topics(partitions=4)), tmp_path)
    consumer = edge.app.consumer
    edge.app.topics._acking_topics.add(edge.updates)
    monkeypatch.setattr(edge.app, "_producer", SimpleNamespace(flush=_nothing))
    return Group(consumer, TP(edge.updates, 2))


async def _nothing() -> None:
    return None


def put_back(monkeypatch: pytest.MonkeyPatch, group: Group, original: Callable[..., Any]) -> None:
    """Let the consumer do what the installed Faust does."""
    monkeypatch.setattr(type(group.consumer), "_commit_offsets", original)


async def test_without_the_patch_a_refused_first_commit_stands_still(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: the message comes again and is done again, and its acknowledgement is taken for an old one."""
    put_back(monkeypatch, group, ORIGINALS["commit_offsets"])
    await group.rebalance(finishing=0)
    group.acknowledge(0)
    await group.consumer.commit()
    assert group.commits == []

    group.acknowledge(1)
    await group.consumer.commit()
    assert group.commits == [2], "it goes on only when a later message comes"


async def test_a_refused_first_commit_is_made_good(group: Group) -> None:
    """Patched: the next commit carries it."""
    await group.rebalance(finishing=0)
    group.acknowledge(0)
    await group.consumer.commit()
    assert group.commits == [1]


@pytest.mark.parametrize("before", [None, 3])
async def test_a_refused_commit_leaves_the_books_as_they_were(group: Group, before: int | None) -> None:
    """Tried again without another message, it is the same commit."""
    first = before or 0
    if before is not None:
        group.acknowledge(*range(before))
        await group.consumer.commit()
    group.acknowledge(first, first + 1)
    group.refuses = True
    assert not await group.consumer.commit()
    assert group.consumer._committed_offset[group.tp] == before
    group.refuses = False
    group.acknowledge(first + 2)
    assert await group.consumer.commit()
    assert group.commits[-1] == first + 3


async def test_a_refused_commit_of_a_partition_that_went_is_forgotten(group: Group) -> None:
    """Its next owner does those messages again; what is booked here must not be taken for his."""
    group.acknowledge(0)
    group.refuses = True
    group.consumer.assignment = lambda: {group.tp} if not group.consumer._commit_fut else set()
    await group.consumer.commit()
    assert group.consumer._acked[group.tp] == []
    assert group.consumer._committed_offset[group.tp] is None


def delivered(resume: Callable[[Any], None]) -> list[int]:
    """Return what of 10 to 14 an agent gets, the flow being resumed once more after they were queued."""
    flow = FlowControlEvent()
    ORIGINALS["resume"](flow)
    queue: Any = FlowControlQueue(maxsize=10, clear_on_resume=True, flow_control=flow)
    for offset in range(10, 15):
        queue.put_nowait(offset)
    resume(flow)
    return [queue.get_nowait() for _ in range(queue.qsize())]


@pytest.mark.parametrize(
    ("resume", "commits"),
    [
        pytest.param(ORIGINALS["resume"], [], id="without the patch"),
        pytest.param(gentle_resume, [16], id="patched"),
    ],
)
async def test_messages_thrown_away_stop_all_commits_of_their_partition(
    group: Group, resume: Callable[[Any], None], commits: list[int]
) -> None:
    """What design rule 10 saw after SIGKILL restarts is the fault of rule 14: it waits for the lost ones."""
    group.committed = 10
    await group.consumer.perform_seek()
    group.acknowledge(*delivered(resume))
    group.acknowledge(15)
    await group.consumer.commit()
    assert group.commits == commits


def test_our_app_uses_the_patch(group: Group) -> None:
    """Building an app puts it in place."""
    assert type(group.consumer)._commit_offsets is honest_commit_offsets
