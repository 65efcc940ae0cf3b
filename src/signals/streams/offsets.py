"""What the broker says of a consumer group's progress, asked over a connection of our own.

Faust's own idea of what is committed is one of the things its faults distort, so the checks do not use it.
"""

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.streams import aiokafka_patches


class GroupOffsets:
    """Committed, first and next offsets of one topic, as seen by one group. Never joins the group.

    Parameters
    ----------
    bootstrap, client
        As for every client here.
    group
        Whose commits are read.
    topic
        Of which topic.
    """

    def __init__(self, bootstrap: str, group: str, topic: str, *, client: Mapping[str, object] | None = None) -> None:
        self._topic = topic
        self._settings = {"bootstrap_servers": bootstrap, "group_id": group, "enable_auto_commit": False}
        self._settings |= dict(client or {})
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect. Called once, in the loop that asks."""
        aiokafka_patches.apply()
        consumer = AIOKafkaConsumer(**self._settings)
        await consumer.start()
        self._consumer = consumer

    async def stop(self) -> None:
        """Disconnect; also twice and without ``start``."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def committed(self, partition: int) -> int | None:
        """Return the next offset the group would read, or None when it never committed."""
        offset: int | None = await self._running().committed(TopicPartition(self._topic, partition))
        return offset

    async def start_of(self, partition: int) -> int:
        """Return the first offset that is still there."""
        one = TopicPartition(self._topic, partition)
        return int((await self._running().beginning_offsets([one]))[one])

    async def ends(self, partitions: Iterable[int], topic: str | None = None) -> dict[int, int]:
        """Return the offset the next record will get, per partition; of another topic when one is given."""
        wanted = [TopicPartition(topic or self._topic, partition) for partition in partitions]
        ends = await self._running().end_offsets(wanted) if wanted else {}
        return {one.partition: int(offset) for one, offset in ends.items()}

    async def first_expected(self, partition: int) -> int:
        """Return the offset a new owner of *partition* must see first: the committed one, else the log start."""
        offset = await self.committed(partition)
        return offset if offset is not None else await self.start_of(partition)

    def _running(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("the offsets are not started")
        return self._consumer
