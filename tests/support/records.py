"""Records and decoded records for tests of ingest."""

from datetime import UTC, datetime, timedelta

import msgspec

from signals.domain.events.crm import TicketSolved
from signals.domain.events.kinds import InputTopic
from signals.ingest.record import Accepted, RawRecord
from signals.streams.topics import partition_for

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTITIONS = 8


def at_minute(minutes: float) -> datetime:
    """Return an instant by its distance in minutes from a fixed Monday morning."""
    return START + timedelta(minutes=minutes)


def accepted(
    topic: InputTopic, offset: int, minute: float, *, org_id: str = "acme", events: int = 1, partition: int = 0
) -> Accepted:
    """Return a decoded record at a minute; what the event says does not matter to the merge."""
    at = at_minute(minute)
    said = tuple(TicketSolved(org_id=org_id, at=at, ticket_id=f"{topic}-{offset}-{n}") for n in range(events))
    return Accepted(topic, partition, offset, at, org_id, said)


def raw(
    value: object,
    *,
    topic: InputTopic = "usage",
    key: bytes | None = b"acme",
    partition: int | None = None,
    headers: tuple[tuple[str, bytes], ...] = (),
    timestamp_ms: int | None = None,
    offset: int = 0,
) -> RawRecord:
    """Return a record with *value* as JSON (bytes are taken as they are), on the partition of its key."""
    data = value if isinstance(value, bytes) or value is None else msgspec.json.encode(value)
    if partition is None:
        partition = partition_for(key.decode(errors="replace"), PARTITIONS) if key else 0
    return RawRecord(topic, partition, offset, key, data, headers, timestamp_ms)


def usage_report(**changed: object) -> dict[str, object]:
    """Return a valid usage report of ``acme`` as JSON would hold it, with fields changed."""
    event: dict[str, object] = {
        "kind": "usage_reported",
        "org_id": "acme",
        "at": "2026-03-02T09:00:00Z",
        "day": "2026-03-01",
        "volumes": {"product_analytics": 1000},
    }
    return event | changed
