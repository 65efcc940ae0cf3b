"""Make our topics and check that they are as they must be; every difference is said, none is repaired in silence."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from signals.domain.errors import SignalsError
from signals.streams.tables import changelog_spec
from signals.streams.topics import Topics, TopicSpec

MAX_MESSAGE_BYTES = 1024 * 1024 + 256 * 1024
# A dead letter keeps up to 600 kB of original in base64, with headers: Kafka's 1 MiB is just short of the worst case.

SEGMENT = timedelta(hours=1)
# The cleaner never touches the active segment, and recovery reads it whole: with Kafka's 7 days a table of 1,000
# accounts would replay a week of updates at each start. Shorter means more small files.
MAX_COMPACTION_LAG = timedelta(hours=6)
# After this the cleaner works through a log whether or not it finds it dirty enough, so recovery time has a bound.
DIRTY_RATIO = "0.2"

SETTINGS_TIMEOUT_MS = 30_000
LEADER_TIMEOUT_S = 20.0
# One broker takes milliseconds; a cluster that is just starting, seconds.
LEADER_POLL_S = 0.05


class AdminError(SignalsError):
    """The broker refused to make a topic, or cannot do so at all."""


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that is not as it must be; ``str`` reads as a sentence."""

    topic: str
    what: str
    """``topic``, ``partitions``, ``replication`` or the name of a topic setting."""
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, must be {self.wanted}"


def all_specs(topics: Topics) -> tuple[TopicSpec, ...]:
    """Return every topic of an installation, the table's changelog included."""
    return (*topics.all(), changelog_spec(topics))


def partition_counts(topics: Topics) -> dict[str, int]:
    """Return name -> partitions of every topic: what an embedded broker is started with."""
    return {spec.name: spec.partitions(topics.partitions) for spec in all_specs(topics)}


def topic_settings(spec: TopicSpec, min_insync: int | None = None) -> dict[str, str]:
    """Return the settings of one topic, as Kafka spells them; *min_insync* None leaves that one to the broker.

    >>> topic_settings(TopicSpec("t", "delete", timedelta(days=7)))["retention.ms"]
    '604800000'
    """
    settings = {"cleanup.policy": spec.cleanup, "max.message.bytes": str(MAX_MESSAGE_BYTES)}
    if min_insync is not None:
        settings["min.insync.replicas"] = str(min_insync)
    if spec.cleanup == "compact":
        return settings | {
            "segment.ms": _ms(SEGMENT),
            "max.compaction.lag.ms": _ms(MAX_COMPACTION_LAG),
            "min.cleanable.dirty.ratio": DIRTY_RATIO,
        }
    return settings | {"retention.ms": _ms(spec.retention) if spec.retention is not None else "-1"}


async def create_topics(
    bootstrap: str,
    topics: Topics,
    *,
    replication: int,
    min_insync: int | None = None,
    client: Mapping[str, object] | None = None,
) -> tuple[str, ...]:
    """Make every topic that is missing and return their names; those that exist are left alone.

    Parameters
    ----------
    replication
        Copies of each partition.
    min_insync
        Copies that must have a record before it is acknowledged; None: as the broker is set.

    Raises
    ------
    AdminError
        The broker refused one, or does not know the request (the embedded broker makes its topics at its start).
    """
    async with _Admin(bootstrap, client) as admin:
        existing = set(await admin.list_topics())
        missing = [spec for spec in all_specs(topics) if spec.name not in existing]
        if not missing:
            return ()
        new = [
            NewTopic(
                spec.name,
                spec.partitions(topics.partitions),
                replication,
                topic_configs=topic_settings(spec, min_insync),
            )
            for spec in missing
        ]
        try:
            answer = await admin.create_topics(new, timeout_ms=SETTINGS_TIMEOUT_MS)
        except KafkaError as error:
            raise AdminError(f"the broker at {bootstrap} made no topics: {error!r}") from error
        refused = []
        for name, code, *text in answer.topic_errors:
            kind = for_code(code)
            if code and kind is not TopicAlreadyExistsError:
                refused.append(f"{name}: {text[0] if text and text[0] else kind.__name__}")
        if refused:
            raise AdminError("; ".join(refused))
        made = tuple(spec.name for spec in missing)
        await wait_for_leaders(admin, made)
        return made


async def wait_for_leaders(admin: Any, names: Iterable[str]) -> None:
    """Return when every partition of *names* can be written to; a broker answers "made" a little before that.

    Raises
    ------
    AdminError
        Some still cannot after ``LEADER_TIMEOUT_S``.
    """
    waiting = set(names)
    deadline = time.monotonic() + LEADER_TIMEOUT_S
    while waiting:
        for described in await admin.describe_topics(sorted(waiting)):
            partitions = described["partitions"]
            if partitions and all(one["leader"] >= 0 for one in partitions):
                waiting.discard(described["topic"])
        if waiting and time.monotonic() > deadline:
            raise AdminError(f"no leader after {LEADER_TIMEOUT_S:g} s: {', '.join(sorted(waiting))}")
        if waiting:
            await asyncio.sleep(LEADER_POLL_S)


async def check_topics(
    bootstrap: str,
    topics: Topics,
    *,
    replication: int | None = None,
    min_insync: int | None = None,
    settings: bool = True,
    client: Mapping[str, object] | None = None,
) -> tuple[Difference, ...]:
    """Return every difference between the broker's topics and ours, sorted; empty when all is well.

    Parameters
    ----------
    replication
        Least number of copies of each partition; None: not checked.
    min_insync
        As in ``create_topics``; None: not checked.
    settings
        Whether to check topic settings too; the embedded broker has none.
    """
    found: list[Difference] = []
    async with _Admin(bootstrap, client) as admin:
        existing = set(await admin.list_topics())
        specs, counts = all_specs(topics), partition_counts(topics)
        present = [spec for spec in specs if spec.name in existing]
        found += [Difference(spec.name, "topic", "there", "missing") for spec in specs if spec.name not in existing]
        if not present:
            return tuple(sorted(found))
        for described in await _described(admin, [spec.name for spec in present]):
            found += _shape_differences(described, counts[described["topic"]], replication)
        if settings:
            actual = await _settings_of(admin, present)
            for spec in present:
                for name, wanted in topic_settings(spec, min_insync).items():
                    value = actual.get(spec.name, {}).get(name)
                    if value != wanted:
                        found.append(Difference(spec.name, name, wanted, value if value is not None else "unknown"))
    return tuple(sorted(found))


class _Admin:
    def __init__(self, bootstrap: str, client: Mapping[str, object] | None) -> None:
        self._settings = {"bootstrap_servers": bootstrap, **dict(client or {})}

    async def __aenter__(self) -> Any:
        self._client = AIOKafkaAdminClient(**self._settings)
        await self._client.start()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


async def _described(admin: Any, names: list[str]) -> list[Any]:
    """Return the description of topics that exist; whichever broker answers may hear of a new one a little later."""
    deadline = time.monotonic() + LEADER_TIMEOUT_S
    while True:
        described: list[Any] = await admin.describe_topics(names)
        if all(one["partitions"] for one in described) or time.monotonic() > deadline:
            return described
        await asyncio.sleep(LEADER_POLL_S)


def _shape_differences(described: Mapping[str, Any], partitions: int, replication: int | None) -> list[Difference]:
    name, found = described["topic"], []
    if len(described["partitions"]) != partitions:
        # Co-partitioning: one account must have one partition number everywhere.
        found.append(Difference(name, "partitions", str(partitions), str(len(described["partitions"]))))
    copies = min((len(partition["replicas"]) for partition in described["partitions"]), default=0)
    if replication is not None and copies < replication:
        found.append(Difference(name, "replication", f"at least {replication}", str(copies)))
    return found


async def _settings_of(admin: Any, specs: list[TopicSpec]) -> dict[str, dict[str, str]]:
    wanted = [ConfigResource(ConfigResourceType.TOPIC, spec.name) for spec in specs]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(wanted):
        for _code, _message, _kind, name, entries in response.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _ms(duration: timedelta) -> str:
    return str(int(duration.total_seconds() * 1000))
