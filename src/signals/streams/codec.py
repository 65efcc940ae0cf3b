"""Bytes on our own topics: msgpack inside the pipeline, JSON for everybody else. Equal values give equal bytes.

Every stored or internal value starts with what a reader needs before it can trust the rest:

======================  =====================================================================
``account-updates``     1 byte schema version, then msgpack of ``AccountUpdates``
account table value     8 bytes big-endian wake in ms (0 = none), 1 byte schema version, zlib(msgpack of ``Account``)
output records          JSON, fields in the order of their declaration
======================  =====================================================================

A version above ours means that a newer program wrote it: that is a deploy gone backwards, never one account's fault,
so it raises ``SchemaTooNew`` and the process leaves.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from signals.domain.account.state import SCHEMA as ACCOUNT_SCHEMA
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.update import AccountUpdates

T = TypeVar("T", bound=msgspec.Struct)

UPDATES_SCHEMA = 1
"""Version of ``account-updates``; a message of another version is upgraded on read, see ``UPDATES_UPGRADES``."""

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the plain value of version n into that of version n + 1. Must not keep or change what it is given."""

ACCOUNT_UPGRADES: Mapping[int, Upgrade] = {}
"""From version -> its upgrade. One entry per version we ever stored, for as long as such values may be in a table."""

UPDATES_UPGRADES: Mapping[int, Upgrade] = {}
"""As ``ACCOUNT_UPGRADES``; a version may go once the retention of ``account-updates`` (7 days) has passed."""

COMPRESSION = 1
# zlib level. An account is some kB of repeating field names: level 1 takes a third of level 6's time for a value
# about a tenth larger, and it is paid for every account of every message.

WAKE_BYTES = 8
HEADER_BYTES = WAKE_BYTES + 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_updates_encoder = msgspec.msgpack.Encoder()
_updates_decoder = msgspec.msgpack.Decoder(AccountUpdates)
_account_decoder = msgspec.msgpack.Decoder(Account)
_json_encoder = msgspec.json.Encoder()


class SchemaTooNew(Exception):
    """A value was written by a newer program than this one. Raised by every ``decode_*``; leave, do not skip it."""


class Corrupt(Exception):
    """Bytes on a topic of our own that we cannot read. Raised by every ``decode_*`` and by ``account_wake``."""


def encode_updates(updates: AccountUpdates) -> bytes:
    """Return one message of ``account-updates``."""
    return bytes((UPDATES_SCHEMA,)) + _updates_encoder.encode(updates)


def append_arrival(
    packed: bytearray,
    position: tuple[int, str, int, int],
    reached: datetime,
    event: Event,
    received_at: datetime | None,
    waive_too_late: bool,
) -> None:
    """Put one arrival behind those of its account in *packed*: the bytes of an ``Arrival`` of these fields, in order.

    A message is made of such pieces (``join_updates``), so that each event is encoded once: its size is known from
    what it added, and no ``Arrival`` is made only to be encoded.
    """
    _updates_encoder.encode_into((position, reached, event, received_at, waive_too_late), packed, -1)


def join_updates(
    partition: int,
    reached: datetime | None,
    packs: Mapping[str, tuple[int, bytearray]],
    mark: datetime | None,
) -> bytes:
    """Return the message that ``encode_updates`` gives for an ``AccountUpdates`` of these fields.

    Parameters
    ----------
    packs
        Account id -> the number of its arrivals, and what ``append_arrival`` made of them.
    """
    raw = {org_id: msgspec.Raw(_array_head(count) + packed) for org_id, (count, packed) in packs.items()}
    joined = _JoinedUpdates(partition=partition, reached=reached, packs=raw, mark=mark)
    return bytes((UPDATES_SCHEMA,)) + _updates_encoder.encode(joined)


class _JoinedUpdates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``AccountUpdates`` whose packs are encoded already."""

    partition: int
    reached: datetime | None = None
    packs: dict[str, msgspec.Raw] = {}
    mark: datetime | None = None


def _array_head(count: int) -> bytes:
    """Return how msgpack begins an array of *count* elements."""
    if count < 16:
        return bytes((0x90 | count,))
    return b"\xdc" + count.to_bytes(2, "big") if count < 65_536 else b"\xdd" + count.to_bytes(4, "big")


def decode_updates(data: bytes) -> AccountUpdates:
    """Return what ``encode_updates`` was given, from this or an older version.

    Raises
    ------
    SchemaTooNew, Corrupt
    """
    if not data:
        raise Corrupt("account-updates: empty value")
    version = data[0]
    try:
        if version == UPDATES_SCHEMA:
            return _updates_decoder.decode(memoryview(data)[1:])
        return _upgraded(data[1:], version, UPDATES_SCHEMA, UPDATES_UPGRADES, AccountUpdates)
    except msgspec.MsgspecError as error:
        raise Corrupt(f"account-updates: {error}") from error


def encode_account(account: Account) -> bytes:
    """Return the table value of *account*, its wake in front."""
    packed = zlib.compress(_updates_encoder.encode(account), COMPRESSION)
    return _wake_ms(account.wake).to_bytes(WAKE_BYTES, "big") + bytes((ACCOUNT_SCHEMA,)) + packed


def account_wake(data: bytes) -> datetime | None:
    """Return when the account wants to be looked at, without reading the rest; None when never.

    Rounded down to the millisecond, so it is never after the true wake: an account looked at too early does nothing,
    one looked at too late would miss a mark.

    Raises
    ------
    Corrupt
        *data* is too short to be an account.
    """
    if len(data) <= HEADER_BYTES:
        raise Corrupt(f"account value: {len(data)} bytes, needs more than {HEADER_BYTES}")
    milliseconds = int.from_bytes(data[:WAKE_BYTES], "big")
    return _EPOCH + milliseconds * _MS if milliseconds else None


def decode_account(data: bytes) -> Account:
    """Return what ``encode_account`` was given, from this or an older version.

    Raises
    ------
    SchemaTooNew, Corrupt
    """
    if len(data) <= HEADER_BYTES:
        raise Corrupt(f"account value: {len(data)} bytes, needs more than {HEADER_BYTES}")
    version = data[WAKE_BYTES]
    try:
        packed = zlib.decompress(memoryview(data)[HEADER_BYTES:])
        if version == ACCOUNT_SCHEMA:
            return _account_decoder.decode(packed)
        return _upgraded(packed, version, ACCOUNT_SCHEMA, ACCOUNT_UPGRADES, Account)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise Corrupt(f"account value: {error}") from error


def encode_json(record: msgspec.Struct) -> bytes:
    """Return the JSON of an output record: fields in the order they are declared, no spaces, UTF-8."""
    return _json_encoder.encode(record)


def decode_json(data: bytes, kind: type[T]) -> T:
    """Return the record of *kind* that ``encode_json`` wrote; unknown fields (of a newer writer) are ignored.

    Raises
    ------
    Corrupt
        It is no JSON, or not of that kind.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise Corrupt(f"{kind.__name__}: {error}") from error


def _wake_ms(wake: datetime | None) -> int:
    # 0 means none, so a wake in or before the first millisecond of 1970 becomes 1: due at once either way.
    return 0 if wake is None else max(1, (wake - _EPOCH) // _MS)


def _upgraded(data: bytes, version: int, wanted: int, upgrades: Mapping[int, Upgrade], kind: type[T]) -> T:
    if version > wanted:
        raise SchemaTooNew(f"{kind.__name__}: schema {version}, this program knows up to {wanted}")
    raw: dict[str, Any] = msgspec.msgpack.decode(data)
    for step in range(version, wanted):
        if step not in upgrades:
            raise Corrupt(f"{kind.__name__}: no upgrade from schema {step}")
        raw = upgrades[step](raw)
    return msgspec.convert(raw, kind)
