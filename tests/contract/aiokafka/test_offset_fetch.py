"""What a group has committed, asked while its coordinator moves."""

import asyncio
from collections import deque
from typing import Any

import pytest
from aiokafka import OffsetAndMetadata, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupLoadInProgressError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from signals.streams import aiokafka_patches

PLACE = TopicPartition("t", 0)
LOADING, NOT_COORDINATOR = 14, 16
COMMITTED = OffsetFetchResponse_v3(0, [("t", [(0, 20, "", 0)])], 0)


class Client:
    """Answers in turn; a coordinator that is not known is found at once."""

    def __init__(self, *answers: Any) -> None:
        self.answers = deque(answers)
        self.lookups = 0

    async def send(self, _node: int, _request: Any, **_: Any) -> Any:
        """Give the next answer."""
        return self.answers.popleft()

    async def coordinator_lookup(self, *_: Any) -> int:
        """Find a coordinator."""
        self.lookups += 1
        return 2

    async def ready(self, *_: Any, **__: Any) -> bool:
        """Be connected."""
        return True


def coordinator(client: Client, monkeypatch: pytest.MonkeyPatch, *, patched: bool = True) -> Any:
    """Return a group's client side that knows a coordinator and nothing else."""
    monkeypatch.setattr(GroupCoordinator, "_send_req", aiokafka_patches.ORIGINALS["send_req"])
    if patched:
        aiokafka_patches.apply()
    made: Any = GroupCoordinator.__new__(GroupCoordinator)
    made.group_id, made.coordinator_id, made._client, made._retry_backoff_ms = "g", 1, client, 0
    made._coordinator_lookup_lock, made._closing = asyncio.Lock(), asyncio.Future()
    made._coordinator_dead_fut = asyncio.Future()
    return made


@pytest.mark.parametrize("error", [LOADING, NOT_COORDINATOR])
async def test_an_answer_that_is_an_error_is_asked_again(error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not "never committed": a member would start at the beginning of the log."""
    client = Client(OffsetFetchResponse_v3(0, [], error), COMMITTED)

    found = await coordinator(client, monkeypatch).fetch_committed_offsets([PLACE])

    assert found == {PLACE: OffsetAndMetadata(20, "")}
    assert client.lookups == (1 if error == NOT_COORDINATOR else 0)


async def test_without_the_patch_it_says_never_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails the fault is cured upstream, and the patch can go."""
    client = Client(OffsetFetchResponse_v3(0, [], LOADING), COMMITTED)

    assert await coordinator(client, monkeypatch, patched=False).fetch_committed_offsets([PLACE]) == {}


class Admin:
    """An admin client with its answers in turn; the last one stays."""

    def __init__(self, *answers: dict[TopicPartition, OffsetAndMetadata]) -> None:
        self.answers = deque(answers)

    async def list_consumer_group_offsets(self, _: str, **__: Any) -> dict[TopicPartition, OffsetAndMetadata]:
        """Give the next answer."""
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]


async def test_the_admin_clients_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition that was never committed is told as -1; one that is not told at all is asked for again."""
    monkeypatch.setattr(aiokafka_patches, "ASK_AGAIN_S", 0)
    never = {PLACE: OffsetAndMetadata(-1, "")}
    assert await aiokafka_patches.offsets_of_group(Admin({}, never), "g", [PLACE]) == never

    with pytest.raises(GroupLoadInProgressError, match=r"t\[0\]"):
        await aiokafka_patches.offsets_of_group(Admin({}), "g", [PLACE], within_s=0.0)
