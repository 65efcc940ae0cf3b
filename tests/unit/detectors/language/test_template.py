"""Texts with names in them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import UNKNOWN, AtLeast, Kind
from signals.detectors.language.template import compile_template
from signals.detectors.language.words import canonical
from signals.domain.errors import PackError
from support.rule_scope import NAMES, PARAMS, FakeScope

LETS = {
    "half": compile_expression("members / active", names=NAMES),
    "quiet": compile_expression("age(seen_at)", names=NAMES),
}


def rendered(text: str, **facts: object) -> str:
    """Render over facts."""
    template = compile_template(text, names=NAMES, params=PARAMS, lets=LETS, opened=LETS, item=("p", {"id": Kind.TEXT}))
    scope = FakeScope({name.replace("__", "."): value for name, value in facts.items()}, item={"id": "p1"})
    return template.render(scope)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("{mrr}", Decimal(12400), "$12,400"),
        ("{mrr:money}", Decimal(1234567), "$1.2 M"),
        ("{mrr}", Decimal("999999.5"), "$1,000,000"),
        ("{mrr}", Decimal("12.5"), "$12.50"),
        ("{mrr}", Decimal("1666.67"), "$1,667"),
        ("{mrr}", Decimal(0), "$0"),
        ("{mrr}", UNKNOWN, "unknown"),
        ("{mrr}", None, "none"),
        ("{growth}", Decimal("0.384"), "38 %"),
        ("{growth:change}", Decimal("0.38"), "+38 %"),
        ("{growth:change}", Decimal("-0.2"), "-20 %"),
        ("{growth}", Decimal("0.004"), "0.4 %"),
        ("{growth}", Decimal("0.125"), "13 %"),
        ("{members}", 1234, "1,234"),
        ("{members:days}", 1, "1 day"),
        ("{members:days}", 2, "2 days"),
        ("{members:days}", 0, "0 days"),
        ("{members:months}", 12, "12 months"),
        ("{members}", AtLeast(12), "at least 12"),
        ("{starts_on}", date(2026, 3, 5), "5 Mar 2026"),
        ("{seen_at:date}", datetime(2026, 3, 5, 2, tzinfo=UTC), "4 Mar 2026"),
        ("{plan}", "payg", "payg"),
        ("{managed}", True, "yes"),
        ("{products}", frozenset({"b", "a"}), "a, b"),
        ("{products}", frozenset(), "none"),
        ("{products:names}", frozenset({"web_analytics", "logs"}), "logs, web analytics"),
        ("{plan:names}", "pay_as_you_go", "pay as you go"),
        ("{members:member|members}", 1, "1 member"),
        ("{members:member is|members are}", 0, "0 members are"),
        ("{members:member|members}", 1234, "1,234 members"),
        ("{members:member|members}", AtLeast(12), "at least 12 members"),
        ("{members:member|members}", UNKNOWN, "an unknown number of members"),
        ("{members:member|members}", None, "none"),
    ],
)
def test_values_are_written_for_a_reader(text: str, value: object, expected: str) -> None:
    """Money, shares, counts, days and absent values read as on a card."""
    assert rendered(text, **{text[1:-1].split(":")[0]: value}) == expected


def test_names_of_all_sorts() -> None:
    """The account, lets, parameters, the element; braces by doubling."""
    text = "{account}: {half} of {few}, {p.id}, after {fortnight}, {{so}}, was {opened.half}"

    assert rendered(text, members=1, active=2) == "Acme: 0.5 of 5, p1, after 14 days, {so}, was unknown"


def test_ages_render_as_days() -> None:
    """A let that moves with the clock may be shown."""
    assert rendered("quiet for {quiet}", seen_at=FakeScope().now - timedelta(days=3)) == "quiet for 3 days"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{nobody}", "unknown name nobody"),
        ("{members + 1}", "not a name"),
        ("{}", "not a name"),
        ("{members!r}", "not a name"),
        ("{members", "not a template"),
        ("{members:money}", "members is a count"),
        ("{members:roman}", "unknown format roman"),
        ("{members:member|}", "unknown format member|"),
        ("{account} {p.id:member|members}", "p.id is a text"),
        ("{people}", "{people} is a list"),
        ("{p.name}", "no attribute name"),
    ],
)
def test_bad_templates_do_not_load(text: str, problem: str) -> None:
    """Unknown names and formats are found when the pack is loaded."""
    with pytest.raises(PackError, match="pack:3") as caught:
        compile_template(text, names=NAMES, item=("p", {"id": Kind.TEXT}), where="pack:3")

    assert problem in caught.value.problem


def test_a_template_tells_what_it_reads() -> None:
    """Facts and frozen names, so that the engine can keep them."""
    made = compile_template("{half} {opened.mrr} {plan}", names=NAMES, lets=LETS, opened=LETS)

    assert made.reads == {"members", "active", "plan"}
    assert made.frozen == {"mrr"}


def test_evidence_text_is_exact_and_plain() -> None:
    """Decimals as written, long quotients cut, times ISO 8601."""
    assert canonical(Decimal("0.30")) == "0.30"
    assert canonical(Decimal(1) / Decimal(3)) == "0.333333333333"
    assert canonical(datetime(2026, 3, 5, 2, tzinfo=UTC)) == "2026-03-05T02:00:00+00:00"
    assert canonical(date(2026, 3, 5)) == "2026-03-05"
    assert canonical(timedelta(days=28)) == "28"
    assert canonical(UNKNOWN) == "unknown"
    assert canonical(True) == "true"
    assert canonical(frozenset({"b", "a"})) == "a, b"
