"""Facts about trainings and demos: their sessions, who was asked, who came, who has not logged in since."""

from collections.abc import Iterator
from datetime import date, datetime

from signals.detectors.facts.quarter import quarter_start
from signals.detectors.facts.windows import witnessed
from signals.detectors.language.classes import Fields
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import business_day
from signals.domain.account.training import Sitting, Training

FIRST, SECOND = 1, 2
CAME, ABSENT, EXPECTED = "attended", "absent", "expected"


class TrainingView:
    """One training as rules see it."""

    __slots__ = (
        "absent", "dashboard_at", "first_at", "first_held_at", "form", "id", "last_held_at", "learnings_at",
        "rescheduled", "second_at", "second_held_at", "shut_out", "survey_at",
    )  # fmt: skip

    def __init__(self, key: str, training: Training) -> None:
        first, second = (training.sessions.get(number, Sitting()) for number in (FIRST, SECOND))
        self.id, self.form = key, training.form
        self.first_at, self.first_held_at = first.starts_at, first.held_at
        self.second_at, self.second_held_at = second.starts_at, second.held_at
        self.last_held_at = second.held_at or first.held_at
        self.rescheduled = max(first.rescheduled, second.rescheduled)
        standing = [one[FIRST].status for one in training.people.values() if FIRST in one]
        self.shut_out = 0 if training.self_join else standing.count(EXPECTED)
        self.absent = standing.count(ABSENT)
        self.dashboard_at, self.survey_at = training.sent.get("dashboard"), training.sent.get("survey")
        self.learnings_at = training.sent.get("learnings")


class TaskView:
    """One thing that may be due for a training: ``what`` it is, and the instant its time counts from or to."""

    __slots__ = ("at", "id", "people", "training", "what")

    def __init__(self, training: TrainingView, what: str, at: datetime, people: int = 0) -> None:
        self.id, self.training, self.what, self.at, self.people = f"{training.id}/{what}", training.id, what, at, people


def _views(look: Look) -> tuple[TrainingView, ...]:
    return tuple(TrainingView(key, one) for key, one in look.moment.state.trainings.known.items())


def _due(one: TrainingView) -> Iterator[TaskView]:
    if one.form == "demo":
        return
    if one.first_at is not None and one.first_held_at is None:
        if one.shut_out:
            yield TaskView(one, "access", one.first_at, one.shut_out)
        if one.form == "training":
            yield TaskView(one, "micro", one.first_at, one.rescheduled)
            yield TaskView(one, "taxonomy", one.first_at)
    if one.second_held_at is not None and one.absent and one.learnings_at is None:
        yield TaskView(one, "learnings", one.second_held_at, one.absent)
    if one.first_held_at is not None and one.form == "training" and one.second_at is None and not one.second_held_at:
        yield TaskView(one, "second_session", one.first_held_at)
    if one.last_held_at is not None and (one.survey_at is None or one.survey_at < one.last_held_at):
        yield TaskView(one, "survey", one.last_held_at)


class AttendeeView:
    """One person of a demo or training who came."""

    __slots__ = ("family", "form", "id", "logged_in", "person_id", "since")

    def __init__(self, training: str, form: str, person_id: str, since: datetime, look: Look) -> None:
        person = look.moment.state.people.persons.get(person_id)
        self.id, self.form, self.person_id, self.since = f"{training}/{person_id}", form, person_id, since
        self.family = person.family if person is not None and isinstance(person.family, str) else None
        seen = person.seen_at if person is not None else None
        first = business_day(since, look.zone)
        quiet = (person is not None or not look.moment.state.people.dropped) and witnessed(
            look, first, look.moment.today_number - 1
        )
        self.logged_in: Truth = True if seen is not None and seen >= since else False if quiet else UNKNOWN


def _attendees(look: Look) -> tuple[AttendeeView, ...]:
    found = []
    for key, training in look.moment.state.trainings.known.items():
        for person_id, standing in training.people.items():
            sitting = training.sessions.get(FIRST, Sitting())
            since = sitting.held_at or sitting.starts_at
            if since is not None and FIRST in standing and standing[FIRST].status == CAME:
                found.append(AttendeeView(key, training.form, person_id, since, look))
    return tuple(found)


def _minutes(look: Look) -> int:
    """Return the minutes of training held in the running quarter; demos do not count."""
    start = quarter_start(look.today)
    sessions = [
        one for training in look.moment.state.trainings.known.values() if training.form != "demo"
        for one in training.sessions.values()
    ]  # fmt: skip
    return sum([one.minutes for one in sessions if one.held_at is not None and _day(one.held_at, look) >= start])


def _day(at: datetime, look: Look) -> date:
    return at.astimezone(look.zone).date()


_TRAINING_FIELDS = {
    "id": Kind.TEXT, "form": Kind.TEXT, "first_at": Kind.INSTANT, "first_held_at": Kind.INSTANT,
    "second_at": Kind.INSTANT, "second_held_at": Kind.INSTANT, "last_held_at": Kind.INSTANT, "rescheduled": Kind.COUNT,
    "shut_out": Kind.COUNT, "absent": Kind.COUNT, "dashboard_at": Kind.INSTANT, "survey_at": Kind.INSTANT,
    "learnings_at": Kind.INSTANT,
}  # fmt: skip
_TASK_FIELDS = {
    "id": Kind.TEXT, "training": Kind.TEXT, "what": Kind.TEXT, "at": Kind.INSTANT, "people": Kind.COUNT,
}  # fmt: skip
_ATTENDEE_FIELDS = Fields(
    {"id": Kind.TEXT, "form": Kind.TEXT, "person_id": Kind.TEXT, "family": Kind.TEXT, "since": Kind.INSTANT,
     "logged_in": Kind.BOOL},
    personal=("id", "person_id"),
)  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("trainings", Kind.LIST, _views, "trainings.known", fields=_TRAINING_FIELDS,
         doc="Trainings and demos, at most six: sessions, how often moved, people without access, what was sent."),
    fact("training.due", Kind.LIST, lambda look: tuple(task for one in _views(look) for task in _due(one)),
         "trainings.known", fields=_TASK_FIELDS,
         doc="What may be due: access, micro, taxonomy (at: when session 1 starts), learnings, second_session, survey "
         "(at: when the session before was held)."),
    fact("attendees", Kind.LIST, _attendees, "trainings.known", "people.persons", "people.seen", "usage.reported",
         "profile.created_at", daily=True, fields=_ATTENDEE_FIELDS, elements_from=("trainings.known",),
         doc="People who came to session 1 of a training or to a demo, and whether they were in the product since."),
    fact("training.minutes_quarter", Kind.COUNT, _minutes, "trainings.known", daily=True, unit="minutes",
         doc="Minutes of training held in the running quarter; none logged is none held.",
         label="Minutes of training this quarter"),
)  # fmt: skip
