"""Text from outside: what is taken away, and where it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.sinks.safety import beginning, clean, cut, graphemes, safe_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme", "Acme"),
        ("  Acme \n\t Corp ", "Acme Corp"),
        ("Ac\x00me\x1b[2J", "Acme[2J"),
        ("\u202eemcA\u202c", "emcA"),
        ("a\u2066b\u2069c\u200fd\u061ce", "abcde"),
        ("Acme\ufeff\u200b\u00ad", "Acme"),
        ("\u3164", ""),
        ("a\u2028b", "a b"),
        ("x\ud800y", "xy"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("Z" + "\u0335" * 40, "Z" + "\u0335" * 8),
    ],
)
def test_clean_takes_away_what_is_not_text(text: str, expected: str) -> None:
    """Control, direction, invisible and broken characters go; joiners that words and emoji need stay."""
    assert clean(text) == expected


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is clean, on one line and can be encoded."""
    once = clean(text)

    assert clean(once) == once
    assert "\n" not in once
    assert once.encode().decode() == once


@given(st.text())
def test_graphemes_lose_nothing(text: str) -> None:
    """Put together again they are the text."""
    assert "".join(graphemes(text)) == text


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_a_cut_is_short_enough_and_ends_between_graphemes(text: str, limit: int) -> None:
    """Never longer than the limit, and what is kept is a beginning made of whole graphemes."""
    short = cut(text, limit)

    assert len(short) <= limit
    if short != text and short:
        kept = beginning(text, limit - 1)
        assert short == kept.rstrip() + "…"
        assert "".join(list(graphemes(text))[: len(list(graphemes(kept)))]) == kept


@pytest.mark.parametrize("whole", ["👩\u200d👩\u200d👧", "🇩🇪", "👍🏽", "e\u0301\u0323", "❤\ufe0f"])
def test_a_cut_does_not_split_what_a_person_sees_as_one(whole: str) -> None:
    """Families, flags, skin tones and stacked accents stay whole or go."""
    assert list(graphemes(f"a{whole}b")) == ["a", whole, "b"]
    assert cut(f"a{whole}bcd", 1 + len(whole)) == "a…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//crm.example/x",
        "https://crm.example/a b",
        "https://crm.example/a|b",
        "https://crm.example/<!channel>",
        'https://crm.example/"x',
        "https://crm.example/\u202e",
        "https://crm.example/" + "x" * 3000,
        "",
    ],
)
def test_an_address_that_could_break_out_is_refused(url: str) -> None:
    """Only plain absolute http(s) addresses become links."""
    assert safe_url(url) == ""
