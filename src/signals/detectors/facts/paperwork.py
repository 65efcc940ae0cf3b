"""Facts about the paper around money: grants of credit, drafts, short payments, commission, periods missed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from msgspec import UNSET, UnsetType

from signals.detectors.collection import (
    CommissionView,
    CreditInvoiceView,
    commission_of,
    credit_invoice,
    missed_in_a_row,
)
from signals.detectors.facts import startup
from signals.detectors.facts.money import INVOICE_READS, invoice_views
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.offers import (
    SELF_SERVE_INVOICES,
    SELF_SERVE_MONTHS,
    self_serve_average,
    self_serve_eligible,
    self_serve_offer,
)

FORGET_DRAFTS = timedelta(days=60)
"""A draft that old was dropped without a word."""


@dataclass(frozen=True)
class GrantView:
    """One grant of credit."""

    id: str
    amount: Decimal
    at: datetime
    reason: str
    given_for: str | None | UnsetType
    noted: bool | UnsetType
    referenced: bool | UnsetType
    expires_on: date | None


@dataclass(frozen=True)
class DraftView:
    """One invoice in draft, not sent yet."""

    id: str
    amount: Decimal
    plan: str
    renewal: bool
    at: datetime


@dataclass(frozen=True)
class ShortView:
    """One invoice of which something is missing."""

    id: str
    missing: Decimal
    cause: str
    at: datetime
    open: bool


def _grants(look: Look) -> tuple[GrantView, ...]:
    return tuple(
        GrantView(key, one.amount, one.at, one.reason, one.given_for, one.noted, one.referenced, one.expires_on)
        for key, one in look.moment.state.credits.grants.items()
    )


def _drafts(look: Look) -> tuple[DraftView, ...]:
    state = look.moment.state
    found = []
    for key, one in state.paperwork.drafts.items():
        invoice = state.billing.invoices.get(key)
        sent = invoice is not None and (invoice.issued_at is not None or not invoice.open)
        if not sent and look.now - one.at <= FORGET_DRAFTS:
            found.append(DraftView(key, one.amount, one.plan, one.renewal, one.first_at))
    return tuple(found)


def _short(look: Look) -> tuple[ShortView, ...]:
    state = look.moment.state
    found = []
    for key, one in state.paperwork.short.items():
        invoice = state.billing.invoices.get(key)
        found.append(ShortView(key, one.missing, one.cause, one.at, invoice is None or invoice.open))
    return tuple(found)


def _credit_invoices(look: Look) -> tuple[CreditInvoiceView, ...]:
    state = look.moment.state
    drafts = {one.id for one in _drafts(look) if one.plan == "credit"}
    keys = [key for key, one in state.billing.invoices.items() if one.plan == "credit" and one.issued_at is not None]
    grants, contracts = tuple(state.credits.grants.values()), tuple(state.credits.contracts.values())
    return tuple(
        credit_invoice(
            key, state.billing.invoices.get(key), state.paperwork.drafts.get(key), grants, contracts, look.zone
        )
        for key in (*keys, *sorted(drafts.difference(keys)))
    )


def _commissions(look: Look) -> tuple[CommissionView, ...]:
    invoices = look.moment.state.billing.invoices
    found = []
    for view in invoice_views(look):
        issued_at = invoices[view.id].issued_at
        if issued_at is not None:
            found.append(commission_of(view, issued_at.astimezone(look.zone).date(), look.today))
    return tuple(found)


def _missed(look: Look) -> object:
    invoices = look.moment.state.billing.invoices
    return missed_in_a_row(invoices, invoice_views(look), look.today, look.zone) if invoices else UNKNOWN


def _last_invoice(look: Look) -> object:
    issued = [
        (one.issued_at, key, one.amount)
        for key, one in look.moment.state.billing.invoices.items()
        if one.issued_at is not None and one.amount is not None and one.voided_at is None
    ]
    return max(issued)[2] if issued else UNKNOWN


def _paid(look: Look) -> list[Decimal]:
    """Return the amounts of paid invoices for usage, in the order of their issue."""
    paid = [
        (one.issued_at or one.paid_at, key, one.amount)
        for key, one in look.moment.state.billing.invoices.items()
        if one.paid_at is not None and one.plan != "credit" and one.amount is not None
    ]
    return [amount for _, _, amount in sorted(paid, key=lambda one: (str(one[0]), one[1]))]


def _average(look: Look) -> object:
    found = self_serve_average(_paid(look))
    return UNKNOWN if found is None else found


def _offer(part: str) -> Callable[[Look], object]:
    """Return what reads one part of the offer for a year at the mean of the last three invoices."""

    def get(look: Look) -> object:
        average = self_serve_average(_paid(look))
        offer = None if average is None else self_serve_offer(average * SELF_SERVE_MONTHS)
        return UNKNOWN if offer is None else getattr(offer, part)

    return get


def _eligible(look: Look) -> object:
    """Say whether credit may be bought in the product; unknown while we do not know what would bar it."""
    state = look.moment.state
    paid = _paid(look)
    if len(paid) < SELF_SERVE_INVOICES:
        return False if state.billing.invoices else UNKNOWN
    open_invoices = sum(one.open for one in state.billing.invoices.values())
    if not self_serve_eligible(paid, open_invoices=open_invoices, barred=False):
        return False
    balance = state.credits.balance
    running = any(one.expires_on is None or one.expires_on > look.today for one in state.credits.grants.values())
    held = balance > 0 if balance is not UNSET else running
    told = look.fact("traits.startup_plan")
    bars = (held, look.fact("traits.legacy_plan"), UNKNOWN if told is UNKNOWN else look.fact("startup.on_plan"))
    if any(bar is True for bar in bars):
        return False
    return UNKNOWN if UNKNOWN in bars else True


_GRANT_FIELDS = {
    "id": Kind.TEXT, "amount": Kind.MONEY, "at": Kind.INSTANT, "reason": Kind.TEXT, "given_for": Kind.TEXT,
    "noted": Kind.BOOL, "referenced": Kind.BOOL, "expires_on": Kind.DATE,
}  # fmt: skip
_DRAFT_FIELDS = {
    "id": Kind.TEXT, "amount": Kind.MONEY, "plan": Kind.TEXT, "renewal": Kind.BOOL, "at": Kind.INSTANT,
}  # fmt: skip
_SHORT_FIELDS = {
    "id": Kind.TEXT, "missing": Kind.MONEY, "cause": Kind.TEXT, "at": Kind.INSTANT, "open": Kind.BOOL,
}  # fmt: skip
_CREDIT_INVOICE_FIELDS = {
    "id": Kind.TEXT, "amount": Kind.MONEY, "open": Kind.BOOL, "paid_on": Kind.DATE, "apply_by": Kind.DATE,
    "applied": Kind.BOOL, "premature_at": Kind.INSTANT,
}  # fmt: skip
_COMMISSION_FIELDS = {
    "id": Kind.TEXT, "amount": Kind.MONEY, "quarter": Kind.TEXT, "cutoff_on": Kind.DATE, "standing": Kind.TEXT,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("grants", Kind.LIST, _grants, "credits.grants", fields=_GRANT_FIELDS,
         doc="Grants of credit, at most 24, with what was written down about each."),
    fact("invoice_drafts", Kind.LIST, _drafts, "paperwork.drafts", "billing.invoices", fields=_DRAFT_FIELDS,
         elements_from=("paperwork.drafts", "billing.invoices"), daily=True, timed=True,
         doc="Invoices in draft that were not sent, for 60 days."),
    fact("invoices_short", Kind.LIST, _short, "paperwork.short", "billing.invoices", fields=_SHORT_FIELDS,
         doc="Invoices on which less came in than was due."),
    fact("credit_invoices", Kind.LIST, _credit_invoices, "paperwork.drafts", "billing.invoices", "credits.grants",
         "credits.contracts", fields=_CREDIT_INVOICE_FIELDS, daily=True, timed=True,
         elements_from=("paperwork.drafts", "billing.invoices"),
         doc="Invoices for credit, drafted or sent, and whether the credit came before or after the money."),
    fact("commissions", Kind.LIST, _commissions, *INVOICE_READS, daily=True, elements_from=INVOICE_READS,
         fields=_COMMISSION_FIELDS,
         doc="Invoices as the quarterly payout of commission sees them: excluded, clawback, or null."),
    fact("payment.missed_in_a_row", Kind.COUNT, _missed, *INVOICE_READS, unit="count", daily=True,
         doc="Newest payment periods in a row that were not paid by day 0.", label="Periods missed in a row"),
    fact("last_invoice.amount", Kind.MONEY, _last_invoice, "billing.invoices", unit="USD",
         doc="Amount of the newest invoice.", label="Last invoice"),
    fact("billing.paid_invoices", Kind.COUNT, lambda look: len(_paid(look)), "billing.invoices", unit="count",
         doc="Paid invoices for usage of which we still know: all of the last 100 days.", label="Paid invoices"),
    fact("selfserve.average", Kind.MONEY, _average, "billing.invoices", unit="USD",
         doc="Mean of the last three paid invoices.", label="Mean of three invoices"),
    fact("selfserve.discount", Kind.SHARE, _offer("discount"), "billing.invoices", unit="share", label="Discount",
         doc="Discount of a year of credit bought in the product, sized by the last three paid invoices."),
    fact("selfserve.price", Kind.MONEY, _offer("price"), "billing.invoices", unit="USD", label="Costs",
         doc="What that year of credit costs."),
    fact("selfserve.monthly", Kind.MONEY, _offer("monthly"), "billing.invoices", unit="USD/month",
         label="Lands each month", doc="The twelfth of it that lands each month."),
    fact("selfserve.eligible", Kind.BOOL, _eligible, "billing.invoices", "traits.legacy_plan", *startup.READS,
         daily=True, doc="May buy credit in the product: three invoices paid, $280 on average, nothing open, no "
         "startup or legacy plan, no credit."),
)  # fmt: skip
