"""Marked passages: what stays inside and what leaves."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.chart import Chart
from signals.domain.classes import FieldClass
from signals.domain.privacy import clipped, is_marked, mark, pseudonym, shown_to, stand_in, text_for
from support.cards import transition

PERSONAL, FREE_TEXT = FieldClass.PERSONAL, FieldClass.FREE_TEXT
NONE: frozenset[FieldClass] = frozenset()


def test_a_passage_is_shown_only_when_all_its_classes_are_allowed() -> None:
    """One text may hold a person and what somebody typed."""
    text = f"{mark('amy', {PERSONAL}, 'a person')} wrote {mark('bob is late', {PERSONAL, FREE_TEXT}, '(not shown)')}"

    assert text_for(text, NONE) == "a person wrote (not shown)"
    assert text_for(text, frozenset({PERSONAL})) == "amy wrote (not shown)"
    assert text_for(text, frozenset({PERSONAL, FREE_TEXT})) == "amy wrote bob is late"


@given(value=st.text(), around=st.text(alphabet="ab {}%\n"), shown=st.booleans())
def test_nothing_marked_leaves_whatever_was_sent(value: str, around: str, shown: bool) -> None:
    """Not even a value that holds marks itself."""
    text = f"{around}{mark(value, {PERSONAL}, 'a person')}{around}"

    left = text_for(text, frozenset({PERSONAL}) if shown else NONE)

    assert not is_marked(left)
    if not shown:
        assert left == f"{around}a person{around}"


def test_a_headline_is_cut_when_it_is_known_what_is_shown() -> None:
    """Cut before, a passage could lose its end."""
    text = "Acme: " + mark("x" * 100, {PERSONAL}, "a person") + " left"

    assert clipped(text) == text
    assert clipped(text_for(text, NONE)) == "Acme: a person left"
    assert len(clipped(text_for(text, frozenset({PERSONAL})))) == 90


def test_a_role_stands_in_where_it_is_known() -> None:
    """Free text has none."""
    assert stand_in({PERSONAL}, "product") == "a product person"
    assert stand_in({PERSONAL}, "other") == stand_in({PERSONAL}, "") == "a person"
    assert stand_in({FREE_TEXT, PERSONAL}, "product") == "(not shown)"


def test_a_pseudonym_is_the_same_each_time_and_another_in_another_account() -> None:
    """So a reader can follow one person within an account, and nobody across accounts."""
    assert pseudonym("acme", "amy@acme.com") == pseudonym("acme", "amy@acme.com")
    assert pseudonym("acme", "amy@acme.com") != pseudonym("other", "amy@acme.com")
    assert "amy" not in pseudonym("acme", "amy@acme.com")


def test_the_title_of_a_chart_is_shown_like_any_text() -> None:
    """A series may bear the name of what somebody typed."""
    title = f"{mark('/reset/amy', {FREE_TEXT}, '(not shown)')}, times a day"
    said = transition(chart=Chart(title=title, start=date(2026, 6, 1), values=(1, 2)))

    hidden, told = shown_to(said, NONE).chart, shown_to(said, frozenset({FREE_TEXT})).chart

    assert hidden is not None
    assert told is not None
    assert (hidden.title, told.title) == ("(not shown), times a day", "/reset/amy, times a day")
