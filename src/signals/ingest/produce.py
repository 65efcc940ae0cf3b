"""Puts event files on the input topics: idempotent, in file order per partition."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from signals.domain.events.kinds import InputTopic
from signals.ingest.lines import LineReader, read_files, read_records
from signals.ingest.record import RawRecord
from signals.streams.topics import Topics

IN_FLIGHT = 2_000
# Records sent and not yet acknowledged: enough to fill the producer's batches, and a failure is seen within a second.


@dataclass
class Produced:
    """What was sent, per logical topic."""

    records: dict[InputTopic, int]


async def produce(
    records: Iterable[RawRecord],
    *,
    bootstrap: str,
    topics: Topics,
    rate: float | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    monotonic: Callable[[], float] | None = None,
    client: dict[str, object] | None = None,
) -> Produced:
    """Send *records* to their topics and return when the broker has acknowledged all.

    Parameters
    ----------
    records
        From `read_files`, with a closing time from `LineReader.closing` if wanted; each goes to its own partition.
    bootstrap
        ``host:port[,host:port]``.
    rate
        Records a second at most; None: as fast as the broker takes them.
    pause, monotonic
        The clock for *rate*.
    client
        Further settings of the client, such as security.

    Raises
    ------
    KafkaError
        The broker refused a record, or could not be reached; nothing after it was sent on that partition.
    """
    clock = monotonic or asyncio.get_running_loop().time
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=131_072,
        max_request_size=2_097_152,
        **(client or {}),
    )
    sent: dict[InputTopic, int] = {}
    waiting: list[Awaitable[object]] = []
    await producer.start()
    try:
        begun = clock()
        for count, record in enumerate(records, start=1):
            future = await producer.send(
                topics.input(record.topic),
                value=record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )
            waiting.append(future)
            sent[record.topic] = sent.get(record.topic, 0) + 1
            if len(waiting) >= IN_FLIGHT:
                await asyncio.gather(*waiting)
                waiting.clear()
            if rate is not None and (ahead := begun + count / rate - clock()) > 0:
                await pause(ahead)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
    return Produced(sent)


__all__ = ["LineReader", "Produced", "produce", "read_files", "read_records"]
