"""Why a condition cannot hold, and what would have to move before it could.

A conjunction is refuted by any one of its terms. As long as nothing that this one term reads has moved, the condition
needs no second look, whatever happens to the facts of the other terms: the cost then follows what moved. The term is
chosen so that it moves as seldom as can be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from math import prod

from signals.detectors.language import moving
from signals.detectors.language.failing import Failing, compile_failing
from signals.detectors.language.kinds import is_null
from signals.detectors.language.names import Close, Kind
from signals.detectors.language.tree import (
    Arithmetic,
    Attribute,
    Builtin,
    Call,
    Compare,
    Constant,
    FactRef,
    Junction,
    LetRef,
    Local,
    Node,
    Opened,
    Quantifier,
    SignalHolds,
    walk,
)


@dataclass(frozen=True)
class Watch:
    """What a refuted condition waits for: ``fields`` of the state, and those closes of a day.

    Signals of other rules are not listed: whoever reads one is looked at when it comes or goes.
    """

    fields: frozenset[str]
    closes: Close

    def joined(self, other: "Watch") -> "Watch":
        """Return what both wait for."""
        return Watch(self.fields | other.fields, max(self.closes, other.closes))


@dataclass(frozen=True, eq=False)
class Refuter:
    """The terms of one condition, compiled.

    Parameters
    ----------
    failing
        Says which terms fail, for all elements of a rule in one call; see ``failing.py``.
    watches
        For each number; None: time alone may change it.
    certain
        What makes a term that is false anything else, unknown too; for the numbers of false terms only.
    standing
        What the elements themselves wait for: a new one may come.
    """

    failing: Failing
    watches: tuple[Watch | None, ...]
    certain: tuple[Watch | None, ...]
    standing: Watch
    source: str = field(repr=False)
    _known: dict[int, Watch | None] = field(default_factory=dict, repr=False)
    _known_certain: dict[int, Watch | None] = field(default_factory=dict, repr=False)

    def watch(self, terms: int) -> Watch | None:
        """Return what to wait for when each element fails one of *terms* (a bit for each number).

        Until then the condition is not true. None: nothing, because time alone may change one of the terms.
        """
        try:
            return self._known[terms]
        except KeyError:
            joined = self._known[terms] = self._join(terms, self.watches)
            return joined

    def certain_watch(self, terms: int) -> Watch | None:
        """Return what to wait for until the condition may be anything but false; None also when it is not certain."""
        try:
            return self._known_certain[terms]
        except KeyError:
            joined = self._known_certain[terms] = self._join(terms, self.certain)
            return joined

    def _join(self, terms: int, watches: tuple[Watch | None, ...]) -> Watch | None:
        joined: Watch | None = self.standing
        for number in range(terms.bit_length()):
            if terms >> number & 1:
                joined = _both(joined, watches[number] if number < len(watches) else None)
        return joined


@dataclass(frozen=True)
class _Waits:
    """What a term waits for: while it is false until it may be true, while it is unknown, while it is false at all."""

    false: Watch | None
    unknown: Watch | None
    certain: Watch | None

    def joined(self, other: "_Waits") -> "_Waits":
        return _Waits(
            _both(self.false, other.false), _both(self.unknown, other.unknown), _both(self.certain, other.certain)
        )


def _both(one: Watch | None, other: Watch | None) -> Watch | None:
    return None if one is None or other is None else one.joined(other)


def compile_refuter(condition: Node, collection: Node | None) -> Refuter:
    """Return the refuter of a rule's condition; *collection* is what ``each`` goes through.

    Terms that time alone may flip come last: a rule's wake-ups leave them out while another term is false.
    """
    terms = sorted(((_waits(one, collection), one) for one in _clauses(condition)), key=lambda one: _order(*one))
    failing, source = compile_failing([_junction(clause) for _, clause in terms])
    standing = Watch(frozenset(), Close.NEVER)
    if collection is not None:
        rests = isinstance(collection, FactRef) and collection.fact.elements_rest
        standing = Watch(state_fields([collection]), Close.NEVER if rests else _any_close(collection))
    watches = (*(waits.false for waits, _ in terms), *(waits.unknown for waits, _ in terms))
    return Refuter(failing, watches, tuple(waits.certain for waits, _ in terms), standing, source)


def _order(waits: _Waits, clause: "Clause") -> tuple[bool, int, int, int]:
    """Those that move seldom first, among them the cheapest; those that time alone may flip last."""
    watch = waits.false
    cost = 0
    for literal in clause:
        for node in walk(literal):
            if isinstance(node, Call):
                cost += node.function.cost
            elif isinstance(node, SignalHolds | Quantifier | Arithmetic):
                cost += 1
    return watch is None, watch.closes if watch else 0, len(watch.fields) if watch else 0, cost


Clause = tuple[Node, ...]
"""A disjunction."""

MAX_CLAUSES = 30
# Of an ``or`` of two conjunctions of five terms each; beyond this it is taken as one term.


def _clauses(condition: Node) -> tuple[Clause, ...]:
    """Return the condition as a conjunction of disjunctions (distribution holds with three values too)."""
    match condition:
        case LetRef(let=let) if isinstance(let.node, Junction | FactRef | LetRef):
            return _clauses(let.node)
        case FactRef(fact=fact) if fact.only_if is not None:
            other = FactRef(kind=Kind.BOOL, text=fact.only_if.name, fact=fact.only_if)
            return ((other,), (condition,))
        case Junction(conjunction=True, terms=terms):
            return tuple(dict.fromkeys(clause for term in terms for clause in _clauses(term)))
        case Junction(terms=terms):
            parts = [_clauses(term) for term in terms]
            if prod(len(part) for part in parts) > MAX_CLAUSES:
                return ((condition,),)
            return tuple(tuple(literal for clause in chosen for literal in clause) for chosen in product(*parts))
        case _:
            return ((condition,),)


def _junction(clause: Clause) -> Node:
    if len(clause) == 1:
        return clause[0]
    return Junction(kind=Kind.BOOL, text=" or ".join(one.text for one in clause), conjunction=False, terms=clause)


def _waits(clause: Clause, collection: Node | None) -> _Waits:
    nothing = Watch(frozenset(), Close.NEVER)
    waits = _Waits(nothing, nothing, nothing)
    for literal in clause:
        waits = waits.joined(_waits_of(literal, collection))
    return waits


def _waits_of(node: Node, collection: Node | None) -> _Waits:
    below = tuple(walk(node))
    if any(isinstance(one, Opened) for one in below):
        return _Waits(None, None, None)  # read while a signal is open only
    read = [node]
    if collection is not None and any(isinstance(one, Local) and not one.slot for one in below):
        read.append(collection)
    fields = state_fields(read)
    if moving.check_moving(node):
        # A term that only time past can refute stays refuted as days close.
        settled = Watch(fields, _reads_days(node)) if _settled(node) else None
        return _Waits(settled, None, settled)
    any_close = max(_any_close(one) for one in read)
    closes = max(_closes(node), *(_any_close(one) for one in read[1:]), Close.NEVER)
    rising = fields - _growing(node)
    outlasts = _outlasts_days(node)
    return _Waits(
        Watch(rising, Close.NEVER if outlasts else closes),
        Watch(fields, closes),
        Watch(rising, Close.NEVER if outlasts else any_close),
    )


def _any_close(node: Node) -> Close:
    return Close.DAY if moving.is_daily(node) else Close.NEVER


def _closes(node: Node) -> Close:
    """Return which closes may make a term true that was false or unknown.

    Values that reach to yesterday either rest or fall when it was not reported, and are then "at least" what they are.
    So a comparison with one does not come true, nor one with what is computed of it, which is unknown.
    """
    match node:
        case LetRef(let=let):
            return _closes(let.node)
        case Compare(left=left, right=right):
            return max(_value_closes(left), _value_closes(right))
        case _:
            return _any_close(node)


def _value_closes(node: Node) -> Close:
    match node:
        case LetRef(let=let):
            return _value_closes(let.node)
        case FactRef(fact=fact):
            return fact.closes if fact.daily else Close.NEVER
        case Call(function=function, arguments=arguments):
            if function.optional and len(arguments) == len(function.takes):
                return Close.DAY
            own = function.closes if function.daily else Close.NEVER
            return max(own, *(_any_close(one) for one in arguments), Close.NEVER)
        case Arithmetic(left=left, right=right):
            both = _value_closes(left), _value_closes(right)
            return Close.REPORTED if Close.REPORTED in both else max(both)
        case _:
            return _any_close(node)


def state_fields(roots: Iterable[Node]) -> frozenset[str]:
    """Return the fields of the state that expressions read, taken together.

    Attributes of elements count by name: a fact may say that one of them reads more than its elements do.
    """
    roots = tuple(roots)
    names = {node.name for root in roots for node in walk(root) if isinstance(node, Attribute)}
    return frozenset[str]().union(*(_fields(root, names) for root in roots))


def _fields(node: Node, names: set[str]) -> frozenset[str]:
    match node:
        case FactRef(fact=fact):
            return fact.reads.union(*(fact.parts[name] for name in names & fact.parts.keys()))
        case Call(function=function, arguments=(FactRef(fact=fact), *rest)) if function.reads and _of_the_past(rest):
            return (fact.reads - SERIES_FIELDS) | ({function.reads} if fact.reads & SERIES_FIELDS else frozenset())
        case Call(function=function, arguments=arguments) if function.state:
            texts = [one.value for one in arguments if isinstance(one, Constant) and isinstance(one.value, str)]
            own = {f"{field}.{text}" for field in function.state for text in texts} or function.state
            return frozenset(own).union(*(_fields(part, names) for part in node.parts))
        case _:
            return frozenset[str]().union(*(_fields(part, names) for part in node.parts))


SERIES_FIELDS = frozenset({"usage.days", "usage.reported"})
"""Fields every report of usage moves, whichever day it is of."""


def _of_the_past(rest: list[Node]) -> bool:
    """Say whether a function sums nothing of the running week or month: it counts complete ones, from 1 ago on."""
    return all(isinstance(one, Constant) and isinstance(one.value, int) and one.value > 0 for one in rest)


def _settled(term: Node) -> bool:
    """Say whether the term, once false, stays false however much time passes: ``age(x) < k``, ``until(x) >= k``."""
    if not isinstance(term, Compare):
        return False
    inner = [flip for node in walk(term) if isinstance(node, Compare) for flip in moving.flips(node)]
    own = moving.flips(term)
    return len(inner) == len(own) and all(flip.op in {"<", "<="} for flip in own)


def _reads_days(term: Node) -> Close:
    reads = any(
        (isinstance(node, FactRef) and node.fact.daily) or (isinstance(node, Call) and node.function.daily)
        for node in walk(term)
    )
    return Close.DAY if reads else Close.NEVER


def _growing(node: Node) -> frozenset[str]:
    """Return the fields that cannot make a false term true, because they only raise what it wants to be small."""
    match node:
        case LetRef(let=let):
            return _growing(let.node)
        case Compare() if _wants_little(node):
            return _rises_with(node.left)
        case Quantifier(name="all", collection=FactRef(fact=fact), body=Compare(left=Attribute() as left) as body):
            if _wants_little(body) and left.base is node.variable:
                return fact.parts_rise_with.get(left.name, frozenset())
    return frozenset()


def _wants_little(node: Compare) -> bool:
    if not isinstance(node.right, Constant) or is_null(node.right):
        return False
    return node.op in {"<", "<="} or (node.op == "==" and node.right.value == 0)


def _rises_with(node: Node) -> frozenset[str]:
    """Return the fields that only ever raise a count, and never below 0."""
    match node:
        case LetRef(let=let):
            return _rises_with(let.node)
        case FactRef(fact=fact):
            return fact.rises_with
        case Call(function=function, arguments=(FactRef(fact=fact), *rest)) if function.rises:
            if not fact.rises_with or not all(isinstance(one, Constant) for one in rest):
                return frozenset()
            # What sums all days there ever were does not fall when a day closes, so knowing it better changes nothing.
            return fact.reads if function.rises == "ever" else fact.rises_with
        case Arithmetic(left=left, op="+", right=right):
            return _rises_with(left) & _rises_with(right)
    return frozenset()


def _outlasts_days(node: Node) -> bool:
    """Say whether a false term stays false as days close: what it wants to be 0 sums all days there ever were."""
    if not isinstance(node, Compare) or not _growing(node):
        return False
    left = node.left
    while isinstance(left, LetRef):
        left = left.let.node
    return isinstance(left, Call) and left.function.rises == "ever"


def told_apart(root: Node) -> frozenset[str]:
    """Return the rules whose unknown the expression can tell from false: those not read as ``default(..., false)``."""
    match root:
        case Builtin(name="default", arguments=(SignalHolds(key=None), Constant(value=False))):
            return frozenset()
        case SignalHolds(rule=rule):
            return frozenset({rule}).union(*(told_apart(part) for part in root.parts))
    return frozenset[str]().union(*(told_apart(part) for part in root.parts))


__all__ = ["Refuter", "Watch", "compile_refuter", "state_fields", "told_apart"]
