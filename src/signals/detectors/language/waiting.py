"""What a term waits for that does not hold: the fields of the state and the closes of a day that could make it true.

The narrower this is the less is looked at. Each case says why nothing else can.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from signals.detectors.language import moving
from signals.detectors.language.expression import Expression
from signals.detectors.language.kinds import is_null
from signals.detectors.language.names import Close
from signals.detectors.language.tree import (
    Arithmetic,
    Attribute,
    Builtin,
    Call,
    Compare,
    Constant,
    FactRef,
    LetRef,
    Local,
    Node,
    Opened,
    Quantifier,
    walk,
)


@dataclass(frozen=True)
class Watch:
    """What a refuted condition waits for: ``fields`` of the state, and those closes of a day.

    Signals of other rules are not listed: whoever reads one is looked at when it comes or goes.

    Parameters
    ----------
    dated
        Fields in which dates may stand for whose sake closes matter: while nothing is in any of them, none does. None:
        closes matter whatever is known (a fact of the calendar).
    """

    fields: frozenset[str]
    closes: Close
    dated: frozenset[str] | None = None

    def joined(self, other: "Watch") -> "Watch":
        """Return what both wait for."""
        if self.closes is Close.NEVER or other.closes is Close.NEVER:
            dated = self.dated if other.closes is Close.NEVER else other.dated
        else:
            dated = None if self.dated is None or other.dated is None else self.dated | other.dated
        return Watch(self.fields | other.fields, max(self.closes, other.closes), dated)

    @cached_property
    def undated(self) -> "Watch":
        """What is waited for while nothing is in the fields whose dates matter."""
        return Watch(self.fields | (self.dated or frozenset()), Close.NEVER)


@dataclass(frozen=True)
class Waits:
    """What a term waits for: while it is false until it may be true, while it is unknown, while it is false at all."""

    false: Watch | None
    unknown: Watch | None
    certain: Watch | None

    def joined(self, other: "Waits") -> "Waits":
        """Return what both wait for."""
        return Waits(
            both(self.false, other.false), both(self.unknown, other.unknown), both(self.certain, other.certain)
        )


def both(one: Watch | None, other: Watch | None) -> Watch | None:
    """Return what is waited for when either may change it; None where time alone may, for one of them."""
    return None if one is None or other is None else one.joined(other)


Clause = tuple[Node, ...]
"""A disjunction."""


def waits_of(clause: Clause, collection: Node | None) -> Waits:
    """Return what a disjunction waits for, none of whose terms holds; *collection* is what ``each`` goes through."""
    nothing = Watch(frozenset(), Close.NEVER)
    waits = Waits(nothing, nothing, nothing)
    for literal in clause:
        waits = waits.joined(_waits_of_literal(literal, collection))
    if len(clause) > 1:
        # Unknown may be one literal only: the others are false, and time may make them true.
        return Waits(waits.false, both(waits.false, waits.unknown), waits.certain)
    return waits


def _waits_of_literal(node: Node, collection: Node | None) -> Waits:
    if any(isinstance(one, Opened) for one in walk(node)):
        return Waits(None, None, None)  # read while a signal is open only
    read = [node]
    if collection is not None and of_an_element(node):
        read.append(collection)
    fields, dated = state_fields(read), _dated(read)
    if moving.check_moving(node):
        # A term that only time past can refute stays refuted as days close.
        rests = Watch(fields, max(_reads_days(node), *(_any_close(one) for one in read[1:]), Close.NEVER), dated)
        settled = rests if _settled(node) else None
        return Waits(settled, rests if _known_with_its_terms(node) else None, settled)
    any_close = max(_any_close(one) for one in read)
    closes = max(_closes(node), *(_any_close(one) for one in read[1:]), Close.NEVER)
    rising = fields - _growing(node)
    outlasts = _outlasts_days(node)
    false = Watch(rising, Close.NEVER if outlasts else closes, dated)
    unknown = Watch(fields, closes, dated)
    certain = Watch(rising, Close.NEVER if outlasts else any_close, dated)
    if (enough := _enough(node)) is not None:
        false, unknown = _narrower(false, enough[0]), _narrower(unknown, enough[1])
    return Waits(false, unknown, certain)


def _narrower(watch: Watch, bound: Watch) -> Watch:
    return Watch(watch.fields & bound.fields, min(watch.closes, bound.closes), watch.dated)


def _enough(node: Node) -> tuple[Watch, Watch] | None:
    """Return what a term waits for that wants much of one value, or a thing to be so: while false, while unknown.

    None where nothing more is known than what it reads.
    """
    match node:
        case LetRef(let=let):
            return _enough(let.node)
        case FactRef(fact=fact) if fact.sinks:
            return (resting := Watch(fact.reads, Close.NEVER)), resting
        case Compare(left=left, op=">" | ">=", right=Constant() as right) if not is_null(right):
            return _much_of(left)
    return None


def _much_of(node: Node) -> tuple[Watch, Watch] | None:
    match node:
        case LetRef(let=let):
            return _much_of(let.node)
        case FactRef(fact=fact) if fact.sinks:
            return Watch(fact.reads, Close.NEVER), Watch(fact.reads, Close.DAY)
        case Call(function=function, arguments=(FactRef(fact=fact), *rest)) if function.counts:
            of_reports = "usage.days" in fact.reads  # units of actions enter a closed window by the close itself
            if all(isinstance(one, Constant) for one in rest) and (function.sinks or of_reports):
                more = Watch(fact.reads - WITNESSES, Close.NEVER if function.sinks else Close.DAY)
                return more, more
        case Call(function=function, arguments=arguments) if function.sinks:
            if all(isinstance(one, Constant) for one in arguments):
                return (resting := Watch(state_fields([node]), Close.NEVER)), resting
    return None


def _known_with_its_terms(term: Node) -> bool:
    """Say whether a comparison with the clock is unknown only while a value in it is: no time makes one known."""
    if not isinstance(term, Compare):
        return False
    read = (node for side in (term.left, term.right) for node in walk(side))
    return all(isinstance(node, Constant | FactRef | LetRef | Attribute | Local | Call | Arithmetic) or _ages(node)
               for node in read)  # fmt: skip


def _ages(node: Node) -> bool:
    return isinstance(node, Builtin) and node.name in {"age", "until"}


def _dated(read: list[Node]) -> frozenset[str] | None:
    """Return the fields that, all of them empty, leave the values without any date; None for facts of the calendar."""
    for node in (below for root in read for below in walk(root)):
        match node:
            case FactRef(fact=fact) if fact.calendar:
                return None
            case Call(function=function) if function.daily and not state_fields([node]):
                return None
    return state_fields(read)


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


WITNESSES = frozenset({"usage.reported", "usage.covered", "profile.created_at"})
"""Fields that say whether the days of a window are all known; they add no units."""


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


def arrivals_of(collection: Node) -> Watch:
    """Return what must move before a collection has an element that it has not now."""
    if isinstance(collection, FactRef) and collection.fact.elements_from is not None:
        return Watch(collection.fact.elements_from, Close.NEVER)
    return Watch(state_fields([collection]), _any_close(collection), _dated([collection]))


def moves_with(expression: Expression | None) -> Watch | None:
    """Return what must move before an expression has another value; None where time alone may give it one."""
    if expression is None or expression.let is None or expression.timed:
        return None
    node = expression.let.node
    return Watch(state_fields([node]), _any_close(node), _dated([node]))


def of_an_element(node: Node) -> bool:
    """Say whether a term reads the element of ``each`` that is looked at."""
    return any(isinstance(one, Local) and not one.slot for one in walk(node))


__all__ = ["Clause", "Waits", "Watch", "arrivals_of", "both", "moves_with", "of_an_element", "state_fields", "waits_of"]
