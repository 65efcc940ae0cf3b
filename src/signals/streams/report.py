"""The role ``report``: reads account-summaries, and tells what takes more than one account to know, as events.

Once a business day these are the figures over all accounts; whenever a lead waits for a member of its team, whose turn
it is. One process is enough, and several do no harm: what is told twice carries the same natural key. It goes through
ingest like any source's word; no account reads another.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from signals.domain.account.leads import Assignment
from signals.domain.events.base import Event
from signals.domain.events.broadcast import EVERYONE
from signals.domain.events.described import TraitsReported
from signals.domain.events.kinds import BROADCAST
from signals.domain.summary import Summary
from signals.engine.portfolio.books import books
from signals.engine.portfolio.figures import ALL, Figures, ReportTerms, events_of, figures
from signals.engine.portfolio.turns import Turns, TurnTerms, turns, waiting_leads
from signals.streams.deadletter import FORMAT_HEADER
from signals.streams.topics import Topics, partition_for

LOG = logging.getLogger(__name__)

ASK_EVERY = timedelta(seconds=1)
# How often the topic is looked at.

QUIET = timedelta(minutes=10)
# After midnight accounts close their day one by one; figures are told once no day closed for that long.

SETTLED = timedelta(seconds=10)
# Without a record for so long everything was read, also where the last offsets hold none.

_decoder = msgspec.json.Decoder(Summary)


def encode_summary(summary: Summary) -> bytes:
    """Return one value of account-summaries."""
    return msgspec.json.encode(summary)


@dataclass
class Summaries:
    """The table of account-summaries, and which day was told last."""

    accounts: dict[str, Summary] = field(default_factory=dict)
    told: date | None = None
    unreadable: int = 0
    of_leads: dict[str, Summary] = field(default_factory=dict)
    """Those of them that wait for whose turn it is, or got somebody."""

    def take(self, key: bytes | None, value: bytes | None) -> bool:
        """Put one record; a tombstone takes the account out, and what cannot be read is counted.

        Returns whether a day closed with it, of an account that is known already.
        """
        org_id = (key or b"").decode(errors="replace")
        if value is None:
            self.of_leads.pop(org_id, None)
            self.accounts.pop(org_id, None)
            return False
        try:
            summary = _decoder.decode(value)
        except msgspec.MsgspecError:
            self.unreadable += 1
            return False
        before, self.accounts[org_id] = self.accounts.get(org_id), summary
        if summary.waiting or summary.assigned:
            self.of_leads[org_id] = summary
        else:
            self.of_leads.pop(org_id, None)
        return before is not None and summary.day > before.day

    @property
    def day(self) -> date | None:
        """The newest business day any account is in."""
        return max((one.day for one in self.accounts.values()), default=None)

    def due(self, zone: ZoneInfo, terms: ReportTerms) -> tuple[Figures, tuple[TraitsReported, ...]] | None:
        """Return figures and events of the newest day, once; None when it was told already or nothing is known."""
        day = self.day
        if day is None or (self.told is not None and day <= self.told):
            return None
        # After a start also when it may have been told: accounts that heard of the week drop the second telling.
        weekly = self.told is None or self.told.isocalendar()[:2] != day.isocalendar()[:2]
        self.told = day
        found = figures(self.accounts.values(), day, terms, weekly)
        at = datetime.combine(day, time(), zone).astimezone(UTC)
        return found, events_of(found, at)

    def turns(self, zone: ZoneInfo, terms: TurnTerms) -> Turns:
        """Return whose turn it is for each lead that waits, and note it: until its account answers it waits no more."""
        if not terms.seats or not any(waiting_leads(self.of_leads.values(), terms, zone)):
            return Turns((), {})  # books are made of all accounts: not for nothing
        found = turns(self.of_leads.values(), books(self.accounts.values()), terms, zone)
        for event in found.events:
            summary = self.of_leads[event.org_id]
            self.of_leads[event.org_id] = msgspec.structs.replace(
                summary,
                waiting={team: since for team, since in summary.waiting.items() if team != event.team},
                assigned={**summary.assigned, event.team: Assignment(event.to, event.role, event.at)},
            )
        return found


@dataclass(frozen=True)
class ReportRole:
    """How the role runs."""

    bootstrap: str
    topics: Topics
    zone: ZoneInfo
    terms: ReportTerms = field(default_factory=ReportTerms)
    turns: TurnTerms = field(default_factory=TurnTerms)
    quiet: timedelta = QUIET
    client: Mapping[str, object] = field(default_factory=dict)


async def run_report(
    role: ReportRole,
    *,
    stop: asyncio.Event,
    ready: Callable[[], None],
    told: Callable[[Figures], None],
    assigned: Callable[[Turns], None],
    monotonic: Callable[[], float],
) -> None:
    """Work until told to stop.

    *told* is called with the figures, *assigned* with the turns of a round, after the broker acknowledged their events.

    Raises
    ------
    KafkaError
        The broker refused or could not be reached; start again.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=role.bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        **role.client,
    )  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=role.bootstrap, acks="all", enable_idempotence=True, **role.client)
    table = Summaries()
    await consumer.start()
    try:
        await producer.start()
        places = [TopicPartition(role.topics.account_summaries, number) for number in range(role.topics.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ready()
        ends = await consumer.end_offsets(places)
        closed = heard = monotonic()
        stirred, whole = True, False
        while not stop.is_set():
            batches = await consumer.getmany(timeout_ms=int(ASK_EVERY.total_seconds() * 1000))
            days = [table.take(record.key, record.value) for records in batches.values() for record in records]
            if any(days):
                closed = monotonic()
            if batches:
                heard, stirred = monotonic(), True
            # Before everything was read nobody knows who got a lead already.
            whole = whole or await _reached(consumer, ends) or monotonic() - heard >= SETTLED.total_seconds()
            if whole and stirred:
                stirred = False
                found = table.turns(role.zone, role.turns)
                await _tell(producer, role.topics, found.events)
                assigned(found)
            if whole and monotonic() - closed >= role.quiet.total_seconds():
                due = table.due(role.zone, role.terms)
                if due is not None:
                    await _tell(producer, role.topics, due[1])
                    told(due[0])
                    LOG.info("figures told", extra={"accounts": len(table.accounts), "subjects": len(due[1])})
    finally:
        await consumer.stop()
        await producer.stop()


async def _reached(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Return whether everything was read that was there at the start."""
    for place, end in ends.items():
        if await consumer.position(place) < end:
            return False
    return True


async def _tell(producer: AIOKafkaProducer, topics: Topics, events: Iterable[Event]) -> None:
    """Send the events to the CRM input, marked as canonical whatever format that topic carries; or broadcast them."""
    answers = []
    for event in events:
        everyone = event.org_id == EVERYONE
        answers.append(
            await producer.send(
                topics.input(BROADCAST if everyone else "crm"),
                key=event.org_id.encode(),
                value=msgspec.json.encode(event),
                partition=0 if everyone else partition_for(event.org_id, topics.partitions),
                headers=[(FORMAT_HEADER, b"canonical")],
            )
        )
    await asyncio.gather(*answers)


def gauges(found: Figures) -> dict[str, float]:
    """Return the figures of all accounts that are numbers, for metrics."""
    numbers = {}
    for name, value in found[ALL].items():
        if isinstance(value, bool) or value is None or isinstance(value, list):
            continue
        try:
            numbers[name] = float(value)
        except ValueError:
            continue
    return numbers
