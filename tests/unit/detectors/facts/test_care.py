"""Facts of looking after an account: at risk, unanswered, overlay, visits; trainings; onboarding; the quarter."""

from datetime import timedelta

import pytest

from signals.detectors.facts.quarter import quarter_start
from signals.detectors.facts.training import AttendeeView, TaskView
from signals.detectors.language.names import UNKNOWN
from signals.domain.events import crm, described, training, usage
from signals.domain.events.base import Event
from signals.domain.onboarding import CHECKPOINTS, GENERAL, PER_PRODUCT
from support.moments import ORG, TODAY, account_after, ago, at, look_at


def value(fact: str, *events: Event) -> object:
    """Return a fact of the account after the events, at noon of today."""
    return look_at(account_after(*events)).fact(fact)


def traits(**values: object) -> Event:
    """Return traits reported fifty days ago."""
    return described.TraitsReported(org_id=ORG, at=at(ago(50)), traits=values)  # type: ignore[arg-type]  # as JSON has them


def segments(days_ago: int, *names: str) -> Event:
    """Return the segments of a day."""
    return crm.AccountDescribed(org_id=ORG, at=at(ago(days_ago)), segments=list(names))


def touch(days_ago: float, direction: str = "outbound", by: str | None = None, *topics: str) -> Event:
    """Return a message in the shared channel."""
    return crm.TouchLogged(
        org_id=ORG, at=at() - timedelta(days=days_ago), medium="chat", direction=direction, shared_channel=True,  # type: ignore[arg-type]  # one of three
        by=by, topics=list(topics),
    )  # fmt: skip


def reported(days: int, until: int, units: int) -> list[Event]:
    """Return daily reports from *days* ago to *until* days ago."""
    return [
        usage.UsageReported(org_id=ORG, at=at(ago(day - 1), 2), day=ago(day), volumes={"product_analytics": units})
        for day in range(days, until - 1, -1)
    ]


def test_at_risk_is_known_once_segments_are() -> None:
    """Unknown before, null outside the segment, the instant inside."""
    assert value("risk.flagged_at") is UNKNOWN
    assert value("risk.flagged_at", segments(9)) is None
    assert value("risk.flagged_at", segments(9, "Churn Risk")) == at(ago(9))


@pytest.mark.parametrize(("units", "recovered"), [(9, False), (10, False), (11, True)])
def test_recovered_is_above_the_level_of_before_the_flag(units: int, recovered: bool) -> None:
    """Level with it is not above; without a flag there is nothing to recover from."""
    days = [*reported(60, 31, 10), *reported(30, 1, units)]
    assert value("risk.usage_recovered", *days, segments(30, "Churn Risk")) is recovered
    assert value("risk.usage_recovered", *days, segments(30)) is False
    assert value("risk.usage_recovered", *days[5:], segments(45, "Churn Risk")) is UNKNOWN


def test_unanswered_since_the_first_message_after_ours() -> None:
    """Any answer of ours counts; the customer's later messages do not start the clock anew."""
    assert value("channel.unanswered_at") is None
    assert value("channel.unanswered_at", touch(3), touch(2, "inbound"), touch(1, "inbound")) == at(ago(2))
    assert value("channel.unanswered_at", touch(2, "inbound"), touch(1)) is None


def test_an_overlay_is_two_people() -> None:
    """One person in both roles is none; a role that nobody reported leaves it open."""
    assert value("overlay.active", traits(csm="ana", tam="bo")) is True
    assert value("overlay.active", traits(csm="ana", tam="ana")) is False
    assert value("overlay.active", traits(csm="ana", tam=None)) is False
    assert value("overlay.active", traits(csm="ana")) is UNKNOWN


def test_touches_of_an_overlay_are_told_apart() -> None:
    """Check-ins of both, pitches of the TAM, prices of the CSM; others are left out."""
    both = traits(csm="ana", tam="bo")
    assert value("overlay.check_in_gap", both, touch(5, "outbound", "ana", "check_in")) is None
    gap = [touch(5, "outbound", "ana", "check_in"), touch(2, "outbound", "bo", "check_in")]
    assert value("overlay.check_in_gap", both, *gap) == timedelta(days=3)
    assert value("overlay.last_check_in", both, *gap, touch(1, "outbound", "cy", "check_in")) == at(ago(2))
    pitches = [touch(day, "outbound", "bo", "pitch") for day in (4, 3, 2)]
    assert value("overlay.pitch_streak", both, *pitches) == 3
    assert value("overlay.pitch_streak", both, *pitches, touch(1, "outbound", "bo")) == 0
    tickets = [
        crm.TicketOpened(org_id=ORG, at=at(ago(2)) - timedelta(hours=hours), ticket_id=f"t{hours}")
        for hours in (1, 24, 25)
    ]
    assert value("overlay.tickets_before_pitch", both, *tickets, *pitches) == 2
    assert value("overlay.last_price_talk", both, touch(1, "outbound", "ana", "price_talk")) == at(ago(1))
    assert value("overlay.last_price_talk", both, touch(1, "outbound", "bo", "price_talk")) is None


def test_a_visit_is_an_activity_or_a_note() -> None:
    """The later of the two counts."""
    done = described.ActivityLogged(org_id=ORG, at=at(ago(9)), activity="on_site_visit")
    note = crm.NoteAdded(org_id=ORG, at=at(ago(4)), category="On-site")
    assert value("visit.last_at") is None
    assert value("visit.last_at", done) == at(ago(9))
    assert value("visit.last_at", done, note) == at(ago(4))


def test_the_owner_in_force_is_the_one_who_counts() -> None:
    """Touches of another are not the owner's."""
    owner = crm.OwnerAssigned(org_id=ORG, at=at(ago(9)), owner="ana")
    assert value("owner.last_touch_at") is UNKNOWN
    assert value("owner.last_touch_at", owner, touch(3, "outbound", "bo")) is None
    assert value("owner.last_touch_at", owner, touch(3, "outbound", "ana")) == at(ago(3))


def planned(days_ago: int, **fields: object) -> Event:
    """Return a session one of a training that starts so many days ago."""
    return training.TrainingPlanned(org_id=ORG, at=at(ago(40)), training_id="t", starts_at=at(ago(days_ago)), **fields)  # type: ignore[arg-type]  # its own fields


def attendee(status: str) -> Event:
    """Return a person of the training."""
    return training.TrainingAttendee(org_id=ORG, at=at(ago(39)), training_id="t", person_id="p", status=status)  # type: ignore[arg-type]  # one of four


def held(days_ago: int, session: int = 1, minutes: int = 90) -> Event:
    """Return a session that was held."""
    return training.TrainingHeld(org_id=ORG, at=at(ago(days_ago)), training_id="t", session=session, minutes=minutes)


def due(*events: Event) -> dict[str, int]:
    """Return what may be due, and for how many people."""
    found = value("training.due", *events)
    assert isinstance(found, tuple)
    return {one.what: one.people for one in found if isinstance(one, TaskView)}


def test_what_may_be_due_for_a_training() -> None:
    """Before it access and a micro session, after it the second session, the survey, the notes for the absent."""
    assert due(planned(-3, rescheduled=2), attendee("expected")) == {"access": 1, "micro": 2, "taxonomy": 0}
    assert "access" not in due(planned(-3, self_join=True), attendee("expected"))
    assert due(planned(5), attendee("absent"), held(5)) == {"second_session": 0, "survey": 0}
    assert due(planned(5), attendee("absent"), held(5), held(2, 2)) == {"learnings": 1, "survey": 0}
    assert due(planned(-3, form="demo"), attendee("expected")) == {}


def test_minutes_of_the_quarter() -> None:
    """A session of last quarter does not count."""
    assert value("training.minutes_quarter", held(5), held(2, 2, 60)) == 150
    assert value("training.minutes_quarter", held(80)) == 0


@pytest.mark.parametrize(("seen", "logged_in"), [(3, True), (9, False)])
def test_whoever_came_and_was_seen_since(seen: int, logged_in: bool) -> None:
    """Seen before the session is not since; without reports nobody can say."""
    acted = usage.UserActed(org_id=ORG, at=at(ago(seen)), person_id="p", action="looked")
    events = [planned(6), held(6), attendee("attended"), acted]
    for reports, expected in ((reported(20, 1, 1), logged_in), ([], True if logged_in else UNKNOWN)):
        found = value("attendees", *reports, *events)
        assert isinstance(found, tuple)
        assert [one.logged_in for one in found if isinstance(one, AttendeeView)] == [expected]


def test_the_quarter() -> None:
    """Mid June is day 76 of the second quarter."""
    assert value("quarter.day") == 76
    assert value("quarter.starts_on") == quarter_start(TODAY)


def test_tables_of_onboarding_name_what_exists() -> None:
    """Keys are unique, and every way to see a checkpoint is one the facts know."""
    keys = [one.key for table in CHECKPOINTS.values() for one in table]
    assert len(keys) == len(set(keys))
    items = [*GENERAL, *(item for table in PER_PRODUCT.values() for item in table)]
    assert len(items) == len(set(items))
    for use_case in CHECKPOINTS:
        created = crm.OrganizationCreated(org_id=ORG, at=at(ago(60)))
        found = value("onboarding.checkpoints", created, traits(primary_use_case=use_case), *reported(40, 1, 1))
        assert isinstance(found, tuple)
        assert len(found) == len(CHECKPOINTS[use_case])
