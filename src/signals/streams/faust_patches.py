"""What we change in Faust 0.15.3 and mode 0.7.1, on aiokafka 0.14.0: each patch with its fault, its test, its report.

``apply`` is called once per process before an app is made. It refuses any other version: a fault may have been cured,
moved or joined by another one, so a bump starts with the contract suite in ``tests/contract/faust``.

Every patch replaces one method and keeps the original under ``ORIGINALS``, for the tests that show the fault.
"""

from collections.abc import Callable, Container
from importlib.metadata import version
from typing import Any

from faust.tables.base import Collection
from faust.tables.recovery import Recovery, ServiceStopped
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from mode.utils.queues import FlowControlEvent

from signals.domain.errors import ConfigError

VERSIONS = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

ORIGINALS: dict[str, Callable[..., Any]] = {
    "new_offset": Consumer._new_offset,
    "add_gap": Consumer._add_gap,
    "commit_offsets": Consumer._commit_offsets,
    "resume": FlowControlEvent.resume,
    "send_changelog": Collection.send_changelog,
    "fetch_records": AIOKafkaConsumerThread._fetch_records,
    "build_offsets": Recovery._build_offsets,
    "recovery_wait": Recovery._wait,
}


def apply() -> None:
    """Put every patch in place; calling again changes nothing.

    Raises
    ------
    ConfigError
        Another version of Faust, mode or aiokafka is installed.
    """
    require_versions()
    Consumer._new_offset = guarded_new_offset
    Consumer._add_gap = exact_add_gap
    Consumer._commit_offsets = honest_commit_offsets
    FlowControlEvent.resume = gentle_resume
    Collection.send_changelog = collected_send_changelog
    AIOKafkaConsumerThread._fetch_records = active_fetch_records
    Recovery._build_offsets = read_ahead_offsets
    Recovery._wait = impatient_wait


def require_versions() -> None:
    """Raise ``ConfigError`` unless exactly the versions these patches were written for are installed."""
    for package, wanted in VERSIONS.items():
        found = version(package)
        if found != wanted:
            raise ConfigError(
                package,
                f"version {found} is installed, but our patches and their contract tests are for {wanted}",
                f"{package}=={wanted}",
            )


def guarded_new_offset(self: Any, tp: Any) -> int | None:
    """Commit no further than the smallest offset that is not done (design rule 1).

    Fault
        ``Consumer._new_offset`` compares only the smallest acknowledged offset with the committed one, allows a
        difference of one, and allows any when nothing was committed: with 2585 committed and in flight and 2586..2589
        acknowledged it commits 2590. Besides, a queued message of an older generation is acknowledged without being
        processed (``Stream.__aiter__``, "Skipping message"), and its offset then counts as done after the rebalance.
    Cure
        Acknowledged offsets at or above the smallest one in flight are set aside for this commit; so are those at or
        above ``app.commit_limit(tp)``, when the app has such an attribute: only the agent itself knows what it has
        done.
    Test
        ``tests/contract/faust/test_commit.py``
    Upstream
        faust#606, with the two sequences above; their PR #707 covers the first.
    """
    limits = [message.offset for message in tuple(self._unacked_messages) if message.tp == tp and not message.acked]
    commit_limit: Callable[[Any], int | None] | None = getattr(self.app, "commit_limit", None)
    if commit_limit is not None:
        allowed = commit_limit(tp)
        if allowed is None:
            return None
        limits.append(allowed)
    if not limits:
        return ORIGINALS["new_offset"](self, tp)  # type: ignore[no-any-return]  # Faust is untyped for us
    limit = min(limits)
    acked = self._acked[tp]
    later = [offset for offset in acked if offset >= limit]
    acked[:] = [offset for offset in acked if offset < limit]
    try:
        return ORIGINALS["new_offset"](self, tp)  # type: ignore[no-any-return]  # Faust is untyped for us
    finally:
        acked.extend(later)


async def exact_add_gap(self: Any, tp: Any, offset_from: int, offset_to: int) -> None:
    """Book a hole in the offsets up to, and without, the message behind it (design rule 13).

    Fault
        ``Consumer._drain_messages`` calls ``_add_gap(tp, last + 1, offset)`` with the offset of the message that
        ended the hole, and ``_add_gap`` books its end inclusively: that offset is then counted twice, the run of
        consecutive numbers breaks there, and each commit gets past one hole only.
    Cure
        The hole ends one earlier.
    Test
        ``tests/contract/faust/test_commit.py``
    Upstream
        New issue: "commit advances by one gap per interval on compacted or transactional topics since intervaltree";
        the one-line change, with a test that acknowledges 0, 2, 4.
    """
    await ORIGINALS["add_gap"](self, tp, offset_from, offset_to - 1)


async def honest_commit_offsets(self: Any, offsets: Any, start_new_transaction: bool = True) -> bool:
    """Book as committed only what the group has taken (design rule 10).

    Fault
        ``Consumer._commit_offsets`` notes its offsets as committed also when the group has refused them (a commit made
        while a rebalance goes on is), and ``_new_offset`` has already taken them off the list of the acknowledged. The
        seek after the rebalance corrects that from the broker, but not for a partition that has no commit yet: its
        messages come again, are done again, and their acknowledgements are ignored, as they lie below what is
        believed to be committed. The commit stands still until a message comes that is later than all of them.
    Cure
        After a refused commit both books are as they were before it.
    Test
        ``tests/contract/faust/test_refused_commit.py``
    Upstream
        New issue: "refused commit is recorded as committed", with the sequence above: one message, work of 0.5 s, a
        second member that joins meanwhile.
    """
    before = {tp: self._committed_offset[tp] for tp in offsets}
    committed: bool = await ORIGINALS["commit_offsets"](self, offsets, start_new_transaction=start_new_transaction)
    if committed:
        return True
    assignment = self.assignment()
    for tp, offset in offsets.items():
        if self._committed_offset[tp] == offset:
            self._committed_offset[tp] = before[tp]
        if tp in assignment:
            # All below *offset* was done without a hole; with nothing committed before, the last one stands for them.
            done = range(offset - 1 if before[tp] is None else before[tp], offset)
            self._acked[tp] += [one for one in done if one not in self._acked_index[tp]]
            self._acked_index[tp].update(done)
    return False


def gentle_resume(self: Any) -> None:
    """Throw nothing away when the flow was never suspended (design rule 14).

    Fault
        ``Recovery.on_recovery_completed`` resumes the partitions first and the flow after a round trip to the broker.
        The flow is active all that time, so messages are already in the agents' queues when
        ``FlowControlEvent.resume`` ends in ``clear``, which empties them. Nobody fetches them again.
    Cure
        ``resume`` of an active flow does nothing.
    Test
        ``tests/contract/faust/test_flow.py``, and the restarts in ``tests/integration/streams``
    Upstream
        New issue against mode ("FlowControlEvent.resume clears managed queues although not suspended"), with the
        order of calls in faust's recovery as the case.
    """
    if not self.is_active():
        ORIGINALS["resume"](self)


def collected_send_changelog(
    self: Any,
    partition: int | None,
    key: Any,
    value: Any,
    key_serializer: Any = None,
    value_serializer: Any = None,
) -> Any:
    """Hand changelog records to ``table.changelog_records`` when the table has such a list (design rule 15).

    Fault
        A table write puts its changelog record into a buffer that nobody awaits. The flush before a commit gives up
        after 100 ms and swallows errors, so inputs are committed whose table values were never written; and a record
        that the producer refuses ends the buffer's task, after which no future is ever resolved.
    Cure
        The record is collected instead of buffered. The agent sends all of them through a producer of its own, awaits
        the broker, and only then lets the message be acknowledged; a failure ends the process.
    Test
        ``tests/contract/faust/test_changelog.py``
    Upstream
        faust#333 is a neighbour; new issue: "commit does not wait for changelog acknowledgements", with a producer
        slowed to 0.5 s (117 of 2,622 committed inputs missing from the table).
    """
    collected: list[tuple[int | None, Any, Any]] | None = getattr(self, "changelog_records", None)
    if collected is None:
        return ORIGINALS["send_changelog"](self, partition, key, value, key_serializer, value_serializer)
    collected.append((partition, key, value))
    # The caller reads nothing of it but the partition.
    return self.changelog_topic.as_future_message(
        key=key,
        value=value,
        partition=partition,
        key_serializer=key_serializer or self.key_serializer,
        value_serializer=value_serializer or self.value_serializer,
    )


class ActiveOnly:
    """A live set of partitions that is never "no restriction", not even when it is empty."""

    def __init__(self, live: Container[Any]) -> None:
        self._live = live

    def __contains__(self, partition: object) -> bool:
        return partition in self._live

    def __bool__(self) -> bool:
        return True


async def active_fetch_records(
    self: Any,
    consumer: Any,
    active_partitions: Any,
    timeout: float | None = None,  # noqa: ASYNC109  # Faust's signature
    max_records: int | None = None,
) -> Any:
    """Fetch nothing of paused partitions when all are paused (found by the gap check of design rule 6).

    Fault
        ``Consumer._wait_next_records`` hands its live set of active partitions to the consumer thread. When the last
        of them is paused before the thread looks (a recovery that has just read the changelog), the set is empty,
        which aiokafka takes for "all partitions". It gives out records of the paused ones, Faust drops them, and the
        seek to the committed offsets that follows leaves out partitions that never committed: their first messages
        are gone (seen: first offset 3 with nothing committed), or later ones overtake them.
    Cure
        The thread gets a view of the set that is never empty in that sense.
    Test
        ``tests/contract/faust/test_flow.py``, ``tests/integration/streams/test_detect_crashes.py``
    Upstream
        New issue: "empty active partitions in fetch means all: messages skipped after recovery"; besides,
        ``seek_to_committed`` should reset partitions without a committed offset.
    """
    active = ActiveOnly(active_partitions) if active_partitions is not None else None
    return await ORIGINALS["fetch_records"](self, consumer, active, timeout=timeout, max_records=max_records)


async def read_ahead_offsets(self: Any, consumer: Any, tps: Any, destination: Any, title: str) -> None:
    """Let a table read its changelog in bulk before the recovery reads the rest record by record.

    Fault
        A recovery takes a dozen tasks on the loop for each record (a call into the consumer's thread, two waits with
        time-outs, a queue of 256): 7,000 to 12,000 a second on one core, where aiokafka alone reads many times that.
    Cure
        When the offsets at which an owner's recovery begins are known, a table that has ``read_ahead`` reads from there
        up to the end that Faust has noted, and the recovery begins where that ended.
    Test
        ``tests/contract/faust/test_store.py``; the speed is in ``benchmarks/recovery.py``
    Upstream
        No fault to report but a wish: "recovery reads one record at a time", with a profile.
    """
    await ORIGINALS["build_offsets"](self, consumer, tps, destination, title)
    if title != "active":
        return
    for table, active in self.actives_for_table.items():
        if hasattr(table, "read_ahead"):
            ends = {tp: (destination[tp], self.active_highwaters[tp]) for tp in active}
            for tp, offset in (await table.read_ahead(ends)).items():
                destination[tp] = max(destination[tp], offset)


async def impatient_wait(self: Any, coro: Any, timeout: Any = None) -> None:  # noqa: ASYNC109  # Faust's signature
    """Tell a step of the recovery that took too long from the end of the service.

    Fault
        ``Recovery._wait`` takes a time-out (40 s for most steps, as when the broker is away) for a stop of the service:
        the task that recovers tables ends without a word, and no recovery of this process ever ends after that. The
        worker keeps its partitions and does nothing.
    Cure
        A time-out is raised as one. Faust crashes, the process ends, and the next one begins anew.
    Test
        ``tests/contract/faust/test_store.py``
    Upstream
        New issue: "Recovery._wait raises ServiceStopped on timeout", with a broker stopped for a minute in a rebalance.
    """
    try:
        await ORIGINALS["recovery_wait"](self, coro, timeout=timeout)
    except ServiceStopped:
        if self.should_stop or self.crashed:
            raise
        raise TimeoutError(f"a step of the table's recovery took longer than {timeout} s") from None
