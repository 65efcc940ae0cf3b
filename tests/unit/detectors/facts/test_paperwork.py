"""Facts about grants, drafts, short payments, invoices over time, and who may buy credit in the product."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import paperwork
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import (
    CreditBalanceReported,
    CreditsGranted,
    InvoiceIssued,
    InvoicePaid,
    InvoiceVoided,
)
from signals.domain.events.described import TraitsReported
from signals.domain.events.paperwork import InvoiceDrafted, InvoiceUnderpaid

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(*events: Event, day: int = 0) -> Look:
    """Return a look at an account after the events."""
    account = Account("acme", NOW)
    for event in events:
        account = reduce(account, event, UTC)
    now = NOW + day * DAY
    return Look(Moment(account, now, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def issued(number: int, amount: int, plan: Any = "payg") -> InvoiceIssued:
    """Return an invoice of some days ago."""
    return InvoiceIssued(
        org_id="acme", at=NOW - number * DAY, invoice_id=f"in_{number}", amount=Decimal(amount), plan=plan
    )


def paid(number: int, amount: int) -> tuple[Event, ...]:
    """Return an invoice issued and paid."""
    one = issued(number, amount)
    return one, InvoicePaid(org_id="acme", at=one.at, invoice_id=one.invoice_id, amount=one.amount)


def traits(**values: Any) -> TraitsReported:
    """Return traits."""
    return TraitsReported(org_id="acme", at=NOW, traits=values)


DRAFT = InvoiceDrafted(org_id="acme", at=NOW, invoice_id="in_9", amount=Decimal(9), renewal=True)
THREE = (*paid(70, 300), *paid(40, 300), *paid(10, 240))
ALLOWED = traits(legacy_plan=False, startup_plan=False)


@pytest.mark.parametrize("one", paperwork.FACTS, ids=[one.name for one in paperwork.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """Of an empty account and of one with all of it."""
    short = InvoiceUnderpaid(org_id="acme", at=NOW, invoice_id="in_10", missing=Decimal(1))
    grant = CreditsGranted(org_id="acme", at=NOW, grant_id="g", amount=Decimal(5))
    assert conforms(look().fact(one.name), one.kind)
    assert conforms(look(*THREE, DRAFT, short, grant, ALLOWED).fact(one.name), one.kind)


def drafts(*events: Event, day: int = 0) -> list[str]:
    """Return the ids of the drafts seen."""
    found = look(*events, day=day).fact("invoice_drafts")
    assert isinstance(found, tuple)
    return [one.id for one in found]


def test_a_draft_that_was_sent_paid_or_voided_is_none() -> None:
    """Nor is one that nobody sent in two months."""
    assert drafts(DRAFT) == ["in_9"]
    assert drafts(DRAFT, day=60) == ["in_9"]
    assert drafts(DRAFT, day=61) == []
    assert drafts(InvoiceIssued(org_id="acme", at=NOW, invoice_id="in_9", amount=Decimal(9)), DRAFT) == []
    assert drafts(DRAFT, InvoiceVoided(org_id="acme", at=NOW, invoice_id="in_9")) == []


def test_credit_invoices_are_those_for_credit() -> None:
    """Drafted or sent, each once."""
    found = look(DRAFT, issued(5, 9, "credit"), issued(6, 9)).fact("credit_invoices")
    assert isinstance(found, tuple)
    assert [one.id for one in found] == ["in_5", "in_9"]


def test_a_short_payment_is_open_until_the_rest_comes() -> None:
    """An invoice we have not seen counts as open."""
    short = InvoiceUnderpaid(org_id="acme", at=NOW, invoice_id="in_10", missing=Decimal(1), cause="withholding")
    for events, still in (((short,), True), ((short, issued(10, 9)), True), ((short, *paid(10, 9)), False)):
        found = look(*events).fact("invoices_short")
        assert isinstance(found, tuple)
        assert [one.open for one in found] == [still]


def test_the_last_invoice() -> None:
    """By its issue; unknown without any."""
    assert look(issued(40, 7), issued(10, 8)).fact("last_invoice.amount") == 8
    assert look().fact("last_invoice.amount") is UNKNOWN


@pytest.mark.parametrize(
    ("events", "eligible"),
    [
        ((*THREE, ALLOWED), True),
        ((*paid(70, 300), *paid(40, 300), *paid(10, 239), ALLOWED), False),
        ((*paid(70, 900), *paid(40, 900), ALLOWED), False),
        ((*THREE, issued(5, 1), ALLOWED), False),
        ((*THREE, traits(legacy_plan=True)), False),
        ((*THREE, traits(legacy_plan=False)), UNKNOWN),
        ((*THREE,), UNKNOWN),
        ((ALLOWED,), UNKNOWN),
        ((*THREE, ALLOWED, CreditsGranted(org_id="acme", at=NOW, grant_id="g", amount=Decimal(5))), False),
        (
            (
                *THREE,
                ALLOWED,
                CreditBalanceReported(org_id="acme", at=NOW, balance=Decimal(0), as_of=date(2026, 6, 15)),
            ),
            True,
        ),
        (
            (
                *THREE,
                ALLOWED,
                CreditBalanceReported(org_id="acme", at=NOW, balance=Decimal(1), as_of=date(2026, 6, 15)),
            ),
            False,
        ),
    ],
)
def test_who_may_buy_credit_in_the_product(events: tuple[Event, ...], eligible: object) -> None:
    """280 on average of three, nothing open, and nothing that bars it; what is not known leaves it open."""
    assert look(*events).fact("selfserve.eligible") is eligible


@pytest.mark.parametrize(
    ("amount", "discount", "price", "monthly"),
    [
        (2_000, "0.10", "21600", "2000"),
        (2_083, "0.10", "22496.40", "2083"),
        (2_084, "0.20", "20006.40", "2084"),
    ],
)
def test_the_offer_in_the_product_is_a_year_of_the_last_three(
    amount: int, discount: str, price: str, monthly: str
) -> None:
    """24,000 cost 21,600 and land in twelfths; 24,996 are below the first tier, 25,008 in it."""
    seen = look(*paid(70, amount), *paid(40, amount), *paid(10, amount))
    offer = [seen.fact(f"selfserve.{part}") for part in ("discount", "price", "monthly")]
    assert offer == [Decimal(discount), Decimal(price), Decimal(monthly)]


def test_no_offer_without_three_invoices() -> None:
    """Nor where the table says custom."""
    assert look(*paid(70, 300), *paid(40, 300)).fact("selfserve.price") is UNKNOWN
    assert look(*paid(70, 90_000), *paid(40, 90_000), *paid(10, 90_000)).fact("selfserve.price") is UNKNOWN
