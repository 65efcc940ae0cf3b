"""In-process HTTP servers for the sinks' tests: real sockets on loopback, faults by script."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DROPPED, HANGS = 0, -1


@dataclass(frozen=True)
class Fault:
    """One answer that is not the service's own.

    ``status`` 0 drops the connection, -1 never answers; ``applied`` lets the service do its work first, so that only
    the answer is lost. ``late`` is for a request that outlives its connection: the service does its work so many
    seconds (of the fake's clock) after it was cut off.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "{}"
    content_type: str = "application/json"
    applied: bool = False
    late: float = 0.0


class FakeServer:
    """Base of the fakes: routes a subclass adds, a list of requests, and the next faults.

    ``faults`` are used up one per request; None lets a request through. ``always`` answers every request while set.
    ``fault_for`` picks the fault of a request by what it asks (None: as scripted). ``after`` is called with the number
    of requests so far once each has been answered for: a test kills its client there.
    """

    def __init__(self, *, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.clock = clock
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.fault_for: Callable[[web.Request], Fault | None] | None = None
        self.after: Callable[[int], None] | None = None
        self.url = ""
        self._as_of: float | None = None
        self._late: list[tuple[float, Callable[[], Awaitable[object]]]] = []
        self._closing: asyncio.Event | None = None

    def add_routes(self, app: web.Application) -> None:
        """Add the service's routes."""
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve and yield the address."""
        self._closing = asyncio.Event()
        app = web.Application(middlewares=[self._script])
        self.add_routes(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self.url
        finally:
            self._closing.set()
            await runner.cleanup()

    async def until_closed(self) -> None:
        """Return when the server ends; a call that waits here is never answered."""
        assert self._closing is not None
        await self._closing.wait()

    async def settle(self) -> None:
        """Do the work that outlived its connection and is due by now."""
        due = [(at, work) for at, work in self._late if at <= self.clock()]
        self._late = [(at, work) for at, work in self._late if at > self.clock()]
        for at, work in due:
            self._as_of = at
            await work()
        self._as_of = None

    def now(self) -> float:
        """The instant at which the request at hand has its effect, by the fake's clock."""
        return self.clock() if self._as_of is None else self._as_of

    @web.middleware
    async def _script(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self.settle()
        self.requests.append((request.method, request.path, dict(request.headers)))
        number = len(self.requests)
        fault = self._next_fault(request)
        try:
            return await self._faulty(fault, request, handler)
        finally:
            if self.after is not None:
                self.after(number)

    def _next_fault(self, request: web.Request) -> Fault | None:
        if self.always is not None:
            return self.always
        if self.fault_for is not None and (fault := self.fault_for(request)) is not None:
            return fault
        return self.faults.popleft() if self.faults else None

    async def _faulty(self, fault: Fault | None, request: web.Request, handler: Handler) -> web.StreamResponse:
        if fault is None:
            return await handler(request)
        await request.read()
        if fault.late:
            self._late.append((self.clock() + fault.late, lambda: handler(request)))
        elif fault.applied:
            with suppress(web.HTTPException):
                await handler(request)
        if fault.status == DROPPED and request.transport is not None:  # None: the caller is gone already
            request.transport.abort()
        if fault.status == HANGS:
            await self.until_closed()
        return web.Response(
            status=max(fault.status, 0) or 500, text=fault.body, headers=fault.headers, content_type=fault.content_type
        )
