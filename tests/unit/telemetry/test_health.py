"""The page for machines."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from signals.telemetry.health import HealthServer
from signals.telemetry.joined import joined_registry
from signals.telemetry.metrics import Metrics


@pytest.fixture
async def server() -> AsyncIterator[HealthServer]:
    """Serve the page of an empty process."""
    server = HealthServer(Metrics(CollectorRegistry()).registry)
    await server.start()
    yield server
    await server.stop()


async def fetch(server: HealthServer, path: str) -> tuple[int, str]:
    """Return status and text of one page."""
    async with aiohttp.ClientSession() as session, session.get(server.url + path) as response:
        return response.status, await response.text()


async def test_it_listens_on_loopback_only(server: HealthServer) -> None:
    """Without configuration the page is bound to 127.0.0.1."""
    assert server.url.startswith("http://127.0.0.1:")
    assert await fetch(server, "/healthz") == (200, '{"status": "alive"}')


async def test_ready_needs_every_check(server: HealthServer) -> None:
    """One failing check gives 503 and names itself and its reason; a fine one gives 200."""
    reasons: list[str | None] = ["recovering 3 of 8 partitions"]
    server.register("kafka", lambda: None)
    server.register("recovered", lambda: reasons[0])

    status, text = await fetch(server, "/readyz")
    reasons[0] = None
    later, _ = await fetch(server, "/readyz")

    assert status == 503
    assert "recovering 3 of 8 partitions" in text
    assert later == 200


async def test_warnings_are_shown_and_change_nothing(server: HealthServer) -> None:
    """What is wrong with somebody else is on the page of a process that is ready."""
    server.warn(lambda: {"dead_sink_slack": "3 deliveries wait"})

    status, text = await fetch(server, "/readyz")

    assert status == 200
    assert json.loads(text)["warnings"] == {"dead_sink_slack": "3 deliveries wait"}


async def test_the_metrics_page_parses(server: HealthServer) -> None:
    """Prometheus' own parser reads what is served."""
    status, text = await fetch(server, "/metrics")

    assert status == 200
    assert "signals_build_info" in {family.name for family in text_string_to_metric_families(text)}


async def test_stop_twice_and_without_start_is_fine() -> None:
    """Stopping is idempotent."""
    server = HealthServer(CollectorRegistry())

    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()

    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(server.url)


def test_joined_pages_keep_every_sample_apart_by_role() -> None:
    """Two roles' pages become one that parses, each family once, samples labelled with their role."""
    one, two = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    one.count("signals_suppressed", 2, reason="cooldown")
    two.count("signals_suppressed", 3, reason="cooldown")
    two.observe("signals_evaluation_seconds", 0.004)
    pages = {name: generate_latest(part.registry).decode() for name, part in {"ingest": one, "detect": two}.items()}

    registry = joined_registry(["ingest", "detect", "deliver"], lambda: pages)

    text = generate_latest(registry).decode()
    families = [family.name for family in text_string_to_metric_families(text)]
    assert len(set(families)) == len(families)
    assert registry.get_sample_value("signals_suppressed_total", {"reason": "cooldown", "role": "ingest"}) == 2
    assert registry.get_sample_value("signals_suppressed_total", {"reason": "cooldown", "role": "detect"}) == 3
    assert registry.get_sample_value("signals_evaluation_seconds_count", {"role": "detect"}) == 1
    assert [registry.get_sample_value("signals_role_up", {"role": role}) for role in ("detect", "deliver")] == [1, 0]
