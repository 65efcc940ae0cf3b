"""What our table store relies on in Faust (recovery with and without a standby), and what Faust's own does instead."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.stores.memory import Store
from faust.types import TP

from signals.streams.account_store import AccountStore
from signals.streams.faust_app import DetectRole, FaustEdge, build_app
from signals.streams.topics import Topics


@pytest.fixture
def edge(tmp_path: Path) -> FaustEdge:
    """Our app; nothing of it is started."""
    return build_app(DetectRole(bootstrap="127.0.0.1:1", topics=Topics(partitions=4)), tmp_path)


def changelog(edge: FaustEdge, partition: int) -> TP:
    """Return a partition of the table's changelog."""
    return TP(edge.table.changelog_topic_name, partition)


def read(store: Any, tp: TP, offset: int) -> None:
    """Let a store take in one record of a partition, as Faust's recovery does."""
    message = SimpleNamespace(partition=tp.partition, offset=offset, key=b"acme", value=b"value")
    store.apply_changelog_batch([SimpleNamespace(message=message, key=b"acme", value=b"value")], bytes, bytes)


def test_the_table_uses_our_store(edge: FaustEdge) -> None:
    """Through the setting for the table's class."""
    assert type(edge.table.data) is AccountStore


@pytest.mark.parametrize("role", ["active", "standby"])
def test_faust_goes_on_from_the_persisted_offset(edge: FaustEdge, role: str) -> None:
    """An owner begins where its copy ends, and a copy where it ended."""
    tp, recovery = changelog(edge, 1), edge.app.tables.recovery
    read(edge.table.data, tp, offset=41)
    getattr(recovery, f"add_{role}")(edge.table, tp)
    assert getattr(recovery, f"{role}_offsets")[tp] == 41


async def test_faust_tells_the_store_what_is_owned_and_what_is_copied(
    edge: FaustEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a recovery, before the callbacks that rebuild heaps and counts."""
    told: list[object] = []

    async def note(_: AccountStore, owned: object, copied: object) -> None:
        told.append((owned, copied))

    async def recovered() -> None:
        told.append("recovered")

    monkeypatch.setattr(AccountStore, "on_recovery_completed", note)
    edge.table.on_recover(recovered)
    mine, copied = {changelog(edge, 0)}, {changelog(edge, 1)}
    await edge.table.on_recovery_completed(mine, copied)
    assert told == [(mine, copied), "recovered"]


async def test_fausts_own_store_loses_copies_and_its_place(edge: FaustEdge) -> None:
    """The fault: when a newer Faust no longer shows it, our store needs to be no more than a guard of progress."""
    store = Store("memory://", edge.app, edge.table)
    tp = changelog(edge, 1)
    read(store, tp, offset=41)
    assert store.persisted_offset(tp) is None

    await store.on_recovery_completed({changelog(edge, 0)}, {tp})
    assert store.data == {}


async def test_our_store_keeps_copies_and_its_place(edge: FaustEdge) -> None:
    """So a takeover reads what it lacks."""
    store, tp = edge.table.data, changelog(edge, 1)
    read(store, tp, offset=41)
    await store.on_recovery_completed({changelog(edge, 0)}, {tp})
    assert store.data == {b"acme": b"value"}
    assert store.persisted_offset(tp) == 41
