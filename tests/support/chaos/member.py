"""The program of every worker here: ``signals`` as it is installed, unless ``SABOTAGE`` names a fault to put into it.

Sabotage shows that the harness finds what it is there to find.
"""

import asyncio
import os
import select
import sys
import time
from collections.abc import Callable
from typing import Any, SupportsIndex

from signals.cli import main
from signals.sinks.slack.sink import SlackSink
from signals.streams.detect import Detector

LATE_S = 3.0
_late: set[asyncio.Task[None]] = set()


def acknowledge_first() -> None:
    """Let detect call a message done, and so committed, some seconds before it is."""
    original = Detector.handle

    async def handle(self: Detector, partition: int, offset: int, value: bytes) -> None:
        self._next[partition] = offset + 1

        async def work() -> None:
            await asyncio.sleep(LATE_S)
            self._next.pop(partition, None)  # or it would be taken for a repeat
            await original(self, partition, offset, value)

        task = asyncio.create_task(work())
        _late.add(task)
        task.add_done_callback(_late.discard)

    Detector.handle = handle  # type: ignore[method-assign]  # that is the sabotage


def never_look() -> None:
    """Let the Slack sink post without looking whether an earlier attempt did."""
    original = SlackSink.send

    async def send(self: SlackSink, delivery: Any, sent: Any, *, redelivered: bool = False) -> Any:
        del redelivered
        return await original(self, delivery, sent, redelivered=False)

    SlackSink.send = send  # type: ignore[method-assign]  # that is the sabotage


SABOTAGES: dict[str, Callable[[], None]] = {"acknowledge-first": acknowledge_first, "never-look": never_look}


def sleep_by_select(seconds: float | SupportsIndex) -> None:
    """Sleep; under libfaketime the system call that Python 3.11 sleeps with answers "invalid argument"."""
    select.select([], [], [], float(seconds))


if __name__ == "__main__":
    if "FAKETIME_TIMESTAMP_FILE" in os.environ:
        time.sleep = sleep_by_select
    if sabotage := os.environ.get("SABOTAGE"):
        SABOTAGES[sabotage]()
    sys.exit(main())
