"""A receiver of webhooks that keeps what it got, once per idempotency key."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from support.fake_server import FakeServer


class WebhookFake(FakeServer):
    """``received``: bodies by idempotency key; ``raw``: (headers, bytes) of every request."""

    def __init__(self, *, clock: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(clock=clock)
        self.received: dict[str, Any] = {}
        self.raw: list[tuple[dict[str, str], bytes]] = []

    def add_routes(self, app: web.Application) -> None:
        """One address."""
        app.router.add_post("/hook", self._hook)

    async def _hook(self, request: web.Request) -> web.Response:
        self.raw.append((dict(request.headers), await request.read()))
        self.received.setdefault(request.headers["Idempotency-Key"], await request.json())
        return web.Response(status=204)
