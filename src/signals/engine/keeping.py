"""The last words of a signal, as its account keeps them: what its rule says anyway is left out, and put back.

Words are half of a stored account, and most of them are the rule's: its next step, its conversation starter, the labels
and thresholds of its evidence. They are kept only where they were made from numbers of that day.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from signals.detectors.contract import Rule
from signals.detectors.language.template import Template
from signals.domain.account.life import Episode
from signals.domain.signal import Evidence, Link, Transition
from signals.engine.content import evidence_frame


def kept(rule: Rule, told: Transition) -> Transition:
    """Return what is kept of a transition: nothing that ``restored`` finds in the rule, the episode or the account."""
    same = {name: "" for name, text in _words(rule, told).items() if text and getattr(told, name) == text}
    frame = {line.name: line for line in evidence_frame(rule)}
    evidence = tuple(
        Evidence(name=line.name, label="", value=line.value)
        if (usual := frame.get(line.name)) is not None and msgspec.structs.replace(usual, value=line.value) == line
        else line
        for line in told.evidence
    )
    return msgspec.structs.replace(
        told,
        id="",
        signal_id="",
        org_id="",
        at=LONG_AGO,
        since=LONG_AGO,
        opened_at=None,
        rule_version="",
        links=(),
        caused_by=(),
        notes=(),
        also=(),
        evidence=evidence,
        **same,
    )


def restored(
    rule: Rule | None, draft: Transition, episode: Episode, org_id: str, links: tuple[Link, ...]
) -> Transition:
    """Return the transition that ``kept`` was given, in the words of the rule as it is now.

    *rule* is None for one that is no longer in force: what its words were is gone then, and so are the lines of
    evidence that had no words of their own.
    """
    words = (
        {} if rule is None else {name: text for name, text in _words(rule, draft).items() if not getattr(draft, name)}
    )
    frame = {} if rule is None else {line.name: line for line in evidence_frame(rule)}
    return msgspec.structs.replace(
        draft,
        signal_id=episode.signal_id,
        org_id=org_id,
        since=episode.since,
        rule_version="" if rule is None else rule.version,
        also=episode.also,
        grouped=episode.grouped,
        links=links,
        evidence=tuple(whole for line in draft.evidence if (whole := _whole(line, frame)) is not None),
        **words,
    )


def _whole(line: Evidence, frame: Mapping[str, Evidence]) -> Evidence | None:
    if line.label:
        return line
    usual = frame.get(line.name)
    return None if usual is None else msgspec.structs.replace(usual, value=line.value)


def _words(rule: Rule, told: Transition) -> dict[str, str]:
    """Return what the rule says whatever the numbers are, by the transition's field; "" where numbers are in it."""
    variant = rule.variant_named(told.variant)
    step = next((one for one in rule.steps if one.say == told.say), None) if told.say else None
    words, of_step, of_variant = rule.words, step.next_step if step else None, variant.next_step if variant else None
    return {
        "decisive": _fixed(words.decisive),
        "why_now": _fixed(variant.why_now if variant is not None else None, words.why_now),
        "next_step": _fixed(of_step, of_variant, words.next_step),
        "starter": _fixed(words.starter),
        "source": rule.source,
        "runbook": rule.runbook,
    }


def _fixed(*templates: Template | None) -> str:
    """Return the words of the first template there is, "" where they have values in them."""
    chosen = next((one for one in templates if one is not None), None)
    return chosen.fixed if chosen is not None else ""


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""In place of times that the episode knows."""
