"""What every sink promises; a new one is tested by being listed in ``support.sink_peers``."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest
from rich.console import Console

from signals.domain.errors import Permanent, SinkError, Transient
from signals.domain.reasons import Change, FailReason, Severity, SkipReason
from signals.sinks.contract import Sent, Sink
from signals.sinks.delivery import Dead, Delivered, Skipped, deliver
from signals.sinks.retry import RETRY_BUDGET
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from support.cards import APPEARANCE, credit_runway, delivery, resolved, spike, step, transition
from support.charts import charted
from support.fake_server import FakeServer, Fault
from support.hand_clock import HandClock
from support.sink_peers import PEERS, SECRET, PeerKind

PERMANENT = Fault(400, body='{"message": "no"}')
TRANSIENT = Fault(503)


@dataclass
class Rig:
    """One started sink and its peer."""

    kind: PeerKind
    fake: FakeServer
    sink: Sink
    clock: HandClock

    @property
    def arrived(self) -> int:
        """Signals that the other end sees."""
        return self.kind.arrived(self.fake)


@pytest.fixture(params=PEERS, ids=lambda kind: kind.name)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """Each sink in turn, started against a peer that is fine."""
    kind: PeerKind = request.param
    fake, clock = kind.fake(), HandClock()
    async with fake.running() as url:
        sink = kind.build(url, clock)
        await sink.start()
        yield Rig(kind, fake, sink, clock)
        await sink.stop()


async def test_a_fine_peer_gets_the_delivery_at_the_first_attempt(rig: Rig) -> None:
    """One attempt, one thing arrived, and a record that names it."""
    due = delivery(transition(), rig.sink.name)

    outcome = await deliver(rig.sink, due, None, patience=rig.clock.patience())

    assert isinstance(outcome, Delivered)
    assert (outcome.attempts, outcome.sent.seq, outcome.sent.key) == (
        1,
        1,
        (due.transition.signal_id, "account-signals"),
    )
    assert rig.arrived == 1


async def test_a_peer_that_is_down_for_good_ends_as_a_dead_delivery_within_the_budget(rig: Rig) -> None:
    """503 for ever is tried several times, then given up with its reason."""
    rig.fake.always = TRANSIENT

    outcome = await deliver(rig.sink, delivery(transition(), rig.sink.name), None, patience=rig.clock.patience())

    assert isinstance(outcome, Dead)
    assert outcome.reason is FailReason.SERVER
    assert outcome.attempts > 3
    assert timedelta(seconds=sum(rig.clock.slept)) <= RETRY_BUDGET + timedelta(seconds=5)  # pacing included


async def test_a_peer_that_refuses_is_not_asked_twice(rig: Rig) -> None:
    """A permanent refusal is dead after one attempt, without a pause."""
    rig.fake.always = PERMANENT

    outcome = await deliver(rig.sink, delivery(transition(), rig.sink.name), None, patience=rig.clock.patience())

    assert isinstance(outcome, Dead)
    assert (outcome.reason, outcome.attempts, rig.clock.slept) == (FailReason.REJECTED, 1, [])


async def test_a_moody_peer_gets_the_delivery_once_it_is_fine(rig: Rig) -> None:
    """Refused, cut off and put off, the delivery arrives once and waits as long as it was asked to."""
    rig.fake.faults.extend([TRANSIENT, Fault(0), Fault(429, {"Retry-After": "37"})])

    outcome = await deliver(rig.sink, delivery(transition(), rig.sink.name), None, patience=rig.clock.patience())

    assert isinstance(outcome, Delivered)
    assert outcome.attempts >= 3  # a dropped look-up is repeated by the HTTP client itself
    assert max(rig.clock.slept) >= 37
    assert rig.arrived == 1


async def test_a_moody_peer_does_not_swallow_neighbours(rig: Rig) -> None:
    """A refused delivery is dead alone: the one before and the one after arrive."""
    patience = rig.clock.patience()
    first = await deliver(rig.sink, delivery(transition(), rig.sink.name), None, patience=patience)
    rig.fake.always = PERMANENT
    second = await deliver(rig.sink, delivery(spike(), rig.sink.name), None, patience=patience)
    rig.fake.always = None
    third = await deliver(rig.sink, delivery(credit_runway(), rig.sink.name), None, patience=patience)

    assert [type(outcome) for outcome in (first, second, third)] == [Delivered, Dead, Delivered]
    assert rig.arrived == 2


async def test_the_same_delivery_twice_arrives_once(rig: Rig) -> None:
    """With its record at hand a repeat is skipped without a call."""
    due, patience = delivery(transition(), rig.sink.name), rig.clock.patience()
    first = await deliver(rig.sink, due, None, patience=patience)
    assert isinstance(first, Delivered)
    asked = len(rig.fake.requests)

    second = await deliver(rig.sink, due, first.sent, patience=patience)

    assert second == Skipped(SkipReason.REPEAT)
    assert (rig.arrived, len(rig.fake.requests)) == (1, asked)


async def test_a_crash_before_the_record_does_not_show_the_signal_twice(rig: Rig) -> None:
    """Delivered, not recorded, delivered again by a new process: the other end sees one."""
    due, patience = delivery(transition(), rig.sink.name), rig.clock.patience()
    await deliver(rig.sink, due, None, patience=patience)
    reborn = rig.kind.build(rig.fake.url, rig.clock)
    await reborn.start()

    outcome = await deliver(reborn, due, None, patience=patience, redelivered=True)
    await reborn.stop()

    assert isinstance(outcome, Delivered)
    assert rig.arrived == 1


@pytest.mark.parametrize("at", range(3))
async def test_a_lost_answer_does_not_show_the_signal_twice(rig: Rig, at: int) -> None:
    """The service did its work and the connection broke, whichever of the calls it was."""
    rig.fake.faults.extend([*[None] * at, Fault(0, applied=True)])

    outcome = await deliver(rig.sink, delivery(transition(), rig.sink.name), None, patience=rig.clock.patience())

    assert isinstance(outcome, Delivered)
    assert rig.arrived == 1


@pytest.mark.parametrize("fault", [Fault(0), Fault(0, applied=True), Fault(403), Fault(503)])
@pytest.mark.parametrize("at", range(3))
async def test_a_chart_never_stops_its_signal(rig: Rig, at: int, fault: Fault) -> None:
    """Whichever of the first calls fails, and however: the signal arrives once; Slack's first three are the chart's."""
    rig.fake.faults.extend([*[None] * at, fault])

    outcome = await deliver(rig.sink, delivery(charted(), rig.sink.name), None, patience=rig.clock.patience())

    if rig.sink.name == "slack":
        assert isinstance(outcome, Delivered)
        assert outcome.attempts == 1
    refused = isinstance(outcome, Dead) and outcome.reason in (FailReason.AUTH, FailReason.REJECTED)
    assert rig.arrived == (0 if refused else 1)


STATUSES = {
    302: Permanent,
    400: Permanent,
    401: Permanent,
    403: Permanent,
    404: Permanent,
    408: Transient,
    409: Transient,
    410: Permanent,
    413: Permanent,
    422: Permanent,
    425: Transient,
    429: Transient,
    500: Transient,
    501: Permanent,
    502: Transient,
    503: Transient,
    504: Transient,
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
async def test_each_status_has_its_meaning(rig: Rig, status: int, expected: type[SinkError]) -> None:
    """The table of status codes holds for every sink."""
    rig.fake.always = Fault(status)

    with pytest.raises(expected):
        await rig.sink.send(delivery(transition(), rig.sink.name), None)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(0),
        Fault(200, body="<html>not you</html>", content_type="text/html"),
        Fault(200, body="[1]"),
        Fault(500, body=SECRET, content_type="text/plain"),
        Fault(400, body=f'{{"message": "bad token {SECRET}", "error": "{SECRET}", "ok": false}}'),
        Fault(401, body=f'{{"error": "invalid_auth", "ok": false, "token": "{SECRET}"}}'),
        Fault(429, {"Retry-After": SECRET}, body=f'"{SECRET}"'),
    ],
)
async def test_no_secret_gets_into_an_error(rig: Rig, fault: Fault) -> None:
    """Whatever the service sends back, nothing of token, secret or address shows in what we raise."""
    rig.fake.always = fault

    if fault.status == 200 and rig.sink.name == "webhook":
        fault = Fault(400, body=fault.body, content_type=fault.content_type)  # to a webhook any 2xx is a success
        rig.fake.always = fault
    with pytest.raises(SinkError) as caught:
        await rig.sink.send(delivery(transition(), rig.sink.name), None)

    error = caught.value
    chain = (error, error.__cause__, error.__context__ if not error.__suppress_context__ else None)
    assert SECRET not in "".join(f"{link!s} {link!r} {getattr(link, 'args', '')}" for link in chain)
    assert "/hook" not in str(error)


async def test_no_secret_shows_in_a_sink_or_its_configuration(rig: Rig) -> None:
    """Printing a sink, as a debugger or a log line might, shows no secret."""
    assert SECRET not in repr(rig.sink) + repr(vars(rig.sink))


async def test_many_deliveries_at_once_all_arrive(rig: Rig) -> None:
    """Sinks are re-entrant: twenty signals to two destinations at the same time."""
    one, other = rig.kind.destinations
    dues = [
        delivery(transition(org_id=f"org_{number}"), rig.sink.name, one if number % 2 else other)
        for number in range(20)
    ]

    outcomes = await asyncio.gather(
        *(deliver(rig.sink, due, None, patience=rig.clock.patience(seed)) for seed, due in enumerate(dues))
    )

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert rig.arrived == 20


async def test_a_sink_that_was_not_started_asks_to_be_tried_again() -> None:
    """A delivery that comes too early is not lost."""
    for kind in PEERS:
        sink = kind.build("http://127.0.0.1:9", HandClock())
        with pytest.raises(Transient):
            await sink.send(delivery(transition(), sink.name), None)


async def test_stop_may_come_at_any_time_and_leaves_nothing() -> None:
    """Without start, twice, and after start: no task and no open pool is left."""
    before = asyncio.all_tasks()
    for kind in PEERS:
        sink = kind.build("http://127.0.0.1:9", HandClock())
        await sink.stop()
        await sink.start()
        await sink.start()
        await sink.stop()
        await sink.stop()
        with pytest.raises(Transient):
            await sink.send(delivery(transition(), sink.name), None)

    assert asyncio.all_tasks() == before


def _every_sink(fakes: dict[str, str], clock: HandClock) -> list[Sink]:
    console = Console(file=io.StringIO(), width=80)
    screens: list[Sink] = [
        TerminalSlack(APPEARANCE, console=console, clock=clock.now),
        TerminalCrm(APPEARANCE, console=console, clock=clock.now),
    ]
    return screens + [kind.build(fakes[kind.name], clock) for kind in PEERS]


async def test_a_whole_life_passes_through_every_sink_and_its_record_survives_json() -> None:
    """Opened, updated, escalated, reminded, resolved, reopened: each record is what the next step needs."""
    opened = transition()
    life = [opened]
    life.append(step(life[-1], Change.UPDATED, decisive="−45 % events"))
    life.append(step(life[-1], Change.ESCALATED, severity=Severity.CRITICAL, notify=True))
    life.append(step(life[-1], Change.REMINDED, notify=True))
    life.append(resolved(life[-1]))
    life.append(step(life[-1], Change.REOPENED, status="open", resolved_because=None, resolved_text=""))
    clock = HandClock()
    peers = {kind.name: kind.fake() for kind in PEERS}
    async with peers["slack"].running() as slack, peers["crm"].running() as crm, peers["webhook"].running() as hook:
        for sink in _every_sink({"slack": slack, "crm": crm, "webhook": hook}, clock):
            await sink.start()
            sent: Sent | None = None
            for stage in life:
                sent = await sink.send(delivery(stage, sink.name), sent)
                assert (sent.seq, sent.sink, sent.status) == (stage.seq, sink.name, stage.status)
                assert msgspec.json.decode(msgspec.json.encode(sent), type=Sent) == sent
            await sink.stop()

    assert [kind.arrived(peers[kind.name]) for kind in PEERS] == [1, 1, 6]
