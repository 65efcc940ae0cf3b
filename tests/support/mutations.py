"""Valid inputs made invalid in many ways, from a seed; and what must hold for each."""

from collections import Counter
from random import Random
from typing import Any

import msgspec

from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.domain.reasons import DeadReason
from signals.ingest.decode import RecordDecoder
from signals.ingest.record import RECEIVED_AT, Accepted, Control, RawRecord, Rejected, Skipped
from signals.ingest.sources.canonical import read_canonical
from signals.ingest.sources.contract import Mapped
from signals.streams.topics import partition_for
from support.payloads import POSTHOG, STRIPE, seeds

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 2**64, -(2**70), 10**400, 1e308, -0.0, 1e-320, "", " ", "\u0000", "é", "\u202e",
    "😀" * 60, "x" * 5000, "NaN", "Infinity", "1e999999", "-1", "2026-02-30", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+12:00", [], {}, [[]], {"a": {"b": []}}, ["x"], {"": None},
)  # fmt: skip
RAW = (b"NaN", b"-Infinity", b"1e400", b"1e-400", b'"\\ud800"', b"\xff", b"\xc0\x80", b"9" * 5000, b"01", b"'x'", b"//")


def mutate(value: bytes, rng: Random) -> tuple[str, bytes]:
    """Return the name of a way to spoil a record, and the spoiled record."""
    way = rng.randrange(9)
    at = rng.randrange(len(value))
    if way == 0:
        spoiled = bytearray(value)
        for _ in range(rng.randint(1, 4)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        return "bytes flipped", bytes(spoiled)
    if way == 1:
        return "truncated", value[:at]
    if way == 2:
        return "raw token", value[:at] + rng.choice(RAW) + value[at + rng.randrange(3) :]
    if way == 3:
        depth = rng.choice((3, 50, 2_000, 60_000))
        end = value.rindex(b"}")
        return "nested deeply", value[:end] + b',"x":' + b"[" * depth + b"]" * depth + b"}"
    if way == 4:
        other = rng.randrange(len(value))
        return "part doubled", value[:at] + value[min(at, other) : max(at, other)] + value[at:]
    if way == 5:
        return "untouched", value
    tree = msgspec.json.decode(value)
    places = list(_places(tree))
    holder, name = rng.choice(places)
    if way == 6:
        holder[name] = rng.choice(ODD)
        return "value changed", _encoded(tree)
    if way == 7:
        if isinstance(holder, dict):
            del holder[name]
        return "field left out", _encoded(tree)
    other_holder, other_name = rng.choice(places)
    holder[name], other_holder[other_name] = other_holder[other_name], holder[name]
    return "values swapped", _encoded(tree)


def _places(tree: Any) -> Any:
    if isinstance(tree, (dict, list)):
        for name in tree if isinstance(tree, dict) else range(len(tree)):
            yield tree, name
            yield from _places(tree[name])


def _encoded(tree: Any) -> bytes:
    try:
        return msgspec.json.encode(tree)
    except (OverflowError, RecursionError, ValueError):
        return b"{}"  # a swap can tie a knot


PARTITIONS = 8
KEYS = (b"acme",) * 12 + (b"other", b"", b"\xff", None)


ARRIVALS = (b"soon", b"2026-03-02T09:00:00", b"2026-03-02T09:00:00Z", b"2001-01-01T00:00:00+02:00")


def read_slowly(value: bytes, topic: InputTopic, key: str | None) -> Mapped:
    """Read a canonical record as if it were of a foreign format, for which there is no quick way."""
    return read_canonical(value, topic, key)


class Fuzz:
    """Feeds spoiled records through decoding and keeps the account; ``run`` may be called again."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.inputs = 0
        self.events = 0
        self.table: Counter[tuple[str, str]] = Counter()
        """(format, outcome) -> records."""
        self.ways: Counter[str] = Counter()
        self.failed: list[tuple[str, bytes]] = []
        self._seeds = seeds()
        foreign: dict[str, dict[InputTopic, Any]] = {
            "canonical": {},
            "posthog": dict.fromkeys(INPUT_TOPICS, POSTHOG),
            "stripe": dict.fromkeys(INPUT_TOPICS, STRIPE),
        }  # fmt: skip
        self._decoders = {name: RecordDecoder(PARTITIONS, sources) for name, sources in foreign.items()}
        slow = {"canonical": dict.fromkeys(INPUT_TOPICS, read_slowly)}
        self._careful = {name: RecordDecoder(PARTITIONS, slow.get(name, foreign[name])) for name in foreign}
        self._home = partition_for("acme", PARTITIONS)

    def run(self, count: int) -> None:
        """Decode *count* spoiled records; raises what decoding raises, which must be nothing."""
        rng = self.rng
        for _ in range(count):
            topic, form, value = rng.choice(self._seeds)
            way, spoiled = mutate(value, rng)
            headers = ((RECEIVED_AT, rng.choice(ARRIVALS)),) if rng.random() < 0.1 else ()
            stamp = rng.choice((None, 0, 1_772_442_000_000, -5, 2**62)) if rng.random() < 0.1 else None
            partition = self._home if rng.random() < 0.97 else rng.randrange(PARTITIONS)
            record = RawRecord(topic, partition, self.inputs, rng.choice(KEYS), spoiled, headers, stamp)
            self.inputs += 1
            self.ways[way] += 1
            decoded = self._decoders[form].decode(record)
            # The quick way for canonical records only saves time: the careful one must come to the same.
            assert decoded == self._careful[form].decode(record), spoiled
            if isinstance(decoded, Accepted):
                self.events += len(decoded.events)
                self.table[form, "accepted"] += 1
                for event in decoded.events:  # what is accepted must survive both codecs unchanged
                    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event)) == event
                    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
            elif isinstance(decoded, Rejected):
                self.table[form, decoded.reason.value] += 1
                if decoded.reason is DeadReason.FAILED:
                    self.failed.append((decoded.message, spoiled))
            elif isinstance(decoded, (Skipped, Control)):
                self.table[form, "skipped"] += 1
