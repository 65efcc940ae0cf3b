"""What was before: who owned the account, trials, spend by week, revenue of products by month.

Each part is kept so that the order in which reports arrive does not matter, and a report told daily costs nothing.
"""

from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET

from signals.domain.account.daily import business_day, month_number, ordinal
from signals.domain.events.billing import RevenueReported, SpendReported, TrialSet
from signals.domain.events.crm import OwnerAssigned

MAX_OWNERS = 12
MAX_TRIALS = 10
KEEP_WEEKS = 20
# Of spend: a trial of four weeks, extended by a month, and what was paid before it.
KEEP_MONTHS = 15
WEEK = 7
NOBODY = ""
"""Key of the time without an owner."""


class Tenure(msgspec.Struct, frozen=True, array_like=True):
    """One owner: when first and last reported, and the role of the last time."""

    first_at: datetime
    last_at: datetime
    role: str = "other"


class Spend(msgspec.Struct, frozen=True, array_like=True):
    """MRR above zero, as the last report of a week had it."""

    at: datetime
    mrr: Decimal


class History(msgspec.Struct, frozen=True, omit_defaults=True):
    """Earlier values that rules ask for."""

    owners: dict[str, Tenure] = {}
    """Owner's id, ``NOBODY`` for none -> when."""
    trials: dict[int, datetime] = {}
    """Last day (ordinal) of a trial -> when that day was first told."""
    spend: dict[int, Spend] = {}
    """Week number (ordinal of its Monday / 7) -> the last MRR above zero of that week."""
    product_revenue: dict[int, dict[str, Decimal]] = {}
    """Month number -> product -> revenue of that service month."""
    product_revenue_at: dict[int, datetime] = {}


def week_number(day: int) -> int:
    """Return the number of the week, Monday to Sunday, that the ordinal *day* is in.

    >>> week_number(8), week_number(14), week_number(15)
    (1, 1, 2)
    """
    return (day - 1) // WEEK


def owner_assigned(history: History, event: OwnerAssigned) -> History:
    """Note the assignment; of more than ``MAX_OWNERS`` the one reported longest ago is let go."""
    key = NOBODY if event.owner is None else event.owner
    known = history.owners.get(key)
    if known is None:
        tenure = Tenure(event.at, event.at, event.role)
    else:
        role = event.role if event.at >= known.last_at else known.role
        tenure = Tenure(min(known.first_at, event.at), max(known.last_at, event.at), role)
    owners = {**history.owners, key: tenure}
    if len(owners) > MAX_OWNERS:
        del owners[min(owners, key=lambda one: (owners[one].last_at, one))]
    return msgspec.structs.replace(history, owners=dict(sorted(owners.items())))


def trial_set(history: History, event: TrialSet) -> History:
    """Note since when the trial was to run until that day."""
    if event.until is None:
        return history
    until = ordinal(event.until)
    known = history.trials.get(until)
    trials = {**history.trials, until: event.at if known is None or event.at < known else known}
    newest = sorted(trials.items())[-MAX_TRIALS:]
    return msgspec.structs.replace(history, trials=dict(newest))


def spend_reported(history: History, event: SpendReported) -> History:
    """Put the week's MRR when there is any; the last report by event time counts."""
    week = week_number(event.at.toordinal())
    known = history.spend.get(week)
    if event.mrr <= 0 or (known is not None and event.at < known.at):
        return history
    newest = max(week, *history.spend) if history.spend else week
    spend = {**history.spend, week: Spend(event.at, event.mrr)}
    kept = {key: one for key, one in sorted(spend.items()) if key > newest - KEEP_WEEKS}
    return msgspec.structs.replace(history, spend=kept)


def revenue_reported(history: History, event: RevenueReported) -> History:
    """Put the month's revenue of each product; the last report by event time counts."""
    if event.products is UNSET:
        return history
    month = month_number(event.month)
    known = history.product_revenue_at.get(month)
    newest = max(month, *history.product_revenue) if history.product_revenue else month
    if (known is not None and event.at < known) or month <= newest - KEEP_MONTHS:
        return history
    oldest = newest - KEEP_MONTHS
    revenue = {key: value for key, value in history.product_revenue.items() if key > oldest}
    stamps = {key: value for key, value in history.product_revenue_at.items() if key > oldest}
    revenue[month], stamps[month] = dict(sorted(event.products.items())), event.at
    return msgspec.structs.replace(
        history, product_revenue=dict(sorted(revenue.items())), product_revenue_at=dict(sorted(stamps.items()))
    )


def trial_begun(history: History, until: date, zone: tzinfo) -> int | None:
    """Return the ordinal of the day the trial to *until* began, extensions counted in; None when nobody told it."""
    told = history.trials.get(ordinal(until))
    if told is None:
        return None
    begun = business_day(told, zone)
    for earlier in sorted(history.trials, reverse=True):
        since = business_day(history.trials[earlier], zone)
        if since < begun <= earlier:  # it was still running when the later day was told
            begun = since
    return begun


def trial_months(history: History, until: date, zone: tzinfo) -> range:
    """Return the month numbers of that trial, from its first day's to its last day's."""
    begun = trial_begun(history, until, zone)
    return range(0) if begun is None else range(month_number(date.fromordinal(begun)), month_number(until) + 1)
