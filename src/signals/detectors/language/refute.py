"""Why a condition cannot hold, and what would have to move before it could.

A conjunction is refuted by any one of its terms. As long as nothing that this one term reads has moved, the condition
needs no second look, whatever happens to the facts of the other terms: the cost then follows what moved. The term is
chosen so that it moves as seldom as can be.
"""

from dataclasses import dataclass, field
from itertools import product
from math import prod

from signals.detectors.language.failing import Failing, compile_failing
from signals.detectors.language.names import Close, Kind
from signals.detectors.language.tree import (
    Arithmetic,
    Builtin,
    Call,
    Constant,
    FactRef,
    Junction,
    LetRef,
    Node,
    Quantifier,
    SignalHolds,
    walk,
)
from signals.detectors.language.waiting import Clause, Waits, Watch, arrivals_of, both, of_an_element, waits_of


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
    scalar
        Of each number: whether the term reads nothing of an element, so that it fails for all there may ever be.
    """

    failing: Failing
    watches: tuple[Watch | None, ...]
    certain: tuple[Watch | None, ...]
    standing: Watch
    scalar: tuple[bool, ...]
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
        failing = [number for number in range(terms.bit_length()) if terms >> number & 1]
        waited = {number: watches[number] if number < len(watches) else None for number in failing}
        for number in failing:
            alone = waited[number]
            if self.scalar[number % len(self.scalar)] and alone is not None:
                return alone  # it refutes every element, also those to come
        joined: Watch | None = self.standing
        for watch in waited.values():
            joined = both(joined, watch)
        return joined


def compile_refuter(condition: Node, collection: Node | None) -> Refuter:
    """Return the refuter of a rule's condition; *collection* is what ``each`` goes through.

    Terms that time alone may flip come last: a rule's wake-ups leave them out while another term is false.
    """
    terms = sorted(((waits_of(one, collection), one) for one in _clauses(condition)), key=lambda one: _order(*one))
    failing, source = compile_failing([_junction(clause) for _, clause in terms])
    standing = Watch(frozenset(), Close.NEVER)
    if collection is not None:
        standing = arrivals_of(collection)
    watches = (*(waits.false for waits, _ in terms), *(waits.unknown for waits, _ in terms))
    scalar = tuple(not any(of_an_element(literal) for literal in clause) for _, clause in terms)
    return Refuter(failing, watches, tuple(waits.certain for waits, _ in terms), standing, scalar, source)


def _order(waits: Waits, clause: "Clause") -> tuple[bool, int, int, int]:
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


def told_apart(root: Node) -> frozenset[str]:
    """Return the rules whose unknown the expression can tell from false: those not read as ``default(..., false)``."""
    match root:
        case Builtin(name="default", arguments=(SignalHolds(key=None), Constant(value=False))):
            return frozenset()
        case SignalHolds(rule=rule):
            return frozenset({rule}).union(*(told_apart(part) for part in root.parts))
    return frozenset[str]().union(*(told_apart(part) for part in root.parts))


__all__ = ["Refuter", "compile_refuter", "told_apart"]
