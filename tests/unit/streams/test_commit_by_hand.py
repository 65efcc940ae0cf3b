"""A commit Faust lost count of: our own count is committed, and never while a table is being recovered."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from signals.streams.faust_app import FaustEdge
from signals.streams.worker import _commit_by_hand


def an_edge(committed: list[Mapping[Any, int]], *, rebalancing: bool = False) -> FaustEdge:
    """Return an edge whose consumer notes what it is told to commit."""

    async def commit(offsets: Mapping[Any, int]) -> bool:
        committed.append(dict(offsets))
        return True

    app = SimpleNamespace(consumer=SimpleNamespace(_commit=commit), rebalancing=rebalancing, in_recovery=False)
    accounts: Any = None
    return FaustEdge(app, accounts, None, None, "account-updates")


async def test_our_count_is_committed() -> None:
    """Each partition's next offset goes to the group's consumer, on the topic of updates."""
    committed: list[Mapping[Any, int]] = []

    await _commit_by_hand(an_edge(committed), {0: 1, 3: 9})

    assert committed == [{TP("account-updates", 0): 1, TP("account-updates", 3): 9}]


async def test_nothing_is_committed_during_a_rebalance() -> None:
    """The partitions may be somebody else's in a moment."""
    committed: list[Mapping[Any, int]] = []

    await _commit_by_hand(an_edge(committed, rebalancing=True), {0: 1})

    assert committed == []


async def test_nothing_stuck_commits_nothing() -> None:
    """The usual case leaves commits to Faust."""
    committed: list[Mapping[Any, int]] = []

    await _commit_by_hand(an_edge(committed), {})

    assert committed == []
