"""Every topic: name, key, partitions, retention. The one place that knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aiokafka.partitioner import murmur2

from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, InputTopic

Cleanup = Literal["delete", "compact"]

SINKS = ("slack", "crm", "webhook")
"""Every sink has its own deliveries topic, group and lag."""


@dataclass(frozen=True)
class TopicSpec:
    """One topic as it must be on the broker."""

    name: str
    cleanup: Cleanup
    retention: timedelta | None = None
    """None: kept for ever (compacted)."""
    key: str = "account id"
    single: bool = False
    """One partition, whatever the account topics have."""

    def partitions(self, accounts: int) -> int:
        """Return how many partitions it has where account topics have *accounts*."""
        return 1 if self.single else accounts


@dataclass(frozen=True)
class Topics:
    """All topics of one installation.

    Parameters
    ----------
    partitions
        One count for every account topic; chosen for life (re-keying needs a new epoch).
    prefix
        Put before every name, so that several installations share a broker.
    """

    partitions: int = 8
    prefix: str = ""

    def input(self, topic: InputTopic) -> str:
        """Return the physical name of an input topic."""
        return f"{self.prefix}{topic}.events.v1"

    @property
    def account_updates(self) -> str:
        """Packs from ingest to detect; append only, without holes (a Faust agent reads it)."""
        return f"{self.prefix}account-updates"

    @property
    def signal_events(self) -> str:
        """Every transition, append."""
        return f"{self.prefix}signal-events"

    @property
    def signal_state(self) -> str:
        """The last transition of each signal, compacted, keyed by signal id."""
        return f"{self.prefix}signal-state"

    @property
    def suppressions(self) -> str:
        """Everything held back, with its reason."""
        return f"{self.prefix}suppressions"

    @property
    def dead_letters(self) -> str:
        """Records nobody could use, with reason, position and original bytes."""
        return f"{self.prefix}dead-letters"

    @property
    def account_summaries(self) -> str:
        """What reports over several accounts need of each, compacted; written when an account's day closes."""
        return f"{self.prefix}account-summaries"

    def deliveries(self, sink: str) -> str:
        """Return the topic of one sink's deliveries; keyed by account, as is ``sent``'s partition."""
        return f"{self.prefix}deliveries.{sink}"

    def sent(self, sink: str) -> str:
        """Return the compacted record of what one sink has sent, keyed by signal id."""
        return f"{self.prefix}sent.{sink}"

    def all(self) -> Iterator[TopicSpec]:
        """Yield every topic we create ourselves (the table's changelog is ``streams/tables.py``'s)."""
        for topic in INPUT_TOPICS:
            yield TopicSpec(self.input(topic), "delete", timedelta(days=30))
        yield TopicSpec(self.input(BROADCAST), "delete", timedelta(days=30), key="*", single=True)
        yield TopicSpec(self.account_updates, "delete", timedelta(days=7))
        yield TopicSpec(self.signal_events, "delete", timedelta(days=90))
        yield TopicSpec(self.signal_state, "compact", key="signal id")
        yield TopicSpec(self.suppressions, "delete", timedelta(days=30))
        yield TopicSpec(self.account_summaries, "compact")
        yield TopicSpec(self.dead_letters, "delete", timedelta(days=30), key="as the source")
        for sink in SINKS:
            yield TopicSpec(self.deliveries(sink), "delete", timedelta(days=7))
            yield TopicSpec(self.sent(sink), "compact", key="signal id/destination, on the account's partition")


def partition_for(key: str, partitions: int) -> int:
    """Return the partition Kafka's own murmur2 partitioner gives *key*.

    >>> partition_for("acme", 8)
    4
    """
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
