"""Settings become watchdogs, and a process that works looks at them."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.errors import KafkaConnectionError
from prometheus_client import CollectorRegistry

from signals.settings.load import Configuration, parse_settings
from signals.streams.deliver import DeliverStatus
from signals.telemetry.health import HealthServer
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import Look, Sources
from signals.wiring import watchdogs as wiring
from signals.wiring.watchdogs import (
    deliver_watchdogs,
    detect_limits,
    detect_watchdogs,
    hear,
    ingest_watchdogs,
    watching,
)

SETTINGS = """
kafka: {bootstrap: "127.0.0.1:1"}
watchdogs:
  commit_stalled: 40s
  merge_waiting: 3m
  silent_source: {usage: 1h, crm: null}
  dead_sink: 5m
"""


def test_each_role_has_its_own_with_the_configured_limits() -> None:
    """A source set to null is not watched; detect's limits are those at which it ends itself.

    ``merge_waiting``, ``silent_detector`` and ``dead_sink_slack`` are each in one role only: the alert that a role is
    missing goes by them.
    """
    settings = parse_settings(SETTINGS, "signals.yaml")

    ingest = {one.name: one.limit_s for one in ingest_watchdogs(settings)}
    deliver = {one.name: one.limit_s for one in deliver_watchdogs(settings, DeliverStatus())}

    assert ingest == {
        "silent_source_usage": 3600.0, "silent_source_billing": 259_200.0, "merge_waiting": 180.0,
        "commit_stalled": 40.0, "dead_letters": 0.0,
    }  # fmt: skip
    assert deliver == {
        "dead_sink_slack": 300.0, "dead_sink_crm": 300.0, "dead_sink_webhook": 300.0, "dead_letters": 0.0,
    }  # fmt: skip
    detect = {one.name for one in detect_watchdogs(settings)}
    assert detect == {"silent_detector", "dead_letters"}
    assert detect_watchdogs(settings).ending_s == {"commit_stalled": 40.0, "recovery_too_long": 600.0}
    assert detect_limits(settings).commit_stall == timedelta(seconds=40)


def test_a_history_has_no_silent_sources() -> None:
    """Its pauses are its own."""
    settings = parse_settings("time: {source: input}\n", "signals.yaml")

    assert [one.name for one in ingest_watchdogs(settings)] == ["merge_waiting", "commit_stalled", "dead_letters"]


async def test_what_is_looked_at_reaches_the_page() -> None:
    """A watchdog that trips while the block runs makes the process unready, and is a warning there too."""

    class Stuck:
        name, limit_s = "merge_waiting", 60.0

        def look(self, now_s: float) -> Look:  # noqa: ARG002  # a port
            return Look(61.0, True, "the merge waits")

    metrics = Metrics(CollectorRegistry())
    health = HealthServer(metrics.registry)

    async with watching([Stuck()], health, metrics):
        await asyncio.sleep(0)  # the watch has its first turn
        assert health.failing() == {"watchdogs": "the merge waits"}
        assert metrics.value("signals_watchdog_tripped", watchdog="merge_waiting") == 1.0


async def test_what_the_broker_knows_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest record's age counts from before the process; a broker that cannot be asked tells nothing."""
    configuration = Configuration(parse_settings(SETTINGS, "signals.yaml"))

    async def known(*_: object, **__: object) -> dict[str, datetime]:
        return {"usage": datetime.now(UTC) - timedelta(hours=2), "crm": datetime.now(UTC) + timedelta(minutes=1)}

    async def away(*_: object, **__: object) -> dict[str, datetime]:
        raise KafkaConnectionError("no broker")

    sources = Sources()
    monkeypatch.setattr(wiring, "last_records", away)
    await hear(sources, configuration)
    assert sources.heard_s == {}

    monkeypatch.setattr(wiring, "last_records", known)
    await hear(sources, configuration)
    ages = {topic: time.monotonic() - at for topic, at in sources.heard_s.items()}
    assert 7199 < ages["usage"] < 7260
    assert 0 <= ages["crm"] < 60
