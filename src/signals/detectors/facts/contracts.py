"""Facts about contracts and the credit bought on them, beyond the runway: renewal, tranches, what is left, cover."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.calendar_months import add_months, months_between
from signals.detectors.facts.money import credit_contract, credit_runway, one_time_credit, running_contract
from signals.detectors.invoice_cover import cover_of, start_for
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.offers import early_renewal_until, roll_over
from signals.detectors.runway import burn_of, cover_end, ends_on, gap_is_covered, has_credit
from signals.domain.account.credits import Contract

YEAR = 12


@dataclass(frozen=True)
class ContractView:
    """One signed order form as rules see it."""

    id: str
    starts_on: date
    ends_on: date
    signed_at: datetime
    signed_on: date
    credit: Decimal | None
    billing: str
    renewal: bool
    covers_from: date | None
    covers_until: date | None
    cover: str | None
    """covered, next_period, override; null when nothing is to be covered."""


def _contracts(look: Look) -> tuple[ContractView, ...]:
    return tuple(_view(key, one, look) for key, one in look.moment.state.credits.contracts.items())


def _view(key: str, one: Contract, look: Look) -> ContractView:
    signed_on = one.signed_at.astimezone(look.zone).date()
    cover = None
    if one.covers_from is not None and one.covers_until is not None:
        cover = cover_of(
            signed_on=signed_on,
            starts_on=one.starts_on,
            covers_from=one.covers_from,
            covers_until=one.covers_until,
            partly_paid=one.partly_paid,
        )
    return ContractView(
        key, one.starts_on, ends_on(one), one.signed_at, signed_on, one.credit, one.billing, one.renewal,
        one.covers_from, one.covers_until, None if cover is None else str(cover),
    )  # fmt: skip


def _renewed(look: Look) -> object:
    """Say whether a signed order form follows on the running contract; null without one."""
    running = running_contract(look)
    if running is None:
        return None
    end = ends_on(running)
    others = (one for one in look.moment.state.credits.contracts.values() if one is not running)
    return any(ends_on(one) > end for one in others)


def _next_tranche(look: Look) -> object:
    """Return the day the next yearly tranche is due; null unless paid yearly with a contract year to come."""
    contract = credit_contract(look)
    if contract is None or contract.billing != "yearly":
        return None
    following = cover_end(contract, look.today)
    return following if following < ends_on(contract) else None


def _anniversary(look: Look) -> object:
    """Return the first day of the running contract year where discounts begin anew: paid yearly, not the first."""
    contract = credit_contract(look)
    if contract is None or contract.billing != "yearly":
        return None
    year = int(months_between(contract.starts_on, look.today)) // YEAR
    return add_months(contract.starts_on, YEAR * year) if year >= 1 else None


def _early_renewal(look: Look) -> object:
    contract = credit_contract(look)
    if contract is None:
        return None
    found = credit_runway(look)
    if found is None:
        return UNKNOWN
    return early_renewal_until(ends_on(contract) - timedelta(days=1), found.runout_on)


def _surplus(look: Look) -> object:
    """Return what will be left when the term ends: null unless all its credit has landed and some will be left."""
    contract, found = credit_contract(look), credit_runway(look)
    if contract is None:
        return None
    if found is None:
        return UNKNOWN
    if found.cover_end != ends_on(contract):
        return None
    left = found.balance - found.burn * found.months_to_cover_end
    return left if left > 0 else None


def _rolls_over(look: Look) -> object:
    """Return how much of the surplus a renewal of the same size takes over."""
    contract, left = credit_contract(look), _surplus(look)
    if contract is None or contract.credit is None or not isinstance(left, Decimal):
        return left
    return roll_over(contract.credit, left, renewed_as_large=True)


def emptied_on(look: Look) -> date | None:
    """Return the first day a balance of nothing was reported of, since there last was credit; None while there is."""
    empties = look.moment.state.credits.empties
    return min(day for _, day in empties) if empties else None


def _exhausted(look: Look) -> object:
    """Say whether a running prepaid contract has no credit left, and no signed form takes over."""
    contract, credits = credit_contract(look), look.moment.state.credits
    if contract is None:
        return False
    if credits.balance is UNSET or credits.balance_on is None or credits.balance_on < contract.starts_on:
        return UNKNOWN
    if credits.balance - one_time_credit(look) > 0:
        return False
    emptied = emptied_on(look)
    since = credits.balance_on if emptied is None or emptied < contract.starts_on else emptied
    return not gap_is_covered(credits, contract, since, look.zone)


def _exhausted_on(look: Look) -> object:
    if _exhausted(look) is not True:
        return None
    return emptied_on(look) or look.moment.state.credits.balance_on


def _lapsed_on(look: Look) -> object:
    """Return the day a prepaid contract ended that nothing followed; null otherwise."""
    contracts = look.moment.state.credits.contracts.values()
    if not contracts or running_contract(look) is not None or any(one.starts_on > look.today for one in contracts):
        return None
    ended = [ends_on(one) for one in contracts if has_credit(one)]
    return max(ended, default=None)


def _expires_on(look: Look) -> object:
    """Return the day on which credit is taken away: of bought credit the contract's end, else the next expiry."""
    contract = credit_contract(look)
    if contract is not None:
        return ends_on(contract)
    days = [
        grant.expires_on
        for grant in look.moment.state.credits.grants.values()
        if grant.expires_on is not None and grant.reason == "contract" and grant.expires_on > look.today
    ]
    return min(days, default=None)


def _start(look: Look, *, immediate: bool) -> object:
    """Return the contract start that covers the running billing period, or the one that leaves it alone."""
    day = look.fact("traits.billing_day")
    if not isinstance(day, int) or not 1 <= day <= 31:
        return UNKNOWN
    return start_for(look.today, day, immediate=immediate)


def _plan_burn(look: Look) -> object:
    contract = credit_contract(look)
    if contract is None or contract.credit is None:
        return None
    return contract.credit / contract.term_months


def _burn(look: Look) -> object:
    found = burn_of(look.moment.state.credits, look.today)
    return UNKNOWN if found is None else found


def _runway_months(look: Look) -> object:
    """Return balance / burn of whatever credit there is, startup credit too; null when nothing is burnt."""
    credits = look.moment.state.credits
    burn = burn_of(credits, look.today)
    if burn is None or credits.balance is UNSET:
        return UNKNOWN
    return credits.balance / burn if burn > 0 else None


CREDIT_READS = ("credits.contracts", "credits.grants", "credits.balance", "credits.balance_on", "credits.empties",
                "credits.consumed", "billing.invoices")  # fmt: skip
"""What the runway of a contract depends on."""

_CONTRACT_FIELDS = {
    "id": Kind.TEXT, "starts_on": Kind.DATE, "ends_on": Kind.DATE, "signed_at": Kind.INSTANT, "signed_on": Kind.DATE,
    "credit": Kind.MONEY, "billing": Kind.TEXT, "renewal": Kind.BOOL, "covers_from": Kind.DATE,
    "covers_until": Kind.DATE, "cover": Kind.TEXT,
}  # fmt: skip


def _money(name: str, get: Callable[[Look], object], doc: str, label: str, unit: str = "USD") -> Fact:
    return fact(name, Kind.MONEY, get, *CREDIT_READS, unit=unit, daily=True, doc=doc, label=label)


FACTS: tuple[Fact, ...] = (
    fact("contracts", Kind.LIST, _contracts, "credits.contracts", fields=_CONTRACT_FIELDS,
         doc="Order forms signed by all parties, at most 8; cover says what becomes of the invoice to be covered."),
    fact("contract.renewed", Kind.BOOL, _renewed, "credits.contracts", daily=True,
         doc="A signed order form reaches beyond the end of the running contract; null without one."),
    fact("contract.next_tranche_on", Kind.DATE, _next_tranche, "credits.contracts", daily=True,
         doc="Day of the next yearly tranche; null unless paid yearly with a year to come.", label="Next tranche"),
    fact("contract.anniversary_on", Kind.DATE, _anniversary, "credits.contracts", daily=True,
         doc="First day of the running contract year, from the second on, where it is paid yearly; else null."),
    fact("credits.early_renewal_until", Kind.DATE, _early_renewal, *CREDIT_READS, daily=True,
         doc="Last day to sign a renewal with the early extra: 60 days before expiry, before credit runs out.",
         label="Sign by"),
    _money("credits.surplus", _surplus, "Credit that will be left when the term ends, at today's burn; null when none "
           "will, or a tranche is still to come.", "Left at the end"),
    _money("credits.rolls_over", _rolls_over, "Of the surplus what a renewal of the same size takes over: at most half "
           "of what was bought.", "Can be rolled over"),
    fact("credits.exhausted", Kind.BOOL, _exhausted, *CREDIT_READS, daily=True,
         doc="Bought credit is used up before the contract ends, and no signed form takes over."),
    fact("credits.exhausted_on", Kind.DATE, _exhausted_on, *CREDIT_READS, daily=True,
         doc="Since when; null when it is not.", label="Credit used up on"),
    fact("credits.lapsed_on", Kind.DATE, _lapsed_on, "credits.contracts", daily=True,
         doc="Day a prepaid contract ended that nothing followed; null otherwise.", label="Contract ended"),
    fact("credits.expires_on", Kind.DATE, _expires_on, "credits.contracts", "credits.grants", daily=True,
         doc="Day on which bought credit is taken away; null without any.", label="Credit expires"),
    _money("credits.planned_burn", _plan_burn, "Credit bought / term: what a month was sized at.", "Planned a month",
           "USD/month"),
    _money("credits.any_burn", _burn, "Mean credit-funded usage of the last three complete months, of any credit.",
           "Burn a month", "USD/month"),
    fact("credits.any_runway", Kind.NUMBER, _runway_months, *CREDIT_READS, unit="months", daily=True,
         doc="Balance / burn of any credit, startup credit too; null when nothing is burnt.", label="Runway"),
    fact("cover.start_now", Kind.DATE, lambda look: _start(look, immediate=True), "traits.billing_day", daily=True,
         doc="Start of a contract signed now that covers the running billing period (catalogue 3.4).",
         label="Start that covers this period"),
    fact("cover.start_next", Kind.DATE, lambda look: _start(look, immediate=False), "traits.billing_day", daily=True,
         doc="Start of a contract signed now that leaves the running billing period to be paid.",
         label="Start with the next period"),
    fact("credits.total", Kind.MONEY, lambda look: look.moment.state.credits.balance, "credits.balance", unit="USD",
         doc="The credit balance as last reported, of any kind.", label="Credit balance"),
)  # fmt: skip
