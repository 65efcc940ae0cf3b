"""Reads parts of a topic in bulk: the changelog before Faust's recovery reads the rest, the end of signal-state."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

LOG = logging.getLogger(__name__)

DEADLINE_S = 30.0
# Faust gives the step of its recovery that this is part of 40 s (its request time-out). What is not read by then, it
# reads itself.
CONNECT_S = 5.0
# aiokafka itself would wait for as long as Faust's step may take.
GRACE_S = 2.0
# For a single call that does not come back.
FETCH_BYTES = 4 * 1024 * 1024
# Per partition and request: some hundred accounts.
RECORDS_AT_ONCE = 1000
# Some milliseconds of work between two turns of the loop.
POLL_MS = 200


class Target(Protocol):
    """Where records go."""

    def take(self, partition: int, offset: int, key: bytes, value: bytes | None) -> None:
        """Take one record in; called in the order of each partition."""


class BulkReader:
    """A consumer outside any group, made anew for each read.

    Faust's way takes 60 to 150 us per record (a dozen tasks on the loop for each); this takes about 25.

    Parameters
    ----------
    bootstrap, client
        As for every client here.
    topic
        What is read.
    monotonic
        Seconds, for the deadline.
    """

    def __init__(
        self, bootstrap: str, topic: str, client: Mapping[str, object], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._bootstrap, self._topic, self._client, self._monotonic = bootstrap, topic, dict(client), monotonic

    async def read(self, ranges: Mapping[int, tuple[int, int]], target: Target) -> bool:
        """Read partitions from the first offset up to before the second, or until the deadline.

        Never raises for the broker's sake; returns whether all was read, each partition being read in order.
        """
        wanted = {partition: bounds for partition, bounds in ranges.items() if bounds[0] < bounds[1]}
        if not wanted:
            return True
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=POLL_MS,
            **self._client,
        )
        began = self._monotonic()
        try:
            async with asyncio.timeout(CONNECT_S):
                await consumer.start()
            async with asyncio.timeout(DEADLINE_S + GRACE_S):
                complete = await self._drain(consumer, wanted, target, until=began + DEADLINE_S)
        except Exception:
            LOG.warning("cannot read in bulk", extra={"topic": self._topic}, exc_info=True)
            return False
        else:
            records = sum(end - first for first, end in wanted.values())
            took = round(self._monotonic() - began, 2)
            LOG.info("read in bulk", extra={"topic": self._topic, "offsets": records, "seconds": took})
            return complete
        finally:
            await consumer.stop()

    async def _drain(
        self, consumer: Any, wanted: Mapping[int, tuple[int, int]], target: Target, *, until: float
    ) -> bool:
        places = {TopicPartition(self._topic, partition): end for partition, (_, end) in wanted.items()}
        consumer.assign(list(places))
        for place in places:
            consumer.seek(place, wanted[place.partition][0])
        while places and self._monotonic() < until:
            fetched = await consumer.getmany(*places, timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE)
            for place, records in fetched.items():
                for record in records:
                    if record.offset < places[place]:
                        target.take(place.partition, record.offset, record.key, record.value)
            places = {place: end for place, end in places.items() if await consumer.position(place) < end}
        return not places
