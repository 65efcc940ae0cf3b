"""A deliver worker as a process, with a sink that writes one line per call to a file.

``python deliver_worker.py '{"bootstrap": ..., "prefix": ..., "file": ..., "takes_ms": 5, "stuck": "c"}'``;
deliveries to the destination ``stuck`` never end. Prints ``ready``; SIGTERM stops it.
"""

import asyncio
import json
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from signals.domain.signal import Delivery
from signals.sinks.contract import Sent
from signals.sinks.delivery import Patience
from signals.sinks.lease import may_call
from signals.streams.deliver import DeliverRole, run_deliver
from signals.streams.desk import DeliverMeter
from signals.streams.embedded_clients import accommodate
from signals.streams.topics import Topics


class FileSink:
    """Answers after a while; writes what it was asked."""

    name = "slack"

    def __init__(self, path: Path, takes_s: float, stuck: str) -> None:
        self._path, self._takes_s, self._stuck = path, takes_s, stuck

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Write ``signal seq last-seq redelivered destination``, then take some time."""
        await may_call()  # as every sink does right before it calls its service
        one = delivery.transition
        last = sent.seq if sent is not None else 0
        with self._path.open("a") as lines:
            lines.write(f"{one.signal_id} {one.seq} {last} {int(redelivered)} {delivery.destination}\n")
        await asyncio.sleep(3600 if delivery.destination == self._stuck else self._takes_s)
        return Sent(
            signal_id=one.signal_id, seq=one.seq, sink="slack", destination=delivery.destination, ref={},
            at=datetime.now(UTC),
        )  # fmt: skip


class NoMeter:
    """Counts nothing."""

    def __getattr__(self, _: str) -> Any:
        """Answer every report with nothing."""
        return lambda *_: None


async def main(options: dict[str, Any]) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if options.get("embedded"):
        accommodate()
    sink = FileSink(Path(options["file"]), options.get("takes_ms", 5) / 1000, options.get("stuck", ""))
    meter: DeliverMeter = NoMeter()
    await run_deliver(
        DeliverRole(
            options["bootstrap"],
            Topics(partitions=options["partitions"], prefix=options["prefix"]),
            instance=options.get("instance"),
            session=timedelta(seconds=options.get("session_s", 6)),
        ),
        sink,
        meter,
        patience=Patience(monotonic=time.monotonic, sleep=asyncio.sleep),
        clock=lambda: datetime.now(UTC),
        stop=stop,
        ready=say_ready,
    )


def say_ready() -> None:
    """Tell the test."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
