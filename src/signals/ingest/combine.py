"""Arrivals become messages of ``account-updates``: packs of many accounts, in order, within a size. Pure.

The further behind ingest is, the more arrives between two flushes and the more goes into one message: nothing here
knows about lag.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.ingest.merge import Taken
from signals.streams.codec import append_arrival, join_updates


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
    """

    def __init__(self, partition: int, limits: CombineLimits = CombineLimits()) -> None:
        self.partition = partition
        self.limits = limits
        self._packs: dict[str, tuple[int, bytearray]] = {}
        self._events = 0
        self._bytes = OVERHEAD_BYTES
        self._reached: datetime | None = None
        self._mark: datetime | None = None
        self._since_s: float | None = None
        self._full: list[Message] = []

    def add(self, taken: Taken, now_s: float) -> None:
        """Put one record's arrivals into its account's pack; they are never parted.

        A record that does not fit, or that comes after a time mark, begins the next message.
        """
        record, limits = taken.record, self.limits
        org_id = record.org_id
        if self._mark is not None or self._events >= limits.max_events:
            self._close()
        count, packed = self._packs.get(org_id) or self._begin(org_id)
        before = len(packed)
        position = (taken.epoch, record.topic, record.partition, record.offset)
        for event in record.events:
            append_arrival(packed, position, taken.reached, event, taken.received, record.waive_too_late)
        grown = len(packed) - before
        if self._bytes + grown > limits.max_bytes and self._events:
            arrivals = packed[before:]
            del packed[before:]
            if not count:
                del self._packs[org_id]
            self._close()
            count, packed = self._begin(org_id)
            packed += arrivals
        self._packs[org_id] = (count + len(record.events), packed)
        self._events += len(record.events)
        self._bytes += grown
        self._reached = taken.reached
        if self._since_s is None:
            self._since_s = now_s

    def _begin(self, org_id: str) -> tuple[int, bytearray]:
        """Return an account's empty pack, which is in the message from now on."""
        self._bytes += len(org_id.encode()) + PACK_OVERHEAD_BYTES
        pack = self._packs[org_id] = (0, bytearray())
        return pack

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
        if self._events or self._mark is not None:
            self._close()
        messages, self._full = self._full, []
        return messages

    def _close(self) -> None:
        value = join_updates(self.partition, self._reached, self._packs, self._mark)
        self._full.append(Message(value, tuple(count for count, _ in self._packs.values())))
        self._packs, self._events, self._bytes = {}, 0, OVERHEAD_BYTES
        self._mark, self._since_s = None, None
