"""Leads and the tasks of the CRM: who asked to talk to us, and what our people have to do (catalogue 7, 1.8)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from signals.domain.events.base import Count, Day, Event, Money, Name, OurRole, Priced, Text
from signals.domain.events.spoken import Spoken


class TaskChanged(Priced, frozen=True, kw_only=True, tag="task_changed"):
    """A task of the CRM as it is now: of the fields that may be left out, one left out is not known, null is empty."""

    task_id: Name
    task: Literal["lead", "recommendation", "follow_up", "handover", "other"]
    status: Literal["open", "in_progress", "nurturing", "done", "disqualified"] = "open"
    reason: Name | None = None
    """Why it was disqualified, as the CRM's list names it, such as ``No Response - Prospect``."""
    comment: Text | None = None
    assigned_to: Name | None = None
    """Id of the person of ours who has it."""
    source: Name | None = None
    """What it came from, such as ``bdr``, ``outbound``, ``zendesk``."""
    due_on: Day | None = None
    touched: bool = False
    """Somebody worked on it with this change: a call, an email, a note."""
    follow_up: bool | UnsetType = UNSET
    """A follow-up task exists."""
    follow_up_on: Day | None | UnsetType = UNSET
    product: Name | None = None
    """Of a recommendation: the product it recommends."""
    expected_mrr: Money | None | UnsetType = UNSET
    meeting_held: bool | UnsetType = UNSET
    """The call or meeting took place; false for a no-show and for one moved and not held yet."""
    facts: list[Name] | UnsetType = UNSET
    """Criteria that are met, such as ``pain``, ``impact``, ``authority``, ``icp_fit``."""
    timeline_months: Count | None | UnsetType = UNSET
    """Months until the prospect means to decide."""
    next_step_on: Day | None | UnsetType = UNSET
    """Day of the next step both sides agreed on."""


class LeadSubmitted(Spoken, frozen=True, kw_only=True, tag="lead_submitted"):
    """Somebody asked to talk to us, or was named as worth talking to."""

    source: Name
    """One of ``src/signals/domain/lead_sources.py``; other names are ignored."""
    email_domain_kind: Literal["business", "webmail"] | None = None
    qualified_as: Literal["sales", "support", "spam"] | None = None
    """What the qualifier made of it; null when nothing qualified it."""
    item: Name | None = None
    """Which event, list, campaign or request it was."""
    person_level: Literal["vp", "director", "head", "manager", "engineer", "other"] | None = None


class LeadAssigned(Event, frozen=True, kw_only=True, tag="lead_assigned"):
    """Whose turn the account's leads are of which a team was told: the person takes the team's place on its cards.

    The role ``report`` sends it where ``assignment`` names members; a CRM that assigns leads may send it instead.
    """

    team: Name
    """As rules name it, such as ``tae_round_robin``."""
    to: Name
    """Id of the person of ours who has them now."""
    role: OurRole = "other"
