"""Generated Python: one lambda for the value, one for the wake-ups. Compiled once, when a pack is loaded.

Frequent comparisons are inline so that a rule costs little more than the facts it reads; the rest calls ``values``.
The text is made from checked nodes only: names of facts, fields and rules go in as constants, never as source.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from signals.detectors.language import events, moving, values
from signals.detectors.language.kinds import is_null
from signals.detectors.language.names import NUMERIC, UNKNOWN, Kind, Scope
from signals.detectors.language.tree import (
    Arithmetic,
    Attribute,
    Builtin,
    Call,
    Choice,
    Compare,
    Constant,
    EventField,
    ExpressionError,
    FactRef,
    Junction,
    LetRef,
    Local,
    Member,
    Node,
    Not,
    Opened,
    OpenSignals,
    Quantifier,
    SignalHolds,
    is_truth,
    may_be_bound,
)

Compute = Callable[[Scope], object]
Mark = Callable[[Scope, list[datetime]], object]

_RUNTIME: dict[str, object] = {
    "__builtins__": {}, "U": UNKNOWN, "let": values.read_let, "opened": values.read_opened, "attr": values.attribute,
    "field": values.event_field, "truth": values.truth, "equal": values.equal, "arith": values.arithmetic,
    "quotient": values.quotient,
    "default": values.default, "known": values.known, "extreme": values.extreme, "absolute": values.absolute,
    "size": values.size, "member": values.member, "among": values.among, "quantify": values.quantify,
    "count": values.count, "gather": values.gather, "invoke": values.invoke, "mark": moving.mark,
    "visit": values.visit,
    "kind": events.kind_field,
}  # fmt: skip


def compile_value(node: Node) -> tuple[Compute, str]:
    """Return the function of a scope that gives the node's value, and its source."""
    emitter = Emitter()
    body = emitter.truth(node) if node.kind is Kind.BOOL else emitter.value(node)
    return emitter.compiled(f"lambda s: {body}"), f"lambda s: {body}"


def compile_mark(node: Node) -> Mark | None:
    """Return the function that adds the wake-ups of a node to a list, or None when there are none."""
    emitter = Emitter()
    body = emitter.wake(node)
    return emitter.compiled(f"lambda s, w: {body}") if body else None


class Emitter:
    """Writes one expression; ``scope`` is what its text may name."""

    def __init__(self) -> None:
        self.scope: dict[str, object] = dict(_RUNTIME)
        self.names = 0

    def compiled(self, source: str) -> Callable[..., object]:
        """Return the function that a text makes; raises ``ExpressionError`` where Python cannot hold it."""
        try:
            made: Callable[..., object] = eval(source, self.scope)  # noqa: S307  # our own text from checked nodes
        except (MemoryError, RecursionError, SyntaxError):
            raise ExpressionError("nested too deeply", "parts of it in let") from None
        return made

    def name(self, prefix: str) -> str:
        """Return a name that nothing else in the text has."""
        self.names += 1
        return f"{prefix}{self.names}"

    def constant(self, value: object) -> str:
        """Return the text of a value, which is kept in ``scope`` where it has no plain literal."""
        if value is None or value is True or value is False or type(value) in {int, str}:
            return repr(value)
        name = self.name("k")
        self.scope[name] = value
        return name

    # ---- values

    def value(self, node: Node) -> str:  # noqa: C901  # a flat list of node types
        """Return the text of a node's value."""
        match node:
            case Constant(value=value):
                return self.constant(value)
            case FactRef(fact=fact):
                return f"s.fact({fact.name!r})"
            case LetRef(name=name, let=let):
                return f"let(s, {name!r}, {self.constant(let.compute)})"
            case Local(slot=slot):
                return slot or "s.item"
            case Attribute(base=base, name=name):
                return f"attr({self.value(base)}, {name!r})"
            case EventField(name="kind"):
                return "kind(s.event)"
            case EventField(name=name, shared=shared):
                return f"attr(s.event or U, {name!r})" if shared else f"field(s.event, {name!r})"
            case Opened(name=name):
                return f"opened(s, {name!r})"
            case SignalHolds(rule=rule, key=None):
                return f"s.signal({rule!r})"
            case SignalHolds(rule=rule, key=key) if key is not None:
                kept = self.name("t")
                return f"(s.signal({rule!r}, {kept}) if ({kept} := {self.value(key)}) is not U else U)"
            case OpenSignals(level=level):
                return f"s.open_level({level!r})"
            case Call():
                return self._call(node)
            case Builtin():
                return self._builtin(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Choice(condition=condition, then=then, other=other):
                kept, test = self.name("t"), self.truth(condition)
                rest = f"{self.value(other)} if {kept} is False else U"
                return f"({self.value(then)} if ({kept} := {test}) is True else {rest})"
            case _:
                return self._condition(node)

    def truth(self, node: Node) -> str:
        """Return the text of a condition: True, False or unknown."""
        text = self.value(node)
        return text if is_truth(node) else f"truth({text})"

    def _condition(self, node: Node) -> str:
        match node:
            case Not(of=of):
                kept = self.name("t")
                return f"(U if ({kept} := {self.truth(of)}) is U else not {kept})"
            case Junction():
                return self._junction(node)
            case Compare():
                return self._compare(node)
            case Member(item=item, collection=None, options=options, negated=negated):
                given = "".join(f"{self.value(option)}, " for option in options)
                return f"among({self.value(item)}, ({given}), {negated})"
            case Member(item=item, collection=collection, negated=negated) if collection is not None:
                return f"member({self.value(item)}, {self.value(collection)}, {negated})"
            case Quantifier():
                return self._quantifier(node)
            case _:
                raise TypeError(f"no code for {type(node).__name__}")

    def _junction(self, node: Junction) -> str:
        kept = [self.name("t") for _ in node.terms]
        decisive = "False" if node.conjunction else "True"
        pairs = zip(kept, node.terms, strict=True)
        tests = " or ".join(f"({name} := {self.truth(term)}) is {decisive}" for name, term in pairs)
        if node.conjunction:  # what is left is True or UNKNOWN, and UNKNOWN is falsy
            return f"(False if {tests} else ({' and '.join(kept)}))"
        return f"(True if {tests} else U if {' or '.join(f'{name} is U' for name in kept)} else False)"

    def _guarded(self, nodes: tuple[Node, ...], *, null: bool) -> tuple[list[str], str]:
        """Return what to write for each value, and the test that all are known (and with *null* False: present)."""
        written, tests = [], []
        for node in nodes:
            text = self.value(node)
            if isinstance(node, Constant):
                written.append(text)
                continue
            kept = self.name("t")
            written.append(kept)
            tests.append(f"({kept} := {text}) is not U" + ("" if null else f" and {kept} is not None"))
        return written, " and ".join(tests) or "True"

    def _compare(self, node: Compare) -> str:
        left, op, right = node.left, node.op, node.right
        equality = op in {"==", "!="}
        if equality and (may_be_bound(left) or may_be_bound(right)):  # the order of a bound is its own
            return f"equal({self.value(left)}, {self.value(right)}, {op == '!='})"
        (one, two), test = self._guarded((left, right), null=equality)
        if is_null(left) or is_null(right):
            op_text = "is" if op == "==" else "is not"
            return f"({one} {op_text} {two} if {test} else U)"
        return f"({one} {op} {two} if {test} else U)"

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = node.left, node.right
        if left.kind not in NUMERIC or right.kind not in NUMERIC:
            return f"arith({self.value(left)}, {node.op!r}, {self.value(right)})"
        (one, two), test = self._guarded((left, right), null=False)
        result = f"quotient({one}, {two})" if node.op == "/" else f"{one} {node.op} {two}"
        return f"({result} if {test} else U)"

    def _call(self, node: Call) -> str:
        function = self.constant(node.function.call)
        lenient = Kind.ANY in node.function.takes
        if lenient or any(may_be_bound(argument) for argument in node.arguments):
            given = "".join(f", {self.value(argument)}" for argument in node.arguments)
            return f"invoke({function}, s, {lenient}{given})"
        written, test = self._guarded(node.arguments, null=False)
        call = f"{function}(s{''.join(f', {text}' for text in written)})"
        return call if test == "True" else f"({call} if {test} else U)"

    def _builtin(self, node: Builtin) -> str:
        first = node.arguments[0]
        if node.name in {"age", "until"}:
            now = "s.today" if first.kind is Kind.DATE else "s.now"
            (kept,), test = self._guarded((first,), null=False)
            span = f"{now} - {kept}" if node.name == "age" else f"{kept} - {now}"
            return f"({span} if {test} else U)"
        given = [self.value(argument) for argument in node.arguments]
        match node.name:
            case "default":
                return f"default({given[0]}, {given[1]})"
            case "known":
                return f"known({given[0]})"
            case "exists":
                kept = self.name("t")
                return f"(U if ({kept} := {given[0]}) is U else {kept} is not None)"
            case "min" | "max":
                return f"extreme({node.name == 'max'}, ({', '.join(given)}))"
            case "abs":
                return f"absolute({given[0]})"
            case _:
                return f"size({given[0]})"

    def _quantifier(self, node: Quantifier) -> str:
        slot, collection = node.variable.slot, self.value(node.collection)
        where = "True" if node.where is None else self.truth(node.where)
        if node.name == "count":
            return f"count({collection}, lambda {slot}: {where})"
        body = node.body
        if body is None:
            raise TypeError(f"{node.name} without a body")
        if node.name not in {"any", "all"}:
            zero = self.constant(timedelta(0) if body.kind is Kind.DURATION else 0)
            each = f"lambda {slot}: {where}, lambda {slot}: {self.value(body)}"
            return f"gather({node.name!r}, {zero}, {collection}, {each})"
        wanted, condition = node.name == "any", self.truth(body)
        if node.where is not None:
            kept, met = self.name("t"), self.name("t")
            if wanted:
                test = f"({kept} := {where}) is False or ({met} := {condition}) is False"
                condition = f"(False if {test} else ({kept} and {met}))"
            else:
                condition = (
                    f"(True if ({kept} := {where}) is False or ({met} := {condition}) is True"
                    f" else U if {kept} is U or {met} is U else False)"
                )
        return f"quantify({collection}, lambda {slot}: {condition}, {wanted})"

    # ---- wake-ups

    def wake(self, node: Node) -> str:
        """Return an expression that adds wake-ups to ``w``, or nothing when there are none."""
        match node:
            case LetRef(let=let):
                return f"{self.constant(let.mark)}(s, w)" if let.mark is not None else ""
            case Junction():
                return self._wake_junction(node)
            case Quantifier():
                return self._wake_quantifier(node)
            case Compare():
                marks = [self._flip(flip) for flip in moving.flips(node)]
                return self._together([*marks, *(self.wake(part) for part in node.parts)])
            case _:
                return self._together([self.wake(part) for part in node.parts])

    def _together(self, texts: list[str]) -> str:
        some = [text for text in texts if text]
        return some[0] if len(some) == 1 else f"({', '.join(some)})" if some else ""

    def _flip(self, flip: moving.Flip) -> str:
        terms = "".join(f"({sign}, {self.value(term)}), " for sign, term in flip.terms)
        return f"mark(w, s, {flip.op!r}, {flip.base!r}, ({terms}))"

    def _wake_junction(self, node: Junction) -> str:
        """Leave the wake-ups out while a term without a clock decides: that one moves only with a fact."""
        wakes = [self.wake(term) for term in node.terms]
        inner = self._together(wakes)
        if not inner:
            return ""
        decisive = "False" if node.conjunction else "True"
        still = [term for term, wake in zip(node.terms, wakes, strict=True) if not wake]
        return f"({' or '.join([f'{self.truth(term)} is {decisive}' for term in still] + [inner])})"

    def _wake_quantifier(self, node: Quantifier) -> str:
        inner = self._together([self.wake(part) for part in (node.where, node.body) if part is not None])
        each = f"visit({self.value(node.collection)}, lambda {node.variable.slot}: {inner})" if inner else ""
        return self._together([self.wake(node.collection), each])
