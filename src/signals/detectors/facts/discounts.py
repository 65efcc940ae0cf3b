"""Facts about the discount an account may have: of a renewal, of more credit, of a year bought instead of months.

Amounts are credit before discount, a year of it where the term is longer (catalogue 3.6); what is billed now is taken
before the discount it is billed at (3.8). Paid within 30 days and for
one year: what an order form adds to that, ``signals terms discount`` reckons.
"""

from datetime import date
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.discounts import (
    MUTUAL_DATE,
    Lever,
    better_from,
    cents,
    expansion_discount,
    levers,
    percent,
    points,
    price_of,
    total,
)
from signals.detectors.facts.contracts import CREDIT_READS
from signals.detectors.facts.money import credit_contract
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.sizing import annual_mrr_value

YEAR_MONTHS = 12
MOST_OFF = Decimal("0.99")
"""Ours: who has more taken off pays nothing worth reckoning back from."""

CUSTOM = "custom: a person decides"


def _nonprofit(look: Look) -> bool:
    return look.fact("traits.nonprofit") is True


def _bought(look: Look) -> Decimal | None:
    """Return a year's credit of the running prepaid contract."""
    contract = credit_contract(look)
    if contract is None or contract.credit is None:
        return None
    return contract.credit * YEAR_MONTHS / max(contract.term_months, YEAR_MONTHS)


def _in_time(look: Look) -> bool:
    """Say whether a renewal signed today is early."""
    until = look.fact("credits.early_renewal_until")
    return isinstance(until, date) and look.today <= until


def _renewal_parts(look: Look, *, early: bool) -> tuple[Lever, ...] | None:
    bought = _bought(look)
    return None if bought is None else levers(bought, date_agreed=early, nonprofit=_nonprofit(look))


def _known(share: Decimal | None) -> object:
    return UNKNOWN if share is None else share


def _renewal(look: Look) -> object:
    return _known(total(_renewal_parts(look, early=False)))


def _renewal_early(look: Look) -> object:
    return _known(total(_renewal_parts(look, early=True))) if _in_time(look) else UNKNOWN


def _renewal_why(look: Look) -> object:
    if _bought(look) is None:
        return UNKNOWN
    parts = _renewal_parts(look, early=False)
    if parts is None:
        return CUSTOM
    said = [one.because for one in parts]
    early = _renewal_parts(look, early=True)
    if _in_time(look) and total(early) != total(parts):
        said.append(f"{points(MUTUAL_DATE)} if signed early")
    return "; ".join(said)


def _expansion(look: Look) -> object:
    bought = _bought(look)
    return UNKNOWN if bought is None else _known(expansion_discount(bought, Decimal(0)))


def _expansion_why(look: Look) -> object:
    """Return why: the tier of the original purchase, and from which amount on an expansion has a better one."""
    bought = _bought(look)
    if bought is None:
        return UNKNOWN
    had = expansion_discount(bought, Decimal(0))
    if had is None:
        return CUSTOM
    better = better_from(bought)
    said = f"{percent(had)}, the tier of the original purchase"
    return said if better is None else f"{said}; {percent(better[1])} for ${better[0]:,} or more at once, its own tier"


def _present(look: Look) -> Decimal:
    """Return the discount on the billing customer; 0 for none, and for what is no price any more."""
    share = look.fact("traits.stripe_discount")
    return share if isinstance(share, Decimal) and 0 < share <= MOST_OFF else Decimal(0)


def _year(look: Look) -> Decimal | None:
    """Return twelve months at what billing sees now, before its discount; None while not known, or nothing."""
    mrr = look.moment.state.billing.mrr
    return None if mrr is UNSET or mrr <= 0 else annual_mrr_value(mrr * YEAR_MONTHS, _present(look))


def _year_parts(look: Look) -> tuple[Lever, ...] | None:
    year = _year(look)
    return None if year is None else levers(year, nonprofit=_nonprofit(look))


def _year_discount(look: Look) -> object:
    return _known(total(_year_parts(look)))


def _year_price(look: Look) -> object:
    year, share = _year(look), total(_year_parts(look))
    return UNKNOWN if year is None or share is None else price_of(year, share)


def _year_why(look: Look) -> object:
    year = _year(look)
    if year is None:
        return UNKNOWN
    parts, present = _year_parts(look), _present(look)
    said = [CUSTOM] if parts is None else [one.because for one in parts]
    if present:
        said.append(f"of ${cents(year):,}, the year before the present {percent(present)}")
    return "; ".join(said)


_BOUGHT = ("credits.contracts",)
_RENEWAL = (*CREDIT_READS, "traits.nonprofit")
_YEAR = ("billing.mrr", "traits.nonprofit", "traits.stripe_discount")

FACTS: tuple[Fact, ...] = (
    fact("discount.renewal", Kind.SHARE, _renewal, *_BOUGHT, "traits.nonprofit", unit="share", daily=True,
         label="Discount of a renewal as large",
         doc="Discount of a renewal that buys as much a year as the running contract; unknown where it is custom."),
    fact("discount.renewal_early", Kind.SHARE, _renewal_early, *_RENEWAL, unit="share", daily=True,
         label="Signed early",
         doc="The same while it would be early (credits.early_renewal_until); unknown afterwards."),
    fact("discount.renewal_why", Kind.TEXT, _renewal_why, *_RENEWAL, daily=True, label="Why",
         doc="The tier and the levers behind the discount of a renewal."),
    fact("discount.expansion", Kind.SHARE, _expansion, *_BOUGHT, unit="share", daily=True,
         label="Discount of more credit",
         doc="Discount of credit bought in the first half of the term, of any amount."),
    fact("discount.expansion_why", Kind.TEXT, _expansion_why, *_BOUGHT, daily=True, label="Why",
         doc="Which tier that is, and from which amount on an expansion has a better one of its own."),
    fact("discount.year", Kind.SHARE, _year_discount, *_YEAR, unit="share", label="Discount of a year of credit",
         doc="Discount of twelve months' MRR, before what is taken off now, bought as credit; unknown where it is "
         "custom."),
    fact("discount.year_price", Kind.MONEY, _year_price, *_YEAR, unit="USD/year", label="A year bought as credit",
         doc="What twelve months' MRR, before what is taken off now, cost when they are bought as credit."),
    fact("discount.year_why", Kind.TEXT, _year_why, *_YEAR, label="Why",
         doc="The tier behind the discount of a year of credit; of what amount, where a discount is taken off now."),
)  # fmt: skip
