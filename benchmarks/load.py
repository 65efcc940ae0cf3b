"""What the benchmarks on Kafka share: a broker, a history, topics filled with it, and medians with their spread."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, InputTopic
from signals.streams.topics import Topics, partition_for

ROOT = Path(__file__).parent.parent

EVENTS_A_DAY = 10
"""Per account: what the issue's figures are for."""

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, so that weeks of the history are calendar weeks."""

JUMP_DAY, LIMIT_DAY = 36, 20
ONE_IN = 50
"""Accounts per planted finding: one in so many jumps tenfold, declines, or reaches its limit."""


@contextmanager
def apache_kafka(bootstrap: str | None) -> Iterator[str]:
    """Give the address of a broker: the one named, or Apache Kafka started for this run and deleted after it."""
    if bootstrap is not None:
        yield bootstrap
        return
    with tempfile.TemporaryDirectory(prefix="signals-bench-") as folder:
        environment = os.environ | {"KAFKA_STATE": f"{folder}/kafka", "KAFKA_PORT": "0"}
        up = subprocess.run(  # noqa: S603  # our own script
            [ROOT / "deploy/kafka/up.sh"], env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if up.returncode != 0:
            raise SystemExit(up.returncode)
        try:
            yield up.stdout.strip()
        finally:
            subprocess.run([ROOT / "deploy/kafka/down.sh", "--delete"], env=environment, check=False)  # noqa: S603


@dataclass(frozen=True)
class Event:
    """One input record."""

    topic: InputTopic
    key: str
    value: bytes


def history(accounts: int, days: int, *, since: int = 0) -> Iterator[Event]:
    """Yield ten events per account and day, in order of time, about 150 bytes of JSON each.

    Per day: three usage reports (the last counts), five acts of people, one spend report, one touch or, for one account
    in fifty on one day, a billing limit hit. One in fifty jumps twentyfold for a day; one in fifty declines each week;
    all others go up and down by week. *since*: leave out the days before.
    """
    rng = Random(7)  # noqa: S311 - to be repeated, not to be secret
    names = [f"org-{number:06d}" for number in range(accounts)]
    base = [rng.randrange(2_000, 6_000) for _ in names]
    slots = [_acted, _reported, _acted, _touched, _reported, _acted, _spent, _acted, _reported, _acted]
    width = timedelta(days=1) / len(slots)
    encode = msgspec.json.Encoder().encode
    for day in range(since, days):
        for slot, make in enumerate(slots):
            begin = BEGIN + timedelta(days=day) + slot * width
            for number, name in enumerate(names):
                topic, kind, fields = make(number, day, slot, base[number])
                at = (begin + number * width / accounts).isoformat(timespec="milliseconds")
                yield Event(topic, name, encode({"kind": kind, "org_id": name, "at": at, **fields}))


Made = tuple[InputTopic, str, dict[str, object]]


def _acted(number: int, day: int, slot: int, base: int) -> Made:
    del day, base
    return "usage", "user_acted", {"person_id": f"p{(number + slot) % 9}", "action": "insight created"}


def _reported(number: int, day: int, slot: int, base: int) -> Made:
    week = day // 7
    units = base * (1.0 - 0.06 * week if number % ONE_IN == 1 else 1.0 + 0.05 * (week % 2))
    if number % ONE_IN == 0 and day == JUMP_DAY:
        units *= 20
    units *= (slot + 1) / 10  # reports grow over the day
    volumes = {"product_analytics": int(units), "session_replay": int(units / 8), "feature_flags": int(units / 3)}
    return "usage", "usage_reported", {"day": (BEGIN + timedelta(days=day)).date().isoformat(), "volumes": volumes}


def _touched(number: int, day: int, slot: int, base: int) -> Made:
    del slot, base
    if number % ONE_IN == 2 and day == LIMIT_DAY:
        return "billing", "billing_limit_hit", {"product": "product_analytics"}
    return "crm", "touch_logged", {"medium": "chat", "direction": "inbound"}


def _spent(number: int, day: int, slot: int, base: int) -> Made:
    del number, day, slot
    return "billing", "spend_reported", {"mrr": f"{base / 4:.2f}"}


@dataclass(frozen=True)
class SharedInputs(Topics):
    """Topics of one run, whose inputs are those of other runs, too: they are filled once."""

    inputs: str = "bench."

    def input(self, topic: InputTopic) -> str:
        """Return the physical name of an input topic."""
        return f"{self.inputs}{topic}.events.v1"


def create(bootstrap: str, names: Sequence[str], partitions: int, **settings: str) -> None:
    """Make topics and wait for them."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    made = admin.create_topics([NewTopic(name, partitions, 1, config=settings) for name in names])
    for future in made.values():
        future.result()


def drop(bootstrap: str, names: Sequence[str]) -> None:
    """Delete topics."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.delete_topics(list(names)).values():
        future.result()


def create_inputs(bootstrap: str, topics: Topics) -> None:
    """Make the input topics."""
    create(bootstrap, [topics.input(topic) for topic in INPUT_TOPICS], topics.partitions)
    create(bootstrap, [topics.input(BROADCAST)], 1)


def fill(bootstrap: str, topics: Topics, events: Iterator[Event], compression: str = "none") -> int:
    """Put *events* on the input topics, in order, each on its account's partition; return how many they were."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 50, "batch.size": 262_144,
            "compression.type": compression, "queue.buffering.max.messages": 200_000,
        }
    )  # fmt: skip
    homes: dict[str, int] = {}
    names = {topic: topics.input(topic) for topic in INPUT_TOPICS}
    count = 0
    for event in events:
        home = homes.get(event.key)
        if home is None:
            home = homes[event.key] = partition_for(event.key, topics.partitions)
        while True:
            try:
                producer.produce(names[event.topic], event.value, event.key, home)
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
    producer.flush()
    return count


def in_process(work: Callable[..., Any], *arguments: object) -> Any:
    """Run *work* in a fresh process of its own and return what it returns; raises when it does."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


@dataclass(frozen=True)
class Figures:
    """One program's runs."""

    name: str
    rates: list[float]
    """Events a second, one per run."""

    @property
    def median(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)

    def line(self, events: int) -> str:
        """Return a line of the table."""
        return (
            f"{self.name:<46}{self.median:>10,.0f} events/s  {1e6 / self.median:>7.2f} us/event"
            f"   ({min(self.rates):,.0f} to {max(self.rates):,.0f}, {len(self.rates)} runs of {events:,})"
        )


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_json(path: Path | None, found: dict[str, object]) -> None:
    """Write the figures for machines, if asked to."""
    if path is not None:
        path.write_text(json.dumps(found, indent=1) + "\n")
