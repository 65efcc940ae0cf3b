"""Settings -> the watchdogs of each role, and a process that looks at them while it works."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable

from aiokafka.errors import KafkaError

from signals.ingest.last_records import last_records
from signals.settings.alarms import DeadLetterSettings
from signals.settings.load import Configuration
from signals.settings.model import Settings
from signals.streams.deliver import DeliverStatus
from signals.streams.worker import Limits
from signals.telemetry.deliver_meter import DeliverWatchdogs
from signals.telemetry.detect_meter import DetectWatchdogs
from signals.telemetry.health import HealthServer
from signals.telemetry.ingest_meter import IngestWatchdogs
from signals.telemetry.metrics import Metrics
from signals.telemetry.specs import SINK_NAMES
from signals.telemetry.watch import Watch
from signals.telemetry.watchdogs import (
    DeadLetters,
    DeadSink,
    MergeWaiting,
    SilentDetector,
    Sources,
    Stall,
    Watchdog,
)
from signals.wiring.canary import expecting
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of
from signals.wiring.sinks import wall_clock

LOG = logging.getLogger(__name__)

UNREADY = ("merge_waiting", "commit_stalled")
"""Watchdogs whose trip makes a process not ready: it stands still itself. All others are warnings on the page."""


def ingest_watchdogs(settings: Settings) -> IngestWatchdogs:
    """Return those of ingest; a history has no silent sources."""
    limits = settings.watchdogs
    silence = {} if settings.time.source == "input" else limits.silent_source.model_dump()
    return IngestWatchdogs(
        silence_s={topic: limit.total_seconds() for topic, limit in silence.items() if limit is not None},
        merge=MergeWaiting(limits.merge_waiting.total_seconds()),
        stall=Stall(limits.commit_stalled.total_seconds()),
        dead=_dead_letters(limits.dead_letters),
    )


def detect_watchdogs(settings: Settings) -> DetectWatchdogs:
    """Return those of detect."""
    limits = settings.watchdogs
    return DetectWatchdogs(
        ending_s={
            "commit_stalled": limits.commit_stalled.total_seconds(),
            "recovery_too_long": limits.recovery_too_long.total_seconds(),
        },
        silent=SilentDetector(limits.silent_detector.total_seconds(), limits.silent_detector_events),
        dead=_dead_letters(limits.dead_letters),
    )


def detect_limits(settings: Settings) -> Limits:
    """Return when detect ends itself."""
    limits = settings.watchdogs
    return Limits(commit_stall=limits.commit_stalled, recovery=limits.recovery_too_long)


def deliver_watchdogs(settings: Settings, status: DeliverStatus) -> DeliverWatchdogs:
    """Return those of deliver; *status* is that of the canary's sink."""
    limit_s = settings.watchdogs.dead_sink.total_seconds()
    return DeliverWatchdogs(
        sinks={sink: DeadSink(sink, limit_s) for sink in SINK_NAMES},
        dead=_dead_letters(settings.watchdogs.dead_letters),
        canary=expecting(settings, status),
    )


def _dead_letters(settings: DeadLetterSettings) -> DeadLetters:
    return DeadLetters(settings.window.total_seconds(), settings.share, settings.at_least)


@contextlib.asynccontextmanager
async def watching(watchdogs: Iterable[Watchdog], health: HealthServer, metrics: Metrics) -> AsyncIterator[None]:
    """Look at *watchdogs* while the block runs, and tell readiness and the page what they say."""
    watch = Watch(metrics, watchdogs, unready=UNREADY)
    health.register("watchdogs", watch.unready)
    health.warn(watch.tripped)
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def hear(sources: Sources, configuration: Configuration) -> None:
    """Tell *sources* what the broker knows of the time before this process; without it they know nothing yet."""
    topics = topics_of(configuration.settings)
    try:
        known = await last_records(bootstrap_of(configuration), topics, client=client_of(configuration))
    except (KafkaError, OSError) as error:
        LOG.warning("the newest records are not known", extra={"error": repr(error)})
        return
    now, now_s = wall_clock(), time.monotonic()
    for topic, at in known.items():
        sources.known(topic, now_s - max(0.0, (now - at).total_seconds()))
