"""Arrivals become messages of ``account-updates``: packs of many accounts, in order, within a size. Pure.

A broadcast ends its message: what was taken before it is in the packs, what comes after in a later message.

The further behind ingest is, the more arrives between two flushes and the more goes into one message: nothing here
knows about lag.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.domain.update import Arrival
from signals.ingest.merge import Taken
from signals.streams.codec import Pack, append_arrival, join_updates


@dataclass(frozen=True)
class CombineLimits:
    """When a message is full, or due."""

    max_bytes: int = 262_144
    # 256 KiB: far below Kafka's 1 MiB default for a message, and the agent answers for a message as a whole, so a
    # larger one is a longer pause before the acknowledge.
    max_events: int = 2_000
    # About 0.2 s of evaluation at 10,000 events/s: the other bound of the same pause, for small events.
    interval: timedelta = timedelta(milliseconds=100)
    # Live, this much latency buys fewer messages; Faust's cost is per message.


@dataclass(frozen=True)
class Message:
    """One message of ``account-updates``, ready to be sent."""

    value: bytes
    packs: tuple[int, ...]
    """Events in each account's pack."""


OVERHEAD_BYTES = 512
# The message's own fields (partition, two instants, the names of fields) and a codec's schema mark; each takes a few
# tens of bytes. Generous, because a message above the broker's limit would stop the member.
PACK_OVERHEAD_BYTES = 16


class Combiner:
    """Collects the arrivals of one partition; made with its merge.

    Parameters
    ----------
    partition
        Of ``account-updates``, the same as the inputs'.
    limits
        When a message is full or due.
    heard
        Epoch and offset of the last broadcast record taken; None: none yet.
    reached
        Event time reached before. A message that only says what was heard says it too: the next owner goes by it.
    """

    def __init__(
        self,
        partition: int,
        limits: CombineLimits = CombineLimits(),
        heard: tuple[int, int] | None = None,
        reached: datetime | None = None,
    ) -> None:
        self.partition = partition
        self.limits = limits
        self._packs: dict[str, Pack] = {}
        self._events = 0
        self._bytes = OVERHEAD_BYTES
        self._reached = reached
        self._mark: datetime | None = None
        self._since_s: float | None = None
        self._full: list[Message] = []
        self._heard = self._told = heard

    def add(self, taken: Sequence[Taken], now_s: float) -> None:
        """Put each record's arrivals into its account's pack; those of one record are never parted.

        A record that does not fit, or that comes after a time mark, begins the next message.
        """
        if not taken:
            return
        if self._mark is not None:
            self._close()
        max_bytes, max_events = self.limits.max_bytes, self.limits.max_events
        packs, collected, size = self._packs, self._events, self._bytes
        for one in taken:
            record, reached, received = one.record, one.reached, one.received
            events, org_id = record.events, record.org_id
            pack = packs.get(org_id)
            if pack is None:
                pack = packs[org_id] = Pack()
                size += len(org_id.encode()) + PACK_OVERHEAD_BYTES
            packed = pack.packed
            before = len(packed)
            position = (one.epoch, record.topic, record.partition, record.offset)
            for event in events:
                append_arrival((position, reached, event, received, record.waive_too_late), packed, -1)
            size += len(packed) - before
            if collected and (size > max_bytes or collected >= max_events):
                arrivals = packed[before:]
                del packed[before:]
                if not pack.count:
                    del packs[org_id]
                self._close()
                packs, collected = self._packs, 0
                pack = packs[org_id] = Pack(0, arrivals)
                size = self._bytes + len(org_id.encode()) + PACK_OVERHEAD_BYTES + len(arrivals)
            pack.count += len(events)
            collected += len(events)
            self._reached = reached
        if collected and self._since_s is None:
            self._since_s = now_s
        self._events, self._bytes = collected, size

    def hear(self, one: Taken) -> None:
        """End the message with a broadcast: every account that the packs so far have left takes it."""
        if self._mark is not None:
            self._close()
        (arrival,) = one.arrivals
        self._reached = one.reached
        self._close(arrival)
        self._heard = self._told = (arrival.position.epoch, arrival.position.offset)

    def heard(self, epoch: int, offset: int, now_s: float) -> None:
        """Note up to where the broadcast topic was taken, records that say nothing included; a message will tell."""
        self._heard = (epoch, offset)
        if self._heard != self._told and self._since_s is None:
            self._since_s = now_s

    def mark(self, at: datetime, reached: datetime | None) -> None:
        """End the message with a time mark; a later mark with no arrival between takes its place."""
        self._mark = at
        self._reached = reached

    def due(self, now_s: float) -> bool:
        """Say whether something is to be sent now: a full message, or one that has waited long enough."""
        if self._full or self._mark is not None:
            return True
        return self._since_s is not None and now_s - self._since_s >= self.limits.interval.total_seconds()

    def due_in_s(self, now_s: float) -> float | None:
        """Return in how many seconds ``due`` turns true by the clock alone; None: nothing is collected."""
        if self.due(now_s):
            return 0.0
        if self._since_s is None:
            return None
        return max(0.0, self._since_s + self.limits.interval.total_seconds() - now_s)

    @property
    def events(self) -> int:
        """Events collected and not yet flushed, full messages left out."""
        return self._events

    def flush(self) -> list[Message]:
        """Return all messages collected, in order, and start anew; empty when there is nothing."""
        if self._events or self._mark is not None or self._heard != self._told:
            self._close()
        messages, self._full = self._full, []
        return messages

    def _close(self, broadcast: Arrival | None = None) -> None:
        value = join_updates(self.partition, self._reached, self._packs, self._mark, self._heard, broadcast)
        self._told = self._heard
        self._full.append(Message(value, tuple([pack.count for pack in self._packs.values()])))
        self._packs, self._events, self._bytes = {}, 0, OVERHEAD_BYTES
        self._mark, self._since_s = None, None
