"""Calls: the functions of the language itself, and those the engine registers."""

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING

from signals.detectors.language import kinds
from signals.detectors.language.names import NUMBERS, NUMERIC, Kind
from signals.detectors.language.tree import (
    Builtin,
    Call,
    Constant,
    ExpressionError,
    Node,
    OpenSignals,
    SignalHolds,
)

if TYPE_CHECKING:
    from signals.detectors.language.check import Checker

BUILTINS: dict[str, tuple[int, int]] = {
    "age": (1, 1), "until": (1, 1), "default": (2, 2), "known": (1, 1), "exists": (1, 1), "min": (2, 8), "max": (2, 8),
    "abs": (1, 1), "len": (1, 1), "signal": (1, 2), "open_signals": (1, 1),
}  # fmt: skip
"""Name -> fewest and most arguments."""

_SIZED = NUMERIC | {Kind.DURATION}


def checked_call(checker: "Checker", name: str, arguments: list[ast.expr], text: str) -> Node:
    """Return the node of a call; raises ``ExpressionError``."""
    if name in BUILTINS:
        fewest, most = BUILTINS[name]
        if not fewest <= len(arguments) <= most:
            raise ExpressionError(f"{name} takes {fewest} to {most} arguments: {text}")
        if name in {"signal", "open_signals"}:
            return _about_rules(checker, name, arguments, text)
        return _builtin(checker, name, [checker.check(argument) for argument in arguments], text)
    return _registered(checker, name, arguments, text)


def _literal(tree: ast.expr, text: str) -> str:
    if not isinstance(tree, ast.Constant) or not isinstance(tree.value, str):
        raise ExpressionError(f"a literal text is wanted: {text}", "signal('rule_id'), open_signals('B')")
    return tree.value


def _about_rules(checker: "Checker", name: str, arguments: list[ast.expr], text: str) -> Node:
    about = _literal(arguments[0], text)
    if name == "open_signals":
        if about not in {"A", "B"}:
            raise ExpressionError(f"unknown churn level {about!r}", "A, B")
        return OpenSignals(kind=Kind.COUNT, unit="count", text=text, level=about)
    key = checker.check(arguments[1]) if len(arguments) > 1 else None
    if key is not None and key.kind is not Kind.TEXT:
        raise ExpressionError(f"a key is a text: {text}")
    return SignalHolds(kind=Kind.BOOL, text=text, rule=about, key=key)


def _builtin(checker: "Checker", name: str, nodes: list[Node], text: str) -> Node:
    first = nodes[0]
    kind, unit = Kind.BOOL, ""
    match name:
        case "age" | "until":
            if first.kind not in {Kind.INSTANT, Kind.DATE}:
                raise ExpressionError(f"{name} of {first.kind}: {text}", "an instant or a day")
            kind = Kind.DURATION
        case "default":
            nodes = list(checker.same(nodes[0], nodes[1], text))
            kind, unit = kinds.same_kind(nodes[0], nodes[1]) or Kind.ANY, nodes[0].unit
            if kind is Kind.COUNT or nodes[0].kind in NUMBERS:
                kind = nodes[0].kind
        case "min" | "max":
            kind, unit = _extreme(checker, nodes, text)
            nodes = [kinds.fit(node, kind) for node in nodes]
        case "abs":
            _need(first, _SIZED, name, text)
            kind, unit = first.kind, first.unit
        case "len":
            _need(first, frozenset({Kind.LIST, Kind.SET}), name, text)
            kind, unit = Kind.COUNT, "count"
        case _:  # known and exists take anything
            if isinstance(first, Constant):
                raise ExpressionError(f"{text} is always so")
    return Builtin(kind=kind, unit=unit, text=text, name=name, arguments=tuple(nodes))


def _need(node: Node, allowed: frozenset[Kind], name: str, text: str) -> None:
    if node.kind not in allowed:
        raise ExpressionError(f"{name} of {node.kind}: {text}", ", ".join(sorted(allowed)))


def _extreme(checker: "Checker", nodes: list[Node], text: str) -> tuple[Kind, str]:
    measured = next((node for node in nodes if node.kind in {Kind.MONEY, Kind.DURATION}), nodes[0])
    kind = measured.kind
    for node in nodes:
        _need(node, _SIZED | {Kind.INSTANT, Kind.DATE}, "min or max", text)
        one, two = checker.same(measured, node, text)
        kind = kinds.same_kind(one, two) if kind in NUMBERS else kind  # type: ignore[assignment]  # same() refused None
    return kind, measured.unit


def _registered(checker: "Checker", name: str, arguments: list[ast.expr], text: str) -> Node:
    function = checker.reachable.names.functions.get(name)
    if function is None:
        known = [*BUILTINS, *checker.reachable.names.functions]
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        raise ExpressionError(f"unknown function {name}", ", ".join(near or sorted(known)))
    most = len(function.takes)
    if not most - function.optional <= len(arguments) <= most:
        raise ExpressionError(f"{name} takes {most - function.optional} to {most} arguments: {text}", function.doc)
    nodes = []
    for argument, wanted in zip(arguments, function.takes, strict=False):
        node = kinds.fit(checker.check(argument), wanted)
        fits = wanted is Kind.ANY or node.kind is wanted or (node.kind in NUMBERS and wanted in NUMBERS)
        if not fits or (kinds.is_null(node) and wanted is not Kind.ANY):
            raise ExpressionError(f"{name} takes a {wanted} where {node.text} is a {node.kind}: {text}", function.doc)
        nodes.append(node)
    return Call(
        kind=function.gives, unit=function.unit, fields=function.fields, text=text, function=function,
        arguments=tuple(nodes),
    )  # fmt: skip
