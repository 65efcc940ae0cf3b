"""The page for machines: ``/metrics`` for Prometheus, ``/healthz`` and ``/readyz`` for whoever restarts processes.

Serves on loopback unless configured otherwise: it has no authentication, and what it shows (volumes, error counts)
is nobody else's business.
"""

import json
from collections.abc import Callable, Mapping
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

CheckName = Literal["kafka", "assigned", "recovered", "watchdogs", "sinks", "children"]
"""Closed set: broker reachable, partitions assigned, table recovered, no watchdog says that this process stands still,
sinks started, roles up."""

Check = Callable[[], str | None]
"""Returns None when fine, else the reason in a few words. Called on each request; must not block or raise."""

SHUTDOWN_S = 1.0
# Open scrapes are cut after this; longer would delay every stop by a Prometheus that keeps its connection.


class HealthServer:
    """A small HTTP server for one process.

    ``/healthz`` answers 200 while the process can answer at all, ``/readyz`` 200 when every registered check is fine
    and 503 with the reasons when not. Warnings are on the page and change nothing: what is wrong with somebody else.
    """

    def __init__(self, registry: CollectorRegistry | Collector, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._registry = registry
        self._host, self._port = host, port
        self._checks: dict[CheckName, Check] = {}
        self._warnings: Callable[[], Mapping[str, str]] = dict
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Address with the port really bound; only after ``start``."""
        return f"http://{self._host}:{self._port}"

    def register(self, name: CheckName, check: Check) -> None:
        """Add one check to ``/readyz``; a second one of the same name replaces the first."""
        self._checks[name] = check

    def warn(self, warnings: Callable[[], Mapping[str, str]]) -> None:
        """Show on ``/readyz`` what *warnings* returns, by name; called on each request, must not block or raise."""
        self._warnings = warnings

    async def start(self) -> None:
        """Bind and serve. Called once, in the loop that serves.

        Raises
        ------
        OSError
            The address is taken or not ours.
        """
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close everything; also without ``start`` and twice."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def failing(self) -> Mapping[str, str]:
        """Return the checks that are not fine, with their reasons."""
        return {name: reason for name, check in self._checks.items() if (reason := check()) is not None}

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.Response:
        failing = self.failing()
        body = {
            "status": "not ready" if failing else "ready",
            "checks": sorted(self._checks),
            "failing": failing,
            "warnings": self._warnings(),
        }
        return web.Response(status=503 if failing else 200, text=json.dumps(body), content_type="application/json")
