"""The whole catalogue on whole accounts: each rule's story is told by its rule, and by nobody who has no reason to."""

import pytest

from signals.detectors.contract import Rule
from support.stories import companions, planted, told

PLANTED = planted()


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.id)
def test_a_story_is_told_by_its_rule_and_fair_companions(rule: Rule) -> None:
    """The planted signal opens, or waits for the pitch of its month; what else opens is named with a reason."""
    outcome = told(rule)

    assert not outcome.dead
    if rule.id in companions().held:
        assert companions().held[rule.id] in {one.guard for one in outcome.held if one.rule == rule.id}
        assert not outcome.is_open, "it opens by now: take it off the list"
    else:
        guards = sorted({one.guard for one in outcome.held if one.rule == rule.id})
        assert outcome.is_open or outcome.passed_over(), f"held by {', '.join(guards) or 'nobody'}"
    strangers = sorted(one for one in outcome.besides if not companions().allow(one, rule))
    assert not strangers, f"opened beside {rule.id} ({rule.family}): {', '.join(strangers)}"


def test_no_companion_is_named_in_vain() -> None:
    """What opens beside nothing any more is taken off the list."""
    seen = frozenset[str]().union(*(told(rule).besides for rule in PLANTED))

    assert sorted(companions().beside.keys() - seen) == []
