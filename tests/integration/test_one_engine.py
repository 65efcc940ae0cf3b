"""One engine: the same history through ``replay`` and through Kafka gives the same transitions, ids and content.

Through Kafka means: real role processes, two ingest and two detect members, once as a backlog and once live with a
detect member that joins in the middle (a rebalance). Both sides are driven to the same end time. Repeats on the append
topic are allowed (at least once) and counted apart; their content must be equal.
"""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.backtest.replay import replay
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.events.kinds import INPUT_TOPICS, MERGED_TOPICS
from signals.domain.signal import Transition
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.config import IngestSettings
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.ingest.produce import produce
from signals.ingest.record import RawRecord
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.streams.codec import encode_json
from signals.streams.tables import detect_group
from signals.streams.topics import Topics
from support.brokers import Broker, broker
from support.role_processes import Deadline, RoleProcesses

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

PARTITIONS = 4
__all__ = ["broker"]

SETTINGS = """
kafka: {{bootstrap: "{bootstrap}", prefix: "{prefix}", partitions: {partitions}}}
time: {{source: input, merge_wait: {merge_wait}}}
"""


@lru_cache
def _history(days: int, accounts: int) -> tuple[tuple[bytes, ...], datetime]:
    """Return the lines of a small company in the order of event time, and its end.

    In order of event time a record is late in no run, so that live and backlog must agree to the letter; what comes
    out of order is the subject of the property tests.
    """
    settings = SimulationSettings(accounts=accounts, days=days, seed=11, bad_input_share=0.002, broadcasts=True)
    simulation = simulate(settings)
    lines = [to_line(record) for record in simulation.records()]
    lines += _erasures(lines, simulation.end)
    lines.append(_refused(simulation.end))
    return tuple(sorted(lines, key=_turn)), simulation.end


def _erasures(lines: Sequence[bytes], end: datetime) -> list[bytes]:
    """Return a request to erase one account of three late in the history: what it takes back must be equal, too."""
    keys = sorted({str(key) for line in lines if (key := msgspec.json.decode(line)["key"])})
    at = (end - timedelta(days=9)).isoformat()
    return [
        msgspec.json.encode({
            "topic": "feedback", "key": key, "received_at": at,
            "value": {"kind": "erase_requested", "org_id": key, "at": at, "by": "test"},
        })
        for key in keys[::3]
    ]  # fmt: skip


def _refused(end: datetime) -> bytes:
    """Return a broadcast that nobody may send: the places after it must be equal all the same."""
    at = (end - timedelta(days=12)).isoformat()
    value = {"kind": "usage_reported", "org_id": "*", "at": at, "day": "2026-01-01"}
    return msgspec.json.encode({"topic": "broadcast", "key": "*", "received_at": at, "value": value})


def _turn(line: bytes) -> tuple[datetime, int]:
    """Return the merge's key of a line, without the offset; what has no time goes first."""
    record = msgspec.json.decode(line)
    value = record["value"]
    try:
        at = datetime.fromisoformat(value["at"])
    except (TypeError, KeyError, ValueError):
        at = datetime.min.replace(tzinfo=UTC)
    return at.astimezone(UTC), MERGED_TOPICS.index(record["topic"])


def _expected(lines: Sequence[bytes], end: datetime) -> dict[str, bytes]:
    packs = [files("signals.detectors.rules") / "packs"]
    catalogue = Catalogue(load_packs(packs, names=VOCABULARY), VOCABULARY)
    result = replay(
        _records(lines),
        decoder=RecordDecoder(PARTITIONS),
        catalogue=catalogue,
        policy=Policy(),
        until=end,
    )
    return {one.id: encode_json(one) for one in result.transitions}


def test_a_backlog_gives_what_replay_gives(broker: Broker, tmp_path: Path) -> None:
    """Everything is on the topics before the two ingest and the two detect members start."""
    lines, end = _history(70, 8)
    topics = broker.topics(PARTITIONS)
    asyncio.run(_send(broker, topics, [*_records(lines), *LineReader(PARTITIONS).closing(end)]))

    with RoleProcesses(tmp_path, _settings(broker, topics, "250ms")) as roles:
        for role in ("ingest", "detect"):
            roles.start(role, "one")
            roles.start(role, "two")
        asyncio.run(_drained(broker, topics, roles))

    _compare(asyncio.run(_published(broker, topics)), _expected(lines, end))


def test_live_with_a_rebalance_gives_what_replay_gives(broker: Broker, tmp_path: Path) -> None:
    """Records come one by one, wider apart than ``merge_wait``; a second detect member joins in the middle."""
    lines, end = _history(60, 4)
    topics = broker.topics(PARTITIONS)
    records = _records(lines)
    half = len(records) // 2

    with RoleProcesses(tmp_path, _settings(broker, topics, "5ms")) as roles:
        roles.start("ingest", "one")
        roles.start("detect", "one")
        asyncio.run(_send(broker, topics, records[:half], RATE))
        roles.start("detect", "two")
        asyncio.run(_send(broker, topics, records[half:], RATE))
        asyncio.run(_send(broker, topics, [*LineReader(PARTITIONS).closing(end)]))
        asyncio.run(_drained(broker, topics, roles))

    _compare(asyncio.run(_published(broker, topics)), _expected(lines, end))


def test_killed_members_give_what_replay_gives(broker: Broker, tmp_path: Path) -> None:
    """Ingest and a detect member are killed in the middle of a backlog and come back; nothing is missing or extra."""
    lines, end = _history(100, 16)
    topics = broker.topics(PARTITIONS)
    asyncio.run(_send(broker, topics, [*_records(lines), *LineReader(PARTITIONS).closing(end)]))

    with RoleProcesses(tmp_path, _settings(broker, topics, "250ms")) as roles:
        roles.start("ingest", "one")
        roles.start("detect", "one")
        roles.start("detect", "two")
        asyncio.run(_begun(broker, topics, roles))
        roles.stop("detect-one", signal.SIGKILL)
        roles.stop("ingest-one", signal.SIGKILL)
        roles.start("ingest", "one")
        roles.start("detect", "one")
        asyncio.run(_drained(broker, topics, roles))

    _compare(asyncio.run(_published(broker, topics)), _expected(lines, end))


RATE = 80.0
"""Records a second: 12.5 ms apart, more than twice the wait of the live test."""


def _settings(broker: Broker, topics: Topics, merge_wait: str) -> str:
    return SETTINGS.format(
        bootstrap=broker.bootstrap, prefix=topics.prefix, partitions=PARTITIONS, merge_wait=merge_wait
    )


def _records(lines: Sequence[bytes]) -> list[RawRecord]:
    return list(LineReader(PARTITIONS).read(lines))


async def _send(broker: Broker, topics: Topics, records: Sequence[RawRecord], rate: float | None = None) -> None:
    await produce(records, bootstrap=broker.bootstrap, topics=topics, rate=rate)


def _compare(published: list[bytes], expected: dict[str, bytes]) -> None:
    by_id: dict[str, bytes] = {}
    for value in published:
        said = msgspec.json.decode(value, type=Transition)
        assert by_id.setdefault(said.id, value) == value, "a repeat with another content"
    missing = [expected[key] for key in expected.keys() - by_id.keys()]
    extra = [by_id[key] for key in by_id.keys() - expected.keys()]
    different = [(by_id[key], expected[key]) for key in expected.keys() & by_id.keys() if by_id[key] != expected[key]]
    told = [_brief(one) for one in missing], [_brief(one) for one in extra], [_difference(*pair) for pair in different]
    assert told == ([], [], []), "missing, extra, different"
    assert len(by_id) == len(expected) > 10


def _difference(published: bytes, expected: bytes) -> str:
    one, two = msgspec.json.decode(published), msgspec.json.decode(expected)
    fields = [name for name in one.keys() | two.keys() if one.get(name) != two.get(name)]
    return f"{_brief(expected)}: " + "; ".join(f"{name} {one.get(name)} for {two.get(name)}" for name in fields)


def _brief(value: bytes) -> str:
    said = msgspec.json.decode(value, type=Transition)
    return f"{said.at} {said.org_id} {said.rule} {said.key} {said.change} seq {said.seq} by {said.caused_by}"


async def _begun(broker: Broker, topics: Topics, roles: RoleProcesses) -> None:
    """Wait until the first transition is published."""
    deadline = Deadline(60, "the first transition")
    partitions = [TopicPartition(topics.signal_events, p) for p in range(PARTITIONS)]
    async with _reader(broker, None) as reader:
        while not (ends := sum((await reader.end_offsets(partitions)).values())):
            roles.check()
            deadline.check(ends)
            await asyncio.sleep(0.05)  # polling processes, not waiting for one of ours


async def _drained(broker: Broker, topics: Topics, roles: RoleProcesses) -> None:
    """Wait until ingest has taken every input record and detect has acknowledged every message."""
    deadline = Deadline(100, "draining")
    ingest = IngestSettings(bootstrap=broker.bootstrap, topics=topics).group_id
    inputs = [TopicPartition(topics.input(topic), p) for topic in INPUT_TOPICS for p in range(PARTITIONS)]
    updates = [TopicPartition(topics.account_updates, p) for p in range(PARTITIONS)]
    async with _reader(broker, ingest) as one, _reader(broker, detect_group(topics)) as two:
        while True:
            left = await _lag(one, inputs), await _lag(two, updates)
            roles.check()
            if left == (0, 0):
                return
            deadline.check(left)
            await asyncio.sleep(0.3)  # polling processes, not waiting for one of ours


async def _lag(reader: AIOKafkaConsumer, partitions: list[TopicPartition]) -> int:
    ends = await reader.end_offsets(partitions)
    committed = [await reader.committed(tp) for tp in partitions]
    return sum(ends[tp] - (done or 0) for tp, done in zip(partitions, committed, strict=True))


def _reader(broker: Broker, group: str | None) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=group, enable_auto_commit=False)


async def _published(broker: Broker, topics: Topics) -> list[bytes]:
    """Return every value on signal-events."""
    async with _reader(broker, None) as reader:
        partitions = [TopicPartition(topics.signal_events, p) for p in range(PARTITIONS)]
        reader.assign(partitions)
        await reader.seek_to_beginning(*partitions)
        ends = await reader.end_offsets(partitions)
        values: list[bytes] = []
        while sum(ends.values()) > len(values):
            batches = await reader.getmany(timeout_ms=1000)
            values += [record.value for batch in batches.values() for record in batch]
        return values
