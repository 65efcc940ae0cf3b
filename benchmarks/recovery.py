"""SIGKILL a detect worker that holds 100,000 accounts and measure until its partitions are served again.

Three cases, each on topics of its own with the same stored accounts, on Apache Kafka (``SIGNALS_KAFKA``, else one is
started):

``restart``   one worker with everything, killed and started again at once as the same static member;
``moved``     two workers, one killed and not started again: the other reads the changelog of its partitions;
``standby``   the same with ``--standby``: the other already holds a copy.

*Served* is when a message written after the kill is in the changelog, for every partition. A partition moves only when
the broker has given up on its owner, so ``moved`` and ``standby`` contain the session time-out (``--session``).

The accounts are real: a simulated company goes through the engine, and its accounts are stored under many names.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from signals.backtest.replay import replay
from signals.domain.account.state import Account
from signals.domain.events.usage import UserActed
from signals.domain.signal import Position
from signals.domain.update import AccountUpdates, Arrival
from signals.engine.step import step
from signals.ingest.lines import read_files
from signals.settings.load import load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import write_files
from signals.simulator.settings import SimulationSettings
from signals.streams import codec
from signals.streams.admin import create_topics
from signals.streams.faust_app import DetectRole
from signals.streams.tables import changelog_topic
from signals.streams.topics import Topics, partition_for
from signals.streams.worker import run_detect
from signals.telemetry.detect_meter import DetectMetrics
from signals.wiring.catalogue import catalogue_of
from signals.wiring.kafka import decoder_of
from signals.wiring.policy import policy_of
from signals.wiring.roles import process_metrics

ROOT = Path(__file__).parent.parent
PARTITIONS = 8
MEMBERS = ("a", "b")
DEADLINE_S = 180.0
LEAST_BYTES = 1500
POLL_S = 0.05
"""How often the changelog's ends are asked for: the resolution of every figure."""


def real_accounts(least_bytes: int) -> list[Account]:
    """Return the accounts of a simulated company that take at least *least_bytes* as stored."""
    configuration = load_configuration(None, {})
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(simulate(SimulationSettings(accounts=60, days=120)), Path(folder))
        result = replay(
            read_files((files.events_path,), partitions=PARTITIONS),
            decoder=decoder_of(configuration),
            catalogue=catalogue_of(configuration),
            policy=policy_of(configuration.settings),
        )
    return [one for one in result.accounts.values() if len(codec.encode_account(one)) >= least_bytes]


class Bench:
    """Topics with stored accounts on one broker, and the workers that serve them."""

    def __init__(self, bootstrap: str, accounts: int, session_s: float, log: Path) -> None:
        self.bootstrap, self.accounts, self.session_s, self.log = bootstrap, accounts, session_s, log
        self.topics = Topics(partitions=PARTITIONS, prefix=f"recovery-{os.getpid()}-{time.monotonic_ns()}-")
        self.changelog = [TopicPartition(changelog_topic(self.topics), n) for n in range(PARTITIONS)]
        self.one_of_each: dict[int, Account] = {}
        self.sizes: list[int] = []
        self.workers: dict[str, subprocess.Popen[str]] = {}

    async def fill(self, models: Sequence[Account]) -> None:
        """Create the topics and store the accounts as a worker would have."""
        await create_topics(self.bootstrap, self.topics, replication=1)
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=20, max_batch_size=512 * 1024)
        await producer.start()
        try:
            for number in range(self.accounts):
                account = msgspec.structs.replace(models[number % len(models)], org_id=f"org-{number:06}")
                value, at = codec.encode_account(account), partition_for(account.org_id, PARTITIONS)
                self.one_of_each.setdefault(at, account)
                self.sizes.append(len(value))
                await producer.send(changelog_topic(self.topics), value, key=account.org_id.encode(), partition=at)
            await producer.flush()
        finally:
            await producer.stop()

    def start(self, member: str, *, standbys: int) -> None:
        """Start a worker as a static member."""
        options = {
            "bootstrap": self.bootstrap, "prefix": self.topics.prefix, "member": member, "standbys": standbys,
            "session_s": self.session_s,
        }  # fmt: skip
        with self.log.open("a") as errors:
            self.workers[member] = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, __file__, "--worker", json.dumps(options)], stdout=subprocess.PIPE, stderr=errors,
                text=True,
            )  # fmt: skip

    async def wait_ready(self, member: str) -> None:
        """Return when a worker has said that it serves."""
        out = self.workers[member].stdout
        word = await asyncio.wait_for(asyncio.to_thread(out.readline), DEADLINE_S) if out is not None else ""
        if word.strip() != "ready":
            raise RuntimeError(f"worker {member} ended with {self.workers[member].poll()}, see {self.log}")

    def kill(self, member: str) -> None:
        """End a worker as a crash would."""
        self.workers[member].kill()
        self.workers.pop(member).wait()

    def end(self) -> None:
        """Kill what still runs."""
        for member in list(self.workers):
            self.kill(member)

    async def served(self, number: int, kafka: AIOKafkaConsumer, since: float) -> dict[int, float]:
        """Write one message to each partition; return partition -> seconds from *since* until it was done."""
        before = await kafka.end_offsets(self.changelog)
        await self._write(number)
        done: dict[int, float] = {}
        while len(done) < PARTITIONS:
            if time.monotonic() > since + DEADLINE_S:
                raise RuntimeError(f"only partitions {sorted(done)} are served after {DEADLINE_S:g} s, see {self.log}")
            await asyncio.sleep(POLL_S)
            for one, end in (await kafka.end_offsets(self.changelog)).items():
                if end > before[one]:
                    done.setdefault(one.partition, time.monotonic() - since)
        return done

    async def _write(self, number: int) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            for partition, account in self.one_of_each.items():
                at = account.clock + timedelta(seconds=number)
                event = UserActed(org_id=account.org_id, at=at, person_id="someone", action="insight created")
                arrival = Arrival(Position(1, "usage", partition, 10**9 + number), at, event)
                message = AccountUpdates(partition=partition, reached=at, packs={account.org_id: (arrival,)})
                await producer.send(self.topics.account_updates, codec.encode_updates(message), partition=partition)
            await producer.flush()
        finally:
            await producer.stop()

    def peak_mb(self) -> float:
        """Return the most memory any living worker ever had, in MB."""
        peaks = []
        for worker in self.workers.values():
            status = Path(f"/proc/{worker.pid}/status").read_text()
            peaks += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        return max(peaks)


async def measure(case: str, bench: Bench, models: Sequence[Account]) -> dict[str, Any]:
    """Run one case and return its figures; the workers are gone afterwards."""
    members = MEMBERS[:1] if case == "restart" else MEMBERS
    kafka = AIOKafkaConsumer(bootstrap_servers=bench.bootstrap)
    await kafka.start()
    try:
        await bench.fill(models)
        for member in members:
            bench.start(member, standbys=1 if case == "standby" else 0)
        for member in members:
            await bench.wait_ready(member)
        await bench.served(1, kafka, time.monotonic())  # settled: nobody is rebalancing
        if case == "standby":
            await asyncio.sleep(STANDBY_SETTLES_S)
        killed_at = time.monotonic()
        bench.kill("a")
        if case == "restart":
            bench.start("a", standbys=0)
        done = await bench.served(2, kafka, killed_at)
        return {
            "case": case,
            "served_s": round(max(done.values()), 2),
            "after_session_s": round(max(done.values()) - (0 if case == "restart" else bench.session_s), 2),
            "peak_mb": round(bench.peak_mb()),
            "accounts": bench.accounts,
            "stored_bytes_median": statistics.median(bench.sizes),
        }
    finally:
        bench.end()
        await kafka.stop()


STANDBY_SETTLES_S = 15.0
# A standby reads its copy behind the others' backs; nobody says when it is done.


async def work(options: dict[str, Any]) -> None:
    """Be a detect worker with the real engine until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    configuration = load_configuration(None, {})
    role = DetectRole(
        bootstrap=options["bootstrap"],
        topics=Topics(partitions=PARTITIONS, prefix=options["prefix"]),
        instance=options["member"],
        session=timedelta(seconds=options["session_s"]),
        standbys=options["standbys"],
    )
    engine = partial(step, catalogue=catalogue_of(configuration), policy=policy_of(configuration.settings))

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    await run_detect(role, engine, DetectMetrics(process_metrics()), stop=stop, ready=ready)


@contextmanager
def kafka_of_our_own() -> Iterator[str]:
    """Yield the address of Apache Kafka: the one given, else one for this run."""
    if given := os.environ.get("SIGNALS_KAFKA"):
        yield given
        return
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"KAFKA_STATE": state, "KAFKA_PORT": "0"}
        up = subprocess.run(  # noqa: S603  # our own script
            [ROOT / "deploy/kafka/up.sh"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        try:
            yield up.stdout.strip()
        finally:
            subprocess.run([ROOT / "deploy/kafka/down.sh", "--delete"], env=environment, check=False)  # noqa: S603


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--session", type=float, default=6.0, help="session time-out in seconds")
    parser.add_argument("--runs", type=int, default=1, help="of each case; medians are printed")
    parser.add_argument("--standby", action="store_true", help="only the case with a standby")
    parser.add_argument("--case", choices=("restart", "moved", "standby"), action="append")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "recovery-workers.log")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        asyncio.run(work(json.loads(arguments.worker)))
        return 0
    cases = ["standby"] if arguments.standby else arguments.case or ["restart", "moved", "standby"]
    arguments.log.unlink(missing_ok=True)
    models = real_accounts(LEAST_BYTES)
    rows = []
    with kafka_of_our_own() as bootstrap:
        for case in cases:
            for _ in range(arguments.runs):
                bench = Bench(bootstrap, arguments.accounts, arguments.session, arguments.log)
                rows.append(asyncio.run(measure(case, bench, models)))
                print_row(rows[-1])
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"session_s": arguments.session, "runs": rows}, indent=2) + "\n")
    return 0


def print_row(row: dict[str, Any]) -> None:
    """Print one run."""
    sys.stdout.write(
        f"{row['case']:8} served {row['served_s']:6.2f} s after SIGKILL ({row['after_session_s']:.2f} s without the "
        f"session), peak {row['peak_mb']} MB; {row['accounts']:,} accounts of {row['stored_bytes_median']:g} bytes\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
