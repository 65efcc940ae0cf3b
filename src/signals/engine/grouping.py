"""Several findings of one account at one moment are one card.

The first in the handbook's order leads, the others are short lines on it (catalogue 1.0, card.md).

A grouped signal is a signal like any other on our topics, for rules, guards and machines; people get no second card.
It gets one when it escalates or is due again, or when the card it stands on is resolved and it is still open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signals.detectors.contract import Rule, RuleKind
from signals.domain.account.life import Episode
from signals.domain.reasons import FamilyName, Severity
from signals.engine.guard import Verdict
from signals.engine.routing import Routed

MACHINES = frozenset({"webhook"})
"""Sinks that programs read: they hear of every signal."""

OVERLOAD = "G13"
"""The guard that lets one suggestion a month out."""

MOST_LINES = 6
# A card is read on a phone; what does not fit is told on signal-events all the same.

OWN_CARD = frozenset({FamilyName.PAYMENT})
"""Each step of a payment is acted on by itself."""


@dataclass(frozen=True)
class Ready:
    """A finding that may go out, before it is said on which card."""

    rule: Rule
    key: str
    signal_id: str
    family: FamilyName
    severity: Severity
    routed: Routed
    pitch: bool = False
    """It is the one suggestion of its month (G13)."""


@dataclass(frozen=True)
class Place:
    """Where a finding is told: on its own card with these lines, or on that of ``grouped``."""

    also: tuple[str, ...] = ()
    grouped: str = ""


NEXT_PRODUCT = "use_case.next_product"


def turn(order: tuple[int, int, int], rule: Rule, key: str, following: object) -> tuple[int, int, bool, int, str]:
    """Return when a finding is asked about: of one rank what offers the *following* product first (catalogue 1.0)."""
    section, rank, number = order
    return section, rank, following not in rule.offers, number, key


def places(ready: Sequence[Ready], passed_over: Iterable[tuple[Rule, Verdict]]) -> dict[str, Place]:
    """Return signal id -> place, for findings in the handbook's order.

    Findings whose card would stand in the same channel share one. One that tags somebody the lead does not, a critical
    one, any payment and any ladder (each step is to be done) have their own. *passed_over* are those that G13 held back
    in favour of a pitch that goes out now: its card names them too.
    """
    found: dict[str, Place] = {}
    leads: dict[str, Ready] = {}
    lines: dict[str, list[str]] = {}
    for one in ready:
        channel = next((destination for sink, destination in one.routed.destinations if sink == "slack"), "")
        lead = leads.get(channel)
        if channel and lead is not None and _fits(one, lead):
            found[one.signal_id] = Place(grouped=lead.signal_id)
            lines[lead.signal_id].append(_line(one))
            continue
        found[one.signal_id] = Place()
        lines[one.signal_id] = []
        if channel and one.family not in OWN_CARD and one.rule.kind is not RuleKind.STEPS:
            leads.setdefault(channel, one)
    pitch = next((one.signal_id for one in ready if one.pitch), None)
    if pitch is not None:
        lines[found[pitch].grouped or pitch] += [
            rule.title for rule, verdict in passed_over if verdict.guard == OVERLOAD
        ]
    return {
        signal: Place(tuple(dict.fromkeys(lines.get(signal, ())))[:MOST_LINES], place.grouped)
        for signal, place in found.items()
    }


def cardless(episodes: Mapping[str, Episode]) -> list[tuple[str, Episode]]:
    """Return what is open and stands on a card that is open no more."""
    grouped = [(tag, one) for tag, one in episodes.items() if one.grouped and one.state == "open"]
    leads = {one.signal_id for one in episodes.values() if one.state == "open"} if grouped else set()
    return [(tag, one) for tag, one in grouped if one.grouped not in leads]


def _line(one: Ready) -> str:
    """Return the title of the rule, with the key where there is one and it names nobody."""
    keyed = one.key and not one.rule.key_sensitive
    return f"{one.rule.title} ({one.key.replace('_', ' ')})" if keyed else one.rule.title


def _fits(one: Ready, lead: Ready) -> bool:
    tagged = {*one.routed.tagged} - {*lead.routed.tagged, lead.routed.owner.name}
    return (
        one.family not in OWN_CARD
        and one.rule.kind is not RuleKind.STEPS
        and one.severity is not Severity.CRITICAL
        and one.routed.owner == lead.routed.owner
        and not tagged
    )
