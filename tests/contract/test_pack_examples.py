"""Every example of every rule that ships is what the engine does."""

import msgspec
import pytest

from signals.backtest.examples import play
from signals.detectors.contract import Rule
from signals.detectors.rules.story import Example
from signals.domain.account.life import Episode
from signals.domain.privacy import HEADLINE_MOST
from signals.domain.reasons import Change
from signals.domain.signal import Transition
from signals.engine.keeping import LONG_AGO, kept, restored
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
        if said.rule == rule.id and said.change is Change.OPENED:
            assert_its_words_come_back(rule, said)


def assert_its_words_come_back(rule: Rule, said: Transition) -> None:
    """What an account keeps of a card is enough to say it again, and has none of the words the rule has anyway."""
    draft = kept(rule, said)
    episode = Episode(said.signal_id, said.since, "open", also=said.also, grouped=said.grouped)
    whole = restored(rule, draft, episode, said.org_id, said.links)
    of_the_moment = {"id": "", "at": LONG_AGO, "opened_at": None, "caused_by": (), "notes": ()}
    assert msgspec.structs.replace(whole, **of_the_moment) == msgspec.structs.replace(said, **of_the_moment)
    assert (draft.source, draft.runbook, draft.links) == ("", "", ())
