"""The canary is honest: when a hop stands, its age grows; when the hop is back, it is young again."""

import asyncio
import re
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.domain.canary import CANARY_RULE
from signals.domain.signal import Delivery
from signals.streams.codec import decode_json
from signals.streams.topics import Topics
from support.brokers import Broker, apache_broker, embedded_broker
from support.role_processes import Deadline, RoleProcesses

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]

PARTITIONS = 2
STALE_S = 7.0
# Far above the second between two canaries and the way they go; a restart of detect takes some seconds more.

SETTINGS = """
kafka: {{bootstrap: "{bootstrap}", prefix: "{prefix}", partitions: {partitions}}}
canary: {{every: 1s, limit: 5s}}
"""


class Pages:
    """The pages of role processes, found by what they log."""

    def __init__(self, roles: RoleProcesses) -> None:
        self._roles = roles

    def get(self, name: str, path: str) -> str:
        """Return a page of a member (``role-member``); empty while it has none."""
        found = re.findall(r"url=(http://\S+)", self._roles.log(name))
        if not found:
            return ""
        try:
            with urllib.request.urlopen(found[-1] + path, timeout=10) as response:  # noqa: S310  # our own process
                text: str = response.read().decode()
                return text
        except OSError:
            return ""

    def value(self, name: str, sample: str) -> float | None:
        """Return one sample, such as ``x{a="b"}``."""
        for line in self.get(name, "/metrics").splitlines():
            if line.startswith(f"{sample} "):
                return float(line.rpartition(" ")[2])
        return None


AGE = 'signals_canary_age_seconds{sink="slack"}'
TRIPPED = 'signals_watchdog_tripped{watchdog="canary"}'


async def age_when(pages: Pages, roles: RoleProcesses, what: str, *, above: float = -1, below: float = 1e9) -> None:
    """Wait until the age lies between the two, and canaries have arrived at all."""
    deadline = Deadline(60, what)
    while True:
        age = pages.value("deliver-one", AGE)
        arrived = pages.value("deliver-one", 'signals_canaries_total{outcome="arrived"}') or 0
        if age is not None and above < age < below and arrived >= PARTITIONS:
            return
        roles.check()
        deadline.check((age, arrived))
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("hop", "start"),
    [("detect", embedded_broker), pytest.param("ingest", apache_broker, marks=pytest.mark.apache)],
    ids=["detect-embedded", "ingest-apache"],
)
async def test_a_hop_that_stands_is_seen_by_the_canary(hop: str, start: Callable[[], Broker], tmp_path: Path) -> None:
    """Stopped, the age grows above its limit and the watchdog trips; started again, it is young."""
    broker = start()
    topics = broker.topics(PARTITIONS)
    settings = SETTINGS.format(bootstrap=broker.bootstrap, prefix=topics.prefix, partitions=PARTITIONS)

    with RoleProcesses(tmp_path, settings) as roles:
        pages = Pages(roles)
        for role in ("ingest", "detect", "deliver"):
            roles.start(role, "one")
        await age_when(pages, roles, "the canary of every partition", below=5)
        served = {"ingest": "inputs", "detect": "account_updates", "deliver": "deliveries_slack"}
        for role, topic in served.items():
            assert pages.value(f"{role}-one", f'signals_partitions{{topic="{topic}"}}') == PARTITIONS

        assert roles.stop(f"{hop}-one", signal.SIGTERM) == 0
        await age_when(pages, roles, "an age above the limit", above=STALE_S)
        assert pages.value("deliver-one", TRIPPED) == 1.0
        assert "no canary came through partition" in pages.get("deliver-one", "/readyz")

        roles.start(hop, "one")
        await age_when(pages, roles, "a young canary", below=5)

    assert await delivered_elsewhere(broker, topics) == []


async def delivered_elsewhere(broker: Broker, topics: Topics) -> list[tuple[str, str]]:
    """Return (sink, rule) of every delivery that is not the canary's own to Slack."""
    places = [
        TopicPartition(topics.deliveries(sink), partition)
        for sink in ("slack", "crm", "webhook")
        for partition in range(PARTITIONS)
    ]
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Delivery] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [decode_json(record.value, Delivery) for record in records]
    finally:
        await consumer.stop()
    assert found
    return [
        (one.sink, one.transition.rule) for one in found if (one.sink, one.transition.rule) != ("slack", CANARY_RULE)
    ]
