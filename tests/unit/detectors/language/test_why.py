"""Why an outcome is what it is."""

from datetime import timedelta
from decimal import Decimal

from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.detectors.language.reason import Reason
from support.rule_scope import NAMES, NOW, PARAMS, FakeScope


def why(text: str, lets: dict[str, str] | None = None, **facts: object) -> tuple[Reason, ...]:
    """Return the reasons over facts."""
    made: dict[str, Expression] = {}
    for name, let in (lets or {}).items():
        made[name] = compile_expression(let, names=NAMES, params=PARAMS, lets=made)
    compiled = compile_expression(text, names=NAMES, params=PARAMS, lets=made)
    return compiled.why(FakeScope({name.replace("__", "."): value for name, value in facts.items()}))


def texts(reasons: tuple[Reason, ...]) -> list[str]:
    """Return what each reason is about."""
    return [reason.text for reason in reasons]


def test_a_comparison_says_its_values() -> None:
    """Name, label, value, threshold and the parameter behind it."""
    assert why("mrr >= floor", mrr=Decimal(1000)) == (
        Reason(
            text="mrr >= floor", name="mrr", label="Mrr", value=Decimal(1000), unit="USD/month", op=">=",
            threshold=Decimal("1666.67"), threshold_param="floor", outcome=False,
        ),
    )  # fmt: skip


def test_the_parameter_is_the_threshold_on_either_side() -> None:
    """``floor <= mrr`` reads as ``mrr >= floor``."""
    (reason,) = why("floor <= mrr", mrr=Decimal(2000))

    assert (reason.name, reason.op, reason.threshold_param, reason.outcome) == ("mrr", ">=", "floor", True)


def test_a_false_conjunction_names_each_false_term() -> None:
    """What kept it from holding, all of it, and nothing that held."""
    reasons = why("mrr >= floor and managed and members >= few", mrr=Decimal(1), managed=True, members=2)

    assert texts(reasons) == ["mrr >= floor", "members >= few"]


def test_a_true_conjunction_names_all() -> None:
    """Everything that had to hold."""
    assert texts(why("managed and members >= few", managed=True, members=5)) == ["managed", "members >= few"]


def test_a_true_disjunction_names_the_first() -> None:
    """One reason is enough."""
    assert texts(why("managed or members >= few", managed=True, members=5)) == ["managed"]
    assert texts(why("managed or members >= few", managed=False, members=5)) == ["members >= few"]


def test_a_false_disjunction_names_all() -> None:
    """Nothing helped."""
    assert texts(why("managed or members >= few", managed=False, members=4)) == ["managed", "members >= few"]


def test_unknown_names_what_is_unknown() -> None:
    """Only terms that are not known, with the facts to blame."""
    reasons = why("members >= few and mrr >= floor and growth > drop", members=9, growth=Decimal(1))

    assert texts(reasons) == ["mrr >= floor"]
    assert reasons[0].unknown == ("mrr",)
    assert reasons[0].outcome is UNKNOWN


def test_gaps_and_divisions_blame_what_they_read() -> None:
    """A bound names its series; a division by zero the facts in it."""
    (gap,) = why("total(usage.total, week) == 0", usage__total={7: AtLeast(0)})
    (zero,) = why("members / active > drop", members=1, active=0)

    assert gap.unknown == ("usage.total",)
    assert gap.value == AtLeast(0)
    assert zero.unknown == ("members", "active")


def test_not_explains_what_it_negates() -> None:
    """The negation of a junction is explained by its terms."""
    assert texts(why("not (managed and members >= few)", managed=True, members=2)) == ["members >= few"]
    (reason,) = why("not managed", managed=False)
    assert (reason.text, reason.name, reason.outcome) == ("not managed", "managed", True)


def test_lets_keep_their_name_and_conditions_open_up() -> None:
    """A value let is named; a let that is a condition is explained by what it says."""
    lets = {"half": "members / active", "low": "half < drop and managed"}
    (named, _) = why("low", lets, members=1, active=10, managed=True)

    assert (named.name, named.value, named.threshold_param) == ("half", Decimal("0.1"), "drop")


def test_choice_is_explained_by_the_side_taken() -> None:
    """if-else gives the reasons of the chosen side, or of its condition while that is unknown."""
    text = "members >= few if managed else mrr >= floor"

    assert texts(why(text, managed=True, members=2)) == ["members >= few"]
    assert texts(why(text, managed=False, mrr=Decimal(1))) == ["mrr >= floor"]
    assert texts(why(text, members=2)) == ["managed"]


def test_ages_are_values_too() -> None:
    """The age itself is shown against its parameter."""
    (reason,) = why("age(seen_at) >= fortnight", seen_at=NOW - timedelta(days=3))

    assert (reason.name, reason.value, reason.threshold) == ("age(seen_at)", timedelta(days=3), timedelta(days=14))
    assert reason.label == "Seen at"


def test_quantifiers_stay_whole() -> None:
    """Elements are not listed; the count is the value."""
    (reason,) = why("count(p for p in people if p.lead) >= few", people=[{"lead": True}])

    assert (reason.value, reason.threshold, reason.outcome) == (1, 5, False)
    (reason,) = why("any(p.lead for p in people)")
    assert reason.unknown == ("people",)


def test_a_value_explains_itself() -> None:
    """For an expression that is no condition, its value."""
    (reason,) = why("members / active", members=1, active=2)

    assert reason.value == Decimal("0.5")
