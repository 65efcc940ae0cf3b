"""A signal as a task in a CRM: what has to be done, by whom, until when. Pure; each CRM maps it to its fields."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from signals.domain.reasons import Severity
from signals.domain.signal import Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import all_facts, build_card
from signals.sinks.safety import clean
from signals.sinks.spans import plain

Priority = Literal["HIGH", "MEDIUM", "LOW"]

_PRIORITY: dict[Severity, Priority] = {
    Severity.CRITICAL: "HIGH",
    Severity.WARNING: "HIGH",
    Severity.NOTICE: "MEDIUM",
    Severity.INFO: "LOW",
}

DUE_WITHIN: dict[Severity, timedelta] = {
    Severity.CRITICAL: timedelta(hours=4),
    Severity.WARNING: timedelta(days=1),
    Severity.NOTICE: timedelta(days=3),
    Severity.INFO: timedelta(days=7),
}
# Our own choice, not the handbook's: soon enough to matter, late enough to be done.


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task per signal."""

    reference: str
    """The signal's id: by it the task is found again."""
    org_id: str
    account_name: str
    subject: str
    paragraphs: tuple[str, ...]
    """Plain text; each CRM escapes it."""
    due: datetime
    priority: Priority
    owner: str
    """Owner id or role as in the transition; the CRM sink maps it."""
    owner_name: str
    done: bool


def build_task(transition: Transition, appearance: Appearance) -> Task:
    """Return the task of a signal as *transition* left it."""
    card = build_card(transition, None, appearance)
    facts = tuple(
        f"{fact.label}: {plain(fact.value)}" + (f" ({fact.context})" if fact.context else "")
        for fact in all_facts(transition)
    )
    starter = f"To start the conversation: {clean(transition.starter)}" if transition.starter else ""
    step = f"Next step: {card.next_step}" if card.next_step else ""
    footer = " · ".join(plain(line) for line in card.footer)
    also = f"Also: {'; '.join(card.also)}" if card.also else ""
    texts = (card.resolution, card.why_now, *facts, step, also, starter, footer)
    return Task(
        reference=transition.signal_id,
        org_id=transition.org_id,
        account_name=clean(transition.account_name),
        subject=plain(card.headline),
        paragraphs=tuple(text for text in texts if text),
        due=_working_day(transition.at + DUE_WITHIN[transition.severity]),
        priority=_PRIORITY[transition.severity],
        owner=transition.owner.name,
        owner_name=card.owner.name,
        done=card.resolved,
    )


def _working_day(due: datetime) -> datetime:
    """Move a due time at a weekend to the Monday after."""
    past_friday = due.weekday() - 4
    return due if past_friday <= 0 else due + timedelta(days=3 - past_friday)
