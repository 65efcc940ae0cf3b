"""Kafka with TLS and users, from the settings file alone: the whole path, and what stops a start."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.errors import ConfigError
from signals.settings.load import Configuration, load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.wiring.kafka import client_of, require_access
from signals.wiring.policy import topics_of
from support.brokers import new_prefix
from support.packaged import rules
from support.role_processes import SIGNALS, Deadline, RoleProcesses
from support.secure_kafka import KEY_PASSWORD, PASSWORD, USER, SecureKafka, secure_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.apache, pytest.mark.timeout(240)]

PARTITIONS = 2
ENVIRONMENT = {"SIGNALS_KAFKA_PASSWORD": PASSWORD, "SIGNALS_KAFKA_KEY_PASSWORD": KEY_PASSWORD}


@pytest.fixture
def kafka() -> SecureKafka:
    """The broker, started once."""
    return secure_kafka()


def settings(kafka: SecureKafka, *, mechanism: str = "SCRAM-SHA-512", ca: str = "ca.pem", prefix: str = "") -> str:
    """Return a settings file for the SASL_SSL listener."""
    return f"""
kafka:
  bootstrap: {kafka.sasl_ssl}
  prefix: "{prefix}"
  partitions: {PARTITIONS}
  replication: 1
  security: sasl_ssl
  sasl_mechanism: {mechanism}
  sasl_user: {USER}
  ca_file: {kafka.folder / ca}
time: {{source: input}}
http: {{port: 0}}
logging: {{level: debug}}
"""


def test_the_whole_path_works_over_tls_and_scram(
    kafka: SecureKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Topics made, events in, cards out, a table recovered, an account erased; every client with the same settings."""
    monkeypatch.setenv("SIGNALS_KAFKA_PASSWORD", PASSWORD)
    simulation = simulate(SimulationSettings(accounts=4, days=60, seed=11))
    events = tmp_path / "events.jsonl"
    events.write_bytes(b"".join(to_line(record) + b"\n" for record in simulation.records()))

    with RoleProcesses(tmp_path, settings(kafka, prefix=new_prefix())) as roles:
        signals(roles.config, "topics", "create")
        for role in ("ingest", "detect", "deliver"):
            roles.start(role, "one")
        signals(roles.config, "produce", str(events), "--close-at", simulation.end.isoformat())
        before = poll(roles, lambda state, sent: len(state) >= 3 and seqs(carded(state)) == seqs(sent))
        account = min(str(one["org_id"]) for one in before.values())
        its_own = {signal for signal, one in before.items() if one["org_id"] == account}

        roles.stop("detect-one")
        roles.start("detect", "one")  # reads its table back over TLS; only it knows what there is to erase
        signals(roles.config, "erase", account, "--yes", "--at", simulation.end.isoformat())

        after = poll(roles, lambda state, sent: not its_own & (state.keys() | sent.keys()))
        assert account not in {one["org_id"] for one in after.values()}
        logs = "".join(roles.log(f"{role}-one") for role in ("ingest", "detect", "deliver"))
    assert "up" in logs
    assert PASSWORD not in logs


def test_a_wrong_password_ends_a_role_at_its_start(
    kafka: SecureKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that says which setting, and no password in it."""
    monkeypatch.setenv("SIGNALS_KAFKA_PASSWORD", "not-the-password")
    file = tmp_path / "signals.yaml"
    file.write_text(settings(kafka))

    done = run(file, "worker", "--role", "detect", "--http-port", "0")

    assert done.returncode == 2
    assert f"error: {file}:7 kafka.security: {kafka.sasl_ssl}: it refuses user or password" in done.stderr
    assert "not-the-password" not in done.stderr
    assert "Traceback" not in done.stderr
    produced = run(file, "topics", "create")
    assert (produced.returncode, "it refuses user or password" in produced.stderr) == (2, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ca": "other-ca.pem"}, ":10 kafka.ca_file: 127.0.0.1:{port}: its certificate is not trusted: "),
        ({"mechanism": "PLAIN"}, None),
        ({"mechanism": "SCRAM-SHA-256"}, ":7 kafka.security: 127.0.0.1:{port}: it refuses user or password"),
    ],
)
def test_what_stands_in_the_way_is_said_with_its_line(
    kafka: SecureKafka, tmp_path: Path, change: dict[str, str], said: str | None
) -> None:
    """The user was made for PLAIN and SCRAM-SHA-512, and the broker has a certificate of its own authority."""
    file = tmp_path / "signals.yaml"
    file.write_text(settings(kafka, **change))
    configuration = load_configuration(file, ENVIRONMENT)

    if said is None:
        asyncio.run(require_access(configuration))
        return
    with pytest.raises(ConfigError) as caught:
        asyncio.run(require_access(configuration))
    assert f"{file}{said.format(port=kafka.sasl_ssl.split(':')[1])}" in str(caught.value)


def test_tls_where_there_is_none_and_a_port_nobody_listens_on(kafka: SecureKafka, tmp_path: Path) -> None:
    """The first is a mistake of the settings; the second may pass, so nothing is said and clients retry."""
    text = settings(kafka)
    file = tmp_path / "signals.yaml"
    file.write_text(text.replace(kafka.sasl_ssl, kafka.plain))
    with pytest.raises(ConfigError, match=r"kafka.security: .* in the TLS handshake"):
        asyncio.run(require_access(load_configuration(file, ENVIRONMENT)))

    file.write_text(text.replace(kafka.sasl_ssl, "127.0.0.1:1"))
    asyncio.run(require_access(load_configuration(file, ENVIRONMENT)))


def test_mutual_tls_with_an_encrypted_key(kafka: SecureKafka, tmp_path: Path) -> None:
    """Our certificate is asked for; without it, and with a wrong password of its key, the start ends with the line."""
    file = tmp_path / "signals.yaml"
    base = f"kafka:\n  bootstrap: {kafka.ssl}\n  security: ssl\n  ca_file: {kafka.folder}/ca.pem\n"
    ours = f"  cert_file: {kafka.folder}/client.crt\n  key_file: {kafka.folder}/client.key\n"
    file.write_text(base + ours)

    asyncio.run(require_access(load_configuration(file, ENVIRONMENT)))
    with pytest.raises(ConfigError, match=r"signals.yaml:6 kafka.key_file: cannot be used: "):
        client_of(load_configuration(file, {"SIGNALS_KAFKA_KEY_PASSWORD": "wrong-password"}))

    file.write_text(base)
    with pytest.raises(ConfigError, match=r"kafka.cert_file: .* it refuses us"):
        asyncio.run(require_access(load_configuration(file, ENVIRONMENT)))


def run(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command as a user would."""
    return subprocess.run(
        [SIGNALS, "--config", file, *arguments], capture_output=True, text=True, timeout=60, check=False, env=os.environ
    )


def signals(file: Path, *arguments: str) -> str:
    """Run a command that must not fail and return what it printed."""
    done = run(file, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


Latest = dict[str, dict[str, object]]
"""Signal id -> the last record of a compacted topic that has no tombstone."""


def carded(state: Latest) -> Latest:
    """Return the signals with a card of their own: not on another's card, and of a rule that posts to Slack."""
    silent = {rule.id for rule in rules() if rule.route.sinks and "slack" not in rule.route.sinks}
    return {signal: one for signal, one in state.items() if not one.get("grouped") and one["rule"] not in silent}


def seqs(records: Latest) -> dict[str, object]:
    """Return signal id -> seq."""
    return {signal: record["seq"] for signal, record in records.items()}


def poll(roles: RoleProcesses, enough: Callable[[Latest, Latest], bool]) -> Latest:
    """Return signal-state once it and sent.slack are as *enough* wants them."""
    configuration = load_configuration(roles.config, ENVIRONMENT)
    topics = topics_of(configuration.settings)
    deadline = Deadline(90, "cards as they must be")
    while True:
        state = asyncio.run(latest(configuration, topics.signal_state))
        sent = asyncio.run(latest(configuration, topics.sent("slack")))
        if enough(state, sent):
            return state
        roles.check()
        deadline.check((len(state), len(sent)))
        time.sleep(0.3)  # polling processes, not waiting for one of ours


async def latest(configuration: Configuration, topic: str) -> Latest:
    """Read a compacted topic to its end, over TLS like everybody."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=configuration.settings.kafka.bootstrap, group_id=None, **client_of(configuration)
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: Latest = {}
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    signal = record.key.decode().partition("/")[0]
                    found.pop(signal, None)
                    if record.value is not None:
                        found[signal] = msgspec.json.decode(record.value)
        return found
    finally:
        await consumer.stop()
