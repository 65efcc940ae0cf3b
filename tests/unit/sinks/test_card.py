"""The card: who, what, why now, what to do."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from signals.domain.reasons import Change, ResolvedBecause
from signals.domain.signal import Evidence, Link, Owner, Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import HEADLINE_LIMIT, Card, build_card
from signals.sinks.contract import Sent
from signals.sinks.spans import Anchor, Person, plain
from support.cards import (
    APPEARANCE,
    NOW,
    credit_runway,
    every_sample,
    long_name,
    resolved,
    step,
    transition,
    unknown_owner,
)
from support.charts import charted


def card(of: Transition, sent: Sent | None = None, appearance: Appearance = APPEARANCE) -> Card:
    """The card of a transition."""
    return build_card(of, sent, appearance)


def sent_of(of: Transition) -> Sent:
    """A record of *of* having been shown."""
    return Sent(signal_id=of.signal_id, seq=of.seq, sink="slack", destination="x", ref={}, at=NOW)


def status(of: Transition) -> str:
    """The status line as text."""
    return " · ".join(plain(line) for line in card(of).status)


def tags(shown: Card) -> list[str]:
    """Whom a card tags."""
    return [span.key for line in shown.status for span in line if isinstance(span, Person) and span.tag]


def test_the_headline_links_the_account_to_the_crm() -> None:
    """Account first, as a link, then the finding."""
    headline = card(transition()).headline

    assert isinstance(headline[0], Anchor)
    assert (headline[0].text, headline[0].url) == ("Acme", "https://crm.example.com/accounts/org_acme")
    assert plain(headline) == "Acme: usage fell by 38 % in four weeks"


@pytest.mark.parametrize(
    ("name", "headline", "expected"),
    [
        ("Acme", "Acme: usage fell", "Acme: usage fell"),
        ("Foo: Bar", "Foo: Bar: usage fell", "Foo: Bar: usage fell"),
        ("Acme", "usage fell", "Acme: usage fell"),
        ("Acme", "the bill: three times as high", "Acme: the bill: three times as high"),
        ("Acme", "Usage at Acme fell", "Usage at Acme fell"),
        ("", "org_acme: usage fell", "org_acme: usage fell"),
        ("", ": usage fell", "org_acme: usage fell"),
        ("\u202e", "usage fell", "org_acme: usage fell"),
        ("Acme International", "Acme Inter…: usage fell", "Acme International: usage fell"),
    ],
)
def test_the_headline_names_the_account_once(name: str, headline: str, expected: str) -> None:
    """Whatever the rule wrote; an account without a name shows its id."""
    assert plain(card(transition(account_name=name, headline=headline)).headline) == expected


@pytest.mark.parametrize("sample", every_sample().values(), ids=every_sample().keys())
def test_every_headline_and_notification_fits(sample: Transition) -> None:
    """At most ninety characters, and the notification begins with the headline."""
    shown = card(sample)

    assert len(plain(shown.headline)) <= HEADLINE_LIMIT
    assert shown.notification.startswith(plain(shown.headline))


def test_a_long_name_gives_way_to_the_finding() -> None:
    """What was found stays readable whatever the account is called."""
    assert plain(card(long_name()).headline).endswith("…: usage fell by 38 %")


def test_the_status_line_says_family_severity_since_owner_and_segment() -> None:
    """In this order, with the owner's name."""
    assert status(transition()) == "📉 Churn risk · warning · since 16 Jan 2026, 09:05 UTC · Ada Lovelace · Enterprise"


def test_an_unknown_owner_says_so_and_goes_to_the_fallback() -> None:
    """Nobody has to guess why they were asked."""
    assert status(unknown_owner()).endswith("no owner known, with Sales lead")


@pytest.mark.parametrize(
    ("arr", "expected"),
    [
        (Decimal(9999), "ARR under $10,000"),
        (Decimal(10000), "ARR $10,000 to $50,000"),
        (Decimal(165000), "ARR $100,000 to $500,000"),
        (Decimal(1000000), "ARR over $1 M"),
    ],
)
def test_arr_is_a_band(arr: Decimal, expected: str) -> None:
    """The exact figure is not for a channel."""
    assert status(transition(segment="", arr=arr)).endswith(expected)


def test_unknown_arr_is_left_out() -> None:
    """Nothing is said where nothing is known."""
    assert status(transition(segment="", arr=None)).endswith("Ada Lovelace")


def test_the_owner_is_tagged_at_the_opening_and_on_no_edit() -> None:
    """An edit that tags again would shout at every update."""
    opened = transition(tagged=("cs_lead", "005A1"))
    assert tags(card(opened)) == ["005A1", "cs_lead"]
    escalated = step(opened, Change.ESCALATED, notify=True)
    assert tags(card(escalated, sent_of(opened))) == []


def test_a_silent_transition_tags_nobody_even_when_its_card_is_new() -> None:
    """Such as an update whose card had been deleted."""
    assert tags(card(transition(notify=False))) == []


def test_a_role_stands_in_for_an_owner_whose_name_is_not_configured() -> None:
    """The role's name and mapping are used when only they are known."""
    shown = card(transition(owner=Owner(name="005ZZ", role="cs_lead")))
    assert (shown.owner.key, shown.owner.name) == ("cs_lead", "CS lead")


def test_at_most_four_facts_are_on_the_card_with_the_decisive_first() -> None:
    """More evidence goes into the thread."""
    many = tuple(Evidence(name=f"n{i}", label=f"L{i}", value=str(i), decisive=i == 5) for i in range(7))
    assert [fact.label for fact in card(transition(evidence=many)).facts] == ["L5", "L0", "L1", "L2"]


@pytest.mark.parametrize(
    ("why", "stake", "expected"),
    [
        ("It fell", Decimal(48000), "It fell. At stake: $48,000 a year."),
        ("It fell.", Decimal(48000), "It fell. At stake: $48,000 a year."),
        ("", Decimal(48000), "At stake: $48,000 a year."),
        ("It fell.", None, "It fell."),
        ("", None, ""),
        ("", Decimal(0), ""),
    ],
)
def test_why_now_carries_the_value_at_stake(why: str, stake: Decimal | None, expected: str) -> None:
    """Where it can be computed; otherwise nothing vague is said."""
    assert card(transition(why_now=why, value_at_stake=stake)).why_now == expected


def test_only_safe_links_become_buttons() -> None:
    """A template that gave no proper address gives no button."""
    links = (Link("Usage", "https://app.example.com/x"), Link("Bad", "javascript:x"), Link("", "https://a.example"))
    assert [link.label for link in card(transition(links=links)).buttons] == ["Usage"]


def test_the_notification_is_headline_and_decisive_number() -> None:
    """What a phone shows says who, what and how much."""
    assert card(credit_runway()).notification == (
        "Globex: credit runs out 41 days before the contract ends – credit lasts until 19 Apr 2026"
    )


def test_a_decisive_number_that_is_in_the_headline_is_not_said_twice() -> None:
    """No echo on a small screen."""
    assert card(transition(decisive="38 %")).notification == "Acme: usage fell by 38 % in four weeks"


@pytest.mark.parametrize(
    ("text", "because", "days", "expected"),
    [
        ("usage is back at 92 % of normal", None, 6, "Resolved after 6 days: usage is back at 92 % of normal"),
        ("", ResolvedBecause.CLOSED_BY_PERSON, 1, "Resolved after 1 day: closed by a person"),
        ("", None, 0, "Resolved after less than a minute"),
    ],
)
def test_a_resolved_card_is_short(text: str, because: ResolvedBecause | None, days: int, expected: str) -> None:
    """How long it lasted and why it ended."""
    ended = step(
        transition(), Change.RESOLVED, status="resolved", resolved_text=text, resolved_because=because,
        at=NOW + timedelta(days=days),
    )  # fmt: skip
    assert card(ended).resolution == expected


def test_the_footer_explains_itself() -> None:
    """Rule, version, and how to see why; a configured address turns it into a link."""
    assert [plain(line) for line in card(transition()).footer] == [
        "churn_usage_drop_30 3f2a91c0",
        f"why am I seeing this: signals explain {transition().signal_id}",
    ]
    linked = card(transition(org_id="a b/c"), appearance=Appearance(why_url="https://s.example/{org_id}/{rule}"))
    assert linked.footer[-1] == (
        Anchor(text="why am I seeing this", url="https://s.example/a%20b%2Fc/churn_usage_drop_30"),
    )


def test_the_digest_follows_what_is_shown_and_nothing_else() -> None:
    """Tags and sequence do not count; a changed number does."""
    opened = transition()
    same = step(opened, Change.UPDATED, at=opened.at)
    assert card(opened).digest == card(same, sent_of(opened)).digest
    assert card(opened).digest != card(step(opened, Change.UPDATED, at=opened.at, decisive="−45 %"), None).digest


def test_a_resolved_card_tags_nobody() -> None:
    """Good news needs no alarm."""
    assert tags(card(resolved(transition()))) == []


def test_what_else_was_found_stands_on_the_card_in_short_lines() -> None:
    """One line each, cut where it is long; not on a resolved card's short form."""
    shown = card(msgspec.structs.replace(transition(), also=("Usage fell", "x" * 300)))

    assert shown.also[0] == "Usage fell"
    assert len(shown.also[1]) <= 120


def test_a_chart_is_on_the_long_form_only_and_no_reason_for_an_edit() -> None:
    """A further day of it alone changes nothing that is worth a call."""
    shown = build_card(charted(), None, APPEARANCE)

    assert shown.chart == charted().chart
    assert shown.digest == build_card(transition(), None, APPEARANCE).digest
    assert build_card(resolved(charted()), None, APPEARANCE).chart is None
