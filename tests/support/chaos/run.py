"""One run: start everything, let the history flow while faults happen, mend, drain, stop, compare."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from signals.domain.events.kinds import INPUT_TOPICS
from signals.ingest.config import IngestSettings
from signals.settings.load import Configuration, Secrets, parse_settings
from signals.streams.admin import check_topics, create_topics
from signals.streams.deliver import deliver_group
from signals.streams.tables import detect_group
from signals.streams.topics import SINKS, Topics
from signals.wiring.policy import topics_of
from support.chaos import verdict
from support.chaos.cluster import Cluster
from support.chaos.crew import CAN_SKEW, Worker
from support.chaos.faults import KINDS, ROLES, Kind, Scene, inject, schedule
from support.chaos.history import Feed, expected_of, make_history, read_inputs, read_topic
from support.chaos.links import Links
from support.chaos.services import SECRETS, Services

MEMBERS, GUEST = ("one", "two"), "three"
BROKERS = 3
POLL_S = 0.5
MUST_HAVE = ("signal-events", "signal-state", "slack cards", "crm tasks", "webhook calls")
"""A run in which none of these was due proves nothing; a short history may hold nothing back."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to do.

    Parameters
    ----------
    faults, every_s, at_once
        How many, one begun each so many seconds, and how many may be under way together.
    accounts, days
        Of the simulated company.
    sink_faults
        Share of the calls to services that go wrong.
    drain_s
        Most time from the last fault and the last record to the end of all work.
    kinds
        Names of kinds to draw from; empty: all.
    """

    faults: int = 300
    seed: int = 1
    every_s: float = 4.0
    at_once: int = 4
    accounts: int = 120
    days: int = 120
    partitions: int = 4
    merge_wait: str = "250ms"
    sink_faults: float = 0.06
    drain_s: float = 300.0
    kinds: tuple[str, ...] = ()
    sabotage: str = ""


@dataclass
class Outcome:
    """What happened and what came of it."""

    plan: Plan
    records: int = 0
    took_s: float = 0.0
    drained: bool = False
    left: dict[str, int] = field(default_factory=dict)
    """What was not done when time was up, by stage."""
    faults: Counter[str] = field(default_factory=Counter)
    fault_log: list[tuple[float, str, str]] = field(default_factory=list)
    sink_faults: dict[str, Counter[str]] = field(default_factory=dict)
    exits: dict[str, Counter[str]] = field(default_factory=dict)
    """How processes ended, by role."""
    inputs: int = 0
    """Records on the input topics."""
    feed_retries: int = 0
    counts: dict[str, verdict.Count] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing is lost, extra, wrong or doubled, and there was something to be right about."""
        something = all(name in self.counts and self.counts[name].expected > 0 for name in MUST_HAVE)
        return self.drained and something and all(count.clean for count in self.counts.values())


async def run(plan: Plan, folder: Path, say: Say) -> Outcome:
    """Do one run; *folder* keeps the logs."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of this process: brokers go away, which is the point
    outcome, names = Outcome(plan), [f"{role}-{member}" for role in ROLES for member in (*MEMBERS, GUEST)]
    begun = time.monotonic()
    history = make_history(plan.accounts, plan.days, plan.seed, plan.partitions)
    outcome.records = history.size
    async with AsyncExitStack() as stack:
        cluster = Cluster(folder / "kafka", BROKERS, names)
        stack.push_async_callback(cluster.down)
        await cluster.up()
        services = await stack.enter_async_context(Services(plan.seed, plan.sink_faults))
        settings = _settings(plan, services)
        configuration = Configuration(
            parse_settings(settings.replace("{bootstrap}", cluster.bootstrap), "chaos"),
            Secrets.read(SECRETS),
        )
        topics, kafka = topics_of(configuration.settings), configuration.settings.kafka
        await create_topics(cluster.bootstrap, topics, replication=kafka.replication, min_insync=kafka.copies_needed)
        wrong = await check_topics(cluster.bootstrap, topics, replication=BROKERS, min_insync=BROKERS - 1)
        assert not wrong, wrong
        say(f"{BROKERS} brokers, {len(list(topics.all()))} topics; {history.size} records of {plan.accounts} accounts")

        scene = await _scene(plan, folder, cluster, services, settings, stack)
        for worker in scene.workers.values():
            worker.start()
        await _serving(cluster.bootstrap, topics)
        scene.begun = time.monotonic()
        feed = Feed(history, cluster.bootstrap, topics, rate=history.size / (plan.faults * plan.every_s))
        telling = asyncio.create_task(_tell(say, scene, feed, plan))
        stack.callback(telling.cancel)
        async with asyncio.TaskGroup() as both:
            both.create_task(feed.run())
            both.create_task(inject(scene, _kinds(plan), plan.every_s, plan.at_once))
        telling.cancel()
        services.mend()
        say("all faults done and mended; draining")
        outcome.left = await _drained(cluster.bootstrap, topics, plan.drain_s, say)
        outcome.drained = not any(outcome.left.values())
        workers = [*scene.workers.values(), *scene.guests.values()]
        await asyncio.gather(*(worker.stop() for worker in workers))

        outcome.faults, outcome.fault_log, outcome.feed_retries = scene.done, scene.log, feed.retries
        outcome.sink_faults = {name: dice.thrown for name, dice in services.dice.items()}
        for role in ROLES:
            outcome.exits[role] = sum((one.exits for one in workers if one.role == role), Counter())
        inputs = await read_inputs(cluster.bootstrap, topics)
        outcome.inputs = len(inputs)
        found, watch = verdict.Expectation.watcher()
        expectation = verdict.Expectation(expected_of(inputs, configuration, history.end, watch), found)
        outcome.counts = await _counts(cluster.bootstrap, topics, expectation, services, configuration)
    outcome.took_s = time.monotonic() - begun
    return outcome


def _settings(plan: Plan, services: Services) -> str:
    return (
        f'kafka: {{bootstrap: "{{bootstrap}}", partitions: {plan.partitions}, replication: {BROKERS}}}\n'
        f"time: {{source: input, merge_wait: {plan.merge_wait}}}\n" + services.settings()
    )


async def _scene(
    plan: Plan, folder: Path, cluster: Cluster, services: Services, settings: str, stack: AsyncExitStack
) -> Scene:
    """Return the scene with every link open and no worker started."""
    secrets = SECRETS | ({"SABOTAGE": plan.sabotage} if plan.sabotage else {})
    found: dict[str, Worker] = {}
    for role in ROLES:
        for member in (*MEMBERS, GUEST):
            name = f"{role}-{member}"
            links = Links(cluster.doors(name))
            await links.start()
            stack.push_async_callback(links.stop)
            found[name] = worker = Worker(
                role, member, links, folder, settings, secrets, Random(f"{plan.seed} {name}"),  # noqa: S311
            )  # fmt: skip
            stack.push_async_callback(worker.stop)
    guests = {role: found.pop(f"{role}-{GUEST}") for role in ROLES}
    return Scene(found, guests, cluster, services, Random(f"{plan.seed} faults"))  # noqa: S311


def _kinds(plan: Plan) -> list[Kind]:
    possible = tuple(
        kind
        for kind in KINDS
        if (not plan.kinds or kind.name in plan.kinds) and (kind.name != "clock skewed" or CAN_SKEW)
    )
    return schedule(plan.faults, Random(f"{plan.seed} schedule"), possible)  # noqa: S311


async def _tell(say: Say, scene: Scene, feed: Feed, plan: Plan) -> None:
    while True:
        await asyncio.sleep(20)
        seconds = time.monotonic() - scene.begun
        say(f"{seconds:5.0f} s: {scene.done.total()} of {plan.faults} faults, {feed.sent} records sent")


def groups(topics: Topics) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the stages in order: group and the topics it reads."""
    ingest = IngestSettings(bootstrap="", topics=topics).group_id
    return {
        "ingest": (ingest, tuple(topics.input(topic) for topic in INPUT_TOPICS)),
        "detect": (detect_group(topics), (topics.account_updates,)),
        **{sink: (deliver_group(topics, sink), (topics.deliveries(sink),)) for sink in SINKS},
    }


async def _lag(bootstrap: str, topics: Topics, stage: str) -> int:
    """Return how many records a stage has not committed yet; -1: it has committed nothing."""
    group, names = groups(topics)[stage]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        places = [TopicPartition(name, number) for name in names for number in range(topics.partitions)]
        ends = await consumer.end_offsets(places)
        committed = {place: await consumer.committed(place) for place in places}
        if all(offset is None for offset in committed.values()):
            return -1
        return sum(ends[place] - (committed[place] or 0) for place in places)
    finally:
        await consumer.stop()


async def _serving(bootstrap: str, topics: Topics) -> None:
    """Return when ingest has its partitions: it commits where it starts."""
    async with asyncio.timeout(60):
        while await _lag(bootstrap, topics, "ingest") < 0:  # noqa: ASYNC110  # it is other processes we wait for
            await asyncio.sleep(POLL_S)


async def _drained(bootstrap: str, topics: Topics, most_s: float, say: Say) -> dict[str, int]:
    """Wait until every stage has done what the one before it gave; return what is left when time is up."""
    deadline, told = time.monotonic() + most_s, time.monotonic()
    left = dict.fromkeys(groups(topics), -1)
    while time.monotonic() < deadline:
        for stage in left:
            try:
                left[stage] = await _lag(bootstrap, topics, stage)
            except KafkaError:
                left[stage] = -1  # a coordinator moves; asked again
            if left[stage]:
                break  # the later ones have not seen all yet
        else:
            return left
        if time.monotonic() - told > 20:
            say(f"left: {left}")
            told = time.monotonic()
        await asyncio.sleep(POLL_S)
    return left


async def _counts(
    bootstrap: str, topics: Topics, expectation: verdict.Expectation, services: Services, configuration: Configuration
) -> dict[str, verdict.Count]:
    async def values(name: str) -> list[bytes]:
        return [one.value for one in await read_topic(bootstrap, name, topics.partitions) if one.value is not None]

    state = await read_topic(bootstrap, topics.signal_state, topics.partitions)
    letters, undelivered = verdict.dead_letters(expectation, await values(topics.dead_letters))
    return {
        "signal-events": verdict.transitions(expectation, await values(topics.signal_events)),
        "signal-state": verdict.states(expectation, [(one.key or b"", one.value) for one in state]),
        "suppressions": verdict.suppressions(expectation, await values(topics.suppressions)),
        "dead letters": letters,
        "deliveries given up": undelivered,
        **verdict.sink_counts(expectation, services, configuration),
    }


def as_json(outcome: Outcome) -> bytes:
    """Return everything of an outcome."""
    said: dict[str, Any] = msgspec.to_builtins(outcome)
    return msgspec.json.format(msgspec.json.encode(said | {"clean": outcome.clean}))
