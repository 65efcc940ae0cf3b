"""The parent reads its roles' pages: metrics, readiness, warnings."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from signals.telemetry.health import HealthServer
from signals.telemetry.metrics import Metrics
from signals.wiring.scrape import Scraper


@pytest.fixture
async def role() -> AsyncIterator[HealthServer]:
    """The page of one role."""
    server = HealthServer(Metrics(CollectorRegistry()).registry)
    await server.start()
    yield server
    await server.stop()


async def test_what_a_role_says_is_kept_until_it_does_not_answer(role: HealthServer) -> None:
    """Its warnings and its metrics go with it; that it does not answer is why it is not ready."""
    warnings = {"dead_sink_slack": "3 deliveries wait"}
    role.warn(lambda: warnings)
    scraper = Scraper({"deliver": role.url})

    async with aiohttp.ClientSession() as session:
        await scraper.look(session)
        assert scraper.warnings == {"deliver": {"dead_sink_slack": "3 deliveries wait"}}
        assert scraper.unready == {}
        assert "signals_build_info" in scraper.pages["deliver"]

        role.register("watchdogs", lambda: "nothing committed")
        warnings.clear()
        await scraper.look(session)
        assert scraper.warnings == {"deliver": {}}
        assert "nothing committed" in scraper.unready["deliver"]

        await role.stop()
        await scraper.look(session)
        assert (scraper.warnings, scraper.pages) == ({}, {})
        assert "does not answer" in scraper.unready["deliver"]
