"""An account is erased on request: it forgets all but its positions, and every signal it ever told is taken back.

Taking back is one last transition per signal, ``resolved`` because ``erased``, that says nothing but the account id: on
signal-events it tells readers to forget the signal, on signal-state it becomes a tombstone, and each sink that showed
the signal blanks what it showed. So an erasure has the order, the repeats and the dead letters of every other step.
"""

from collections.abc import Iterable
from datetime import datetime

from signals.domain.account.life import Life
from signals.domain.account.state import Account
from signals.domain.ids import transition_id
from signals.domain.reasons import Change, FamilyName, ResolvedBecause, Severity
from signals.domain.signal import Owner, Position, Transition

ERASED_SEQ = 1_000_000_000
"""``seq`` of the last transition: above any a signal ever reaches, so nobody has to remember the last one."""

HEADLINE = "erased on request"

SEPARATOR = "\t"
"""Between the id of what was told and each part of where it went."""


def entry(signal_id: str, addresses: tuple[tuple[str, str], ...]) -> str:
    """Return what is remembered of a published signal: its id and where it went.

    >>> entry("nbkbj50edh13dmfb", (("slack", "#churn"), ("crm", "task"))).split(chr(9))
    ['nbkbj50edh13dmfb', 'slack', '#churn', 'crm', 'task']
    """
    return SEPARATOR.join((signal_id, *(part.replace(SEPARATOR, " ") for address in addresses for part in address)))


def each_once(told: Iterable[str]) -> list[str]:
    """Return one entry of each signal, with every place it went to.

    One that stood on another's card and got its own later was noted twice.

    >>> told = [entry("a", (("slack", "#x"),)), entry("b", ()), entry("a", (("slack", "#x"), ("crm", "task")))]
    >>> each_once(told) == [entry("a", (("slack", "#x"), ("crm", "task"))), entry("b", ())]
    True
    """
    places: dict[str, dict[tuple[str, str], None]] = {}
    for one in told:
        signal_id, *parts = one.split(SEPARATOR)
        places.setdefault(signal_id, {}).update(dict.fromkeys(zip(parts[::2], parts[1::2], strict=True)))
    return [entry(signal_id, tuple(addresses)) for signal_id, addresses in places.items()]


def farewell(told: str, org_id: str, at: datetime, cause: Position) -> tuple[Transition, tuple[tuple[str, str], ...]]:
    """Return the last transition of a signal, from its ``entry``, and where it goes."""
    signal_id, *parts = told.split(SEPARATOR)
    transition = Transition(
        id=transition_id(signal_id, ERASED_SEQ),
        signal_id=signal_id,
        seq=ERASED_SEQ,
        change=Change.RESOLVED,
        at=at,
        org_id=org_id,
        account_name="",
        rule="",
        rule_version="",
        family=FamilyName.OTHER,
        severity=Severity.INFO,
        since=at,
        headline=HEADLINE,
        status="resolved",
        resolved_because=ResolvedBecause.ERASED,
        owner=Owner(name=""),
        caused_by=(cause,),
    )
    return transition, tuple(zip(parts[::2], parts[1::2], strict=True))


def emptied(account: Account, clock: datetime, erased_at: datetime) -> Account:
    """Return the account as one that was never seen, but for its clock, its positions and the time of the erasure."""
    return Account(account.org_id, clock=clock, life=Life(positions=account.life.positions, erased_at=erased_at))
