"""How far Faust commits (design rules 1 and 13): without our patches too far, or too slowly.

The tests of the faults are here on purpose: when a newer Faust no longer shows one, its patch can go.
"""

from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from intervaltree import IntervalTree  # type: ignore[import-untyped]  # Faust's own dependency

from signals.streams.faust_patches import ORIGINALS, exact_add_gap, guarded_new_offset

UPDATES = TP("account-updates", 0)


def a_consumer(
    *, committed: int | None, in_flight: tuple[int, ...] = (), acked: tuple[int, ...] = (), **app: Any
) -> SimpleNamespace:
    """Return what ``Consumer._new_offset`` and ``_add_gap`` look at."""
    messages = {SimpleNamespaceMessage(offset) for offset in in_flight}
    return SimpleNamespace(
        _acked=defaultdict(list, {UPDATES: list(acked)}),
        _acked_index=defaultdict(set, {UPDATES: set(acked)}),
        _gap=defaultdict(IntervalTree),
        _committed_offset=defaultdict(lambda: None, {UPDATES: committed}),
        _unacked_messages=messages,
        app=SimpleNamespace(**app),
    )


class SimpleNamespaceMessage:
    """A message in flight; compared by identity, as Faust's are."""

    def __init__(self, offset: int) -> None:
        self.tp, self.offset, self.acked = UPDATES, offset, False


def commit(consumer: SimpleNamespace, new_offset: Callable[..., int | None] = guarded_new_offset) -> int | None:
    """Return the offset that would be committed now, and note it as Faust does."""
    offset = new_offset(consumer, UPDATES)
    if offset is not None:
        consumer._committed_offset[UPDATES] = offset
    return offset


PASSED_BY_FAUST = [
    pytest.param(2585, (2585,), (2586, 2587, 2588, 2589), 2590, id="one in flight just behind the commit"),
    pytest.param(None, (0, 1, 2, 3, 4), (5, 6, 7), 8, id="nothing committed yet"),
    pytest.param(0, (0,), (1, 2), 3, id="committed at zero"),
]


@pytest.mark.parametrize(("committed", "in_flight", "acked", "wrong"), PASSED_BY_FAUST)
def test_faust_commits_past_a_message_in_flight(
    committed: int | None, in_flight: tuple[int, ...], acked: tuple[int, ...], wrong: int
) -> None:
    """The fault of rule 1, as it is in 0.15.3."""
    consumer = a_consumer(committed=committed, in_flight=in_flight, acked=acked)
    assert commit(consumer, ORIGINALS["new_offset"]) == wrong


@pytest.mark.parametrize(("committed", "in_flight", "acked", "wrong"), PASSED_BY_FAUST)
def test_a_commit_never_passes_a_message_in_flight(
    committed: int | None, in_flight: tuple[int, ...], acked: tuple[int, ...], wrong: int
) -> None:
    """Patched: nothing is committed until the smallest one is done, and then all of it."""
    consumer = a_consumer(committed=committed, in_flight=in_flight, acked=acked)
    assert commit(consumer) is None

    consumer._unacked_messages.clear()
    consumer._acked[UPDATES].extend(in_flight)

    assert commit(consumer) == wrong


def test_a_commit_reaches_up_to_the_message_in_flight() -> None:
    """What lies before it is committed; what lies after it is kept for later."""
    consumer = a_consumer(committed=10, in_flight=(12,), acked=(10, 11, 13))
    assert commit(consumer) == 12
    assert consumer._acked[UPDATES] == [13]


def test_an_offset_acknowledged_without_being_done_is_not_committed() -> None:
    """Faust acknowledges queued messages of an older generation; only the agent knows what it did."""
    done = 10
    consumer = a_consumer(committed=10, acked=(10, 12), commit_limit=lambda _: done + 1)
    assert commit(consumer) == 11

    consumer._acked[UPDATES].append(11)
    done = 11
    assert commit(consumer) == 12

    done = 12
    assert commit(consumer) == 13


def test_nothing_is_committed_before_the_agent_has_done_a_message() -> None:
    """A partition just assigned keeps the offset it came with."""
    consumer = a_consumer(committed=10, acked=(10, 11), commit_limit=lambda _: None)
    assert commit(consumer) is None
    assert consumer._acked[UPDATES] == [10, 11]


async def commits_over_holes(add_gap: Callable[..., Any], new_offset: Callable[..., int | None]) -> list[int | None]:
    """Return the commits of five intervals after 0, 2, 4 ... 18 were done, every odd offset being a marker."""
    consumer = a_consumer(committed=0, acked=(0,))
    for offset in range(2, 20, 2):
        await add_gap(consumer, UPDATES, offset - 1, offset)
        consumer._acked[UPDATES].append(offset)
    return [commit(consumer, new_offset) for _ in range(5)]


async def test_faust_gets_past_one_hole_per_commit() -> None:
    """The fault of rule 13: the offset behind each hole is counted twice."""
    commits = await commits_over_holes(ORIGINALS["add_gap"], ORIGINALS["new_offset"])
    assert commits == [3, 5, 7, 9, 11]


async def test_one_commit_gets_past_all_holes() -> None:
    """Patched: holes end before the message behind them."""
    commits = await commits_over_holes(exact_add_gap, guarded_new_offset)
    assert commits == [19, None, None, None, None]
