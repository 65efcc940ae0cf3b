"""Asks leaders where their partitions end, beside the loop that fetches: one question per leader is under way at most.

A question that hangs, because its broker is away, holds up the partitions of that broker and no others.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

ASK_EVERY_S = 0.03
# Per leader, while records wait. Each record is later by half of it and the answer's few milliseconds.
ASK_TIMEOUT_S = 2.0
# Then the leader may be another, and is looked up again.


@dataclass(frozen=True)
class End:
    """One answer."""

    place: TopicPartition
    offset: int
    asked_s: float
    """Monotonic clock when the question was sent."""


class EndQuestions:
    """Questions under way and answers not fetched yet.

    Parameters
    ----------
    consumer
        Returns the one in use. It asks by ListOffsets, which a new leader answers only once it knows everything that
        its predecessors acknowledged.
    monotonic
        Seconds that never go back.
    """

    def __init__(self, consumer: Callable[[], Any], monotonic: Callable[[], float]) -> None:
        self._consumer, self._monotonic = consumer, monotonic
        self._asking: dict[int | None, asyncio.Task[None]] = {}
        self._asked_s: dict[int | None, float] = {}
        self._answers: list[End] = []

    def ask(self, places: Iterable[TopicPartition]) -> None:
        """Ask about *places*, those aside whose leader is being asked or was asked a moment ago."""
        now_s, by_leader = self._monotonic(), dict[int | None, list[TopicPartition]]()
        for place in places:
            leader = self._consumer()._client.cluster.leader_for_partition(place)
            by_leader.setdefault(leader, []).append(place)
        for leader, wanted in by_leader.items():
            if leader in self._asking or now_s - self._asked_s.get(leader, float("-inf")) < ASK_EVERY_S:
                continue
            self._asked_s[leader] = now_s
            task = asyncio.create_task(self._ask(wanted, now_s))
            self._asking[leader] = task
            task.add_done_callback(lambda _, leader=leader: self._asking.pop(leader, None))  # type: ignore[misc]  # mypy: default in lambda

    def answers(self) -> list[End]:
        """Return what was answered since the last call."""
        answers, self._answers = self._answers, []
        return answers

    async def stop(self) -> None:
        """Ask nothing more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, places: list[TopicPartition], asked_s: float) -> None:
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                ends = await self._consumer().end_offsets(places)
        except (KafkaError, TimeoutError):
            return  # asked again as long as somebody waits
        self._answers += [End(place, int(offset), asked_s) for place, offset in ends.items()]
