"""Random expressions: compiled logic agrees with the tables, and no text crashes the compiler."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.domain.errors import PackError
from support.rule_scope import NAMES, PARAMS, FakeScope

Tree = tuple[object, ...]

ATOMS = {"managed": "managed", "plan": "plan == 'payg'", "members": "members >= few", "mrr": "0 < mrr"}
WORTH = {"plan": ("payg", "flat"), "members": (5, 4), "mrr": (Decimal(1), Decimal(0)), "managed": (True, False)}

trees: st.SearchStrategy[Tree] = st.recursive(
    st.sampled_from([(name,) for name in ATOMS]),
    lambda part: st.one_of(
        st.tuples(st.just("and"), part, part, part),
        st.tuples(st.just("or"), part, part),
        st.tuples(st.just("not"), part),
        st.tuples(st.just("if"), part, part, part),
        st.tuples(st.just("=="), part, part),
    ),
    max_leaves=12,
)


def written(tree: Tree) -> str:
    """Return the tree as an expression."""
    match tree:
        case ("not", part):
            return f"(not {written(part)})"  # type: ignore[arg-type]
        case ("if", one, two, three):
            return f"({written(two)} if {written(one)} else {written(three)})"  # type: ignore[arg-type]
        case (str() as word, _, *_):
            return "(" + f" {word} ".join(written(part) for part in tree[1:]) + ")"  # type: ignore[arg-type]
        case _:
            return f"({ATOMS[str(tree[0])]})"


def decided(tree: Tree, truths: dict[str, object]) -> object:
    """Return the value by the definition of strong three-valued logic: unknown if both completions are possible."""
    match tree:
        case ("not", part):
            value = decided(part, truths)  # type: ignore[arg-type]
            return UNKNOWN if value is UNKNOWN else not value
        case ("if", one, two, three):
            test = decided(one, truths)  # type: ignore[arg-type]
            return UNKNOWN if test is UNKNOWN else decided(two if test else three, truths)  # type: ignore[arg-type]
        case ("==", one, two):
            left, right = decided(one, truths), decided(two, truths)  # type: ignore[arg-type]
            return UNKNOWN if UNKNOWN in {left, right} else left is right
        case (("and" | "or") as word, _, *_):
            values = [decided(part, truths) for part in tree[1:]]  # type: ignore[arg-type]
            decisive = word == "or"
            if decisive in values:
                return decisive
            return UNKNOWN if UNKNOWN in values else not decisive
        case _:
            return truths[str(tree[0])]


@given(tree=trees, truths=st.fixed_dictionaries({name: st.sampled_from([True, False, UNKNOWN]) for name in ATOMS}))
def test_logic_agrees_with_its_definition(tree: Tree, truths: dict[str, object]) -> None:
    """Generated code gives what the tables say, for every mixture of true, false and unknown."""
    facts = {name: UNKNOWN if truth is UNKNOWN else WORTH[name][not truth] for name, truth in truths.items()}
    compiled = compile_expression(written(tree), names=NAMES, params=PARAMS)
    scope = FakeScope(facts)

    assert compiled.evaluate(scope) is decided(tree, truths)
    assert all(reason.outcome is not None for reason in compiled.why(scope))
    assert compiled.why(scope)


@given(tree=trees)
def test_knowing_more_never_changes_what_was_known(tree: Tree) -> None:
    """A condition that is decided with facts missing stays so whatever they turn out to be."""
    compiled = compile_expression(written(tree), names=NAMES, params=PARAMS)
    missing = compiled.evaluate(FakeScope({"managed": True, "plan": "payg"}))
    for members in (4, 5):
        for mrr in (Decimal(0), Decimal(1)):
            full = compiled.evaluate(FakeScope({"managed": True, "plan": "payg", "members": members, "mrr": mrr}))
            assert missing is UNKNOWN or full is missing


WORDS = [
    "members", "mrr", "people", "p", "for", "in", "if", "else", "and", "or", "not", "any(", "count(", "sum(", "age(",
    "until(", "default(", "max(", ")", "(", ",", ".", "==", ">=", "<", "+", "-", "*", "/", "0", "1", "2", "'a'", "null",
    "week", "few", "floor", "seen_at", "starts_on", "usage.total", "total(", "event.amount", "opened.mrr", "lambda",
    "[", "]", "{", "}", ":", "p.acts", "p.seen_at", "signal('x')", "wanted", "plan", "growth", "managed",
    "contract.ends_on",
]  # fmt: skip

VALUES: dict[str, object] = {
    "members": AtLeast(3), "mrr": None, "managed": True, "seen_at": UNKNOWN, "plan": None,
    "people": [{"acts": 1, "seen_at": None, "family": UNKNOWN}], "growth": Decimal("0.1"), "contract": None,
}  # fmt: skip


@settings(max_examples=max(300, settings.default.max_examples if settings.default else 0))
@given(text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_no_text_crashes_the_compiler(text: str) -> None:
    """Any text compiles or is a PackError; what compiles evaluates, wakes and explains without raising."""
    try:
        compiled = compile_expression(text, names=NAMES, params=PARAMS)
    except PackError:
        return
    for scope in (FakeScope(), FakeScope(VALUES)):
        compiled.evaluate(scope)
        compiled.wakes(scope)
        compiled.why(scope)
