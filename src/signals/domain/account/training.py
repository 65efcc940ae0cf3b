"""Trainings of the account: when their sessions are and were, who was asked and came, what was sent afterwards."""

from datetime import datetime

import msgspec

from signals.domain.events.training import TrainingAttendee, TrainingFollowedUp, TrainingHeld, TrainingPlanned

MAX_TRAININGS = 6
MAX_ATTENDEES = 30
# A training is for thirty people at most (handbook TR).


class Sitting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One session."""

    starts_at: datetime | None = None
    planned_at: datetime | None = None
    rescheduled: int = 0
    held_at: datetime | None = None
    minutes: int = 0


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """How one person stands towards one session, and since when."""

    status: str
    at: datetime


class Training(msgspec.Struct, frozen=True, omit_defaults=True):
    """One training or demo."""

    form: str = "training"
    self_join: bool = False
    sessions: dict[int, Sitting] = {}
    people: dict[str, dict[int, Standing]] = {}
    """Person -> session -> how they stand towards it."""
    sent: dict[str, datetime] = {}
    """``dashboard``, ``survey``, ``learnings`` -> when last sent."""


class Trainings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Training facts by id."""

    known: dict[str, Training] = {}


def training_planned(trainings: Trainings, event: TrainingPlanned) -> Trainings:
    """Set the time of a session, unless it was planned anew later."""
    training = trainings.known.get(event.training_id, Training())
    sitting = training.sessions.get(event.session, Sitting())
    if sitting.planned_at is not None and event.at < sitting.planned_at:
        return trainings
    sitting = msgspec.structs.replace(
        sitting, starts_at=event.starts_at, planned_at=event.at, rescheduled=event.rescheduled
    )
    newest = all(one.planned_at is None or one.planned_at <= event.at for one in training.sessions.values())
    return _with(
        trainings,
        event.training_id,
        msgspec.structs.replace(
            training,
            form=event.form if newest else training.form,
            self_join=event.self_join if newest else training.self_join,
            sessions=dict(sorted({**training.sessions, event.session: sitting}.items())),
        ),
    )


def training_held(trainings: Trainings, event: TrainingHeld) -> Trainings:
    """Note the end of a session; told twice, the later report counts."""
    training = trainings.known.get(event.training_id, Training())
    sitting = training.sessions.get(event.session, Sitting())
    if sitting.held_at is not None and event.at < sitting.held_at:
        return trainings
    sitting = msgspec.structs.replace(sitting, held_at=event.at, minutes=event.minutes)
    sessions = dict(sorted({**training.sessions, event.session: sitting}.items()))
    return _with(trainings, event.training_id, msgspec.structs.replace(training, sessions=sessions))


def training_attendee(trainings: Trainings, event: TrainingAttendee) -> Trainings:
    """Set how a person stands towards a session, unless a later word is known."""
    training = trainings.known.get(event.training_id, Training())
    mine = training.people.get(event.person_id, {})
    known = mine.get(event.session)
    if known is not None and event.at < known.at:
        return trainings
    if event.person_id not in training.people and len(training.people) >= MAX_ATTENDEES:
        return trainings
    mine = dict(sorted({**mine, event.session: Standing(event.status, event.at)}.items()))
    people = dict(sorted({**training.people, event.person_id: mine}.items()))
    return _with(trainings, event.training_id, msgspec.structs.replace(training, people=people))


def training_followed_up(trainings: Trainings, event: TrainingFollowedUp) -> Trainings:
    """Note what was sent; the latest time counts."""
    training = trainings.known.get(event.training_id, Training())
    known = training.sent.get(event.what)
    sent = {**training.sent, event.what: event.at if known is None else max(known, event.at)}
    sent = dict(sorted(sent.items()))
    return _with(trainings, event.training_id, msgspec.structs.replace(training, sent=sent))


def _with(trainings: Trainings, training_id: str, training: Training) -> Trainings:
    known = {**trainings.known, training_id: training}
    if len(known) > MAX_TRAININGS:
        del known[min(known, key=lambda one: (_last(known[one]), one))]
    return Trainings(dict(sorted(known.items())))


def _last(training: Training) -> str:
    times = [str(at) for one in training.sessions.values() for at in (one.starts_at, one.held_at) if at is not None]
    return max(times, default="")
