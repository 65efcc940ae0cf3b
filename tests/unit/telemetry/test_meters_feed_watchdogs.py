"""The meters feed the watchdogs: what a role reports anyway is enough to see it stand still."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from signals.domain.account.state import Account
from signals.domain.reasons import Change, DeadReason, FailReason, FamilyName
from signals.domain.signal import Transition
from signals.engine.stepped import Stepped, Tally
from signals.telemetry.deliver_meter import DeliverMetrics, DeliverWatchdogs
from signals.telemetry.detect_meter import DetectMetrics, DetectWatchdogs, EventTimes
from signals.telemetry.ingest_meter import IngestMetrics, IngestWatchdogs
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import DeadLetters, DeadSink, MergeWaiting, SilentDetector, Stall, Watchdog
from support.fake_engine import transition
from support.hand_clock import HandClock

LIMIT_S = 60.0


@pytest.fixture
def clock() -> HandClock:
    """A clock that moves when told."""
    return HandClock()


@pytest.fixture
def metrics() -> Metrics:
    """Metrics on a registry of their own."""
    return Metrics(CollectorRegistry())


def tripped(watchdogs: "IngestWatchdogs | DetectWatchdogs | DeliverWatchdogs", clock: HandClock) -> set[str]:
    """Return the names of those that have tripped now."""
    every: list[Watchdog] = list(watchdogs)
    return {one.name for one in every if one.look(clock.monotonic()).tripped}


def dead_letters() -> DeadLetters:
    """Return a watchdog that two dead letters trip."""
    return DeadLetters(window_s=150.0, share=0.5, least=2)


async def test_ingest_is_seen_to_stand_still(metrics: Metrics, clock: HandClock) -> None:
    """Lag without acknowledged records, a merge that waits, a source that stops, records refused."""
    dogs = IngestWatchdogs({"crm": 30.0}, MergeWaiting(LIMIT_S), Stall(LIMIT_S), dead_letters())
    meter = IngestMetrics(metrics, dogs, clock.monotonic)
    meter.records("crm", "taken", 3)

    for _ in range(61):
        meter.lag("usage", 7)
        meter.waits("usage", 0.0)
        meter.records("usage", "taken", 1)
        await clock.sleep(1)
    assert tripped(dogs, clock) == {"silent_source_crm"}

    meter.records("crm", "skipped", 9)
    assert tripped(dogs, clock) == {"silent_source_crm"}, "a record that says nothing is no sign of life"
    meter.records("crm", "taken", 1)
    assert tripped(dogs, clock) == set()

    for second in range(62):
        meter.lag("usage", 7)
        meter.waits("usage", float(second))
        await clock.sleep(1)
    assert {"commit_stalled", "merge_waiting"} <= tripped(dogs, clock)

    meter.dead(DeadReason.INVALID)
    meter.dead(DeadReason.INVALID)
    await clock.sleep(60)
    meter.records("usage", "dead", 2)
    assert "dead_letters" not in tripped(dogs, clock), "52 were used meanwhile"
    for _ in range(60):
        meter.dead(DeadReason.INVALID)
    assert "dead_letters" in tripped(dogs, clock)


async def test_commits_that_fail_are_no_progress(metrics: Metrics, clock: HandClock) -> None:
    """Records are counted after each failed commit, and come again for ever."""
    dogs = IngestWatchdogs({}, MergeWaiting(LIMIT_S), Stall(LIMIT_S), dead_letters())
    meter = IngestMetrics(metrics, dogs, clock.monotonic)

    for _ in range(62):
        meter.lag("usage", 7)
        meter.commit_failed()
        meter.records("usage", "taken", 5)
        await clock.sleep(1)

    assert tripped(dogs, clock) == {"commit_stalled"}


async def test_detect_is_seen_to_look_at_nothing(metrics: Metrics, clock: HandClock) -> None:
    """Events applied and no rule looked at; dead letters beside them; ages of what ends the process."""
    dogs = DetectWatchdogs({"commit_stalled": 60.0}, SilentDetector(LIMIT_S, least=10), dead_letters())
    meter = DetectMetrics(metrics, dogs, clock.monotonic)
    assert metrics.value("signals_watchdog_limit_seconds", watchdog="commit_stalled") == 60.0

    meter.events(Tally(applied=10))
    await clock.sleep(61)
    assert tripped(dogs, clock) == {"silent_detector"}
    meter.events(Tally(applied=1, evaluated=1))
    assert tripped(dogs, clock) == set()

    for _ in range(12):
        meter.dead(DeadReason.FAILED)
    assert tripped(dogs, clock) == {"dead_letters"}

    meter.watchdog_age("commit_stalled", 60.0)
    assert metrics.value("signals_watchdog_tripped", watchdog="commit_stalled") == 0.0
    meter.watchdog_age("commit_stalled", 61.0)
    assert metrics.value("signals_watchdog_tripped", watchdog="commit_stalled") == 1.0


async def test_deliver_is_seen_not_to_arrive(metrics: Metrics, clock: HandClock) -> None:
    """One sink's trouble is its own."""
    dogs = DeliverWatchdogs({name: DeadSink(name, LIMIT_S) for name in ("slack", "crm")}, dead_letters())
    meter = DeliverMetrics(metrics, dogs, clock.monotonic)

    for _ in range(62):
        meter.lag("slack", 3)
        meter.lag("crm", 3)
        meter.delivery("slack", "retried", FailReason.SERVER)
        meter.delivery("crm", "sent", None)
        await clock.sleep(1)
    assert tripped(dogs, clock) == {"dead_sink_slack"}

    for _ in range(100):
        meter.delivery("slack", "dead", FailReason.SERVER)
        meter.dead(DeadReason.UNDELIVERABLE)
    assert tripped(dogs, clock) == {"dead_sink_slack", "dead_letters"}


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def stepped(at: datetime, *, evaluated: int = 0, transitions: tuple[Transition, ...] = ()) -> Stepped:
    """Return a step of one account that ended at *at*."""
    return Stepped(Account("acme", clock=at), transitions, (), (), (), Tally(evaluated=evaluated))


def test_families_age_in_event_time(metrics: Metrics) -> None:
    """What another account says moves time on; a late account does not move it back."""
    times = EventTimes(metrics)
    said = msgspec.structs.replace(transition("acme", "s", 1, NOON), family=FamilyName.SPIKE, change=Change.OPENED)

    times.stepped(stepped(NOON, evaluated=3, transitions=(said,)))
    times.stepped(stepped(NOON + timedelta(hours=2)))
    times.stepped(stepped(NOON + timedelta(hours=1), evaluated=1))

    assert metrics.value("signals_since_transition_seconds", family="spike") == 7200.0
    assert metrics.value("signals_since_evaluation_seconds") == 3600.0
    assert metrics.registry.get_sample_value("signals_since_transition_seconds", {"family": "payment"}) is None
