"""From an event to the delivery topic, at half of the maximum rate: ``python benchmarks/latency.py --json OUT``.

Ingest and detect run as two processes on Apache Kafka with the clock of the wall and the settings of production
(`merge_wait` 250 ms, `flush` 100 ms). Live, an account has one event in a message and not many, so the maximum is
measured with a backlog of that shape: 16,000 accounts, so that a full message holds an event of each. Then events
dated now come at half of that rate; one in 200 is a billing limit that is hit, which is a signal at once. The time is
taken from before it is handed to the producer until a reader of the deliveries topics has it.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec
from benchmarks.load import EVENTS_A_DAY, SharedInputs, apache_kafka, create_inputs, fill, history, say, write_json
from benchmarks.whole_path import run_ours, running
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from signals.streams.topics import SINKS, partition_for

P50_S, P99_S = 0.6, 2.0
"""What the issue asks for."""
ONE_HIT_IN = 200
TICK_S = 0.02
WARM_UP_S = 5.0
"""Of each run, not measured: the first messages meet processes that have just started."""


class Reader(threading.Thread):
    """Notes when an account's first delivery came."""

    def __init__(self, bootstrap: str, topics: SharedInputs) -> None:
        super().__init__(daemon=True)
        self.came: dict[str, float] = {}
        self.ready, self.stop = threading.Event(), threading.Event()
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False, "fetch.wait.max.ms": 5}
        )
        self._places = [
            TopicPartition(topics.deliveries(sink), number, OFFSET_END)
            for sink in SINKS
            for number in range(topics.partitions)
        ]

    def run(self) -> None:
        """Read until told to stop."""
        self._consumer.assign(self._places)
        self._consumer.poll(2.0)
        self.ready.set()
        while not self.stop.is_set():
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                self.came.setdefault((message.key() or b"").decode(), time.perf_counter())
        self._consumer.close()


def send(bootstrap: str, topics: SharedInputs, accounts: int, rate: float, seconds: float) -> dict[str, float]:
    """Send events dated now at *rate* a second; return when each limit hit was handed over."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    names = [f"org-{number:06d}" for number in range(accounts)]
    homes = [partition_for(name, topics.partitions) for name in names]
    encode = msgspec.json.Encoder().encode
    sent: dict[str, float] = {}
    begun, count = time.perf_counter(), 0
    while (now_s := time.perf_counter()) < begun + seconds:
        for number in range(count, int((now_s - begun) * rate)):
            hit = number % ONE_HIT_IN == 0
            index = len(sent) if hit else number % accounts  # no two hits are of one account
            name, at = names[index], datetime.now(UTC).isoformat()
            value: dict[str, object] = {"kind": "user_acted", "org_id": name, "at": at}
            if hit:
                value |= {"kind": "billing_limit_hit", "product": "product_analytics"}
                sent[name] = time.perf_counter()
            else:
                value |= {"person_id": f"p{number % 9}", "action": "insight created"}
            producer.produce(topics.input("billing" if hit else "usage"), encode(value), name, homes[index])
            count = number + 1
        producer.poll(0)
        time.sleep(TICK_S)
    producer.flush()
    return {name: at for name, at in sent.items() if at > begun + WARM_UP_S}


def measure(bootstrap: str, topics: SharedInputs, accounts: int, rate: float, seconds: float) -> list[float]:
    """Return the seconds from each hit to its delivery, in order.

    Raises
    ------
    RuntimeError
        A delivery did not come.
    """
    create_inputs(bootstrap, topics)
    with running(bootstrap, topics, "wall"):
        reader = Reader(bootstrap, topics)
        reader.start()
        reader.ready.wait()
        sent = send(bootstrap, topics, accounts, rate, seconds + WARM_UP_S)
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline and not sent.keys() <= reader.came.keys():
            time.sleep(0.1)
        reader.stop.set()
        reader.join()
        if missing := sent.keys() - reader.came.keys():
            raise RuntimeError(f"{len(missing)} of {len(sent)} signals were not delivered")
        return sorted(reader.came[name] - at for name, at in sent.items())


def main() -> int:
    """Run and print; return the exit code: 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=16_000)
    parser.add_argument("--rate", type=float, help="events a second; default: half of the maximum, measured first")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bootstrap", help="host:port of a broker that is up; default: Apache Kafka of its own")
    parser.add_argument("--json", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    partitions, accounts = arguments.partitions, arguments.accounts
    middles, tails = [], []
    with apache_kafka(arguments.bootstrap) as bootstrap:
        rate = arguments.rate
        if rate is None:
            backlog = SharedInputs(partitions, f"most-{os.getpid()}.", f"most-{os.getpid()}-in.")
            create_inputs(bootstrap, backlog)
            fill(bootstrap, backlog, history(accounts, 1))
            most = run_ours(bootstrap, backlog, accounts * EVENTS_A_DAY, 600)
            say(f"maximum with one event of an account in a message: {most:,.0f} events/s")
            rate = most / 2
        for run in range(1, arguments.runs + 1):
            prefix = f"live{run}-{os.getpid()}"
            topics = SharedInputs(partitions, f"{prefix}.", f"{prefix}-in.")
            times = measure(bootstrap, topics, accounts, rate, arguments.seconds)
            middles.append(statistics.median(times))
            tails.append(times[int(len(times) * 0.99)])
            say(f"run {run}: p50 {middles[-1]:.3f}, p99 {tails[-1]:.3f} s, {len(times)} signals, {rate:,.0f} events/s")
    middle, tail = statistics.median(middles), statistics.median(tails)
    say(f"event to delivery topic: p50 {middle:.2f} s (wanted: {P50_S:g}), p99 {tail:.2f} s (wanted: {P99_S:g})")
    write_json(arguments.json, {"rate": rate, "p50": middles, "p99": tails})
    return 0 if middle <= P50_S and tail <= P99_S else 1


if __name__ == "__main__":
    sys.exit(main())
