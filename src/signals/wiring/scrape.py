"""Reads the pages of the role processes, so that one address shows all of them."""

import asyncio
import json
import logging
from collections.abc import Mapping

import aiohttp

LOG = logging.getLogger(__name__)

EVERY_S = 1.0
# The joined page is at most this old; Prometheus asks every 10 to 60 s.
TIMEOUT_S = 3.0
# A role that does not answer for this long is busy beyond reason or gone; its page is left out meanwhile.


class Scraper:
    """Keeps the last metrics page and the last readiness of each role.

    Parameters
    ----------
    urls
        Role -> base address; read on each round, so a restarted role with another port is found.
    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self.pages: dict[str, str] = {}
        """Role -> text of its metrics page; a role that did not answer is not there."""
        self.unready: dict[str, str] = {}
        """Role -> why it is not ready."""
        self.warnings: dict[str, dict[str, str]] = {}
        """Role -> what it warns of, by name."""

    async def run(self) -> None:
        """Read again and again; never returns."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            while True:
                await self.look(session)
                await asyncio.sleep(EVERY_S)

    async def look(self, session: aiohttp.ClientSession) -> None:
        """Read every role once."""
        await asyncio.gather(*(self._role(session, role, url) for role, url in dict(self._urls).items()))

    async def _role(self, session: aiohttp.ClientSession, role: str, url: str) -> None:
        try:
            async with session.get(f"{url}/metrics") as response:
                page = await response.text()
            async with session.get(f"{url}/readyz") as response:
                ready, text = response.status == 200, await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.pages.pop(role, None)
            self.warnings.pop(role, None)
            self.unready[role] = f"does not answer ({type(error).__name__})"
            return
        self.pages[role] = page
        self.warnings[role] = _warnings(text)
        if ready:
            self.unready.pop(role, None)
        else:
            self.unready[role] = text


def _warnings(text: str) -> dict[str, str]:
    """Return the warnings of a readiness page; none for a page that is something else."""
    try:
        page = json.loads(text)
    except ValueError:
        return {}
    found = page.get("warnings", {}) if isinstance(page, dict) else {}
    return {str(name): str(why) for name, why in found.items()} if isinstance(found, dict) else {}
