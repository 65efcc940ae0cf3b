"""A detect worker with the fake engine as a process: ``python detect_worker.py '{"bootstrap": ..., "prefix": ...}'``.

Prints ``ready`` once its table is recovered; SIGTERM stops it. ``"patched": false`` leaves the flow patch out, and
``"work_ms"`` makes every message take that long, for the tests that need the fault to show.
"""

import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from mode.utils.queues import FlowControlEvent

from signals.domain.account.state import Account
from signals.domain.update import Arrival
from signals.engine.stepped import Stepped
from signals.streams import faust_patches
from signals.streams.embedded_clients import accommodate
from signals.streams.faust_app import DetectRole
from signals.streams.topics import Topics
from signals.streams.worker import run_detect
from support.fake_engine import fake_step
from support.meters import SilentDetectMeter


async def main(options: dict[str, Any]) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    work_s = options.get("work_ms", 0) / 1000

    def step(
        account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        time.sleep(work_s)
        return fake_step(account, org_id, arrivals, until=until)

    if options.get("embedded"):
        accommodate()
    faust_patches.apply()
    if not options.get("patched", True):
        FlowControlEvent.resume = faust_patches.ORIGINALS["resume"]
        faust_patches.apply = lambda: None
    role = DetectRole(
        bootstrap=options["bootstrap"],
        topics=Topics(partitions=options.get("partitions", 4), prefix=options["prefix"]),
        instance=options.get("instance"),
        session=timedelta(seconds=options.get("session_s", 6)),
        commit_every=timedelta(seconds=options.get("commit_s", 0.3)),
    )
    await run_detect(role, step, SilentDetectMeter(), stop=stop, ready=lambda: say("ready"))
    say("stopped")


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(relativeCreated)d %(name)s %(message)s")
    asyncio.run(main(json.loads(sys.argv[1])))
