"""One message of ``account-updates`` in, everything to write out: pure, so any stream engine can stand around it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Protocol

import msgspec

from signals.domain.account.state import Account
from signals.domain.events.kinds import BROADCAST
from signals.domain.reasons import DeadReason, FamilyName
from signals.domain.signal import Delivery, Position, Suppression, Transition
from signals.domain.update import AccountUpdates, Arrival
from signals.engine.admission import DeadArrival
from signals.engine.broadcasting import addressed, hears, newborn
from signals.engine.stepped import Stepped, Tally
from signals.streams import codec
from signals.streams.deadletter import DeadLetter, bury, bury_arrival
from signals.streams.kept import KeptAccounts
from signals.streams.outbox import Record
from signals.streams.topics import Topics

Load = Callable[[str], bytes | None]
"""Returns the stored value of an account, or None when it was never seen."""


Summarise = Callable[[Account], bytes | None]
"""Returns an account's summary as it is written, None for an account that has none (it was erased)."""


class Step(Protocol):
    """The engine: ``engine.step.step`` with its catalogue and policy already given."""

    def __call__(
        self, account: Account | None, org_id: str, arrivals: Sequence[Arrival], /, *, until: datetime | None
    ) -> Stepped:
        """Return the account after *arrivals* in order and, with *until*, after all timers due by it."""


@dataclass
class Evaluated:
    """What one message comes to. Built by ``evaluate``, read by the edge, kept by nobody."""

    values: dict[str, bytes] = field(default_factory=dict)
    """Account id -> new table value."""
    wakes: dict[str, datetime | None] = field(default_factory=dict)
    """Account id -> when to look again; for every account touched, also one that failed."""
    transitions: list[Transition] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    summaries: dict[str, bytes | None] = field(default_factory=dict)
    """Account id -> its summary for reports; None takes one back."""
    dead: list[DeadLetter] = field(default_factory=list)
    refused: DeadArrival | None = None
    """The broadcast as one account refused it, when any did: mostly all do, and there is to be one dead letter of it.

    They go by their partition's time, and refuse it together; one whose own clock is ahead may refuse it alone.
    """
    opened: Counter[FamilyName] = field(default_factory=Counter)
    """Change in the number of open signals, by family; may be negative."""
    failures: list[tuple[str, Exception]] = field(default_factory=list)
    """Account id and what our own code raised on it; each has its dead letters."""
    tally: Tally = field(default_factory=Tally)
    accounts: int = 0


def turns(updates: AccountUpdates, due: Iterable[str], most: int) -> Iterator[tuple[AccountUpdates, tuple[str, ...]]]:
    """Yield the message in parts of at most *most* accounts, each with those of *due* it stands for; usually one."""
    waiting = [org_id for org_id in dict.fromkeys(due) if org_id not in updates.packs]
    accounts = [*updates.packs, *waiting]
    if len(accounts) <= most:
        yield updates, tuple(waiting)
        return
    for start in range(0, len(accounts), most):
        chosen = accounts[start : start + most]
        packs = {org_id: updates.packs[org_id] for org_id in chosen if org_id in updates.packs}
        yield msgspec.structs.replace(updates, packs=packs), tuple(one for one in chosen if one not in packs)


def evaluate(
    updates: AccountUpdates,
    load: Load,
    step: Step,
    due: Iterable[str] = (),
    kept: KeptAccounts | None = None,
    summarise: Summarise | None = None,
) -> Evaluated:
    """Evaluate every account of one message; nothing is changed outside the returned value.

    Parameters
    ----------
    updates
        The message.
    load
        Called at most once per account.
    step
        Called once per account; after an unexpected failure once more per record of that account's pack.
    due
        Accounts without a pack to look at: timers are due by ``updates.mark``, or a broadcast is to be taken.
    kept
        Accounts of earlier messages as values, kept up to date here; without them each is unpacked from its bytes.
    summarise
        Makes the summary of an account whose day closed or whose leads moved.

    Raises
    ------
    SchemaTooNew
        A stored account was written by a newer program. Everything else an account raises stays its own affair.
    """
    result = Evaluated()
    kept = kept if kept is not None else KeptAccounts(0)
    waiting = [org_id for org_id in due if org_id not in updates.packs]
    for org_id, arrivals in [*updates.packs.items(), *((org_id, ()) for org_id in waiting)]:
        if updates.broadcast is not None and hears(org_id):
            arrivals = (*arrivals, addressed(updates.broadcast, org_id))
        closed = _evaluate_account(result, org_id, arrivals, updates, load(org_id), step, kept)
        if closed is not None and summarise is not None and hears(org_id):
            result.summaries[org_id] = summarise(closed)
    return result


def _evaluate_account(
    result: Evaluated,
    org_id: str,
    arrivals: Sequence[Arrival],
    updates: AccountUpdates,
    stored: bytes | None,
    step: Step,
    kept: KeptAccounts,
) -> Account | None:
    """Evaluate one account; return it when its summary has to say something new.

    A day of it closed, its leads moved, or it was erased.
    """
    result.accounts += 1
    try:
        before = kept.decode(org_id, stored) if stored is not None else None
        stepped = step(before, org_id, arrivals, until=updates.mark)
        account = stepped.account if before is not None else newborn(stepped.account, updates.heard)
        value = codec.encode_account(account)
    except codec.SchemaTooNew:
        raise
    except Exception as error:  # noqa: BLE001  # one account's bug must not stop the partition for all others
        result.failures.append((org_id, error))
        _evaluate_one_by_one(result, org_id, arrivals, updates, stored, step)
        return None
    kept.keep(org_id, value, account)
    result.values[org_id] = value
    result.wakes[org_id] = account.wake
    result.opened.update(codec.open_signals(account))
    if before is not None:
        result.opened.subtract(codec.open_signals(before))
    _collect(result, stepped)
    erased = before is not None and before.life.erased_at != account.life.erased_at
    return account if stepped.closed_day or stepped.leads_moved or erased else None


def _evaluate_one_by_one(
    result: Evaluated,
    org_id: str,
    arrivals: Sequence[Arrival],
    updates: AccountUpdates,
    stored: bytes | None,
    step: Step,
) -> None:
    """Save what can be saved of a pack that failed: only the records that fail by themselves are given up.

    Packing is invisible to the engine, so the rest comes out as if the failing records had never been in the pack.
    """
    try:
        first = account = codec.decode_account(stored) if stored is not None else None
    except Exception as error:  # noqa: BLE001  # see above
        result.dead += [bury_arrival(arrival, DeadReason.FAILED, _where(error)) for arrival in arrivals]
        result.wakes[org_id] = None
        return
    for _, group in groupby(arrivals, key=_position):
        record = tuple(group)
        try:
            stepped = step(account, org_id, record, until=None)
            codec.encode_account(stepped.account)
        except Exception as error:  # noqa: BLE001  # see above
            result.dead += [bury_arrival(arrival, DeadReason.FAILED, _where(error)) for arrival in record]
            continue
        account = stepped.account
        _collect(result, stepped)
    if first is None and account is not None:
        account = newborn(account, updates.heard)
    wake, mark = account.wake if account is not None else None, updates.mark
    if mark is not None and account is not None:
        try:
            stepped = step(account, org_id, (), until=mark)
            account, wake = stepped.account, stepped.account.wake
            _collect(result, stepped)
        except Exception as error:  # noqa: BLE001  # see above
            # Its timers fail. Asking again at every mark would only repeat that; its next event asks again.
            result.dead.append(_bury_timer(org_id, mark, error))
            wake = None
    result.wakes[org_id] = wake
    if account is not None and account is not first:
        result.values[org_id] = codec.encode_account(account)
        result.opened.update(codec.open_signals(account))
        if first is not None:
            result.opened.subtract(codec.open_signals(first))


def _collect(result: Evaluated, stepped: Stepped) -> None:
    result.transitions += stepped.transitions
    result.suppressions += stepped.suppressions
    result.deliveries += stepped.deliveries
    for dead in stepped.dead:
        if dead.arrival.position.topic == BROADCAST:
            result.refused = dead
        else:
            result.dead.append(bury_arrival(dead.arrival, dead.reason, dead.message))
    before, more = result.tally, stepped.tally
    result.tally = Tally(
        applied=before.applied + more.applied,
        duplicates=before.duplicates + more.duplicates,
        late=before.late + more.late,
        evaluated=before.evaluated + more.evaluated,
        unowned=before.unowned + more.unowned,
        erased=before.erased + more.erased,
    )


def _position(arrival: Arrival) -> Position:
    # Several events of one record share its position; the engine must see them together, or the second would look
    # like a repetition of the first.
    return arrival.position


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}: {error}{place}"


def _bury_timer(org_id: str, mark: datetime, error: Exception) -> DeadLetter:
    return bury(
        DeadReason.FAILED,
        f"timers due by {mark.isoformat()}: {_where(error)}",
        Position(0, "account-updates", -1, -1),
        stage="detect",
        key=org_id.encode(),
        value=None,
        org_id=org_id,
    )


def records(evaluated: Evaluated, topics: Topics, partition: int) -> Iterator[Record]:
    """Yield every output of *evaluated*, each on the account's partition.

    ``signal-state`` gets only the last transition of each signal: the topic is compacted, the others would be noise.
    An erased signal leaves nothing there.
    """
    last: dict[str, bytes | None] = {}
    for transition in evaluated.transitions:
        value = codec.encode_json(transition)
        last[transition.signal_id] = None if transition.erased else value
        yield Record(topics.signal_events, partition, transition.org_id.encode(), value)
    for signal_id, state in last.items():
        yield Record(topics.signal_state, partition, signal_id.encode(), state)
    for held in evaluated.suppressions:
        yield Record(topics.suppressions, partition, held.org_id.encode(), codec.encode_json(held))
    for org_id, summary in evaluated.summaries.items():
        yield Record(topics.account_summaries, partition, org_id.encode(), summary)
    for delivery in evaluated.deliveries:
        key = delivery.transition.org_id.encode()
        yield Record(topics.deliveries(delivery.sink), partition, key, codec.encode_json(delivery))
    for letter in evaluated.dead:
        key = letter.org_id.encode() if letter.org_id is not None else b""
        yield Record(topics.dead_letters, partition, key, codec.encode_json(letter))
