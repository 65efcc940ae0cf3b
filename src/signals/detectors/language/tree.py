"""The checked form of an expression: typed nodes, made by ``check.py``, read by everything else in this package."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from signals.detectors.language.names import NUMERIC, Fact, Function, Kind, Param, Scope

Ordering = Literal["<", "<=", ">", ">=", "==", "!="]
Operator = Literal["+", "-", "*", "/"]


class ExpressionError(Exception):
    """An expression is wrong; becomes a ``PackError`` with file and line where the caller knows them."""

    def __init__(self, problem: str, valid: str = "") -> None:
        self.problem, self.valid = problem, valid
        super().__init__(problem)


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """What every node has: its kind and unit, and the text as written."""

    kind: Kind
    text: str
    unit: str = ""
    fields: Mapping[str, Kind] = field(default_factory=dict)

    made_of: ClassVar[tuple[str, ...]] = ()
    """Which attributes hold nodes (or a tuple of them, or None)."""

    @property
    def parts(self) -> "tuple[Node, ...]":
        """The nodes it is made of, in the order written."""
        found: list[Node] = []
        for name in self.made_of:
            value = getattr(self, name)
            found += value if isinstance(value, tuple) else () if value is None else (value,)
        return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class Constant(Node):
    """A literal or a parameter."""

    value: object
    param: Param | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class FactRef(Node):
    """A fact by name."""

    fact: Fact


@dataclass(frozen=True, eq=False)
class Let:
    """A compiled ``let``: its node, its value for a scope, and what adds its wake-ups to a list (None: it has none)."""

    node: Node
    compute: Callable[[Scope], object]
    mark: "Callable[[Scope, list[datetime]], object] | None"


@dataclass(frozen=True, eq=False, kw_only=True)
class LetRef(Node):
    """A ``let`` by name; its value is cached for the evaluation."""

    name: str
    let: Let

    @property
    def parts(self) -> tuple[Node, ...]:
        """The let's own node."""
        return (self.let.node,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Local(Node):
    """The element of ``each``, or the variable of a quantifier (``slot`` is then its name in generated code)."""

    name: str
    slot: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribute(Node):
    """One attribute of a record."""

    made_of: ClassVar[tuple[str, ...]] = ("base",)
    base: Node
    name: str


@dataclass(frozen=True, eq=False, kw_only=True)
class EventField(Node):
    """A field of the event; ``shared`` is False when only some of the rule's event kinds have it (else null)."""

    name: str
    shared: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Opened(Node):
    """A value frozen when the signal opened; ``of`` is what it was then."""

    name: str
    of: Node


@dataclass(frozen=True, eq=False, kw_only=True)
class Call(Node):
    """A registered function."""

    made_of: ClassVar[tuple[str, ...]] = ("arguments",)
    function: Function
    arguments: tuple[Node, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Builtin(Node):
    """A function of the language: age, until, default, known, exists, min, max, abs, len."""

    made_of: ClassVar[tuple[str, ...]] = ("arguments",)
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class SignalHolds(Node):
    """Whether another rule's condition holds."""

    made_of: ClassVar[tuple[str, ...]] = ("key",)
    rule: str
    key: Node | None


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenSignals(Node):
    """How many other rules of a churn level hold."""

    level: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Not(Node):
    """Negation."""

    made_of: ClassVar[tuple[str, ...]] = ("of",)
    of: Node


@dataclass(frozen=True, eq=False, kw_only=True)
class Junction(Node):
    """``and`` or ``or`` over two conditions or more."""

    made_of: ClassVar[tuple[str, ...]] = ("terms",)
    conjunction: bool
    terms: tuple[Node, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Compare(Node):
    """One comparison; a chain is a conjunction of them."""

    made_of: ClassVar[tuple[str, ...]] = ("left", "right")
    left: Node
    op: Ordering
    right: Node


@dataclass(frozen=True, eq=False, kw_only=True)
class Arithmetic(Node):
    """One of + - * /; a negation is ``0 - x``."""

    made_of: ClassVar[tuple[str, ...]] = ("left", "right")
    left: Node
    op: Operator
    right: Node


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice(Node):
    """``then if condition else other``."""

    made_of: ClassVar[tuple[str, ...]] = ("condition", "then", "other")
    condition: Node
    then: Node
    other: Node


@dataclass(frozen=True, eq=False, kw_only=True)
class Member(Node):
    """``item in collection`` (``negated``: not in); a literal collection is ``options``."""

    made_of: ClassVar[tuple[str, ...]] = ("item", "collection", "options")
    item: Node
    collection: Node | None
    options: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Quantifier(Node):
    """any, all, count, sum, min or max over a collection; ``body`` is the condition, or the value summed."""

    made_of: ClassVar[tuple[str, ...]] = ("collection", "where", "body")
    name: str
    variable: Local
    collection: Node
    where: Node | None
    body: Node | None


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, lets included."""
    yield node
    for part in node.parts:
        yield from walk(part)


def may_be_bound(node: Node) -> bool:
    """Return whether its value may be ``AtLeast``."""
    match node:
        case Constant() | EventField() | Arithmetic() | Builtin(name="default" | "min" | "max" | "abs"):
            return False
        case _:
            return node.kind in NUMERIC or node.kind is Kind.ANY


def is_truth(node: Node) -> bool:
    """Return whether its value is always True, False or UNKNOWN, never None."""
    match node:
        case Compare() | Junction() | Not() | Member() | SignalHolds():
            return True
        case Quantifier(name="any" | "all") | Builtin(name="known" | "exists"):
            return True
        case Constant(value=value):
            return isinstance(value, bool)
        case _:
            return False
