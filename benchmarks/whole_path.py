"""The whole path on Apache Kafka beside Faust and Quix Streams: ``python benchmarks/whole_path.py --json OUT``.

A backlog lies on the input topics; each program reads it, keeps a state per account, finds the same three signals
(`usage_jump_10x`, `billing_limit_hit`, `ew_usage_declining_4w`) and writes them to a topic, on the same broker, in
turns: ours as one ingest and one detect process, a peer as `--workers` processes of one group. A rate is taken from
when the backlog can be read to the last event done. All must find the same signals. The peers get the same history of
fewer accounts, because they would take all day; an account's state is as large as it is for all.

Quix Streams lives in an environment of its own, which this makes in ``--quix`` when it is not there.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec
from benchmarks.ingest_kafka import RealClock
from benchmarks.load import (
    EVENTS_A_DAY,
    ONE_IN,
    ROOT,
    Figures,
    SharedInputs,
    apache_kafka,
    create,
    create_inputs,
    fill,
    history,
    say,
    write_json,
)
from benchmarks.peers.progress import Done
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from prometheus_client import CollectorRegistry

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.account.state import Account
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.step import step as engine_step
from signals.engine.stepped import Stepped, Tally
from signals.ingest.combine import CombineLimits
from signals.ingest.config import IngestSettings
from signals.ingest.worker import IngestWorker
from signals.settings.load import load_configuration
from signals.settings.model import TimeSettings
from signals.streams.admin import create_topics
from signals.streams.faust_app import DetectRole
from signals.streams.worker import run_detect
from signals.telemetry.detect_meter import DetectMetrics
from signals.telemetry.ingest_meter import IngestMetrics
from signals.telemetry.metrics import Metrics
from signals.wiring.catalogue import pack_sources
from signals.wiring.policy import policy_of
from signals.wiring.processes import settle_collector, stop_on_signals
from signals.wiring.roles import with_cause

RULES = ("usage_jump_10x", "billing_limit_hit", "ew_usage_declining_4w")
SETTLE_S = 10.0
"""Both peers rebalance within this after a start; it is not measured."""
ALONE_S = 4.0
"""The same for one worker: nobody joins later."""
FAUST_TIMES, QUIX_TIMES = 10.0, 2.0
"""What the issue asks for."""
PEERS = ROOT / "benchmarks/peers"


# --- Ours, in two processes -----------------------------------------------------------------------------------------


def ours(role: str, bootstrap: str, inputs: str, prefix: str, partitions: int, source: str) -> None:
    """Run one role until the process is told to end, with the rules that all programs have."""
    topics = SharedInputs(partitions, prefix, inputs)
    settle_collector()
    asyncio.run(_ingest(bootstrap, topics, source) if role == "ingest" else _detect(bootstrap, topics))


async def _ingest(bootstrap: str, topics: SharedInputs, source: str) -> None:
    flush = CombineLimits(interval=TimeSettings().flush)
    settings = IngestSettings(bootstrap, topics, time="wall" if source == "wall" else "input", combine=flush)
    worker = IngestWorker(settings, RealClock(), IngestMetrics(Metrics(CollectorRegistry())))
    async with stop_on_signals() as stop:
        task = asyncio.create_task(worker.run())
        await worker.ready.wait()
        tell("ready")
        await stop.wait()
        await worker.stop()
        await task


class Told(DetectMetrics):
    """The metrics of production, and the events done for the parent."""

    def __init__(self) -> None:
        super().__init__(Metrics(CollectorRegistry()))
        self.done = Done()

    def events(self, tally: Tally) -> None:
        """Count; a message's results are with the broker by now."""
        super().events(tally)
        self.done.events += tally.applied


def step_of(rules: Sequence[str]) -> Any:
    """Return the engine with these rules only."""
    configuration = load_configuration(None, {})
    loaded = [rule for rule in load_packs(pack_sources(configuration), names=VOCABULARY) if rule.id in rules]
    catalogue, policy = Catalogue(loaded, VOCABULARY), policy_of(configuration.settings)

    def step(
        account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        stepped = engine_step(account, org_id, arrivals, until=until, catalogue=catalogue, policy=policy)
        return with_cause(stepped, arrivals)

    return step


async def _detect(bootstrap: str, topics: SharedInputs) -> None:
    async with stop_on_signals() as stop:
        await run_detect(DetectRole(bootstrap, topics), step_of(RULES), Told(), stop=stop, ready=lambda: tell("ready"))


def tell(text: str) -> None:
    """Say a line to the parent."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# --- The parent ------------------------------------------------------------------------------------------------------


class Fleet:
    """Processes of one program, and how far they are."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []
        self._done: dict[int, int] = {}
        self._changed = threading.Condition()
        self.ready = 0
        self.last_s = 0.0

    @property
    def done(self) -> int:
        """Events done by all."""
        return sum(self._done.values())

    def start(self, *command: str) -> None:
        """Start one process and listen to it."""
        process = subprocess.Popen(  # noqa: S603  # programs of ours
            command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT
        )
        self._processes.append(process)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            word, _, rest = line.strip().partition(" ")
            with self._changed:
                if word == "ready":
                    self.ready += 1
                elif word == "done":
                    self._done[process.pid] = int(rest)
                    self.last_s = time.perf_counter()
                self._changed.notify_all()

    def wait_for(self, reached: Any, seconds: float) -> None:
        """Wait until *reached* holds of this fleet."""
        deadline = time.perf_counter() + seconds
        with self._changed:
            while not reached(self):
                self._changed.wait(1.0)
                ended = [process.args for process in self._processes if process.poll() is not None]
                if ended or time.perf_counter() > deadline:
                    raise RuntimeError(f"{ended} ended" if ended else f"{self.done} done after {seconds:.0f} s")

    def stop(self) -> None:
        """End every process, in order if it can."""
        for process in self._processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def running(bootstrap: str, topics: SharedInputs, source: str = "input") -> Iterator[Fleet]:
    """Run ingest and detect on *topics*; both are ready."""
    asyncio.run(create_topics(bootstrap, topics, replication=1))
    fleet, own = Fleet(), (sys.executable, str(Path(__file__).with_name("whole_path.py")), "--child")
    told = (bootstrap, topics.inputs, topics.prefix, str(topics.partitions), source)
    try:
        fleet.start(*own, "detect", *told)
        fleet.wait_for(lambda fleet: fleet.ready == 1, 60)
        fleet.start(*own, "ingest", *told)
        fleet.wait_for(lambda fleet: fleet.ready == 2, 60)
        yield fleet
    finally:
        fleet.stop()


def run_ours(bootstrap: str, topics: SharedInputs, events: int, patience_s: float) -> float:
    """Return our rate, in events a second."""
    with running(bootstrap, topics) as fleet:
        begun = time.perf_counter()  # earlier than the first event done: ingest works from here on
        fleet.wait_for(lambda fleet: fleet.done >= events, patience_s)
        return events / (fleet.last_s - begun)


def run_peer(
    command: Sequence[str],
    accounts: int,
    days: int,
    bootstrap: str,
    prefix: str,
    partitions: int,
    patience_s: float,
    workers: int,
) -> float:
    """Return a peer's rate, in events a second.

    The backlog comes when both workers have done a first day and their group is at rest, so that no rebalance counts.
    """
    topics = SharedInputs(partitions, inputs=f"{prefix}in.")
    create_inputs(bootstrap, topics)
    create(bootstrap, [f"{prefix}alerts"], partitions)
    fleet, a_day = Fleet(), accounts * EVENTS_A_DAY
    settle_s = SETTLE_S if workers > 1 else ALONE_S
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(workers):
                fleet.start(*command, bootstrap, topics.inputs, prefix, str(partitions), f"{folder}/{number}")
            time.sleep(settle_s)
            fill(bootstrap, topics, history(accounts, 1))
            fleet.wait_for(lambda fleet: fleet.done >= a_day, 120)
            time.sleep(settle_s)
            begun = time.perf_counter()
            fill(bootstrap, topics, history(accounts, days, since=1))
            fleet.wait_for(lambda fleet: fleet.done >= a_day * days, patience_s)
            return a_day * (days - 1) / (fleet.last_s - begun)
        finally:
            fleet.stop()


def found(bootstrap: str, topic: str, partitions: int) -> set[tuple[str, str]]:
    """Return account and rule of every signal opened on a topic of ours or of a peer."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False})
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(partitions)]
    left = {place.partition: consumer.get_watermark_offsets(place)[1] for place in places}
    consumer.assign(places)
    signals: set[tuple[str, str]] = set()
    seen = 0
    while seen < sum(left.values()) and (message := consumer.poll(10.0)) is not None:
        record = msgspec.json.decode(message.value() or b"")
        seen += 1
        if record["change"] == "opened":
            signals.add((record["org_id"], record["rule"]))
    consumer.close()
    return signals


def planted(accounts: int) -> set[tuple[str, str]]:
    """Return what the history holds."""
    rules = {0: "usage_jump_10x", 1: "ew_usage_declining_4w", 2: "billing_limit_hit"}
    return {(f"org-{n:06d}", rules[n % ONE_IN]) for n in range(accounts) if n % ONE_IN in rules}


def quix_python(folder: Path) -> str:
    """Return the Python of Quix Streams' environment; make it when it is not there."""
    python = folder / "bin/python"
    if not python.exists():
        say(f"making {folder} for Quix Streams (benchmarks/peers/requirements.txt)")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603  # Python itself
        pip = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(PEERS / "requirements.txt")]
        subprocess.run(pip, check=True)  # noqa: S603  # as above
    return str(python)


def main() -> int:
    """Run and print; return the exit code: 1 when a ratio is missed or a program found something else."""
    if sys.argv[1:2] == ["--child"]:
        role, bootstrap, inputs, prefix, partitions, source = sys.argv[2:8]
        ours(role, bootstrap, inputs, prefix, int(partitions), source)
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=2_000, help="multiple of 50")
    parser.add_argument("--faust-accounts", type=int, default=100, help="multiple of 50; 0: without Faust")
    parser.add_argument("--quix-accounts", type=int, default=500, help="multiple of 50; 0: without Quix Streams")
    parser.add_argument("--days", type=int, default=50)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1, help="of a peer")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds for one run")
    parser.add_argument("--quix", type=Path, default=ROOT / "var/quix-venv", help="environment of Quix Streams")
    parser.add_argument("--bootstrap", help="host:port of a broker that is up; default: Apache Kafka of its own")
    parser.add_argument("--json", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    sizes = {"ours": arguments.accounts, "faust": arguments.faust_accounts, "quix": arguments.quix_accounts}
    sizes = {name: accounts for name, accounts in sizes.items() if accounts}
    python = {"faust": sys.executable, "quix": quix_python(arguments.quix) if "quix" in sizes else ""}
    rates: dict[str, list[float]] = {name: [] for name in sizes}
    partitions, right = arguments.partitions, True
    with apache_kafka(arguments.bootstrap) as bootstrap:
        big = SharedInputs(partitions, inputs=f"big-{os.getpid()}.")
        create_inputs(bootstrap, big)
        fill(bootstrap, big, history(arguments.accounts, arguments.days))
        for run in range(1, arguments.runs + 1):
            for name, accounts in sizes.items():
                prefix = f"{name}{run}-{os.getpid()}."
                if name == "ours":
                    events = accounts * arguments.days * EVENTS_A_DAY
                    rate = run_ours(bootstrap, SharedInputs(partitions, prefix, big.inputs), events, arguments.patience)
                else:
                    command = (python[name], str(PEERS / f"{name}_app.py"))
                    rate = run_peer(
                        command,
                        accounts,
                        arguments.days,
                        bootstrap,
                        prefix,
                        partitions,
                        arguments.patience,
                        arguments.workers,
                    )
                topic = f"{prefix}signal-events" if name == "ours" else f"{prefix}alerts"
                signals = found(bootstrap, topic, partitions)
                same = signals == planted(accounts)
                right = right and same
                rates[name].append(rate)
                verdict = "as planted" if same else f"WRONG: {sorted(signals ^ planted(accounts))[:6]}"
                say(f"run {run} {name}: {rate:,.0f} events/s; {len(signals)} signals, {verdict}")
    figures = {name: Figures(name, some) for name, some in rates.items()}
    for name, some in figures.items():
        say(some.line(sizes[name] * arguments.days * EVENTS_A_DAY))
    wanted = {"faust": FAUST_TIMES, "quix": QUIX_TIMES}
    ratios = {name: figures["ours"].median / figures[name].median for name in wanted if name in figures}
    for name, ratio in ratios.items():
        say(f"ours / {name}: {ratio:.1f} (wanted: {wanted[name]:g} or more)")
    write_json(arguments.json, {"accounts": sizes, "days": arguments.days, "rates": rates, "ratios": ratios})
    return 0 if right and all(ratio >= wanted[name] for name, ratio in ratios.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
