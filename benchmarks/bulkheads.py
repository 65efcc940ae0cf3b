"""What one dead channel or one dead service costs the others: ``python benchmarks/bulkheads.py --json OUT``.

The real lane, desk and sinks (Slack, HubSpot) send to fakes over HTTP in a process of their own; one partition, so that
whatever could be shared is shared. Deliveries come at a steady rate to eight channels and the CRM. Measured is, for the
seven channels that stay healthy, the time from a delivery's arrival to its record of what was sent. Slack's spacing of
posts is shortened from 1 s to 10 ms, or it would be all that is measured.

Each trouble runs in turn, all of them per round, each round beginning with another; printed are medians over the rounds
and their ratio to no trouble. "none again" shows how much of a ratio is the machine's noise.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import msgspec
from pydantic import SecretStr

from signals.domain.ids import delivery_id, signal_id, transition_id
from signals.domain.reasons import DeadReason, FailReason, HeldReason, SkipReason
from signals.domain.signal import Delivery
from signals.sinks.contract import Sink
from signals.sinks.delivery import Patience
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.hubspot.sink import HubspotSink
from signals.sinks.pacing import Pacer
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.sink import SlackSink
from signals.streams import codec
from signals.streams.desk import DeliverOutcome, Desk
from signals.streams.lane import Lane
from signals.streams.outbox import Record
from signals.streams.topics import Topics
from signals.streams.waiting import Due
from support.cards import APPEARANCE, transition
from support.fake_server import HANGS, Fault
from support.hubspot_fake import HubspotFake
from support.slack_fake import SlackFake

CHANNELS = {f"channel-{number}": f"C{number:03}" for number in range(8)}
SICK = "channel-0"
TROUBLES = ("none", "none again", "channel dead", "channel hangs", "channel limited", "crm dead", "crm hangs")


def serve(trouble: str, pipe: Connection) -> None:
    """Run both fakes with one of the troubles until the other end closes."""

    async def run() -> None:
        slack, crm = SlackFake(channels=CHANNELS), HubspotFake()
        if trouble == "channel hangs":
            slack.hanging = {CHANNELS[SICK]}
        code = {"channel dead": "internal_error", "channel limited": "ratelimited"}.get(trouble, "")
        slack.refuse = lambda _, arguments: code if arguments.get("channel") == CHANNELS[SICK] else ""
        crm.always = {"crm dead": Fault(503), "crm hangs": Fault(HANGS)}.get(trouble)
        async with slack.running() as slack_url, crm.running() as crm_url:
            pipe.send((slack_url, crm_url))
            await asyncio.get_running_loop().run_in_executor(None, pipe.recv)

    asyncio.run(run())


class NoMeter:
    """Counts nothing."""

    def delivery(self, sink: str, outcome: DeliverOutcome, reason: FailReason | SkipReason | None) -> None:
        """Ignore it."""

    def event_to_card(self, sink: str, seconds: float) -> None:
        """Ignore it."""

    def canary(self, sink: str, partition: int, seconds: float) -> None:
        """Ignore it."""

    def suppressed(self, reason: HeldReason) -> None:
        """Ignore it."""

    def dead(self, reason: DeadReason) -> None:
        """Ignore it."""

    def lag(self, sink: str, records: int) -> None:
        """Ignore it."""

    def oldest(self, sink: str, seconds: float) -> None:
        """Ignore it."""


@dataclass
class Box:
    """Notes when the record of what was sent is written."""

    arrived: dict[str, float]
    took: dict[str, list[float]] = field(default_factory=dict)
    progress: asyncio.Event = field(default_factory=asyncio.Event)

    async def send_all(self, records: Iterable[Record]) -> int:
        """Note each."""
        at, written = time.perf_counter(), list(records)
        for record in written:
            where = record.key.decode().partition("/")[2]
            self.took.setdefault(where, []).append(at - self.arrived[record.key.decode()])
            self.progress.set()
        return len(written)


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def a_lane(sink: Sink, box: Box) -> Lane:
    """Return a lane to *sink* as the deliver role makes it."""
    patience = Patience(monotonic=time.monotonic, sleep=asyncio.sleep)
    desk = Desk(sink, Topics(), 0, {}, box, patience, now, NoMeter())

    def failed(error: BaseException) -> None:
        raise error

    return Lane(0, doubtful_until=0, work=desk, coalesce=True, monotonic=time.monotonic, failed=failed)


async def measure(slack_url: str, crm_url: str, rate: float, seconds: float) -> list[float]:
    """Return the latencies, in seconds, of all deliveries to healthy channels."""
    pacer = Pacer(interval=timedelta(milliseconds=10), burst=3, monotonic=time.monotonic, sleep=asyncio.sleep)
    secret, timeout = SecretStr("xoxb-benchmark"), timedelta(seconds=5)
    slack = SlackConfig(token=secret, channels=CHANNELS, base_url=f"{slack_url}/api/", timeout=timeout)
    crm = HubspotConfig(token=secret, base_url=crm_url, timeout=timeout)
    sinks: tuple[Sink, Sink] = (
        SlackSink(slack, APPEARANCE, pacer=pacer, clock=now),
        HubspotSink(crm, APPEARANCE, pacer=pacer, clock=now),
    )
    boxes = (Box({}), Box({}))
    lanes = [a_lane(sink, box) for sink, box in zip(sinks, boxes, strict=True)]
    for sink in sinks:
        await sink.start()
    begun = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        channel = f"channel-{number % len(CHANNELS)}"
        for lane, box, where in ((lanes[0], boxes[0], channel), (lanes[1], boxes[1], "task")):
            due = a_delivery(number, where)
            box.arrived[f"{due.transition.signal_id}/{where}"] = time.perf_counter()
            lane.offer(Due(number, codec.encode_json(due)))
    healthy = [name for name in CHANNELS if name != SICK]
    wanted = sum(1 for number in range(int(rate * seconds)) if number % len(CHANNELS))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20):
            while sum(len(boxes[0].took.get(name, ())) for name in healthy) < wanted:
                boxes[0].progress.clear()
                await boxes[0].progress.wait()
    for lane in lanes:
        await lane.close(0)
    for sink in sinks:
        await sink.stop()
    found = [took for name in healthy for took in boxes[0].took.get(name, ())]
    return found + [float("inf")] * (wanted - len(found))


def a_delivery(number: int, destination: str) -> Delivery:
    """Return the opening of a signal of its own."""
    one = transition(org_id=f"org_{number}")
    signal = signal_id(one.org_id, one.rule, "", one.since)
    one = msgspec.structs.replace(one, id=transition_id(signal, 1), signal_id=signal)
    return Delivery(
        id=delivery_id(signal, 1, "slack", destination), sink="slack", destination=destination, transition=one
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which *share* of them lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def one_run(trouble: str, rate: float, seconds: float) -> tuple[float, float]:
    """Return p50 and p99, in seconds, with one trouble."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(trouble, theirs), daemon=True)
    process.start()
    slack_url, crm_url = ours.recv()
    latencies = asyncio.run(measure(slack_url, crm_url, rate, seconds))
    ours.send("end")
    process.join(10)
    process.kill()
    return percentile(latencies, 0.5), percentile(latencies, 0.99)


def main() -> int:
    """Run all, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=40.0, help="deliveries per second, and as many tasks")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run")
    arguments = parser.parse_args()
    runs: dict[str, list[tuple[float, float]]] = {trouble: [] for trouble in TROUBLES}
    for turn in range(arguments.rounds):
        for trouble in (*TROUBLES[turn % len(TROUBLES) :], *TROUBLES[: turn % len(TROUBLES)]):
            runs[trouble].append(one_run(trouble, arguments.rate, arguments.seconds))
    medians = {
        name: (statistics.median(p50 for p50, _ in found), statistics.median(p99 for _, p99 in found))
        for name, found in runs.items()
    }
    base = medians["none"]
    rows = []
    for name, (p50, p99) in medians.items():
        row = {"trouble": name, "p50_ms": p50 * 1000, "p99_ms": p99 * 1000, "p50_ratio": p50 / base[0],
               "p99_ratio": p99 / base[1]}  # fmt: skip
        rows.append(row)
        sys.stdout.write(
            f"{name:16} p50 {row['p50_ms']:7.1f} ms  p99 {row['p99_ms']:7.1f} ms  "
            f"ratio p50 {row['p50_ratio']:.2f}  p99 {row['p99_ratio']:.2f}\n"
        )
    if arguments.json:
        each = {name: [[p50 * 1000, p99 * 1000] for p50, p99 in found] for name, found in runs.items()}
        settings = {"rate": arguments.rate, "seconds": arguments.seconds, "rounds": arguments.rounds}
        arguments.json.write_text(json.dumps({"settings": settings, "medians": rows, "rounds_ms": each}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
