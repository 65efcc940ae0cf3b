"""Territories: which names stand in which tier, and the phrases made of them."""

import pytest

from signals.domain.territories import BALKANS, TIERS, WATCHED, place_phrases, tier_of
from signals.domain.topics import KeywordClassifier


def test_the_watch_list_has_the_seventeen_of_the_handbook() -> None:
    """The Balkans are one of them, and listed country by country besides."""
    assert len(WATCHED.keys() - BALKANS.keys()) == 17


@pytest.mark.parametrize(
    ("name", "tier"),
    [("Cuba", "banned"), ("KP", "banned"), ("Russia", "russia"), ("crimea", "watch"), ("Serbia", "watch"),
     ("Germany", None), ("USA", None), ("South Korea", None), ("SD", "watch"), ("Congo", None)],
)  # fmt: skip
def test_a_name_or_a_code_gives_the_tier(name: str, tier: str | None) -> None:
    """Whatever the case; a country that only sounds alike is in none."""
    assert tier_of(name) == tier


def test_a_note_that_puts_a_company_there_is_heard() -> None:
    """Only where it says that somebody sits there: a country that is merely named is no topic."""
    topics = KeywordClassifier().topics
    assert "territory_watch" in topics("Their team is headquartered in South Sudan")
    assert "territory_banned" in topics("An office in North Korea")
    assert not topics("They sell to Ukraine and compete with a firm from Russia")
    assert all(place_phrases(tier) for tier in TIERS if tier != "conduct")
