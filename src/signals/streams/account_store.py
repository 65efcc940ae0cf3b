"""Where Faust keeps the table: in memory, by partition, with how far each partition's changelog has been read.

Faust's own memory store forgets how far it read, and at the end of each recovery it deletes what it holds for others
(standby copies), so a standby would read the whole changelog when it takes over. This store answers Faust's question
for a *persisted offset*, so Faust goes on from there: a copy takes over with what it lacks.

It also never lets an account go backwards. A worker that was paused for longer than its session, and wakes up with an
account in its hand, may write it after the partition's new owner has written newer ones (nothing in Kafka but a
transaction could stop it). The last record of a key is then an old value. Of two values of one account the one that has
seen more is kept (``codec.Header.older_than``), and keys whose record in the changelog is not the one kept are
remembered, to be written again before anything else happens. While a worker serves a partition, ``unread`` tells it
that somebody else writes there too: a recovery then finds out who was right.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from faust import Table
from faust.stores.memory import Store

from signals.streams import codec
from signals.streams.read_ahead import BulkReader


class AccountStore(Store):  # type: ignore[misc]  # Faust is untyped for us
    """The values of the partitions this worker owns or keeps a copy of. Called by Faust, and by ``FaustAccounts``."""

    def __post_init__(self) -> None:
        """Begin empty; Faust's constructor calls this."""
        super().__post_init__()
        self._assigned: frozenset[int] | None = None
        self._read: dict[int, int] = {}
        self._written: Counter[int] = Counter()
        self._overtaken: dict[bytes, None] = {}

    def persisted_offset(self, tp: Any) -> int | None:
        """Return the last changelog offset taken in of a partition, None when nothing of it is held.

        Only what was *read* counts, never what this worker wrote: while it wrote, another may have.
        """
        return self._read.get(tp.partition)

    async def on_rebalance(self, assigned: Iterable[Any], *_: Any) -> None:
        """Note what is read from now on; Faust calls this before it asks for offsets.

        A record of another partition that was still on its way must not pass for the place it was read up to.
        """
        topic = self.table.changelog_topic_name
        self._assigned = frozenset(tp.partition for tp in assigned if tp.topic == topic)

    def apply_changelog_batch(
        self,
        batch: Iterable[Any],
        to_key: Callable[[Any], Any],  # noqa: ARG002  # Faust's signature; keys and values are raw bytes here
        to_value: Callable[[Any], Any],  # noqa: ARG002
    ) -> None:
        """Take records in, in the order of the log. Called in recovery, and all the time for a standby."""
        for event in batch:
            message = event.message
            self.take(message.partition, message.offset, message.key, message.value)

    def take(self, partition: int, offset: int, key: bytes, value: bytes | None) -> None:
        """Take one record of the changelog in; one that was taken in before changes nothing."""
        if self._assigned is not None and partition not in self._assigned:
            return
        if offset <= self._read.get(partition, -1):
            return
        self._read[partition] = offset
        if value is None:
            self._forget(key)
            return
        held = self.data.get(key)
        if held is not None and _older(value, held):
            self._overtaken[key] = None
            return
        self._overtaken.pop(key, None)
        self.data[key] = value
        self._key_partition[key] = partition

    async def on_recovery_completed(self, active_tps: Iterable[Any], standby_tps: Iterable[Any]) -> None:
        """Drop what this worker neither owns nor keeps a copy of any more."""
        kept = {tp.partition for tps in (active_tps, standby_tps) for tp in tps}
        for key in [key for key, partition in self._key_partition.items() if partition not in kept]:
            self._forget(key)
        for partition in set(self._read) - kept:
            del self._read[partition]
        self._written.clear()

    def put(self, partition: int, key: bytes) -> None:
        """Note a record that is about to be written to the changelog, and where its key belongs."""
        self._key_partition[key] = partition
        self._written[partition] += 1

    def unread(self, partition: int, end: int) -> int:
        """Return how many records of a changelog that ends at *end* are neither read nor this worker's since.

        More than none means that another worker has written them since the last recovery. Asked for partitions this
        worker owns; 0 for one that had no changelog then.
        """
        read = self._read.get(partition)
        return 0 if read is None else max(0, end - (read + 1) - self._written[partition])

    def of(self, partitions: Iterable[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield partition, key and value of everything held of *partitions*."""
        wanted = set(partitions)
        for key, partition in self._key_partition.items():
            if partition in wanted:
                yield partition, key, self.data[key]

    def overtaken(self, partitions: Iterable[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield partition, key and value of those whose last record in the changelog is older than what is held."""
        wanted = set(partitions)
        for key in self._overtaken:
            if (partition := self._key_partition[key]) in wanted:
                yield partition, key, self.data[key]

    def _forget(self, key: bytes) -> None:
        self.data.pop(key, None)
        self._key_partition.pop(key, None)
        self._overtaken.pop(key, None)


def _older(value: bytes, held: bytes) -> bool:
    if value == held:
        return False
    try:
        return codec.account_header(value).older_than(codec.account_header(held))
    except (codec.Corrupt, codec.SchemaTooNew):
        return False  # the log decides; whoever loads the account says what is wrong with it


class AccountTable(Table):  # type: ignore[misc]  # Faust is untyped for us
    """Faust's table with our store, and with a reader that is faster than Faust's own when it has one."""

    reader: BulkReader | None = None

    async def read_ahead(self, bounds: Mapping[Any, tuple[int, int]]) -> dict[Any, int]:
        """Read partitions of the changelog in bulk and return the last offset read of each that has one.

        Called by our patch of Faust's recovery (``faust_patches.read_ahead_offsets``). *bounds*: the last offset read
        so far and the last one there is, of each partition.
        """
        if self.reader is not None:
            await self.reader.read(
                {tp.partition: (read + 1, last + 1) for tp, (read, last) in bounds.items()}, self.data
            )
        return {tp: offset for tp in bounds if (offset := self.data.persisted_offset(tp)) is not None}

    def _new_store(self) -> Any:
        return AccountStore(
            "memory://", self.app, self, table_name=self.name, key_type=self.key_type, value_type=self.value_type,
            key_serializer=self.key_serializer, value_serializer=self.value_serializer, loop=self.loop,
        )  # fmt: skip
