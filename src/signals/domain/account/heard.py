"""What the customer was heard to talk about: topics of notes, tickets and conversations, the last mentions of each."""

from datetime import datetime

import msgspec

from signals.domain.events.crm import TouchLogged
from signals.domain.events.spoken import Spoken
from signals.domain.events.training import SurveyAnswered

MAX_TOPICS = 60
MENTIONS = 6
# Of one topic: no rule asks for more than three in a month.


LOW_SCORE = 30
"""PROPOSED: a survey answered with at most 30 of 100 counts as a negative word."""


class Mention(msgspec.Struct, frozen=True, array_like=True):
    """One mention: when, by which kind of event, by whom if that is known."""

    at: datetime
    kind: str
    person_id: str | None = None


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """Topic -> its last mentions, oldest first."""

    topics: dict[str, tuple[Mention, ...]] = {}


def heard(state: Heard, event: Spoken) -> Heard:
    """Note every topic of the event; what we said ourselves, and nobody answered, was not heard of the customer."""
    if not event.topics or (isinstance(event, TouchLogged) and event.direction == "outbound"):
        return state
    topics = dict(state.topics)
    mention = Mention(event.at, str(event.__struct_config__.tag), event.person_id)
    for topic in event.topics:
        if topic not in topics and len(topics) >= MAX_TOPICS:
            oldest = min(topics, key=lambda one: (topics[one][-1].at, one))
            del topics[oldest]
        mentions = sorted((*topics.get(topic, ()), mention), key=lambda one: (one.at, one.kind, one.person_id or ""))
        topics[topic] = tuple(mentions[-MENTIONS:])
    return Heard(topics)


def survey_answered(state: Heard, event: SurveyAnswered) -> Heard:
    """Note the topics of an answer; a low score is a negative word, whatever the text says."""
    if event.score is None or event.score > LOW_SCORE:
        return heard(state, event)
    return heard(state, msgspec.structs.replace(event, topics=sorted({*event.topics, "negative_sentiment"})))
