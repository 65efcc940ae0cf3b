"""Trainings and demos: planned, who takes part, held, followed up; and answers to surveys inside the product."""

from typing import Annotated, Literal

from msgspec import Meta

from signals.domain.events.base import Count, Event, Instant, Name
from signals.domain.events.spoken import Spoken

Session = Annotated[int, Meta(ge=1, le=2)]


class TrainingPlanned(Event, frozen=True, kw_only=True, tag="training_planned"):
    """A session of a training, or a demo for new users, has a time; sent again when it moves."""

    training_id: Name
    starts_at: Instant
    session: Session = 1
    form: Literal["training", "micro", "demo"] = "training"
    """``micro``: a session of 15 minutes instead of a full training."""
    rescheduled: Count = 0
    """How often the customer has moved it."""
    self_join: bool = False
    """People can join the organization by themselves, so nobody needs an invitation."""


class TrainingAttendee(Event, frozen=True, kw_only=True, tag="training_attendee"):
    """A person of a training, as it stands for one session."""

    training_id: Name
    person_id: Name
    status: Literal["expected", "invited", "attended", "absent"]
    """``expected``: named, without access to the organization yet; ``invited``: has been sent access."""
    session: Session = 1


class TrainingHeld(Event, frozen=True, kw_only=True, tag="training_held"):
    """A session took place and ended at ``at``."""

    training_id: Name
    session: Session = 1
    minutes: Count = 0
    """How long it was; counts towards the hours of the quarter."""


class TrainingFollowedUp(Event, frozen=True, kw_only=True, tag="training_followed_up"):
    """Something promised after a session was sent."""

    training_id: Name
    what: Literal["dashboard", "survey", "learnings"]
    """``dashboard``: screenshot and link in the shared channel; ``learnings``: notes for those who were absent."""


class SurveyAnswered(Spoken, frozen=True, kw_only=True, tag="survey_answered"):
    """A person answered one of our surveys inside the product."""

    survey_id: Name
    product: Name | None = None
    score: Annotated[int, Meta(ge=0, le=100)] | None = None
    """From 0, the worst, to 100, the best, whatever the survey's own scale."""
