"""From a record's bytes to canonical events, or to the reason why not. Pure: no clock, no I/O, nothing raised."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from signals.domain.errors import BadInput
from signals.domain.events.base import Event
from signals.domain.events.broadcast import EVERYONE, not_for_everyone
from signals.domain.events.kinds import BROADCAST, MERGED_TOPICS, InputTopic, TimeReached
from signals.domain.reasons import DeadReason
from signals.ingest.instants import CLOSER_LOOK, in_utc, looked_at
from signals.ingest.record import (
    RECEIVED_AT,
    WAIVE,
    Accepted,
    Control,
    Decoded,
    Fetched,
    RawRecord,
    Rejected,
    Skipped,
    as_raw,
)
from signals.ingest.sources.canonical import DECODERS, read_canonical
from signals.ingest.sources.contract import Nothing, Source
from signals.streams.deadletter import FORMAT_HEADER
from signals.streams.topics import partition_for


@dataclass(frozen=True)
class DecodeLimits:
    """What is too much."""

    max_record_bytes: int = 1_000_000
    # A PostHog usage report leaves out its teams above 900,000 bytes, so whole ones pass; Kafka's own default is 1 MiB.
    max_event_bytes: int = 131_072
    # Half of one account-updates message: a record is never split, so one that does not fit would stop the member
    # again and again. Measured on the canonical events, after mapping.
    future_skew: timedelta = timedelta(minutes=5)
    # Clocks of producers differ by seconds; minutes are a wrong clock, and one such record would move time for all.


MOST_GROWTH = 8
# A canonical event in msgpack is at most five times as long as its JSON (a float of one digit); a record that much
# smaller than the limit need not be encoded to know that it fits.

REMEMBERED_KEYS = 200_000
# About 40 MB of keys with their accounts and partitions; beyond it all are forgotten and learnt again.

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class RecordDecoder:
    """Decodes the records of one installation; made once, called once per record.

    Parameters
    ----------
    partitions
        The partition count of every account topic.
    sources
        Payload format per input topic; a topic not named is canonical.
    limits
        Sizes and the tolerated skew.
    """

    def __init__(
        self,
        partitions: int,
        sources: Mapping[InputTopic, Source] | None = None,
        limits: DecodeLimits = DecodeLimits(),
    ) -> None:
        self.partitions = partitions
        self.limits = limits
        self._sources: dict[InputTopic, Source] = {
            topic: (sources or {}).get(topic, read_canonical) for topic in MERGED_TOPICS
        }
        self._plain_bytes = limits.max_event_bytes // MOST_GROWTH
        self._homes: dict[int, dict[bytes, str]] = {partition: {} for partition in range(partitions)}
        self._remembered = 0

    def decode(self, record: RawRecord) -> Decoded:
        """Return what the record says; never raises.

        The checks, in order: size, UTF-8 and JSON, kind, topic, fields, key, account, partition, future.
        """
        return next(self.decode_all(record.topic, record.partition, (record,)))

    def decode_all(self, topic: InputTopic, partition: int, records: Iterable[Fetched]) -> Iterator[Decoded]:
        """Yield what each record of one topic partition says, as `decode` does, for a fraction of its time.

        A canonical record in which nothing is unusual passes at a glance. That makes every check but explains none,
        in whatever order is quickest. Any other record is read again with care, so the two ways must agree on what is
        accepted; the fuzz test compares them.
        """
        read = DECODERS[topic].decode if self._sources[topic] is read_canonical else _refuse
        # What is said to everyone is rare, and its address is another one: it is always read with care.
        orgs = {} if topic == BROADCAST else self._homes.get(partition, {})
        most, second = self._plain_bytes, -1
        latest, closer = _UNIX, CLOSER_LOOK
        for record in records:
            try:
                value = record.value
                event: Event = read(value)  # type: ignore[arg-type]  # None cannot be read, which is as good as an error
                org_id, at, ms = orgs[record.key], event.at, record.timestamp  # type: ignore[index]  # None is no key there
                if record.headers or ms is None or ms // 1000 != second:
                    latest, second = self._latest(record)
                if (
                    at <= latest
                    and event.org_id == org_id
                    and len(value) <= most  # type: ignore[arg-type]  # as above
                    and (value.isascii() or value.decode())  # type: ignore[union-attr]  # as above
                    and (at.tzinfo is UTC or at.tzinfo == UTC)
                ):
                    for name in closer.get(type(event), ()):
                        if getattr(event, name):
                            event = looked_at(event)
                            break
                    yield Accepted(topic, partition, record.offset, at, org_id, (event,))
                    continue
            except Exception:  # noqa: BLE001, S110 - whatever it is, the careful way finds it again and explains it
                pass
            yield self._with_care(record if isinstance(record, RawRecord) else as_raw(topic, partition, record))

    def _latest(self, record: Fetched) -> tuple[datetime, int]:
        """Return up to when an event is certainly not in the future, and for which second of arrivals that holds.

        Raises
        ------
        Exception
            It takes a closer look to say.
        """
        if record.headers:
            ((name, text),) = record.headers
            if name != RECEIVED_AT:
                raise LookupError
            return datetime.fromisoformat(text.decode()), -1
        if record.timestamp is None or record.timestamp < 0:
            return _NEVER, -1
        second = record.timestamp // 1000  # records of one second stand together
        return _UNIX + timedelta(seconds=second) + self.limits.future_skew, second

    def _home(self, key: bytes) -> int:
        """Return a key's partition, and remember the account there: accounts repeat, and murmur2 in Python is slow."""
        org_id = key.decode()
        partition = partition_for(org_id, self.partitions)
        if self._remembered >= REMEMBERED_KEYS:
            self._remembered = 0
            for orgs in self._homes.values():
                orgs.clear()
        self._remembered += 1
        self._homes[partition][key] = org_id
        return partition

    def _with_care(self, record: RawRecord) -> Decoded:
        try:
            return self._decode(record)
        except BadInput as error:
            return Rejected(record, error.reason, str(error), _key_text(record.key))
        except RecursionError:
            message = "value: nested too deeply; events nest at most a few levels"
            return Rejected(record, DeadReason.UNDECODABLE, message, _key_text(record.key))
        except Exception as error:  # noqa: BLE001 - one record must never stop a partition; the message says where
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "unknown place"
            message = f"a fault of ours: {type(error).__name__} in {where}"
            return Rejected(record, DeadReason.FAILED, message, _key_text(record.key))

    def _decode(self, record: RawRecord) -> Decoded:
        value = _checked_bytes(record.value, self.limits.max_record_bytes)
        if record.key is None:
            control = _control(value)
            if control is not None:
                self._refuse_future(record, control.at)
                return Control(record.topic, record.partition, record.offset, control.at.astimezone(UTC))
        key = _key_text(record.key)
        try:
            mapped = self._source(record)(value, record.topic, key)
        except msgspec.ValidationError as error:
            raise BadInput(DeadReason.INVALID, _explained(error, value)) from error
        except msgspec.DecodeError as error:
            raise BadInput(DeadReason.UNDECODABLE, f"value: {error}") from error
        if isinstance(mapped, Nothing):
            self._check_key(record)
            return Skipped(record.topic, record.partition, record.offset, mapped.why)
        first = mapped[0]
        org_id = self._check_key(record)
        if first.org_id != org_id:
            message = f"org_id: the payload names {first.org_id[:80]!r}, the key {org_id[:80]!r}; they must be equal"
            raise BadInput(DeadReason.FOREIGN_ACCOUNT, message)
        if record.topic == BROADCAST:
            if (why_not := not_for_everyone(first)) is not None:
                raise BadInput(DeadReason.INVALID, why_not)
        else:
            self._check_partition(record)
        self._refuse_future(record, first.at)
        self._refuse_unwritable(mapped)
        return Accepted(
            record.topic,
            record.partition,
            record.offset,
            first.at.astimezone(UTC),
            org_id,
            tuple(in_utc(event) for event in mapped),
            record.header(WAIVE) == b"too_late" if record.headers else False,
        )

    def _source(self, record: RawRecord) -> Source:
        """Return the topic's reader; a dead letter of detect holds a canonical event and says so in a header."""
        if record.headers and record.header(FORMAT_HEADER) == b"canonical":
            return read_canonical
        return self._sources[record.topic]

    def _check_key(self, record: RawRecord) -> str:
        if not record.key:
            raise BadInput(DeadReason.MISSING_KEY, "key: none; valid is the organization id")
        key = _key_text(record.key)
        if key is None:
            raise BadInput(DeadReason.INVALID, f"key: {record.key[:40]!r} is not UTF-8; valid is the organization id")
        if (key == EVERYONE) is not (record.topic == BROADCAST):
            message = (
                f"key: {key[:80]!r} on the topic {record.topic}; {EVERYONE!r}, and nothing else, is for {BROADCAST}"
            )
            raise BadInput(DeadReason.INVALID, message)
        return key

    def _check_partition(self, record: RawRecord) -> None:
        valid = self._home(record.key or b"")
        if valid != record.partition:
            message = (
                f"key: {_key_text(record.key)!r} came on partition {record.partition}; murmur2 over"
                f" {self.partitions} partitions puts it on {valid}"
            )
            raise BadInput(DeadReason.WRONG_PARTITION, message)

    def _refuse_future(self, record: RawRecord, at: datetime) -> None:
        try:
            arrived = record.arrived_at()
        except (ValueError, OverflowError) as error:
            found = record.header(RECEIVED_AT) or record.timestamp_ms
            message = f"header {RECEIVED_AT}: {found!r} is not an ISO 8601 instant with a zone"
            raise BadInput(DeadReason.INVALID, message) from error
        if arrived is not None and at - arrived > self.limits.future_skew:
            message = (
                f"at: {at.isoformat()} lies {at - arrived} after the record's arrival at {arrived.isoformat()};"
                f" tolerated: {self.limits.future_skew}"
            )
            raise BadInput(DeadReason.FUTURE, message)

    def _refuse_unwritable(self, events: tuple[Event, ...]) -> None:
        """Refuse what account-updates could not hold; found later it would stop the member at this record for ever."""
        try:
            size = sum(len(msgspec.msgpack.encode(event)) for event in events)
        except OverflowError as error:
            raise BadInput(DeadReason.INVALID, "a number lies outside -2**63 to 2**64 - 1") from error
        if size > self.limits.max_event_bytes:
            message = f"value: the events take {size} bytes; at most {self.limits.max_event_bytes}"
            raise BadInput(DeadReason.TOO_LARGE, message)


class _Kind(msgspec.Struct):
    kind: str


_KIND = msgspec.json.Decoder(_Kind)
_CONTROL = msgspec.json.Decoder(TimeReached)
_CONTROL_WORD = b"time_reached"


def _control(value: bytes) -> TimeReached | None:
    """Return the control record, or None for anything else; a parser takes one type's tag for granted, we do not."""
    if _CONTROL_WORD not in value:
        return None
    try:
        if _KIND.decode(value).kind != "time_reached":
            return None
    except msgspec.DecodeError:
        return None  # the source says what is wrong with it
    try:
        control = _CONTROL.decode(value)
    except msgspec.ValidationError as error:
        raise BadInput(DeadReason.INVALID, _explained(error, value)) from error
    if not 2000 <= control.at.year <= 9000:
        raise BadInput(DeadReason.INVALID, f"at: {control.at.isoformat()} must lie between the years 2000 and 9000")
    return control


def _checked_bytes(value: bytes | None, limit: int) -> bytes:
    """Return the value if it may be parsed; its UTF-8 is checked here because a parser skips unknown fields unread."""
    if value is None:
        raise BadInput(DeadReason.UNDECODABLE, "value: null; valid is a JSON object")
    if len(value) > limit:
        raise BadInput(DeadReason.TOO_LARGE, f"value: {len(value)} bytes; at most {limit}")
    if not value.isascii():
        try:
            value.decode()
        except UnicodeDecodeError as error:
            message = f"value: byte {error.start} ({value[error.start : error.start + 1].hex()}) is not UTF-8"
            raise BadInput(DeadReason.UNDECODABLE, message) from error
    return value


def _key_text(key: bytes | None) -> str | None:
    if not key:
        return None
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None


def _refuse(value: bytes) -> Event:
    """Stand in for a decoder where there is no quick way: the topic carries a foreign format."""
    raise LookupError(value)


_PATH = re.compile(r" - at `(\$[^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def _explained(error: msgspec.ValidationError, value: bytes) -> str:
    """Return the parser's message (path, expected type) with what was found there, shortened."""
    text = str(error)
    match = _PATH.search(text)
    if match is None or "[...]" in match[1]:
        return text
    try:
        found: object = msgspec.json.decode(value)
        for name, index in _STEP.findall(match[1]):
            if isinstance(found, dict) and name:
                found = found[name]
            elif isinstance(found, list) and index:
                found = found[int(index)]
        shown = msgspec.json.encode(found).decode()
    except (msgspec.MsgspecError, KeyError, IndexError, ValueError, RecursionError):
        return text
    return f"{text}; found {shown[:80]}{'...' if len(shown) > 80 else ''}"
