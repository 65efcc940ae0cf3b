"""People at the customer, and what somebody typed, stay inside unless they are allowed out."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from signals.domain.classes import FieldClass
from signals.domain.events.crm import NoteAdded, PersonDescribed, PersonLeft
from signals.domain.signal import Delivery, Transition
from signals.engine.policy import Policy, Privacy, Routing
from support.short_rules import pack_of
from support.timeline import Timeline, catalogue_of

RULES = """
- id: lead_here
  title: A product lead
  kind: level
  each: {in: people, as: one, key: one.id}
  let:
    who: one.id
    told: default(one.title, "none")
  when: one.family == "product" and one.title != "on leave"
  text:
    headline: "{one.id} is a product lead"
    why_now: "{who} has the title {told}; on file: {people.active}"
    starter: "Ask {opened.told}"
    decisive: told
    resolved: "{one.id} is no longer one"
  evidence:
  - {name: told, label: Title}
  - {name: one.family, label: Family}
- id: noted
  title: A note
  kind: edge
  on: [note_added]
  key: event.category
  expires_after: 3 d
  text: {headline: "a note", why_now: "{event.text}"}
- id: left
  title: Somebody left
  kind: edge
  on: [person_left]
  key: event.person_id
  stage: shadow
  expires_after: 3 d
  text: {headline: "{event.person_id} left"}
"""

PERSONAL, FREE_TEXT = FieldClass.PERSONAL, FieldClass.FREE_TEXT
SECRETS = ("amy@acme.com", "Head of Product", "call me on 555")


@pytest.fixture
def line(tmp_path: Path) -> Callable[[Privacy], Timeline]:
    """Make an account under a privacy policy."""

    def make(privacy: Privacy) -> Timeline:
        policy = Policy(routing=Routing(sinks=("slack", "webhook")), privacy=privacy)
        made = Timeline(catalogue_of(pack_of(RULES, "expansion"), tmp_path), policy)
        made.created()
        return made

    return make


def amy(line: Timeline, day: float, title: str = "Head of Product") -> PersonDescribed:
    """Somebody at the customer."""
    return PersonDescribed(org_id="acme", at=line.at(day), person_id="amy@acme.com", title=title, family="product")


def story(line: Timeline) -> list[Transition]:
    """Tell everything there is to tell; the person is gone at the end, so the last card is said in old words."""
    line.send(amy(line, 1), NoteAdded(org_id="acme", at=line.at(2), category="budget", text="call me on 555"))
    line.send(PersonLeft(org_id="acme", at=line.at(3), person_id="amy@acme.com"))
    line.until(30)
    return line.transitions


def words(*records: msgspec.Struct) -> str:
    """Everything some records say."""
    return " ".join(msgspec.json.encode(one).decode() for one in records)


def test_by_default_no_topic_and_no_sink_learns_of_a_person(line: Callable[[Privacy], Timeline]) -> None:
    """Transitions, deliveries and suppressions of a whole story, the last words included."""
    account = line(Privacy())
    deliveries: list[Delivery] = []
    for event in (amy(account, 1), NoteAdded(org_id="acme", at=account.at(2), category="x", text="call me on 555"),
                  PersonLeft(org_id="acme", at=account.at(3), person_id="amy@acme.com")):  # fmt: skip
        account.send(event)
        assert account.last is not None
        deliveries += account.last.deliveries

    said = words(*account.transitions, *deliveries, *account.suppressions)

    assert len(account.transitions) >= 3
    assert account.suppressions
    assert not [secret for secret in SECRETS if secret in said]
    assert not [mark for mark in "\ue000\ue001\ue002\ue003" if mark in said]


def test_a_role_stands_in_for_a_person_and_a_pseudonym_for_a_key(line: Callable[[Privacy], Timeline]) -> None:
    """What a reader gets instead."""
    opened, note, *_ = story(line(Privacy()))

    assert opened.headline == "Acme: a product person is a product lead"
    assert opened.why_now.startswith("a product person has the title a product person; on file: ")
    assert opened.key.startswith("person-")
    assert [one.value for one in opened.evidence] == ["a product person", "product"]
    assert opened.decisive == "Title: a product person"
    assert (note.key, note.why_now) == ("budget", "(not shown)")


def test_ids_do_not_depend_on_who_may_see_what(line: Callable[[Privacy], Timeline]) -> None:
    """Allowing more changes words, not signals."""
    hidden = story(line(Privacy()))
    shown = story(line(Privacy(topics=frozenset({PERSONAL, FREE_TEXT}))))

    assert [one.id for one in shown] == [one.id for one in hidden]
    assert shown[0].key == "amy@acme.com"
    assert shown[0].headline == "Acme: amy@acme.com is a product lead"
    assert shown[1].why_now == "call me on 555"


def test_slack_may_be_told_what_topics_are_not(line: Callable[[Privacy], Timeline]) -> None:
    """Each reader by its own setting; a sink that is not named gets nothing sensitive."""
    account = line(Privacy(sinks={"slack": frozenset({PERSONAL})}))
    account.send(amy(account, 1))

    assert account.last is not None
    by_sink = {one.sink: one.transition for one in account.last.deliveries}
    assert "amy@acme.com" in words(by_sink["slack"])
    assert "amy@acme.com" not in words(by_sink["webhook"], *account.transitions)


def test_the_words_of_a_gone_subject_are_hidden_too(line: Callable[[Privacy], Timeline]) -> None:
    """They come from what the engine remembers of the card, which is whole."""
    account = line(Privacy())
    last = [one for one in story(account) if one.rule == "lead_here"][-1]

    assert last.resolved_because == "gone"
    assert "a product person" in last.headline
    assert "amy" not in words(last)


def test_counts_of_people_and_role_families_are_no_personal_data(line: Callable[[Privacy], Timeline]) -> None:
    """Only texts can name somebody."""
    rule = line(Privacy()).catalogue.by_id["lead_here"]
    sensitive = {one.name: one.value.sensitive for one in rule.evidence}

    assert sensitive == {"told": {PERSONAL}, "one.family": frozenset()}
    assert rule.when is not None
    assert rule.when.sensitive == frozenset()
    assert rule.key_sensitive == {PERSONAL}
