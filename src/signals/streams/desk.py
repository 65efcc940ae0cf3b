"""One delivery after the other to its end: sent and remembered, skipped, or a dead letter. Knows no consumer."""

import logging
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from signals.domain.canary import canary_sent_at
from signals.domain.errors import Transient
from signals.domain.reasons import DeadReason, FailReason, HeldReason, SkipReason
from signals.domain.signal import Delivery, Position
from signals.sinks.contract import Clock, Paced, Sent, Sink
from signals.sinks.delivery import Dead, Delivered, Patience, Skipped, deliver
from signals.sinks.evidence import decisive_band
from signals.sinks.lease import LEASE, Lease, may_call
from signals.sinks.retry import LONGEST_PAUSE
from signals.streams import codec
from signals.streams.deadletter import bury, bury_delivery
from signals.streams.outbox import Outbox, Record
from signals.streams.sent_log import SentKey, erased_record, sent_record
from signals.streams.topics import Topics
from signals.streams.waiting import Waiting

LOG = logging.getLogger(__name__)

DeliverOutcome = Literal["sent", "skipped", "retried", "dead"]


class DeliverMeter(Protocol):
    """Where deliver reports what it did; called in the event loop, must not block."""

    def delivery(self, sink: str, outcome: DeliverOutcome, reason: FailReason | SkipReason | None) -> None:
        """One delivery came to an end, or one attempt will be repeated (``retried``); *reason* is None when sent."""

    def event_to_card(self, sink: str, seconds: float) -> None:
        """From the arrival of the event that caused a card to the service's answer."""

    def canary(self, sink: str, partition: int, seconds: float) -> None:
        """A canary arrived at the service, so long after it was sent."""

    def suppressed(self, reason: HeldReason) -> None:
        """One signal has no card of its own, and a record on suppressions says so."""

    def dead(self, reason: DeadReason) -> None:
        """One record is on the dead letter topic."""

    def lag(self, sink: str, records: int) -> None:
        """Deliveries not committed yet, over the partitions of this process."""

    def oldest(self, sink: str, seconds: float) -> None:
        """Age of the oldest delivery that is not done; 0 when none waits."""


@dataclass
class Desk:
    """Brings single deliveries to an end: the part without consumers and offsets.

    Parameters
    ----------
    sink
        Started.
    sent
        What this partition has sent, as read from the topic; kept up to date here.
    """

    sink: Sink
    topics: Topics
    partition: int
    sent: MutableMapping[SentKey, Sent]
    outbox: Outbox
    patience: Patience
    clock: Clock
    meter: DeliverMeter
    lease: Lease | None = None
    """Under which calls are made; None: nobody else could make them."""

    def known(self, one: Waiting) -> bool:
        """Whether the step, or a later one of its signal, was sent to its destination already."""
        sent = self.sent.get((one.signal_id, one.destination))
        return one.step is not None and sent is not None and one.step.seq <= sent.seq

    def skipped(self, one: Waiting, reason: SkipReason) -> None:
        """Count a delivery that needed no call."""
        LOG.debug("skipped", extra={"sink": self.sink.name, "signal": one.signal_id, "reason": reason.value})
        self.meter.delivery(self.sink.name, "skipped", reason)

    def holds(self, one: Waiting) -> str:  # noqa: ARG002 - see ``streams.catch_up``
        """Return where *one* is held back; here nothing is."""
        return ""

    async def gathered(self, place: str) -> None:
        """Return at once: nothing is held back here."""

    async def fold(self, place: str, ones: list[Waiting]) -> list[Waiting]:  # noqa: ARG002 - as above
        """Return what was held back: all of it is delivered as it is."""
        return ones

    async def turn(self, destination: str) -> None:
        """Return when the sink may be called for *destination*."""
        if isinstance(self.sink, Paced):
            await self.sink.turn(destination)

    async def work(self, one: Waiting, *, superseded: Callable[[], bool] = lambda: False, final: bool = False) -> bool:
        """Deliver one record and record the outcome; raises only when that could not be written. See ``lane.Work``."""
        LEASE.set(self.lease)
        due, name = one.due, self.sink.name
        position = Position(0, f"deliveries.{name}", self.partition, due.offset)
        try:
            delivery = codec.decode_json(due.value, Delivery)
        except codec.Corrupt as error:
            letter = bury(
                DeadReason.UNDECODABLE, str(error), position, stage="deliver", key=None, value=due.value
            )  # fmt: skip
            await self._write(self.topics.dead_letters, b"", letter)
            self.meter.dead(DeadReason.UNDECODABLE)
            return True
        key = (delivery.transition.signal_id, delivery.destination)
        outcome = await deliver(
            self.sink,
            delivery,
            self.sent.get(key),
            patience=self.patience,
            redelivered=one.doubtful,
            on_retry=self._count_retry,
            superseded=superseded,
        )
        match outcome:
            case Skipped(reason=why):
                if why is SkipReason.IN_DIGEST:
                    await self._move_on(delivery)
                self.skipped(one, why)
            case Delivered(sent=sent):
                await self._remember(sent, forget=delivery.transition.erased)
                self.meter.delivery(name, "sent", None)
                if (sent_at := canary_sent_at(delivery.transition)) is not None:
                    self.meter.canary(name, self.partition, (self.clock() - sent_at).total_seconds())
                if delivery.caused_at is not None:
                    self.meter.event_to_card(name, (self.clock() - delivery.caused_at).total_seconds())
            case Dead(passing=True) if not final:
                return False
            case Dead(reason=FailReason.AUTH) if not final and not delivery.transition.erased:
                # A token that was revoked refuses everything: that is an outage, until somebody has put in a new one.
                self._count_refused()
                await self.patience.sleep(LONGEST_PAUSE.total_seconds())
                return False
            case Dead(reason=reason, message=message):
                org_key = delivery.transition.org_id.encode()
                letter = bury_delivery(delivery, position, f"{reason}: {message}")
                await self._write(self.topics.dead_letters, org_key, letter)
                if delivery.transition.erased and (known := self.sent.get(key)) is not None:
                    await self._remember(known, forget=True)
                self.meter.delivery(name, "dead", reason)
                self.meter.dead(DeadReason.UNDELIVERABLE)
        return True

    async def _remember(self, sent: Sent, *, forget: bool) -> None:
        topic = self.topics.sent(self.sink.name)
        record = erased_record(topic, self.partition, sent) if forget else sent_record(topic, self.partition, sent)
        more = self._forgotten(self.sent.get(sent.key)) if forget else ()
        await may_call()  # a later owner may have written a newer one, which must stay the last
        await self.outbox.send_all([*more, record])
        if forget:
            self.sent.pop(sent.key, None)
        else:
            self.sent[sent.key] = sent

    async def _move_on(self, delivery: Delivery) -> None:
        """Remember a step that was not shown, so that the next one is compared with it."""
        one = delivery.transition
        known = self.sent[one.signal_id, delivery.destination]
        state = {"severity": one.severity.value, "owner": one.owner.name, "status": one.status}
        sent = msgspec.structs.replace(known, seq=one.seq, at=self.clock(), band=decisive_band(one), **state)
        await self._remember(sent, forget=False)

    def _forgotten(self, sent: Sent | None) -> Iterable[Record]:  # noqa: ARG002 - see ``streams.catch_up``
        """Return what else must be written when *sent* is forgotten."""
        return ()

    def _count_refused(self) -> None:
        self.meter.delivery(self.sink.name, "retried", FailReason.AUTH)

    def _count_retry(self, failure: Transient) -> None:
        self.meter.delivery(self.sink.name, "retried", failure.reason)

    async def _write(self, topic: str, key: bytes, letter: msgspec.Struct) -> None:
        await self.outbox.send_all([Record(topic, self.partition, key, codec.encode_json(letter))])
