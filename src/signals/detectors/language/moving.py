"""Values that move with the clock, and when a comparison with one may flip.

``age`` and ``until`` are the only sources. A duration that contains one is a straight line in time: a rate of -1, 0
or 1 and terms that stand still. From a comparison of two such lines follows the one instant at which it may flip.
Whatever cannot be brought to that form is refused when the pack is loaded, so that no flip can be missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, Literal
from zoneinfo import ZoneInfo

from signals.detectors.language.kinds import is_null
from signals.detectors.language.names import UNKNOWN, AtLeast, Kind, Scope
from signals.detectors.language.tree import (
    Arithmetic,
    Builtin,
    Call,
    Choice,
    Compare,
    ExpressionError,
    FactRef,
    LetRef,
    Node,
    Ordering,
    walk,
)

Base = Literal["", "instant", "date"]
_THROUGH = frozenset({"min", "max", "abs", "default", "known", "exists"})
_MIRRORED: dict[Ordering, Ordering] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_VALID = "compare it directly with a duration, such as age(x) >= k, also after + - min max abs default if-else"


@dataclass(frozen=True)
class Line:
    """A duration as ``rate * now + sum(sign * term)``; with ``base`` date, now counts calendar days."""

    rate: int
    base: Base
    terms: tuple[tuple[int, Node], ...]

    def plus(self, other: "Line", sign: int) -> "Line":
        """Return self + sign * other."""
        if self.base and other.base and self.base != other.base:
            raise ExpressionError("an age in calendar days meets an age in time", "ages of the same kind")
        terms = self.terms + tuple((sign * each, node) for each, node in other.terms)
        rate = self.rate + sign * other.rate
        return Line(rate, (self.base or other.base) if rate else "", terms)


def moves(node: Node) -> bool:
    """Return whether the value changes with the clock while every fact rests."""
    match node:
        case Builtin(name="age" | "until"):
            return True
        case Builtin(name="min" | "max" | "abs" | "default") | Arithmetic() | LetRef():
            return any(moves(part) for part in node.parts)
        case Choice(then=then, other=other):
            return moves(then) or moves(other)
        case _:
            return False


def lines(node: Node) -> tuple[Line, ...]:
    """Return the lines a duration may follow: several where it chooses among them."""
    if not moves(node):
        return (Line(0, "", ((1, node),)),)
    match node:
        case Builtin(name="age" | "until" as name, arguments=(anchor,)):
            base: Base = "date" if anchor.kind is Kind.DATE else "instant"
            return (Line(1, base, ((-1, anchor),)) if name == "age" else Line(-1, base, ((1, anchor),)),)
        case LetRef(let=let):
            return lines(let.node)
        case Choice(then=then, other=other):
            return lines(then) + lines(other)
        case Arithmetic(left=left, op="+" | "-" as op, right=right):
            sign = 1 if op == "+" else -1
            return tuple(one.plus(two, sign) for one, two in product(lines(left), lines(right)))
        case Builtin(name="abs", arguments=(of,)):
            mine = lines(of)
            return mine + tuple(Line(0, "", ()).plus(line, -1) for line in mine)
        case _:
            return tuple(line for part in node.parts for line in lines(part))


@dataclass(frozen=True)
class Flip:
    """``now op sum(sign * term)``: where a comparison may change."""

    op: Ordering
    base: Base
    terms: tuple[tuple[int, Node], ...]


def flips(node: Compare) -> tuple[Flip, ...]:
    """Return where a comparison may flip; empty when it does not look at the clock."""
    if is_null(node.left) or is_null(node.right) or not (moves(node.left) or moves(node.right)):
        return ()
    found = []
    for one, two in product(lines(node.left), lines(node.right)):
        line = one.plus(two, -1)
        if line.rate == 0:
            continue
        if abs(line.rate) > 1:
            raise ExpressionError(f"adds up two ages: {node.text}", _VALID)
        op = node.op if line.rate == 1 else _MIRRORED[node.op]
        found.append(Flip(op, line.base, tuple((-line.rate * sign, term) for sign, term in line.terms)))
    return tuple(found)


def check_moving(root: Node) -> bool:
    """Return whether anything below compares with the clock; raises ``ExpressionError`` where no wake-up follows."""
    timed = False
    for node in walk(root):
        if isinstance(node, Compare):
            timed = bool(flips(node)) or timed
            continue
        for part in node.parts:
            if moves(part) and not _may_move(node):
                raise ExpressionError(f"no wake-up time follows from {part.text} in {node.text}", _VALID)
    return timed


def _may_move(node: Node) -> bool:
    match node:
        case LetRef() | Choice():
            return True
        case Arithmetic(op=op, kind=kind):
            return op in {"+", "-"} and kind is Kind.DURATION
        case Builtin(name=name):
            return name in _THROUGH
        case _:
            return False


def is_daily(root: Node) -> bool:
    """Return whether it must be looked at when a business day closes."""
    for node in walk(root):
        match node:
            case FactRef(fact=fact) if fact.daily:
                return True
            case Call(function=function) if function.daily:
                return True
            case Builtin(name="age" | "until", arguments=(anchor,)) if anchor.kind is Kind.DATE:
                return True
    return False


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date().toordinal()
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


def mark(into: list[datetime], scope: Scope, op: Ordering, base: Base, terms: tuple[tuple[int, Any], ...]) -> None:
    """Add the instants at which ``now op terms`` flips, past ones included. Called from generated code.

    ``>=`` and ``<`` flip at the instant itself, ``>`` and ``<=`` one microsecond (for days: one day) later.
    """
    total = 0
    for sign, value in terms:
        if value is UNKNOWN or value is None or isinstance(value, AtLeast):
            return
        total += sign * _microseconds(value)
    try:
        if base == "date":
            into.extend(midnight(date.fromordinal(day + _EPOCH_DAY), scope) for day in _steps(total, _DAY, op))
        else:
            into.extend(_EPOCH + timedelta(microseconds=step) for step in _steps(total, 1, op))
    except (OverflowError, ValueError):
        return  # beyond the years a datetime can hold: never reached


def _steps(total: int, size: int, op: Ordering) -> Iterator[int]:
    whole, rest = divmod(total, size)
    if op in {">=", "<"} or (op in {"==", "!="} and not rest):
        yield whole + (1 if rest else 0)
    if op in {">", "<="} or (op in {"==", "!="} and not rest):
        yield whole + 1


def _microseconds(value: datetime | date | timedelta) -> int:
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return (value.toordinal() - _EPOCH_DAY) * _DAY


def midnight(day: date, scope: Scope) -> datetime:
    """Return the instant at which a calendar day begins in the business zone.

    Where clocks skip midnight, ``fold=0`` reads it with the offset before the change: the change itself, when it
    starts at midnight.
    """
    return _midnight(day, scope.zone)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
