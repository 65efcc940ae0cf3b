"""A clock that a test moves, with a sleep that only moves it."""

import asyncio
from datetime import datetime, timedelta
from random import Random

from signals.sinks.delivery import Patience
from support.cards import NOW


class HandClock:
    """``monotonic``, ``now`` and ``sleep`` for what would otherwise read a clock; ``slept`` lists the pauses."""

    def __init__(self, start: datetime = NOW) -> None:
        self.start, self.seconds = start, 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.seconds

    def now(self) -> datetime:
        """The present instant."""
        return self.start + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass at once, and give others a turn."""
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

    def patience(self, seed: int = 1) -> Patience:
        """What ``deliver`` needs, on this clock."""
        return Patience(monotonic=self.monotonic, sleep=self.sleep, random=Random(seed))  # noqa: S311 - jitter, not a secret
