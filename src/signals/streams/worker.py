"""Run one role in this process until it is told to stop: start, watch, stop, and an honest end.

A role is a coroutine that takes a ``stop`` event. It returns when it was told to stop and has flushed and committed;
it raises when it cannot go on; and where an exception would lose data it ends the process by ``leave_now`` with the
exit code of the fault. Whoever starts it again waits longer each time, up to a cap (``signals up``, or the
orchestrator): most of these faults come from a broker that needs a moment.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from signals.domain.errors import SignalsError
from signals.streams.detect import DetectMeter, Detector, Fault, Leave
from signals.streams.evaluate import Step
from signals.streams.faust_app import DetectRole, FaustEdge, attach, build_app
from signals.streams.offsets import GroupOffsets
from signals.streams.outbox import KafkaOutbox
from signals.streams.read_ahead import BulkReader
from signals.streams.signal_state import find_buried
from signals.streams.tables import changelog_topic, detect_group
from signals.streams.watchdog import CommitWatch, ForeignWatch

LOG = logging.getLogger(__name__)

EXIT_CODES: dict[Fault, int] = {
    "offset_gap": 81,
    "changelog_failed": 82,
    "commit_stalled": 83,
    "recovery_too_long": 84,
    "log_truncated": 85,
}
"""Exit code of a process that ended itself, by the watchdog that found the fault."""

COMMIT_STALL_LIMIT = timedelta(seconds=60)
# A commit is due every second. Broker restarts hold it up for 20 s; below that this would fire in every upgrade.
RECOVERY_LIMIT = timedelta(minutes=10)
# A million accounts are read in bulk in 30 s, then 10,000 a second. Beyond that it hangs, or needs standbys.
WATCH_EVERY_S = 2.0
STOP_TIMEOUT_S = 12.0
# Faust's own stop takes 1 to 4 s. The parent gives 15 s before it kills, and we want to say why ourselves.


class DetectCrashed(SignalsError):
    """Faust gave up; the cause is attached."""


@dataclass(frozen=True)
class Limits:
    """When a watchdog ends the process."""

    commit_stall: timedelta = COMMIT_STALL_LIMIT
    recovery: timedelta = RECOVERY_LIMIT
    watch_every_s: float = WATCH_EVERY_S


def leave_now(fault: Fault, detail: str) -> NoReturn:
    """End the process at once. Nothing is flushed, committed or acknowledged, which is the point."""
    LOG.critical("leaving: %s: %s", fault, detail)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    os._exit(EXIT_CODES[fault])


@dataclass
class DetectStatus:
    """What the health page may ask of a running detect role. Written by ``run_detect`` only."""

    edge: FaustEdge | None = None
    ready: bool = False
    started_at: float = field(default_factory=time.monotonic)

    def assigned(self) -> str | None:
        """Return None when this worker owns partitions, else why not (a ``telemetry.health`` check)."""
        return None if self.edge is not None and self.edge.assigned() else "no partition of account-updates"

    def partitions(self) -> int:
        """Return how many partitions this worker owns now."""
        return len(self.edge.assigned()) if self.edge is not None else 0

    def recovered(self) -> str | None:
        """Return None when the table is ready, else why not."""
        if self.edge is None or not self.ready:
            return "starting"
        return "reading the table from its changelog" if self.edge.recovering() else None


async def run_detect(
    role: DetectRole,
    step: Step,
    meter: DetectMeter,
    *,
    stop: asyncio.Event,
    ready: Callable[[], None] | None = None,
    status: DetectStatus | None = None,
    limits: Limits = Limits(),
    leave: Leave = leave_now,
) -> None:
    """Run one detect worker until *stop* is set.

    Parameters
    ----------
    role
        Broker, topics, membership.
    step
        The engine with its catalogue and policy.
    meter
        Where it reports.
    stop
        Set by the caller's signal handler; the worker finishes the message in hand, commits and leaves the group
        (a static member keeps its partitions until its session ends).
    ready
        Called once, when partitions are assigned and the table is recovered.
    status
        Kept up to date for the health page.
    leave
        Ends the process without unwinding; only tests pass another.

    Raises
    ------
    DetectCrashed
        Faust stopped by itself.
    """
    status = status if status is not None else DetectStatus()
    outbox = KafkaOutbox(role.bootstrap, client=role.client)
    offsets = GroupOffsets(role.bootstrap, detect_group(role.topics), role.topics.account_updates, client=role.client)

    def counted_leave(fault: Fault, detail: str) -> NoReturn:
        meter.watchdog(fault)
        leave(fault, detail)

    edge = build_app(role, _datadir())
    detector = Detector(
        topics=role.topics,
        step=step,
        accounts=edge.accounts,
        outbox=outbox,
        meter=meter,
        leave=counted_leave,
        first_expected=offsets.first_expected,
        longest_turn_s=role.session.total_seconds(),
        summarise=role.summarise,
        buried=partial(
            find_buried,
            role.topics.signal_state,
            ends=offsets.ends,
            reader=BulkReader(role.bootstrap, role.topics.signal_state, role.client),
        ),
    )
    attach(edge, detector)
    status.edge = edge
    watch = asyncio.create_task(_watch(edge, detector, offsets, meter, limits, counted_leave))
    try:
        await offsets.start()
        await outbox.start()
        if await _started(edge, stop):
            status.ready = True
            if ready is not None:
                ready()
            await _ended(edge, stop)
        if edge.app.crashed:
            raise DetectCrashed(f"Faust crashed: {edge.app.crash_reason!r}") from edge.app.crash_reason
    finally:
        status.ready = False
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await _stop(edge, counted_leave)
        await outbox.stop()
        await offsets.stop()


def _datadir() -> Path:
    """Return the folder Faust insists on; nothing is kept in it, so all workers of a user share one.

    One per process would stay behind each time a process ends itself.
    """
    folder = Path(tempfile.gettempdir()) / f"signals-faust-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


async def _started(edge: FaustEdge, stop: asyncio.Event) -> bool:
    """Start the app and wait for its table; False when *stop* came first."""
    starting, ended = asyncio.ensure_future(edge.app.start()), asyncio.ensure_future(_ended(edge, stop))
    try:
        await asyncio.wait((starting, ended), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            return not ended.done()
        return False
    finally:
        for task in (starting, ended):
            task.cancel()
        await asyncio.gather(starting, ended, return_exceptions=True)


async def _ended(edge: FaustEdge, stop: asyncio.Event) -> None:
    """Return when *stop* is set or Faust has stopped or crashed by itself."""
    events = (stop, edge.app._stopped, edge.app._crashed)
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stop(edge: FaustEdge, leave: Leave) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await edge.app.stop()
    except TimeoutError:
        leave("commit_stalled", f"Faust did not stop within {STOP_TIMEOUT_S:g} s")


async def _watch(
    edge: FaustEdge, detector: Detector, offsets: GroupOffsets, meter: DetectMeter, limits: Limits, leave: Leave
) -> None:
    """Look every few seconds whether commits advance and recovery ends; report ages and lag on the way."""
    commits, writers = CommitWatch(), ForeignWatch()
    recovering_since: float | None = time.monotonic()
    while True:
        await asyncio.sleep(limits.watch_every_s)
        now = time.monotonic()
        recovering = edge.recovering() or not edge.assigned()
        recovering_since = (recovering_since or now) if recovering else None
        recovery_age = now - recovering_since if recovering_since is not None else 0.0
        meter.watchdog_age("recovery_too_long", recovery_age)
        if edge.recovering() and recovery_age > limits.recovery.total_seconds():
            leave("recovery_too_long", f"the table is not ready after {recovery_age:.0f} s")
        try:
            partitions = edge.assigned()
            committed = {partition: await offsets.committed(partition) for partition in partitions}
            ends = await offsets.ends(partitions)
            changelog_ends = await offsets.ends(partitions, changelog_topic(detector.topics))
        except Exception:  # the broker is away; the age keeps growing from the last look that worked
            LOG.warning("cannot ask the broker for offsets", exc_info=True)
            continue
        meter.lag(sum(max(0, end - (committed.get(partition) or 0)) for partition, end in ends.items()))
        done = {
            partition: offset for partition in partitions if (offset := detector.next_offset(partition)) is not None
        }
        age = commits.age(time.monotonic(), done=done, committed=committed)
        meter.watchdog_age("commit_stalled", age)
        if foreign := writers.certain(() if edge.recovering() else edge.accounts.foreign(changelog_ends)):
            # A worker that lost these partitions has written to them after us. The recovery keeps what is newer.
            leave("changelog_failed", f"another worker wrote to the changelog of partitions {sorted(foreign)}")
        if age > limits.commit_stall.total_seconds():
            leave("commit_stalled", f"committed {committed}, done {done}, for {age:.0f} s")
