"""The canary: accounts of our own, one for each partition, whose sign of life goes through every hop."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from signals.domain.signal import Transition

CANARY_RULE = "signals_canary"
"""The rule that turns it into a card; its signals are for nobody but whoever runs the pipeline."""

CANARY_PREFIX = "signals-canary-"
"""Account ids that begin so are ours; no customer's does."""


def is_canary(org_id: str) -> bool:
    """Say whether an account is one of ours."""
    return org_id.startswith(CANARY_PREFIX)


def canary_account(partition: int, partition_of: Callable[[str], int]) -> str:
    """Return the account whose key belongs on *partition*; the same one every time.

    >>> canary_account(2, lambda org_id: int(org_id.removeprefix(CANARY_PREFIX)) % 3)
    'signals-canary-2'
    """
    return next(org_id for n in count() if partition_of(org_id := f"{CANARY_PREFIX}{n}") == partition)


def canary_sent_at(transition: Transition) -> datetime | None:
    """Return when the canary that a transition shows was sent; None when it is no canary's.

    Not the transition's own time: that is the account's clock, which may be ahead.
    """
    if transition.rule != CANARY_RULE:
        return None
    shown = next((line.value for line in transition.evidence if line.name == "canary.sent_at"), "")
    try:
        return datetime.fromisoformat(shown)
    except ValueError:
        return None
