"""Growing: half a history on four partitions, the rest on six, and nothing lost, repeated or said otherwise."""

import asyncio
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import CliRunner

from signals.backtest.replay import replay
from signals.cli import main
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.errors import ConfigError
from signals.domain.signal import Transition
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.ingest.produce import produce
from signals.ingest.rekey import rekey, undrained
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.streams.sent_log import read_sent
from signals.streams.topics import Topics, partition_for
from support.brokers import Broker, broker
from support.role_processes import Deadline, RoleProcesses

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
__all__ = ["broker"]

OLD, NEW = 4, 6


def test_an_installation_grows_in_the_middle_of_a_history(broker: Broker, tmp_path: Path) -> None:
    """Before and after together say what replay says of the whole, but for where the causes stand."""
    lines, end = story()
    half = len(lines) // 2
    old, new = broker.topics(OLD), broker.topics(NEW)

    run(broker, old, tmp_path / "old", lines[:half], 1, None)
    shown = asyncio.run(read_sent(broker.bootstrap, old.sent("slack"), range(OLD)))
    done = asyncio.run(rekey(broker.bootstrap, old, new))
    run(broker, new, tmp_path / "new", lines[half:], 2, end)

    said = {one.id: one for topics in (old, new) for one in asyncio.run(published(broker, topics))}
    expected = {one.id: one for one in expected_of(lines, end)}
    assert len(asyncio.run(published(broker, new))) > 5, "signals went on"
    assert {key: without_causes(one) for key, one in said.items()} == {
        key: without_causes(one) for key, one in expected.items()
    }
    assert done.without_account == 0
    cards = asyncio.run(read_sent(broker.bootstrap, new.sent("slack"), range(NEW)))
    assert len({key for known in shown.values() for key in known}) > 5
    assert {key for known in shown.values() for key in known} <= {key for known in cards.values() for key in known}
    owners = {one.signal_id: one.org_id for one in expected.values()}
    assert all(
        partition_for(owners[signal], NEW) == partition for partition, known in cards.items() for signal, _ in known
    )


def test_what_is_not_drained_or_already_used_is_refused(broker: Broker) -> None:
    """Copying then would lose what is under way, or mix two installations."""
    old, new = broker.topics(OLD), broker.topics(NEW)
    lines, _ = story()
    asyncio.run(produce(LineReader(OLD).read(lines[:5]), bootstrap=broker.bootstrap, topics=old))

    with pytest.raises(ConfigError, match=r"not drained: .*records not taken by"):
        asyncio.run(rekey(broker.bootstrap, old, new))
    with pytest.raises(ConfigError, match=r"holds records already"):
        asyncio.run(rekey(broker.bootstrap, new, old))
    with pytest.raises(ConfigError, match=r"the prefix the topics have now"):
        asyncio.run(rekey(broker.bootstrap, old, Topics(NEW, old.prefix)))


def test_the_command_asks_and_says_what_to_set(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without any record moves at once."""
    if broker.kind == "embedded":
        pytest.skip("the embedded broker makes no topics")
    old = broker.topics(OLD)
    monkeypatch.chdir(tmp_path)
    Path("signals.yaml").write_text(
        f"kafka: {{bootstrap: '{broker.bootstrap}', prefix: {old.prefix}, partitions: {OLD}, replication: 1}}\n"
    )
    command = ["topics", "rekey", "--partitions", str(NEW), "--prefix", f"{old.prefix}grown-"]

    assert CliRunner().invoke(main, command, input="n\n").exit_code == 1
    done = CliRunner().invoke(main, [*command, "--yes"], catch_exceptions=False)

    assert done.exit_code == 0, done.output
    assert f"now set kafka.partitions {NEW}, kafka.prefix '{old.prefix}grown-', kafka.epoch 2" in done.output


def story() -> tuple[list[bytes], datetime]:
    """Return a small company's lines in order of time, and its end; in each half something is broadcast."""
    simulation = simulate(SimulationSettings(accounts=8, days=70, seed=11, broadcasts=True))
    lines = [to_line(record) for record in simulation.records()]
    return sorted(
        lines, key=lambda line: datetime.fromisoformat(msgspec.json.decode(line)["value"]["at"])
    ), simulation.end


def expected_of(lines: list[bytes], end: datetime) -> list[Transition]:
    """Return what replay says of the whole history."""
    catalogue = Catalogue(load_packs([files("signals.detectors.rules") / "packs"], names=VOCABULARY), VOCABULARY)
    records = LineReader(OLD).read(lines)
    return replay(records, decoder=RecordDecoder(OLD), catalogue=catalogue, policy=Policy(), until=end).transitions


def without_causes(said: Transition) -> Transition:
    """Return it without positions: the second half stands at other offsets of another epoch."""
    return msgspec.structs.replace(said, caused_by=())


def run(broker: Broker, topics: Topics, folder: Path, lines: list[bytes], epoch: int, end: datetime | None) -> None:
    """Put lines on the topics, let the roles take everything, and stop them."""
    folder.mkdir()
    reader = LineReader(topics.partitions)
    records = [*reader.read(lines), *(reader.closing(end) if end else ())]
    asyncio.run(produce(records, bootstrap=broker.bootstrap, topics=topics))
    settings = (
        f"kafka: {{bootstrap: '{broker.bootstrap}', prefix: {topics.prefix}, partitions: {topics.partitions}, "
        f"epoch: {epoch}}}\ntime: {{source: input}}\n"
    )
    with RoleProcesses(folder, settings) as roles:
        for role in ("ingest", "detect", "deliver"):
            roles.start(role, "one")
        asyncio.run(drained(broker, topics, roles))


async def drained(broker: Broker, topics: Topics, roles: RoleProcesses) -> None:
    """Wait until nothing is under way, twice: between two topics a record is on neither."""
    deadline, quiet = Deadline(100, "draining"), 0
    while quiet < 2:
        left = await undrained(broker.bootstrap, topics)
        quiet = 0 if left else quiet + 1
        roles.check()
        deadline.check(left)
        await asyncio.sleep(0.3)  # polling processes, not waiting for one of ours


async def published(broker: Broker, topics: Topics) -> list[Transition]:
    """Return everything on signal-events."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topics.signal_events, number) for number in range(topics.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Transition] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [msgspec.json.decode(record.value, type=Transition) for record in records]
        return found
    finally:
        await consumer.stop()
