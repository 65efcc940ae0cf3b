"""What goes into the thread below a card: details once, then one line for each step worth a reader's time."""

from typing import assert_never

import msgspec

from signals.domain.reasons import SEVERITY_RANK, Change, Severity
from signals.domain.signal import Evidence, Transition
from signals.sinks.appearance import SEVERITY_WORDS, Appearance
from signals.sinks.card import Fact, all_facts, resolution_words, tagged_people
from signals.sinks.contract import Sent
from signals.sinks.evidence import decisive_band
from signals.sinks.safety import clean
from signals.sinks.spans import Line, Words, words
from signals.sinks.wording import span_words


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One message in the thread: lines, then facts."""

    lines: tuple[Line, ...]
    facts: tuple[Fact, ...] = ()


def build_reply(transition: Transition, sent: Sent | None, appearance: Appearance) -> Reply | None:
    """Return the reply that accompanies *transition*, or None when the edit stays silent.

    A card that is new at its destination gets its details (starter, full evidence, sources) whatever the change is.
    People are tagged only where the transition notifies: at an escalation and at a reminder.
    """
    if transition.erased:
        return None
    if sent is None:
        return _details(transition)
    match transition.change:
        case Change.OPENED | Change.UPDATED:
            return _update(transition, sent, appearance)
        case Change.ESCALATED:
            return _escalation(transition, sent, appearance)
        case Change.REMINDED:
            return _reminder(transition, appearance)
        case Change.RESOLVED:
            return Reply(lines=(words(resolution_words(transition)),), facts=all_facts(transition))
        case Change.REOPENED:
            return Reply(lines=(words(_with_decisive("Open again", transition)),))
        case _:
            assert_never(transition.change)


def _details(transition: Transition) -> Reply | None:
    lines: list[Line] = []
    if starter := clean(transition.starter):
        lines.append((Words(text="To start the conversation: ", strong=True), Words(text=starter)))
    lines.extend(words(text) for note in transition.notes if (text := clean(note)))
    sources = [text for text in map(clean, (transition.source, transition.runbook)) if text]
    foreign = {clean(fact.threshold_from) for fact in transition.evidence if _foreign(fact, transition)}
    sources += [f"threshold: {source}" for source in sorted(foreign)]
    if sources:
        lines.append((Words(text="Sources: ", strong=True), Words(text=", ".join(sources))))
    facts = all_facts(transition)
    return Reply(lines=tuple(lines), facts=facts) if lines or facts else None


def _foreign(fact: Evidence, transition: Transition) -> bool:
    """Whether the fact's threshold comes from elsewhere than the rule itself."""
    return bool(fact.threshold_from) and fact.threshold_from != transition.source


def _update(transition: Transition, sent: Sent, appearance: Appearance) -> Reply | None:
    changes = []
    if transition.severity != sent.severity and sent.severity:
        changes.append(f"Severity: {_severity(sent.severity)} → {SEVERITY_WORDS[transition.severity]}")
    if transition.owner.name != sent.owner and sent.owner:
        old, new = appearance.name_of(sent.owner), appearance.name_of(transition.owner.name)
        changes.append(f"Owner: {clean(old)} → {clean(new)}")
    if decisive_band(transition) != sent.band and transition.decisive:
        changes.append(f"Now {clean(transition.decisive)}")
    if not changes:
        return None
    # The people are called by name when they are new: a lead that passes to the one whose turn it is.
    return Reply(lines=((*_tags(transition, appearance), Words(text=". ".join(changes))),))


def _escalation(transition: Transition, sent: Sent, appearance: Appearance) -> Reply:
    rose = sent.severity and SEVERITY_RANK[transition.severity] > SEVERITY_RANK[sent.severity]
    step = f" from {_severity(sent.severity)} to {SEVERITY_WORDS[transition.severity]}" if rose else ""
    lines = [(*_tags(transition, appearance), Words(text=_with_decisive(f"Escalated{step}", transition)))]
    if why := clean(transition.why_now):
        lines.append(words(why))
    return Reply(lines=tuple(lines))


def _reminder(transition: Transition, appearance: Appearance) -> Reply:
    open_for = span_words(transition.at - (transition.opened_at or transition.since))
    text = _with_decisive(f"Still open after {open_for}", transition)
    return Reply(lines=((*_tags(transition, appearance), Words(text=text)),))


def _tags(transition: Transition, appearance: Appearance) -> Line:
    if not transition.notify:
        return ()
    line: Line = ()
    for person in tagged_people(transition, appearance):
        line = (*line, person, Words(text=" "))
    return line


def _with_decisive(text: str, transition: Transition) -> str:
    decisive = clean(transition.decisive)
    return f"{text}: {decisive}" if decisive else text


def _severity(name: str) -> str:
    return SEVERITY_WORDS[Severity(name)] if name in SEVERITY_RANK else clean(name)
