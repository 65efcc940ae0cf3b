"""One delivery to one sink, with every attempt it takes: sent, skipped or dead.

The caller writes ``sent.<sink>`` after ``Delivered`` and the dead letter after ``Dead``, awaits the broker, and only
then commits; so a crash repeats a delivery and never loses one.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import Change, FailReason, SkipReason
from signals.domain.signal import Delivery, Transition
from signals.sinks.contract import Sent, Sink
from signals.sinks.pacing import Monotonic, Sleep
from signals.sinks.retry import AMBIGUOUS, SETTLE, Spent, next_pause

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The service has it; remember *sent*."""

    sent: Sent
    attempts: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """No call was made."""

    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Dead:
    """It will not arrive: write a dead letter. The message holds no secret."""

    reason: FailReason
    message: str
    attempts: int
    passing: bool = False
    """Whether the same call may work later: only the budget is used up."""


Outcome = Delivered | Skipped | Dead


@dataclass(frozen=True, slots=True)
class Patience:
    """The edge that waiting needs: a clock that never goes back, a sleep, and chance. All are faked in tests."""

    monotonic: Monotonic
    sleep: Sleep
    random: Random = field(default_factory=Random)
    settle: timedelta = SETTLE
    """How long a call whose answer was lost may go on in the service, and stay invisible to a look-up."""


def skip_reason(delivery: Delivery, sent: Sent | None) -> SkipReason | None:
    """Return why *delivery* needs no call, or None when it does. Pure."""
    if sent is not None and delivery.transition.seq <= sent.seq:
        return SkipReason.REPEAT
    if sent is None and delivery.transition.erased:
        # Deliveries of one signal to one destination are done in order: what an earlier process may have sent without
        # recording it was delivered again, and recorded, before this one.
        return SkipReason.NEVER_SENT
    if sent is not None and sent.in_digest and not _wakes(delivery.transition):
        return SkipReason.IN_DIGEST
    return None


def _wakes(transition: Transition) -> bool:
    """Whether a signal that was shown in a digest only gets its card now."""
    return transition.erased or transition.notify or transition.change is Change.REOPENED


async def deliver(
    sink: Sink,
    delivery: Delivery,
    sent: Sent | None,
    *,
    patience: Patience,
    redelivered: bool = False,
    on_retry: Callable[[Transient], None] | None = None,
    superseded: Callable[[], bool] | None = None,
) -> Outcome:
    """Bring *delivery* to *sink*, however many attempts it takes within the budget of ``sinks.retry``.

    May be called at once for many deliveries, but for one signal and destination only one after the other.

    Parameters
    ----------
    sink
        Started.
    delivery, sent
        What is due, and what was last delivered of the same signal to the same destination.
    patience, redelivered, on_retry, superseded
        See ``attempts``.
    """
    reason = skip_reason(delivery, sent)
    if reason is not None:
        return Skipped(reason)
    return await attempts(
        lambda again: sink.send(delivery, sent, redelivered=again),
        sink.name,
        f"delivery {delivery.id}",
        patience=patience,
        redelivered=redelivered,
        on_retry=on_retry,
        superseded=superseded,
    )


async def attempts(
    send: Callable[[bool], Awaitable[Sent]],
    name: str,
    what: str,
    *,
    patience: Patience,
    redelivered: bool,
    on_retry: Callable[[Transient], None] | None = None,
    superseded: Callable[[], bool] | None = None,
) -> Outcome:
    """Call *send* until it answers, within the budget of ``sinks.retry``.

    Parameters
    ----------
    send
        One attempt; told whether an earlier one may have arrived.
    name, what
        The sink's name, and what is sent, for the log.
    patience
        Clock, sleep and chance.
    redelivered
        Whether an earlier process may have sent it without recording that.
    on_retry
        Called with each failure that will be tried again (for a metric).
    superseded
        Whether news have come that make this one unnecessary; asked before each further attempt. An attempt that may
        have got half-way is finished all the same, or what it said would be said again.
    """
    spent = Spent()
    half_way = redelivered
    while True:
        began = patience.monotonic()
        try:
            answer = await send(redelivered)
        except Transient as fault:
            failure = fault
        except Permanent as fault:
            return Dead(fault.reason, str(fault), spent.attempts + 1)
        except Exception as error:  # a bug of ours in one card must not stop the partition for all others
            LOG.exception("sink %s failed on %s", name, what)
            return Dead(FailReason.OTHER, f"{name}: {type(error).__name__}", spent.attempts + 1)
        else:
            return Delivered(answer, spent.attempts + 1)
        took = timedelta(seconds=patience.monotonic() - began)
        spent = replace(spent, attempts=spent.attempts + 1, own=spent.own + took)
        settle = patience.settle if failure.reason in AMBIGUOUS else timedelta(0)
        pause = next_pause(spent, failure.after, patience.random, least=settle)
        if pause is None:
            text = f"{failure} (given up after {spent.attempts} attempts)"
            return Dead(failure.reason, text, spent.attempts, passing=True)
        if on_retry is not None:
            on_retry(failure)
        await patience.sleep(pause.total_seconds())
        if failure.after > timedelta(0):
            spent = replace(spent, asked=spent.asked + pause)
        else:
            spent = replace(spent, own=spent.own + pause)
        # The failed attempt may have reached the service all the same: a lost answer looks like a lost question.
        redelivered = True
        half_way = half_way or failure.reason in AMBIGUOUS
        if superseded is not None and not half_way and superseded():
            return Skipped(SkipReason.COALESCED)
