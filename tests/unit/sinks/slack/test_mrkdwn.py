"""Slack's markup: what we write has a meaning, what comes from outside has none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.sinks.safety import clean
from signals.sinks.slack.mrkdwn import escaped, mrkdwn
from signals.sinks.spans import Anchor, Day, Moment, Person, Words
from support.cards import NOW

USERS = {"ada": "U01ALICE", "team": "S01TEAM"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123|ada>", "&lt;@U123|ada&gt;"),
        ("<https://evil.example|Acme>", "&lt;https://evil.example|Acme&gt;"),
        ("R&D &lt;", "R&amp;D &amp;lt;"),
        ("*bold* ~gone~ `code`", "∗bold∗ ∼gone∼ ˋcodeˋ"),
        ("_x_ churn_usage_drop", "ˍxˍ churn_usage_drop"),
        (":fire: 12:30:00 a:b", "∶fire: 12∶30:00 a:b"),
    ],
)
def test_outside_text_is_literal(text: str, expected: str) -> None:
    """Neither mention, link, formatting nor emoji code can come of it."""
    assert escaped(text) == expected


@given(st.text(alphabet=st.sampled_from("<>&!@#|*_~`:^-abcU0\n 👩é"), max_size=60))
def test_no_text_whatever_becomes_markup(text: str) -> None:
    """No bare angle bracket, no unescaped ampersand, no formatting pair."""
    shown = escaped(clean(text))

    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not set("*~`") & set(shown)
    assert not re.search(r"(?<!\w)_|_(?!\w)", shown.replace("&amp;", "&"))
    assert not re.search(r":[a-z0-9_+'-]+:", shown)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Person(key="ada", name="Ada <L>", tag=True), "<@U01ALICE>"),
        (Person(key="ada", name="Ada <L>"), "Ada &lt;L&gt;"),
        (Person(key="team", name="Team", tag=True), "<!subteam^S01TEAM>"),
        (Person(key="bob", name="Bob", tag=True), "Bob"),
        (Day(day=NOW.date()), "<!date^1768816800^{date_short}|19 Jan 2026>"),
        (Moment(at=NOW), "<!date^1768813500^{date_short_pretty}, {time}|19 Jan 2026, 09:05 UTC>"),
        (Anchor(text="A & B>", url="https://x.example/?a=1&b=2"), "<https://x.example/?a=1&amp;b=2|A &amp; B&gt;>"),
        (Words(text="signals explain x", code=True), "`signals explain x`"),
    ],
)
def test_each_span(span: Words | Day | Moment | Person | Anchor, expected: str) -> None:
    """Tags, dates with a fallback, links and code."""
    assert mrkdwn((span,), USERS) == expected


def test_neighbouring_strong_spans_are_bold_as_one() -> None:
    """Slack shows asterisks as they are when two bold parts touch."""
    line = (
        Anchor(text="Acme", url="https://x.example", strong=True),
        Words(text=": fell", strong=True),
        Words(text="."),
    )
    assert mrkdwn(line, {}) == "*<https://x.example|Acme>: fell*."
