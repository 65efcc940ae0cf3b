"""Sends the canaries: one event for each partition this member owns, onto the real input topic, again and again.

The member that owns a partition sends its canary, so there is always exactly one sender, and none when ingest stands:
then nothing arrives, which is the truth.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Literal

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from signals.domain.canary import canary_account
from signals.domain.events.feedback import CanarySent
from signals.ingest.config import Clock
from signals.streams.topics import Topics, partition_for

LOG = logging.getLogger(__name__)

SEND_WITHIN_S = 20.0
# A broker that does not answer is no reason to pile canaries up; the next one comes soon.

Told = Callable[[Literal["sent", "failed"], int], None]
"""What became of how many canaries."""


def canaries(topics: Topics, partitions: Iterable[int], clock: Clock) -> dict[int, CanarySent]:
    """Return the event of each partition, sent now."""
    now = clock.now()
    return {
        partition: CanarySent(
            org_id=canary_account(partition, lambda org_id: partition_for(org_id, topics.partitions)), at=now
        )
        for partition in partitions
    }


async def send_canaries(
    topics: Topics,
    partitions: Callable[[], Iterable[int]],
    *,
    every: timedelta,
    bootstrap: str,
    clock: Clock,
    told: Told,
    client: dict[str, object] | None = None,
) -> None:
    """Send one to each of *partitions* every *every*; returns never.

    A failure is told and logged once, and ends nothing: the work goes on without canaries, and their age says so.
    """
    failing = False
    while True:
        events = canaries(topics, partitions(), clock)
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await _send(topics, events, bootstrap, client or {})
        except (KafkaError, OSError) as error:
            told("failed", len(events))
            if not failing:
                LOG.warning("canaries cannot be sent", extra={"error": repr(error)})
            failing = True
        else:
            told("sent", len(events))
            failing = False
        # Without partitions yet, their assignment comes any moment now.
        await asyncio.sleep(every.total_seconds() if events else min(1.0, every.total_seconds()))


async def _send(topics: Topics, events: dict[int, CanarySent], bootstrap: str, client: dict[str, object]) -> None:
    """Send with a producer of its own, made anew each time: what keeps one stuck must not keep the next one."""
    if not events:
        return
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", **client)
    await producer.start()
    try:
        answers = [
            await producer.send(
                topics.input("feedback"),
                key=event.org_id.encode(),
                value=msgspec.json.encode(event),
                partition=partition,
            )
            for partition, event in events.items()
        ]
        await asyncio.gather(*answers)
    finally:
        await producer.stop()
