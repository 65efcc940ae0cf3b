"""How sensitive each field of our events is: one table, and a test that every field stands in it.

The account id is *business*: it names an organization and is the key of every topic. People of ours (owners, who
answered a signal) are business, too: they are tagged on purpose. *Personal* is what names or describes a person at the
customer; *free text* is what somebody typed, which may hold anything.
"""

from collections.abc import Mapping
from enum import StrEnum

from signals.domain.events.base import Event
from signals.domain.events.kinds import CLASS_OF, kind_of


class FieldClass(StrEnum):
    """What a field may give away."""

    PUBLIC = "public"
    """Anybody may know it: what kind of event it is, what the company is called and where it sits."""
    BUSINESS = "business"
    """Between the company and us: volumes, money, ids of things."""
    PERSONAL = "personal"
    """Of a person at the customer: ids, titles, pages they opened."""
    FREE_TEXT = "free_text"
    """Typed by somebody."""


SENSITIVE = frozenset({FieldClass.PERSONAL, FieldClass.FREE_TEXT})
"""Shown only where the settings say so."""

_PUBLIC = ("v", "name", "country", "company_type", "business_type")
_PERSONAL = (
    "contact_person_id", "next_step_owner", "path", "person_id", "person_level", "title", "user_signed_up.role",
)  # fmt: skip
_FREE_TEXT = ("text", "reason", "signatures", "comment")
_BUSINESS = (
    "about", "action", "activity", "amount", "as_of", "at", "attempt", "balance", "billing", "by", "cancel_at",
    "carried", "category", "channel", "context", "contract_id", "credit", "credits_granted.reason", "crm_url",
    "cross_sell", "day", "direction", "due_on", "effective_on", "employees", "enabled", "expires_on", "family",
    "first_of_organization", "forecasted_mrr", "from_on", "grant_id", "group_types", "how", "icp_score", "id",
    "interval", "invoice_id", "items", "kind_of", "limit", "lines", "live", "measures", "medium", "members", "month",
    "mrr", "next_attempt_at", "open", "opportunity_id", "org_id", "owner", "paying_since", "period_end",
    "period_start", "plan", "priority", "product", "products", "renewal", "replaced_by_offer", "role",
    "score", "segments", "shared_channel", "signal", "signal_id", "stage", "starts_on", "status", "tags",
    "term_months", "ticket_id", "times", "topics", "traits", "type", "until", "until_on", "url", "usage_url",
    "useful", "volumes", "week",
    "components", "incident_id", "listed", "regions", "severity",
    "form", "minutes", "rescheduled", "self_join", "session", "starts_at", "survey_id", "training_id", "what",
    "of", "period_ends_on", "price_cut", "spend",
)  # fmt: skip
_OF_DEALS = (
    "assigned_to", "close_on", "contract_ends_on", "contract_link", "decision_on", "discount", "email_domain_kind",
    "expected_mrr", "expected_signature_on", "facts", "follow_up", "follow_up_on", "forecast", "item",
    "loss_answered_on", "loss_reason", "meeting_held", "mutual_confirmed_by", "mutual_date_on", "mutual_used_before",
    "next_step_at", "next_step_on", "next_step_outcome", "order_form", "qualified_as", "record_type", "renews",
    "signed_on", "source", "task", "task_changed.reason", "task_id", "team", "timeline_months", "to",
    "touched", "trial_criteria", "trial_ends_on", "trial_followup_booked", "trial_option", "trial_started_on",
)  # fmt: skip
"""Of opportunities, tasks and leads; business, too."""
_OF_MONEY = (
    "cause", "covers_from", "covers_until", "given_for", "missing", "noted", "partly_paid_by_credit", "put_back",
    "referenced",
)  # fmt: skip

_OF_SPIKES = (
    "batch_size", "hour_before", "minutes", "per_minute", "refund_id", "top_events", "why",
)  # fmt: skip
_MARKET = ("fits", "launch", "launched_on", "new_prices", "old_prices", "shown_by", "targeted", "typical_units")

FIELD_CLASSES: Mapping[str, FieldClass] = {
    **dict.fromkeys(_PUBLIC, FieldClass.PUBLIC),
    **dict.fromkeys((*_BUSINESS, *_OF_DEALS, *_OF_MONEY), FieldClass.BUSINESS),
    **dict.fromkeys(_MARKET, FieldClass.BUSINESS),
    **dict.fromkeys(_OF_SPIKES, FieldClass.BUSINESS),
    **dict.fromkeys(_PERSONAL, FieldClass.PERSONAL),
    **dict.fromkeys(_FREE_TEXT, FieldClass.FREE_TEXT),
}
"""Field name, or ``kind.field`` where one kind means something else by it -> class."""


def class_of(event: type[Event], field: str) -> FieldClass:
    """Return the class of one field of one event; raises ``KeyError`` for a field nobody classified.

    >>> from signals.domain.events.usage import UserActed
    >>> class_of(UserActed, "path").value
    'personal'
    """
    return FIELD_CLASSES.get(f"{kind_of(event)}.{field}") or FIELD_CLASSES[field]


def classes_of(field: str) -> frozenset[FieldClass]:
    """Return the classes a field of this name has in any event."""
    return frozenset(class_of(event, field) for event in CLASS_OF.values() if field in event.__struct_fields__)
