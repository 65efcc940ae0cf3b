"""The client's calls around a rebalance, handed on."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import ConsumerRebalanceListener


class Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # no type information upstream
    """Hands the client's calls to a worker.

    Parameters
    ----------
    revoked
        Called before a rebalance; assignment is eager, so all partitions are meant.
    assigned
        Called after it with the new topic partitions.
    """

    def __init__(self, revoked: Callable[[], Awaitable[None]], assigned: Callable[[Any], Awaitable[None]]) -> None:
        self._revoked, self._assigned = revoked, assigned

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Before a rebalance."""
        del revoked  # always all
        await self._revoked()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """After a rebalance."""
        await self._assigned(assigned)
