"""Questions about where topics end."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NotLeaderForPartitionError

from signals.ingest import ends
from signals.ingest.ends import End, EndQuestions

A, B = TopicPartition("a", 0), TopicPartition("b", 0)
LEADERS = {A: 1, B: 2}


class Brokers:
    """A consumer's way to them: they answer when they are let, or fail."""

    def __init__(self) -> None:
        self.asked: list[list[TopicPartition]] = []
        self.silent: set[int] = set()
        self.fails = False
        self._client = self.cluster = self

    def leader_for_partition(self, place: TopicPartition) -> int:
        """Return who is asked."""
        return LEADERS[place]

    async def end_offsets(self, places: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Answer 7 for all."""
        self.asked.append(places)
        if {LEADERS[place] for place in places} & self.silent:
            await asyncio.Event().wait()
        if self.fails:
            raise NotLeaderForPartitionError
        return dict.fromkeys(places, 7)


class Watch:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Return it."""
        return self.now


async def some_turns() -> None:
    """Let tasks go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def made(brokers: Brokers, watch: Watch) -> EndQuestions:
    """Return what is tested."""
    return EndQuestions(lambda: brokers, watch)


async def test_an_answer_carries_the_time_of_its_question() -> None:
    """What was acknowledged before the question lies below the answer; of later nothing is known."""
    brokers, watch = Brokers(), Watch()
    questions = made(brokers, watch)
    questions.ask([A, B])
    watch.now = 105.0
    await some_turns()

    assert questions.answers() == [End(A, 7, 100.0), End(B, 7, 100.0)]
    assert questions.answers() == []


async def test_a_leader_that_is_silent_holds_up_nobody_else() -> None:
    """Each leader has a question of its own."""
    brokers, watch = Brokers(), Watch()
    questions = made(brokers, watch)
    brokers.silent = {1}
    for _ in range(3):
        questions.ask([A, B])
        await some_turns()
        watch.now += 1.0

    assert [one.place for one in questions.answers()] == [B, B, B]
    assert brokers.asked.count([A]) == 1
    await questions.stop()


async def test_a_leader_is_not_asked_all_the_time() -> None:
    """A loop of some milliseconds does not become as many requests."""
    brokers, watch = Brokers(), Watch()
    questions = made(brokers, watch)
    for _ in range(6):
        questions.ask([A])
        await some_turns()
        watch.now += ends.ASK_EVERY_S / 4

    assert len(brokers.asked) == 2


async def test_a_question_that_fails_or_takes_too_long_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the leader may be another."""
    monkeypatch.setattr(ends, "ASK_TIMEOUT_S", 0.0)
    brokers, watch = Brokers(), Watch()
    questions = made(brokers, watch)
    brokers.fails = True
    questions.ask([A])
    await some_turns()
    brokers.fails, brokers.silent, watch.now = False, {1}, 101.0
    questions.ask([A])
    await some_turns()
    monkeypatch.setattr(ends, "ASK_TIMEOUT_S", 5.0)
    brokers.silent, watch.now = set(), 102.0
    questions.ask([A])
    await some_turns()

    assert questions.answers() == [End(A, 7, 102.0)]
    await questions.stop()
