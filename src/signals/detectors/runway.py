"""Credit runway (catalogue section 3): burn, how long the balance lasts, what covers until when, which case.

The stated figure is the simple one: burn is the mean of the last three complete months, the run-out is counted from
the balance's own day (a stale balance must not drift day by day), and months are elapsed months with a fraction.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from signals.detectors.calendar_months import add_months, after_months, months_between
from signals.domain.account.credits import Contract, Credits
from signals.domain.account.daily import month_number

BURN_MONTHS = 3
"""Complete months whose mean is the burn (handbook's usual baseline, catalogue 3.1: proposed)."""

MONTHS_A_YEAR = 12


class Case(StrEnum):
    """Which of the three scenarios of catalogue 3.2 the run-out falls in."""

    FIRST_HALF = "A"
    MIDDLE = "C"
    LAST_TWO_MONTHS = "B"
    NEXT_TRANCHE = "tranche"
    """Paid yearly, not the last contract year, past its first half: next year's tranche early."""


@dataclass(frozen=True)
class Runway:
    """The runway of one prepaid contract. Money in dollars, lengths in elapsed months."""

    balance: Decimal
    burn: Decimal
    """Dollars a month."""
    months: Decimal | None
    """How long the balance lasts from its own day; None when nothing is burnt."""
    runout_on: date | None
    cover_end: date
    """First day no longer covered: contract end, or the next tranche when paid yearly."""
    months_to_cover_end: Decimal
    """From the balance's day."""
    elapsed_at_runout: Decimal | None
    case: Case | None


def current_contract(credits: Credits, today: date) -> tuple[str, Contract] | None:
    """Return the running contract that began last; of those not begun yet none."""
    running = [
        (contract.starts_on, key)
        for key, contract in credits.contracts.items()
        if contract.starts_on <= today < add_months(contract.starts_on, contract.term_months)
    ]
    if not running:
        return None
    key = max(running)[1]
    return key, credits.contracts[key]


def cover_end(contract: Contract, today: date) -> date:
    """Return the first day the credit bought so far need not cover: the end, or the next tranche when paid yearly."""
    end = add_months(contract.starts_on, contract.term_months)
    if contract.billing != "yearly":
        return end
    year = int(months_between(contract.starts_on, today)) // MONTHS_A_YEAR + 1
    return min(end, add_months(contract.starts_on, MONTHS_A_YEAR * year))


def burn_of(credits: Credits, today: date) -> Decimal | None:
    """Return the mean consumption of the last three complete months; None unless all three were reported."""
    month = month_number(today)
    known = [credits.consumed.get(month - ago) for ago in range(1, BURN_MONTHS + 1)]
    amounts = [amount for amount in known if amount is not None]
    return sum(amounts, Decimal(0)) / BURN_MONTHS if len(amounts) == BURN_MONTHS else None


def case_at(contract: Contract, elapsed: Decimal) -> Case:
    """Return the case for *elapsed* months since the contract began.

    Exactly half the term is still A; exactly two months left is C (catalogue 3.2, picks).
    """
    remaining = contract.term_months - elapsed
    if in_first_half(contract, elapsed):
        return Case.FIRST_HALF
    if contract.billing == "yearly" and remaining > MONTHS_A_YEAR / 2:
        return Case.NEXT_TRANCHE
    return Case.LAST_TWO_MONTHS if remaining < 2 else Case.MIDDLE  # handbook CT-CR


def in_first_half(contract: Contract, elapsed: Decimal) -> bool:
    """Say whether the initial discount is still valid: half the term, or half the contract year when paid yearly."""
    if contract.billing == "yearly":
        return elapsed % MONTHS_A_YEAR <= Decimal(MONTHS_A_YEAR) / 2
    return elapsed <= Decimal(contract.term_months) / 2


def runway_of(credits: Credits, contract: Contract, today: date, one_time: Decimal) -> Runway | None:
    """Return the runway; None while balance or burn is unknown, or nothing is left.

    *one_time* is credit on the same balance that is meant for the next invoice (catalogue 3.1), not for the contract.
    """
    burn = burn_of(credits, today)
    if burn is None or credits.balance_on is None or not isinstance(credits.balance, Decimal):
        return None
    balance = credits.balance - one_time
    if balance <= 0:
        return None
    end = cover_end(contract, credits.balance_on if credits.balance_on >= contract.starts_on else today)
    months = balance / burn if burn > 0 else None
    elapsed = months_between(contract.starts_on, credits.balance_on) + months if months is not None else None
    return Runway(
        balance=balance,
        burn=burn,
        months=months,
        runout_on=after_months(credits.balance_on, min(months, Decimal(1200))) if months is not None else None,
        cover_end=end,
        months_to_cover_end=months_between(credits.balance_on, end),
        elapsed_at_runout=elapsed,
        case=case_at(contract, elapsed) if elapsed is not None and elapsed <= contract.term_months else None,
    )
