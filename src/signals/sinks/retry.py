"""When to try again: exponential back-off with full jitter, and as long as the service asks for."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from signals.domain.reasons import FailReason

FIRST_PAUSE = timedelta(seconds=1)
# Upper end of the first pause. Smaller hammers a service that is just restarting; larger delays every short hiccup.

LONGEST_PAUSE = timedelta(seconds=45)
# Larger finds out too late that the service is back; smaller adds calls to an outage of minutes for nothing.

RETRY_BUDGET = timedelta(minutes=4)
# Time one delivery may spend on failures before it becomes a dead letter. Must end inside the stop grace of five
# minutes: longer, and a deploy cuts a send in half. Much shorter would dead-letter an ordinary Slack outage.

ASKED_BUDGET = timedelta(hours=1)
# Pauses the service asked for (Retry-After) come on top, since each is a promise to take us afterwards; but a service
# that has put us off for an hour in all will not take us, and somebody should know.

SETTLE = timedelta(seconds=3)
# After a lost answer the call may still be at work in the service, and what it wrote shows in look-ups a little later:
# looked for at once it is not found, and is made twice. Slack and HubSpot are done within a second or two; a longer
# wait delays every card that met a hiccup.

AMBIGUOUS = frozenset({FailReason.TIMEOUT, FailReason.CONNECTION, FailReason.SERVER})
"""Failures after which the service may have done its work all the same."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the attempts at one delivery have cost so far."""

    attempts: int = 0
    own: timedelta = timedelta(0)
    """In calls and in pauses of our own choice."""
    asked: timedelta = timedelta(0)
    """In pauses the service asked for."""


def next_pause(spent: Spent, after: timedelta, random: Random, *, least: timedelta = timedelta(0)) -> timedelta | None:
    """Return how long to wait before the next attempt, or None when the budget is used up.

    Parameters
    ----------
    spent
        Including the attempt that just failed, so ``attempts`` is at least 1.
    after
        What the service asked for; zero when it did not ask. It is never undercut.
    random
        Source of the jitter; seeded in tests.
    least
        Shortest pause that makes sense.

    Examples
    --------
    >>> next_pause(Spent(attempts=1), timedelta(seconds=30), Random(1)) >= timedelta(seconds=30)
    True
    >>> next_pause(Spent(attempts=9, own=RETRY_BUDGET), timedelta(0), Random(1)) is None
    True
    """
    if spent.own >= RETRY_BUDGET:
        return None
    if after > timedelta(0):
        if spent.asked + after > ASKED_BUDGET:
            return None
        # A little more, so that everybody who was put off does not come back in the same instant.
        return max(after + FIRST_PAUSE * random.random(), least)
    doublings = min(spent.attempts - 1, 16)
    pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE) * random.random()
    pause = max(pause, least)
    return None if spent.own + pause > RETRY_BUDGET else pause
