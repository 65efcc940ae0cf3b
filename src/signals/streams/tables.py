"""The one table: account id -> bytes. Its names, its port, and that port over a Faust table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from signals.streams.outbox import Record
from signals.streams.topics import Topics, TopicSpec

GROUP = "signals-detect"
TABLE = "accounts"


def detect_group(topics: Topics) -> str:
    """Return the consumer group of the detect workers; Faust calls it the app id."""
    return f"{topics.prefix}{GROUP}"


def changelog_topic(topics: Topics) -> str:
    """Return the name Faust gives the table's changelog."""
    return f"{detect_group(topics)}-{TABLE}-changelog"


def changelog_spec(topics: Topics) -> TopicSpec:
    """Return the changelog as it must be on the broker: compacted, partitioned as the accounts are."""
    return TopicSpec(changelog_topic(topics), "compact")


class Accounts(Protocol):
    """The stored accounts of the partitions of this process."""

    def load(self, org_id: str) -> bytes | None:
        """Return the value of an account, or None when it was never stored. Called inside the agent."""

    def store(self, values: Iterable[tuple[str, bytes]]) -> tuple[Record, ...]:
        """Replace values and return the changelog records that must reach the broker before the acknowledge."""

    def held(self, partitions: Iterable[int]) -> Iterator[tuple[int, str, bytes]]:
        """Yield partition, account and value of all that is held of *partitions*, in no order.

        After a recovery, and for a broadcast.
        """

    def repairs(self, partitions: Iterable[int]) -> tuple[Record, ...]:
        """Return the changelog records to write again, because an older value stands there last. After a recovery."""


class FaustAccounts:
    """``Accounts`` over a Faust table that was patched to collect its changelog (see ``faust_patches``)."""

    def __init__(self, table: Any, topic: str) -> None:
        self._table, self._topic = table, topic
        self._collected: list[tuple[int | None, bytes, bytes]] = []
        table.changelog_records = self._collected

    @property
    def _store(self) -> Any:
        return self._table.data  # an AccountStore; importing it here would load Faust into every command

    def load(self, org_id: str) -> bytes | None:
        """Return the stored value, or None."""
        value: bytes | None = self._table.get(org_id.encode())
        return value

    def store(self, values: Iterable[tuple[str, bytes]]) -> tuple[Record, ...]:
        """Write through Faust, which allows it only inside the agent and for the partition of its message."""
        for org_id, value in values:
            self._table[org_id.encode()] = value
        records = []
        for partition, key, value in self._collected:
            if partition is None:
                raise RuntimeError("Faust gave a changelog record no partition")
            self._store.put(partition, key)
            records.append(Record(self._topic, partition, key, value))
        self._collected.clear()
        return tuple(records)

    def held(self, partitions: Iterable[int]) -> Iterator[tuple[int, str, bytes]]:
        """Yield partition, account and value of all that is held of *partitions*."""
        for partition, key, value in self._store.of(partitions):
            yield partition, key.decode(), value

    def repairs(self, partitions: Iterable[int]) -> tuple[Record, ...]:
        """Return the changelog records to write again."""
        overtaken = tuple(self._store.overtaken(partitions))
        for partition, key, _ in overtaken:
            self._store.put(partition, key)
        return tuple(Record(self._topic, partition, key, value) for partition, key, value in overtaken)

    def foreign(self, ends: Mapping[int, int]) -> frozenset[int]:
        """Return the partitions of which somebody else has written records, given where their changelogs end."""
        return frozenset(partition for partition, end in ends.items() if self._store.unread(partition, end))
