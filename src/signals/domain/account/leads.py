"""Tasks of the CRM and how the account came to us: what is kept of each."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.events.leads import LeadSubmitted, TaskChanged
from signals.domain.lead_sources import LEAD_SOURCES

MAX_TASKS = 40
MAX_LEADS = 40
FINISHED = frozenset({"done", "disqualified"})


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task as last seen, with when things happened to it."""

    task: str
    status: str
    at: datetime
    opened_at: datetime
    touched_at: datetime | None = None
    assigned_at: datetime | None = None
    """Since when it is with whom it is with."""
    reassigned: int = 0
    """How often it went from one person to another."""
    closed_at: datetime | None = None
    """When it was finished; null while it is not."""
    reason: str | None = None
    commented: bool = False
    assigned_to: str | None = None
    source: str | None = None
    due_on: date | None = None
    follow_up: bool | UnsetType = UNSET
    follow_up_on: date | None | UnsetType = UNSET
    product: str | None = None
    expected_mrr: Decimal | None | UnsetType = UNSET
    meeting_held: bool | UnsetType = UNSET
    facts: tuple[str, ...] | UnsetType = UNSET
    timeline_months: int | None | UnsetType = UNSET
    next_step_on: date | None | UnsetType = UNSET


class Lead(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way the account came to us: a source and what of it, with the first and last time."""

    source: str
    first_at: datetime
    at: datetime
    item: str | None = None
    person_id: str | None = None
    email_domain_kind: str | None = None
    qualified_as: str | None = None
    person_level: str | None = None
    topics: tuple[str, ...] = ()


class Leads(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tasks by id, and leads by ``source|person|item``: at most 40 of each, the oldest finished one goes first."""

    tasks: dict[str, Task] = {}
    submitted: dict[str, Lead] = {}


def task_changed(leads: Leads, event: TaskChanged) -> Leads:
    """Put the newest state of the task; an older one only adds when it was opened or touched."""
    known = leads.tasks.get(event.task_id)
    touched_at = known.touched_at if known is not None else None
    if event.touched and (touched_at is None or event.at > touched_at):
        touched_at = event.at
    if known is not None and event.at < known.at:
        late = msgspec.structs.replace(known, opened_at=min(known.opened_at, event.at), touched_at=touched_at)
        return leads if late == known else msgspec.structs.replace(leads, tasks={**leads.tasks, event.task_id: late})
    before = known.assigned_to if known is not None else None
    moved = before is not None and event.assigned_to is not None and before != event.assigned_to
    assigned_at = known.assigned_at if known is not None and before == event.assigned_to else None
    closed_at = None
    if event.status in FINISHED:
        closed_at = known.closed_at if known is not None and known.status == event.status else None
        closed_at = closed_at or event.at
    task = Task(
        event.task, event.status, event.at, known.opened_at if known is not None else event.at, touched_at,
        assigned_at or (event.at if event.assigned_to is not None else None),
        (known.reassigned if known is not None else 0) + moved,
        closed_at, event.reason, bool(event.comment and event.comment.strip()), event.assigned_to, event.source,
        event.due_on, event.follow_up, event.follow_up_on, event.product, event.expected_mrr, event.meeting_held,
        UNSET if event.facts is UNSET else tuple(sorted(set(event.facts))), event.timeline_months, event.next_step_on,
    )  # fmt: skip
    tasks = {**leads.tasks, event.task_id: task}
    if len(tasks) > MAX_TASKS:
        del tasks[min(tasks, key=lambda key: (tasks[key].closed_at is None, tasks[key].at, key))]
    return msgspec.structs.replace(leads, tasks=tasks)


def lead_submitted(leads: Leads, event: LeadSubmitted) -> Leads:
    """Note the lead; a source that stands in no table is ignored, a repeat moves only its last time."""
    if event.source not in LEAD_SOURCES:
        return leads
    key = f"{event.source}|{event.person_id or ''}|{event.item or ''}"
    known = leads.submitted.get(key)
    if known is not None and event.at < known.at:
        if event.at >= known.first_at:
            return leads
        lead = msgspec.structs.replace(known, first_at=event.at)
    else:
        lead = Lead(
            event.source, known.first_at if known is not None else event.at, event.at, event.item, event.person_id,
            event.email_domain_kind, event.qualified_as, event.person_level, tuple(sorted(set(event.topics))),
        )  # fmt: skip
    submitted = {**leads.submitted, key: lead}
    if len(submitted) > MAX_LEADS:
        del submitted[min(submitted, key=lambda one: (submitted[one].at, one))]
    return msgspec.structs.replace(leads, submitted=submitted)
