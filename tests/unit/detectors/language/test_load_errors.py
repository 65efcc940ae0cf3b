"""What does not load, and what the error says."""

from datetime import timedelta

import pytest

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import Kind
from signals.domain.errors import PackError
from signals.domain.events.billing import InvoicePaid, PaymentFailed
from support.rule_scope import NAMES, PARAMS, param


def refused(text: str) -> PackError:
    """Return the error of an expression that must not load."""
    with pytest.raises(PackError) as caught:
        compile_expression(text, names=NAMES, params=PARAMS, where="pack.yaml:7")
    assert caught.value.where == "pack.yaml:7"
    return caught.value


@pytest.mark.parametrize("number", ["2", "0.3", "-2", "1.0", "10**9", "0x10", "1e3", "1j"])
def test_bare_numbers_are_refused(number: str) -> None:
    """Every threshold is a named parameter with a source."""
    refused(f"members >= {number}")


def test_zero_and_one_are_the_exceptions() -> None:
    """0 and 1 mean none and the whole, and 0 also no money and no time."""
    for text in ("members > 0", "1 - growth > 0", "mrr > 0", "age(seen_at) >= 0", "growth <= -1"):
        compile_expression(text, names=NAMES, params=PARAMS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mrr > week", "money does not compare with duration"),
        ("plan > few", "text does not compare with count"),
        ("plan > lead_family", "text has no order"),
        ("mrr > few", "money does not compare with count"),
        ("mrr > 1", "money does not compare with count"),
        ("seen_at > starts_on", "instant does not compare with date"),
        ("starts_on - seen_at > week", "date minus instant has no meaning"),
        ("mrr * mrr > 0", "money times money has no meaning"),
        ("members + mrr > 0", "count plus money has no meaning"),
        ("seen_at + seen_at > seen_at", "instant plus instant has no meaning"),
        ("mrr > arr", "USD/month meets USD/year"),
        ("mrr + arr > 0", "USD/month meets USD/year"),
        ("starts_on + odd > ends_on", "not whole days"),
        ("people == people", "a list does not compare"),
        ("usage.total > 0", "series does not compare with count"),
        ("null > members", "null has no order"),
        ("members and managed", "count is not a condition"),
        ("not plan", "text is not a condition"),
        ("age(plan) > week", "age of text"),
        ("age(members) > week", "age of count"),
        ("len(plan) > 0", "len of text"),
        ("default(mrr, week) > floor", "money and duration in one place"),
        ("(mrr if managed else members) > 0", "money and count in one place"),
        ("members in wanted", "count is in no set"),
        ("plan in plan", "text is no set"),
        ("plan in {0, 1}", "count in a list of texts"),
        ("total(members, week) > 0", "total takes a series where members is a count"),
        ("total(usage.total) > 0", "total takes 2 to 3 arguments"),
        ("total(usage.total, null) > 0", "total takes a duration"),
        ("sum(p.seen_at for p in people) > 0", "sum of instant"),
        ("any(p.acts for p in people)", "count is not a condition"),
        ("count(p.id for p in people) > 0", "count counts elements"),
        ("any(p for p in members)", "count has no elements"),
        ("min(plan, plan) == plan", "min or max of text"),
        ("exists(few)", "always so"),
    ],
)
def test_kinds_that_do_not_meet(text: str, problem: str) -> None:
    """A comparison or sum of things that are not alike is an error that names both."""
    with pytest.raises(PackError) as caught:
        compile_expression(text, names=NAMES, params=PARAMS | {"odd": param("odd", timedelta(hours=36))})

    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("text", "problem", "valid"),
    [
        ("membres > few", "unknown name membres", "members"),
        ("usage.totl > 0", "unknown name usage.totl", "usage.total"),
        ("any(p.famly == plan for p in people)", "p has no attribute famly", "family"),
        ("plan.length > 0", "plan has no attribute length", ""),
        ("contract.ends_on.year > 0", "contract has no attribute ends_on.year", "credit"),
        ("totl(usage.total, week) > 0", "unknown function totl", "total"),
        ("event.amount > 0", "this rule has no event", "edge"),
        ("opened.members > 0", "nothing is frozen here", "clear"),
        ("signal(plan)", "a literal text is wanted", ""),
        ("open_signals('C') > 0", "unknown churn level", "A, B"),
        ("any(members.lead for members in people)", "hides another name", ""),
        ("any(week > 0 for week in people)", "hides another name", ""),
    ],
)
def test_unknown_names_say_what_is_near(text: str, problem: str, valid: str) -> None:
    """A misspelt name is an error that offers what may be meant."""
    error = refused(text)

    assert problem in error.problem
    assert valid in error.valid


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "members.__class__",
        "(lambda: 0)()",
        "[x for x in people]",
        "{p.id for p in people} == null",
        "members if managed",
        "members = few",
        "members is null",
        "members ** few > 0",
        "members % few > 0",
        "members // few > 0",
        "~members > 0",
        "+members > 0",
        "people[0]",
        "f'{plan}' == plan",
        "(members := few) > 0",
        "print(plan)",
        "plan.upper() == plan",
        "total(series=usage.total)",
        "total(*people)",
        "any(p.lead for p in people for q in people)",
        "any(p.lead for p, q in people)",
        "map(p.lead for p in people)",
        "await members",
        "members; members",
        "members >",
        "",
        "b'x' == plan",
        "... == plan",
        "managed\nmembers",
    ],
)
def test_what_is_not_part_of_the_language(text: str) -> None:
    """Anything but the listed subset is refused."""
    refused(text)


def test_length_and_depth_are_bounded() -> None:
    """Texts that would trouble the compiler are errors, not crashes."""
    assert "characters" in refused("managed and " * 400 + "managed").problem
    refused("not " * 450 + "managed")
    refused("(" * 300 + "managed" + ")" * 300)


def test_text_may_span_lines_and_hold_quotes() -> None:
    """Folded YAML and odd texts do not change the code that is generated."""
    made = compile_expression("managed\n  and plan == 'it\\'s \"{x}\" \\n'", names=NAMES)

    assert made.reads == {"managed", "plan"}


def test_event_fields_come_from_the_annotations() -> None:
    """Kinds of event fields are derived; a foreign field is an error."""
    made = compile_expression(
        "event.attempt == 1 and event.amount >= floor and event.kind == 'payment_failed'",
        names=NAMES, params=PARAMS, event=PaymentFailed,
    )  # fmt: skip
    assert made.kind is Kind.BOOL

    with pytest.raises(PackError, match=r"unknown event field event\.colour"):
        compile_expression("event.colour == 'red'", names=NAMES, event=PaymentFailed)
    with pytest.raises(PackError, match="money does not compare with count"):
        compile_expression("event.amount > few", names=NAMES, params=PARAMS, event=PaymentFailed)


def test_fields_of_several_events() -> None:
    """With two kinds of event both have what either has; the one without it gives null."""
    made = compile_expression("event.attempt", names=NAMES, event=(PaymentFailed, InvoicePaid))

    assert made.kind is Kind.COUNT
