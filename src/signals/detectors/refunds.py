"""Refunds for spikes: who may have one, how much, and who decides (catalogue 4.3, 4.4). Pure functions.

The baseline is the mean of the three months before. Money is the price of the spike minus the price of the baseline,
product by product, never the price of the difference: prices come in tiers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from signals.domain.prices import cost

FIRST_BILL_ABOVE = Decimal(1)
ASK_WITHIN = timedelta(days=30)
TIMES_FOR_200 = 3
"""Up by more than 200 % is more than three times the mean (the literal reading, contradiction 28)."""
REVOPS_FROM = Decimal(1667)
HALF = Decimal("0.5")


class Scenario(StrEnum):
    """What happened."""

    LEARNING_CURVE = "learning curve"
    STARDOM = "unexpected stardom"
    ATTACK = "under attack"
    WRONG_SETUP = "wrong setup"


class Way(StrEnum):
    """How the money goes back."""

    CREDIT = "credit"
    CREDIT_NOTE = "refund by a credit note"
    OVERDUE = "credit note, by revenue operations"
    REVOPS = "revenue operations"


BY_REVOPS = frozenset({Way.OVERDUE, Way.REVOPS})
"""Ways that support cannot go: who goes them decides as well."""


@dataclass(frozen=True)
class Claim:
    """What is known of one request for a refund. None is "nobody told us": ``to_check`` names it for a person."""

    billed_on: date
    asked_on: date | None
    """None: nobody asked yet."""
    first_bill: Decimal | None = None
    """Amount of the first bill, when this is it."""
    new_or_off_startup: bool = False
    usage: int = 0
    months_before: tuple[int, ...] = ()
    """Units of the three months before the spike."""
    no_revenue: bool | None = False
    hobby_project: bool | None = False
    attacked: bool | None = False
    unintended_features: bool | None = False
    explained: bool | None = True
    fraud: bool | None = False
    stopped: bool | None = True
    """The spike has ended."""
    measure_taken: bool | None = True
    """A billing limit is set, or the cause is removed."""


def baseline(months: Sequence[int]) -> Decimal:
    """Return the mean usage of the months before the spike.

    >>> baseline((900_000, 1_000_000, 1_100_000))
    Decimal('1000000')
    """
    return Decimal(sum(months)) / len(months)


def overage(spike: int, months: Sequence[int]) -> Decimal:
    """Return the units above the baseline; nothing when there are none."""
    return max(spike - baseline(months), Decimal(0))


def up_by_200(spike: int, months: Sequence[int]) -> bool:
    """Say whether usage is up by more than 200 % on the baseline."""
    return spike > TIMES_FOR_200 * baseline(months)


def steepest(units: Mapping[str, int], months: Mapping[str, Sequence[int]]) -> str:
    """Return the product, of one or more, that grew most on its months before.

    From nothing to something is more than any growth; the larger of two that grew alike. A product whose months are
    not known comes last: nobody can say how much it grew.

    >>> steepest({"a": 3_000_000, "b": 1010}, {"a": (0, 0, 0), "b": (1000, 1000, 1000)})
    'a'
    """

    def growth(product: str) -> tuple[bool, Decimal, int]:
        before = months.get(product, ())
        usual = baseline(before) if before else Decimal(0)
        from_nothing = Decimal("Infinity") if units[product] else Decimal(0)
        return bool(before), units[product] / usual if usual else from_nothing, units[product]

    return max(units, key=growth)


def refund(tiers: Mapping[str, Decimal], spike: int, usual: int | Decimal) -> Decimal:
    """Return the money of one product's overage: price(spike) - price(baseline)."""
    return max(cost(tiers, spike) - cost(tiers, usual), Decimal(0))


def refund_lines(
    spikes: Mapping[str, int], usual: Mapping[str, int | Decimal], prices: Mapping[str, Mapping[str, Decimal]]
) -> dict[str, Decimal]:
    """Return one line of money per product with an overage; the refund is their sum."""
    lines = {name: refund(prices[name], units, usual.get(name, 0)) for name, units in spikes.items() if name in prices}
    return {name: amount for name, amount in lines.items() if amount > 0}


def scenario(claim: Claim) -> Scenario | None:
    """Return the scenario that a claim falls under, None when it fits none."""
    billed = claim.first_bill is not None and claim.first_bill > FIRST_BILL_ABOVE
    spiked = bool(claim.months_before) and up_by_200(claim.usage, claim.months_before)
    if claim.attacked and claim.months_before and overage(claim.usage, claim.months_before) > 0:
        return Scenario.ATTACK
    if claim.unintended_features:
        return Scenario.WRONG_SETUP
    if (billed or spiked) and (claim.no_revenue or claim.hobby_project):
        return Scenario.STARDOM
    if claim.new_or_off_startup and billed:
        return Scenario.LEARNING_CURVE
    return None


def refusals(claim: Claim) -> tuple[str, ...]:
    """Return what stands against a claim, in words; empty when nothing known does. A first bill never replaces this."""
    found = []
    if claim.asked_on is not None and claim.asked_on - claim.billed_on > ASK_WITHIN:
        found.append("asked more than 30 days after the billing date")
    if claim.explained is False or (scenario(claim) is None and not _may_fit(claim)):
        found.append("no reasonable explanation that fits a scenario")
    if claim.fraud:
        found.append("signs of fraud")
    if claim.stopped is False:
        found.append("usage has not stopped")
    if claim.measure_taken is False:
        found.append("no measure against a repeat, such as a billing limit")
    return tuple(found)


def to_check(claim: Claim) -> tuple[str, ...]:
    """Return what a person has to find out before the claim can be decided, in words.

    >>> to_check(Claim(date(2026, 6, 1), None, unintended_features=True, fraud=None))
    ('signs of fraud',)
    """
    found = []
    if claim.explained is None or (scenario(claim) is None and _may_fit(claim)):
        found.append("which scenario explains it")
    if claim.fraud is None:
        found.append("signs of fraud")
    if claim.stopped is None:
        found.append("whether usage has stopped")
    if claim.measure_taken is None:
        found.append("a measure against a repeat")
    return tuple(found)


def _may_fit(claim: Claim) -> bool:
    """Say whether what nobody told yet may still make it one of the scenarios."""
    return None in (claim.no_revenue, claim.hobby_project, claim.attacked, claim.unintended_features)


@dataclass(frozen=True)
class Repeat:
    """What a repeated incident may get back."""

    most: Decimal
    """Largest share of the overage."""
    advice: str


def repeat(incident: int, *, fixed: bool = True, our_fault: bool = False) -> Repeat:
    """Return what the n-th incident may get: the first by the rules, an unfixed second half, later ones nothing.

    A fault of ours is no repeat of theirs.
    """
    if incident <= 1 or our_fault:
        return Repeat(Decimal(1), "Standard rules, with advice how to prevent it.")
    if incident > 2:  # the third
        return Repeat(Decimal(0), "May be declined, unless something extraordinary happened.")
    if fixed:
        return Repeat(Decimal(1), "Full or partial by severity; say that repeats may not be refunded.")
    return Repeat(HALF, "A window to fix it, and up to half on that condition; say that repeats may not be refunded.")


def decided_by(
    spend: Decimal,
    *,
    refused: Sequence[str] = (),
    something_off: bool = False,
    several_lately: bool = False,
    invoice_must_change: bool = False,
    way: Way | None = None,
) -> str:
    """Return who decides: support, or revenue operations for large, odd, repeated or refused cases.

    *way*: how the money would go back; where that is for revenue operations to do, they decide on it too.
    """
    odd = something_off or several_lately or invoice_must_change or bool(refused) or way in BY_REVOPS
    return "revops" if odd or spend >= REVOPS_FROM else "support"


def way_back(*, period_open: bool, invoice_final: bool, first_time: bool, overdue: bool = False) -> Way:
    """Return how the money goes back: credit, refund (by a credit note), or revenue operations.

    >>> print(way_back(period_open=False, invoice_final=True, first_time=True))
    refund by a credit note
    """
    if overdue:
        return Way.OVERDUE
    if period_open and not invoice_final:
        return Way.CREDIT
    return Way.CREDIT_NOTE if first_time else Way.REVOPS
