"""Faust's flow control (design rule 14): resuming what was never suspended must not throw messages away."""

import pytest
from mode.utils.queues import FlowControlEvent, FlowControlQueue

from signals.streams.faust_patches import ORIGINALS, gentle_resume


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
