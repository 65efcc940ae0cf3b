"""Which kinds may meet: comparison, arithmetic, and the two bare numbers 0 and 1."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from signals.detectors.language.names import NUMBERS, NUMERIC, Kind
from signals.detectors.language.tree import Constant, ExpressionError, Node, Operator, Ordering

_ORDERED = NUMERIC | {Kind.INSTANT, Kind.DATE, Kind.DURATION}
_PERIOD = re.compile(r"USD/(\w+)")
_ZERO: dict[Kind, object] = {Kind.MONEY: Decimal(0), Kind.DURATION: timedelta(0)}


def is_null(node: Node) -> bool:
    """Return whether it is the literal ``null``."""
    return isinstance(node, Constant) and node.value is None


def _is_bare(node: Node) -> bool:
    return isinstance(node, Constant) and node.param is None and type(node.value) is int


def fit(node: Node, kind: Kind) -> Node:
    """Return a literal 0 as no money or no time where that is wanted; anything else as it is."""
    if kind in _ZERO and _is_bare(node) and isinstance(node, Constant) and node.value == 0:
        return replace(node, value=_ZERO[kind], kind=kind)
    return node


def same_kind(left: Node, right: Node) -> Kind | None:
    """Return the kind both have, numbers being one kind, or None."""
    if Kind.ANY in {left.kind, right.kind}:
        return right.kind if left.kind is Kind.ANY else left.kind
    if left.kind is right.kind:
        return left.kind
    return Kind.NUMBER if {left.kind, right.kind} <= NUMBERS else None


def check_comparison(left: Node, op: Ordering, right: Node) -> None:
    """Raise ``ExpressionError`` unless the two may be compared that way."""
    text = f"{left.text} {op} {right.text}"
    if is_null(left) or is_null(right):
        if op not in {"==", "!="}:
            raise ExpressionError(f"null has no order: {text}", "x == null, x != null, exists(x)")
        return
    kind = same_kind(left, right)
    if kind is None:
        raise ExpressionError(f"{left.kind} does not compare with {right.kind}: {text}", _hint(left.kind, right.kind))
    if op in {"==", "!="}:
        if kind in {Kind.SERIES, Kind.RECORD, Kind.LIST, Kind.SET}:
            raise ExpressionError(f"a {kind} does not compare: {text}", "any(... for x in ...), len(...), x in ...")
    elif kind not in _ORDERED and kind is not Kind.ANY:
        raise ExpressionError(f"{kind} has no order: {text}", "== and !=")
    check_periods(left, right, text)


def check_periods(left: Node, right: Node, text: str) -> None:
    """Raise ``ExpressionError`` when money per month meets money per year."""
    mine, theirs = _PERIOD.fullmatch(left.unit), _PERIOD.fullmatch(right.unit)
    if mine and theirs and mine[1] != theirs[1]:
        raise ExpressionError(f"{left.unit} meets {right.unit}: {text}", "the same period on both sides")


def _hint(left: Kind, right: Kind) -> str:
    pair = {left, right}
    if pair == {Kind.INSTANT, Kind.DATE}:
        return "an instant and a day never mix; use a fact of the same kind"
    if Kind.MONEY in pair and pair & NUMBERS:
        return "a parameter with unit USD, USD/month or USD/year"
    if Kind.DURATION in pair:
        return "a parameter such as {value: 28 d}"
    return f"another {left}"


def result_of(left: Node, op: Operator, right: Node) -> tuple[Kind, str]:
    """Return kind and unit of ``left op right``; raises ``ExpressionError`` if there is none."""
    text = f"{left.text} {op} {right.text}"
    one, two = left.kind, right.kind
    if Kind.ANY in {one, two}:
        raise ExpressionError(f"arithmetic with a value of no certain kind: {text}", "a number, money or a duration")
    kind = _sum_kind(left, op, right) if op in {"+", "-"} else _product_kind(one, op, two)
    if kind is None:
        words = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[op]
        raise ExpressionError(f"{one} {words} {two} has no meaning: {text}", "the same kind on both sides")
    if op in {"+", "-"}:
        check_periods(left, right, text)
    unit = ""
    if kind is Kind.MONEY:
        unit = left.unit if op in {"+", "-"} and left.unit == right.unit else ("USD" if op in {"+", "-"} else "")
    return kind, unit


def _sum_kind(left: Node, op: Operator, right: Node) -> Kind | None:
    one, two = left.kind, right.kind
    if one in NUMBERS and two in NUMBERS:
        return Kind.COUNT if one is two is Kind.COUNT else Kind.NUMBER
    if one is two and one in {Kind.MONEY, Kind.DURATION}:
        return one
    if one in {Kind.INSTANT, Kind.DATE}:
        if two is Kind.DURATION:
            if one is Kind.DATE:
                _whole_days(right)
            return one
        return Kind.DURATION if op == "-" and one is two else None
    if one is Kind.DURATION and two in {Kind.INSTANT, Kind.DATE} and op == "+":
        if two is Kind.DATE:
            _whole_days(left)
        return two
    return None


def _whole_days(node: Node) -> None:
    if isinstance(node, Constant) and isinstance(node.value, timedelta) and node.value % timedelta(days=1):
        raise ExpressionError(f"{node.text} is not whole days, and is added to a day", "a duration in days or weeks")


def _product_kind(one: Kind, op: Operator, two: Kind) -> Kind | None:
    measured = {Kind.MONEY, Kind.DURATION}
    if one in NUMBERS and two in NUMBERS:
        return Kind.COUNT if op == "*" and one is two is Kind.COUNT else Kind.NUMBER
    if one in measured and two in NUMBERS:
        return one
    if op == "*" and one in NUMBERS and two in measured:
        return two
    return Kind.NUMBER if op == "/" and one is two and one in measured else None
