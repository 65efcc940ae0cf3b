"""Documented usage of the rule layer; only the type checker runs this file."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from signals.detectors.contract import Rule
from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Function, Kind, Names, Param, Scope
from signals.detectors.language.reason import Reason
from signals.detectors.language.template import compile_template
from signals.detectors.rules.loader import load_packs
from support.rule_scope import FakeScope


def monthly(scope: Scope) -> object:
    """A fact's getter takes a scope and gives a value, UNKNOWN or None."""
    return UNKNOWN if scope.opened is None else Decimal(1)


def doubled(scope: Scope, value: Decimal) -> object:
    """A function takes the scope and its values."""
    return AtLeast(value * 2) if scope.item is None else value


names = Names.of(
    [Fact("mrr", Kind.MONEY, "USD/month", "Revenue a month.", frozenset({"billing.mrr"}), monthly)],
    [Function("doubled", (Kind.MONEY,), Kind.MONEY, doubled, "Twice.")],
)
floor = Param("floor", Decimal("1666.67"), "USD/month", "handbook")
scope: Scope = FakeScope()

expression = compile_expression("doubled(mrr) >= floor", names=names, params={"floor": floor}, where="pack.yaml:1")
assert_type(expression, Expression)
assert_type(expression.evaluate(scope), object)
assert_type(expression.wakes(scope), tuple[datetime, ...])
assert_type(expression.why(scope), tuple[Reason, ...])
assert_type(compile_template("{mrr:money}", names=names).render(scope), str)
assert_type(load_packs([Path("packs")], names=names), tuple[Rule, ...])
