"""What one step of the engine gives back."""

from dataclasses import dataclass

from signals.domain.account.state import Account
from signals.domain.signal import Delivery, Suppression, Transition
from signals.engine.admission import DeadArrival


@dataclass(frozen=True)
class Tally:
    """Counts the edge turns into metrics: events applied, duplicates, late ones, rules looked at.

    A rule counts as looked at also where its memory knew the answer.
    """

    applied: int = 0
    duplicates: int = 0
    late: int = 0
    evaluated: int = 0
    unowned: int = 0
    """Signals that went to the fallback because the account has no owner."""
    erased: int = 0
    """Events of a time before the account was erased; not applied."""


@dataclass(frozen=True)
class Stepped:
    """The account after the step, and everything to send, in order."""

    account: Account
    transitions: tuple[Transition, ...]
    suppressions: tuple[Suppression, ...]
    deliveries: tuple[Delivery, ...]
    dead: tuple[DeadArrival, ...]
    tally: Tally
    closed_day: bool = False
    """Whether a business day of the account closed: what is told once a day is due."""
    leads_moved: bool = False
    """Whether its lead tasks or who has its leads moved, or a signal waits for whose turn it is."""
