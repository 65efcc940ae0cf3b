"""All that this process writes goes through one idempotent producer; a group of records is sent, then awaited once."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiokafka import AIOKafkaProducer

MAX_REQUEST_BYTES = 2 * 1024 * 1024
# Twice the largest record any of our topics takes (see ``admin.MAX_MESSAGE_BYTES``): a batch may hold one of those.

SEND_TIMEOUT_S = 45.0
# For a whole group of records. Apache Kafka restarts in 10 to 20 s, so a smaller limit would end the process where the
# producer's own retries would have come through; a larger one delays the restart that cures everything else.


@dataclass(frozen=True, slots=True)
class Record:
    """One record to write."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    """None: a tombstone."""


class Outbox(Protocol):
    """Where records go. ``send_all`` returns when the broker has all of them, and raises when it may not have."""

    async def send_all(self, records: Iterable[Record]) -> int:
        """Write *records* in order and return how many they were.

        Raises
        ------
        Exception
            Some may be written and some not: the caller must not go on as if they were.
        """


class KafkaOutbox:
    """The outbox over aiokafka.

    Parameters
    ----------
    bootstrap
        ``host:port``, several with commas.
    client
        Further settings of every aiokafka client here, such as its security.
    """

    def __init__(self, bootstrap: str, *, client: Mapping[str, object] | None = None) -> None:
        self._bootstrap, self._client = bootstrap, dict(client or {})
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Called once, in the loop that sends."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,  # a group is awaited as a whole: lingering would only add to every message
            max_request_size=MAX_REQUEST_BYTES,
            **self._client,
        )
        await producer.start()
        self._producer = producer

    async def stop(self) -> None:
        """Send what is left and disconnect; also twice and without ``start``."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def send_all(self, records: Iterable[Record]) -> int:
        """Write *records* in order and return how many they were, once the broker has acknowledged the last."""
        if self._producer is None:
            raise RuntimeError("the outbox is not started")
        async with asyncio.timeout(SEND_TIMEOUT_S):
            acknowledgements = [
                await self._producer.send(record.topic, value=record.value, key=record.key, partition=record.partition)
                for record in records
            ]
            if acknowledgements:
                await asyncio.gather(*acknowledgements)
        return len(acknowledgements)
