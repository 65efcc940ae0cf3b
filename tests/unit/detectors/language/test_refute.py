"""What refutes a condition, and what it then waits for: fields of the state, and closes of a day."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import UNKNOWN, Close, Kind, Param
from signals.detectors.language.refute import Refuter, compile_refuter, told_apart
from signals.detectors.language.waiting import state_fields
from signals.domain.account.reduce import CLOSED_MONTHS, CLOSED_WEEKS
from support.rule_scope import FakeScope

PARAMS = {
    "week": Param("week", timedelta(days=7), "", "ours"),
    "few": Param("few", 3, "count", "ours"),
    "share": Param("share", Decimal("0.3"), "share", "ours"),
}
REPORTS = {"usage.days", "usage.reported"}


def refuter(
    text: str, *, each: str | None = None, lets: Mapping[str, str] | None = None
) -> tuple[Refuter, Expression | None]:
    """Compile a condition over the real vocabulary; ``each`` is the collection of ``one``."""
    collection = None if each is None else compile_expression(each, names=VOCABULARY)
    item = None
    if collection is not None and collection.let is not None:
        item = ("one", collection.let.node.fields)
    known: dict[str, Expression] = {}
    for name, of in (lets or {}).items():
        known[name] = compile_expression(of, names=VOCABULARY, params=PARAMS, lets=known, item=item)
    made = compile_expression(text, names=VOCABULARY, params=PARAMS, lets=known, item=item)
    assert made.let is not None
    node = None if collection is None or collection.let is None else collection.let.node
    return compile_refuter(made.let.node, node), collection


def waits(text: str, *, unknown: bool = False, certain: bool = False) -> tuple[set[str], Close] | None:
    """Return what a condition of one clause waits for while it is false, or unknown."""
    found, _ = refuter(text)
    watch = found.certain_watch(1) if certain else found.watch(2 if unknown else 1)
    return None if watch is None else (set(watch.fields), watch.closes)


def test_a_plain_comparison_waits_for_its_fields() -> None:
    """No close of a day matters to it."""
    assert waits("billing.mrr > billing.forecasted_mrr") == ({"billing.mrr", "billing.forecasted_mrr"}, Close.NEVER)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("recent(actions.experiment_viewed, week) == 0", {"usage.reported"}),
        ("lifetime(actions.experiment_viewed) == 0", set()),
        ("people.active <= few", {"people.persons", "people.dropped", "usage.reported", "profile.created_at"}),
        (
            "recent(actions.experiment_viewed, week) + recent(actions.docs_viewed, week) == 0",
            {"usage.reported", "usage.actions.experiment viewed", "usage.actions.docs viewed"},
        ),
        ("all(p.experiments_viewed == 0 for p in people)", {"people.persons", "people.dropped"}),
    ],
)
def test_more_of_what_is_too_much_already_changes_nothing(text: str, fields: set[str]) -> None:
    """What only raises the count is not waited for while the term is false; while it is unknown, it is."""
    false, unknown = waits(text), waits(text, unknown=True)

    assert false is not None
    assert unknown is not None
    assert false[0] == fields
    assert unknown[0] > false[0] or "+" in text


@pytest.mark.parametrize(
    "text", ["people.active >= few", "recent(actions.experiment_viewed, week) > few", "people.active == few"]
)
def test_what_wants_much_waits_for_more(text: str) -> None:
    """A rising count may make these true."""
    found = waits(text)
    assert found is not None
    assert found[0] & {"people.returned", "usage.actions.experiment viewed"}


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("total(usage.total, week) >= few", Close.REPORTED),
        ("1 - total(usage.total, week) / total(usage.total, week, week) >= share", Close.REPORTED),
        ("total(usage.total, week, week) >= few", Close.DAY),
        ("default(total(usage.total, week), 0) >= few", Close.DAY),
        ("month_total(usage.total, 0) > few * month_mean(usage.total, few)", Close.MONTH),
        ("not usage.change_noted", Close.DAY),
        ("contract.month >= few", Close.DAY),
        ("lifetime(actions.experiment_viewed) == 0", Close.NEVER),
    ],
)
def test_only_some_closes_of_a_day_make_a_term_true(text: str, closes: Close) -> None:
    """A window that reaches to a day nobody has reported is "at least" its part, and what is computed of it unknown."""
    found = waits(text)
    assert found is not None
    assert found[1] is closes


def test_a_term_may_become_unknown_before_it_becomes_true() -> None:
    """Whoever tells unknown from false asks for the stricter watch: any close makes the window a bound."""
    assert waits("total(usage.total, week) >= few", certain=True) == (REPORTS, Close.DAY)


@pytest.mark.parametrize(
    ("text", "fields", "closes"),
    [
        ("recent(actions.experiment_viewed, week) > few", {"usage.actions.experiment viewed"}, Close.NEVER),
        ("lifetime(actions.experiment_viewed) >= few", {"usage.actions.experiment viewed"}, Close.NEVER),
        ("total(usage.total, week) >= few", {"usage.days"}, Close.REPORTED),
        ("on_day(usage.total, week) >= few", {"usage.days"}, Close.DAY),
    ],
)
def test_a_count_that_is_too_small_waits_for_units(text: str, fields: set[str], closes: Close) -> None:
    """Knowing the days better adds nothing; a window that reaches to today only loses days. False or unknown alike."""
    assert waits(text) == (fields, closes)
    assert waits(text, unknown=True) == (fields, closes)


def test_what_is_computed_of_a_count_waits_for_knowledge_too() -> None:
    """A sum of counts is unknown until each is known in full."""
    found = waits("recent(actions.experiment_viewed, week) + recent(actions.docs_viewed, week) >= few", unknown=True)
    assert found is not None
    assert "usage.reported" in found[0]


def test_use_does_not_come_by_waiting() -> None:
    """A product is in use after a report or an action, never because a day closes; that it is not may be so."""
    read = set(VOCABULARY.facts["uses.session_replay"].reads)
    assert waits("uses.session_replay") == (read, Close.NEVER)
    assert waits("uses.session_replay", unknown=True) == (read, Close.NEVER)
    assert waits("not uses.session_replay") == (read, Close.DAY)
    assert waits("uses.session_replay", certain=True) == (read, Close.DAY)


def test_complete_weeks_and_months_wait_for_reports_of_their_days() -> None:
    """A report of yesterday touches neither; the running month waits for every report."""
    assert waits("weekly_drops(usage.total) >= few") == ({CLOSED_WEEKS}, Close.REPORTED)
    assert waits("month_mean(usage.total, few) >= few") == ({CLOSED_MONTHS}, Close.MONTH)
    running = waits("month_total(usage.total, 0) >= few")
    assert running is not None
    assert running[0] == REPORTS


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("age(champion.changed_at) < week", True),
        ("until(renewal.on) >= week", True),
        ("age(champion.changed_at) >= week", False),
        ("until(renewal.on) < week", False),
    ],
)
def test_an_age_that_has_passed_does_not_come_back(text: str, settled: bool) -> None:
    """A term that only time past can refute waits for its facts; one that time makes true refutes nothing for long."""
    assert (waits(text) is not None) is settled


@pytest.mark.parametrize("text", ["age(champion.changed_at) >= week", "until(renewal.on) < week"])
def test_an_age_of_nothing_waits_for_its_date(text: str) -> None:
    """While it is not known since when, no time makes it true."""
    unknown = waits(text, unknown=True)
    assert unknown is not None
    read = VOCABULARY.facts["champion.changed_at" if "champion" in text else "renewal.on"].reads
    assert unknown[0] == set(read)


def test_an_age_that_falls_back_on_another_is_not_waited_for() -> None:
    """With a default in it, it is never unknown for long."""
    assert waits("default(age(champion.changed_at), week) >= week", unknown=True) is None


def test_a_disjunction_is_unknown_where_the_rest_of_it_is_false() -> None:
    """Somebody's champion is not known yet, and an age that comes is false for now: time alone makes it true."""
    aged = "age(profile.created_at) >= week"
    assert waits(f"profile.employees > few or {aged}", unknown=True) is None
    assert waits("profile.employees > few or people.members > few", unknown=True) is not None


def test_actions_enter_a_closed_window_by_the_close_itself() -> None:
    """Yesterday's were counted yesterday; a report of usage is needed for neither."""
    found = waits("total(actions.experiment_viewed, week) >= few", unknown=True)
    assert found is not None
    assert "usage.reported" in found[0]


def test_a_term_of_the_account_refutes_elements_to_come() -> None:
    """Where one term that reads nothing of the element fails, new elements change nothing."""
    found, _ = refuter("one.beside >= few and profile.employees > few", each="products.first_used")
    assert found.scalar == (True, False)

    watch = found.watch(0b01)
    both = found.watch(0b11)

    assert watch is not None
    assert watch.fields == {"profile.employees"}
    assert both is not None
    assert both.fields == {"profile.employees"}


def test_an_empty_collection_waits_for_what_fills_it() -> None:
    """The rest of what its elements are computed of is not waited for, nor is any close."""
    found, _ = refuter("one.activated", each="activations")
    empty, some = found.watch(0), found.watch(1)
    assert empty is not None
    assert (set(empty.fields), empty.closes) == ({"intents.intents"}, Close.NEVER)
    assert some is not None
    assert some.fields == VOCABULARY.facts["activations"].reads


def test_the_term_that_moves_least_is_asked_first() -> None:
    """Order: closes of a day, number of fields, cost; what time may flip comes last."""
    found, _ = refuter(
        "age(champion.changed_at) >= week and total(usage.total, week) >= few and profile.employees > few"
    )
    scope = FakeScope({"profile.employees": 1})

    watch = found.watch(found.failing(scope, (None,)))

    assert watch is not None
    assert watch.fields == {"profile.employees"}
    assert found.watches[2] is None


def test_a_disjunction_fails_when_all_of_it_fails() -> None:
    """It waits for any of its terms; a term outside goes on alone."""
    found, _ = refuter("(billing.mrr > 0 or profile.employees > few) and people.members > few")
    scope = FakeScope({"billing.mrr": Decimal(0), "profile.employees": 1, "people.members": 5})

    watch = found.watch(found.failing(scope, (None,)))

    assert watch is not None
    assert watch.fields == {"billing.mrr", "profile.employees"}


def test_a_condition_that_holds_has_no_failing_term() -> None:
    """Neither has one that is looked at for a mapping."""
    found, _ = refuter("people.members > few")

    assert found.failing(FakeScope({"people.members": 5}), (None,)) == -1
    assert found.failing(FakeScope({"people.members": 5}), ({},)) == -1
    assert found.failing(FakeScope({"people.members": UNKNOWN}), (None,)) == 2


def test_a_fact_that_needs_another_waits_for_that_one() -> None:
    """Credit is prepaid only on a contract: without any, no day and no balance matters."""
    found, _ = refuter("credits.prepaid and credits.burn > 0")

    watch = found.watch(found.failing(FakeScope({"contract.ever_signed": False, "credits.prepaid": False}), (None,)))

    assert watch is not None
    assert watch.fields == {"credits.contracts"}
    assert watch.closes is Close.NEVER


def test_elements_are_waited_for_too() -> None:
    """A new element may come: the collection's own fields belong to every watch, an attribute's where it is read."""
    found, _ = refuter("one.beside >= few", each="products.first_used")

    watch = found.watch(1)

    assert watch is not None
    assert watch.fields == {"intents.first_use", "intents.intents", "usage.days"}
    assert found.standing.fields == {"intents.first_use", "intents.intents"}
    assert found.watch(0) is found.standing


def test_each_element_may_fail_another_term() -> None:
    """The bits of all of them come together."""

    class One:
        def __init__(self, plan: str, amount: int) -> None:
            self.plan, self.amount = plan, Decimal(amount)

    found, collection = refuter('one.plan == "credit" and one.amount > 0', each="invoices")
    assert collection is not None
    both = found.failing(FakeScope(), (One("credit", 0), One("payg", 5)))

    assert both.bit_count() == 2
    assert found.failing(FakeScope(), (One("credit", 0), One("credit", 5))) == -1


def test_lets_are_looked_into() -> None:
    """A let that stands for a conjunction gives its terms; a let read twice is computed once."""
    found, _ = refuter("early and billing.mrr > 0", lets={"early": "profile.employees > few and people.members > few"})
    scope = FakeScope({"billing.mrr": Decimal(9), "profile.employees": 1, "people.members": 9})

    watch = found.watch(found.failing(scope, (None,)))

    assert watch is not None
    assert watch.fields == {"profile.employees"}


def test_a_rule_whose_unknown_counts_as_false_is_not_told_apart() -> None:
    """Everything else that reads a signal is."""

    def read(text: str) -> frozenset[str]:
        made = compile_expression(text, names=VOCABULARY)
        assert made.let is not None
        return told_apart(made.let.node)

    assert read('default(signal("a"), false) or default(signal("b"), false)') == set()
    assert read('not signal("a")') == {"a"}
    assert read('default(signal("a"), true)') == {"a"}
    assert read('known(signal("a")) and default(signal("b"), false)') == {"a"}


def test_fields_of_attributes_count_where_they_are_read() -> None:
    """What people have seen moves all the time; who they are does not."""

    def fields(text: str) -> frozenset[str]:
        made = compile_expression(text, names=VOCABULARY)
        assert made.let is not None
        return state_fields([made.let.node])

    assert fields('any(p.family == "sales" for p in people)') == {"people.persons", "people.dropped"}
    assert "people.actions" in fields("any(p.experiments_viewed > 0 for p in people)")
    assert "people.seen" in fields("any(exists(p.seen_at) for p in people)")
    assert Kind.LIST is VOCABULARY.facts["people"].kind
