"""After an outage, over real topics: parts of two workers become one message."""

import asyncio
import time
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance

from signals.domain.ids import delivery_id
from signals.domain.signal import Delivery
from signals.sinks.delivery import Patience
from signals.streams import codec
from signals.streams.catch_up import CatchUp
from signals.streams.deliver import DeliverRole, run_deliver
from signals.streams.embedded_clients import accommodate
from signals.streams.sent_log import read_sent
from signals.streams.topics import partition_for
from support.catch_up_town import CHANNEL, Meter, signal
from support.detect_scene import Scene
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

pytestmark = pytest.mark.kafka

PARTITIONS = 4


async def produce(scene: Scene, count: int) -> None:
    """Write the openings of so many signals, hours old, each on its account's partition."""
    producer = AIOKafkaProducer(bootstrap_servers=scene.broker.bootstrap)
    await producer.start()
    for number in range(count):
        one = signal(number)
        due = Delivery(
            id=delivery_id(one.signal_id, 1, "slack", CHANNEL), sink="slack", destination=CHANNEL, transition=one
        )
        partition = partition_for(one.org_id, PARTITIONS)
        await producer.send(scene.topics.deliveries("slack"), codec.encode_json(due), partition=partition)
    await producer.stop()


async def shown_when(slack: SlackFake, text: str, *, deadline_s: float = 40) -> None:
    """Return once a message says *text*, or when the deadline is over."""
    deadline = time.monotonic() + deadline_s
    while text not in str(slack.cards()):
        await asyncio.sleep(0.1)
        if time.monotonic() > deadline:
            return


async def test_the_stale_cards_of_two_workers_become_one_message(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the channel's home partition joins what the others found; all of it is remembered and committed."""
    if scene.broker.embedded is not None:
        for name in ("_on_join_leader", "_send_sync_group_request"):  # put back after the test
            monkeypatch.setattr(CoordinatorGroupRebalance, name, getattr(CoordinatorGroupRebalance, name))
        accommodate()
    await produce(scene, 60)
    slack, clock, meter, stop = SlackFake(), HandClock(), Meter(), asyncio.Event()
    async with slack.running():
        sinks = [slack_sink(slack.url, clock, channels={CHANNEL: "C01SIG"}) for _ in range(2)]
        role = DeliverRole(
            scene.broker.bootstrap, scene.topics, session=timedelta(seconds=6),
            catch_up=CatchUp(timedelta(hours=2), quiet=timedelta(seconds=2)),
        )  # fmt: skip
        async with asyncio.TaskGroup() as workers:
            for sink in sinks:
                patience = Patience(monotonic=time.monotonic, sleep=asyncio.sleep, settle=timedelta(0))
                workers.create_task(
                    run_deliver(role, sink, meter, patience=patience, clock=clock.now, stop=stop, digests=sink)
                )
            await shown_when(slack, "60 signals")
            stop.set()

    (message,) = slack.cards()
    assert message["text"] == "While we were away: 60 signals, 60 notice"
    assert len(meter.held) == 60
    found = await read_sent(scene.broker.bootstrap, scene.topics.sent("slack"), range(PARTITIONS))
    assert sum(sent.in_digest for known in found.values() for sent in known.values()) == 60
