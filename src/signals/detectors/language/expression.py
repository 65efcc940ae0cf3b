"""A compiled expression: what a rule holds for each of its conditions and values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signals.detectors.language import classes, emit, events, moving
from signals.detectors.language.check import Checker, Reachable, parse
from signals.detectors.language.names import Kind, Names, Param, Scope
from signals.detectors.language.reason import Reason
from signals.detectors.language.tree import (
    ExpressionError,
    FactRef,
    Let,
    Local,
    Node,
    Opened,
    OpenSignals,
    SignalHolds,
    walk,
)
from signals.detectors.language.why import Explainer
from signals.domain.classes import FieldClass
from signals.domain.errors import PackError
from signals.domain.events.base import Event


@dataclass(frozen=True, eq=False)
class Expression:
    """A checked expression, compiled once. Pure: the same scope gives the same answer.

    ``reads`` are names of facts, ``signals`` ids of rules in ``signal("id")``, ``levels`` churn levels in
    ``open_signals("B")``, ``frozen`` the names after ``opened.``; all include what the lets it reads need.
    ``daily`` says that it must be looked at when a business day closes.

    ``wakes`` trusts that it is asked again whenever a fact or a signal it reads moves: where a condition without a
    clock already decides, the wake-ups of the others are left out.
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
    per_item: bool = False
    """It reads the element of ``each``."""
    label: str = ""
    sensitive: frozenset[FieldClass] = frozenset()
    """Sensitive classes of the texts its value may hold."""
    let: Let | None = field(default=None, repr=False)
    """How other expressions embed it; of no use to the engine."""
    source: str = field(default="", repr=False)
    """The generated Python, for tests and for the curious."""


def compile_expression(
    text: str,
    *,
    names: Names,
    params: Mapping[str, Param] | None = None,
    lets: Mapping[str, Expression] | None = None,
    item: tuple[str, Mapping[str, Kind]] | None = None,
    event: type[Event] | Sequence[type[Event]] | None = None,
    opened: Mapping[str, Expression] | None = None,
    where: str = "expression",
) -> Expression:
    """Check and compile one expression.

    Parameters
    ----------
    params, lets
        Of the rule; lets in the order written.
    item
        Name and attributes of the element of ``each``; no attributes: the element is a text.
    event
        The event type, or types, of an edge rule.
    opened
        Lets that may stand after ``opened.``; facts and attributes of the item may as well. None: nothing may.
    where
        ``file:line`` for errors.

    Raises
    ------
    PackError
        The expression is wrong.
    """
    reachable = Reachable(
        names,
        params or {},
        {name: let.let for name, let in (lets or {}).items() if let.let is not None},
        None if item is None else (item[0], Kind.RECORD if item[1] else Kind.TEXT, item[1]),
        None if event is None else events.fields_of(event),
        None if opened is None else {name: let.let.node for name, let in opened.items() if let.let is not None},
    )
    try:
        node = Checker(reachable).check(parse(text))
        return compile_node(node, text.strip())
    except ExpressionError as error:
        raise PackError(where, error.problem, error.valid) from None


def compile_node(node: Node, text: str) -> Expression:
    """Compile a checked node; raises ``ExpressionError`` where no wake-up time follows from a use of age or until."""
    timed = moving.check_moving(node)
    compute, source = emit.compile_value(node)
    mark = emit.compile_mark(node)
    below = tuple(walk(node))
    return Expression(
        text=text,
        kind=node.kind,
        unit=node.unit,
        evaluate=compute,
        wakes=_wakes(mark),
        why=Explainer(node),
        reads=frozenset(each.fact.name for each in below if isinstance(each, FactRef)),
        signals=frozenset(each.rule for each in below if isinstance(each, SignalHolds)),
        levels=frozenset(each.level for each in below if isinstance(each, OpenSignals)),
        frozen=frozenset(each.name for each in below if isinstance(each, Opened)),
        daily=moving.is_daily(node),
        timed=timed,
        per_item=any(isinstance(each, Local) and not each.slot for each in below),
        label=node.fact.label if isinstance(node, FactRef) else "",
        sensitive=classes.sensitive(node),
        let=Let(node, compute, mark),
        source=source,
    )


def _wakes(mark: emit.Mark | None) -> Callable[[Scope], tuple[datetime, ...]]:
    if mark is None:
        return lambda _scope: ()

    def wakes(scope: Scope) -> tuple[datetime, ...]:
        found: list[datetime] = []
        mark(scope, found)
        now = scope.now
        return tuple(sorted({instant for instant in found if instant > now}))

    return wakes
