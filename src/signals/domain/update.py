"""What ingest hands to the engine: packs of positioned events per account, and how far time has come."""

from datetime import datetime

import msgspec

from signals.domain.events.kinds import AnyEvent
from signals.domain.signal import Position


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event, where it stood, and how far its partition's merge had come when it was taken.

    ``reached`` is the largest event time taken so far on that partition, this event's own included. For an event in
    order it equals ``event.at``; for a late one it is larger, and timers due by it fire before the event is applied.
    That keeps packing invisible: whether a time mark went out in between changes nothing.
    """

    position: Position
    reached: datetime
    event: AnyEvent
    received_at: datetime | None = None
    """Wall clock of its arrival at ingest, for the latency metric; never read by the engine."""
    waive_too_late: bool = False
    """Set on a dead letter replayed with leave to be late."""


class AccountUpdates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of ``account-updates``: many accounts' packs of one partition, then a broadcast or a time mark.

    The packs are applied first, in order; then a broadcast, to every account the partition has by then; then, with a
    mark, every account whose timers are due by it. ``reached`` and ``heard`` let a restarted ingest member go on where
    the last one stopped.
    """

    partition: int
    reached: datetime | None = None
    packs: dict[str, tuple[Arrival, ...]] = {}
    mark: datetime | None = None
    heard: tuple[int, int] | None = None
    """Epoch and offset of the last record of the broadcast topic that was taken before these packs. An account that
    begins with this message takes none up to it, also when the message that holds one is read again."""
    broadcast: Arrival | None = None
    """Addressed to everyone; each account takes it as if it had been sent to it alone."""
