"""Facts about money: spend and revenue, the subscription, invoices with the payment machine, contracts and credit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.calendar_months import contract_month, months_between
from signals.detectors.facts.products import product_name
from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.payment import InvoiceView, view_invoice
from signals.detectors.runway import (
    Runway,
    current_contract,
    ends_on,
    gap_is_covered,
    half_time,
    in_first_half,
    runway_of,
)
from signals.domain.account.credits import Contract
from signals.domain.account.daily import month_start

MARKETPLACE = "aws_marketplace"
"""``billing_method`` of those whose payments come late by way of AWS."""

INVOICE_READS = ("billing.invoices", "billing.suspended_at", "billing.restored_at", "credits.contracts",
                 "traits.billing_method", "traits.aws_payment_cleared")  # fmt: skip
"""What the payment machine depends on."""

ANNUAL_MONTHS = 12
"""A contract of a year or more follows the annual month windows (catalogue 2.2)."""


def running_contract(look: Look) -> Contract | None:
    """Return the running contract that counts, of any sort."""
    found = look.moment.cached("contract", lambda: current_contract(look.moment.state.credits, look.today))
    return found[1] if isinstance(found, tuple) else None


def credit_contract(look: Look) -> Contract | None:
    """Return the running contract when credit was bought on it in a way CreditBot covers (not the monthly drip)."""
    found = look.moment.cached(
        "credit_contract", lambda: current_contract(look.moment.state.credits, look.today, prepaid=True)
    )
    return found[1] if isinstance(found, tuple) else None


def one_time_credit(look: Look) -> Decimal:
    """Return one-time credit granted since the last invoice: it sits on the balance but is for the next invoice."""
    state = look.moment.state
    issued = [one.issued_at for one in state.billing.invoices.values() if one.issued_at is not None]
    since = max(issued, default=None)
    return sum(
        (
            grant.amount
            for grant in state.credits.grants.values()
            if grant.reason == "one_time" and grant.expires_on is None and (since is None or grant.at > since)
        ),
        Decimal(0),
    )


def credit_runway(look: Look) -> Runway | None:
    """Return the runway of the running prepaid contract; None without one, or while parts of it are unknown."""

    def make() -> object:
        contract = credit_contract(look)
        if contract is None:
            return None
        return runway_of(look.moment.state.credits, contract, look.today, one_time_credit(look))

    found = look.moment.cached("runway", make)
    return found if isinstance(found, Runway) else None


def _of_runway(field: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        runway = credit_runway(look)
        if runway is None:
            return None if credit_contract(look) is None else UNKNOWN
        value = getattr(runway, field)
        return str(value) if field == "case" and value is not None else value

    return get


def _prepaid(look: Look) -> object:
    """Say whether CreditBot covers the account: credit bought on a running contract, some of it left."""
    if credit_contract(look) is None:
        return False
    balance = look.moment.state.credits.balance
    return UNKNOWN if balance is UNSET else balance - one_time_credit(look) > 0


def _covered(look: Look) -> object:
    """Say whether a signed order form takes care of what comes after the projected run-out."""
    contract, runway = credit_contract(look), credit_runway(look)
    if contract is None or (runway is not None and runway.runout_on is None):
        return False
    if runway is None or runway.runout_on is None:
        return UNKNOWN
    return gap_is_covered(look.moment.state.credits, contract, runway.runout_on, look.zone)


def _half_time(look: Look) -> object:
    contract = credit_contract(look) or running_contract(look)
    return half_time(contract, look.today) if contract is not None else None


def _elapsed_today(look: Look) -> object:
    contract = running_contract(look)
    return months_between(contract.starts_on, look.today) if contract is not None else None


def _first_half_today(look: Look) -> object:
    contract = running_contract(look)
    return in_first_half(contract, months_between(contract.starts_on, look.today)) if contract is not None else None


def invoice_views(look: Look) -> tuple[InvoiceView, ...]:
    """Return the invoices as the payment machine sees them."""

    def make() -> object:
        state = look.moment.state
        contracts = tuple(state.credits.contracts.values())
        held = look.fact("traits.billing_method") == MARKETPLACE and look.fact("traits.aws_payment_cleared") is not True
        return tuple(
            view_invoice(
                key, state.billing, contracts, today=look.today, zone=look.zone, terms=look.moment.terms, held=held
            )
            for key in state.billing.invoices
        )

    found = look.moment.cached("invoices", make)
    return found if isinstance(found, tuple) else ()


def _arr(look: Look) -> object:
    mrr = look.moment.state.billing.mrr
    return UNKNOWN if mrr is UNSET else mrr * 12


def _closed_world(look: Look, value: object) -> object:
    """Return the value; once the billing feed has said anything, what it did not say is absent."""
    known = look.moment.state.billing.subscription_at is not None or look.moment.state.billing.spend_at is not None
    return (None if known else UNKNOWN) if value is UNSET else value


def _items(look: Look) -> object:
    items = look.moment.state.billing.items
    return UNKNOWN if items is UNSET else frozenset(items)


def _group_plan(look: Look) -> object:
    items = look.moment.state.billing.items
    return UNKNOWN if items is UNSET else items.get("group_analytics")


def _paid_products(look: Look) -> object:
    products = look.moment.state.billing.product_mrr
    return UNKNOWN if products is UNSET else frozenset(key for key, amount in products.items() if amount > 0)


def _revenue(look: Look, months_before: int) -> object:
    """Return the revenue of the newest reported month, or of one before it; unknown when that was not reported."""
    revenue = look.moment.state.billing.revenue
    if not revenue:
        return UNKNOWN
    return revenue.get(max(revenue) - months_before, UNKNOWN)


def _revenue_mean(look: Look) -> object:
    one, two = _revenue(look, 1), _revenue(look, 2)
    return (one + two) / 2 if isinstance(one, Decimal) and isinstance(two, Decimal) else UNKNOWN


def _revenue_month(look: Look) -> object:
    revenue = look.moment.state.billing.revenue
    return month_start(max(revenue)) if revenue else UNKNOWN


def _contract_date(look: Look, which: str) -> date | None:
    contract = running_contract(look)
    if contract is None:
        return None
    return contract.starts_on if which == "starts" else ends_on(contract)


def _renewal_on(look: Look) -> object:
    """Return the contract's last day (start + term - 1 day), else the earliest expiry of credit; null without both."""
    contract = running_contract(look)
    if contract is not None:
        return date.fromordinal(ends_on(contract).toordinal() - 1)
    expiries = [one.expires_on for one in look.moment.state.credits.grants.values() if one.expires_on is not None]
    ahead = [day for day in expiries if day >= look.today]
    return min(ahead, default=None)


def _contract_month(look: Look) -> object:
    """Return 1..12 in an annual (or longer) contract, null for a monthly customer."""
    contract = running_contract(look)
    if contract is None or contract.term_months < ANNUAL_MONTHS:
        return None
    return contract_month(contract.starts_on, look.today)


@dataclass(frozen=True)
class LimitView:
    """One product whose spend limit was reached, as rules see it."""

    product: str
    label: str
    period: date
    first_at: datetime
    limit: Decimal | None


def _limits_hit(look: Look) -> tuple[LimitView, ...]:
    billing = look.moment.state.billing
    return tuple(
        LimitView(product, product_name(product), hit.period, hit.first_at, billing.limits.get(product))
        for product, hit in billing.limit_hits.items()
    )


LIMIT_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "period": Kind.DATE, "first_at": Kind.INSTANT, "limit": Kind.MONEY,
}  # fmt: skip

INVOICE_FIELDS = {
    "id": Kind.TEXT, "plan": Kind.TEXT, "amount": Kind.MONEY, "open": Kind.BOOL, "paid_at": Kind.INSTANT,
    "attempts": Kind.COUNT, "last_failed_at": Kind.INSTANT, "due_on": Kind.DATE, "late_on": Kind.DATE,
    "suspend_on": Kind.DATE, "cancel_on": Kind.DATE, "suspended": Kind.BOOL, "access_off": Kind.BOOL,
    "grace": Kind.BOOL, "state": Kind.TEXT, "recovered_at": Kind.INSTANT, "url": Kind.TEXT,
}  # fmt: skip

_CREDIT_READS = ("credits.contracts", "credits.grants", "credits.balance", "credits.balance_on", "credits.consumed",
                 "billing.invoices")  # fmt: skip

_EVER_SIGNED = fact(
    "contract.ever_signed",
    Kind.BOOL,
    lambda look: bool(look.moment.state.credits.contracts),
    "credits.contracts",
    doc="A contract was signed at some time, running or not.",
)

FACTS: tuple[Fact, ...] = (
    fact("billing.mrr", Kind.MONEY, lambda look: look.moment.state.billing.mrr, "billing.mrr", unit="USD/month",
         doc="Monthly recurring revenue as billing sees it now.", label="MRR"),
    fact("billing.forecasted_mrr", Kind.MONEY, lambda look: look.moment.state.billing.forecasted_mrr,
         "billing.forecasted_mrr", unit="USD/month", doc="MRR forecast for the running month.",
         label="Forecast for this month"),
    fact("billing.arr", Kind.MONEY, _arr, "billing.mrr", unit="USD/year", doc="12 x MRR.", label="ARR"),
    fact("billing.paying_since", Kind.DATE, lambda look: look.moment.state.billing.paying_since, "billing.paying_since",
         doc="Day of the first payment."),
    fact("billing.status", Kind.TEXT, lambda look: look.moment.state.billing.status, "billing.status",
         doc="Subscription status."),
    fact("billing.interval", Kind.TEXT, lambda look: look.moment.state.billing.interval, "billing.interval",
         doc="month or year."),
    fact("billing.cancelled_at", Kind.INSTANT, lambda look: look.moment.state.billing.cancelled_at,
         "billing.cancelled_at", doc="When the subscription was cancelled; null while it is not."),
    fact("billing.cancelled_by", Kind.TEXT, lambda look: look.moment.state.billing.cancelled_by,
         "billing.cancelled_by", doc="customer, us_for_trial, payment_machine or unknown."),
    fact("billing.trial_until", Kind.DATE, lambda look: _closed_world(look, look.moment.state.billing.trial_until),
         "billing.trial_until", "billing.subscription_at", "billing.spend_at",
         doc="Last day of the running or last free trial; null when there is none."),
    fact("billing.items", Kind.SET, _items, "billing.items", doc="Products and add-ons on the subscription."),
    fact("billing.group_analytics_plan", Kind.TEXT, _group_plan, "billing.items",
         doc="Plan of the group analytics add-on; null when it is not subscribed to."),
    fact("billing.paid_products", Kind.SET, _paid_products, "billing.product_mrr", doc="Products with MRR above zero."),
    fact("billing.limits_hit", Kind.LIST, _limits_hit, "billing.limit_hits", "billing.limits", fields=LIMIT_FIELDS,
         doc="Products whose spend limit was reached, with the first hit of the newest period in which it was."),
    fact("revenue.current", Kind.MONEY, lambda look: _revenue(look, 0), "billing.revenue", unit="USD",
         doc="Revenue of the newest reported service month.", label="Revenue this month"),
    fact("revenue.before", Kind.MONEY, lambda look: _revenue(look, 1), "billing.revenue", unit="USD",
         doc="Revenue of the month before the newest."),
    fact("revenue.before_that", Kind.MONEY, lambda look: _revenue(look, 2), "billing.revenue", unit="USD",
         doc="Revenue two months before the newest."),
    fact("revenue.mean_before", Kind.MONEY, _revenue_mean, "billing.revenue", unit="USD",
         doc="Mean revenue of the two months before the newest.", label="Mean of the two months before"),
    fact("revenue.month", Kind.DATE, _revenue_month, "billing.revenue", doc="First day of the newest reported month."),
    fact("invoices", Kind.LIST, invoice_views, *INVOICE_READS, daily=True, elements_from=INVOICE_READS,
         doc="Invoices with the dates and state of the payment machine.", fields=INVOICE_FIELDS),
    fact("contract.starts_on", Kind.DATE, lambda look: _contract_date(look, "starts"), "credits.contracts", daily=True,
         doc="Start of the running contract; null without one."),
    fact("contract.ends_on", Kind.DATE, lambda look: _contract_date(look, "ends"), "credits.contracts", daily=True,
         doc="First day after the running contract; null without one."),
    fact("contract.month", Kind.COUNT, _contract_month, "credits.contracts", unit="months", daily=True,
         doc="Month 1..12 of the running contract year; null unless the term is a year or more.",
         label="Contract month"),
    fact("contract.term_months", Kind.COUNT,
         lambda look: contract.term_months if (contract := running_contract(look)) is not None else None,
         "credits.contracts", unit="months", daily=True, doc="Term of the running contract."),
    fact("contract.credit", Kind.MONEY,
         lambda look: contract.credit if (contract := credit_contract(look)) is not None else None,
         "credits.contracts", unit="USD", daily=True, doc="Credit bought on the running prepaid contract, before "
         "discount; null without one.", label="Credit bought"),
    fact("contract.first_half_until", Kind.DATE, _half_time, "credits.contracts", daily=True,
         doc="Last day on which an expansion has the initial discount: half the term, or half the contract year when "
         "paid yearly.", label="Initial discount valid until"),
    fact("contract.billing", Kind.TEXT,
         lambda look: contract.billing if (contract := running_contract(look)) is not None else None,
         "credits.contracts", daily=True, doc="upfront, yearly or drip."),
    fact("contract.elapsed_months", Kind.NUMBER, _elapsed_today, "credits.contracts", unit="months", daily=True,
         doc="Elapsed months of the running contract.", label="Months into the contract"),
    fact("contract.first_half", Kind.BOOL, _first_half_today, "credits.contracts", daily=True,
         doc="Signed today, an expansion would still fall in the first half (catalogue 3.2 A)."),
    fact("renewal.on", Kind.DATE, _renewal_on, "credits.contracts", "credits.grants", daily=True,
         doc="Last day of the running contract, else the next expiry of credit; null without both.",
         label="Renewal date"),
    _EVER_SIGNED,
    fact("credits.prepaid", Kind.BOOL, _prepaid, *_CREDIT_READS, daily=True, only_if=_EVER_SIGNED,
         doc="Credit bought on a running contract (no monthly drip), some of it left: CreditBot's scope."),
    fact("credits.balance", Kind.MONEY, _of_runway("balance"), *_CREDIT_READS, unit="USD", daily=True,
         doc="Contract credit left, without one-time credit.", label="Credit left"),
    fact("credits.burn", Kind.MONEY, _of_runway("burn"), *_CREDIT_READS, unit="USD/month", daily=True,
         doc="Mean credit-funded usage of the last three complete months.", label="Burn a month"),
    fact("credits.runway_months", Kind.NUMBER, _of_runway("months"), *_CREDIT_READS, unit="months", daily=True,
         doc="Balance / burn, from the balance's own day; null when nothing is burnt.", label="Runway"),
    fact("credits.runout_on", Kind.DATE, _of_runway("runout_on"), *_CREDIT_READS, daily=True,
         doc="Projected run-out day; null when nothing is burnt.", label="Projected run-out"),
    fact("credits.cover_end", Kind.DATE, _of_runway("cover_end"), *_CREDIT_READS, daily=True,
         doc="Contract end, or the next tranche when paid yearly.", label="Credit must last until"),
    fact("credits.months_to_cover_end", Kind.NUMBER, _of_runway("months_to_cover_end"), *_CREDIT_READS, unit="months",
         daily=True, doc="From the balance's day to the cover end.", label="Months to cover"),
    fact("credits.elapsed_at_runout", Kind.NUMBER, _of_runway("elapsed_at_runout"), *_CREDIT_READS, unit="months",
         daily=True, doc="Elapsed months of the contract at the run-out.", label="Months into the contract at run-out"),
    fact("credits.covered", Kind.BOOL, _covered, *_CREDIT_READS, daily=True,
         doc="A signed order form takes over by the projected run-out, or a renewal of at least the same size gives "
         "the rest of the term free of charge (catalogue 3.2)."),
    fact("credits.case", Kind.TEXT, _of_runway("case"), *_CREDIT_READS, daily=True,
         doc="A, B, C or tranche at the projected run-out (catalogue 3.2); null when credit lasts."),
)  # fmt: skip


def numbered(look: Look, name: str, number: int) -> str:
    """Return a key made of a name and a number, such as invoice and attempt."""
    del look
    return f"{name}#{number}"


FUNCTIONS: tuple[Function, ...] = (
    Function("numbered", (Kind.TEXT, Kind.COUNT), Kind.TEXT, numbered, numbered.__doc__ or ""),
)
