"""Faust's flow control (design rule 14): neither a resume nor a pause may throw messages away."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from mode.utils.queues import FlowControlEvent, FlowControlQueue

from signals.streams.faust_patches import ORIGINALS, ActiveOnly, active_fetch_records, gentle_resume


@pytest.fixture
def flow() -> FlowControlEvent:
    """An active flow, as it is from the start of a recovery on."""
    flow = FlowControlEvent()
    ORIGINALS["resume"](flow)
    return flow


@pytest.fixture
def queue(flow: FlowControlEvent) -> FlowControlQueue:
    """An agent's queue with two messages that arrived since."""
    queue = FlowControlQueue(maxsize=10, clear_on_resume=True, flow_control=flow)
    queue.put_nowait("first")
    queue.put_nowait("second")
    return queue


def test_faust_empties_the_queue_of_an_active_flow(flow: FlowControlEvent, queue: FlowControlQueue) -> None:
    """The fault: these messages are fetched and will not be fetched again."""
    ORIGINALS["resume"](flow)
    assert queue.qsize() == 0


def test_resuming_an_active_flow_keeps_what_is_queued(flow: FlowControlEvent, queue: FlowControlQueue) -> None:
    """Patched: nothing to resume, nothing to clear."""
    gentle_resume(flow)
    assert queue.qsize() == 2


def test_resuming_a_suspended_flow_still_clears(flow: FlowControlEvent, queue: FlowControlQueue) -> None:
    """What was queued before a rebalance belongs to the old assignment and is fetched again."""
    flow.suspend()
    gentle_resume(flow)
    assert queue.qsize() == 0
    assert flow.is_active()


class Thread:
    """What ``_fetch_records`` looks at, with a fetcher that answers as aiokafka's: no partitions means all."""

    def __init__(self) -> None:
        self.consumer = SimpleNamespace(flow_active=True)
        self.buffered = {"updates": ["first"], "changelog": ["value"]}
        subscriptions = SimpleNamespace(fetch_context=nullcontext)
        self.fetcher = SimpleNamespace(_closed=False, _subscriptions=subscriptions, fetched_records=self.fetched)
        self.client = SimpleNamespace(_fetcher=self.fetcher, _closed=False)

    async def fetched(self, partitions: Any, **_: Any) -> dict[str, list[str]]:
        """Give out what is buffered; what is given out is not buffered any more."""
        wanted = [one for one in self.buffered if not partitions or one in partitions]
        return {one: self.buffered.pop(one) for one in wanted}


async def test_faust_fetches_everything_when_all_is_paused() -> None:
    """The fault: these records are dropped, as their partitions are paused."""
    thread = Thread()
    given = await ORIGINALS["fetch_records"](thread, thread.client, set(), timeout=1.0)
    assert set(given) == {"updates", "changelog"}


async def test_nothing_is_fetched_when_all_is_paused() -> None:
    """Patched: what is buffered stays there for when its partition is resumed."""
    thread = Thread()
    active: set[str] = set()
    assert await active_fetch_records(thread, thread.client, active, timeout=1.0) == {}

    active.add("updates")
    assert await active_fetch_records(thread, thread.client, active, timeout=1.0) == {"updates": ["first"]}


@pytest.fixture
def fetcher(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Aiokafka's own fetcher with one record of one partition, not connected."""
    monkeypatch.setattr(FetchResult, "getall", lambda _, __: ["first"])
    monkeypatch.setattr(FetchResult, "has_more", lambda _: False)
    fetcher = object.__new__(Fetcher)
    fetcher._subscriptions = SimpleNamespace(reassignment_in_progress=False, is_assigned=lambda _: True)
    fetcher._records = {"updates": object.__new__(FetchResult)}
    fetcher._wait_consume_future = None
    return fetcher


async def test_no_partitions_are_all_partitions_to_aiokafka(fetcher: Any) -> None:
    """What makes an empty set of active partitions dangerous; when it ends, the patch can go."""
    assert await fetcher.fetched_records(set(), timeout=0) == {"updates": ["first"]}


async def test_aiokafka_asks_the_view_and_keeps_what_is_paused(fetcher: Any) -> None:
    """The view passes through aiokafka as a set of partitions does."""
    active: set[str] = set()
    assert await fetcher.fetched_records(ActiveOnly(active), timeout=0) == {}
    active.add("updates")
    assert await fetcher.fetched_records(ActiveOnly(active), timeout=0) == {"updates": ["first"]}
