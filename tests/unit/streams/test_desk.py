"""What becomes of one delivery: sent and remembered, skipped, or a dead letter."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest

from signals.domain.canary import CANARY_RULE
from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import DeadReason, FailReason, HeldReason, SkipReason
from signals.domain.signal import Delivery, Evidence, Position
from signals.engine.erasing import ERASED_SEQ, entry, farewell
from signals.sinks.contract import Sent
from signals.sinks.delivery import Patience
from signals.streams import codec
from signals.streams.deadletter import DeadLetter
from signals.streams.desk import DeliverOutcome, Desk
from signals.streams.outbox import Record
from signals.streams.topics import Topics
from signals.streams.waiting import Due, Waiting, heading_of
from support.fake_engine import EPOCH, transition

TOPICS = Topics(partitions=4)


class Sink:
    """Answers as told."""

    name = "slack"

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.calls: list[tuple[int, int | None, bool]] = []

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Note the call; raise the next fault or answer."""
        self.calls.append((delivery.transition.seq, sent.seq if sent is not None else None, redelivered))
        if self.faults:
            raise self.faults.pop(0)
        return Sent(
            signal_id=delivery.transition.signal_id, seq=delivery.transition.seq, sink="slack",
            destination=delivery.destination, ref={"ts": "1"}, at=EPOCH,
        )  # fmt: skip


class Box:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.broken = False

    async def send_all(self, records: Iterable[Record]) -> int:
        """Take records or fail."""
        if self.broken:
            raise ConnectionError("broker away")
        self.records += records
        return len(self.records)


class Meter:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[DeliverOutcome, FailReason | SkipReason | None]] = []
        self.deaths: list[DeadReason] = []
        self.held: list[HeldReason] = []
        self.latencies: list[float] = []
        self.canaries: list[tuple[str, int, float]] = []

    def delivery(self, sink: str, outcome: DeliverOutcome, reason: FailReason | SkipReason | None) -> None:  # noqa: ARG002  # a port
        """Keep the outcome."""
        self.outcomes.append((outcome, reason))

    def event_to_card(self, sink: str, seconds: float) -> None:  # noqa: ARG002  # a port
        """Keep the latency."""
        self.latencies.append(seconds)

    def canary(self, sink: str, partition: int, seconds: float) -> None:
        """Keep what arrived."""
        self.canaries.append((sink, partition, seconds))

    def suppressed(self, reason: HeldReason) -> None:
        """Keep the reason."""
        self.held.append(reason)

    def dead(self, reason: DeadReason) -> None:
        """Keep the reason."""
        self.deaths.append(reason)

    def lag(self, sink: str, records: int) -> None:
        """Ignore the lag."""

    def oldest(self, sink: str, seconds: float) -> None:
        """Ignore the age."""


@pytest.fixture
def box() -> Box:
    """An empty outbox."""
    return Box()


@pytest.fixture
def meter() -> Meter:
    """A fresh meter."""
    return Meter()


def a_desk(sink: Sink, box: Box, meter: Meter) -> Desk:
    """Return a desk for partition 2 that never really waits."""

    async def no_wait(_: float) -> None:
        return

    patience = Patience(monotonic=lambda: 0.0, sleep=no_wait)
    return Desk(sink, TOPICS, 2, {}, box, patience, lambda: EPOCH + timedelta(seconds=3), meter)


def due(seq: int, *, offset: int = 0, doubtful: bool = False) -> Waiting:
    """Return a record with transition *seq* of one signal."""
    one = Delivery(
        id=f"d{seq}", sink="slack", destination="c", transition=transition("acme", "x", seq, EPOCH), caused_at=EPOCH
    )
    return waiting(offset, codec.encode_json(one), doubtful=doubtful)


def waiting(offset: int, value: bytes, *, doubtful: bool = False) -> Waiting:
    """Return a record as the lane hands it over."""
    return Waiting(Due(offset, value), heading_of(value), doubtful=doubtful)


async def test_what_was_sent_is_written_before_it_counts_as_done(box: Box, meter: Meter) -> None:
    """On the partition of the delivery, under signal and destination."""
    sink = Sink()
    await a_desk(sink, box, meter).work(due(1))

    (record,) = box.records
    signal = transition("acme", "x", 1, EPOCH).signal_id
    assert (record.topic, record.partition, record.key) == ("sent.slack", 2, f"{signal}/c".encode())
    assert meter.outcomes == [("sent", None)]
    assert meter.latencies == [3.0]


async def test_a_canary_is_told_once_it_is_remembered(box: Box, meter: Meter) -> None:
    """How long it was on its way, from its own time; not when the record could not be written."""
    seen = Evidence(name="canary.sent_at", label="Sent", value=(EPOCH + timedelta(seconds=1)).isoformat())
    one = msgspec.structs.replace(transition("signals-canary-0", "x", 1, EPOCH), rule=CANARY_RULE, evidence=(seen,))
    value = codec.encode_json(Delivery(id="d", sink="slack", destination="c", transition=one))
    desk = a_desk(Sink(), box, meter)
    box.broken = True
    with pytest.raises(ConnectionError):
        await desk.work(waiting(0, value))
    assert meter.canaries == []

    box.broken = False
    await desk.work(waiting(0, value))

    assert meter.canaries == [("slack", 2, 2.0)]
    assert meter.latencies == []


async def test_the_next_card_gets_what_the_last_one_left(box: Box, meter: Meter) -> None:
    """So it can be edited in place; a seq not above the last is skipped."""
    sink = Sink()
    desk = a_desk(sink, box, meter)
    for seq in (1, 2, 2, 1):
        await desk.work(due(seq, doubtful=seq == 2))
    assert sink.calls == [(1, None, False), (2, 1, True)]
    assert [outcome for outcome, _ in meter.outcomes] == ["sent", "sent", "skipped", "skipped"]


async def test_a_transient_failure_is_tried_again_and_counted(box: Box, meter: Meter) -> None:
    """The retry itself is the sinks' own."""
    await a_desk(Sink(Transient(FailReason.SERVER, "503")), box, meter).work(due(1))
    assert meter.outcomes == [("retried", FailReason.SERVER), ("sent", None)]


async def test_a_refused_delivery_becomes_a_dead_letter_with_its_position(box: Box, meter: Meter) -> None:
    """It is done then: the same delivery would always fail."""
    refused = Permanent(FailReason.NOT_FOUND, "no such channel")
    await a_desk(Sink(refused), box, meter).work(due(1, offset=7))

    (record,) = box.records
    assert record.topic == "dead-letters"
    assert record.value is not None
    letter = codec.decode_json(record.value, DeadLetter)
    assert (letter.reason, letter.stage, letter.position) == ("undeliverable", "deliver", "0:deliveries.slack:2:7")
    assert "no such channel" in letter.message
    assert meter.deaths == [DeadReason.UNDELIVERABLE]


def goodbye(*, doubtful: bool = False) -> Waiting:
    """Return the record that takes the signal of ``due`` back."""
    signal = transition("acme", "x", 1, EPOCH).signal_id
    last, _ = farewell(entry(signal, ()), "acme", EPOCH, Position(1, "feedback", 0, 4))
    value = codec.encode_json(Delivery(id="d9", sink="slack", destination="c", transition=last))
    return waiting(9, value, doubtful=doubtful)


async def test_an_erased_signal_is_blanked_and_forgotten(box: Box, meter: Meter) -> None:
    """The sink edits what it showed; then a tombstone takes the place of the record, on the topic and in memory."""
    sink = Sink()
    desk = a_desk(sink, box, meter)
    await desk.work(due(1))

    await desk.work(goodbye())

    assert sink.calls[-1] == (ERASED_SEQ, 1, False)
    first, second = box.records
    assert (second.topic, second.partition, second.key, second.value) == ("sent.slack", 2, first.key, None)
    assert desk.sent == {}


async def test_an_erased_signal_that_was_never_shown_is_not_shown_now(box: Box, meter: Meter) -> None:
    """Nor when the erasure itself is delivered again."""
    sink = Sink()
    desk = a_desk(sink, box, meter)

    await desk.work(goodbye(doubtful=True))

    assert (sink.calls, box.records) == ([], [])
    assert meter.outcomes == [("skipped", SkipReason.NEVER_SENT)]


async def test_an_erasure_that_a_service_refuses_is_forgotten_all_the_same(box: Box, meter: Meter) -> None:
    """A person must look, so there is a dead letter; the record goes."""
    sink = Sink()
    desk = a_desk(sink, box, meter)
    await desk.work(due(1))
    sink.faults.append(Permanent(FailReason.AUTH, "refused"))

    await desk.work(goodbye())

    assert [(one.topic, one.value is None) for one in box.records[1:]] == [
        ("dead-letters", False),
        ("sent.slack", True),
    ]
    assert desk.sent == {}


async def test_a_record_nobody_can_read_becomes_a_dead_letter(box: Box, meter: Meter) -> None:
    """And does not stop the partition."""
    await a_desk(Sink(), box, meter).work(waiting(0, b"{}"))
    assert meter.deaths == [DeadReason.UNDECODABLE]


async def test_what_cannot_be_remembered_is_raised(box: Box, meter: Meter) -> None:
    """The caller stops, and the delivery is repeated as one that may have arrived."""
    box.broken = True
    with pytest.raises(ConnectionError):
        await a_desk(Sink(), box, meter).work(due(1))


async def test_what_is_recorded_already_need_not_wait(box: Box, meter: Meter) -> None:
    """After a crash behind a dead channel most of a partition is read again."""
    desk = a_desk(Sink(), box, meter)
    await desk.work(due(2))
    assert [desk.known(due(seq)) for seq in (1, 2, 3)] == [True, True, False]
    assert not desk.known(waiting(0, b"{}"))


async def test_a_destination_that_stays_down_keeps_its_delivery(box: Box, meter: Meter) -> None:
    """It is not lost to an outage that outlasts one delivery's budget; the last chance ends as a dead letter."""
    down = Sink(*[Transient(FailReason.SERVER, "503", timedelta(hours=2))] * 2)
    desk = a_desk(down, box, meter)

    settled = await desk.work(due(1))
    assert (settled, box.records, meter.deaths) == (False, [], [])

    settled = await desk.work(due(1), final=True)
    assert (settled, meter.deaths) == (True, [DeadReason.UNDELIVERABLE])


async def test_news_while_it_waits_make_an_edit_unnecessary(box: Box, meter: Meter) -> None:
    """Asked after each pause that the service asked for; not after one that may hide a success."""
    limited = Transient(FailReason.RATE_LIMITED, "429", timedelta(seconds=30))
    await a_desk(Sink(limited), box, meter).work(due(1), superseded=lambda: True)
    assert meter.outcomes[-1] == ("skipped", SkipReason.COALESCED)

    await a_desk(Sink(Transient(FailReason.TIMEOUT, "time-out")), box, meter).work(due(1), superseded=lambda: True)
    assert [outcome for outcome, _ in meter.outcomes] == ["retried", "skipped", "retried", "sent"]


async def test_a_token_that_was_revoked_is_an_outage(box: Box, meter: Meter) -> None:
    """Everything would be refused until somebody has put in a new one; nothing of it becomes a dead letter at once."""
    refused = [Permanent(FailReason.AUTH, "token_revoked")] * 2
    desk = a_desk(Sink(*refused), box, meter)

    settled = [await desk.work(due(1)), await desk.work(due(1), final=True)]

    assert settled == [False, True]
    assert meter.outcomes[0] == ("retried", FailReason.AUTH)
    assert meter.deaths == [DeadReason.UNDELIVERABLE]
