"""One partition of deliveries on its way to a sink: in order per destination, destinations side by side."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LOG = logging.getLogger(__name__)

WINDOW = 500
# Offsets past the committed one that may be under way or done. One destination that is down for minutes holds the
# commit, and after this many further deliveries its partition waits with it; as many may be looked up at the service
# after a crash. A delivery waits as some kB of JSON: 500 on 8 partitions are about 10 MB.


@dataclass(frozen=True, slots=True)
class Due:
    """One record of ``deliveries.<sink>``."""

    offset: int
    value: bytes


Work = Callable[[Due, bool], Awaitable[None]]
"""Brings one delivery to its end, whatever that is; the flag says that an earlier process may have tried. Raises only
when the outcome could not be recorded."""


class Lane:
    """Takes records in offset order, starts them, and knows how far the commit may go.

    Parameters
    ----------
    start
        The committed offset: the first record this lane will see, or before it.
    doubtful_until
        Records below this offset may have been tried by an earlier process.
    destination_of
        Which of the side-by-side queues a record belongs to; called once per record.
    work
        See ``Work``.
    failed
        Called once, with the first error ``work`` raised; nothing is started after that.
    """

    def __init__(
        self,
        start: int,
        *,
        doubtful_until: int,
        destination_of: Callable[[Due], str],
        work: Work,
        failed: Callable[[BaseException], None],
    ) -> None:
        self.committed = start
        self._doubtful_until = doubtful_until
        self._destination_of, self._work, self._failed = destination_of, work, failed
        self._waiting: deque[Due] = deque()
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._unfinished: dict[int, None] = {}  # offsets in the order they were started
        self._next = start
        self._closing = self._broken = False

    @property
    def full(self) -> bool:
        """Whether fetching should pause: there are records that may not be started yet."""
        return bool(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether everything that was started is done."""
        return not self._unfinished

    @property
    def committable(self) -> int:
        """The offset up to which everything is done."""
        return next(iter(self._unfinished), self._next)

    def offer(self, due: Due) -> None:
        """Take one record; called in offset order."""
        if due.offset < self._next or (self._waiting and due.offset <= self._waiting[-1].offset):
            return  # read twice
        self._waiting.append(due)
        self.pump()

    def commit_moved(self, offset: int) -> None:
        """Say that *offset* is committed now: the window moves."""
        self.committed = offset
        self.pump()

    def pump(self) -> None:
        """Start what may be started."""
        while self._waiting and not self._closing and not self._broken:
            if self._waiting[0].offset >= self.committed + WINDOW:
                return
            due = self._waiting.popleft()
            self._next = due.offset + 1
            self._unfinished[due.offset] = None
            destination = self._destination_of(due)
            task = asyncio.create_task(self._run(due, self._tails.get(destination)))
            self._tails[destination] = task
            task.add_done_callback(lambda done, destination=destination: self._ended(destination, done))  # type: ignore[misc]  # mypy: default in lambda

    async def close(self, grace_s: float) -> None:
        """Start nothing more, give what is being sent *grace_s* seconds, cut off the rest. Called once."""
        self._closing = True
        self._waiting.clear()
        tasks = set(self._tails.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, due: Due, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        if self._closing or self._broken:
            return
        await self._work(due, due.offset < self._doubtful_until)
        self._unfinished.pop(due.offset, None)

    def _ended(self, destination: str, task: asyncio.Task[None]) -> None:
        if self._tails.get(destination) is task:
            del self._tails[destination]
        if not task.cancelled() and (error := task.exception()) is not None and not self._broken:
            self._broken = True
            self._failed(error)
