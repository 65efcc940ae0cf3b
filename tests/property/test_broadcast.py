"""Broadcasts, on random histories: whoever owns a partition, and however often it dies, each account takes each once.

One partition is merged and packed as ingest does it and applied as detect does it. The member and the worker die at
random places; the accounts must end as in a replay of the same records, with the same signals.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from signals.backtest.replay import Replayed, replay
from signals.domain.account.state import Account
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, MERGED_TOPICS, InputTopic
from signals.domain.signal import Transition
from signals.domain.update import AccountUpdates
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.ingest.broadcasts import heard_by
from signals.ingest.combine import CombineLimits
from signals.ingest.config import IngestSettings
from signals.ingest.decode import RecordDecoder
from signals.ingest.partition import PartitionWork
from signals.ingest.record import RawRecord
from signals.streams import codec
from signals.streams.evaluate import Step, evaluate, turns
from signals.streams.topics import Topics
from support.timeline import START, catalogue_of

PACK = """
family: expansion
defaults: {source: test, stage: live, severity: notice}
rules:
- {id: hit, title: hit, kind: level, each: {in: incidents, as: i, key: i.id}, when: i.open and i.affects,
   text: {headline: "an incident"}}
- {id: new, title: new, kind: edge, on: [launch_announced], key: event.product, expires_after: 3 d,
   text: {headline: "a launch"}}
- {id: asked, title: asked, kind: level, guards: GX-C, when: any(t.open for t in tickets), text: {headline: "asked"}}
"""
DAYS = 20
ORGS = ("acme", "bolt", "book:dana")
DECODER = RecordDecoder(1)


@lru_cache
def _catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        return catalogue_of(PACK, Path(folder))


def _said(kind: int, org_id: str, at: datetime, number: int) -> tuple[InputTopic, dict[str, Any]]:
    """Return the topic and the value of one record; the last kinds are broadcasts."""
    head = {"org_id": org_id if kind < 4 else "*", "at": at.isoformat()}
    incident = {"kind": "incident_declared", "incident_id": f"i{number % 2}", "severity": number % 2}
    match kind:
        case 0:
            return "usage", head | {"kind": "user_acted", "person_id": "p", "action": "insight created"}
        case 1:
            return "crm", head | {"kind": "ticket_opened", "ticket_id": f"t{number % 2}"}
        case 2:
            return "crm", head | {"kind": "ticket_solved", "ticket_id": f"t{number % 2}"}
        case 3:
            return "feedback", head | {"kind": "erase_requested", "by": "ann"}
        case 4:
            return BROADCAST, head | incident | {"components": ["platform"]}
        case 5:
            return BROADCAST, head | {"kind": "incident_resolved", "incident_id": f"i{number % 2}"}
        case 6:
            return BROADCAST, head | {"kind": "launch_announced", "product": "surveys", "launched_on": "2026-03-01"}
        case _:
            return BROADCAST, head | {"kind": "ticket_opened", "ticket_id": "everybody's"}  # refused


HISTORY = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(ORGS), st.integers(0, DAYS * 4), st.integers(0, 45)),
    min_size=1, max_size=40,
)  # fmt: skip
"""(kind, account, six hours since the start, days late): some come after the admission window."""


def _history(drawn: Sequence[tuple[int, str, int, int]]) -> dict[InputTopic, list[RawRecord]]:
    records: dict[InputTopic, list[RawRecord]] = {topic: [] for topic in MERGED_TOPICS}
    timed = sorted(
        (moment * 6 + (late - 30) * 24 * (late > 30), number, kind, org_id, moment)
        for number, (kind, org_id, moment, late) in enumerate(drawn)
    )
    for _, number, kind, org_id, moment in timed:
        topic, value = _said(kind, org_id, START + timedelta(hours=6 * moment), number)
        key = str(value["org_id"]).encode()
        records[topic].append(RawRecord(topic, 0, len(records[topic]), key, msgspec.json.encode(value)))
    return records


def _step() -> Step:
    return partial(step, catalogue=_catalogue(), policy=Policy())


class Partition:
    """One partition: its input topics, its ``account-updates``, its table, and what was committed of each."""

    def __init__(self, history: dict[InputTopic, list[RawRecord]], cut: int) -> None:
        self.history, self.cut = history, cut
        self.committed = dict.fromkeys(INPUT_TOPICS, 0)
        self.messages: list[AccountUpdates] = []
        self.buried: list[int] = []
        self.table: dict[str, bytes] = {}
        self.sent: list[Transition] = []
        self.done = 0

    def own(self, rounds: int, *, commits: bool) -> bool:
        """Be a member for some rounds; return whether all is read. One that dies does not commit its last round."""
        settings = IngestSettings(
            "nowhere", Topics(1), time="input", merge_wait=timedelta(0), combine=CombineLimits(interval=timedelta(0))
        )
        tail = self.messages[-1] if self.messages else None
        heard = heard_by(tail)
        work = PartitionWork(0, settings, tail.reached if tail else None, tail.mark if tail else None, heard)
        at = dict(self.committed) | {BROADCAST: heard[1] + 1 if heard else 0}
        for topic in MERGED_TOPICS:
            work.merge.start_at(topic, at[topic], len(self.history[topic]))
        for number in range(rounds):
            for topic in MERGED_TOPICS:
                piece = self.history[topic][at[topic] : at[topic] + self.cut]
                at[topic] += len(piece)
                work.merge.offer(topic, DECODER.decode_all(topic, 0, piece), at[topic], 0.0)
            work.advance(0.0, START)
            batch = work.collect()
            self.buried += [one.offset for one in batch.dead]
            self.messages += [codec.decode_updates(message.value) for message in batch.messages]
            if commits or number < rounds - 1:
                self.committed |= batch.offsets
        return commits and work.merge.idle

    def detect(self, steps: int, *, commits: bool) -> None:
        """Be a worker for some messages; one that dies is followed by one that begins where it had begun."""
        begin = self.done
        for message in self.messages[begin : begin + steps]:
            for part, waiting in turns(message, self._waiting(message), 2):
                evaluated = evaluate(part, self.table.get, _step(), waiting)
                self.table |= evaluated.values
                self.sent += evaluated.transitions
            self.done += 1
        if not commits:
            self.done = begin

    def _waiting(self, message: AccountUpdates) -> list[str]:
        # Every account is looked at for a mark: the heap of who is due is none of this test's affair.
        everybody = message.broadcast is not None or message.mark is not None
        return sorted(self.table) if everybody else []

    @property
    def accounts(self) -> dict[str, Account]:
        """What the table holds."""
        return {org_id: codec.decode_account(value) for org_id, value in self.table.items()}


def _replayed(history: dict[InputTopic, list[RawRecord]]) -> Replayed:
    records = [record for topic in MERGED_TOPICS for record in history[topic]]
    return replay(records, decoder=DECODER, catalogue=_catalogue(), policy=Policy())


@given(
    HISTORY,
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.integers(0, 5), st.booleans()), max_size=12),
)
def test_each_account_takes_each_broadcast_once(
    drawn: list[tuple[int, str, int, int]], cut: int, lives: list[tuple[int, bool, int, bool]]
) -> None:
    """Members and workers that come and go, with or without a last commit, end as a replay does."""
    history = _history(drawn)
    partition = Partition(history, cut)
    for rounds, ingest_commits, steps, detect_commits in lives:
        partition.own(rounds, commits=ingest_commits)
        partition.detect(steps, commits=detect_commits)
    while not partition.own(100, commits=True):
        pass
    partition.detect(len(partition.messages), commits=True)

    expected = _replayed(history)
    assert {one.id: one for one in partition.sent} == {one.id: one for one in expected.transitions}
    assert {org_id: _facts(one) for org_id, one in partition.accounts.items()} == {
        org_id: _facts(one) for org_id, one in expected.accounts.items()
    }
    assert set(partition.buried) == {one.offset for one in expected.rejected}


def _facts(account: Account) -> Account:
    """Return an account without how far it has heard: with records that are refused that is told later or sooner."""
    positions = {place: mark for place, mark in account.life.positions.items() if not place.startswith(BROADCAST)}
    return msgspec.structs.replace(account, life=msgspec.structs.replace(account.life, positions=positions))


def test_what_is_random_here_matters() -> None:
    """An account hears of what comes after its first event, and of nothing before; figures stand for no account."""
    drawn = [(4, "acme", 1, 0), (0, "acme", 2, 0), (0, "book:dana", 2, 0), (6, "acme", 3, 0), (5, "acme", 4, 0)]
    result = _replayed(_history(drawn))
    assert [(one.org_id, one.rule) for one in result.transitions] == [("acme", "new")]
    assert [one.started_at for one in result.accounts["acme"].incidents.known.values()] == [None], "only its end"
