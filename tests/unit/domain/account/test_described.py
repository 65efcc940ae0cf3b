"""Traits, activities and topics heard: what is kept of each, and what moved."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from signals.domain.account.heard import MENTIONS
from signals.domain.account.reduce import move, reduce
from signals.domain.account.state import Account
from signals.domain.account.work import Done
from signals.domain.events.crm import NoteAdded, TouchLogged
from signals.domain.events.described import ActivityLogged, TraitsReported
from signals.domain.events.usage import UsageReported

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _account() -> Account:
    return Account(org_id="o", clock=NOON)


def _traits(after: timedelta, **values: object) -> TraitsReported:
    return TraitsReported(org_id="o", at=NOON + after, traits=values)  # type: ignore[arg-type]  # what JSON may hold


def test_a_trait_keeps_since_when_it_is_as_it_is() -> None:
    """Reported again with the same value it has not moved; unknown names are ignored."""
    state, moved = move(_account(), _traits(0 * DAY, alerts=1, no_such_trait=3), UTC, NOON)
    assert moved == {"traits.alerts"}
    assert set(state.traits.values) == {"alerts"}
    state, moved = move(state, _traits(DAY, alerts=1), UTC, NOON)
    assert moved == frozenset()
    assert state.traits.values["alerts"].since == NOON
    state, moved = move(state, _traits(2 * DAY, alerts=0), UTC, NOON)
    assert moved == {"traits.alerts"}
    assert state.traits.values["alerts"].since == NOON + 2 * DAY
    late = reduce(state, _traits(DAY, alerts=7), UTC)
    assert late.traits.values["alerts"].value == 0


def test_a_trait_of_the_wrong_kind_names_itself() -> None:
    """The message says which trait, what it should be and what came."""
    with pytest.raises(msgspec.ValidationError, match=r"traits.alerts must be a whole number, got 'many'"):
        msgspec.json.decode(
            b'{"kind":"traits_reported","org_id":"o","at":"2026-03-02T12:00:00Z","traits":{"alerts":"many"}}',
            type=TraitsReported,
        )


def test_an_activity_keeps_first_and_last() -> None:
    """In whatever order they come; a name that stands in no table is ignored."""
    state = _account()
    for days in (0, 5, -3):
        state = reduce(state, ActivityLogged(org_id="o", at=NOON + days * DAY, activity="training_held"), UTC)
    state = reduce(state, ActivityLogged(org_id="o", at=NOON, activity="coffee"), UTC)
    assert state.work.done == {"training_held": Done(NOON - 3 * DAY, NOON + 5 * DAY, 3)}


def test_mentions_of_a_topic_are_bounded() -> None:
    """The newest stay, by their own time."""
    state = _account()
    for days in range(MENTIONS + 2):
        note = NoteAdded(org_id="o", at=NOON - days * DAY, category="call", topics=["bad_deploy", "tool:Sentry"])
        state, moved = move(state, note, UTC, NOON)
        assert ({"heard.topics.bad_deploy", "heard.tools"} <= moved) is (days < MENTIONS)
    assert [one.at for one in state.heard.topics["bad_deploy"]] == [NOON - days * DAY for days in range(MENTIONS)][::-1]


def test_a_measure_once_sent_is_zero_when_left_out() -> None:
    """One that was never sent is not there; names that stand in no table are ignored."""
    first = UsageReported(org_id="o", at=NOON, day=NOON.date(), measures={"sessions": 4, "mystery": 9})
    state, moved = move(_account(), first, UTC, NOON)
    assert "usage.measures.sessions" in moved
    second = UsageReported(org_id="o", at=NOON + DAY, day=(NOON + DAY).date())
    state, _ = move(state, second, UTC, NOON)
    assert {name: daily.values for name, daily in state.usage.measures.items()} == {"sessions": (4, 0)}


def test_what_we_said_ourselves_was_not_heard() -> None:
    """A mail of ours that nobody answered tells nothing of the customer; a talk of both does."""
    ours, both = (
        TouchLogged(org_id="o", at=NOON, medium="email", direction=direction, topics=["deferral"])
        for direction in ("outbound", "both")
    )
    assert reduce(_account(), ours, UTC).heard.topics == {}
    assert set(reduce(_account(), both, UTC).heard.topics) == {"deferral"}
