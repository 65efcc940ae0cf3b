"""Deliver workers of one Slack over topics in memory: what a test of the catch-up needs, with a clock set by hand."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from signals.domain.ids import delivery_id, derive_id, transition_id
from signals.domain.reasons import Change, DeadReason, FailReason, HeldReason, Severity, SkipReason
from signals.domain.signal import Delivery, Suppression, Transition
from signals.sinks.contract import Sent
from signals.streams import codec
from signals.streams.catch_up import CatchUp, CatchUpDesk, Gatherings
from signals.streams.desk import DeliverOutcome
from signals.streams.lane import Lane
from signals.streams.outbox import Record
from signals.streams.topics import Topics, partition_for
from signals.streams.waiting import Due
from support.cards import NOW, transition
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

PARTITIONS = 4
CHANNEL = "account-signals"
OLD = NOW - timedelta(hours=5)


class Crash(BaseException):
    """The process is gone."""


class Meter:
    """Counts what the desks report."""

    def __init__(self) -> None:
        self.held: list[HeldReason] = []
        self.skipped: list[SkipReason] = []
        self.deaths: list[DeadReason] = []
        self.sent = 0

    def delivery(self, sink: str, outcome: DeliverOutcome, reason: FailReason | SkipReason | None) -> None:  # noqa: ARG002  # a port
        """Count it."""
        if isinstance(reason, SkipReason):
            self.skipped.append(reason)
        self.sent += outcome == "sent"

    def event_to_card(self, sink: str, seconds: float) -> None:
        """Ignore it."""

    def canary(self, sink: str, partition: int, seconds: float) -> None:
        """Ignore it."""

    def suppressed(self, reason: HeldReason) -> None:
        """Keep the reason."""
        self.held.append(reason)

    def dead(self, reason: DeadReason) -> None:
        """Keep the reason."""
        self.deaths.append(reason)

    def lag(self, sink: str, records: int) -> None:
        """Ignore it."""

    def oldest(self, sink: str, seconds: float) -> None:
        """Ignore it."""


class Town:
    """Topics that outlive the processes, and the one process there is now.

    ``die_at`` counts the writes of all processes: the process dies instead of that write (from 1).
    """

    def __init__(self, slack: SlackFake, clock: HandClock) -> None:
        self.slack, self.clock, self.meter = slack, clock, Meter()
        self.topics = Topics(partitions=PARTITIONS)
        self.deliveries: dict[int, list[bytes]] = defaultdict(list)
        self.sent: dict[int, dict[tuple[str, str], Sent]] = defaultdict(dict)
        self.suppressions: list[Suppression] = []
        self.committed: dict[int, int] = defaultdict(int)
        self.writes, self.die_at = 0, 0
        self.after = timedelta(hours=2)
        self._lanes: dict[int, Lane] = {}
        self._dead: list[BaseException] = []

    async def send_all(self, records: Iterable[Record]) -> int:
        """Write each to its topic; one group is one write."""
        self.writes += 1
        if self.writes == self.die_at:
            raise ConnectionError("gone")
        for record in records:
            self._write(record)
        return 0

    def _write(self, record: Record) -> None:
        if record.topic == self.topics.dead_letters:
            return
        if record.topic == self.topics.suppressions:
            assert record.value is not None
            self.suppressions.append(codec.decode_json(record.value, Suppression))
        elif record.topic == self.topics.deliveries("slack"):
            assert record.value is not None
            self.deliver(record.partition, record.value)
        elif record.value is None:
            signal, _, destination = record.key.decode().partition("/")
            self.sent[record.partition].pop((signal, destination), None)
        else:
            sent = codec.decode_json(record.value, Sent)
            self.sent[record.partition][sent.key] = sent

    def deliver(self, partition: int, value: bytes) -> None:
        """Append one record to the deliveries."""
        log = self.deliveries[partition]
        log.append(value)
        if partition in self._lanes:
            self._lanes[partition].offer(Due(len(log) - 1, value))

    def due(self, one: Transition, channel: str = CHANNEL) -> None:
        """Append the delivery of one step, on its account's partition."""
        name = delivery_id(one.signal_id, one.seq, "slack", channel)
        due = Delivery(id=name, sink="slack", destination=channel, transition=one)
        self.deliver(partition_for(one.org_id, PARTITIONS), codec.encode_json(due))

    async def live(self, *, doubtful: bool = False) -> None:
        """Run one process after the other until everything is done; each begins where the last one committed.

        *doubtful* says that one has died before.
        """
        while True:
            self._dead = []
            sink = slack_sink(self.slack.url, self.clock, channels={CHANNEL: "C01SIG", "other-signals": "C02OTH"})
            await sink.start()
            gatherings = Gatherings(CatchUp(), monotonic=self.clock.monotonic, sleep=self.clock.sleep)
            for partition in range(PARTITIONS):
                desk = CatchUpDesk(
                    sink, self.topics, partition, dict(self.sent[partition]), self, self.clock.patience(),
                    self.clock.now, self.meter, digests=sink, catch_up=CatchUp(self.after), gatherings=gatherings,
                )  # fmt: skip
                end = len(self.deliveries[partition]) if doubtful else 0
                self._lanes[partition] = Lane(
                    self.committed[partition], doubtful_until=end, work=desk, coalesce=True,
                    monotonic=self.clock.monotonic, failed=self._dead.append,
                )  # fmt: skip
            for partition, lane in self._lanes.items():
                for offset in range(self.committed[partition], len(self.deliveries[partition])):
                    lane.offer(Due(offset, self.deliveries[partition][offset]))
            await self._until_done()
            lanes, self._lanes = self._lanes, {}
            for partition, lane in lanes.items():
                await lane.close(0)
                self.committed[partition] = lane.committable
            await sink.stop()
            if not self._dead:
                return
            doubtful = True
            await self.clock.sleep(3)

    async def _until_done(self) -> None:
        while not self._dead and any(  # noqa: ASYNC110 - the clock stands still: only giving way is needed
            lane.committable < len(self.deliveries[partition]) for partition, lane in self._lanes.items()
        ):
            await asyncio.sleep(0)


def signal(number: int, *, severity: Severity = Severity.NOTICE) -> Transition:
    """Return the opening, hours ago, of a signal of its own."""
    one = transition(org_id=f"org_{number}")
    name = derive_id("test", str(number))
    return msgspec.structs.replace(
        one, id=transition_id(name, 1), signal_id=name, severity=severity, account_name=f"Account {number}",
        headline=f"Account {number}: usage fell", at=OLD,
    )  # fmt: skip


def later(one: Transition, change: Change, **fields: object) -> Transition:
    """Return the next step of *one*, now; it notifies only if told to."""
    seq = one.seq + 1
    known = {"seq": seq, "id": transition_id(one.signal_id, seq), "change": change, "at": NOW, "notify": False}
    return msgspec.structs.replace(one, **(known | fields))
