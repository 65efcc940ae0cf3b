"""Lifecycle stages from monthly revenue (handbook RY, catalogue 8.1), and the adjustments before it (RA, 4.1 and 4.2).

Months are numbers (``month_number``). Revenue is as reported; *adjusted* revenue is what retention looks at: a spike
month counts as the mean of the two before it, a month that one-time credit emptied as the month before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from signals.detectors.language.names import UNKNOWN, Unknown

SPIKE_FACTOR = Decimal(2)
SPIKE_RISE = Decimal(1_000)
SPIKE_FALL = Decimal("0.5")
"""Handbook RA: above twice the mean of two months, by 1,000 or more, and the next month at most half of it."""

CREDIT_SHARE = Decimal("0.5")
"""Handbook RA: one-time credit of at least half the prior month's revenue."""


class Stage(StrEnum):
    """What a month was for the account."""

    NEW = "new"
    REACTIVATED = "reactivated"
    FLAT = "flat"
    GROWING = "growing"
    SHRINKING = "shrinking"
    CHURNED = "churned"


@dataclass(frozen=True)
class Month:
    """One month: its stage, adjusted revenue, that of the month before, and whether the next close may change it."""

    stage: Stage | Unknown | None
    """None: nothing was paid and nothing is paid."""
    revenue: Decimal | Unknown
    before: Decimal | Unknown
    provisional: bool = False


def _mean_before(revenue: Mapping[int, Decimal], month: int) -> Decimal | None:
    """Return the mean of the two months before; None unless both were paid."""
    one, two = revenue.get(month - 1), revenue.get(month - 2)
    return (one + two) / 2 if one and two else None


def may_be_spike(revenue: Mapping[int, Decimal], month: int) -> bool:
    """Say whether a month is a spike as far as it and the months before tell.

    >>> may_be_spike({0: Decimal(400), 1: Decimal(400), 2: Decimal(1399)}, 2)
    False
    """
    mean, current = _mean_before(revenue, month), revenue.get(month)
    return mean is not None and current is not None and current > SPIKE_FACTOR * mean and current - mean >= SPIKE_RISE


def is_spike(revenue: Mapping[int, Decimal], month: int) -> bool:
    """Say whether a month is a spike, the month after it included; without that month it is not one yet."""
    after = revenue.get(month + 1)
    return after is not None and may_be_spike(revenue, month) and after <= SPIKE_FALL * revenue[month]


def may_be_credited(revenue: Mapping[int, Decimal], credits: Mapping[int, Decimal], month: int) -> bool:
    """Say whether one-time credit of a month is at least half the revenue of the month before."""
    before = revenue.get(month - 1)
    return bool(before) and before is not None and credits.get(month, Decimal(0)) >= CREDIT_SHARE * before


def is_credited(revenue: Mapping[int, Decimal], credits: Mapping[int, Decimal], month: int) -> bool:
    """Say whether a month was only emptied by credit: the month after is back at the mean of the two before it."""
    one, two, after = revenue.get(month - 1), revenue.get(month - 2), revenue.get(month + 1)
    if one is None or two is None or after is None or not may_be_credited(revenue, credits, month):
        return False
    return after >= (one + two) / 2


def adjusted(
    revenue: Mapping[int, Decimal], credits: Mapping[int, Decimal], held: Iterable[int] = ()
) -> dict[int, Decimal]:
    """Return adjusted revenue by month.

    Parameters
    ----------
    credits
        Month -> one-time credit for promo, outage or billing correction.
    held
        Months in which a paying customer was on a trial of ours: they count at least as the month before them.
    """
    found: dict[int, Decimal] = {}
    on_trial = frozenset(held)
    for month in sorted(revenue):
        value, before = revenue[month], found.get(month - 1)
        if before is not None and is_spike(revenue, month):
            value = (before + found.get(month - 2, before)) / 2
        elif before is not None and is_credited(revenue, credits, month):
            value = before
        if month in on_trial and before is not None:
            value = max(value, before)
        found[month] = value
    return found


def stage_of(
    revenue: Mapping[int, Decimal],
    month: int,
    *,
    credits: Mapping[int, Decimal] | None = None,
    held: Iterable[int] = (),
    first_paid: int | None = None,
    whole_since: int | None = None,
) -> Month:
    """Return what a month was.

    Parameters
    ----------
    first_paid
        Month of the first payment ever, where billing told it.
    whole_since
        First month of the organization: when reports reach back to it, who paid in none of them never paid.
    """
    credited = credits or {}
    counted = adjusted(revenue, credited, held)
    if month not in counted:
        return Month(UNKNOWN, UNKNOWN, UNKNOWN)
    current, before = counted[month], counted.get(month - 1)
    reaches_back = whole_since is not None and min(counted) <= whole_since
    if before is None and (first_paid == month or (reaches_back and whole_since == month)):
        before = Decimal(0)
    if before is None:
        return Month(UNKNOWN, current, UNKNOWN)
    if (month + 1) not in counted and may_be_credited(revenue, credited, month) and current < before:
        return Month(UNKNOWN, current, before, provisional=True)  # the next month says whether it was only the credit
    provisional = (month + 1) not in counted and may_be_spike(revenue, month)
    return Month(_stage(counted, month, before, first_paid, reaches_back), current, before, provisional)


def _stage(
    counted: Mapping[int, Decimal], month: int, before: Decimal, first_paid: int | None, reaches_back: bool
) -> Stage | Unknown | None:
    current = counted[month]
    if before > 0:
        if current == 0:
            return Stage.CHURNED
        if current == before:
            return Stage.FLAT
        return Stage.GROWING if current > before else Stage.SHRINKING
    if current <= 0:
        return None
    if (first_paid is not None and first_paid < month) or any(counted[one] > 0 for one in counted if one < month):
        return Stage.REACTIVATED
    return Stage.NEW if reaches_back or first_paid == month else UNKNOWN


def declines(revenue: Mapping[int, Decimal], month: int) -> int:
    """Return how many months in a row, up to *month*, were each below the one before.

    >>> declines({1: Decimal(5), 2: Decimal(4), 3: Decimal(3)}, 3)
    2
    """
    streak = 0
    while month - 1 in revenue and month in revenue and revenue[month] < revenue[month - 1]:
        streak, month = streak + 1, month - 1
    return streak


def variation(revenue: Mapping[int, Decimal], month: int, months: int) -> Decimal | Unknown:
    """Return the coefficient of variation of the *months* up to *month*; unknown unless each was reported and paid."""
    values = [revenue[one] for one in range(month - months + 1, month + 1) if one in revenue]
    mean = sum(values, Decimal(0)) / months if len(values) == months else Decimal(0)
    if mean <= 0:
        return UNKNOWN
    return (sum(((one - mean) ** 2 for one in values), Decimal(0)) / months).sqrt() / mean
