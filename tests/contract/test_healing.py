"""Between the service's success and our record of it: whatever breaks there, each step shows once.

A signal lives through every step; one call fails in some way, or the process dies after it and a new one begins with
nothing but what was recorded. At the end the service must look as if nothing had happened.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web

from signals.domain.reasons import Change, Severity
from signals.domain.signal import Transition
from signals.sinks.contract import Sent
from signals.sinks.delivery import Dead, Delivered, Patience, deliver
from signals.sinks.retry import SETTLE
from support.cards import delivery, resolved, step, transition
from support.fake_server import DROPPED, HANGS, FakeServer, Fault
from support.hand_clock import HandClock
from support.hubspot_fake import TASKS, HubspotFake
from support.sink_peers import PEERS, PeerKind
from support.slack_fake import SlackFake
from support.webhook_fake import WebhookFake

LAG_S = 2.0
# What a service writes shows in look-ups so much later; the tests fail when SETTLE is shorter.

FAULTS = {
    "dropped before": Fault(DROPPED),
    "dropped after success": Fault(DROPPED, applied=True),
    "time-out after success": Fault(HANGS, applied=True),
    "500 after success": Fault(500, applied=True),
    "500": Fault(500),
    "429": Fault(429, {"Retry-After": "7"}),
    "works on after the connection broke": Fault(DROPPED, late=0.5),
}


def a_life() -> list[Transition]:
    """Every kind of step; the details of the opening need two messages in a thread."""
    notes = tuple(f"note {number}: " + "x" * 700 for number in range(20))
    life = [transition(notes=notes)]
    life.append(step(life[-1], Change.UPDATED, severity=Severity.NOTICE))
    life.append(step(life[-1], Change.ESCALATED, severity=Severity.CRITICAL, notify=True))
    life.append(step(life[-1], Change.REMINDED, notify=True))
    life.append(resolved(life[-1]))
    life.append(step(life[-1], Change.REOPENED, status="open", resolved_because=None, resolved_text=""))
    return life


@dataclass
class Story:
    """One service, and processes that come and go in front of it."""

    kind: PeerKind
    fake: FakeServer
    clock: HandClock
    timeout: timedelta = timedelta(seconds=2)
    records: dict[tuple[str, str], Sent] = field(default_factory=dict)
    """``sent.<sink>``."""

    async def live(self, life: list[Transition], *, die_after: frozenset[int] = frozenset()) -> None:
        """Deliver every step; the process dies once these calls (counted from 1) have been answered for."""
        sink, doubtful = await self._born(), False
        for stage in life:
            due = delivery(stage, self.kind.name)
            outcome = None
            while outcome is None:
                sent = self.records.get((stage.signal_id, due.destination))
                work = asyncio.create_task(
                    deliver(sink, due, sent, patience=self.clock.patience(), redelivered=doubtful)
                )
                self.fake.after = lambda number, work=work: work.cancel() if number in die_after else None
                try:
                    outcome = await work
                except asyncio.CancelledError:
                    await sink.stop()
                    sink, doubtful = await self._born(), True
            assert isinstance(outcome, Delivered), outcome
            self.records[outcome.sent.key] = outcome.sent
        await sink.stop()

    async def _born(self) -> Any:
        sink = self.kind.build(self.fake.url, self.clock, timeout=self.timeout)
        await sink.start()
        await self.clock.sleep(SETTLE.total_seconds())  # as run_deliver does before a partition in doubt
        return sink


def view(fake: FakeServer) -> Any:
    """What somebody at the other end sees, apart from ids and times of the service."""
    if isinstance(fake, SlackFake):
        cards = [(card["channel"], card["text"], card["blocks"], card["metadata"]) for card in fake.cards()]
        return cards, sorted(
            as_text((message["metadata"], message["text"], message["blocks"])) for message in fake.replies()
        )
    if isinstance(fake, HubspotFake):
        return list(fake.companies.values()), [task["properties"] for task in fake.tasks.values()]
    assert isinstance(fake, WebhookFake)
    bodies = {(headers["Idempotency-Key"], body) for headers, body in fake.raw}
    assert len(bodies) == len(fake.received), "a repeat had another body"
    return fake.received


def as_text(seen: Any) -> bytes:
    """One value to compare, whatever numbers went through JSON."""
    return msgspec.json.encode(seen, order="sorted")


async def told(kind: PeerKind, *, fault: Fault | None = None, at: int = 0, die_after: frozenset[int] = frozenset(),
               lag_s: float = LAG_S) -> tuple[bytes, int]:  # fmt: skip
    """Live one life with *fault* at call *at* (from 0) and return what is seen, and how many calls it took."""
    clock = HandClock()
    fake = kind.fake()
    fake.clock = clock.monotonic
    if isinstance(fake, (SlackFake, HubspotFake)):
        fake.lag_s = lag_s
    fake.faults.extend([*[None] * at, fault])
    short = fault is not None and fault.status == HANGS
    async with fake.running():
        story = Story(kind, fake, clock, timeout=timedelta(milliseconds=500) if short else timedelta(seconds=2))
        await story.live(a_life(), die_after=die_after)
        await clock.sleep(60)
        await fake.settle()
        return as_text(view(fake)), len(fake.requests)


@pytest.fixture(params=PEERS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> PeerKind:
    """Each service in turn."""
    found: PeerKind = request.param
    return found


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_fault_at_any_call_leaves_everything_once(kind: PeerKind, fault: Fault) -> None:
    """Card, task, thread lines and bodies are those of a life without faults, for a fault at each call of it."""
    expected, calls = await told(kind)
    # A time-out is waited for: of those only the calls of the opening, which make a card and a task.
    for at in range(min(calls, 3) if fault.status == HANGS else calls):
        seen, _ = await told(kind, fault=fault, at=at)
        assert seen == expected, f"call {at}"


async def test_a_death_after_any_call_leaves_everything_once(kind: PeerKind) -> None:
    """A new process knows what was recorded, and finds the rest at the service."""
    expected, calls = await told(kind)
    for after in range(1, calls + 1):
        seen, _ = await told(kind, die_after=frozenset({after}))
        assert seen == expected, f"after call {after}"


async def test_a_fault_and_two_deaths_leave_everything_once(kind: PeerKind) -> None:
    """Nothing of this needs the trouble to come alone."""
    expected, calls = await told(kind)
    for at in range(calls):
        seen, _ = await told(kind, fault=FAULTS["dropped after success"], at=at, die_after=frozenset({at + 2, at + 4}))
        assert seen == expected, f"call {at}"


async def test_an_opening_given_up_after_it_arrived_is_found_by_the_next_step(kind: PeerKind) -> None:
    """Its answer was lost and then the service was down for longer than the budget: a dead letter, but a card too."""
    expected, _ = await told(kind)
    clock = HandClock()
    fake = kind.fake()
    fake.clock = clock.monotonic
    down: list[bool] = []

    def first_success_then_down(request: web.Request) -> Fault | None:
        if down:
            return Fault(503)
        if request.path.endswith(("/chat.postMessage", "/hook")) or request.path == TASKS:
            down.append(True)
            return Fault(DROPPED, applied=True)
        return None

    async with fake.running():
        story, life = Story(kind, fake, clock), a_life()
        sink = await story._born()
        fake.fault_for = first_success_then_down
        outcome = await deliver(sink, delivery(life[0], kind.name), None, patience=clock.patience())
        await sink.stop()
        assert isinstance(outcome, Dead)
        fake.fault_for = None
        await story.live(life[1:])
        seen = as_text(view(fake))

    if kind.name == "slack":
        # The thread tells its details with the step that finds the card; nothing is there twice.
        assert isinstance(fake, SlackFake)
        assert len(fake.cards()) == 1
        lines = Counter(as_text(message["metadata"]) for message in fake.replies())
        assert set(lines.values()) == {1}
        assert as_text(fake.cards()[0]["blocks"]) in expected
    else:
        assert seen == expected


async def test_the_pause_before_a_look_up_is_what_heals_a_slow_service() -> None:
    """Guards the tests above: looked for at once, a card that does not show yet is posted twice."""
    slack = PEERS[0]
    clock = HandClock()
    fake = SlackFake(clock=clock.monotonic)
    fake.lag_s = LAG_S
    hasty = Patience(monotonic=clock.monotonic, sleep=clock.sleep, random=clock.patience().random, settle=timedelta(0))
    async with fake.running():
        sink = slack.build(fake.url, clock)
        await sink.start()
        fake.faults.append(FAULTS["dropped after success"])
        await deliver(sink, delivery(transition()), None, patience=hasty)
        await sink.stop()
    assert len(fake.cards()) == 2


async def test_a_reference_without_unique_values_still_heals_once_the_search_has_caught_up() -> None:
    """HubSpot refuses to read by such a property; its search, which lags, is what is left."""
    crm = next(kind for kind in PEERS if kind.name == "crm")
    clock = HandClock()
    fake = HubspotFake(clock=clock.monotonic)
    fake.unique, fake.lag_s = False, LAG_S
    async with fake.running():
        sink = crm.build(fake.url, clock)
        await sink.start()
        fake.faults.extend([None, FAULTS["dropped after success"]])
        outcome = await deliver(sink, delivery(transition(), "crm"), None, patience=clock.patience())
        await sink.stop()
    assert isinstance(outcome, Delivered)
    assert len(fake.tasks) == 1
    assert any(path.endswith("/search") for _, path, _ in fake.requests)
