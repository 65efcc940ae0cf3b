"""What waits for one destination: in order per signal, edits that nobody needs to see left out. Pure."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

import msgspec

from signals.domain.reasons import Change, ResolvedBecause

TRIED_BEFORE = "signals-tried-before"
"""Header of a delivery that was a dead letter and is sent again."""


@dataclass(frozen=True, slots=True)
class Due:
    """One record of ``deliveries.<sink>``."""

    offset: int
    value: bytes
    tried: bool = False
    """Whether it is a dead letter sent again: an attempt of the first time may have arrived."""


class Step(msgspec.Struct, frozen=True):
    """What a queue must know of a transition."""

    signal_id: str
    seq: int
    change: Change
    at: datetime
    status: str
    resolved_because: ResolvedBecause | None = None
    org_id: str = ""

    @property
    def erased(self) -> bool:
        """Whether the signal was erased on request."""
        return self.resolved_because is ResolvedBecause.ERASED


class Heading(msgspec.Struct, frozen=True):
    """Where a delivery goes and what it is about."""

    destination: str
    transition: Step | None = None
    kind: str = ""
    """Empty for a delivery; a record of another kind says which (see ``sinks.digest.Part``) and has no transition."""


@dataclass(slots=True, eq=False)
class Waiting:
    """One delivery that is not done."""

    due: Due
    heading: Heading | None
    """None: a record that cannot be read; it has a queue of its own."""
    doubtful: bool
    """Whether an earlier attempt may have reached the service."""
    failed_at: float | None = None
    """Monotonic seconds at which its attempts were used up first; None: they were not."""
    successes_then: int = 0
    """Of its queue, when that was."""
    decided: bool = False
    """Whether it was held back once and is to be delivered now, come what may."""

    @property
    def destination(self) -> str:
        """Where it goes; empty for a record that cannot be read."""
        return self.heading.destination if self.heading is not None else ""

    @property
    def signal_id(self) -> str:
        """What it is about; empty for a record that cannot be read."""
        return self.step.signal_id if self.step is not None else ""

    @property
    def step(self) -> Step | None:
        """What it says of its signal; None for a record that cannot be read, or is no delivery."""
        return self.heading.transition if self.heading is not None else None


def heading_of(value: bytes) -> Heading | None:
    """Read the heading of a record, without the rest; None when it has none."""
    try:
        heading = msgspec.json.decode(value, type=Heading)
    except msgspec.MsgspecError:
        return None
    return heading if heading.transition is not None or heading.kind else None


class Queue:
    """Deliveries for one destination from one partition.

    Parameters
    ----------
    coalesce
        Whether the other end shows a state (a card, a task), so that an ``updated`` step may be left out while a later
        step of its signal waits. Every other step says something that happened and is never left out.
    """

    def __init__(self, *, coalesce: bool) -> None:
        self.successes = 0
        self._coalesce = coalesce
        self._waiting: deque[Waiting] = deque()
        self._of_signal: Counter[str] = Counter()
        self._erasing: set[str] = set()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def push(self, one: Waiting) -> None:
        """Put *one* behind all others."""
        self._waiting.append(one)
        self._of_signal[one.signal_id] += 1
        if one.step is not None and one.step.erased:
            self._erasing.add(one.signal_id)

    def take(self) -> tuple[Waiting | None, list[Waiting]]:
        """Return the next to deliver (None: nothing waits) and those before it that need not be."""
        skipped: list[Waiting] = []
        while self._waiting:
            one = self._waiting.popleft()
            self._of_signal[one.signal_id] -= 1
            if not self._of_signal[one.signal_id]:
                del self._of_signal[one.signal_id]
                self._erasing.discard(one.signal_id)
            if not self.superseded(one):
                return one, skipped
            skipped.append(one)
        return None, skipped

    def rest_of(self, signal_id: str) -> list[Waiting]:
        """Take all that waits of a signal, in order."""
        if signal_id not in self._of_signal:
            return []  # as nearly always; looking through thousands for each of thousands would take seconds
        same = [other for other in self._waiting if other.signal_id == signal_id]
        self._waiting = deque(other for other in self._waiting if other.signal_id != signal_id)
        del self._of_signal[signal_id]
        self._erasing.discard(signal_id)
        return same

    def superseded(self, one: Waiting) -> bool:
        """Whether *one*, which was taken, need not be shown any more because of what waits behind it."""
        if one.step is None or one.signal_id not in self._of_signal:
            return False
        # What was never shown need not be shown to be erased; what may have been shown is found again first.
        if one.signal_id in self._erasing and not one.doubtful:
            return True
        return self._coalesce and one.step.change is Change.UPDATED

    def put_back(self, one: Waiting, now: float) -> None:
        """Put *one*, whose attempts are used up, and all that waits of its signal behind the other signals."""
        if one.failed_at is None:
            one.failed_at = now
        one.successes_then, one.doubtful = self.successes, True
        same = [other for other in self._waiting if other.signal_id == one.signal_id]
        rest = [other for other in self._waiting if other.signal_id != one.signal_id]
        self._waiting = deque((*rest, one, *same))
        self._of_signal[one.signal_id] += 1

    def last_chance(self, one: Waiting, now: float, give_up_s: float) -> bool:
        """Whether *one* has failed where others came through since, or for longer than *give_up_s*."""
        if one.failed_at is None:
            return False
        return self.successes > one.successes_then or now - one.failed_at >= give_up_s
