"""The HubSpot sink, and our own fake of HubSpot, held to HubSpot's official documents by Prism."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from signals.domain.errors import Permanent, SinkError, Transient
from signals.domain.reasons import Change, Severity
from signals.sinks.hubspot.sink import HubspotSink
from support.cards import delivery, every_sample, resolved, step, transition
from support.hand_clock import HandClock
from support.hubspot_fake import COMPANIES, TASKS, HubspotFake
from support.prism import hubspot_contract, prism_mock, prism_proxy
from support.sink_peers import hubspot_sink

pytestmark = [pytest.mark.peer, pytest.mark.shared]


class Doorman:
    """Sends each request to the Prism that knows its path, and keeps what Prism said against it."""

    def __init__(self, companies: str, tasks: str) -> None:
        self.upstreams = {COMPANIES: companies, TASKS: tasks}
        self.objections: list[str] = []
        self.passed = 0
        self.prefer = ""
        self.address = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve on loopback."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield
        await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        base = next(url for prefix, url in self.upstreams.items() if request.path.startswith(prefix))
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        if self.prefer:
            headers["Prefer"] = self.prefer
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, base + request.path_qs, data=await request.read(), headers=headers
            ) as answer,
        ):
            text = await answer.text()
            if "stoplight.io/prism" in text:
                self.objections.append(f"{request.method} {request.path}: {text}")
            self.passed += 1
            return web.Response(status=answer.status, text=text, content_type=answer.content_type)


@asynccontextmanager
async def door(stack: ExitStack, folder: Path, upstream: str | None) -> AsyncIterator[Doorman]:
    """Prism in front of *upstream* (or on its own, as a mock) for companies and tasks."""
    addresses = []
    for name in ("companies.v3", "tasks.v3"):
        contract = hubspot_contract(name)
        prism = prism_proxy(contract, upstream, folder) if upstream else prism_mock(contract, folder)
        addresses.append(stack.enter_context(prism))
    made = Doorman(*addresses)
    async with made.running():
        yield made


@asynccontextmanager
async def sinking(address: str) -> AsyncIterator[HubspotSink]:
    """A started sink."""
    made = hubspot_sink(address, HandClock())
    await made.start()
    yield made
    await made.stop()


async def test_the_whole_life_of_every_task_is_within_the_contract(tmp_path: Path) -> None:
    """Requests of the sink and answers of our fake: Prism objects to none of them."""
    fake = HubspotFake()
    with ExitStack() as stack:
        async with (
            fake.running() as upstream,
            door(stack, tmp_path, upstream) as doorman,
            sinking(doorman.address) as sink,
        ):
            for sample in every_sample().values():
                sent = await sink.send(delivery(sample, "crm"), None)
                raised = step(sample, Change.ESCALATED, severity=Severity.CRITICAL, notify=True)
                sent = await sink.send(delivery(raised, "crm"), sent)
                await sink.send(delivery(resolved(raised), "crm"), sent)
            await sink.send(delivery(transition(), "crm"), None, redelivered=True)

    assert doorman.objections == []
    assert doorman.passed == len(every_sample()) * 4 + 2  # upsert, create, update, complete; read and update
    assert len(fake.tasks) == len(every_sample())
    assert {task["properties"]["hs_task_status"] for task in fake.tasks.values()} == {"COMPLETED", "NOT_STARTED"}


async def test_prism_sees_an_answer_that_breaks_the_contract(tmp_path: Path) -> None:
    """Guards the test above against a doorman that is asleep."""
    fake = HubspotFake()
    fake.upsert_results = [{"id": 7, "properties": {"posthog_organization_id": "org_acme"}}]
    with ExitStack() as stack:
        async with (
            fake.running() as upstream,
            door(stack, tmp_path, upstream) as doorman,
            sinking(doorman.address) as sink,
        ):
            with pytest.raises(SinkError):
                await sink.send(delivery(transition(), "crm"), None)

    assert len(doorman.objections) == 1


async def test_the_official_answers_are_sorted(tmp_path: Path) -> None:
    """HubSpot's own example of each status, from Prism as a mock."""
    with ExitStack() as stack:
        async with door(stack, tmp_path, None) as doorman, sinking(doorman.address) as sink:
            doorman.prefer = "code=429"
            with pytest.raises(Transient, match="429"):
                await sink.send(delivery(transition(), "crm"), None)
            doorman.prefer = "code=200"
            with pytest.raises(Transient, match="without the company"):  # the example's company is not ours
                await sink.send(delivery(transition(), "crm"), None)
            doorman.upstreams[COMPANIES] = doorman.upstreams[TASKS]  # a path that the document does not know
            doorman.prefer = ""
            with pytest.raises(Permanent, match="404"):
                await sink.send(delivery(transition(), "crm"), None)
