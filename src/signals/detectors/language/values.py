"""What generated code calls while it runs: arithmetic and logic with UNKNOWN, None and AtLeast.

Common comparisons are written inline by ``emit.py``; what stands here is everything rarer.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from signals.detectors.language.names import UNKNOWN, AtLeast, Partial, Scope

_MICROSECOND = timedelta(microseconds=1)


def read_let(scope: Scope, name: str, compute: Callable[[Scope], object]) -> object:
    """Return the value of a let, computed at most once per scope."""
    cache = scope.lets
    try:
        return cache[name]
    except KeyError:
        value = cache[name] = compute(scope)
        return value


def read_opened(scope: Scope, name: str) -> object:
    """Return a frozen value; unknown while nothing is open, or when the signal opened before the name was frozen."""
    opened = scope.opened
    return UNKNOWN if opened is None else opened.get(name, UNKNOWN)


def attribute(base: Any, name: str) -> object:
    """Return one attribute of an element; of a known-absent record it is known to be absent."""
    if base is UNKNOWN or base is None:
        return base
    if isinstance(base, dict):
        return base.get(name, UNKNOWN)
    return getattr(base, name)


def event_field(event: object, name: str) -> object:
    """Return a field that not every event kind of the rule has: null on those without."""
    return UNKNOWN if event is None else getattr(event, name, None)


def truth(value: object) -> object:
    """Return a BOOL fact as a condition: absent is not known to be false."""
    return UNKNOWN if value is None else value


def plain(value: object) -> object:
    """Return the value for arithmetic: a bound or an absent value is unknown there."""
    return UNKNOWN if value is None or isinstance(value, AtLeast) else value


def equal(left: Any, right: Any, negated: bool) -> object:
    """Return whether numbers are equal: with a bound that can only be refuted."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(right, AtLeast):
        left, right = right, left
    if isinstance(left, AtLeast):
        if right is not None and (isinstance(right, AtLeast) or left.value <= right):
            return UNKNOWN
        return negated
    return (left == right) is not negated


def arithmetic(left: Any, op: str, right: Any) -> object:
    """Return ``left op right`` exactly (Decimal, whole microseconds), unknown where it has no value.

    >>> arithmetic(1, "/", 0) is UNKNOWN, arithmetic(6, "/", 5)
    (True, Decimal('1.2'))
    """
    left, right = plain(left), plain(right)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    try:
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return _times(left, right)
            case _:
                return _divided(left, right)
    except ArithmeticError:
        return UNKNOWN


def _times(left: Any, right: Any) -> object:
    if isinstance(right, timedelta):
        left, right = right, left
    if isinstance(left, timedelta):
        return timedelta(microseconds=round(Decimal(left // _MICROSECOND) * right))
    return left * right


def _divided(left: Any, right: Any) -> object:
    if isinstance(left, timedelta):
        whole = Decimal(left // _MICROSECOND)
        if isinstance(right, timedelta):
            return whole / Decimal(right // _MICROSECOND)
        return timedelta(microseconds=round(whole / Decimal(right)))
    return Decimal(left) / right


def quotient(left: Any, right: Any) -> object:
    """Return the Decimal quotient of two present numbers or amounts: the frequent case of ``arithmetic``."""
    if not right:
        return UNKNOWN
    if isinstance(left, int):
        left = Decimal(left)
    return left / right  # a bound on either side answers UNKNOWN itself


def default(value: Any, other: object) -> object:
    """Return ``value``, or ``other`` when it is unknown or absent; the missing part of a bounded sum counts as 0."""
    if value is UNKNOWN or value is None:
        return other
    return value.value if isinstance(value, AtLeast) else value


def known(value: object) -> bool:
    """Return whether the value is exactly known (null is known; a bound is not)."""
    return value is not UNKNOWN and not isinstance(value, AtLeast)


def invoke(function: Callable[..., object], scope: Scope, lenient: bool, *values: object) -> object:
    """Call a registered function unless a value is unknown; with ``lenient`` it takes null and bounds itself."""
    for value in values:
        if value is UNKNOWN or (not lenient and (value is None or isinstance(value, AtLeast))):
            return UNKNOWN
    return function(scope, *values)


def extreme(largest: bool, values: Iterable[Any]) -> object:
    """Return the smallest or largest; unknown if one is not known."""
    found: list[Any] = [plain(value) for value in values]
    if any(value is UNKNOWN for value in found):
        return UNKNOWN
    return max(found) if largest else min(found)


def absolute(value: Any) -> object:
    """Return the absolute value."""
    value = plain(value)
    return UNKNOWN if value is UNKNOWN else abs(value)


def size(collection: Any) -> object:
    """Return how many elements there are."""
    if collection is UNKNOWN or collection is None:
        return UNKNOWN
    return AtLeast(len(collection.items)) if isinstance(collection, Partial) else len(collection)


def member(item: object, collection: Any, negated: bool) -> object:
    """Return whether a text is in a collection; null is in none."""
    if item is UNKNOWN or collection is UNKNOWN or collection is None:
        return UNKNOWN
    if isinstance(collection, Partial):
        return (not negated) if item in collection.items else UNKNOWN
    return (item in collection) is not negated


def among(item: object, options: Sequence[object], negated: bool) -> object:
    """Return whether an item is one of a literal list, of which some may be unknown."""
    if item is UNKNOWN:
        return UNKNOWN
    if any(option is not UNKNOWN and option == item for option in options):
        return not negated
    return UNKNOWN if any(option is UNKNOWN for option in options) else negated


def elements(collection: Any) -> tuple[Iterable[Any], bool] | None:
    """Return the elements and whether they are all, or None when the collection is not known."""
    if collection is UNKNOWN or collection is None:
        return None
    if isinstance(collection, Partial):
        return collection.items, False
    return collection, True


def quantify(collection: Any, condition: Callable[[Any], object], wanted: bool) -> object:
    """``any`` (wanted True) and ``all`` (wanted False: looks for one that fails)."""
    found = elements(collection)
    if found is None:
        return UNKNOWN
    items, unsure = found[0], not found[1]
    for item in items:
        outcome = condition(item)
        if outcome is wanted:
            return wanted
        if outcome is UNKNOWN:
            unsure = True
    return UNKNOWN if unsure else not wanted


def visit(collection: Any, action: Callable[[Any], object]) -> None:
    """Do something for each known element (wake-ups of a quantifier)."""
    found = elements(collection)
    if found is not None:
        for item in found[0]:
            action(item)


def count(collection: Any, condition: Callable[[Any], object]) -> object:
    """Return how many elements meet the condition; with unknown ones among them, at least that many."""
    found = elements(collection)
    if found is None:
        return UNKNOWN
    number, unsure = 0, not found[1]
    for item in found[0]:
        outcome = condition(item)
        if outcome is True:
            number += 1
        elif outcome is UNKNOWN:
            unsure = True
    return AtLeast(number) if unsure else number


def gather(
    name: str, zero: Any, collection: Any, condition: Callable[[Any], object], value: Callable[[Any], object]
) -> object:
    """``sum``, ``min`` and ``max`` over the elements that meet the condition; of none: zero, or null."""
    found = elements(collection)
    if found is None or not found[1]:
        return UNKNOWN
    values: list[Any] = []
    for item in found[0]:
        outcome = condition(item)
        if outcome is False:
            continue
        each = plain(value(item))
        if outcome is UNKNOWN or each is UNKNOWN:
            return UNKNOWN
        values.append(each)
    if name == "sum":
        return sum(values, start=zero)
    if not values:
        return None
    return max(values) if name == "max" else min(values)
