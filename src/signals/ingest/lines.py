"""Event files: JSON lines, as ``produce`` sends and ``replay`` reads them. Pure.

One line: ``{"topic": "usage", "key": "acme", "value": {...}, "received_at": "2026-03-02T09:00:00Z"}``. ``topic`` is the
logical name; ``value`` is an object, or a text whose bytes are sent as they are (for bad input), or null;
``received_at`` may be left out; ``partition`` may force a wrong one. A line with key null and a ``time_reached`` value
stands for one such record on every partition. A line of the topic ``broadcast`` has the key ``*``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from signals.domain.errors import ConfigError
from signals.domain.events.base import Instant
from signals.domain.events.kinds import BROADCAST, InputTopic
from signals.ingest.record import RECEIVED_AT, RawRecord
from signals.streams.topics import partition_for

VALID = (
    '{"topic": "usage|billing|crm|feedback|broadcast", "key": text or null, "value": object or text, '
    '"received_at": instant}'
)


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an event file."""

    topic: InputTopic
    key: str | None
    value: msgspec.Raw
    received_at: Instant | None = None
    partition: int | None = None


class _Kind(msgspec.Struct):
    kind: str = ""


_LINE = msgspec.json.Decoder(Line)
_KIND = msgspec.json.Decoder(_Kind)


class LineReader:
    """Turns lines into records with the partition and offset they get on fresh topics.

    One reader serves several files in turn; offsets go on from one to the next.

    Parameters
    ----------
    partitions
        The partition count of every account topic.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._next: dict[tuple[InputTopic, int], int] = {}

    def read(self, lines: Iterable[bytes | str], name: str = "input") -> Iterator[RawRecord]:
        """Yield the records of one file, in its order; empty lines are passed over.

        Raises
        ------
        ConfigError
            A line is malformed; ``where`` is ``name:line``.
        """
        for number, text in enumerate(lines, start=1):
            if text.isspace() or not text:
                continue
            try:
                line = _LINE.decode(text)
                value = _value_bytes(line.value)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise ConfigError(f"{name}:{number}", str(error), VALID) from error
            topic, received_at = line.topic, line.received_at
            headers = ((RECEIVED_AT, received_at.isoformat().encode()),) if received_at is not None else ()
            key = None if line.key is None else line.key.encode()
            for partition in self._partitions_of(line, value, f"{name}:{number}"):
                yield RawRecord(topic, partition, self._take_offset(topic, partition), key, value, headers)

    def closing(self, at: datetime, topic: InputTopic = "usage") -> Iterator[RawRecord]:
        """Yield a *time has reached* record for every partition."""
        text = at.isoformat()
        value = msgspec.json.encode({"kind": "time_reached", "at": text})
        # Dated by its own time: whoever closes a history says that it is complete, also one that ends tomorrow.
        headers = ((RECEIVED_AT, text.encode()),)
        for partition in range(self.partitions):
            yield RawRecord(topic, partition, self._take_offset(topic, partition), None, value, headers)

    def _take_offset(self, topic: InputTopic, partition: int) -> int:
        place = (topic, partition)
        offset = self._next.get(place, 0)
        self._next[place] = offset + 1
        return offset

    def _partitions_of(self, line: Line, value: bytes | None, where: str) -> Iterable[int]:
        if line.topic == BROADCAST:
            if line.partition not in (None, 0):
                raise ConfigError(where, f"partition {line.partition} of {BROADCAST}", "0, the only one")
            return (0,)
        if line.partition is not None:
            if not 0 <= line.partition < self.partitions:
                raise ConfigError(where, f"partition {line.partition}", f"0 to {self.partitions - 1}")
            return (line.partition,)
        if line.key:
            return _home(line.key, self.partitions)
        if line.key is None and value is not None and _is_control(value):
            return range(self.partitions)
        return (0,)  # no key, no place: any partition will do, and the same each time


@lru_cache(maxsize=200_000)
def _home(key: str, partitions: int) -> tuple[int]:
    # Accounts repeat, and murmur2 in Python takes longer than reading the line.
    return (partition_for(key, partitions),)


def read_records(lines: Iterable[bytes | str], *, partitions: int, name: str = "input") -> Iterator[RawRecord]:
    """Yield the records of one file's lines; see `LineReader`."""
    return LineReader(partitions).read(lines, name)


def read_files(paths: Iterable[Path], *, partitions: int) -> Iterator[RawRecord]:
    """Yield the records of several files, one after the other, as if they were one.

    Raises
    ------
    ConfigError
        A file cannot be read, or a line is malformed.
    """
    reader = LineReader(partitions)
    for path in paths:
        try:
            with path.open("rb") as file:
                yield from reader.read(file, str(path))
        except OSError as error:
            raise ConfigError(str(path), f"cannot be read: {error.strerror}", "a file of JSON lines") from error


def _value_bytes(raw: msgspec.Raw) -> bytes | None:
    """Return what goes on the topic: the object's own bytes as they stand in the line, a text's content, or nothing."""
    data = bytes(raw).strip()
    if data == b"null":
        return None
    if data.startswith(b'"'):
        return msgspec.json.decode(data, type=str).encode()
    return data


def _is_control(value: bytes) -> bool:
    if b"time_reached" not in value:
        return False
    try:
        return _KIND.decode(value).kind == "time_reached"
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
