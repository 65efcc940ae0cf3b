"""Trainings: what is told later counts, whatever comes first; the lists are bounded."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.account.training import MAX_ATTENDEES, MAX_TRAININGS, Sitting
from signals.domain.events.base import Event
from signals.domain.events.training import (
    SurveyAnswered,
    TrainingAttendee,
    TrainingFollowedUp,
    TrainingHeld,
    TrainingPlanned,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _after(*events: Event) -> Account:
    account = Account(org_id="o", clock=NOON)
    for event in events:
        account = reduce(account, event, UTC)
    return account


def _planned(after: int, starts: int, *, rescheduled: int = 0, name: str = "t") -> TrainingPlanned:
    return TrainingPlanned(
        org_id="o", at=NOON + after * DAY, training_id=name, starts_at=NOON + starts * DAY, rescheduled=rescheduled
    )


def _attendee(after: int, status: str, person: str = "p") -> TrainingAttendee:
    return TrainingAttendee(org_id="o", at=NOON + after * DAY, training_id="t", person_id=person, status=status)  # type: ignore[arg-type]  # one of the four


def test_order_of_arrival_does_not_matter() -> None:
    """Planned, moved, held, invited, attended, followed up: the same in every order."""
    events: tuple[Event, ...] = (
        _planned(0, 5),
        _planned(1, 7, rescheduled=1),
        _attendee(2, "invited"),
        _attendee(7, "attended"),
        TrainingHeld(org_id="o", at=NOON + 7 * DAY, training_id="t", minutes=90),
    )
    outcomes = [_after(*order).trainings for order in permutations(events)]
    assert all(one == outcomes[0] for one in outcomes)
    training = outcomes[0].known["t"]
    assert training.sessions[1] == Sitting(NOON + 7 * DAY, NOON + DAY, 1, NOON + 7 * DAY, 90)
    assert training.people["p"][1].status == "attended"


def test_what_was_sent_keeps_its_latest_time() -> None:
    """A dashboard sent twice was sent at the later time."""
    sent = [
        TrainingFollowedUp(org_id="o", at=NOON + after * DAY, training_id="t", what="dashboard") for after in (3, 1)
    ]
    assert _after(*sent).trainings.known["t"].sent == {"dashboard": NOON + 3 * DAY}


def test_lists_are_bounded() -> None:
    """The training of longest ago goes first; a thirty-first attendee is not taken."""
    account = _after(*(_planned(0, 1 + number, name=f"t{number}") for number in range(MAX_TRAININGS + 1)))
    assert len(account.trainings.known) == MAX_TRAININGS
    assert "t0" not in account.trainings.known
    account = _after(*(_attendee(0, "invited", f"p{number}") for number in range(MAX_ATTENDEES + 3)))
    assert len(account.trainings.known["t"].people) == MAX_ATTENDEES


def test_a_low_score_is_a_negative_word() -> None:
    """30 of 100 counts, 31 does not."""
    low, fair = (SurveyAnswered(org_id="o", at=NOON, survey_id="s", score=score) for score in (30, 31))
    assert "negative_sentiment" in _after(low).heard.topics
    assert "negative_sentiment" not in _after(fair).heard.topics
