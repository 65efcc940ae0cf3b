"""Bytes on our own topics: msgpack inside the pipeline, JSON for everybody else. Equal values give equal bytes.

Every stored or internal value starts with what a reader needs before it can trust the rest:

======================  =====================================================================
``account-updates``     1 byte schema version, then msgpack of ``AccountUpdates``
account table value     a header (``Header``), then what ``squeeze.py`` makes of ``packing.py``'s pieces
output records          JSON, fields in the order of their declaration
======================  =====================================================================

The header of an account is what a worker needs of it without reading it: 8 bytes wake in ms (0 = none), 1 byte schema
version with the high bit set, 8 bytes clock in ms, 8 bytes progress, 1 byte length n, n bytes of open signals: 1 byte
place in ``FAMILIES`` and 2 bytes how many, for each family that has some (until version 3 msgpack of family -> open
signals); integers big-endian. Values of before it had the wake and the version only, without the high bit.

A version above ours means that a newer program wrote it: that is a deploy gone backwards, never one account's fault,
so it raises ``SchemaTooNew`` and the process leaves. So does a value with a dictionary or a field that we do not know.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from signals.domain.account.state import SCHEMA as ACCOUNT_SCHEMA
from signals.domain.account.state import Account
from signals.domain.canary import CANARY_RULE
from signals.domain.events.base import Event
from signals.domain.reasons import FamilyName
from signals.domain.update import AccountUpdates, Arrival
from signals.streams.layout import UnknownField
from signals.streams.packed_before import plain_account
from signals.streams.packing import pack_account, unpack_account
from signals.streams.squeeze import UnknownDictionary, squeezed, unsqueezed

T = TypeVar("T", bound=msgspec.Struct)

UPDATES_SCHEMA = 2
"""Version of ``account-updates``; a message of another version is upgraded on read, see ``UPDATES_UPGRADES``."""

_WITHOUT_BROADCAST = 1
# What version 1 could not say is a broadcast: only a message with one is of version 2. A detect worker of before then
# leaves in place of passing it over, and reads all others, so that ingest may be upgraded first.

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the plain value of version n into that of version n + 1. Must not keep or change what it is given."""

ACCOUNT_UPGRADES: Mapping[int, Upgrade] = {1: dict, 2: dict, 3: dict}
"""From version -> its upgrade. One entry per version we ever stored, for as long as such values may be in a table.

Version 1 kept 421 days of a series one by one; they are folded when the series next grows. Version 2 kept all words
of a signal's last transition (``engine/keeping.py``); they are read as they are. Version 3 said the same as ours in
other bytes (``packed_before.py``).
"""

UPDATES_UPGRADES: Mapping[int, Upgrade] = {}
"""As ``ACCOUNT_UPGRADES``; a version may go once the retention of ``account-updates`` (7 days) has passed."""

_SHORT = struct.Struct(">QB")
_LONG = struct.Struct(">QBQQB")
_COUNT = struct.Struct(">BH")
FAMILIES = tuple(FamilyName)
"""A family is stored by its place: new ones come last."""
WAKE_BYTES = 8
LONG = 0x80
"""Bit of the schema version that says that the long header stands here."""
_OFFSET_BITS = 40
# Of a position within its progress; above it the topic's epoch. An account reads a handful of partitions, so the sum
# stays below 2**63 for millions of epochs.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_updates_encoder = msgspec.msgpack.Encoder()
_updates_decoder = msgspec.msgpack.Decoder(AccountUpdates)
_json_encoder = msgspec.json.Encoder()
_counts_decoder = msgspec.msgpack.Decoder(dict[str, int])


class SchemaTooNew(Exception):
    """A value was written by a newer program than this one. Raised by every ``decode_*``; leave, do not skip it."""


class Corrupt(Exception):
    """Bytes on a topic of our own that we cannot read. Raised by every ``decode_*`` and by ``account_header``."""


def encode_updates(updates: AccountUpdates) -> bytes:
    """Return one message of ``account-updates``."""
    return _updates_version(updates.broadcast) + _updates_encoder.encode(updates)


def _updates_version(broadcast: Arrival | None) -> bytes:
    return bytes((_WITHOUT_BROADCAST if broadcast is None else UPDATES_SCHEMA,))


PackedArrival = tuple[tuple[int, str, int, int], datetime, Event, datetime | None, bool]
"""The fields of an ``Arrival`` in their order; msgpack makes the same bytes of both."""

append_arrival: Callable[[PackedArrival, bytearray, int], None] = _updates_encoder.encode_into
"""Called with an arrival, the bytes of its account so far, and -1 for "at the end".

A message is made of such pieces (``join_updates``): each event is encoded once, its size is known from what it added,
and no ``Arrival`` is made only to be encoded.
"""


@dataclass(slots=True)
class Pack:
    """One account's arrivals in a message that is being put together."""

    count: int = 0
    packed: bytearray = field(default_factory=bytearray)
    """What ``append_arrival`` made of them."""


def join_updates(
    partition: int,
    reached: datetime | None,
    packs: Mapping[str, Pack],
    mark: datetime | None,
    heard: tuple[int, int] | None = None,
    broadcast: Arrival | None = None,
) -> bytes:
    """Return the message that ``encode_updates`` gives for an ``AccountUpdates`` of these fields.

    Parameters
    ----------
    packs
        Account id -> its arrivals.
    """
    raw = {org_id: msgspec.Raw(_array_head(pack.count) + pack.packed) for org_id, pack in packs.items()}
    joined = _JoinedUpdates(
        partition=partition, reached=reached, packs=raw, mark=mark, heard=heard, broadcast=broadcast
    )
    return _updates_version(broadcast) + _updates_encoder.encode(joined)


class _JoinedUpdates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``AccountUpdates`` whose packs are encoded already."""

    partition: int
    reached: datetime | None = None
    packs: dict[str, msgspec.Raw] = {}
    mark: datetime | None = None
    heard: tuple[int, int] | None = None
    broadcast: Arrival | None = None


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
        if _WITHOUT_BROADCAST <= version <= UPDATES_SCHEMA:
            return _updates_decoder.decode(memoryview(data)[1:])
        return _upgraded(msgspec.msgpack.decode(data[1:]), version, UPDATES_SCHEMA, UPDATES_UPGRADES, AccountUpdates)
    except msgspec.MsgspecError as error:
        raise Corrupt(f"account-updates: {error}") from error


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in front of a stored account."""

    wake: datetime | None
    """When it wants to be looked at; None: never. Rounded down to the millisecond, so never after the true wake: an
    account looked at too early does nothing, one looked at too late would miss a mark."""
    clock_ms: int
    """Its clock, since 1970. Only grows."""
    progress: int
    """Sum over the positions it holds. Only grows: of two values of one account the one with more is the newer."""
    open: Mapping[FamilyName, int]
    """Open signals by family, those that are there."""

    def older_than(self, other: "Header") -> bool:
        """Whether *other* was made of this value, or of a later one.

        The values of an account are a chain: each has seen all that the one before has seen.
        """
        return (self.progress, self.clock_ms) < (other.progress, other.clock_ms)


def encode_account(account: Account) -> bytes:
    """Return the table value of *account*, its header in front."""
    packed = squeezed(*pack_account(account))
    counts = b"".join([_COUNT.pack(FAMILIES.index(name), count) for name, count in open_signals(account).items()])
    version, clock = LONG | ACCOUNT_SCHEMA, max(0, _ms(account.clock))
    return _LONG.pack(_wake_ms(account.wake), version, clock, _progress(account), len(counts)) + counts + packed


def open_signals(account: Account) -> Counter[FamilyName]:
    """Return how many signals of each family are open on *account*."""
    return Counter(
        episode.draft.family
        for episode in account.life.episodes.values()
        if episode.state == "open" and episode.draft is not None and episode.draft.rule != CANARY_RULE
    )


def account_header(data: bytes) -> Header:
    """Return the header of a stored account; a value of before the long header is read whole.

    Raises
    ------
    SchemaTooNew, Corrupt
    """
    version, begin, is_long = _open_header(data)
    if is_long:
        wake, _, clock, progress, _ = _LONG.unpack_from(data)
        counts = data[_LONG.size : begin]
        return Header(_wake(wake), clock, progress, _counts(counts) if version > 3 else _named_counts(counts))
    account = decode_account(data)
    since_1970 = _SHORT.unpack_from(data)[0]
    return Header(_wake(since_1970), max(0, _ms(account.clock)), _progress(account), open_signals(account))


def _open_header(data: bytes) -> tuple[int, int, bool]:
    """Return the schema version, where the packed account begins, and whether the header is the long one."""
    if len(data) <= _SHORT.size:
        raise Corrupt(f"account value: {len(data)} bytes, needs more than {_SHORT.size}")
    version, begin, is_long = data[WAKE_BYTES] & ~LONG, _SHORT.size, bool(data[WAKE_BYTES] & LONG)
    if version > ACCOUNT_SCHEMA:
        raise SchemaTooNew(f"Account: schema {version}, this program knows up to {ACCOUNT_SCHEMA}")
    if is_long:
        begin = _LONG.size + (data[_LONG.size - 1] if len(data) > _LONG.size else 0)
    if len(data) <= begin:
        raise Corrupt(f"account value: {len(data)} bytes, needs more than {begin}")
    return version, begin, is_long


def _progress(account: Account) -> int:
    return sum((epoch << _OFFSET_BITS) + offset + 1 for epoch, offset in account.life.positions.values())


def _counts(data: bytes) -> dict[FamilyName, int]:
    try:
        return {FAMILIES[place]: count for place, count in _COUNT.iter_unpack(data)}
    except (struct.error, IndexError) as error:
        raise Corrupt(f"account value: open signals: {error}") from error


def _named_counts(data: bytes) -> dict[FamilyName, int]:
    try:
        return {FamilyName(name): count for name, count in _counts_decoder.decode(data).items()}
    except (msgspec.MsgspecError, ValueError) as error:
        raise Corrupt(f"account value: open signals: {error}") from error


def decode_account(data: bytes) -> Account:
    """Return what ``encode_account`` was given, from this or an older version.

    Raises
    ------
    SchemaTooNew, Corrupt
    """
    version, begin, _ = _open_header(data)
    try:
        if version == ACCOUNT_SCHEMA:
            return unpack_account(*unsqueezed(data[begin:]))
        packed = zlib.decompress(memoryview(data)[begin:])
        # The first version was the msgpack of the account, series and all.
        raw = msgspec.msgpack.decode(packed) if version == 1 else plain_account(packed)
        return _upgraded(raw, version, ACCOUNT_SCHEMA, ACCOUNT_UPGRADES, Account)
    except (UnknownDictionary, UnknownField) as error:
        raise SchemaTooNew(f"Account: {error}") from error
    except (zlib.error, struct.error, msgspec.MsgspecError) as error:
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
    return 0 if wake is None else max(1, _ms(wake))


def _wake(milliseconds: int) -> datetime | None:
    return _EPOCH + milliseconds * _MS if milliseconds else None


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def _upgraded(raw: dict[str, Any], version: int, wanted: int, upgrades: Mapping[int, Upgrade], kind: type[T]) -> T:
    if version > wanted:
        raise SchemaTooNew(f"{kind.__name__}: schema {version}, this program knows up to {wanted}")
    for step in range(version, wanted):
        if step not in upgrades:
            raise Corrupt(f"{kind.__name__}: no upgrade from schema {step}")
        raw = upgrades[step](raw)
    return msgspec.convert(raw, kind)
