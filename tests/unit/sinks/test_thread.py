"""The thread: details once, then only lines worth reading."""

from datetime import timedelta

import pytest

from signals.domain.reasons import Change, Severity
from signals.domain.signal import Evidence, Owner, Transition
from signals.sinks.card import build_card, sent_state
from signals.sinks.contract import Sent
from signals.sinks.spans import Person, plain
from signals.sinks.thread import Reply, build_reply
from support.cards import APPEARANCE, NOW, resolved, step, transition

OPENED = transition()


def sent_of(of: Transition) -> Sent:
    """The record after *of* was shown."""
    state = sent_state(build_card(of, None, APPEARANCE), of)
    return Sent(signal_id=of.signal_id, seq=of.seq, sink="slack", destination="x", ref={}, at=NOW, **state)


def reply(of: Transition, before: Transition | None = OPENED) -> Reply | None:
    """The reply to *of* after *before* was shown."""
    return build_reply(of, sent_of(before) if before else None, APPEARANCE)


def lines(found: Reply | None) -> list[str]:
    """A reply's lines as text."""
    return [plain(line) for line in found.lines] if found else []


def tagged(found: Reply | None) -> list[str]:
    """Whom a reply tags."""
    return [span.key for line in found.lines for span in line if isinstance(span, Person) and span.tag] if found else []


def test_a_new_card_gets_starter_notes_sources_and_all_evidence() -> None:
    """Once, in the first reply, tagging nobody again."""
    found = reply(OPENED, None)

    assert lines(found) == [
        "To start the conversation: We saw fewer events from your team since late December – did something move, "
        "or is it us?",
        "not checked: no source (G12)",
        "Sources: handbook RK, docs/runbooks/churn_risk.md, threshold: handbook XU",
    ]
    assert found is not None
    assert len(found.facts) == 4
    assert tagged(found) == []


def test_a_card_with_nothing_more_to_say_gets_no_thread() -> None:
    """No empty reply."""
    bare = transition(evidence=(), starter="", notes=(), source="", runbook="")
    assert reply(bare, None) is None


def test_an_update_within_the_band_is_silent() -> None:
    """The card is edited, the thread stays quiet."""
    nearly = (Evidence(name="change_28d", label="x", value="-0.385", unit="share", decisive=True),)
    assert reply(step(OPENED, Change.UPDATED, evidence=nearly, decisive="−38.5 %")) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"severity": Severity.NOTICE}, "Severity: warning → notice"),
        ({"owner": Owner(name="005A2")}, "Owner: Ada Lovelace → Grace Hopper"),
        (
            {
                "evidence": (Evidence(name="change_28d", label="x", value="-0.45", unit="share", decisive=True),),
                "decisive": "−45 % events",
            },
            "Now −45 % events",
        ),
    ],
)
def test_an_update_of_severity_owner_or_band_adds_a_line(changes: dict[str, object], expected: str) -> None:
    """A line says from what to what, and tags nobody."""
    found = reply(step(OPENED, Change.UPDATED, **changes))

    assert lines(found) == [expected]
    assert tagged(found) == []


def test_a_lead_that_passes_to_somebody_calls_them() -> None:
    """They have not been on the card before."""
    found = reply(step(OPENED, Change.UPDATED, owner=Owner(name="005A2"), notify=True))

    assert lines(found) == ["Grace Hopper Owner: Ada Lovelace → Grace Hopper"]
    assert tagged(found) == ["005A2"]


def test_an_escalation_tags_the_owner_and_says_what_rose() -> None:
    """In a new reply, since an edit would not be noticed."""
    found = reply(step(OPENED, Change.ESCALATED, severity=Severity.CRITICAL, notify=True, decisive="−55 %"))

    assert lines(found)[0] == "Ada Lovelace Escalated from warning to critical: −55 %"
    assert tagged(found) == ["005A1"]


def test_an_escalation_that_is_held_back_from_people_tags_nobody() -> None:
    """*notify* decides."""
    assert tagged(reply(step(OPENED, Change.ESCALATED, severity=Severity.CRITICAL))) == []


def test_a_reminder_says_how_long_it_has_been_open() -> None:
    """And tags the owner, which is its purpose."""
    found = reply(step(OPENED, Change.REMINDED, notify=True, at=NOW + timedelta(days=6)))

    assert lines(found) == ["Ada Lovelace Still open after 6 days: −38 % events against the four weeks before"]
    assert tagged(found) == ["005A1"]


def test_a_resolve_keeps_the_evidence_in_the_thread() -> None:
    """The card becomes short; what it said stays below it."""
    found = reply(resolved(OPENED))

    assert lines(found) == ["Resolved after 6 days: usage is back at 92 % of normal"]
    assert found is not None
    assert len(found.facts) == 4


def test_a_reopened_signal_adds_one_line_and_notifies_nobody() -> None:
    """Same signal, same card."""
    found = reply(step(OPENED, Change.REOPENED, decisive="−40 %"))

    assert lines(found) == ["Open again: −40 %"]
    assert tagged(found) == []
