"""Whether an event may be applied: not applied before, not the same moment twice, not too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from signals.domain.account.life import Life
from signals.domain.events.kinds import kind_of
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.domain.update import Arrival


@dataclass(frozen=True)
class DeadArrival:
    """An arrival that becomes a dead letter."""

    arrival: Arrival
    reason: DeadReason
    message: str


@dataclass(frozen=True)
class Admitted:
    """The answer: ``life`` has the position noted in every case; ``apply`` says whether the event goes on."""

    life: Life
    apply: bool
    duplicate: bool = False
    erased: bool = False
    """It happened before the account was erased."""
    dead: DeadArrival | None = None


def applied_before(life: Life, position: Position) -> bool:
    """Say whether a position lies at or below the high-water mark of its input partition and epoch."""
    known = life.positions.get(place_of(position))
    return known is not None and (position.epoch, position.offset) <= known


def admit(life: Life, arrival: Arrival, clock: datetime | None, window: timedelta, taken: Position | None) -> Admitted:
    """Decide about one arrival; called once per arrival, in order.

    Parameters
    ----------
    clock
        The account's clock; None for a new account.
    taken
        The position of the record applied just before in the same pack: one foreign record may become several events
        that share its position, and the second is no repetition of the first.
    """
    position, event = arrival.position, arrival.event
    if position != taken and applied_before(life, position):
        return Admitted(life, apply=False, duplicate=True)
    life = msgspec.structs.replace(
        life, positions={**life.positions, place_of(position): (position.epoch, position.offset)}
    )
    if life.erased_at is not None and event.at <= life.erased_at:
        # Before the question whether it is late: a dead letter would keep what was to be forgotten.
        return Admitted(life, apply=False, erased=True)
    reached = arrival.reached if clock is None else max(clock, arrival.reached)
    if not arrival.waive_too_late and event.at < reached - window:
        message = (
            f"event time {event.at.isoformat()} is more than {window} behind the account's clock {reached.isoformat()}"
        )
        return Admitted(life, apply=False, dead=DeadArrival(arrival, DeadReason.TOO_LATE, message))
    if event.id is not None:
        key = f"{kind_of(event)}:{event.id}"
        if key in life.seen:
            return Admitted(life, apply=False, duplicate=True)
        kept = {other: at for other, at in life.seen.items() if at >= reached - window}
        life = msgspec.structs.replace(life, seen={**kept, key: event.at})
    return Admitted(life, apply=True)


def place_of(position: Position) -> str:
    """Return the key of a position's input partition among an account's positions."""
    key = (position.topic, position.partition)
    found = _PLACES.get(key)
    if found is None:
        found = _PLACES[key] = f"{position.topic}:{position.partition}"
    return found


_PLACES: dict[tuple[str, int], str] = {}
# Four per partition of the installation; asked once per event.
