"""One role in this process: its worker, its metrics, its page, and an orderly end."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from signals.ingest.config import IngestSettings
from signals.ingest.decode import DecodeLimits
from signals.ingest.worker import IngestWorker
from signals.settings.load import Configuration
from signals.telemetry.health import HealthServer
from signals.telemetry.ingest_meter import IngestMetrics
from signals.telemetry.metrics import Metrics
from signals.wiring.kafka import bootstrap_of, client_of, sources_of
from signals.wiring.policy import topics_of
from signals.wiring.processes import announce, stop_on_signals

LOG = logging.getLogger(__name__)


class SystemClock:
    """The two real clocks."""

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


@dataclass(frozen=True)
class Role:
    """What the host needs of a role."""

    run: Callable[[], Awaitable[None]]
    """Works until stopped; raises when it must not go on."""
    stop: Callable[[], Awaitable[None]]
    """Ends ``run`` in order; may be called at any time, also twice."""
    ready: asyncio.Event
    """Set once it has its partitions."""


def process_metrics() -> Metrics:
    """Return metrics on a registry of their own, with what Python and the system say of this process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return Metrics(registry)


def member_id(role: str) -> str | None:
    """Return the static member id of this process: SIGNALS_MEMBER or the host's name with the role.

    Two members of one role on one host need different SIGNALS_MEMBER values.
    """
    member = os.environ.get("SIGNALS_MEMBER") or socket.gethostname()
    return f"{role}-{member}" if member else None


def ingest_role(configuration: Configuration, metrics: Metrics) -> Role:
    """Return the ingest role."""
    settings = configuration.settings
    worker = IngestWorker(
        IngestSettings(
            bootstrap=bootstrap_of(configuration),
            topics=topics_of(settings),
            epoch=settings.kafka.epoch,
            time=settings.time.source,
            sources=sources_of(settings),
            instance_id=member_id("ingest"),
            decode=DecodeLimits(future_skew=settings.time.future_skew),
            merge_wait=settings.time.merge_wait,
            client=client_of(configuration),
        ),
        SystemClock(),
        IngestMetrics(metrics),
    )
    return Role(worker.run, worker.stop, worker.ready)


ROLE_OF: dict[str, Callable[[Configuration, Metrics], Role]] = {"ingest": ingest_role}


async def host(name: str, configuration: Configuration, *, port: int | None = None) -> None:
    """Run one role until SIGINT or SIGTERM, or until it fails.

    Parameters
    ----------
    name
        ``ingest``, ``detect`` or ``deliver``.
    port
        Of the page; None: as configured, 0: any free one. The address is announced to a parent of ours.
    """
    http = configuration.settings.http
    metrics = process_metrics()
    health = HealthServer(metrics.registry, host=http.host, port=http.port if port is None else port)
    role = ROLE_OF[name](configuration, metrics)
    health.register("assigned", lambda: None if role.ready.is_set() else "no partitions assigned yet")
    await health.start()
    async with stop_on_signals() as asked:
        work = asyncio.ensure_future(role.run())
        end, up = asyncio.create_task(asked.wait()), asyncio.create_task(role.ready.wait())
        try:
            await asyncio.wait({work, end, up}, return_when=asyncio.FIRST_COMPLETED)
            if up.done() and not work.done():
                announce(health.url)
                LOG.info("up", extra={"url": health.url})
            await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end.cancel()
            up.cancel()
            await role.stop()
            await health.stop()
        await work
