"""The table's changelog (design rules 4 and 15): collected for the agent to await, and written nowhere else."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.base import Collection
from faust.types import TP

from signals.domain.errors import ConfigError
from signals.streams import faust_patches
from signals.streams.faust_app import DetectRole, FaustEdge, build_app
from signals.streams.faust_patches import ORIGINALS, collected_send_changelog
from signals.streams.topics import Topics


@pytest.fixture
def edge(tmp_path: Path) -> FaustEdge:
    """Our app; nothing of it is started, so no broker is needed."""
    return build_app(DetectRole(bootstrap="127.0.0.1:1", topics=Topics(partitions=4)), tmp_path)


@pytest.fixture
def buffered(edge: FaustEdge) -> list[Any]:
    """What Faust's own producer buffer is given."""
    given: list[Any] = []
    edge.app.producer.send_soon = given.append
    return given


async def test_faust_leaves_the_changelog_to_a_buffer(edge: FaustEdge, buffered: list[Any]) -> None:
    """The fault: nobody awaits what is in there."""
    ORIGINALS["send_changelog"](edge.table, 2, b"acme", b"value")
    assert len(buffered) == 1


async def test_changelog_records_are_collected_with_their_partition(edge: FaustEdge, buffered: list[Any]) -> None:
    """Patched: the agent gets them, Faust's buffer does not."""
    answer = collected_send_changelog(edge.table, 2, b"acme", b"value")
    assert answer.message.partition == 2
    assert edge.table.changelog_records == [(2, b"acme", b"value")]
    assert buffered == []


async def test_a_table_that_collects_nothing_is_left_alone(buffered: list[Any], edge: FaustEdge) -> None:
    """Other tables of the process work as before."""
    del edge.table.changelog_records
    collected_send_changelog(edge.table, 2, b"acme", b"value")
    assert len(buffered) == 1


async def test_a_write_outside_the_agent_is_refused(edge: FaustEdge) -> None:
    """Rule 4: nothing but a message may change an account."""
    with pytest.raises(TypeError, match="outside of stream"):
        edge.table[b"acme"] = b"value"


async def test_a_write_goes_to_the_partition_of_the_message(edge: FaustEdge) -> None:
    """Rule 4: whatever the key hashes to, so a table may only be written for the partition in hand."""
    done: list[int] = []

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            edge.table[b"acme"] = b"value"
            done.append(event.message.partition)

    written = edge.app.agent(edge.source, name="writer")(agent)
    async with written.test_context() as context:
        for partition in (3, 1):
            await context.put(b"x", partition=partition)
    assert [partition for partition, _, _ in edge.table.changelog_records] == done
    assert done == [3, 1]


async def test_without_the_patch_a_commit_does_not_wait_for_the_changelog(
    edge: FaustEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault of rule 15: the flush before a commit gives up after 100 ms, and the commit is made all the same."""
    producer, consumer = edge.app.producer, edge.app.consumer
    sent: list[Any] = []

    async def stuck(_: Any, record: Any) -> None:
        sent.append(record)
        await asyncio.Event().wait()

    committed: list[Any] = []

    async def commit(offsets: Any) -> bool:
        committed.append(offsets)
        return True

    source = TP(edge.updates, 2)
    monkeypatch.setattr(type(producer.buffer), "_send_pending", stuck)
    consumer.assignment = lambda: {source}
    consumer._commit = commit
    async with producer.buffer:
        ORIGINALS["send_changelog"](edge.table, 2, b"acme", b"value")
        consumer._acked[source].append(0)
        assert await consumer.commit()
    assert committed == [{source: 1}]
    assert len(sent) == 1, "on its way still"


async def test_our_app_uses_the_patches(edge: FaustEdge) -> None:
    """Building an app puts them in place."""
    assert type(edge.table).send_changelog is collected_send_changelog
    assert Collection.send_changelog is collected_send_changelog


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bump starts with this suite, not with a surprise. The same holds for mode and aiokafka."""
    monkeypatch.setattr(faust_patches, "version", lambda _: "0.15.4")
    with pytest.raises(ConfigError, match=r"0\.15\.4 is installed"):
        faust_patches.apply()


def test_the_originals_are_the_installed_ones() -> None:
    """The tests of the faults test what is installed, not a copy."""
    for original in ORIGINALS.values():
        module = original.__module__
        assert module.startswith(("faust.", "mode.")), SimpleNamespace(module=module)
