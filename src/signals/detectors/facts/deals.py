"""Facts about deals: opportunities, tasks of the CRM, and how the account came to us."""

from collections.abc import Mapping
from datetime import datetime

from signals.detectors.facts.products import product_name
from signals.detectors.language.classes import Fields
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.leads import FINISHED, Lead, Task
from signals.domain.account.relationship import Opportunity
from signals.domain.lead_sources import LEAD_SOURCES


def _set(values: tuple[str, ...] | object) -> object:
    return frozenset(values) if isinstance(values, tuple) else UNKNOWN


class OpportunityView:
    """One opportunity as rules see it."""

    __slots__ = ("_replies", "facts", "id", "label", "opportunity", "products")

    def __init__(self, id: str, opportunity: Opportunity, replies: Mapping[str, datetime]) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.opportunity, self._replies = id, opportunity, replies
        self.products, self.facts = _set(opportunity.products), _set(opportunity.facts)
        self.label = None if opportunity.product is None else product_name(opportunity.product)

    def __getattr__(self, name: str) -> object:
        """Return the opportunity's own field."""
        return getattr(self.opportunity, name)

    @property
    def contact_replied_at(self) -> object:
        """When the leading contact last wrote or spoke to us; null when never, unknown while nobody is named."""
        contact = self.opportunity.contact_person_id
        return self._replies.get(contact) if isinstance(contact, str) else UNKNOWN


class TaskView:
    """One task as rules see it."""

    __slots__ = ("facts", "id", "label", "task", "type")

    def __init__(self, id: str, task: Task) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.task, self.facts, self.type = id, task, _set(task.facts), task.task
        self.label = None if task.product is None else product_name(task.product)

    def __getattr__(self, name: str) -> object:
        """Return the task's own field."""
        return getattr(self.task, name)

    @property
    def finished(self) -> bool:
        """Done or disqualified."""
        return self.task.status in FINISHED

    @property
    def idle_since(self) -> datetime:
        """When it was last worked on, else opened."""
        return max(self.task.opened_at, self.task.touched_at or self.task.opened_at)


class LeadView:
    """One way the account came to us."""

    __slots__ = ("key", "label", "lead", "topics")

    def __init__(self, key: str, lead: Lead) -> None:
        self.key, self.lead, self.topics = key, lead, frozenset(lead.topics)
        self.label = LEAD_SOURCES[lead.source]

    def __getattr__(self, name: str) -> object:
        """Return the lead's own field."""
        return getattr(self.lead, name)


OPPORTUNITY_FIELDS = Fields(
    {
        "id": Kind.TEXT, "type": Kind.TEXT, "stage": Kind.TEXT, "open": Kind.BOOL, "product": Kind.TEXT,
        "label": Kind.TEXT, "at": Kind.INSTANT, "opened_at": Kind.INSTANT, "stage_at": Kind.INSTANT,
        "closed_at": Kind.INSTANT, "amount": Kind.MONEY, "record_type": Kind.TEXT, "plan": Kind.TEXT,
        "close_on": Kind.DATE, "decision_on": Kind.DATE, "term_months": Kind.COUNT, "contract_ends_on": Kind.DATE,
        "renews": Kind.TEXT, "credit": Kind.MONEY, "discount": Kind.SHARE, "expected_mrr": Kind.MONEY,
        "forecast": Kind.TEXT, "next_step_at": Kind.INSTANT, "next_step_on": Kind.DATE, "next_step_owner": Kind.TEXT,
        "next_step_outcome": Kind.BOOL, "loss_reason": Kind.TEXT, "loss_answered_on": Kind.DATE,
        "order_form": Kind.TEXT, "order_form_at": Kind.INSTANT, "expected_signature_on": Kind.DATE,
        "signed_on": Kind.DATE, "contract_linked": Kind.BOOL, "products": Kind.SET, "mutual_date_on": Kind.DATE,
        "mutual_confirmed_by": Kind.TEXT, "mutual_used_before": Kind.BOOL, "facts": Kind.SET,
        "contact_person_id": Kind.TEXT, "contact_replied_at": Kind.INSTANT, "source": Kind.TEXT,
        "trial_option": Kind.TEXT, "trial_started_on": Kind.DATE, "trial_ends_on": Kind.DATE,
        "trial_followup_booked": Kind.BOOL, "trial_criteria": Kind.BOOL,
    },
    personal=("next_step_owner", "contact_person_id"),
)  # fmt: skip
TASK_FIELDS = {
    "id": Kind.TEXT, "type": Kind.TEXT, "status": Kind.TEXT, "reason": Kind.TEXT, "commented": Kind.BOOL,
    "assigned_to": Kind.TEXT, "source": Kind.TEXT, "due_on": Kind.DATE, "at": Kind.INSTANT, "opened_at": Kind.INSTANT,
    "touched_at": Kind.INSTANT, "assigned_at": Kind.INSTANT, "idle_since": Kind.INSTANT, "closed_at": Kind.INSTANT,
    "reassigned": Kind.COUNT, "finished": Kind.BOOL, "follow_up": Kind.BOOL, "follow_up_on": Kind.DATE,
    "product": Kind.TEXT, "label": Kind.TEXT, "expected_mrr": Kind.MONEY, "meeting_held": Kind.BOOL,
    "facts": Kind.SET, "timeline_months": Kind.COUNT, "next_step_on": Kind.DATE,
}  # fmt: skip
LEAD_FIELDS = Fields(
    {
        "key": Kind.TEXT, "source": Kind.TEXT, "label": Kind.TEXT, "first_at": Kind.INSTANT, "at": Kind.INSTANT,
        "item": Kind.TEXT, "person_id": Kind.TEXT, "email_domain_kind": Kind.TEXT, "qualified_as": Kind.TEXT,
        "person_level": Kind.TEXT, "topics": Kind.SET,
    },
    personal=("key", "person_id", "person_level"),
)  # fmt: skip


def _opportunities(look: Look) -> tuple[OpportunityView, ...]:
    relationship = look.moment.state.relationship
    return tuple(OpportunityView(key, one, relationship.replies) for key, one in relationship.opportunities.items())


def _tasks(look: Look) -> tuple[TaskView, ...]:
    return tuple(TaskView(key, one) for key, one in look.moment.state.leads.tasks.items())


def _leads(look: Look) -> tuple[LeadView, ...]:
    return tuple(LeadView(key, one) for key, one in look.moment.state.leads.submitted.items())


FACTS: tuple[Fact, ...] = (
    fact("opportunities", Kind.LIST, _opportunities, "relationship.opportunities", fields=OPPORTUNITY_FIELDS,
         parts={"contact_replied_at": frozenset({"relationship.replies"})},
         doc="Opportunities as last seen, at most 30; of what no source tells of them nothing is known."),
    fact("tasks", Kind.LIST, _tasks, "leads.tasks", fields=TASK_FIELDS,
         doc="Tasks of the CRM as last seen, at most 40; idle_since is when one was last worked on, else opened."),
    fact("leads", Kind.LIST, _leads, "leads.submitted", fields=LEAD_FIELDS,
         doc="How the account came to us: forms, mails, referrals, lists, events; at most 40."),
)  # fmt: skip
