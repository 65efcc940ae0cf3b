"""From text to typed nodes: only what the language has, every name known, every kind right."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from signals.detectors.language import calls, kinds
from signals.detectors.language.names import NUMBERS, Fact, Kind, Names, Param
from signals.detectors.language.tree import (
    Arithmetic,
    Attribute,
    Choice,
    Compare,
    Constant,
    EventField,
    ExpressionError,
    FactRef,
    Junction,
    Let,
    LetRef,
    Local,
    Member,
    Node,
    Not,
    Opened,
    Operator,
    Ordering,
    Quantifier,
)

MAX_LENGTH = 2_000
# Characters of one expression: some twenty lines. Longer ones belong into lets.

MAX_DEPTH = 40
# Levels of nesting, lets apart. Whatever is nested this deep still compiles (tried for each sort of node); Python's
# own parser gives up at a few times that.

_OPERATORS: dict[type[ast.operator], Operator] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ORDERINGS: dict[type[ast.cmpop], Ordering] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_WORDS: dict[str, object] = {"null": None, "true": True, "false": False}
QUANTIFIERS = frozenset({"any", "all", "count", "sum", "min", "max"})
RESERVED = frozenset({"null", "true", "false", "event", "opened", "signal", "open_signals", "account"}) | QUANTIFIERS


@dataclass(frozen=True)
class Reachable:
    """What one expression may read."""

    names: Names
    params: Mapping[str, Param] = field(default_factory=dict)
    lets: Mapping[str, Let] = field(default_factory=dict)
    item: tuple[str, Kind, Mapping[str, Kind]] | None = None
    event: Mapping[str, tuple[Kind, bool]] | None = None
    """Field -> kind, and whether every event kind of the rule has it."""
    opened: Mapping[str, Node] | None = None


def parse(text: str) -> ast.expr:
    """Return the syntax tree; raises ``ExpressionError`` for what is not an expression."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of {len(text)} characters", f"at most {MAX_LENGTH}; use let")
    try:
        tree = ast.parse(f"({text.strip()}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"not an expression: {text.strip()!r} ({getattr(error, 'msg', error)})") from None
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ExpressionError("nested too deeply", f"at most {MAX_DEPTH} levels; use let")


class Checker:
    """Turns one syntax tree into nodes. Made per expression; ``locals`` grows and shrinks inside quantifiers."""

    def __init__(self, reachable: Reachable) -> None:
        self.reachable = reachable
        self.locals: dict[str, Local] = {}
        self.slots = 0
        self._by_type: dict[type[ast.expr], Callable[..., Node]] = {
            ast.BoolOp: self._junction,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._arithmetic,
            ast.Compare: self._comparison,
            ast.IfExp: self._choice,
            ast.Constant: self._constant,
            ast.Name: self._dotted,
            ast.Attribute: self._dotted,
            ast.Call: self._call,
        }

    def check(self, tree: ast.expr) -> Node:
        """Return the node; raises ``ExpressionError``."""
        visit = self._by_type.get(type(tree))
        if visit is None:
            raise ExpressionError(f"{type(tree).__name__} is not part of the language: {ast.unparse(tree)}")
        return visit(tree)

    def condition(self, tree: ast.expr) -> Node:
        """Return the node of something that must be a condition."""
        node = self.check(tree)
        if node.kind is not Kind.BOOL:
            raise ExpressionError(f"{node.kind} is not a condition: {node.text}", "a comparison, or a bool fact")
        return node

    def _junction(self, tree: ast.BoolOp) -> Node:
        terms = tuple(self.condition(value) for value in tree.values)
        return Junction(kind=Kind.BOOL, text=ast.unparse(tree), conjunction=isinstance(tree.op, ast.And), terms=terms)

    def _unary(self, tree: ast.UnaryOp) -> Node:
        if isinstance(tree.op, ast.Not):
            return Not(kind=Kind.BOOL, text=ast.unparse(tree), of=self.condition(tree.operand))
        if not isinstance(tree.op, ast.USub):
            raise ExpressionError(f"not part of the language: {ast.unparse(tree)}", "not, -")
        of = self.check(tree.operand)
        zero = kinds.fit(Constant(kind=Kind.COUNT, text="0", value=0), of.kind)
        return self._combined(zero, "-", of, ast.unparse(tree))

    def _arithmetic(self, tree: ast.BinOp) -> Node:
        op = _OPERATORS.get(type(tree.op))
        if op is None:
            raise ExpressionError(f"not part of the language: {ast.unparse(tree)}", "+ - * /")
        return self._combined(self.check(tree.left), op, self.check(tree.right), ast.unparse(tree))

    def _combined(self, left: Node, op: Operator, right: Node, text: str) -> Node:
        if op in {"+", "-"}:
            left, right = kinds.fit(left, right.kind), kinds.fit(right, left.kind)
        kind, unit = kinds.result_of(left, op, right)
        return Arithmetic(kind=kind, unit=unit, text=text, left=left, op=op, right=right)

    def _comparison(self, tree: ast.Compare) -> Node:
        operands = [tree.left, *tree.comparators]
        pairs = [self._pair(left, op, right) for left, op, right in zip(operands, tree.ops, operands[1:], strict=False)]
        if len(pairs) == 1:
            return pairs[0]
        return Junction(kind=Kind.BOOL, text=ast.unparse(tree), conjunction=True, terms=tuple(pairs))

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
        text = ast.unparse(ast.Compare(left=left, ops=[op], comparators=[right]))
        if isinstance(op, ast.In | ast.NotIn):
            return self._member(left, right, isinstance(op, ast.NotIn), text)
        ordering = _ORDERINGS.get(type(op))
        if ordering is None:
            raise ExpressionError(f"not part of the language: {text}", "== null, != null")
        one, two = self.check(left), self.check(right)
        one, two = kinds.fit(one, two.kind), kinds.fit(two, one.kind)
        kinds.check_comparison(one, ordering, two)
        return Compare(kind=Kind.BOOL, text=text, left=one, op=ordering, right=two)

    def _member(self, left: ast.expr, right: ast.expr, negated: bool, text: str) -> Node:
        item = self.check(left)
        if item.kind not in {Kind.TEXT, Kind.ANY}:
            raise ExpressionError(f"{item.kind} is in no set: {text}", "a text on the left of in")
        if isinstance(right, ast.Set | ast.List | ast.Tuple):
            options = tuple(self.check(option) for option in right.elts)
            for option in options:
                if option.kind is not Kind.TEXT:
                    raise ExpressionError(f"{option.kind} in a list of texts: {text}", "texts")
            return Member(kind=Kind.BOOL, text=text, item=item, collection=None, options=options, negated=negated)
        collection = self.check(right)
        if collection.kind is not Kind.SET:
            raise ExpressionError(f"{collection.kind} is no set: {text}", "a set fact, a set parameter, {'a', 'b'}")
        return Member(kind=Kind.BOOL, text=text, item=item, collection=collection, options=(), negated=negated)

    def _choice(self, tree: ast.IfExp) -> Node:
        condition = self.condition(tree.test)
        then, other = self.same(self.check(tree.body), self.check(tree.orelse), ast.unparse(tree))
        kind = kinds.same_kind(then, other) or Kind.ANY
        return Choice(
            kind=kind, unit=then.unit or other.unit, text=ast.unparse(tree), condition=condition, then=then, other=other
        )

    def same(self, left: Node, right: Node, text: str) -> tuple[Node, Node]:
        """Return both, a literal 0 fitted to the other; raises ``ExpressionError`` unless they are of one kind."""
        left, right = kinds.fit(left, right.kind), kinds.fit(right, left.kind)
        if kinds.same_kind(left, right) is None:
            raise ExpressionError(f"{left.kind} and {right.kind} in one place: {text}", "the same kind")
        return left, right

    def _constant(self, tree: ast.Constant) -> Node:
        text = ast.unparse(tree)
        match tree.value:
            case None | bool():
                kind = Kind.ANY if tree.value is None else Kind.BOOL
                return Constant(kind=kind, text=text, value=tree.value)
            case str():
                return Constant(kind=Kind.TEXT, text=text, value=tree.value)
            case int() if tree.value in {0, 1}:
                return Constant(kind=Kind.COUNT, text=text, value=tree.value)
            case _:
                raise ExpressionError(f"the bare number {text}", "0, 1, or a named parameter with a source")

    def _dotted(self, tree: ast.Name | ast.Attribute) -> Node:
        parts: list[str] = []
        at: ast.expr = tree
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            raise ExpressionError(f"not part of the language: {ast.unparse(tree)}", "attributes of names")
        parts.append(at.id)
        return self.resolve(parts[::-1])

    def resolve(self, parts: list[str]) -> Node:
        """Return what a dotted name means; raises ``ExpressionError`` for one that is not known."""
        text, first = ".".join(parts), parts[0]
        if text in _WORDS:
            value = _WORDS[text]
            return Constant(kind=Kind.ANY if value is None else Kind.BOOL, text=text, value=value)
        if first in self.locals:
            return self._attributes(self.locals[first], parts[1:], text)
        reachable = self.reachable
        if reachable.item is not None and first == reachable.item[0]:
            name, kind, fields = reachable.item
            return self._attributes(Local(kind=kind, text=name, name=name, fields=fields), parts[1:], text)
        if first == "event":
            return self._event(parts, text)
        if first == "opened":
            return self._opened(".".join(parts[1:]), text)
        if text in reachable.params:
            param = reachable.params[text]
            return Constant(kind=param.kind, unit=param.unit, text=text, value=param.value, param=param)
        if text in reachable.lets:
            let = reachable.lets[text]
            of = let.node
            return LetRef(kind=of.kind, unit=of.unit, fields=of.fields, text=text, name=text, let=let)
        return self._fact(parts, text)

    def _fact(self, parts: list[str], text: str) -> Node:
        facts = self.reachable.names.facts
        for length in range(len(parts), 0, -1):
            fact = facts.get(".".join(parts[:length]))
            if fact is not None:
                return self._attributes(_fact_node(fact), parts[length:], text)
        raise ExpressionError(f"unknown name {text}", self._near(text))

    def _near(self, text: str) -> str:
        reachable = self.reachable
        known = [*reachable.params, *reachable.lets, *self.locals, *reachable.names.facts]
        known += [] if reachable.item is None else [reachable.item[0]]
        return ", ".join(get_close_matches(text, known, n=3, cutoff=0.5)) or "a fact, a parameter or a let of the rule"

    def _attributes(self, base: Node, rest: list[str], text: str) -> Node:
        if not rest:
            return base
        if base.kind is not Kind.RECORD or len(rest) > 1 or rest[0] not in base.fields:
            valid = ", ".join(sorted(base.fields)) if base.kind is Kind.RECORD else self._near(text)
            raise ExpressionError(f"{base.text} has no attribute {'.'.join(rest)}", valid)
        return Attribute(kind=base.fields[rest[0]], text=text, base=base, name=rest[0])

    def _event(self, parts: list[str], text: str) -> Node:
        fields = self.reachable.event
        if fields is None:
            raise ExpressionError(f"{text}: this rule has no event", "event.* in rules of kind edge")
        if len(parts) != 2 or parts[1] not in fields:
            raise ExpressionError(f"unknown event field {text}", ", ".join(sorted(fields)))
        kind, shared = fields[parts[1]]
        return EventField(kind=kind, text=text, name=parts[1], shared=shared)

    def _opened(self, name: str, text: str) -> Node:
        if self.reachable.opened is None:
            raise ExpressionError(f"{text}: nothing is frozen here", "opened.* in clear, again, while and texts")
        of = self.reachable.opened.get(name)
        if of is None:
            plain = Checker(Reachable(self.reachable.names, item=self.reachable.item))
            of = plain.resolve(name.split("."))
        if of.kind in {Kind.SERIES, Kind.LIST, Kind.RECORD, Kind.ANY}:
            raise ExpressionError(f"a {of.kind} cannot be frozen: {text}", "a number, text, day, instant, bool or set")
        return Opened(kind=of.kind, unit=of.unit, text=text, name=name, of=of)

    def _call(self, tree: ast.Call) -> Node:
        text = ast.unparse(tree)
        if not isinstance(tree.func, ast.Name):
            raise ExpressionError(f"not part of the language: {text}", "functions by name")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise ExpressionError(f"arguments have no names here: {text}", "arguments in order")
        name = tree.func.id
        if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp):
            return self._quantifier(name, tree.args[0], text)
        return calls.checked_call(self, name, tree.args, text)

    def _quantifier(self, name: str, tree: ast.GeneratorExp, text: str) -> Node:
        if name not in QUANTIFIERS:
            raise ExpressionError(f"{name} is no quantifier: {text}", ", ".join(sorted(QUANTIFIERS)))
        loop = tree.generators[0]
        if len(tree.generators) != 1 or loop.is_async or not isinstance(loop.target, ast.Name):
            raise ExpressionError(f"one plain loop only: {text}", f"{name}(... for x in facts if ...)")
        collection = self.check(loop.iter)
        if collection.kind not in {Kind.LIST, Kind.SET}:
            raise ExpressionError(f"{collection.kind} has no elements: {collection.text}", "a list or a set")
        variable = self._bind(loop.target.id, collection)
        try:
            where = self._where(loop.ifs)
            body = self._body(name, tree.elt, text)
        finally:
            del self.locals[variable.name]
        kind, unit = Kind.BOOL, ""
        if name == "count":
            kind, unit = Kind.COUNT, "count"
        elif body is not None and name not in {"any", "all"}:
            kind, unit = body.kind, body.unit
        return Quantifier(
            kind=kind, unit=unit, text=text, name=name, variable=variable, collection=collection, where=where, body=body
        )

    def _bind(self, name: str, collection: Node) -> Local:
        reachable = self.reachable
        taken = name in self.locals or name in reachable.params or name in reachable.lets or name in RESERVED
        if taken or (reachable.item is not None and name == reachable.item[0]) or name in reachable.names.facts:
            raise ExpressionError(f"the loop variable {name} hides another name", "another name")
        kind = Kind.TEXT if collection.kind is Kind.SET else Kind.RECORD
        self.slots += 1
        local = Local(kind=kind, text=name, name=name, slot=f"i{self.slots}", fields=collection.fields)
        self.locals[name] = local
        return local

    def _where(self, tests: list[ast.expr]) -> Node | None:
        if not tests:
            return None
        terms = tuple(self.condition(test) for test in tests)
        if len(terms) == 1:
            return terms[0]
        text = " and ".join(term.text for term in terms)
        return Junction(kind=Kind.BOOL, text=text, conjunction=True, terms=terms)

    def _body(self, name: str, tree: ast.expr, text: str) -> Node | None:
        if name in {"any", "all"}:
            return self.condition(tree)
        if name == "count":
            if not isinstance(tree, ast.Name) or tree.id not in self.locals:
                raise ExpressionError(f"count counts elements: {text}", "count(x for x in facts if ...)")
            return None
        body = self.check(tree)
        summable = NUMBERS | {Kind.MONEY, Kind.DURATION}
        allowed = summable if name == "sum" else summable | {Kind.INSTANT, Kind.DATE}
        if body.kind not in allowed:
            raise ExpressionError(f"{name} of {body.kind}: {text}", ", ".join(sorted(allowed)))
        return body


def _fact_node(fact: Fact) -> Node:
    return FactRef(kind=fact.kind, unit=fact.unit, text=fact.name, fields=fact.fields, fact=fact)
