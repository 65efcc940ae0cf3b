"""Facts that follow from tables: traits, measures, activities, topics heard. One row there gives a name here."""

from collections.abc import Callable

from signals.detectors.facts.windows import Series
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.heard import Mention
from signals.domain.activities import ACTIVITIES
from signals.domain.measures import MEASURES
from signals.domain.topics import PHRASES
from signals.domain.traits.table import TRAITS, trait_value
from signals.domain.traits.trait import TraitKind

_KINDS = {
    TraitKind.BOOL: Kind.BOOL,
    TraitKind.COUNT: Kind.COUNT,
    TraitKind.NUMBER: Kind.NUMBER,
    TraitKind.MONEY: Kind.MONEY,
    TraitKind.TEXT: Kind.TEXT,
    TraitKind.DAY: Kind.DATE,
    TraitKind.INSTANT: Kind.INSTANT,
    TraitKind.SET: Kind.SET,
}


def _trait(name: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        known = look.moment.state.traits.values.get(name)
        return UNKNOWN if known is None else trait_value(name, known.value)

    return get


def _changed(name: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        known = look.moment.state.traits.values.get(name)
        return None if known is None else known.since

    return get


def _measure(name: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        daily = look.moment.state.usage.measures.get(name)
        return UNKNOWN if daily is None else Series(f"measure:{name}", daily)

    return get


def _done(name: str, which: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        done = look.moment.state.work.done.get(name)
        return None if done is None else getattr(done, which)

    return get


def _last_heard(topic: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        mentions = look.moment.state.heard.topics.get(topic)
        return mentions[-1].at if mentions else None

    return get


class MentionView:
    """One mention of a topic as rules see it; ``family`` is the speaker's, null while nobody knows it."""

    __slots__ = ("at", "family", "kind", "person_id", "topic")

    def __init__(self, topic: str, mention: Mention, family: str | None) -> None:
        self.topic, self.at, self.kind, self.person_id, self.family = (
            topic, mention.at, mention.kind, mention.person_id, family,
        )  # fmt: skip


def _mentions(look: Look) -> tuple[MentionView, ...]:
    persons = look.moment.state.people.persons
    found = []
    for topic, mentions in look.moment.state.heard.topics.items():
        for mention in mentions:
            person = persons.get(mention.person_id or "")
            family = person.family if person is not None and isinstance(person.family, str) else None
            found.append(MentionView(topic, mention, family))
    return tuple(found)


def _tools_mentioned(look: Look) -> frozenset[str]:
    """Return the names of tools heard of, ever."""
    return frozenset(topic.removeprefix("tool:") for topic in look.moment.state.heard.topics if topic[:5] == "tool:")


_MENTION_FIELDS = {"topic": Kind.TEXT, "at": Kind.INSTANT, "kind": Kind.TEXT, "family": Kind.TEXT}

FACTS: tuple[Fact, ...] = (
    *(fact(f"traits.{name}", _KINDS[one.kind], _trait(name), f"traits.{name}", unit=one.unit, doc=one.doc,
           label=one.label) for name, one in TRAITS.items()),
    *(fact(f"changed.{name}", Kind.INSTANT, _changed(name), f"traits.{name}",
           doc=f"When this was first reported as it is now: {one.doc[0].lower()}{one.doc[1:]}")
      for name, one in TRAITS.items()),
    *(fact(f"measures.{name}", Kind.SERIES, _measure(name), f"usage.measures.{name}", "usage.reported",
           doc=f"Per day: {words}.", label=words.capitalize()) for name, words in MEASURES.items()),
    *(fact(f"done.{name}", Kind.INSTANT, _done(name, "last_at"), f"work.done.{name}",
           doc=f"Last time: {words}; null when never.", label=words.capitalize())
      for name, words in ACTIVITIES.items()),
    *(fact(f"first_done.{name}", Kind.INSTANT, _done(name, "first_at"), f"work.done.{name}",
           doc=f"First time: {words}; null when never.") for name, words in ACTIVITIES.items()),
    *(fact(f"heard.{topic}", Kind.INSTANT, _last_heard(topic), f"heard.topics.{topic}",
           doc=f"Last time the customer was heard on {topic.replace('_', ' ')}; null when never.")
      for topic in PHRASES),
    fact("mentions", Kind.LIST, _mentions, *(f"heard.topics.{topic}" for topic in PHRASES), "heard.tools",
         "people.persons", fields=_MENTION_FIELDS, doc="The last mentions of each topic, with the speaker's family."),
    fact("tools.mentioned", Kind.SET, _tools_mentioned, "heard.tools", doc="Tools the customer was heard to name."),
)  # fmt: skip
