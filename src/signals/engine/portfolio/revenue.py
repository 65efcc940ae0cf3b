"""Retention of revenue (catalogue 8.1, 8.2): NDR, GDR, cohorts, components of growth, the biggest movers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from signals.detectors.lifecycle import adjusted
from signals.domain.account.daily import month_number
from signals.domain.summary import Summary

BASE_MRR = Decimal(5000) / 12
"""A customer counts from $5K of yearly revenue in the base month (handbook RR): 416.67 does, 416.66 does not."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Retention:
    """Net and gross dollar retention as shares; None without a customer in the base month."""

    ndr: Decimal | None
    gdr: Decimal | None
    customers: int


def retention(pairs: Iterable[tuple[Decimal, Decimal]]) -> Retention:
    """Return NDR and GDR of (base month, current month) revenue; customers below $5K a year in the base are left out.

    >>> one = retention([(Decimal(1000), Decimal(1500)), (Decimal(500), Decimal(500)), (Decimal(800), Decimal(400)),
    ...                  (Decimal(600), Decimal(0)), (Decimal(300), Decimal(900))])
    >>> one.ndr.quantize(Decimal("0.0001")), one.gdr.quantize(Decimal("0.0001")), one.customers
    (Decimal('0.8276'), Decimal('0.6552'), 4)
    """
    counted = [(base, now) for base, now in pairs if base > 0 and base * 12 >= 5000]
    before = sum((base for base, _ in counted), ZERO)
    if not before:
        return Retention(None, None, 0)
    net = sum((now for _, now in counted), ZERO) / before
    gross = sum((min(base, now) for base, now in counted), ZERO) / before
    return Retention(net, gross, len(counted))


def retention_of(accounts: Iterable[Summary], month: int, back: int) -> Retention:
    """Return the retention from *back* months before *month* to it; both are month numbers of closed months."""
    return retention(
        (one.revenue.get(month - back, ZERO), one.revenue.get(month, ZERO)) for one in accounts if one.revenue
    )


def counted(accounts: Iterable[Summary], last: int) -> list[Summary]:
    """Return the accounts as retention counts them, with adjusted revenue of the months up to *last*, a closed one.

    A spike counts as the mean of the two months before it, a month that credit emptied or a trial of ours interrupted
    as the month before; accounts flagged as only trying us are left out (catalogue 4.1, 4.2, 8.2). The revenue of the
    month after tells a spike, so that the running month, of which a part is reported, must not.
    """
    return [
        msgspec.structs.replace(
            one,
            revenue=adjusted(
                {month: amount for month, amount in one.revenue.items() if month <= last}, one.corrected, one.on_trial
            ),
        )
        for one in accounts
        if not one.tries_us
    ]


def last_closed_month(day: date) -> int:
    """Return the number of the month before the one *day* is in."""
    return month_number(day) - 1


def first_paid(one: Summary) -> int | None:
    """Return the first month with revenue, as far back as months are kept."""
    return min((month for month, amount in one.revenue.items() if amount > 0), default=None)


def cohort_retention(accounts: Sequence[Summary], cohort: int, months: int) -> Decimal | None:
    """Return the share of a cohort's first revenue that is there *months* later; None for an empty cohort."""
    members = [one for one in accounts if first_paid(one) == cohort]
    before = sum((one.revenue.get(cohort, ZERO) for one in members), ZERO)
    if not before:
        return None
    return sum((one.revenue.get(cohort + months, ZERO) for one in members), ZERO) / before


def logo_retention(accounts: Iterable[Summary], cohort: int, months: int = 3) -> tuple[Decimal | None, int]:
    """Return the share of customers first billed in a month that still pay *months* later, and how many they were."""
    members = [one for one in accounts if first_paid(one) == cohort]
    staying = sum(one.revenue.get(cohort + months, ZERO) > 0 for one in members)
    return (Decimal(staying) / len(members) if members else None), len(members)


@dataclass(frozen=True)
class Components:
    """What a month's revenue is made of (8.1); contraction and churned are negative."""

    baseline: Decimal = ZERO
    new: Decimal = ZERO
    reactivated: Decimal = ZERO
    retained: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churned: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Revenue of the month."""
        return self.new + self.reactivated + self.retained + self.expansion + self.contraction

    def rate(self, part: Decimal) -> Decimal | None:
        """Return a part by the revenue of the month before; None where there was none."""
        return part / self.baseline if self.baseline else None


def components(accounts: Iterable[Summary], month: int) -> Components:
    """Return the components of one month over all accounts.

    A first paying month is new; one after a month of zero is reactivated, as is every later start.
    """
    sums = dict.fromkeys(("baseline", "new", "reactivated", "retained", "expansion", "contraction", "churned"), ZERO)
    for one in accounts:
        now, before = one.revenue.get(month, ZERO), one.revenue.get(month - 1, ZERO)
        sums["baseline"] += before
        if now > 0 and before == 0:
            earlier = any(amount > 0 for number, amount in one.revenue.items() if number < month - 1)
            sums["reactivated" if earlier else "new"] += now
        elif now == 0:
            sums["churned"] -= before
        else:
            # Growing and shrinking accounts keep what they paid before; the step is told apart.
            sums["retained"] += before
            sums["expansion" if now > before else "contraction"] += now - before
    return Components(**sums)


def movers(accounts: Iterable[Summary], month: int, least: Decimal, most: int) -> tuple[Mapping[str, Decimal], ...]:
    """Return the accounts whose revenue rose most and fell most, by name -> change, largest first."""
    changes = [
        (one.revenue.get(month, ZERO) - one.revenue.get(month - 1, ZERO), one.name)
        for one in accounts
        if month in one.revenue or month - 1 in one.revenue
    ]
    rises = sorted((one for one in changes if one[0] >= least), key=lambda one: (-one[0], one[1]))[:most]
    falls = sorted((one for one in changes if -one[0] >= least), key=lambda one: (one[0], one[1]))[:most]
    return {name: change for change, name in rises}, {name: change for change, name in falls}
