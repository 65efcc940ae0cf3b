"""The role report on a broker: summaries in, one day's figures out, as events ingest can read."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from signals.domain.account.leads import Assignment
from signals.domain.events.base import Event
from signals.domain.events.described import TraitsReported
from signals.domain.events.kinds import BROADCAST, InputTopic
from signals.domain.events.leads import LeadAssigned
from signals.domain.summary import Summary
from signals.engine.portfolio.figures import Figures
from signals.engine.portfolio.turns import Seat, Turns, TurnTerms
from signals.ingest.decode import RecordDecoder
from signals.ingest.record import Accepted, as_raw
from signals.streams.report import ReportRole, encode_summary, run_report
from signals.streams.topics import Topics, partition_for
from support.brokers import Broker

pytestmark = pytest.mark.kafka

DAY = date(2026, 7, 2)
MIDNIGHT = datetime(2026, 7, 1, 22, tzinfo=UTC)
BOOK = "book:dana@example.com"
TEAM = "tae_round_robin"

E = TypeVar("E", bound=Event)


async def test_figures_of_a_day_come_back_as_events(broker: Broker) -> None:
    """Accounts on several partitions, one erased; what is told is on the partition of its subject and decodes."""
    topics = broker.topics(3)
    await _summaries(broker, topics, {f"org_{number}": 100 * number for number in range(1, 9)}, erased="org_8")

    told = await _told_once(broker, topics)

    assert told[BOOK]["book_customers"] == 7
    events = await _events(broker, topics, len(told), TraitsReported)
    assert {event.org_id for event in events} == set(told)
    assert {event.at for event in events} == {MIDNIGHT}
    [book] = [event for event in events if event.org_id == BOOK]
    assert book.traits["book_customers"] == 7
    assert Decimal(str(book.traits["book_arr"])) == 2800


async def test_a_second_teller_tells_the_same_moment(broker: Broker) -> None:
    """Started again it has forgotten what it told: a second telling carries the same ids, one moment told twice."""
    topics = broker.topics(2)
    await _summaries(broker, topics, {"org_1": 1200})

    first = await _told_once(broker, topics)
    second = await _told_once(broker, topics)

    assert first == second
    events = await _events(broker, topics, 2 * len(first), TraitsReported)
    assert len({(event.org_id, event.id) for event in events}) == len(first)


async def test_where_the_largest_accounts_begin_is_broadcast(broker: Broker) -> None:
    """On a Monday, with forty that pay; ingest can read it, and nothing of it is on an account topic."""
    topics = broker.topics(2)
    monday = date(2026, 7, 6)
    await _put(broker, topics, [Summary(f"org_{n}", monday, arr=Decimal(100 * n)) for n in range(1, 43)])

    told = await _told_once(broker, topics)

    [event] = await _events(broker, topics, 1, TraitsReported, BROADCAST)
    assert (event.org_id, event.traits) == ("*", told["*"])
    assert event.traits == {"top_40_from": "300.00"}
    assert all(one.org_id != "*" for one in await _events(broker, topics, len(told) - 1, TraitsReported))


async def test_a_lead_goes_to_whose_turn_it_is(broker: Broker) -> None:
    """Two accounts wait, a third was served before; a second teller finds the same members and the same moments."""
    topics = broker.topics(2)
    waiting = {name: Summary(name, DAY, clock=MIDNIGHT, waiting={TEAM: MIDNIGHT}) for name in ("org_1", "org_2")}
    served = Summary("org_3", DAY, assigned={TEAM: Assignment("ann", "TAE", MIDNIGHT)})
    await _put(broker, topics, [*waiting.values(), served])

    first, second = await _assigned(broker, topics), await _assigned(broker, topics)

    assert [(one.org_id, one.to) for one in first] == [("org_1", "bob"), ("org_2", "ann")]
    assert first == second
    events = await _events(broker, topics, 4, LeadAssigned)
    assert {(one.org_id, one.to, one.id) for one in events} == {(one.org_id, one.to, one.id) for one in first}


async def _assigned(broker: Broker, topics: Topics) -> tuple[LeadAssigned, ...]:
    """Run the role until it has given leads."""
    stop, given = asyncio.Event(), list[LeadAssigned]()

    def assigned(found: Turns) -> None:
        if found.events:
            given.extend(found.events)
            stop.set()

    terms = TurnTerms({TEAM: "TAE"}, (Seat("ann", "TAE"), Seat("bob", "TAE")))
    role = ReportRole(broker.bootstrap, topics, ZoneInfo("Europe/Berlin"), turns=terms)
    async with asyncio.timeout(30):
        await run_report(
            role, stop=stop, ready=lambda: None, told=lambda _: None, assigned=assigned, monotonic=time.monotonic
        )
    return tuple(given)


async def _summaries(broker: Broker, topics: Topics, arr: dict[str, int], erased: str | None = None) -> None:
    owned = (Summary(name, DAY, owner="dana@example.com", arr=Decimal(amount)) for name, amount in arr.items())
    await _put(broker, topics, owned, erased)


async def _put(broker: Broker, topics: Topics, summaries: Iterable[Summary], erased: str | None = None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True)
    await producer.start()
    for summary in summaries:
        org_id = summary.org_id
        for value in (encode_summary(summary), *((None,) if org_id == erased else ())):
            await producer.send(
                topics.account_summaries, value, key=org_id.encode(),
                partition=partition_for(org_id, topics.partitions),
            )  # fmt: skip
    await producer.stop()


async def _told_once(broker: Broker, topics: Topics) -> Figures:
    """Run the role until it has told a day."""
    stop, said = asyncio.Event(), list[Figures]()

    def told(found: Figures) -> None:
        said.append(found)
        stop.set()

    role = ReportRole(broker.bootstrap, topics, ZoneInfo("Europe/Berlin"), quiet=timedelta(seconds=1))
    async with asyncio.timeout(30):
        await run_report(
            role, stop=stop, ready=lambda: None, told=told, assigned=lambda _: None, monotonic=time.monotonic
        )
    return said[0]


async def _events(broker: Broker, topics: Topics, number: int, kind: type[E], topic: InputTopic = "crm") -> list[E]:
    """Return that many events of an input, read as ingest reads them."""
    decoder = RecordDecoder(topics.partitions)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found: list[E] = []
    try:
        partitions = 1 if topic == BROADCAST else topics.partitions
        consumer.assign([TopicPartition(topics.input(topic), n) for n in range(partitions)])
        async with asyncio.timeout(30):
            while len(found) < number:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for one in records:
                        accepted = decoder.decode(as_raw(topic, one.partition, one))
                        assert isinstance(accepted, Accepted)
                        [event] = accepted.events
                        assert isinstance(event, kind)
                        found.append(event)
    finally:
        await consumer.stop()
    return found
