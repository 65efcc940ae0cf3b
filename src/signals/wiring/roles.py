"""One role in this process: its worker, its metrics, its page, and an orderly end."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from signals.domain.account.state import Account
from signals.domain.canary import is_canary
from signals.domain.errors import ConfigError
from signals.domain.summary import summary_of
from signals.domain.update import Arrival
from signals.engine.memory import Memories
from signals.engine.portfolio.figures import Figures
from signals.engine.portfolio.turns import Turns
from signals.engine.step import step as engine_step
from signals.engine.stepped import Stepped, Tally
from signals.ingest.combine import CombineLimits
from signals.ingest.config import IngestSettings
from signals.ingest.decode import DecodeLimits
from signals.ingest.worker import IngestWorker
from signals.settings.load import Configuration
from signals.sinks.contract import Digests, Sink
from signals.sinks.delivery import Patience
from signals.streams.deliver import DeliverRole, DeliverStatus, run_deliver
from signals.streams.embedded_clients import accommodate_if_embedded
from signals.streams.evaluate import Summarise
from signals.streams.faust_app import DetectRole
from signals.streams.kept import KEPT
from signals.streams.report import ReportRole, encode_summary, gauges, run_report
from signals.streams.worker import DetectStatus, run_detect
from signals.telemetry.deliver_meter import DeliverMetrics, charts_counted
from signals.telemetry.detect_meter import DetectMetrics, EventTimes
from signals.telemetry.health import HealthServer
from signals.telemetry.ingest_meter import IngestMetrics
from signals.telemetry.metrics import Metrics
from signals.telemetry.specs import OUR_ROLES
from signals.wiring.bulkhead import Parts
from signals.wiring.canary import sending
from signals.wiring.catalogue import catalogue_of, count_rules
from signals.wiring.kafka import bootstrap_of, client_of, require_access, sources_of
from signals.wiring.policy import catch_up_of, policy_of, report_terms_of, topics_of, turn_terms_of
from signals.wiring.processes import announce, settle_collector, stop_on_signals
from signals.wiring.sinks import sinks_of, wall_clock
from signals.wiring.watchdogs import (
    deliver_watchdogs,
    detect_limits,
    detect_watchdogs,
    hear,
    ingest_watchdogs,
    watching,
)

LOG = logging.getLogger(__name__)


class SystemClock:
    """The two real clocks."""

    def now(self) -> datetime:
        """Return the wall clock."""
        return wall_clock()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


@dataclass(frozen=True)
class Life:
    """What a role is told and what it tells."""

    stop: asyncio.Event
    """Set when it is to end in order."""
    ready: Callable[[], None]
    """Called once when it has its partitions."""
    health: HealthServer
    """Where it registers its checks."""
    metrics: Metrics


RunRole = Callable[[Configuration, Life], Awaitable[None]]
"""Works until told to stop; raises when it must not go on."""


def process_metrics() -> Metrics:
    """Return metrics on a registry of their own, with what Python and the system say of this process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return Metrics(registry)


def member_id(role: str) -> str:
    """Return the static member id of this process: SIGNALS_MEMBER, else the host's name, with the role.

    Two members of one role on one host need different SIGNALS_MEMBER values.
    """
    return f"{role}-{os.environ.get('SIGNALS_MEMBER') or socket.gethostname()}"


async def run_ingest(configuration: Configuration, life: Life) -> None:
    """Run the ingest role."""
    settings = configuration.settings
    watchdogs = ingest_watchdogs(settings)
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
            combine=CombineLimits(interval=settings.time.flush),
            client=client_of(configuration),
        ),
        SystemClock(),
        IngestMetrics(life.metrics, watchdogs),
    )
    life.health.register("assigned", lambda: None if worker.ready.is_set() else "no partitions assigned yet")
    life.metrics.follow("signals_partitions", lambda: len(worker.partitions), topic="inputs")
    work = asyncio.ensure_future(worker.run())
    ready, stop = asyncio.create_task(worker.ready.wait()), asyncio.create_task(life.stop.wait())
    beside = [asyncio.create_task(hear(watchdogs.sources, configuration))]
    beside.append(asyncio.create_task(sending(configuration, life.metrics, SystemClock(), lambda: worker.partitions)))
    async with watching(watchdogs, life.health, life.metrics):
        try:
            await asyncio.wait({work, ready, stop}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done() and not work.done():
                life.ready()
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ready, stop, *beside):
                task.cancel()
            await worker.stop()
    await work


async def run_detect_role(configuration: Configuration, life: Life) -> None:
    """Run the detect role."""
    settings = configuration.settings
    catalogue, policy = catalogue_of(configuration), policy_of(settings)
    status, watchdogs, times = DetectStatus(), detect_watchdogs(settings), EventTimes(life.metrics)
    life.health.register("assigned", status.assigned)
    life.health.register("recovered", status.recovered)
    count_rules(catalogue, life.metrics)
    life.metrics.follow("signals_partitions", status.partitions, topic="account_updates")

    memories = Memories(KEPT)

    def step(
        account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        memory = memories.take(account)
        stepped = engine_step(
            account, org_id, arrivals, until=until, catalogue=catalogue, policy=policy, memory=memory
        )  # fmt: skip
        memories.keep(stepped.account, memory)
        if is_canary(org_id):
            return replace(stepped, tally=Tally())  # it is to show faults, not to hide one: it counts for nothing
        times.stepped(stepped)
        return with_cause(stepped, arrivals)

    async with watching(watchdogs, life.health, life.metrics):
        await run_detect(
            DetectRole(
                bootstrap=bootstrap_of(configuration),
                topics=topics_of(settings),
                instance=member_id("detect"),
                session=settings.detect.session,
                standbys=settings.detect.standbys,
                client=client_of(configuration),
                summarise=summariser(policy.zone, policy.routing.teams if policy.routing.in_turn else frozenset()),
            ),
            step,
            DetectMetrics(life.metrics, watchdogs),
            stop=life.stop,
            ready=life.ready,
            status=status,
            limits=detect_limits(settings),
        )


def summariser(zone: ZoneInfo, teams: frozenset[str]) -> Summarise:
    """Return what makes summaries; an account that was erased and nothing came of since has none."""

    def summarise(account: Account) -> bytes | None:
        if account.life.erased_at is not None and account.profile.created_at is UNSET and not account.usage.days:
            return None
        return encode_summary(summary_of(account, zone, teams))

    return summarise


def with_cause(stepped: Stepped, arrivals: Sequence[Arrival]) -> Stepped:
    """Return *stepped* with the arrival of its last event on each delivery, for the latency metric only.

    The engine knows no wall clock; what a timer caused has no event, so it keeps none.
    """
    arrived = arrivals[-1].received_at if arrivals else None
    if arrived is None or not stepped.deliveries:
        return stepped
    caused = tuple(msgspec.structs.replace(delivery, caused_at=arrived) for delivery in stepped.deliveries)
    return replace(stepped, deliveries=caused)


async def run_deliver_role(configuration: Configuration, life: Life) -> None:
    """Run every sink of the deliver role side by side: each has its own topic, group and lag.

    A sink that cannot go on is started again alone; one that never served ends the role.
    """
    role = DeliverRole(
        bootstrap=bootstrap_of(configuration),
        topics=topics_of(configuration.settings),
        instance=member_id("deliver"),
        client=client_of(configuration),
        catch_up=catch_up_of(configuration.settings),
    )
    sinks = sinks_of(configuration, counted=charts_counted(life.metrics))
    digests = {sink.name: sink for sink in sinks if isinstance(sink, Digests)}
    statuses = {sink.name: DeliverStatus() for sink in sinks}
    for name, status in statuses.items():
        life.metrics.follow("signals_partitions", status.served, topic=f"deliveries_{name}")
    watchdogs = deliver_watchdogs(configuration.settings, statuses[configuration.settings.canary.sink])
    patience, meter = Patience(time.monotonic, asyncio.sleep), DeliverMetrics(life.metrics, watchdogs)

    async def deliver_to(sink: Sink, serves: Callable[[], None]) -> None:
        await run_deliver(
            role,
            sink,
            meter,
            patience=patience,
            clock=wall_clock,
            stop=life.stop,
            ready=serves,
            status=statuses[sink.name],
            digests=digests.get(sink.name),
        )

    parts = Parts({sink.name: partial(deliver_to, sink) for sink in sinks}, stop=life.stop, all_serve=life.ready)
    life.health.register("sinks", parts.missing)
    async with watching(watchdogs, life.health, life.metrics):
        await parts.run()


async def run_report_role(configuration: Configuration, life: Life) -> None:
    """Run the report role."""
    settings = configuration.settings

    def told(found: Figures) -> None:
        for name, value in gauges(found).items():
            life.metrics.set("signals_portfolio", value, figure=name)

    def assigned(found: Turns) -> None:
        for event in found.events:
            life.metrics.count("signals_leads_assigned", member_role=event.role)
        for role in OUR_ROLES:
            life.metrics.set("signals_leads_unserved", found.unserved.get(role, 0), member_role=role)

    terms = turn_terms_of(settings)
    await run_report(
        ReportRole(
            bootstrap=bootstrap_of(configuration),
            topics=topics_of(settings),
            zone=policy_of(settings).zone,
            terms=report_terms_of(settings),
            turns=terms,
            client=client_of(configuration),
        ),
        stop=life.stop,
        ready=life.ready,
        told=told,
        assigned=assigned,
        monotonic=time.monotonic,
    )


ROLE_OF: dict[str, RunRole] = {
    "ingest": run_ingest,
    "detect": run_detect_role,
    "deliver": run_deliver_role,
    "report": run_report_role,
}


async def host(name: str, configuration: Configuration, *, port: int | None = None) -> None:
    """Run one role until SIGINT or SIGTERM, or until it fails.

    Parameters
    ----------
    name
        ``ingest``, ``detect``, ``deliver`` or ``report``.
    port
        Of the page; None: as configured, 0: any free one. The address is announced to a parent of ours.
    """
    http = configuration.settings.http
    metrics = process_metrics()
    metrics.set("signals_partitions_configured", configuration.settings.kafka.partitions)
    health = HealthServer(metrics.registry, host=http.host, port=http.port if port is None else port)
    try:
        await health.start()
    except OSError as error:
        raise ConfigError(f"http {http.host}:{http.port}", str(error), "a free port, or 0 for any") from None

    def ready() -> None:
        announce(health.url)
        LOG.info("up", extra={"url": health.url})

    settle_collector()
    async with stop_on_signals() as stop:
        try:
            await require_access(configuration)
            await accommodate_if_embedded(bootstrap_of(configuration), client_of(configuration))
            await ROLE_OF[name](configuration, Life(stop, ready, health, metrics))
        finally:
            await health.stop()
