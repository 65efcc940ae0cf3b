"""Facts of the quota: which products count, what that makes of an invoice, what an annual customer uses on top."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.quota import MONTHS_A_YEAR, counted, multiplier, overage
from signals.detectors.runway import current_contract, has_credit
from signals.domain.account.billing import Invoice
from signals.domain.account.daily import month_number


@dataclass(frozen=True)
class Overage:
    """One invoice above the run rate, as rules see it."""

    id: str
    issued_on: date
    invoiced: Decimal
    run_rate: Decimal
    excess: Decimal


def _month_of(invoice: Invoice, look: Look) -> int | None:
    if invoice.issued_at is None or invoice.voided_at is not None:
        return None
    return month_number(invoice.period_start or invoice.issued_at.astimezone(look.zone).date())


def _counted(look: Look) -> frozenset[str] | None:
    """Return the products that count: by the newest invoiced month, else by what each brings a month now."""
    billing = look.moment.state.billing
    lines: dict[int, dict[str, Decimal]] = {}
    for invoice in billing.invoices.values():
        month = _month_of(invoice, look)
        if month is None or not invoice.lines:
            continue
        amounts = lines.setdefault(month, {})
        for product, amount in invoice.lines.items():
            amounts[product] = amounts.get(product, Decimal(0)) + amount
    if lines:
        return counted(lines[max(lines)])
    return None if billing.product_mrr is UNSET else counted(billing.product_mrr)


def _products(look: Look) -> object:
    found = _counted(look)
    return UNKNOWN if found is None else found


def _multiplier(look: Look) -> object:
    found = _counted(look)
    return UNKNOWN if found is None else multiplier(len(found))


def _overages(look: Look) -> tuple[Overage, ...]:
    """Return the invoices for usage since an annual contract began that lie above a twelfth of its year."""
    state = look.moment.state
    found = current_contract(state.credits, look.today)
    if found is None:
        return ()
    contract = found[1]
    if not has_credit(contract) or contract.credit is None or contract.term_months < MONTHS_A_YEAR:
        return ()
    annual = contract.credit * MONTHS_A_YEAR / contract.term_months
    overages = []
    for key, invoice in state.billing.invoices.items():
        if invoice.issued_at is None or invoice.voided_at is not None or invoice.plan == "credit":
            continue
        issued_on = invoice.issued_at.astimezone(look.zone).date()
        amount = invoice.amount
        if amount is not None and issued_on >= contract.starts_on and (excess := overage(amount, annual)) > 0:
            overages.append(Overage(key, issued_on, amount, annual / MONTHS_A_YEAR, excess))
    return tuple(overages)


_FIELDS = {
    "id": Kind.TEXT, "issued_on": Kind.DATE, "invoiced": Kind.MONEY, "run_rate": Kind.MONEY, "excess": Kind.MONEY,
}  # fmt: skip
_READS = ("billing.invoices", "billing.product_mrr")

FACTS: tuple[Fact, ...] = (
    fact("quota.counted", Kind.SET, _products, *_READS,
         doc="Primary products above $200 on the newest invoiced month; by MRR where no invoice names products.",
         label="Products that count"),
    fact("quota.multiplier", Kind.NUMBER, _multiplier, *_READS,
         doc="0.7 with one counted product or none, 0.2 more for each further one.", label="Quota multiplier"),
    fact("quota.overages", Kind.LIST, _overages, "billing.invoices", "credits.contracts", daily=True, fields=_FIELDS,
         doc="Invoices for usage since an annual contract began that exceed a twelfth of its yearly credit."),
)  # fmt: skip
