"""What is sent to every account, as one account takes it: as if it had been sent to it alone."""

import msgspec

from signals.domain.account.life import Life
from signals.domain.account.state import Account
from signals.domain.canary import is_canary
from signals.domain.events.kinds import BROADCAST
from signals.domain.signal import Position
from signals.domain.summary import is_pseudo
from signals.domain.update import Arrival
from signals.engine.admission import place_of

_PLACE = place_of(Position(0, BROADCAST, 0, 0))


def hears(org_id: str) -> bool:
    """Say whether an id is an account that takes broadcasts: not ours, and not one that stands for several.

    >>> hears("org_4711"), hears("book:dana@example.com"), hears("signals-canary-0")
    (True, False, False)
    """
    return not (is_pseudo(org_id) or is_canary(org_id))


def addressed(broadcast: Arrival, org_id: str) -> Arrival:
    """Return a broadcast as one account takes it."""
    event = msgspec.structs.replace(broadcast.event, org_id=org_id)
    return msgspec.structs.replace(broadcast, event=event)


def is_unheard(arrival: Arrival, life: Life, cause: Position | None) -> bool:
    """Say whether it is a broadcast to an erased account of which nothing of its own has come since: it stays empty.

    Parameters
    ----------
    cause
        Position of the last event applied; None: none since it was erased.
    """
    return arrival.position.topic == BROADCAST and life.erased_at is not None and cause is None


def newborn(account: Account, heard: tuple[int, int] | None) -> Account:
    """Return an account that its first event has just made, as one that has heard all broadcasts before that event.

    Parameters
    ----------
    heard
        Epoch and offset of the last broadcast taken on its partition before; None: there was none.

    It did not exist when they were sent. Without the mark it would take them when their message is read again after a
    crash, and what comes of a history would depend on it.
    """
    if heard is None or account.life.positions.get(_PLACE, (-1, -1)) >= heard:
        return account
    positions = {**account.life.positions, _PLACE: heard}
    return msgspec.structs.replace(account, life=msgspec.structs.replace(account.life, positions=positions))
