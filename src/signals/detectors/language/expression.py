"""A compiled expression: what a rule holds for each of its conditions and values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from signals.detectors.language.names import Kind, Scope


@dataclass(frozen=True)
class Reason:
    """One comparison (or other condition) that explains an outcome, with the values it saw."""

    text: str
    """The condition as written."""
    name: str = ""
    """The let or fact on the left, such as ``now_volume`` or ``usage.total``."""
    label: str = ""
    """The reader's words for it, where the fact has them."""
    value: object = None
    threshold: object = None
    threshold_param: str = ""
    """The parameter on the right, where it is one."""
    outcome: object = None
    """True, False or UNKNOWN."""


@dataclass(frozen=True, eq=False)
class Expression:
    """A checked expression, compiled once. Pure: the same scope gives the same answer.

    ``reads`` are names of facts, ``signals`` ids of rules in ``signal("id")``, ``levels`` churn levels in
    ``open_signals("B")``, ``frozen`` the names after ``opened.``; all include what the lets it reads need.
    ``daily`` says that it must be looked at when a business day closes.
    """

    text: str
    kind: Kind
    unit: str
    evaluate: Callable[[Scope], object]
    """Value, ``UNKNOWN`` or ``None``; for a BOOL expression: True, False or ``UNKNOWN``."""
    wakes: Callable[[Scope], tuple[datetime, ...]]
    """Instants (UTC, sorted) after ``scope.now`` at which a comparison with time may flip while facts rest."""
    why: Callable[[Scope], tuple[Reason, ...]]
    """What made a condition so: see ``why.py``. Slow beside ``evaluate``: call it on transitions only."""
    reads: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    daily: bool = False
    timed: bool = False
    """It compares with time, so ``wakes`` may return something."""
    label: str = ""
    source: str = field(default="", repr=False)
    """The generated Python, for tests and for the curious."""
