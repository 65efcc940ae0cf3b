"""Tasks of the CRM, how the account came to us, and who got its leads: what is kept of each."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.track import Track, tracked
from signals.domain.events.leads import LeadAssigned, LeadSubmitted, TaskChanged
from signals.domain.lead_sources import LEAD_SOURCES

MAX_TASKS = 40
MAX_LEADS = 40
MAX_TEAMS = 10
FINISHED = frozenset({"done", "disqualified"})


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task as last seen, with when things happened to it."""

    task: str
    status: str
    at: datetime
    opened_at: datetime
    touched_at: datetime | None = None
    holders: Track = Track()
    """Whom it was given to."""
    statuses: Track = Track()
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

    @property
    def assigned_at(self) -> datetime | None:
        """Since when it is with whom it was given to last."""
        return self.holders.since

    @property
    def reassigned(self) -> int:
        """How often it went from one person to another."""
        return self.holders.changes

    @property
    def closed_at(self) -> datetime | None:
        """When it was finished; null while it is not."""
        return self.statuses.since if self.status in FINISHED else None


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


class Assignment(msgspec.Struct, frozen=True, array_like=True):
    """Who got the account's leads of a team: the person, their role, when; in this order."""

    to: str
    role: str
    at: datetime


class Leads(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tasks by id, and leads by ``source|person|item``: at most 40 of each, the oldest finished one goes first.

    ``assigned`` by team: at most 10, the oldest goes first.
    """

    tasks: dict[str, Task] = {}
    submitted: dict[str, Lead] = {}
    assigned: dict[str, Assignment] = {}


def task_changed(leads: Leads, event: TaskChanged) -> Leads:
    """Put the newest state of the task; an older one only says when it was opened, touched, given or finished."""
    known = leads.tasks.get(event.task_id)
    newest = known if known is not None and event.at < known.at else _as_told(event)
    told = known if known is not None else newest
    touched_at = told.touched_at
    if event.touched and (touched_at is None or event.at > touched_at):
        touched_at = event.at
    task = msgspec.structs.replace(
        newest,
        opened_at=min(told.opened_at, event.at),
        touched_at=touched_at,
        holders=told.holders if event.assigned_to is None else tracked(told.holders, event.at, event.assigned_to),
        statuses=tracked(told.statuses, event.at, event.status),
    )
    tasks = {**leads.tasks, event.task_id: task}
    if len(tasks) > MAX_TASKS:
        del tasks[min(tasks, key=lambda key: (tasks[key].closed_at is None, tasks[key].at, key))]
    return msgspec.structs.replace(leads, tasks=tasks)


def _as_told(event: TaskChanged) -> Task:
    return Task(
        task=event.task, status=event.status, at=event.at, opened_at=event.at, reason=event.reason,
        commented=bool(event.comment and event.comment.strip()), assigned_to=event.assigned_to, source=event.source,
        due_on=event.due_on, follow_up=event.follow_up, follow_up_on=event.follow_up_on, product=event.product,
        expected_mrr=event.expected_mrr, meeting_held=event.meeting_held,
        facts=UNSET if event.facts is UNSET else tuple(sorted(set(event.facts))),
        timeline_months=event.timeline_months, next_step_on=event.next_step_on,
    )  # fmt: skip


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


def lead_assigned(leads: Leads, event: LeadAssigned) -> Leads:
    """Put who has the team's leads now; an older word changes nothing."""
    known = leads.assigned.get(event.team)
    if known is not None and event.at < known.at:
        return leads
    assigned = {**leads.assigned, event.team: Assignment(event.to, event.role, event.at)}
    if len(assigned) > MAX_TEAMS:
        del assigned[min(assigned, key=lambda team: (assigned[team].at, team))]
    return msgspec.structs.replace(leads, assigned=assigned)
