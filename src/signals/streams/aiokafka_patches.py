"""What we change in aiokafka 0.14.0, each with its fault, its test, and how to report it upstream.

``apply`` is called before a member of a group is made, by everybody who makes one. It refuses any other version.

**Offsets while a coordinator moves.** Since its version 2 the answer to OffsetFetch has an error of its own beside
those of the partitions. A broker that is not, or not yet, the coordinator answers with that error and no partitions.
``GroupCoordinator._do_fetch_commit_offsets`` looks at the partitions only, so ``committed()`` says None, *never
committed*, and a member starts at the beginning (or, with ``latest``, at the end, and loses everything between). Seen
when a broker was killed: detect found offset 20 where it was told to expect 0. We raise the error, which is retriable,
and the loop around it asks again. Upstream: "committed() returns None while the group coordinator is loading", with
``tests/contract/aiokafka/test_offset_fetch.py`` as the proof.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NoError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

from signals.domain.errors import ConfigError

VERSION = "0.14.0"

COORDINATOR_MOVES_S = 20.0
# A killed broker is missed after nine seconds, and its successor reads the group's log then. Longer, and the group's
# other members would be better served by our restart.
ASK_AGAIN_S = 0.2

ORIGINALS: dict[str, Callable[..., Any]] = {"send_req": GroupCoordinator._send_req}


def apply() -> None:
    """Put every patch in place; calling again changes nothing.

    Raises
    ------
    ConfigError
        Another version of aiokafka is installed.
    """
    if (found := version("aiokafka")) != VERSION:
        raise ConfigError("aiokafka", f"version {found}", f"{VERSION}; other versions need the contract suite first")
    GroupCoordinator._send_req = _send_req


async def _send_req(self: Any, request: Any) -> Any:
    response = await ORIGINALS["send_req"](self, request)
    if isinstance(request, OffsetFetchRequest):
        error = for_code(getattr(response, "error_code", 0))
        if error in (NotCoordinatorForGroupError, GroupCoordinatorNotAvailableError):
            self.coordinator_dead()
        if error is not NoError:
            raise error()
    return response


async def offsets_of_group(
    admin: Any, group: str, wanted: Iterable[TopicPartition], *, within_s: float = COORDINATOR_MOVES_S
) -> dict[TopicPartition, Any]:
    """Return offset and metadata of each partition as the group committed them; offset -1: it never did.

    The admin client has the same fault; there a partition that was never committed is in the answer and one that was
    not told is not.

    Raises
    ------
    KafkaError
        The brokers did not tell all of them within *within_s* seconds.
    """
    partitions, deadline = list(wanted), time.monotonic() + within_s
    while True:
        try:
            found: dict[TopicPartition, Any] = await admin.list_consumer_group_offsets(group, partitions=partitions)
            if missing := [f"{one.topic}[{one.partition}]" for one in partitions if one not in found]:
                raise GroupLoadInProgressError(f"group {group}: no offsets of {', '.join(missing)}")
        except KafkaError as error:
            if not error.retriable or time.monotonic() >= deadline:
                raise
            await asyncio.sleep(ASK_AGAIN_S)
        else:
            return found
