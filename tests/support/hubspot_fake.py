"""A small HubSpot that remembers companies and tasks; Prism holds its answers to the official contract elsewhere."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from support.fake_server import FakeServer

STAMP = "2026-01-19T09:05:00.000Z"
COMPANIES, TASKS = "/crm/v3/objects/companies", "/crm/v3/objects/tasks"
COMPANY_KEY, TASK_KEY = "posthog_organization_id", "signals_signal_id"


class HubspotFake(FakeServer):
    """Objects by id. ``upsert_results`` replaces the results of a company upsert while it is not None.

    While ``unique`` holds, no two tasks share a reference and a task can be read by it at once; the search finds a
    task only ``lag_s`` after it was made, by *clock*.
    """

    def __init__(self, *, clock: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(clock=clock)
        self.unique = True
        self.lag_s = 0.0
        self.made_at: dict[str, float] = {}
        self.companies: dict[str, dict[str, str]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.upsert_results: list[dict[str, Any]] | None = None
        self.upsert_errors: list[dict[str, Any]] = []
        self._last = 100

    def add_routes(self, app: web.Application) -> None:
        """The calls that the sink makes."""
        app.router.add_post(f"{COMPANIES}/batch/upsert", self._upsert)
        app.router.add_post(TASKS, self._create)
        app.router.add_post(f"{TASKS}/search", self._search)
        app.router.add_get(TASKS + "/{id}", self._read)
        app.router.add_patch(TASKS + "/{id}", self._update)

    async def _upsert(self, request: web.Request) -> web.Response:
        self._authorized(request)
        results = []
        for item in (await request.json())["inputs"]:
            known = next((key for key, value in self.companies.items() if value.get(COMPANY_KEY) == item["id"]), "")
            identity = known or self._new_id()
            self.companies[identity] = self.companies.get(identity, {}) | item["properties"]
            results.append(
                {
                    "id": identity,
                    "new": not known,
                    "properties": self.companies[identity],
                    "createdAt": STAMP,
                    "updatedAt": STAMP,
                    "archived": False,
                }
            )
        if self.upsert_results is not None:
            results = self.upsert_results
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": STAMP, "completedAt": STAMP}
        if self.upsert_errors:
            answer |= {"errors": self.upsert_errors, "numErrors": len(self.upsert_errors)}
        return web.json_response(answer, status=207 if self.upsert_errors else 200)

    async def _create(self, request: web.Request) -> web.Response:
        self._authorized(request)
        body = await request.json()
        if self.unique and self._by_reference(body["properties"][TASK_KEY]):
            raise web.HTTPConflict(text="{}", content_type="application/json")
        identity = self._new_id()
        self.made_at[identity] = self.now()
        self.tasks[identity] = {"properties": body["properties"], "company": body["associations"][0]["to"]["id"]}
        return web.json_response(self._task(identity), status=201)

    async def _read(self, request: web.Request) -> web.Response:
        self._authorized(request)
        if request.query.get("idProperty") != TASK_KEY or not self.unique:
            raise web.HTTPBadRequest(text="{}", content_type="application/json")
        found = self._by_reference(request.match_info["id"])
        if not found:
            raise web.HTTPNotFound(text="{}", content_type="application/json")
        return web.json_response(self._task(found))

    async def _update(self, request: web.Request) -> web.Response:
        self._authorized(request)
        identity = request.match_info["id"]
        if identity not in self.tasks:
            raise web.HTTPNotFound(text="{}", content_type="application/json")
        self.tasks[identity]["properties"] |= (await request.json())["properties"]
        return web.json_response(self._task(identity))

    async def _search(self, request: web.Request) -> web.Response:
        self._authorized(request)
        condition = (await request.json())["filterGroups"][0]["filters"][0]
        found = [
            self._task(identity)
            for identity, task in self.tasks.items()
            if task["properties"].get(condition["propertyName"]) == condition["value"]
            and self.made_at.get(identity, 0.0) + self.lag_s <= self.clock()
        ]
        return web.json_response({"total": len(found), "results": found})

    def _task(self, identity: str) -> dict[str, Any]:
        properties = self.tasks[identity]["properties"]
        return {"id": identity, "properties": properties, "createdAt": STAMP, "updatedAt": STAMP, "archived": False}

    def _by_reference(self, reference: str) -> str:
        return next((key for key, task in self.tasks.items() if task["properties"].get(TASK_KEY) == reference), "")

    def _new_id(self) -> str:
        self._last += 1
        return str(self._last)

    @staticmethod
    def _authorized(request: web.Request) -> None:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            raise web.HTTPUnauthorized(text="{}", content_type="application/json")
