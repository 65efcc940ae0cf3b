"""The Faust app: one agent, one table, raw bytes. Only this and its patches know Faust; the work is in ``Detector``."""

import asyncio
import logging
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import faust

from signals.streams import aiokafka_patches, faust_patches
from signals.streams.account_store import AccountTable
from signals.streams.detect import Detector
from signals.streams.evaluate import Summarise
from signals.streams.read_ahead import BulkReader
from signals.streams.tables import TABLE, FaustAccounts, changelog_topic, detect_group
from signals.streams.topics import Topics

LOG = logging.getLogger(__name__)

BUFFERED_MESSAGES = 256
# Of at most 256 KB, so 64 MB in the worst case. Faust's 4,096 would be 1 GB; much fewer and the queue runs full, where
# Faust hands messages over one task each, which is its least trodden path.
POLL_RECORDS = 32
# Below a fifth of the buffer: fetching stops at four fifths, and what was fetched already must still fit.
FETCH_BYTES = 2 * 1024 * 1024
# Per partition; must hold the largest message (256 KB), and a few of them save round trips.
REQUEST_TIMEOUT_S = 40.0
# Faust demands that it is not below the session; aiokafka waits that long for a broker that went away.


@dataclass(frozen=True)
class DetectRole:
    """How one detect worker runs.

    Parameters
    ----------
    bootstrap
        ``host:port``, several with commas.
    topics
        Names and the partition count; the topics must exist.
    instance
        Static membership: a name that is this worker's alone and survives its restarts. None: an ordinary member.
    session
        After this long without a sign of life a worker's partitions go to others.
    commit_every
        How often finished messages are committed; a crash repeats at most that much.
    client
        Further aiokafka settings, such as ``security_protocol`` and ``sasl_mechanism``.
    standbys
        Copies of each table partition kept warm on other workers.
    summarise
        Makes what is written to account-summaries; None: nothing is.
    """

    bootstrap: str
    topics: Topics
    instance: str | None = None
    session: timedelta = timedelta(seconds=10)
    commit_every: timedelta = timedelta(seconds=1)
    client: Mapping[str, object] = field(default_factory=dict, repr=False)
    standbys: int = 0
    summarise: Summarise | None = None


@dataclass(frozen=True)
class FaustEdge:
    """A built app with what the worker needs of it."""

    app: Any
    accounts: FaustAccounts
    table: Any
    source: Any
    updates: str
    """Physical name of account-updates."""

    def assigned(self) -> set[int]:
        """Return the partitions of account-updates this worker owns now."""
        if self.app._consumer is None:
            return set()
        return {tp.partition for tp in self.app.consumer.assignment() if tp.topic == self.updates}

    def recovering(self) -> bool:
        """Whether the table is not yet, or not now, ready."""
        return bool(self.app.rebalancing or self.app.in_recovery)


def build_app(role: DetectRole, datadir: Path) -> FaustEdge:
    """Return the app with its table, patched; ``attach`` gives it something to do. Called in the running loop.

    Parameters
    ----------
    datadir
        Faust makes folders there and leaves nothing in them, as the table is kept in memory.
    """
    faust_patches.apply()
    aiokafka_patches.apply()
    group = detect_group(role.topics)
    app = faust.App(
        group,
        broker=[f"kafka://{server.strip()}" for server in role.bootstrap.split(",")],
        broker_credentials=credentials(role.client),
        broker_commit_interval=role.commit_every.total_seconds(),
        broker_session_timeout=role.session.total_seconds(),
        broker_heartbeat_interval=role.session.total_seconds() / 4,
        broker_request_timeout=max(REQUEST_TIMEOUT_S, role.session.total_seconds()),
        broker_max_poll_records=POLL_RECORDS,
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=role.instance,
        stream_buffer_maxsize=BUFFERED_MESSAGES,
        stream_recovery_delay=0.0,
        stream_wait_empty=True,  # a stop or a rebalance waits for the message in hand
        producer_linger=0.0,
        topic_allow_declare=False,  # topics are ours to make
        topic_disable_leader=True,
        topic_partitions=role.topics.partitions,
        topic_replication_factor=1,
        table_standby_replicas=role.standbys,
        store="memory://",
        Table=AccountTable,
        datadir=str(datadir),
        autodiscover=False,
        web_enabled=False,
    )
    table = app.Table(TABLE, partitions=role.topics.partitions, key_type=bytes, value_type=bytes)
    table.reader = BulkReader(role.bootstrap, changelog_topic(role.topics), role.client)
    updates = role.topics.account_updates
    source = app.topic(
        updates, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw",
        partitions=role.topics.partitions,
    )  # fmt: skip
    return FaustEdge(app, FaustAccounts(table, changelog_topic(role.topics)), table, source, updates)


def attach(edge: FaustEdge, detector: Detector) -> None:
    """Let *detector* do the work of *edge*: one agent, one message at a time, nothing acknowledged that is not done."""
    app = edge.app

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            try:
                await detector.handle(message.partition, message.offset, message.value)
            except BaseException as error:
                # Faust acknowledges the message of an agent that raises or is cancelled. Whatever gets here was not
                # foreseen: the message is not done, so the process must be gone before anybody can commit it.
                if isinstance(error, asyncio.CancelledError):
                    detector.leave("changelog_failed", f"cancelled in message {message.partition}:{message.offset}")
                LOG.exception("message %s:%s", message.partition, message.offset)
                detector.leave("changelog_failed", f"message {message.partition}:{message.offset}: {error!r}")

    app.agent(edge.source, name="detect", concurrency=1)(agent)

    async def recovered() -> None:
        try:
            await detector.recovered(edge.assigned())
        except Exception as error:
            # Faust would log it and go on without timers.
            LOG.exception("the accounts cannot be read")
            detector.leave("recovery_too_long", f"{type(error).__name__}: {error}")

    edge.table.on_recover(recovered)

    async def revoked(_: Any, partitions: Iterable[Any], **__: Any) -> None:
        detector.revoked(tp.partition for tp in partitions if tp.topic == edge.updates)

    app.on_partitions_revoked.connect(revoked, weak=False)
    app.commit_limit = lambda tp: detector.next_offset(tp.partition) if tp.topic == edge.updates else None


def credentials(client: Mapping[str, object]) -> Any:
    """Return Faust's form of aiokafka's security settings, None for plain text.

    Raises
    ------
    ValueError
        A security protocol aiokafka does not have.
    """
    protocol = str(client.get("security_protocol", "PLAINTEXT")).upper()
    if protocol == "PLAINTEXT":
        return None
    context = client.get("ssl_context")
    if protocol == "SSL":
        return faust.SSLCredentials(context if isinstance(context, ssl.SSLContext) else ssl.create_default_context())
    if protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
        return faust.SASLCredentials(
            mechanism=client.get("sasl_mechanism"),
            username=client.get("sasl_plain_username"),
            password=client.get("sasl_plain_password"),
            ssl_context=context if protocol == "SASL_SSL" else None,
        )
    raise ValueError(f"security_protocol {protocol!r}, valid: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL")
