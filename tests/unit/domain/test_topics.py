"""The keyword classifier: whole words, whatever case, endings where asked for."""

import pytest

from signals.domain.topics import KeywordClassifier

FINDS = [
    ("Frankly this is TOO  EXPENSIVE for us", {"price_complaint"}),
    ("We\u2019re good, thanks", {"deferral"}),
    ("so frustrating", {"negative_sentiment"}),
    ("they use New Relic and Split.io", {"tool:New Relic", "tool:Split.io"}),
    ("the cheaperfoo plan, a segmentation", set()),
    ("budget cuts everywhere", {"budget_freeze"}),
]


@pytest.mark.parametrize(("text", "topics"), FINDS)
def test_finds(text: str, topics: set[str]) -> None:
    """Phrases are found as words, not as parts of words."""
    assert KeywordClassifier().topics(text) == topics


def test_lists_are_the_users() -> None:
    """Own lists replace ours; an empty one finds nothing."""
    mine = KeywordClassifier({"dinner": ("steak*", "sea bass")}, tools=())
    assert mine.topics("Two steaks") == {"dinner"}
    assert mine.topics("too expensive, Sentry") == frozenset()
    assert KeywordClassifier({"nothing": ()}, tools=()).topics("anything") == frozenset()
