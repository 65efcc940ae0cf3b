"""A detector with the fake engine in a world by hand: broker, table, clock and exit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from signals.streams.detect import Detector, Fault
from signals.streams.outbox import Record
from signals.streams.topics import Topics
from support.fake_engine import fake_step
from support.meters import SilentDetectMeter

TOPICS = Topics(partitions=4)


class Left(BaseException):
    """The process ended itself."""

    def __init__(self, fault: Fault, detail: str) -> None:
        self.fault, self.detail = fault, detail


@dataclass
class World:
    """Broker, table, clock and exit of one detector, writing down what happens in what order."""

    events: list[str] = field(default_factory=list)
    values: dict[str, bytes] = field(default_factory=dict)
    committed: int = 0
    now: float = 0.0
    send_takes: float = 0.0
    refuse: str = ""
    refuse_after: int | None = None
    overtaken: tuple[str, ...] = ()
    letters: list[bytes] = field(default_factory=list)

    async def send_all(self, records: Iterable[Record]) -> int:
        """Take records, unless told to refuse a topic."""
        sent = list(records)
        self.now += self.send_takes
        self.events += [one.topic for one in sent]
        self.letters += [one.value for one in sent if one.topic == TOPICS.dead_letters and one.value is not None]
        if self.refuse_after is not None and len(self.events) > self.refuse_after:
            raise ConnectionError("broker away")
        if any(one.topic == self.refuse for one in sent):
            raise ConnectionError("broker away")
        return len(sent)

    def load(self, org_id: str) -> bytes | None:
        """Return a stored value."""
        return self.values.get(org_id)

    def store(self, values: Iterable[tuple[str, bytes]]) -> tuple[Record, ...]:
        """Store values and return the changelog records."""
        changed = tuple(values)
        self.values.update(changed)
        self.events += [f"store {org_id}" for org_id, _ in changed]
        return tuple(Record("changelog", 1, org_id.encode(), value) for org_id, value in changed)

    def held(self, partitions: Iterable[int]) -> Iterator[tuple[int, str, bytes]]:
        """Yield all values; every account is on partition 1."""
        for org_id, value in self.values.items() if 1 in partitions else ():
            yield 1, org_id, value

    def repairs(self, partitions: Iterable[int]) -> tuple[Record, ...]:
        """Return what a test wants written again."""
        return tuple(Record("changelog", 1, key.encode(), b"") for key in self.overtaken if 1 in partitions)

    async def first_expected(self, partition: int) -> int:  # noqa: ARG002  # a port
        """Return the committed offset."""
        return self.committed

    def leave(self, fault: Fault, detail: str) -> NoReturn:
        """Stand for ``os._exit``."""
        raise Left(fault, detail)


def detector_in(world: World) -> Detector:
    """Return a detector in *world* with the fake engine."""
    return Detector(
        topics=TOPICS, step=fake_step, accounts=world, outbox=world, meter=SilentDetectMeter(), leave=world.leave,
        first_expected=world.first_expected, longest_turn_s=10.0, monotonic=lambda: world.now,
    )  # fmt: skip
