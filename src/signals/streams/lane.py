"""One partition of deliveries on its way to a sink: in order per signal, destinations side by side.

A destination that is down, slow or limited holds its own deliveries only: they wait in memory, and they hold the
commit. What others have done past it is remembered in ``sent.<sink>``, so it is read and passed over after a crash, not
done again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signals.domain.reasons import SkipReason
from signals.sinks.pacing import Monotonic
from signals.streams.waiting import Due, Queue, Waiting, heading_of

MOST_WAITING = 5_000
# Deliveries of one partition that may wait, each some kB of JSON: on 8 partitions about 120 MB for a sink. At Slack's
# one message a second and channel this is a dead channel's backlog of more than half a day (of all partitions); only
# then do the others of its partition wait with it.

GIVE_UP_S = 24 * 3600.0
# A delivery whose destination has taken nothing for so long becomes a dead letter: by then somebody must look.


class Work(Protocol):
    """Brings deliveries to their end, whatever that is. What it raises means that the outcome was not recorded."""

    def known(self, one: Waiting) -> bool:
        """Whether *one* is recorded as done already. Called once, before it waits."""

    def skipped(self, one: Waiting, reason: SkipReason) -> None:
        """Say that *one* needed no call."""

    def holds(self, one: Waiting) -> str:
        """Return a name for what *one* should be decided together with, before it is delivered; empty: nothing."""

    async def gathered(self, place: str) -> None:
        """Return when what is held back under the name *place* can be decided."""

    async def fold(self, place: str, ones: list[Waiting]) -> list[Waiting]:
        """Bring what was held back to its end in another way; return those that are to be delivered after all."""

    async def turn(self, destination: str) -> None:
        """Return when a call to *destination* may be made: until then what waits can still be overtaken by news."""

    async def work(self, one: Waiting, *, superseded: Callable[[], bool], final: bool) -> bool:
        """Deliver *one* and return True, or False when its attempts are used up and it should be tried again later.

        Parameters
        ----------
        superseded
            Whether news of its signal has come meanwhile that make it unnecessary.
        final
            Not to be tried again later: a failure is its end.
        """


@dataclass(slots=True)
class _Held:
    ones: list[Waiting]
    signals: set[str]
    """Whose further steps wait here too, to keep their order."""
    task: asyncio.Task[None] | None = None
    deciding: bool = False


@dataclass(slots=True)
class _Served:
    queue: Queue
    task: asyncio.Task[None]


class Lane:
    """Takes records in offset order, has them worked off, and knows how far the commit may go.

    Parameters
    ----------
    start
        The committed offset: the first record this lane will see, or before it.
    doubtful_until
        Records below this offset may have been tried by an earlier process.
    work
        See ``Work``.
    coalesce
        See ``Queue``.
    monotonic
        Clock of ``GIVE_UP_S``.
    failed
        Called once, with the first error ``work`` raised; nothing is started after that.
    """

    def __init__(
        self,
        start: int,
        *,
        doubtful_until: int,
        work: Work,
        coalesce: bool,
        monotonic: Monotonic,
        failed: Callable[[BaseException], None],
    ) -> None:
        self.committed = start
        self._doubtful_until, self._work, self._failed = doubtful_until, work, failed
        self._coalesce, self._monotonic = coalesce, monotonic
        self._served: dict[str, _Served] = {}
        self._held: dict[str, _Held] = {}
        self._unfinished: dict[int, None] = {}  # offsets in order
        self._under_way: set[int] = set()
        self._next = start
        self._closing = self._broken = False

    @property
    def full(self) -> bool:
        """Whether fetching should pause."""
        return len(self._unfinished) >= MOST_WAITING

    @property
    def idle(self) -> bool:
        """Whether nothing is under way: what waits untouched need not be looked up by the next owner."""
        return not self._under_way

    @property
    def committable(self) -> int:
        """The offset up to which everything is done."""
        return next(iter(self._unfinished), self._next)

    def offer(self, due: Due) -> None:
        """Take one record; called in offset order."""
        if due.offset < self._next or self._closing or self._broken:
            return  # read twice, or too late
        self._next = due.offset + 1
        one = Waiting(due, heading_of(due.value), doubtful=due.tried or due.offset < self._doubtful_until)
        if self._work.known(one):
            self._work.skipped(one, SkipReason.REPEAT)
            return
        self._unfinished[due.offset] = None
        if not self._hold(one):
            self._enqueue(one)

    def _hold(self, one: Waiting) -> bool:
        """Hold *one* back if it should be, or if earlier steps of its signal are."""
        held = self._held.get(one.destination)
        follows = held is not None and one.signal_id != "" and one.signal_id in held.signals
        if place := one.destination if follows else self._work.holds(one):
            self._put_aside(place, [one])
        return bool(place)

    def _put_aside(self, place: str, ones: list[Waiting]) -> None:
        held = self._held.get(place)
        if held is None:
            held = self._held[place] = _Held([], set())
            held.task = asyncio.create_task(self._gather(place, held))
            held.task.add_done_callback(self._ended)
        held.ones += ones
        held.signals.update(one.signal_id for one in ones)

    async def _gather(self, place: str, held: _Held) -> None:
        while held.ones:
            await self._work.gathered(place)
            if self._closing or self._broken:
                return
            ones, held.ones, held.deciding = held.ones, [], True
            self._under_way.update(one.due.offset for one in ones)
            kept = set(await self._work.fold(place, ones))
            held.deciding = False
            for one in ones:
                if one in kept:
                    one.decided = True
                    self._under_way.discard(one.due.offset)
                    self._enqueue(one)
                else:
                    self._done(one)
            held.signals = {one.signal_id for one in held.ones}
        del self._held[place]

    def _enqueue(self, one: Waiting) -> None:
        served = self._served.get(one.destination)
        if served is not None:
            served.queue.push(one)
            return
        queue = Queue(coalesce=self._coalesce)
        queue.push(one)
        task = asyncio.create_task(self._serve(one.destination, queue))
        self._served[one.destination] = _Served(queue, task)
        task.add_done_callback(self._ended)

    def commit_moved(self, offset: int) -> None:
        """Say that *offset* is committed now."""
        self.committed = offset

    async def close(self, grace_s: float) -> None:
        """Start nothing more, give what is being sent *grace_s* seconds, cut off the rest. Called once."""
        self._closing = True
        holding = [held for held in self._held.values() if held.task is not None]
        for held in holding:
            if not held.deciding and held.task is not None:
                held.task.cancel()
        tasks = {served.task for served in self._served.values()}
        tasks |= {held.task for held in holding if held.task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, destination: str, queue: Queue) -> None:
        while True:
            await self._work.turn(destination)
            if self._closing or self._broken:
                return
            one, skipped = queue.take()
            for left_out in skipped:
                self._done(left_out)
                self._work.skipped(left_out, SkipReason.COALESCED)
            if one is None:
                # Nothing is awaited between the look and this, so nobody has pushed meanwhile.
                del self._served[destination]
                return
            # What was fresh when it came may have grown stale while its destination was down.
            if not one.decided and (place := self._work.holds(one)):
                self._put_aside(place, [one, *queue.rest_of(one.signal_id)])
                continue
            await self._deliver(one, queue)

    async def _deliver(self, one: Waiting, queue: Queue) -> None:
        self._under_way.add(one.due.offset)
        final = queue.last_chance(one, self._monotonic(), GIVE_UP_S)
        if await self._work.work(one, superseded=lambda: queue.superseded(one), final=final):
            queue.successes += 1
            self._done(one)
        else:
            queue.put_back(one, self._monotonic())

    def _done(self, one: Waiting) -> None:
        self._unfinished.pop(one.due.offset, None)
        self._under_way.discard(one.due.offset)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not self._broken:
            self._broken = True
            self._failed(error)
