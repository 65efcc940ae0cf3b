"""Looks at every watchdog of a process again and again: ages and trips as metrics, a line in the log, readiness.

A watchdog that trips here never ends the process: it tells. Those that must end it (a stalled commit of detect, a
recovery that takes too long, a hole in offsets) do so where they are found, in ``streams.worker``.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping

from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import Watchdog

LOG = logging.getLogger(__name__)

EVERY_S = 2.0
# Ages are at most this old. The shortest limit is a minute; looking costs microseconds.


class Watch:
    """The watchdogs of one process.

    Parameters
    ----------
    metrics
        Where ages, limits and trips go.
    watchdogs
        Each with a name of its own.
    unready
        Names of those whose trip means that this process does not do its work; the others are the fault of somebody
        else (a silent source, a dead service), and a deploy must not wait for them.
    monotonic
        The clock.
    """

    def __init__(
        self,
        metrics: Metrics,
        watchdogs: Iterable[Watchdog],
        *,
        unready: Iterable[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._watchdogs, self._monotonic = metrics, tuple(watchdogs), monotonic
        self._unready = frozenset(unready)
        self._said: dict[str, str] = {}
        for one in self._watchdogs:
            metrics.set("signals_watchdog_limit_seconds", one.limit_s, watchdog=one.name)

    def look(self) -> None:
        """Look at each once."""
        now_s = self._monotonic()
        for one in self._watchdogs:
            seen = one.look(now_s)
            if seen.age_s is not None:
                self._metrics.set("signals_watchdog_age_seconds", seen.age_s, watchdog=one.name)
            self._metrics.set("signals_watchdog_tripped", float(seen.tripped), watchdog=one.name)
            if seen.tripped and one.name not in self._said:
                self._metrics.count("signals_watchdog_trips", watchdog=one.name)
                LOG.warning("watchdog tripped", extra={"watchdog": one.name, "because": seen.said})
            elif not seen.tripped and one.name in self._said:
                LOG.info("watchdog is quiet again", extra={"watchdog": one.name})
            if seen.tripped:
                self._said[one.name] = seen.said
            else:
                self._said.pop(one.name, None)

    async def run(self, every_s: float = EVERY_S) -> None:
        """Look again and again; never returns."""
        while True:
            try:
                self.look()
            except Exception:  # whoever watches must not be the first to go silent
                LOG.exception("a watchdog failed")
            await asyncio.sleep(every_s)

    def tripped(self) -> Mapping[str, str]:
        """Return what has tripped as of the last look, by name, with the reason."""
        return dict(self._said)

    def unready(self) -> str | None:
        """Return why this process is not ready, None when nothing of its own has tripped (a readiness check)."""
        return "; ".join(said for name, said in self._said.items() if name in self._unready) or None
