"""A history through the engine, without Kafka: the same decoding, merge and step as in production.

The files are split by Kafka's own partitioner and merged per partition, exactly as ingest does it, so positions, ids
and content equal those of a run over a fresh installation with the same partition count and epoch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from signals.domain.account.state import Account
from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.domain.signal import Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.admission import DeadArrival
from signals.engine.catalogue import Catalogue
from signals.engine.memory import Memory
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.engine.stepped import Stepped
from signals.ingest.decode import RecordDecoder
from signals.ingest.merge import merge_all
from signals.ingest.record import Control, RawRecord, Rejected, Skipped

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
    memories: dict[str, Memory] = {}

    def advance(org_id: str, arrivals: Sequence[Arrival], mark: datetime | None = None) -> None:
        before = result.accounts.get(org_id)
        if (memory := memories.get(org_id)) is None:
            memory = memories[org_id] = Memory()
        stepped = step(before, org_id, arrivals, until=mark, catalogue=catalogue, policy=policy, memory=memory)
        if watch is not None:
            watch(before, arrivals[0] if arrivals else None, stepped)
        _take(result, stepped)

    partitions: dict[int, dict[InputTopic, list[RawRecord]]] = {}
    for record in records:
        result.records += 1
        partitions.setdefault(record.partition, {topic: [] for topic in INPUT_TOPICS})[record.topic].append(record)
    reached: list[datetime] = []
    for partition in sorted(partitions):
        arrivals = _arrivals(partitions.pop(partition), result, decoder, epoch, reached)
        # Packing is invisible to the engine, and a step per arrival would cost as much again.
        while taken := tuple(islice(arrivals, AT_A_TIME if watch is None else 1)):
            within = taken if until is None else [one for one in taken if one.event.at <= until]
            result.beyond += len(taken) - len(within)
            for org_id, pack in _packed(within).items():
                if only is None or org_id == only:
                    advance(org_id, pack)
    result.until = until if until is not None else max(reached, default=None)
    if result.until is not None:
        for org_id in sorted(result.accounts):
            advance(org_id, (), result.until)
    result.transitions.sort(key=lambda one: (one.at, one.org_id, one.rule, one.key, one.seq))
    result.dead.sort(key=lambda one: (one.arrival.reached, one.arrival.position))
    result.suppressions.sort(key=lambda one: (one.at, one.org_id, one.rule, one.key, one.reason, one.guard))
    return result


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
    result: Replayed,
    decoder: RecordDecoder,
    epoch: int,
    reached: list[datetime],
) -> Iterator[Arrival]:
    """Yield one partition's arrivals in merged order; append to *reached* how far its time came."""

    def aside(decoded: Control | Skipped | Rejected) -> None:
        match decoded:
            case Rejected():
                result.rejected.append(decoded)
            case Skipped():
                result.skipped += 1
            case Control():
                result.controls += 1
                reached.append(decoded.at)

    streams = {
        topic: decoder.decode_all(topic, records[0].partition, records) for topic, records in topics.items() if records
    }
    last: datetime | None = None
    for arrival in merge_all(streams, epoch=epoch, other=aside):
        yield arrival
        last = arrival.reached
    if last is not None:
        reached.append(last)


def _take(result: Replayed, stepped: Stepped) -> None:
    result.accounts[stepped.account.org_id] = stepped.account
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
