"""Every example of every rule that ships is what the engine does."""

import pytest

from signals.backtest.examples import play
from signals.detectors.contract import Rule
from signals.detectors.rules.story import Example
from signals.domain.privacy import HEADLINE_MOST
from support.packaged import POLICY, catalogue, rules

CASES = [(rule, example) for rule in rules() for example in rule.examples]


@pytest.mark.parametrize(("rule", "example"), CASES, ids=[f"{rule.id}: {one.title}" for rule, one in CASES])
def test_the_example_is_what_happens(rule: Rule, example: Example) -> None:
    """A story of a pack ends as the pack says, with words that fit a card."""
    played = play(rule, example, catalogue=catalogue(), policy=POLICY)

    assert played.ok, played.explain()
    for said in played.transitions:
        assert len(said.headline) <= HEADLINE_MOST, said.headline
        assert not said.headline.endswith("…"), f"cut: {said.headline}"
