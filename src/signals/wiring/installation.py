"""A whole installation in one process group: broker if none is given, topics, one process per role, one page.

The parent holds no data. A role that ends is started again after a pause that doubles, because ending is how a role
answers a fault it must not work past (a hole in offsets, a failed changelog); one that keeps ending stops the whole.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType

from prometheus_client import CollectorRegistry, generate_latest

from signals.domain.errors import SignalsError
from signals.settings.load import BOOTSTRAP_VARIABLE, Configuration
from signals.streams.admin import partition_counts
from signals.streams.local_broker import LocalBroker, watch_log_start
from signals.telemetry.health import HealthServer
from signals.telemetry.joined import joined_registry
from signals.telemetry.metrics import Metrics
from signals.telemetry.specs import REPORT_ROLE, ROLES
from signals.wiring.kafka import bootstrap_of, require_access
from signals.wiring.policy import topics_of
from signals.wiring.processes import Child, Group, describe_exit
from signals.wiring.scrape import Scraper

LOG = logging.getLogger(__name__)

UP_WITHIN = timedelta(seconds=90)
# A role imports, joins its group and reads what it needs; detect recovers its table after that, announced as up. On a
# loaded two-core machine 20 s were seen.
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
OWN_ROLE = "up"
"""Label of the parent's own metrics on the joined page."""
MOST_RESTARTS = 5
# Within RESTART_WINDOW and per role; more means that starting again does not help, and a person must look.
RESTART_WINDOW = timedelta(minutes=10)


class InstallationFailed(SignalsError):
    """A part ended and starting it again did not help."""


@dataclass
class Installation:
    """Use as ``async with``: leaving it ends every child and the broker, whatever happened.

    Parameters
    ----------
    configuration
        Without ``kafka.bootstrap`` an embedded broker is started.
    environ
        Of the children, before our own additions.
    stdouts
        Role -> file descriptor for its standard output; others inherit ours.
    restart
        Whether a role that ended is started again; a demo would only hide the fault.
    """

    configuration: Configuration
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stdouts: Mapping[str, int] = field(default_factory=dict)
    restart: bool = True

    def __post_init__(self) -> None:
        """Prepare; nothing runs yet."""
        settings = self.configuration.settings
        self.topics = topics_of(settings)
        # Nobody else finds whose turn a lead is.
        self.roles = (*ROLES, REPORT_ROLE) if settings.assignment.members else ROLES
        self.urls: dict[str, str] = {}
        self.scraper = Scraper(self.urls)
        registry = CollectorRegistry()
        self.metrics = Metrics(registry)
        self.metrics.begin("signals_child_restarts")
        self.page = joined_registry((*self.roles, OWN_ROLE), self._pages)
        self.health = HealthServer(self.page, host=settings.http.host, port=settings.http.port)
        self.health.register("children", self._unready)
        self.health.warn(self._warnings)
        self.bootstrap = ""
        self._group = Group()
        self._broker: LocalBroker | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ends: dict[str, list[float]] = {}

    async def __aenter__(self) -> "Installation":
        """Start everything; when this returns each role has said that it is up."""
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        await asyncio.shield(self._stop())

    @property
    def embedded(self) -> bool:
        """Whether the broker is one of our own."""
        return self._broker is not None

    async def watch(self) -> None:
        """Keep everything going; returns never.

        Raises
        ------
        InstallationFailed
            A role keeps ending.
        LogTruncated
            The embedded broker has dropped records.
        """
        roles = asyncio.create_task(self._keep_roles())
        self._tasks.append(roles)
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop_role(self, role: str) -> None:
        """End one role in order, such as at the end of a demo; not to be mixed with ``watch``."""
        await self._group.stop(role)
        self.urls.pop(role, None)

    async def _start(self) -> None:
        kafka = self.configuration.settings.kafka
        if kafka.bootstrap is None:
            made = partition_counts(self.topics)
            self._broker = LocalBroker(made)
            self.bootstrap = await asyncio.to_thread(self._broker.start)
            self._tasks.append(asyncio.create_task(watch_log_start(self.bootstrap, made)))
        else:
            self.bootstrap = bootstrap_of(self.configuration)
            await require_access(self.configuration)
        await self.health.start()
        self._tasks.append(asyncio.create_task(self.scraper.run()))
        try:
            async with asyncio.TaskGroup() as starts:
                for role in self.roles:
                    starts.create_task(self._start_role(role))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None  # the first cause; the others were only cut short by it

    async def _start_role(self, role: str) -> Child:
        child = await self._group.start(
            role,
            [sys.executable, "-m", "signals", "worker", "--role", role, "--http-port", "0"],
            environ=self._child_environ(),
            up_within=UP_WITHIN,
            stdout=self.stdouts.get(role),
        )
        self.urls[role] = child.said
        return child

    def _child_environ(self) -> dict[str, str]:
        added = {BOOTSTRAP_VARIABLE: self.bootstrap}
        if self.configuration.file is not None:
            added["SIGNALS_CONFIG"] = str(self.configuration.file.resolve())
        return {**self.environ, **added}

    async def _keep_roles(self) -> None:
        while True:
            child = await self._group.ended()
            role, code = child.name, child.process.returncode
            await self._group.stop(role)
            self.urls.pop(role, None)
            if not self.restart:
                raise InstallationFailed(f"role {role} ended ({describe_exit(code)})")
            pause = self.pause_before_restart(role, describe_exit(code))
            LOG.warning("role ended, starting it again", extra={"role_ended": role, "how": describe_exit(code)})
            await asyncio.sleep(pause.total_seconds())
            self.metrics.count("signals_child_restarts", child=role)
            await self._start_role(role)

    def pause_before_restart(self, role: str, how: str) -> timedelta:
        """Note that *role* ended and return how long to wait before it is started again.

        Raises
        ------
        InstallationFailed
            It ended more than ``MOST_RESTARTS`` times within ``RESTART_WINDOW``.
        """
        now = time.monotonic()
        ends = [at for at in self._ends.get(role, ()) if now - at < RESTART_WINDOW.total_seconds()]
        if len(ends) >= MOST_RESTARTS:
            minutes = RESTART_WINDOW.total_seconds() / 60
            raise InstallationFailed(
                f"role {role} ended {len(ends) + 1} times within {minutes:g} minutes (last: {how}); its log says why"
            )
        self._ends[role] = [*ends, now]
        doubled: timedelta = FIRST_PAUSE * 2 ** len(ends)
        return min(doubled, LONGEST_PAUSE)

    def _pages(self) -> Mapping[str, str]:
        return {**self.scraper.pages, OWN_ROLE: generate_latest(self.metrics.registry).decode()}

    def _unready(self) -> str | None:
        missing = [f"{role} is not running" for role in self.roles if role not in self.urls]
        return "; ".join([*missing, *(f"{role}: {why}" for role, why in self.scraper.unready.items())]) or None

    def _warnings(self) -> Mapping[str, str]:
        return {
            f"{role} {name}": why
            for role, warnings in self.scraper.warnings.items()
            if role in self.urls
            for name, why in warnings.items()
        }

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._group.stop()
        await self.health.stop()
        if self._broker is not None:
            await asyncio.to_thread(self._broker.stop)
