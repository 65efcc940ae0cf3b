"""Facts about deals: opportunities, cross-sell motions, the last bills."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.facts.products import product_name
from signals.detectors.language.classes import Fields
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.leads import Task
from signals.domain.account.relationship import Opportunity


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


def _opportunities(look: Look) -> tuple[OpportunityView, ...]:
    relationship = look.moment.state.relationship
    return tuple(OpportunityView(key, one, relationship.replies) for key, one in relationship.opportunities.items())


class Motion:
    """One product somebody means to sell beside those in use: recommended, or in an opportunity of its own."""

    __slots__ = ("expected_mrr", "has_opp", "label", "mrr", "open", "product", "stage", "started")

    def __init__(self, product: str, task: Task | None, opportunity: Opportunity | None, mrr: object) -> None:
        self.product, self.label, self.mrr = product, product_name(product), mrr
        self.started = opportunity is not None or (task is not None and task.status == "in_progress")
        self.has_opp, self.open = opportunity is not None, opportunity is not None and opportunity.open
        self.stage = None if opportunity is None else opportunity.stage
        expected = opportunity.expected_mrr if opportunity is not None else UNKNOWN
        self.expected_mrr = task.expected_mrr if task is not None and expected is UNKNOWN else expected


def _motions(look: Look) -> tuple[Motion, ...]:
    state = look.moment.state
    tasks = {
        one.product: one
        for one in sorted(state.leads.tasks.values(), key=lambda each: each.at)
        if one.task == "recommendation" and one.product is not None and one.status != "disqualified"
    }
    deals = {
        one.product: one
        for one in sorted(state.relationship.opportunities.values(), key=lambda each: (each.open, each.at))
        if one.type == "cross_sell" and one.product is not None
    }
    lines = state.billing.product_mrr
    return tuple(
        Motion(key, tasks.get(key), deals.get(key), UNKNOWN if lines is UNSET else lines.get(key, Decimal(0)))
        for key in sorted({*tasks, *deals})
    )


def _bills(look: Look) -> tuple[Decimal, ...]:
    """Return the amounts of the invoices that stand, newest first."""

    def make() -> object:
        invoices = look.moment.state.billing.invoices
        standing = [
            (one.issued_at, key, one.amount)
            for key, one in invoices.items()
            if one.issued_at is not None and one.amount is not None and one.voided_at is None
        ]
        return tuple(amount for _, _, amount in sorted(standing, reverse=True))

    found = look.moment.cached("bills", make)
    return found if isinstance(found, tuple) else ()


def _bill(number: int) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        amounts = _bills(look)
        return amounts[number] if number < len(amounts) else UNKNOWN

    return get


MOTION_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "expected_mrr": Kind.MONEY, "started": Kind.BOOL, "has_opp": Kind.BOOL,
    "open": Kind.BOOL, "stage": Kind.TEXT, "mrr": Kind.MONEY,
}  # fmt: skip
_BILLS = ("last", "before", "before_that")

FACTS: tuple[Fact, ...] = (
    fact("motions", Kind.LIST, _motions, "leads.tasks", "relationship.opportunities", "billing.product_mrr",
         fields=MOTION_FIELDS,
         doc="Products somebody means to sell beside those in use: recommended in a task, or in a cross-sell "
         "opportunity; mrr is what the product brings now."),
    *(fact(f"bills.{name}", Kind.MONEY, _bill(number), "billing.invoices", unit="USD",
           doc=f"Amount of the {('newest', 'second newest', 'third newest')[number]} invoice that stands.",
           label=("Last invoice", "Invoice before", "Invoice before that")[number])
      for number, name in enumerate(_BILLS)),
    fact("opportunities", Kind.LIST, _opportunities, "relationship.opportunities", fields=OPPORTUNITY_FIELDS,
         parts={"contact_replied_at": frozenset({"relationship.replies"})},
         doc="Opportunities as last seen, at most 30; of what no source tells of them nothing is known."),
)  # fmt: skip
