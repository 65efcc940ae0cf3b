"""What is sensitive in a text stays marked inside the engine and is shown, or stood in for, where it leaves.

A marked passage carries its classes, what to say instead, and the value. The engine remembers texts marked (a card may
be said again in its own words); ``shown_to`` is the one door from the engine to topics and sinks, and nothing marked
passes it. It is pure and part of the step, so a replay shows and hides the same.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from signals.domain.chart import Chart
from signals.domain.classes import FieldClass
from signals.domain.ids import derive_id
from signals.domain.signal import Evidence, Suppression, Transition

HEADLINE_MOST = 90
"""Characters (card.md): more does not fit a phone's notification."""

_OPEN, _INSTEAD, _VALUE, _CLOSE = "\ue000", "\ue001", "\ue002", "\ue003"
# Private use characters: no producer has a reason to send them, and those who do lose them here.
_MARKS = re.compile(f"[{_OPEN}{_INSTEAD}{_VALUE}{_CLOSE}]")
_PASSAGE = re.compile(f"{_OPEN}([^{_INSTEAD}]*){_INSTEAD}([^{_VALUE}]*){_VALUE}([^{_CLOSE}]*){_CLOSE}")

_TEXTS = ("key", "headline", "decisive", "resolved_text", "why_now", "next_step", "starter")

Said = TypeVar("Said", Transition, Suppression)


def mark(text: str, classes: Iterable[FieldClass], instead: str) -> str:
    """Return *text* as a marked passage; without classes it is returned as it is."""
    names = ",".join(sorted(classes))
    return f"{_OPEN}{names}{_INSTEAD}{instead}{_VALUE}{_MARKS.sub('', text)}{_CLOSE}" if names else text


def stand_in(classes: Iterable[FieldClass], role: str) -> str:
    """Return what a reader sees instead: the role of a person where it is known.

    >>> stand_in({FieldClass.PERSONAL}, "customer_success"), stand_in({FieldClass.FREE_TEXT}, "")
    ('a customer success person', '(not shown)')
    """
    if FieldClass.FREE_TEXT in classes:
        return "(not shown)"
    return f"a {role.replace('_', ' ')} person" if role and role != "other" else "a person"


def pseudonym(org_id: str, text: str) -> str:
    """Return a short name for a person that says nothing but is the same each time, for keys.

    Whoever knows the account and guesses the person can check the guess: it is no anonymity.
    """
    return f"person-{derive_id('person', org_id, text)[:8]}"


def is_marked(text: str) -> bool:
    """Say whether something in *text* is marked."""
    return _OPEN in text


def text_for(text: str, allowed: frozenset[FieldClass]) -> str:
    """Return *text* with each marked passage shown, when all its classes are *allowed*, or stood in for."""
    if _OPEN not in text:
        return text

    def passage(found: re.Match[str]) -> str:
        classes, instead, value = found.groups()
        return value if {FieldClass(name) for name in classes.split(",")} <= allowed else instead

    return _MARKS.sub("", _PASSAGE.sub(passage, text))


def clipped(headline: str) -> str:
    """Return a headline of at most 90 characters; a marked one is left for ``shown_to``, which knows what is shown."""
    if len(headline) <= HEADLINE_MOST or _OPEN in headline:
        return headline
    return headline[: HEADLINE_MOST - 1].rstrip() + "…"


def shown_to(said: Said, allowed: frozenset[FieldClass]) -> Said:
    """Return a transition or suppression as it may leave: nothing in it is marked any more."""
    changed: dict[str, object] = {}
    for name in _TEXTS:
        text = getattr(said, name, "")
        if _OPEN in text:
            changed[name] = text_for(text, allowed)
    if "headline" in changed:
        changed["headline"] = clipped(str(changed["headline"]))
    evidence: tuple[Evidence, ...] = getattr(said, "evidence", ())  # a suppression has none
    if any(_OPEN in fact.value for fact in evidence):
        changed["evidence"] = tuple(
            msgspec.structs.replace(fact, value=text_for(fact.value, allowed)) for fact in evidence
        )
    chart: Chart | None = getattr(said, "chart", None)
    if chart is not None and _OPEN in chart.title:
        changed["chart"] = msgspec.structs.replace(chart, title=text_for(chart.title, allowed))
    return msgspec.structs.replace(said, **changed) if changed else said
