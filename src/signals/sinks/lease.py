"""Whether this process may still speak for its deliveries, asked right before each call to a service.

A process that was paused for longer than its session wakes up in the middle of a card that somebody else has posted
meanwhile. No look-up helps it: it has already looked. So whoever owns the deliveries renews a lease each time the
group's coordinator has confirmed it, and a call waits while the lease is over: either it is renewed, or the caller is
told that it owns nothing any more and is cancelled.
"""

import asyncio
from contextvars import ContextVar
from datetime import timedelta

from signals.sinks.pacing import Monotonic


class Lease:
    """The right to make calls, for *span* after each confirmation. Begins without.

    Parameters
    ----------
    span
        Shorter than the time after which the coordinator gives our deliveries to somebody else.
    monotonic
        Must count the time a process is paused, as ``time.monotonic`` does.
    """

    def __init__(self, span: timedelta, monotonic: Monotonic) -> None:
        self._span_s, self._monotonic = span.total_seconds(), monotonic
        self._until = float("-inf")
        self._renewal = asyncio.Event()

    @property
    def held(self) -> bool:
        """Whether calls may be made now."""
        return self._monotonic() < self._until

    def confirmed(self, asked_at: float) -> None:
        """Say that the coordinator confirmed us, in answer to a question asked at *asked_at* (monotonic seconds)."""
        self._until = max(self._until, asked_at + self._span_s)
        self._renewal.set()

    async def hold(self) -> None:
        """Return when calls may be made; waits while they may not."""
        while not self.held:
            self._renewal.clear()
            await self._renewal.wait()


LEASE: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""The lease under which the present task sends. A context variable because it belongs to the delivery under way, while
the calls are made by clients that many deliveries share. None: nobody else could send, as in tests and demos."""


async def may_call() -> None:
    """Return when the present task may make a call to a service."""
    if (lease := LEASE.get()) is not None:
        await lease.hold()
