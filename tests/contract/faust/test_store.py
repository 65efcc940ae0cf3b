"""What our table store relies on in Faust (recovery with and without a standby), and what Faust's own does instead."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.stores.memory import Store
from faust.tables.recovery import ServiceStopped
from faust.types import TP

from signals.streams.account_store import AccountStore
from signals.streams.faust_app import DetectRole, FaustEdge, build_app
from signals.streams.faust_patches import ORIGINALS, impatient_wait, read_ahead_offsets
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


class Broker:
    """The offsets of a changelog, as Faust's consumer tells them."""

    async def earliest_offsets(self, *tps: TP) -> dict[TP, int]:
        """Return the first offsets."""
        return dict.fromkeys(tps, 0)


class Reader:
    """Reads ahead as far as it is told to."""

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self.asked: dict[int, tuple[int, int]] = {}

    async def read(self, ranges: dict[int, tuple[int, int]], target: AccountStore) -> None:
        """Take in one record per partition, the last one read."""
        self.asked.update(ranges)
        for partition in ranges:
            target.take(partition, self.upto, b"acme", b"value")


async def recovery_begins_at(edge: FaustEdge, build_offsets: Any, reader: Reader) -> int:
    """Return where an owner's recovery begins, of a changelog with 100 records of which none is held."""
    tp, recovery = changelog(edge, 1), edge.app.tables.recovery
    edge.table.reader = reader
    recovery.add_active(edge.table, tp)
    recovery.active_highwaters[tp] = 99
    await build_offsets(recovery, Broker(), {tp}, recovery.active_offsets, "active")
    return int(recovery.active_offsets[tp])


async def test_without_the_patch_a_recovery_reads_every_record_itself(edge: FaustEdge) -> None:
    """Slow, not wrong."""
    assert await recovery_begins_at(edge, ORIGINALS["build_offsets"], Reader(99)) == -1


@pytest.mark.parametrize("upto", [99, 40])
async def test_a_recovery_begins_where_the_table_has_read_to(edge: FaustEdge, upto: int) -> None:
    """Patched: at the end, or where the reader gave up; nothing between is left out."""
    reader = Reader(upto)
    assert await recovery_begins_at(edge, read_ahead_offsets, reader) == upto
    assert reader.asked == {1: (0, 100)}
    assert edge.app.tables.recovery.need_recovery() == (upto < 99)


async def test_a_standby_does_not_read_ahead(edge: FaustEdge) -> None:
    """It has time; and the step it would be part of waits for it."""
    tp, recovery, reader = changelog(edge, 1), edge.app.tables.recovery, Reader(99)
    edge.table.reader = reader
    recovery.add_standby(edge.table, tp)
    await read_ahead_offsets(recovery, Broker(), {tp}, recovery.standby_offsets, "standby")
    assert reader.asked == {}


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


async def forever() -> None:
    """Stand for a broker that does not answer."""
    await asyncio.Event().wait()


async def test_without_the_patch_a_slow_step_ends_all_recoveries(edge: FaustEdge) -> None:
    """The fault: ``_restart_recovery`` breaks out of its loop on this, and the worker waits for ever."""
    recovery = edge.app.tables.recovery
    with pytest.raises(ServiceStopped):
        await ORIGINALS["recovery_wait"](recovery, forever(), timeout=0.01)
    assert not recovery.should_stop


async def test_a_slow_step_of_a_recovery_crashes(edge: FaustEdge) -> None:
    """Patched: the process ends and begins anew."""
    with pytest.raises(TimeoutError, match=r"longer than 0\.01 s"):
        await impatient_wait(edge.app.tables.recovery, forever(), timeout=0.01)


async def test_a_stop_in_a_recovery_is_still_a_stop(edge: FaustEdge) -> None:
    """And a step that ends in time is none."""
    recovery = edge.app.tables.recovery
    await impatient_wait(recovery, asyncio.sleep(0), timeout=1.0)
    recovery._stopped.set()
    with pytest.raises(ServiceStopped):
        await impatient_wait(recovery, forever(), timeout=1.0)
