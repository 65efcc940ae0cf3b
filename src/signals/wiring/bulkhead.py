"""Several parts side by side in one process, where the fall of one is not the fall of the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

LOG = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=60)
# Between two starts of a part that fell. Its deliveries wait on their topic meanwhile, and /readyz names it.

Sleep = Callable[[float], Awaitable[None]]


class Parts:
    """Runs parts until *stop*; a part that has served and falls is started again alone, the others go on.

    A part that falls before it has served for the first time ends all of them: it is configured wrongly, or there is
    no broker, and whoever started the process should be told at once.

    Parameters
    ----------
    parts
        Name -> what runs it until *stop* is set; told what to call once it serves. May be called again after it raised.
    all_serve
        Called once, when every part serves for the first time.
    """

    def __init__(
        self,
        parts: Mapping[str, Callable[[Callable[[], None]], Awaitable[None]]],
        *,
        stop: asyncio.Event,
        all_serve: Callable[[], None],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._parts, self._stop, self._all_serve, self._sleep = parts, stop, all_serve, sleep
        self._serving: set[str] = set()
        self._served: set[str] = set()

    def missing(self) -> str | None:
        """Return which parts do not serve now, None when all do (a ``telemetry.health`` check)."""
        names = set(self._parts) - self._serving
        return f"not serving yet: {', '.join(sorted(names))}" if names else None

    async def run(self) -> None:
        """Run until *stop* is set and every part has ended; raises what the first part raised that never served."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for name in self._parts:
                    tasks.create_task(self._keep_up(name))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None  # the first cause; the others were only cut short by it

    async def _keep_up(self, name: str) -> None:
        pause = FIRST_PAUSE
        while True:
            self._serving.discard(name)
            try:
                await self._parts[name](lambda: self._serves(name))
            except Exception:
                if name not in self._served or self._stop.is_set():
                    raise
                # It has served since its last fall, or this is another one of the same: only then the pause grows.
                pause = FIRST_PAUSE if name in self._serving else min(pause * 2, LONGEST_PAUSE)
                LOG.exception("%s fell, starting it again in %s s", name, pause.total_seconds())
            else:
                return
            self._serving.discard(name)
            await self._sleep(pause.total_seconds())
            if self._stop.is_set():
                return

    def _serves(self, name: str) -> None:
        self._serving.add(name)
        if name not in self._served:
            self._served.add(name)
            if len(self._served) == len(self._parts):
                self._all_serve()
