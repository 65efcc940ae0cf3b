"""Keeps ``signal-state`` from going backwards: looks for steps that stand behind newer ones of their signal.

A worker that was stopped or cut off in the middle of its send, for longer than its session, may write a step after the
new owner of its partition has written later ones. On a compacted topic the last record is what stands. Whoever takes a
partition over looks through the end of it, and writes again what was buried.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

import msgspec

from signals.streams.outbox import Record
from signals.streams.read_ahead import BulkReader

TAIL = 5000
# Records of each partition that are looked through, some MB. A late step comes at most a session and the length of the
# pause after the ones it buries; more would only delay every takeover.

Buried = Callable[[Collection[int]], Awaitable[tuple[Record, ...]]]
"""Partitions -> the records to write again. Called before the first message after an assignment."""
Ends = Callable[[Iterable[int], str], Awaitable[Mapping[int, int]]]
"""Partitions and a topic -> the offset the next record will get."""


class _Step(msgspec.Struct):
    seq: int


_decode = msgspec.json.Decoder(_Step).decode


class LastSteps:
    """Of each signal, the step with the highest ``seq``, and whether an older one stands last.

    Examples
    --------
    >>> steps = LastSteps("signal-state")
    >>> steps.take(0, 7, b"s1", b'{"seq":3}')
    >>> steps.take(0, 8, b"s1", b'{"seq":2}')
    >>> [(record.key, record.value) for record in steps.buried()]
    [(b's1', b'{"seq":3}')]
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._newest: dict[bytes, tuple[float, int, bytes | None]] = {}
        self._buried: dict[bytes, None] = {}

    def take(self, partition: int, _: int, key: bytes, value: bytes | None) -> None:
        """Take one record in; called in the order of each partition. A tombstone (erased) is the last step."""
        seq = float("inf") if value is None else _decode(value).seq
        newest = self._newest.get(key)
        if newest is not None and seq < newest[0]:
            self._buried[key] = None
            return
        self._newest[key] = (seq, partition, value)
        self._buried.pop(key, None)

    def buried(self) -> tuple[Record, ...]:
        """Return the records to write again."""
        newest = ((key, *self._newest[key]) for key in self._buried)
        return tuple(Record(self._topic, partition, key, value) for key, _, partition, value in newest)


async def find_buried(topic: str, partitions: Collection[int], ends: Ends, reader: BulkReader) -> tuple[Record, ...]:
    """Return the steps to write again, of the last ``TAIL`` records of each partition.

    Nothing when not all of them could be read: a step that looks like the newest might be an old one then.
    """
    steps = LastSteps(topic)
    ranges = {partition: (max(0, end - TAIL), end) for partition, end in (await ends(partitions, topic)).items()}
    return steps.buried() if await reader.read(ranges, steps) else ()
