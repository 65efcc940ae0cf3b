"""Facts about the bill over time: products that came onto it, invoices that rise; daily use; the quarter."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from signals.detectors.calendar_months import add_months
from signals.detectors.facts.products import PRODUCTS, product_name
from signals.detectors.facts.windows import WEEK, witnessed
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind
from signals.detectors.moment import Look, fact

SUSTAINED_WEEKS = 4
"""Weeks after a product came onto the bill that are looked at (proposed, strategy_deeper_working)."""

DAILY_DAYS = 5
"""Of the last seven closed days: what is used on the days people work is in daily use (ours)."""

RISING_INVOICES = 3
QUARTER = 3


@dataclass(frozen=True)
class BilledView:
    """One product that came onto the bill after the first report of it, as rules see it."""

    product: str
    label: str
    at: datetime
    weeks_used: int | AtLeast
    """Weeks in a row since then with usage, at most four; of the weeks that are over."""
    days_after_strategy: int | None
    """Days from the start of the strategy in force; null without one, or when the product came before it."""


def _added(look: Look) -> tuple[BilledView, ...]:
    growth = look.moment.state.growth
    since = growth.billed_since
    if since is None:
        return ()
    strategy = look.moment.state.traits.values.get("strategy")
    start = None if strategy is None or strategy.value is None else strategy.since
    return tuple(
        BilledView(product, product_name(product), at, _weeks_used(look, product, at), _days(look, start, at))
        for product, at in growth.billed.items()
        if at > since
    )


def _days(look: Look, start: datetime | None, at: datetime) -> int | None:
    if start is None or at < start:
        return None
    return (at.astimezone(look.zone).date() - start.astimezone(look.zone).date()).days


def _weeks_used(look: Look, product: str, at: datetime) -> int | AtLeast:
    daily = look.moment.state.usage.days.get(product)
    day = at.astimezone(look.zone).date().toordinal()
    for week in range(SUSTAINED_WEEKS):
        first, last = day + WEEK * week, day + WEEK * (week + 1) - 1
        if last >= look.moment.today_number:
            return week
        if daily is None or daily.total(first, last) == 0:
            return week if witnessed(look, first, last) else AtLeast(week)
    return SUSTAINED_WEEKS


def _rising(look: Look) -> object:
    """Say whether each of the last three invoices for usage was higher than the one before."""
    invoices = [
        (one.issued_at, one.amount)
        for one in look.moment.state.billing.invoices.values()
        if one.plan == "payg" and one.issued_at is not None and one.amount is not None and one.voided_at is None
    ]
    if len(invoices) < RISING_INVOICES:
        return UNKNOWN
    amounts = [amount for _, amount in sorted(invoices)[-RISING_INVOICES:]]
    return all(later > earlier for earlier, later in pairwise(amounts))


def _daily_products(look: Look) -> object:
    """Return the products with usage on five of the last seven closed days."""
    last = look.moment.today_number - 1
    usage = look.moment.state.usage
    if not usage.reported.runs:
        return UNKNOWN
    days = range(last - WEEK + 1, last + 1)
    found = frozenset(
        product
        for product, daily in usage.days.items()
        if product in PRODUCTS and sum([daily.on(day) > 0 for day in days]) >= DAILY_DAYS
    )
    return found if found or witnessed(look, days[0], last) else UNKNOWN


def _quarter_ends(look: Look) -> date:
    month = look.today.replace(day=1, month=(look.today.month - 1) // QUARTER * QUARTER + 1)
    return add_months(month, QUARTER) - timedelta(days=1)


_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "at": Kind.INSTANT, "weeks_used": Kind.COUNT,
    "days_after_strategy": Kind.COUNT,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("bill.added", Kind.LIST, _added, "growth.billed", "growth.billed_since", "traits.strategy", "usage.days",
         "usage.reported", "profile.created_at", daily=True, fields=_FIELDS,
         elements_from=("growth.billed", "growth.billed_since"),
         doc="Products that came onto the bill after the first report of it, with the weeks of use since."),
    fact("bill.rising", Kind.BOOL, _rising, "billing.invoices",
         doc="The last three invoices for usage rose from one to the next; not known with fewer."),
    fact("products.daily", Kind.SET, _daily_products, "usage.days", "usage.reported", "profile.created_at", daily=True,
         doc="Products used on at least five of the last seven closed days.", label="Products in daily use"),
    fact("calendar.quarter_ends_on", Kind.DATE, _quarter_ends, daily=True, calendar=True, label="Quarter ends",
         doc="Last day of the running calendar quarter."),
)  # fmt: skip
