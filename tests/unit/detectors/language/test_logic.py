"""Three-valued logic, null, and bounds."""

from decimal import Decimal
from itertools import product

import pytest

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast, Kind, Partial
from support.rule_scope import NAMES, PARAMS, FakeScope

VALUES = (True, False, UNKNOWN)
PEOPLE = {"id": Kind.TEXT}


def evaluated(text: str, **facts: object) -> object:
    """Evaluate over facts; a double underscore in a name stands for its dot."""
    compiled = compile_expression(text, names=NAMES, params=PARAMS)
    return compiled.evaluate(FakeScope({name.replace("__", "."): value for name, value in facts.items()}))


def kleene_and(left: object, right: object) -> object:
    """Return the strong Kleene conjunction by its table."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else UNKNOWN


def negated(value: object) -> object:
    """Return the strong Kleene negation."""
    return UNKNOWN if value is UNKNOWN else not value


@pytest.mark.parametrize(("left", "right"), list(product(VALUES, VALUES)))
def test_and_or_follow_the_tables(left: object, right: object) -> None:
    """Every pair of truth values joins as in strong Kleene logic, in either order of terms."""
    facts = {"managed": left, "plan": UNKNOWN if right is UNKNOWN else "payg" if right else "credit"}

    assert evaluated("managed and plan == 'payg'", **facts) is kleene_and(left, right)
    assert evaluated("managed or plan == 'payg'", **facts) is negated(kleene_and(negated(left), negated(right)))


@pytest.mark.parametrize("value", VALUES)
def test_not_of_unknown_is_unknown(value: object) -> None:
    """Negation keeps unknown unknown."""
    assert evaluated("not managed", managed=value) is negated(value)


def test_three_terms_and_nesting_agree_with_the_tables() -> None:
    """A junction of three terms is the same as two nested ones."""
    for one, two, three in product(VALUES, VALUES, VALUES):
        plan = UNKNOWN if two is UNKNOWN else "payg" if two else "credit"
        members = UNKNOWN if three is UNKNOWN else 5 if three else 4
        facts = {"managed": one, "plan": plan, "members": members}
        expected = kleene_and(kleene_and(one, two), three)

        assert evaluated("managed and plan == 'payg' and members >= few", **facts) is expected
        assert evaluated("not (not managed or not (plan == 'payg' and members >= few))", **facts) is expected


def test_an_absent_bool_is_not_known_to_be_false() -> None:
    """A bool fact that is null makes a condition unknown."""
    assert evaluated("managed", managed=None) is UNKNOWN
    assert evaluated("not managed", managed=None) is UNKNOWN


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_order_with_null_is_unknown(op: str) -> None:
    """What is known to be absent is neither above nor below."""
    assert evaluated(f"members {op} few", members=None) is UNKNOWN


def test_null_is_a_value_for_equality() -> None:
    """``== null`` and exists tell absent from present, and both from unknown."""
    assert evaluated("plan == null", plan=None) is True
    assert evaluated("plan != null", plan="payg") is True
    assert evaluated("plan == null") is UNKNOWN
    assert evaluated("exists(plan)", plan=None) is False
    assert evaluated("exists(plan)") is UNKNOWN
    assert evaluated("known(plan)", plan=None) is True
    assert evaluated("known(plan)") is False
    assert evaluated("plan == 'payg'", plan=None) is False


def test_default_replaces_unknown_and_null() -> None:
    """Unknown counts as 0 only where it is written out."""
    assert evaluated("default(members, 0) == 0") is True
    assert evaluated("default(members, 0) == 0", members=None) is True
    assert evaluated("default(members, 0) >= few", members=7) is True
    assert evaluated("default(mrr, 0) < floor") is True


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("members >= few", True),
        ("members > few", UNKNOWN),
        ("members < few", False),
        ("members <= few", UNKNOWN),
        ("few <= members", True),
        ("members == 0", False),
        ("members != 0", True),
        ("members == few", UNKNOWN),
        ("members == null", False),
        ("members > 0", True),
        ("members + 1 > 0", UNKNOWN),
        ("1 - members < 0", UNKNOWN),
        ("members / few >= 1", UNKNOWN),
        ("max(members, few) >= few", UNKNOWN),
        ("known(members)", False),
        ("exists(members)", True),
        ("default(members, 0) == few", True),
    ],
)
def test_a_bound_decides_what_it_can(text: str, outcome: object) -> None:
    """A bound of 5 holds ``>= 5``, refutes ``< 5`` and ``== 0``, and nothing is computed with it."""
    assert evaluated(text, members=AtLeast(5)) is outcome


def test_two_bounds_do_not_compare() -> None:
    """Of two open sums nothing is known."""
    for op in ("<", ">=", "=="):
        assert evaluated(f"members {op} active", members=AtLeast(5), active=AtLeast(3)) is UNKNOWN


def test_choice_waits_for_its_condition() -> None:
    """if-else is unknown while its condition is, else the chosen side."""
    text = "members if managed else active"

    assert evaluated(text, managed=True, members=1, active=2) == 1
    assert evaluated(text, managed=False, members=1, active=2) == 2
    assert evaluated(text, members=1, active=1) is UNKNOWN


def test_in_knows_what_is_in_the_set() -> None:
    """Membership works with set facts, set parameters and literal lists; null is in none."""
    assert evaluated("'replay' in products", products=frozenset({"replay"})) is True
    assert evaluated("'flags' not in products", products=frozenset({"replay"})) is True
    assert evaluated("plan in wanted", plan="flags") is True
    assert evaluated("plan in {'payg', 'credit'}", plan="flat") is False
    assert evaluated("plan in ['payg', lead_family]", plan="engineering") is True
    assert evaluated("plan in wanted", plan=None) is False
    assert evaluated("plan in wanted") is UNKNOWN
    assert evaluated("plan in products", plan="x") is UNKNOWN


def test_quantifiers_find_refute_or_do_not_know() -> None:
    """One unknown element leaves any unknown unless another one decides; the same for all."""
    known, other, open_one = {"lead": True}, {"lead": False}, {"lead": UNKNOWN}

    assert evaluated("any(p.lead for p in people)", people=[open_one, known]) is True
    assert evaluated("any(p.lead for p in people)", people=[open_one, other]) is UNKNOWN
    assert evaluated("any(p.lead for p in people)", people=[other]) is False
    assert evaluated("any(p.lead for p in people)", people=[]) is False
    assert evaluated("all(p.lead for p in people)", people=[open_one, other]) is False
    assert evaluated("all(p.lead for p in people)", people=[open_one, known]) is UNKNOWN
    assert evaluated("all(p.lead for p in people)", people=[]) is True
    assert evaluated("any(p.lead for p in people)") is UNKNOWN


def test_filters_of_quantifiers_are_conditions_too() -> None:
    """``if`` narrows any and all by the same logic: what may be filtered out leaves the answer open."""
    engineers = [{"family": "engineering", "lead": True}, {"family": "sales", "lead": False}]
    unsure = [{"family": UNKNOWN, "lead": False}]

    assert evaluated("all(p.lead for p in people if p.family == lead_family)", people=engineers) is True
    assert evaluated("any(p.lead for p in people if p.family != lead_family)", people=engineers) is False
    assert evaluated("all(p.lead for p in people if p.family == lead_family)", people=unsure) is UNKNOWN
    assert evaluated("any(p.lead for p in people if p.family == lead_family)", people=unsure) is False


def test_a_partial_collection_can_find_but_not_rule_out() -> None:
    """Of a list that is not whole, any may hold, never be refuted; a count is a bound."""
    people = Partial(({"lead": True, "acts": 3},))

    assert evaluated("any(p.lead for p in people)", people=people) is True
    assert evaluated("any(not p.lead for p in people)", people=people) is UNKNOWN
    assert evaluated("all(not p.lead for p in people)", people=people) is False
    assert evaluated("count(p for p in people if p.lead)", people=people) == AtLeast(1)
    assert evaluated("len(people)", people=people) == AtLeast(1)
    assert evaluated("sum(p.acts for p in people)", people=people) is UNKNOWN
    assert evaluated("'a' in products", products=Partial(("a",))) is True
    assert evaluated("'b' in products", products=Partial(("a",))) is UNKNOWN


def test_count_with_unknown_elements_is_a_bound() -> None:
    """Elements that may count make the count "at least"."""
    people = [{"lead": True}, {"lead": True}, {"lead": UNKNOWN}]

    assert evaluated("count(p for p in people if p.lead)", people=people) == AtLeast(2)
    assert evaluated("count(p for p in people if p.lead) > 1", people=people) is True
    assert evaluated("count(p for p in people if p.lead) > few", people=people) is UNKNOWN
    assert evaluated("count(p for p in people)", people=people) == 3


def test_sum_min_max_over_elements() -> None:
    """Sums are of those that meet the filter; the extreme of none is null; one unknown value makes all unknown."""
    people = [{"acts": 3, "lead": True}, {"acts": 4, "lead": True}, {"acts": 9, "lead": False}]

    assert evaluated("sum(p.acts for p in people if p.lead)", people=people) == 7
    assert evaluated("max(p.acts for p in people)", people=people) == 9
    assert evaluated("min(p.acts for p in people if p.lead)", people=people) == 3
    assert evaluated("max(p.acts for p in people)", people=[]) is None
    assert evaluated("sum(p.spend for p in people)", people=[]) == 0
    assert evaluated("sum(p.acts for p in people)", people=[{"acts": UNKNOWN}]) is UNKNOWN


def test_nested_quantifiers_see_both_elements() -> None:
    """An inner loop may compare with the outer element."""
    text = "any(any(q.family == p.family and q.id != p.id for q in people) for p in people)"
    twins = [{"id": "a", "family": "x"}, {"id": "b", "family": "x"}]

    assert evaluated(text, people=twins) is True
    assert evaluated(text, people=twins[:1]) is False


def test_sets_have_elements_too() -> None:
    """A quantifier over a set of texts binds the text itself."""
    assert evaluated("any(p in wanted for p in products)", products=frozenset({"a", "replay"})) is True
    assert evaluated("count(p for p in products if p in wanted)", products=frozenset({"a"})) == 0


def test_attributes_of_an_absent_record_are_absent() -> None:
    """No contract means no end of contract; an unknown one means an unknown end."""
    assert evaluated("contract.credit == null", contract=None) is True
    assert evaluated("contract.credit >= floor", contract=None) is UNKNOWN
    assert evaluated("contract.credit == null") is UNKNOWN
    assert evaluated("contract.credit > 0", contract={"credit": Decimal(5)}) is True


def test_signals_and_levels_come_from_the_scope() -> None:
    """``signal`` and ``open_signals`` ask the scope, with a key where one is given."""
    scope = FakeScope({"plan": "in_1"}, signals={"other_rule": True, ("other_rule", "in_1"): False}, levels={"B": 2})

    def of(text: str) -> object:
        return compile_expression(text, names=NAMES, params=PARAMS).evaluate(scope)

    assert of("signal('other_rule')") is True
    assert of("signal('other_rule', plan)") is False
    assert of("signal('third_rule')") is UNKNOWN
    assert of("open_signals('B') > 1") is True
