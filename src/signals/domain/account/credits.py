"""Prepaid credit: contracts, grants, the balance and what is consumed of it."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.account.daily import month_number
from signals.domain.events.billing import CreditBalanceReported, CreditsConsumed, CreditsGranted
from signals.domain.events.crm import ContractSigned

KEEP_MONTHS = 15
MAX_CONTRACTS = 8
MAX_GRANTS = 24
MAX_EMPTIES = 6


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order form signed by all parties."""

    starts_on: date
    term_months: int
    signed_at: datetime
    credit: Decimal | None = None
    billing: str = "upfront"
    renewal: bool = False
    volumes: dict[str, int] = {}
    """Of a flat plan: product -> units agreed for the term."""
    covers_from: date | None = None
    """The billing period it is to cover, when the customer wants one covered."""
    covers_until: date | None = None
    partly_paid: bool = False


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One grant of credit."""

    amount: Decimal
    at: datetime
    reason: str = "contract"
    effective_on: date | None = None
    expires_on: date | None = None
    given_for: str | None | UnsetType = UNSET
    noted: bool | UnsetType = UNSET
    referenced: bool | UnsetType = UNSET
    put_back: bool = False


class Credits(msgspec.Struct, frozen=True, omit_defaults=True):
    """Credit facts. Dollars; a positive balance is credit left."""

    contracts: dict[str, Contract] = {}
    grants: dict[str, Grant] = {}
    balance: Decimal | UnsetType = UNSET
    balance_on: date | None = None
    """The day the balance is of: run-out is counted from it, so a stale balance does not drift day by day."""
    balance_at: datetime | None = None
    left_at: datetime | None = None
    """Event time of the newest balance above zero."""
    empties: tuple[tuple[datetime, date], ...] = ()
    """Balances of nothing reported since: when, and of which day; the oldest few."""
    consumed: dict[int, Decimal] = {}
    """Month number -> credit-funded usage of that month."""
    consumed_at: dict[int, datetime] = {}


def contract_signed(credits: Credits, event: ContractSigned) -> Credits:
    """Add or replace the contract."""
    known = credits.contracts.get(event.contract_id)
    if known is not None and event.at < known.signed_at:
        return credits
    contract = Contract(
        event.starts_on,
        event.term_months,
        event.at,
        event.credit,
        event.billing,
        event.renewal,
        event.volumes,
        event.covers_from,
        event.covers_until,
        event.partly_paid_by_credit,
    )
    contracts = {**credits.contracts, event.contract_id: contract}
    if len(contracts) > MAX_CONTRACTS:
        del contracts[min(contracts, key=lambda key: (contracts[key].starts_on, key))]
    return msgspec.structs.replace(credits, contracts=contracts)


def credits_granted(credits: Credits, event: CreditsGranted) -> Credits:
    """Add or replace the grant, unless a later wording of it is known."""
    known = credits.grants.get(event.grant_id)
    if known is not None and event.at < known.at:
        return credits
    grant = Grant(
        event.amount,
        event.at,
        event.reason,
        event.effective_on,
        event.expires_on,
        event.given_for,
        event.noted,
        event.referenced,
        event.put_back,
    )
    grants = {**credits.grants, event.grant_id: grant}
    if len(grants) > MAX_GRANTS:
        del grants[min(grants, key=lambda key: (grants[key].at, key))]
    return msgspec.structs.replace(credits, grants=grants)


def credit_balance_reported(credits: Credits, event: CreditBalanceReported) -> Credits:
    """Replace the balance, unless a later one is known; remember since when nothing is left."""
    left_at, empties = credits.left_at, credits.empties
    if event.balance > 0:
        left_at = event.at if left_at is None or event.at > left_at else left_at
    else:
        empties = (*empties, (event.at, event.as_of))
    since = tuple(sorted({one for one in empties if left_at is None or one[0] > left_at}))[:MAX_EMPTIES]
    credits = msgspec.structs.replace(credits, left_at=left_at, empties=since)
    if credits.balance_at is not None and event.at < credits.balance_at:
        return credits
    return msgspec.structs.replace(credits, balance=event.balance, balance_on=event.as_of, balance_at=event.at)


def credits_consumed(credits: Credits, event: CreditsConsumed) -> Credits:
    """Put the month's consumption so far; the last report by event time counts, never the sum."""
    month = month_number(event.month)
    known = credits.consumed_at.get(month)
    newest = max(month, *credits.consumed) if credits.consumed else month
    if (known is not None and event.at < known) or month <= newest - KEEP_MONTHS:
        return credits
    consumed = {key: value for key, value in credits.consumed.items() if key > newest - KEEP_MONTHS}
    stamps = {key: value for key, value in credits.consumed_at.items() if key > newest - KEEP_MONTHS}
    consumed[month], stamps[month] = event.amount, event.at
    return msgspec.structs.replace(
        credits, consumed=dict(sorted(consumed.items())), consumed_at=dict(sorted(stamps.items()))
    )


CORRECTIONS = frozenset({"Promo Credit", "Incident Credit", "Bug Credit"})
"""Reasons of one-time credit that may empty a month without a loss (handbook RA); a trial accommodation is none."""


def corrections(credits: Credits, zone: tzinfo) -> dict[int, Decimal]:
    """Return month number -> one-time credit given in it for a promotion, an outage or a correction of billing."""
    found: dict[int, Decimal] = {}
    for grant in credits.grants.values():
        if grant.reason == "one_time" and grant.given_for in CORRECTIONS:
            month = month_number(grant.effective_on or grant.at.astimezone(zone).date())
            found[month] = found.get(month, Decimal(0)) + grant.amount
    return found
