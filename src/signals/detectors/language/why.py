"""Why a condition is as it is, from the same tree that decided it.

* ``and``: false -> each term that is false; true -> all; unknown -> what is unknown.
* ``or``: true -> the first that is true; false -> all; unknown -> what is unknown.

Lets that hold conditions are opened up; a quantifier stays whole. Each leaf says the values it saw.
"""

from collections.abc import Iterator

from signals.detectors.language.emit import Compute, compile_value
from signals.detectors.language.names import UNKNOWN, AtLeast, Kind, Scope
from signals.detectors.language.reason import Reason
from signals.detectors.language.tree import (
    Attribute,
    Builtin,
    Choice,
    Compare,
    Constant,
    EventField,
    FactRef,
    Junction,
    LetRef,
    Local,
    Node,
    Not,
    Opened,
    Ordering,
    walk,
)

_MIRRORED: dict[Ordering, Ordering] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Explainer:
    """Explains one expression. Parts are compiled when first asked for, then kept."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._computes: dict[Node, Compute] = {}

    def __call__(self, scope: Scope) -> tuple[Reason, ...]:
        """Return the reasons of the outcome, in the order written. For a value that is no condition: itself."""
        if self.root.kind is not Kind.BOOL:
            return (self._leaf(self.root, scope),)
        return tuple(self._reasons(self.root, scope))

    def _value(self, node: Node, scope: Scope) -> object:
        if isinstance(node, Constant):
            return node.value
        compute = self._computes.get(node)
        if compute is None:
            compute = self._computes[node] = compile_value(node)[0]
        return compute(scope)

    def _reasons(self, node: Node, scope: Scope) -> Iterator[Reason]:
        match node:
            case LetRef(let=let) if isinstance(let.node, Junction | Not | Compare | LetRef | Choice):
                yield from self._reasons(let.node, scope)
            case Not(of=Junction() | Not() | LetRef() | Choice() as of):
                yield from self._reasons(of, scope)
            case Junction(terms=terms, conjunction=conjunction):
                outcome = self._value(node, scope)
                chosen = [term for term in terms if self._value(term, scope) is outcome]
                if outcome is True and not conjunction:
                    chosen = chosen[:1]
                for term in chosen:
                    yield from self._reasons(term, scope)
            case Choice(condition=condition, then=then, other=other):
                chosen_by = self._value(condition, scope)
                branch = condition if chosen_by is UNKNOWN else then if chosen_by is True else other
                yield from self._reasons(branch, scope)
            case _:
                yield self._leaf(node, scope)

    def _leaf(self, node: Node, scope: Scope) -> Reason:
        outcome = self._value(node, scope)
        if not isinstance(node, Compare):
            about = node.of if isinstance(node, Not) else node
            return Reason(
                text=node.text, name=about.text, label=_label(about), outcome=outcome, value=self._value(about, scope),
                unknown=self._unknown((about,), scope) if outcome is UNKNOWN else (),
            )  # fmt: skip
        left, op, right = node.left, node.op, node.right
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, op, right = right, _MIRRORED[op], left
        return Reason(
            text=node.text,
            name=left.text,
            label=_label(left),
            value=self._value(left, scope),
            unit=left.unit,
            op=op,
            threshold=self._value(right, scope),
            threshold_param=right.param.name if isinstance(right, Constant) and right.param else "",
            outcome=outcome,
            unknown=self._unknown((left, right), scope) if outcome is UNKNOWN else (),
        )

    def _unknown(self, nodes: tuple[Node, ...], scope: Scope) -> tuple[str, ...]:
        """Return the names to blame: those not known; if all are (a division by zero, a gap), those read."""
        blamed: list[str] = []
        for node in nodes:
            value = self._value(node, scope)
            if value is not UNKNOWN and value is not None and not isinstance(value, AtLeast):
                continue
            read = [each for each in walk(node) if _is_name(each)]
            blamed += [each.text for each in read if _missing(self._value(each, scope))] or [each.text for each in read]
        return tuple(dict.fromkeys(blamed))


def _missing(value: object) -> bool:
    return value is UNKNOWN or value is None or isinstance(value, AtLeast)


def _is_name(node: Node) -> bool:
    """Return whether it is a name that can be asked for by itself: not something of a loop's variable."""
    match node:
        case FactRef() | Opened() | EventField():
            return True
        case Attribute(base=Local(slot="")):
            return True
        case _:
            return False


def _label(node: Node) -> str:
    match node:
        case FactRef(fact=fact):
            return fact.label
        case LetRef(let=let):
            return _label(let.node)
        case Builtin(arguments=arguments):
            return _label(arguments[0])
        case _:
            return ""
