"""A small engine for tests of the streams: counts what it applied, remembers positions, says one thing per event.

Event ``SignalRated`` with ``reason`` drives it: ``fail`` raises, ``wake:<seconds>`` asks to be woken that long after
the event; at the wake it says ``woken`` once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from signals.domain.account.life import Life
from signals.domain.account.state import Account
from signals.domain.events.feedback import SignalRated
from signals.domain.ids import delivery_id, signal_id, transition_id
from signals.domain.reasons import Change, FamilyName, HeldReason, Severity
from signals.domain.signal import Delivery, Owner, Position, Suppression, Transition
from signals.domain.update import AccountUpdates, Arrival
from signals.engine.stepped import Stepped, Tally

EPOCH = datetime.fromisoformat("2026-03-01T00:00:00+00:00")


def arrival(org_id: str, offset: int, reason: str | None = None, *, partition: int = 0) -> Arrival:
    """Return an event of *org_id* at input offset *offset*, one second later per offset."""
    at = EPOCH + timedelta(seconds=offset)
    event = SignalRated(org_id=org_id, at=at, signal_id=f"e{offset}", by="ann", useful=True, reason=reason)
    return Arrival(Position(0, "feedback", partition, offset), at, event)


def updates(partition: int, *arrivals: Arrival, mark: datetime | None = None) -> AccountUpdates:
    """Return one message with these arrivals, packed by account in order of first appearance."""
    packs: dict[str, tuple[Arrival, ...]] = {}
    for one in arrivals:
        packs[one.event.org_id] = (*packs.get(one.event.org_id, ()), one)
    return AccountUpdates(partition=partition, packs=packs, mark=mark)


def transition(org_id: str, about: str, seq: int, at: datetime) -> Transition:
    """Return a transition whose ids depend only on what it is about."""
    signal = signal_id(org_id, "fake", about, EPOCH)
    return Transition(
        id=transition_id(signal, seq), signal_id=signal, seq=seq, change=Change.OPENED, at=at, org_id=org_id,
        account_name=org_id, rule="fake", rule_version="1", family=FamilyName.OTHER, severity=Severity.INFO, key=about,
        since=at, headline=about, status="open", owner=Owner(name="ann"),
    )  # fmt: skip


def fake_step(
    account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
) -> Stepped:
    """Apply each event once, by its position; fire the wake when *until* has reached it."""
    account = account or Account(org_id=org_id, clock=EPOCH)
    positions = dict(account.life.positions)
    said: list[Transition] = []
    duplicates = 0
    wake = account.wake
    for one in arrivals:
        key = f"{one.position.topic}:{one.position.partition}"
        mark = (one.position.epoch, one.position.offset)
        if mark <= positions.get(key, (-1, -1)):
            duplicates += 1
            continue
        event = one.event
        assert isinstance(event, SignalRated)
        if event.reason == "fail":
            raise RuntimeError("told to fail")
        if event.reason is not None and event.reason.startswith("wake:"):
            wake = event.at + timedelta(seconds=float(event.reason.removeprefix("wake:")))
        positions[key] = mark
        said.append(transition(org_id, event.signal_id, 1, event.at))
    if until is not None and wake is not None and wake <= until:
        said.append(transition(org_id, "woken", 1, wake))
        wake = None
    held = tuple(
        Suppression(
            id=one.id, signal_id=one.signal_id, org_id=org_id, rule="fake", family=FamilyName.OTHER, at=one.at,
            reason=HeldReason.SHADOW,
        )
        for one in said[:1]
    )  # fmt: skip
    deliveries = tuple(
        Delivery(id=delivery_id(one.signal_id, one.seq, "slack", "c"), sink="slack", destination="c", transition=one)
        for one in said
    )
    life = msgspec.structs.replace(account.life, positions=positions) if positions else Life()
    after = Account(org_id=org_id, clock=max([account.clock, *(one.at for one in said)]), wake=wake, life=life)
    return Stepped(after, tuple(said), held, deliveries, (), Tally(applied=len(said), duplicates=duplicates))
