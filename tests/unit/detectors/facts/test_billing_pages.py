"""What counts as an ordinary reason to look at the billing pages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import InvoiceIssued
from signals.domain.events.crm import OpportunityChanged, TicketOpened, TicketSolved, TouchLogged

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def context(*events: Event) -> object:
    """Return the fact after these events."""
    account = Account("acme", NOW)
    for event in events:
        account = reduce(account, event, UTC)
    moment = Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})
    return Look(moment).fact("billing_pages.context")


def at(days: int) -> datetime:
    """Return noon so many days ago."""
    return NOW - timedelta(days=days)


def _opportunity(is_open: bool) -> OpportunityChanged:
    return OpportunityChanged(
        org_id="acme", at=at(90), opportunity_id="o", type="convert_to_annual", stage="Demo", open=is_open
    )


def _ticket(**fields: object) -> TicketOpened:
    return TicketOpened(org_id="acme", at=at(20), ticket_id="t", **fields)  # type: ignore[arg-type]


def _invoice(days: int) -> InvoiceIssued:
    return InvoiceIssued(org_id="acme", at=at(days), invoice_id="i", amount=Decimal(5))


def _talk(days: int) -> TouchLogged:
    return TouchLogged(org_id="acme", at=at(days), medium="call", direction="outbound")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), False),
        ((_opportunity(True),), True),
        ((_opportunity(False),), False),
        ((_ticket(tags=["billing-question"]),), True),
        ((_ticket(topics=["billing"]),), True),
        ((_ticket(),), False),
        ((_ticket(topics=["billing"]), TicketSolved(org_id="acme", at=at(1), ticket_id="t")), False),
        ((_invoice(3),), True),
        ((_invoice(4),), False),
        ((_talk(3),), True),
        ((_talk(4),), False),
    ],
)
def test_context(events: tuple[Event, ...], expected: bool) -> None:
    """An open opportunity or ticket on billing at any age; a talk or an invoice for three days."""
    assert context(*events) is expected
