"""Spacing out calls: so many at once, then one per interval, for each key on its own."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds; ``asyncio.sleep`` in production."""

Monotonic = Callable[[], float]
"""Returns seconds on a clock that never goes back; ``time.monotonic`` in production."""


class Pacer:
    """A token bucket per key. Re-entrant: each caller books its own moment, then waits for it.

    Holds one number per key for ever, so keys must be few (channels, not accounts).
    """

    def __init__(self, *, interval: timedelta, burst: int, monotonic: Monotonic, sleep: Sleep) -> None:
        if interval <= timedelta(0) or burst < 1:
            raise ValueError(f"interval must be positive and burst at least 1, got {interval} and {burst}")
        self._interval_s = interval.total_seconds()
        self._slack_s = self._interval_s * (burst - 1)
        self.monotonic, self._sleep = monotonic, sleep
        self._next: dict[str, float] = {}

    async def turn(self, key: str) -> None:
        """Return when it is this caller's turn for *key*; other keys are not held up."""
        now = self.monotonic()
        earliest = now - self._slack_s
        booked = max(self._next.get(key, earliest), earliest)
        self._next[key] = booked + self._interval_s
        if booked > now:
            await self._sleep(booked - now)

    async def clear(self, key: str) -> None:
        """Return when somebody may have a turn for *key*, or its hold is over. Books nothing."""
        while (wait := self._next.get(key, float("-inf")) - self.monotonic()) > 0:
            await self._sleep(wait)

    def free(self, key: str) -> bool:
        """Whether ``clear`` would return at once."""
        return self._next.get(key, float("-inf")) <= self.monotonic()

    def hold(self, key: str, span: timedelta) -> None:
        """Let nobody have a turn for *key* before *span* is over (the service asked for a pause)."""
        until = self.monotonic() + span.total_seconds()
        self._next[key] = max(self._next.get(key, until), until)
