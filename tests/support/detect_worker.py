"""A detect worker with the fake engine as a process: ``python detect_worker.py '{"bootstrap": ..., "prefix": ...}'``.

Prints ``ready`` once its table is recovered; SIGTERM stops it, and it then prints how many changelog records it has
read twice. ``"without"`` names patches to leave out, ``"read_ahead": false`` leaves the changelog to Faust,
``"work_ms"`` makes every account take that long, ``"seek_ms"`` every seek answer that late, and
``"pause"`` names a file: when it is there, the worker removes it, stops itself (SIGSTOP) before it writes accounts,
after the last look at the time, and dies of that write once it is woken up. For the tests that need a fault to show.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from mode.utils.queues import FlowControlEvent

from signals.domain.account.state import Account
from signals.domain.update import Arrival
from signals.engine.stepped import Stepped
from signals.streams import faust_patches
from signals.streams.account_store import AccountStore
from signals.streams.embedded_clients import accommodate
from signals.streams.faust_app import DetectRole
from signals.streams.outbox import KafkaOutbox, Record
from signals.streams.read_ahead import BulkReader
from signals.streams.tables import FaustAccounts
from signals.streams.topics import Topics
from signals.streams.worker import run_detect
from support.fake_engine import fake_step
from support.meters import SilentDetectMeter

PATCHED = {
    "resume": (FlowControlEvent, "resume"),
    "fetch_records": (AIOKafkaConsumerThread, "_fetch_records"),
}
"""Patch -> what it replaces."""


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
    for patch in options.get("without", ()):
        setattr(*PATCHED[patch], faust_patches.ORIGINALS[patch])
    faust_patches.apply = lambda: None
    if "pause" in options:
        pause_before_accounts(Path(options["pause"]))
    if not options.get("read_ahead", True):
        BulkReader.read = read_nothing  # type: ignore[assignment,method-assign]  # the point of it
    seek_late(options.get("seek_ms", 0) / 1000)
    read_twice = count_read_twice()
    role = DetectRole(
        bootstrap=options["bootstrap"],
        topics=Topics(partitions=options.get("partitions", 4), prefix=options["prefix"]),
        instance=options.get("instance"),
        session=timedelta(seconds=options.get("session_s", 6)),
        commit_every=timedelta(seconds=options.get("commit_s", 0.3)),
        standbys=options.get("standbys", 0),
    )
    await run_detect(role, step, SilentDetectMeter(), stop=stop, ready=lambda: say("ready"))
    say(f"read twice: {read_twice()}")


async def read_nothing(*_: object) -> bool:
    """Stand for a reader that fails: Faust's recovery reads everything itself."""
    return False


def seek_late(seconds: float) -> None:
    """Let the seek to the committed offsets answer late, as it does on a loaded machine."""
    perform_seek = Consumer.perform_seek

    async def late(self: Any) -> None:
        await perform_seek(self)
        await asyncio.sleep(seconds)

    Consumer.perform_seek = late


def pause_before_accounts(flag: Path) -> None:
    """Stop this process before it writes accounts, when *flag* is there; woken up, it writes them and is killed.

    Killed at once, so that it does not join the group again: a rebalance would let the owner recover before it notices.
    """
    store, send_all = FaustAccounts.store, KafkaOutbox.send_all
    woken: list[bool] = []

    def pausing(self: FaustAccounts, values: Iterable[tuple[str, bytes]]) -> tuple[Record, ...]:
        if flag.exists():
            flag.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
            woken.append(True)
        return store(self, values)

    async def last(self: KafkaOutbox, records: Iterable[Record]) -> int:
        sent = await send_all(self, records)
        if woken:
            os.kill(os.getpid(), signal.SIGKILL)
        return sent

    FaustAccounts.store = pausing  # type: ignore[method-assign]  # the point of it
    KafkaOutbox.send_all = last  # type: ignore[method-assign]  # the point of it


def count_read_twice() -> Callable[[], int]:
    """Return what tells how many changelog records have been read more than once since."""
    seen: Counter[tuple[int, int]] = Counter()
    take = AccountStore.take

    def counting(self: AccountStore, partition: int, offset: int, key: bytes, value: bytes | None) -> None:
        seen[partition, offset] += 1
        take(self, partition, offset, key, value)

    AccountStore.take = counting  # type: ignore[method-assign]  # the point of it
    return lambda: sum(times - 1 for times in seen.values())


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(relativeCreated)d %(name)s %(message)s")
    asyncio.run(main(json.loads(sys.argv[1])))
