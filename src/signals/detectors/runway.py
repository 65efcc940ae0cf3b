"""Credit runway (catalogue section 3): burn, how long the balance lasts, what covers until when, which case.

The stated figure is the simple one: burn is the mean of the last three complete months, the run-out is counted from
the balance's own day (a stale balance must not drift day by day), and months are elapsed months with a fraction.
"""

from dataclasses import dataclass
from datetime import date, tzinfo
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


def current_contract(credits: Credits, today: date, *, prepaid: bool = False) -> tuple[str, Contract] | None:
    """Return the running contract that counts: the one that ends last, of those the one that began first.

    An expansion order form ends with the contract it expands, whose halves and months go on counting; a new form of a
    year beside the old one takes over (catalogue 3.2). *prepaid* leaves only those with credit that CreditBot covers:
    not the monthly drip.
    """
    running = [
        (key, contract)
        for key, contract in credits.contracts.items()
        if contract.starts_on <= today < ends_on(contract) and (not prepaid or has_credit(contract))
    ]
    return max(running, key=lambda one: (ends_on(one[1]), -one[1].starts_on.toordinal(), one[0]), default=None)


def ends_on(contract: Contract) -> date:
    """Return the first day after the term."""
    return add_months(contract.starts_on, contract.term_months)


def has_credit(contract: Contract) -> bool:
    """Say whether it bought credit in a way CreditBot covers."""
    return contract.credit is not None and contract.billing != "drip"


def gap_is_covered(credits: Credits, contract: Contract, runout_on: date, zone: tzinfo) -> bool:
    """Say whether an order form already signed takes care of what comes after the run-out.

    A form with credit that begins by the run-out does (case C). A renewal that begins at the end of the term gives the
    time until then free of charge if it was signed before the credit ran out and is at least as large (case B); the
    day of the run-out itself still counts as before it.
    """
    end = ends_on(contract)
    for other in credits.contracts.values():
        if other is contract or not has_credit(other) or other.starts_on <= contract.starts_on:
            continue
        if ends_on(other) > end and other.starts_on <= runout_on:
            return True
        large = contract.credit is None or (other.credit is not None and other.credit >= contract.credit)
        if other.starts_on == end and large and other.signed_at.astimezone(zone).date() <= runout_on:
            return True
    return False


def half_time(contract: Contract, today: date) -> date:
    """Return the last day on which an expansion still has the initial discount: half the term, or of this year."""
    if contract.billing != "yearly":
        return after_months(contract.starts_on, Decimal(contract.term_months) / 2)
    years = int(months_between(contract.starts_on, max(today, contract.starts_on))) // MONTHS_A_YEAR
    return add_months(contract.starts_on, MONTHS_A_YEAR * years + MONTHS_A_YEAR // 2)


def cover_end(contract: Contract, today: date) -> date:
    """Return the first day the credit bought so far need not cover: the end, or the next tranche when paid yearly."""
    end = ends_on(contract)
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
    if contract.billing == "yearly" and remaining > Decimal(MONTHS_A_YEAR) / 2:
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
    if credits.balance_on < contract.starts_on:
        return None  # what was left of the contract before says nothing of the credit bought on this one
    balance = credits.balance - one_time
    if balance <= 0:
        return None
    end = cover_end(contract, credits.balance_on)
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
