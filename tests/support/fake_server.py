"""In-process HTTP servers for the sinks' tests: real sockets on loopback, faults by script."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Fault:
    """One answer that is not the service's own.

    ``status`` 0 drops the connection; ``applied`` lets the service do its work first, so that only the answer is lost.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "{}"
    content_type: str = "application/json"
    applied: bool = False


class FakeServer:
    """Base of the fakes: routes a subclass adds, a list of requests, and the next faults.

    ``faults`` are used up one per request; None lets a request through. ``always`` answers every request while set.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.url = ""

    def add_routes(self, app: web.Application) -> None:
        """Add the service's routes."""
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve and yield the address."""
        app = web.Application(middlewares=[self._script])
        self.add_routes(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self.url
        finally:
            await runner.cleanup()

    @web.middleware
    async def _script(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.headers)))
        fault = self.always or (self.faults.popleft() if self.faults else None)
        if fault is None:
            return await handler(request)
        if fault.applied:
            await handler(request)
        if fault.status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            status=fault.status or 500, text=fault.body, headers=fault.headers, content_type=fault.content_type
        )
