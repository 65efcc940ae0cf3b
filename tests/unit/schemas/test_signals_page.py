"""docs/signals.md: each signal is one row, whatever became of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from signals.detectors.language.names import Param
from signals.detectors.rules.coverage import Handbook, NoRule, coverage
from signals.schemas.signals_page import page_of, parameter
from support.packaged import rules

KNOWN = Handbook(
    ids={"payment": ["payg_payment_failed"], "lead": ["job_switcher", "needs_a_feed", "a_habit", "forgotten"]},
    parts={"lifecycle_shrinking_note": "lifecycle_shrinking"},
    not_rules={
        "needs_a_feed": NoRule(needs_input="call_held", why="nobody | sends it"),
        "a_habit": NoRule(not_a_rule="advice for people"),
    },
)


@pytest.fixture(scope="module")
def page() -> list[str]:
    """Provide the page of five ids, by line."""
    names = {"payg_payment_failed", "job_switcher", "free_tier_exceeded", "lifecycle_shrinking_note"}
    few = [rule for rule in rules() if rule.id in names]
    return page_of(coverage(few, KNOWN), few, KNOWN.parts).splitlines()


def row(page: list[str], name: str) -> list[str]:
    """Return the cells of one signal."""
    (line,) = [one for one in page if one.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]


def test_a_rule_shows_its_numbers_and_its_runbook(page: list[str]) -> None:
    """Title, state, kind and scope, parameters with their source, and a link that works from docs/."""
    _, title, state, kind, params, runbook = row(page, "job_switcher")

    assert (title, state, kind) == ("Somebody who knows us moved to a new role", "shadow", "edge, account")
    assert "`same_lead` 365 days (ours)" in params
    assert runbook == "[lists](runbooks/lead.md#lists)"


@pytest.mark.parametrize(
    ("name", "state", "why"),
    [
        ("needs_a_feed", "needs input", "call_held: nobody / sends it"),
        ("a_habit", "not a rule", "advice for people"),
        ("forgotten", "missing", ""),
    ],
)
def test_what_has_no_rule_says_why(page: list[str], name: str, state: str, why: str) -> None:
    """The reason stands where a rule has its title; a bar in it does not end the cell."""
    assert row(page, name)[1:] == [why, state, "", "", ""]


def test_a_rule_that_is_not_of_the_handbook_is_marked(page: list[str]) -> None:
    """It comes after those that are; one that carries a part of an id names that id."""
    assert row(page, "free_tier_exceeded")[2] == "live, not of the handbook"
    assert row(page, "lifecycle_shrinking_note")[2] == "live, a part of `lifecycle_shrinking`"


def test_families_are_counted(page: list[str]) -> None:
    """One line a family, with a link to its table."""
    assert "| [Lead](#lead) | 4 | 1 shadow, 1 needs input, 1 not a rule, 1 missing |" in page
    assert "## Payment" in page


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (timedelta(hours=36), "", "`x` 1.5 days (ours)"),
        (3, "count", "`x` 3 (ours)"),
        (Decimal("0.20"), "share", "`x` 0.20 share (ours)"),
    ],
)
def test_a_parameter_has_value_unit_and_source(value: object, unit: str, said: str) -> None:
    """A count needs no unit."""
    assert parameter(Param("x", value, unit, "ours")) == said  # type: ignore[arg-type]  # as a pack gives them
