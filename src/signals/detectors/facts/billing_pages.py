"""Whether a look at the billing pages has an ordinary reason: what churn and expansion rules on them share."""

from datetime import datetime, timedelta

from signals.detectors.language.names import Fact, Kind
from signals.detectors.moment import Look, fact

RECENT = timedelta(days=3)
"""Catalogue billing_page_visits: a conversation or an invoice of the last three days is context."""


def _context(look: Look) -> bool:
    """Say whether an opportunity or a ticket on billing is open, or a talk or an invoice is at most three days old."""
    relationship = look.moment.state.relationship
    if any(one.open for one in relationship.opportunities.values()):
        return True
    if any(one.billing and one.solved_at is None for one in relationship.tickets.values()):
        return True
    issued = [one.issued_at for one in look.moment.state.billing.invoices.values()]
    return any(_recent(look, at) for at in (relationship.inbound_at, relationship.outbound_at, *issued))


def _recent(look: Look, at: datetime | None) -> bool:
    return at is not None and look.today - at.astimezone(look.zone).date() <= RECENT


FACTS: tuple[Fact, ...] = (
    fact("billing_pages.context", Kind.BOOL, _context, "relationship.opportunities", "relationship.tickets",
         "relationship.inbound_at", "relationship.outbound_at", "billing.invoices", daily=True,
         doc="A reason to look at billing: an open opportunity, an open ticket about billing, a conversation or an "
         "invoice of today or the three days before."),
)  # fmt: skip
