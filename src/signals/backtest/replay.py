"""A history through the engine, without Kafka: the same decoding, merge and step as in production.

The files are split by Kafka's own partitioner and merged per partition, exactly as ingest does it, so positions, ids
and content equal those of a run over a fresh installation with the same partition count and epoch. Broadcasts are
merged into every partition, and taken by the accounts it has by then.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from signals.domain.account.state import Account
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, InputTopic
from signals.domain.signal import Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.admission import DeadArrival
from signals.engine.broadcasting import addressed, hears, newborn
from signals.engine.catalogue import Catalogue
from signals.engine.memory import Memory
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.engine.stepped import Stepped
from signals.ingest.decode import RecordDecoder
from signals.ingest.merge import merge_all
from signals.ingest.record import Accepted, Control, Decoded, RawRecord, Rejected, Skipped

Watch = Callable[[Account | None, Arrival | None, Stepped], None]


@dataclass
class Replayed:
    """Everything a history gave. Lists are in order of time; equal input gives equal lists.

    ``records`` is how many lines came in; each is in exactly one of ``accepted``, ``skipped``, ``rejected`` or
    ``controls``.
    """

    transitions: list[Transition] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    dead: list[DeadArrival] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    until: datetime | None = None
    """The time the history was driven to."""
    records: int = 0
    skipped: int = 0
    controls: int = 0
    beyond: int = 0
    """Events later than ``until``, left out."""
    applied: int = 0
    duplicates: int = 0
    late: int = 0
    erased: int = 0
    evaluated: int = 0
    deliveries: int = 0
    unowned: int = 0


def replay(
    records: Iterable[RawRecord],
    *,
    decoder: RecordDecoder,
    catalogue: Catalogue,
    policy: Policy,
    epoch: int = 1,
    until: datetime | None = None,
    only: str | None = None,
    watch: Watch | None = None,
) -> Replayed:
    """Run a whole history and drive it to *until*.

    Parameters
    ----------
    records
        In the order they would have been produced in; partition and offset as on a fresh topic.
    until
        Timers due by it fire at the end, later events are left out. None: the latest closing record of the history,
        else the latest event.
    only
        Follow one account; the merge still reads all, because a late event's treatment depends on its partition.
    watch
        Called after every step with the account before it, the arrival (None for the closing time) and the step.
    """
    result = Replayed()
    run = _Run(result, catalogue, policy, only, watch)
    partitions: dict[int, dict[InputTopic, list[RawRecord]]] = {}
    said: list[RawRecord] = []
    for record in records:
        result.records += 1
        if record.topic == BROADCAST:
            said.append(record)
        else:
            partitions.setdefault(record.partition, {topic: [] for topic in INPUT_TOPICS})[record.topic].append(record)
    reached: list[datetime] = []
    broadcasts = _broadcasts(said, result, decoder, reached)
    result.beyond += sum(until is not None and one.at > until for one in broadcasts)
    for partition in sorted(partitions):
        arrivals = _arrivals(partitions.pop(partition), broadcasts, result, decoder, epoch, reached)
        run.begin()
        # Packing is invisible to the engine, and a step per arrival would cost as much again.
        while taken := tuple(islice(arrivals, AT_A_TIME if watch is None else 1)):
            run.take(one for one in taken if until is None or one.event.at <= until)
            beyond = (one for one in taken if until is not None and one.event.at > until)
            result.beyond += sum(one.position.topic != BROADCAST for one in beyond)
    result.until = until if until is not None else max(reached, default=None)
    if result.until is not None:
        for org_id in sorted(result.accounts):
            run.advance(org_id, (), result.until)
    result.transitions.sort(key=lambda one: (one.at, one.org_id, one.rule, one.key, one.seq))
    result.dead.sort(key=lambda one: (one.arrival.reached, one.arrival.position))
    result.suppressions.sort(key=lambda one: (one.at, one.org_id, one.rule, one.key, one.reason, one.guard))
    return result


@dataclass
class _Run:
    """The accounts while a history goes through them, partition by partition."""

    result: Replayed
    catalogue: Catalogue
    policy: Policy
    only: str | None
    watch: Watch | None
    memories: dict[str, Memory] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    """Accounts of this partition so far."""
    heard: tuple[int, int] | None = None
    """The last broadcast taken on this partition."""

    def begin(self) -> None:
        """Go on with another partition."""
        self.here, self.heard = set(), None

    def take(self, arrivals: Iterable[Arrival]) -> None:
        """Apply what was merged."""
        stretch: list[Arrival] = []
        for arrival in arrivals:
            if arrival.position.topic == BROADCAST:
                self._apply(stretch)
                self._hear(arrival)
                stretch.clear()
            else:
                stretch.append(arrival)
        self._apply(stretch)

    def _apply(self, arrivals: Iterable[Arrival]) -> None:
        for org_id, pack in _packed(arrivals).items():
            if self.only is None or org_id == self.only:
                self.here.add(org_id)
                self.advance(org_id, pack)

    def _hear(self, broadcast: Arrival) -> None:
        dead = len(self.result.dead)
        for org_id in sorted(filter(hears, self.here)):
            self.advance(org_id, (addressed(broadcast, org_id),))
        del self.result.dead[dead + 1 :]  # however many accounts refuse it: one dead letter, as in detect
        self.heard = (broadcast.position.epoch, broadcast.position.offset)

    def advance(self, org_id: str, arrivals: Sequence[Arrival], mark: datetime | None = None) -> None:
        """Let one account take its next step."""
        before = self.result.accounts.get(org_id)
        if (memory := self.memories.get(org_id)) is None:
            memory = self.memories[org_id] = Memory()
        stepped = step(
            before, org_id, arrivals, until=mark, catalogue=self.catalogue, policy=self.policy, memory=memory
        )
        if self.watch is not None:
            self.watch(before, arrivals[0] if arrivals else None, stepped)
        _take(self.result, stepped, stepped.account if before is not None else newborn(stepped.account, self.heard))


def _broadcasts(
    said: Sequence[RawRecord], result: Replayed, decoder: RecordDecoder, reached: list[datetime]
) -> list[Accepted]:
    """Return what every partition is to merge; whatever else stands on the broadcast topic is counted here, once."""
    found: list[Accepted] = []
    for decoded in decoder.decode_all(BROADCAST, 0, said):
        if isinstance(decoded, Accepted):
            found.append(decoded)
        else:
            _aside(decoded, result, reached)
    return found


def _packed(arrivals: Iterable[Arrival]) -> dict[str, list[Arrival]]:
    packs: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        packs.setdefault(arrival.event.org_id, []).append(arrival)
    return packs


AT_A_TIME = 100_000
# Arrivals of a partition that are put into packs by account at once: about 60 MB. With fewer an account has few
# arrivals in a pack, with more nothing is gained.


def _arrivals(
    topics: Mapping[InputTopic, list[RawRecord]],
    broadcasts: Sequence[Accepted],
    result: Replayed,
    decoder: RecordDecoder,
    epoch: int,
    reached: list[datetime],
) -> Iterator[Arrival]:
    """Yield one partition's arrivals in merged order; append to *reached* how far its time came."""
    streams: dict[InputTopic, Iterable[Decoded]] = {
        topic: decoder.decode_all(topic, records[0].partition, records) for topic, records in topics.items() if records
    }
    streams[BROADCAST] = broadcasts
    last: datetime | None = None
    for arrival in merge_all(streams, epoch=epoch, other=lambda one: _aside(one, result, reached)):
        yield arrival
        last = arrival.reached
    if last is not None:
        reached.append(last)


def _aside(decoded: Control | Skipped | Rejected, result: Replayed, reached: list[datetime]) -> None:
    match decoded:
        case Rejected():
            result.rejected.append(decoded)
        case Skipped():
            result.skipped += 1
        case Control():
            result.controls += 1
            reached.append(decoded.at)


def _take(result: Replayed, stepped: Stepped, account: Account) -> None:
    result.accounts[account.org_id] = account
    result.transitions.extend(stepped.transitions)
    result.suppressions.extend(stepped.suppressions)
    result.dead.extend(stepped.dead)
    result.deliveries += len(stepped.deliveries)
    tally = stepped.tally
    result.applied += tally.applied
    result.duplicates += tally.duplicates
    result.late += tally.late
    result.erased += tally.erased
    result.evaluated += tally.evaluated
    result.unowned += tally.unowned
