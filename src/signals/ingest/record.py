"""What comes from an input topic, and what decoding makes of it. Values only."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

import msgspec

from signals.domain.events.base import Event
from signals.domain.events.kinds import InputTopic
from signals.domain.reasons import DeadReason

RECEIVED_AT = "signals-received-at"
"""Header: when the event arrived at the first system that took it, ISO 8601 with a zone. It stands before Kafka's
timestamp in the future check. It is a header, not Kafka's own timestamp, because a broker deletes by that timestamp:
a history of last year would be gone the minute it was written."""

REPLAYED_FROM = "signals-replayed-from"
"""Header of a replayed dead letter: ``<epoch>:<topic>:<partition>:<offset>`` of the original."""

WAIVE = "signals-waive"
"""Header of a replayed dead letter; ``too_late`` is the only check that can be waived."""

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


class Fetched(Protocol):
    """A record as a client hands it out, or a `RawRecord`: what is read of it without copying it."""

    @property
    def offset(self) -> int:
        """Offset in its topic partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """Its key."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its value."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers."""
        ...

    @property
    def timestamp(self) -> int | None:
        """Kafka's own timestamp, milliseconds since 1970; None where there is none."""
        ...


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """One record of an input topic as it lies there.

    ``topic`` is the logical name, so that a position reads the same on every installation and in a replay of files.
    """

    topic: InputTopic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int | None = None
    """Kafka's own timestamp, milliseconds since 1970; None for a record from a file."""

    @property
    def timestamp(self) -> int | None:
        """Kafka's own timestamp under the client's name for it."""
        return self.timestamp_ms

    def header(self, name: str) -> bytes | None:
        """Return the last header of that name, as Kafka readers do."""
        for key, value in reversed(self.headers):
            if key == name:
                return value
        return None

    def arrived_at(self) -> datetime | None:
        """Return when the record arrived: its header, else Kafka's timestamp, else None (not known).

        Raises
        ------
        ValueError
            The header is not an ISO 8601 instant with a zone.
        """
        text = self.header(RECEIVED_AT)
        if text is not None:
            at = datetime.fromisoformat(text.decode())
            if at.tzinfo is None:
                raise ValueError("no time zone")
            return at
        if self.timestamp_ms is None or self.timestamp_ms < 0:
            return None
        return _UNIX + timedelta(milliseconds=self.timestamp_ms)


def as_raw(topic: InputTopic, partition: int, one: Fetched) -> RawRecord:
    """Return a fetched record with the logical name of its topic."""
    return RawRecord(topic, partition, one.offset, one.key, one.value, tuple(one.headers), one.timestamp)


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """A record that says something about one organization; several events share its position and its time."""

    topic: InputTopic
    partition: int
    offset: int
    at: datetime
    org_id: str
    events: tuple[Event, ...]
    waive_too_late: bool = False


class Control(msgspec.Struct, frozen=True, gc=False):
    """The history of this partition is complete up to ``at``."""

    topic: InputTopic
    partition: int
    offset: int
    at: datetime


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A well-formed foreign payload that says nothing to us; ``why`` is a word from a closed set of the source."""

    topic: InputTopic
    partition: int
    offset: int
    why: str


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A record that becomes a dead letter."""

    record: RawRecord
    reason: DeadReason
    message: str
    org_id: str | None = None
    """The account by its key, where the record has a readable one."""

    @property
    def topic(self) -> InputTopic:
        """The logical topic it came on."""
        return self.record.topic

    @property
    def partition(self) -> int:
        """The partition it came on."""
        return self.record.partition

    @property
    def offset(self) -> int:
        """Its offset there."""
        return self.record.offset


Decoded: TypeAlias = Accepted | Control | Skipped | Rejected
