"""What the agent does with one message, without Faust: check its offset, evaluate, send, store, and only then return.

The order, per message (nothing of it may be swapped):

1. The offset is the one after the last (design rule 6); a hole ends the process before anything is done.
2. Evaluate all accounts of the message. Pure; nothing is written.
3. Send all outputs and await the broker once. If we die here, the message is evaluated again and yields the same ids,
   which every reader of the outputs recognises.
4. Write the keys of the table, send the changelog, await the broker once. The other order would forget a change whose
   output was never sent.
5. The same for the next accounts of the message, if it has more than one turn takes. If we die in between, what is
   stored is recognised by its positions and its timers, and only the rest is done again.
6. Return: Faust may acknowledge, and a later commit may pass this message.

Whatever goes wrong in 1, 3 or 4 leaves by ``leave`` (``os._exit``): an exception would still be acknowledged.
"""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NoReturn, Protocol

from signals.domain.canary import CANARY_RULE
from signals.domain.reasons import Change, DeadReason, FamilyName, HeldReason
from signals.domain.signal import Position
from signals.engine.broadcasting import hears
from signals.engine.stepped import Tally
from signals.streams import codec
from signals.streams.deadletter import bury, bury_arrival
from signals.streams.evaluate import Evaluated, Step, Summarise, evaluate, records, turns
from signals.streams.kept import KeptAccounts
from signals.streams.outbox import Outbox
from signals.streams.signal_state import Buried
from signals.streams.tables import Accounts
from signals.streams.topics import Topics
from signals.streams.wakes import Wakes

LOG = logging.getLogger(__name__)

TURN_ACCOUNTS = 500
# A mark at midnight wakes every account of a partition: at 0.7 ms each that is more than a session from some 14,000 on,
# and the process would end at the same message for ever. Smaller turns only mean more waits for the broker.

Fault = Literal["offset_gap", "changelog_failed", "commit_stalled", "recovery_too_long", "log_truncated"]
Leave = Callable[[Fault, str], NoReturn]
"""Ends the process at once, without running any code of Faust's; the word is the watchdog's name in the metrics."""
FirstExpected = Callable[[int], Awaitable[int]]
"""Partition -> the offset its first message must have; asked once per assignment."""


class DetectMeter(Protocol):
    """Where detect reports what it did. Each method is called in the event loop and must not block."""

    def evaluated(self, seconds: float, accounts: int) -> None:
        """One message was evaluated: how long all its accounts took, and how many they were."""

    def events(self, tally: Tally) -> None:
        """Events of one message by what became of them."""

    def transition(self, family: FamilyName, change: Change) -> None:
        """One transition is on signal-events."""

    def suppressed(self, reason: HeldReason) -> None:
        """One record is on suppressions."""

    def dead(self, reason: DeadReason) -> None:
        """One record is on the dead letter topic."""

    def open_signals(self, family: FamilyName, count: int) -> None:
        """Signals of a family open now on the partitions of this process."""

    def lag(self, records: int) -> None:
        """Records of account-updates not committed yet, over the partitions of this process."""

    def watchdog_age(self, watchdog: Fault, seconds: float) -> None:
        """How long the watchdog has seen no progress."""

    def watchdog(self, watchdog: Fault) -> None:
        """A watchdog found its condition; the process is about to end."""


@dataclass
class Detector:
    """Everything between Faust and the engine for the partitions of one process.

    Called by one agent with one message at a time; the assignment hooks are called between messages.
    """

    topics: Topics
    step: Step
    accounts: Accounts
    outbox: Outbox
    meter: DetectMeter
    leave: Leave
    first_expected: FirstExpected
    longest_turn_s: float
    """Most time between taking a message and writing what came of it. The session time-out: beyond it the group may
    have given the partition away, and what we write would stand behind what the new owner wrote."""
    buried: Buried | None = None
    """Finds steps on signal-state that an older one buried; None: nobody looks."""
    monotonic: Callable[[], float] = time.monotonic
    wakes: Wakes = field(default_factory=Wakes)
    kept: KeptAccounts = field(default_factory=KeptAccounts)
    summarise: Summarise | None = None
    _assignment: int = 0
    _next: dict[int, int] = field(default_factory=dict)
    _open: dict[int, Counter[FamilyName]] = field(default_factory=dict)

    def next_offset(self, partition: int) -> int | None:
        """Return the offset up to which everything of *partition* is done, None before its first message.

        Commits may not pass it.
        """
        return self._next.get(partition)

    async def recovered(self, partitions: Iterable[int]) -> None:
        """Rebuild the heaps and the counts of open signals from the table; repair its changelog and signal-state.

        Called after each assignment's recovery, before the first message.
        """
        self._assignment += 1
        wanted, self.wakes = set(partitions), Wakes()
        found: dict[int, list[tuple[str, datetime]]] = {partition: [] for partition in wanted}
        self._open = {partition: Counter() for partition in wanted}
        for partition, org_id, value in self.accounts.held(wanted):
            try:
                header = codec.account_header(value)
            except codec.Corrupt:
                # Its events will be dead letters; its timers are lost with it, and nobody else has to suffer.
                LOG.exception("account cannot be read", extra={"account": org_id, "partition": partition})
                continue
            if header.wake is not None:
                found[partition].append((org_id, header.wake))
            if header.open:
                self._open[partition].update(header.open)
        for partition, wakes in found.items():
            self.wakes.rebuild(partition, wakes)
        self._report_open()
        assignment = self._assignment
        steps = await self.buried(wanted) if self.buried is not None and wanted else ()
        if assignment != self._assignment:
            return  # Faust lets this run on while it rebalances; what is written now might be written late
        accounts = self.accounts.repairs(wanted)
        if accounts or steps:
            # A worker that had lost these partitions wrote late.
            LOG.warning("older values stood last", extra={"accounts": len(accounts), "signals": len(steps)})
            await self.outbox.send_all((*accounts, *steps))

    def revoked(self, partitions: Iterable[int]) -> None:
        """Forget where *partitions* stood: their next owner, perhaps this process, starts at the committed offset."""
        self._assignment += 1
        for partition in partitions:
            self._next.pop(partition, None)

    async def handle(self, partition: int, offset: int, value: bytes) -> None:
        """Do all of one message, turn by turn; when this returns, it may be acknowledged."""
        if not await self._is_next(partition, offset):
            return
        began = self.monotonic()
        for evaluated in self._turns(partition, offset, value):
            self.meter.evaluated(self.monotonic() - began, evaluated.accounts)
            await self._write(partition, offset, evaluated, began)
            began = self.monotonic()
        self._next[partition] = offset + 1

    async def _write(self, partition: int, offset: int, evaluated: Evaluated, began: float) -> None:
        """Send and store what one turn came to, in this order, or leave."""
        try:
            self._require_turn(began, partition, offset)
            await self.outbox.send_all(records(evaluated, self.topics, partition))
            self._require_turn(began, partition, offset)
            await self.outbox.send_all(self.accounts.store(evaluated.values.items()))
        except Exception as error:
            LOG.exception("cannot write the results of message %s:%s", partition, offset)
            self.leave("changelog_failed", f"message {partition}:{offset}: {type(error).__name__}: {error}")
        for org_id, wake in evaluated.wakes.items():
            self.wakes.put(partition, org_id, wake)
        self._report(partition, evaluated)

    def _require_turn(self, began: float, partition: int, offset: int) -> None:
        """Leave when the group may have given the partition away by now.

        A process that is stopped between this look and its write still writes: see ``streams/account_store.py``.
        """
        took = self.monotonic() - began
        if took > self.longest_turn_s:
            self.leave("changelog_failed", f"message {partition}:{offset} took {took:.1f} s before it was written")

    async def _is_next(self, partition: int, offset: int) -> bool:
        """Return False for a message done before; leave on a hole."""
        expected = self._next.get(partition)
        first = expected is None
        if expected is None:
            expected = await self.first_expected(partition)
        if offset > expected:
            self.leave("offset_gap", f"account-updates[{partition}]: got offset {offset}, expected {expected}")
        if offset < expected and not first:
            LOG.info("message read twice", extra={"partition": partition, "offset": offset})
            return False
        return True

    def _turns(self, partition: int, offset: int, value: bytes) -> Iterator[Evaluated]:
        """Evaluate the message, at most ``TURN_ACCOUNTS`` at a time; each turn sees what the one before has stored."""
        try:
            updates = codec.decode_updates(value)
            due = self.wakes.take_due(partition, updates.mark) if updates.mark is not None else ()
            if (broadcast := updates.broadcast) is not None:
                due = (*due, *sorted(org_id for _, org_id, _ in self.accounts.held((partition,)) if hears(org_id)))
            for part, waiting in turns(updates, due, TURN_ACCOUNTS):
                evaluated = evaluate(part, self.accounts.load, self.step, waiting, self.kept, self.summarise)
                if broadcast is not None and (refused := evaluated.refused) is not None:
                    evaluated.dead.append(bury_arrival(broadcast, refused.reason, refused.message))
                    broadcast = None  # one letter of this partition tells of it; one per account would bury all others
                yield evaluated
        except codec.Corrupt as error:
            # We wrote it ourselves, so this is a bug; stopping would only repeat it. The bytes are kept.
            LOG.exception("message %s:%s cannot be read", partition, offset)
            letter = bury(
                DeadReason.UNDECODABLE,
                str(error),
                Position(0, "account-updates", partition, offset),
                stage="detect",
                key=None,
                value=value,
            )
            yield Evaluated(dead=[letter])
        except codec.SchemaTooNew as error:
            self.leave("changelog_failed", str(error))

    def _report(self, partition: int, evaluated: Evaluated) -> None:
        for org_id, error in evaluated.failures:
            LOG.error("account failed", exc_info=error, extra={"account": org_id, "partition": partition})
        self.meter.events(evaluated.tally)
        for transition in evaluated.transitions:
            if transition.rule != CANARY_RULE:
                self.meter.transition(transition.family, transition.change)
        for held in evaluated.suppressions:
            self.meter.suppressed(held.reason)
        for letter in evaluated.dead:
            self.meter.dead(letter.reason)
        if evaluated.opened:
            self._open.setdefault(partition, Counter()).update(evaluated.opened)
            self._report_open()

    def _report_open(self) -> None:
        total: Counter[FamilyName] = Counter()
        for counts in self._open.values():
            total.update(counts)
        for family in FamilyName:
            self.meter.open_signals(family, max(0, total[family]))
