"""The dead letter record: a record nobody could use, with all that is needed to find it and to send it again."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from signals.domain.reasons import DeadReason
from signals.domain.signal import Delivery, Position
from signals.domain.update import Arrival

Stage = Literal["ingest", "detect", "deliver"]

MAX_KEPT_BYTES = 600_000
# In base64 and with its other fields this stays below Kafka's 1 MiB for a message. A larger original is cut, and marked
# as cut: a dead letter that could not be written would stop the member at the same record for ever.
MAX_MESSAGE_CHARACTERS = 2000

FORMAT_HEADER = "signals-format"
"""Header of a dead letter from detect: its bytes are the canonical event, whatever format the topic carries."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The record of ``dead-letters``."""

    reason: DeadReason
    message: str
    topic: str
    """Logical name of the topic it came on: an input topic, ``account-updates``, or ``deliveries.<sink>``."""
    partition: int
    offset: int
    epoch: int
    key: str | None
    """Base64."""
    value: str | None
    """Base64 of the original bytes; null for a null value."""
    headers: tuple[tuple[str, str], ...] = ()
    """Name and base64 of the value."""
    at: datetime | None = None
    """Arrival of the original record."""
    stage: Stage
    org_id: str | None = None
    cut_from: int | None = None
    """Size of the original in bytes, when only its beginning is kept here."""

    @property
    def position(self) -> str:
        """Where the original stands: ``<epoch>:<topic>:<partition>:<offset>``."""
        return f"{self.epoch}:{self.topic}:{self.partition}:{self.offset}"


def bury(
    reason: DeadReason,
    message: str,
    position: Position,
    *,
    stage: Stage,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes]] = (),
    at: datetime | None = None,
    org_id: str | None = None,
) -> DeadLetter:
    """Return the dead letter of a record at *position*; too long values are cut and marked as cut."""
    cut = value is not None and len(value) > MAX_KEPT_BYTES
    return DeadLetter(
        reason=reason,
        message=message[:MAX_MESSAGE_CHARACTERS],
        topic=position.topic,
        partition=position.partition,
        offset=position.offset,
        epoch=position.epoch,
        key=_text(key),
        value=_text(value[:MAX_KEPT_BYTES] if value is not None else None),
        headers=tuple((name[:200], _text(data[:4096]) or "") for name, data in tuple(headers)[:50]),
        at=at,
        stage=stage,
        org_id=org_id,
        cut_from=len(value) if cut and value is not None else None,
    )


def bury_arrival(arrival: Arrival, reason: DeadReason, message: str) -> DeadLetter:
    """Return the dead letter of an event that the engine refused or failed on.

    The original bytes are not at hand here; its canonical event is kept instead, and a header says so.
    """
    return bury(
        reason,
        message,
        arrival.position,
        stage="detect",
        key=arrival.event.org_id.encode(),
        value=msgspec.json.encode(arrival.event),
        headers=((FORMAT_HEADER, b"canonical"),),
        at=arrival.received_at,
        org_id=arrival.event.org_id,
    )


def bury_delivery(delivery: Delivery, position: Position, message: str) -> DeadLetter:
    """Return the dead letter of a delivery its service refused for good."""
    return bury(
        DeadReason.UNDELIVERABLE,
        message,
        position,
        stage="deliver",
        key=delivery.transition.org_id.encode(),
        value=msgspec.json.encode(delivery),
        org_id=delivery.transition.org_id,
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
