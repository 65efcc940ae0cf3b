"""An ingest member in a process of its own, as in production."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from signals.ingest.config import IngestSettings
from signals.ingest.worker import IngestWorker


class SystemClock:
    """The real clocks."""

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


def serve(settings: IngestSettings, stop: Any, owned: Any) -> None:
    """Work until the event *stop* is set; *owned* tells how many partitions this member has."""

    async def work() -> None:
        worker = IngestWorker(settings, SystemClock())
        task = asyncio.create_task(worker.run())
        while not stop.is_set() and not task.done():
            owned.value = len(worker.partitions)
            await asyncio.sleep(0.05)
        await worker.stop()
        await task

    asyncio.run(work())
