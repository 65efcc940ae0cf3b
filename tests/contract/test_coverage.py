"""The whole handbook is accounted for: the ids of the catalogue, each with a state and a reason."""

from pathlib import Path

from signals.detectors.rules.coverage import Listed, coverage, handbook
from signals.domain.events.kinds import CLASS_OF
from support.packaged import rules

IDS = Path(__file__).parents[1] / "support" / "handbook_ids.txt"


def listed() -> tuple[Listed, ...]:
    """Return what ``signals catalogue`` lists of the packs that ship."""
    return coverage(rules(), handbook())


def test_every_id_of_the_catalogue_is_listed() -> None:
    """The list the tests keep, taken from the handbook, and ours are one; each id stands in its family."""
    kept = [tuple(line.split()) for line in IDS.read_text().splitlines()]
    assert len(kept) == 459
    assert sorted((one.family, one.id) for one in listed() if not one.own) == sorted(kept)


def test_every_rule_is_of_the_handbook() -> None:
    """A rule that ships has an id of the handbook and stands in its family, unless a variant moves it."""
    known = handbook()
    assert [one.id for one in listed() if one.own and one.id not in known.parts] == []
    families = {one.id: one.family for one in listed()}
    assert set(known.parts.values()) <= families.keys()
    assert {rule.id: rule.family.value for rule in rules() if rule.family.value != families[rule.id]} == {}


def test_what_is_no_rule_says_why() -> None:
    """An id that needs an input names a canonical event that would bring it; a rule's id gives no such reason."""
    known = handbook()
    assert {one.needs_input for one in known.not_rules.values() if one.needs_input} <= CLASS_OF.keys()
    assert known.not_rules.keys() & {rule.id for rule in rules()} == set()
    assert known.not_rules.keys() <= {one.id for one in listed()}


def test_most_of_it_is_live() -> None:
    """Nothing is missing without a reason, and nine of ten run."""
    found = listed()
    assert [one.id for one in found if one.state == "missing"] == []
    assert sum(one.state in ("live", "alias") for one in found) >= 0.9 * len(found)
