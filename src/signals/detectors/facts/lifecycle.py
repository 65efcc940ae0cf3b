"""Facts about the last closed month: lifecycle stage of the account and of each product, swings of revenue."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from signals.detectors.facts.products import product_name
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.lifecycle import Month, Stage, adjusted, declines, stage_of, variation
from signals.detectors.moment import Look, fact
from signals.domain.account.credits import corrections
from signals.domain.account.daily import month_number, month_start
from signals.domain.account.history import trial_months

WHOLE = "account"
"""Key of the account as a whole among its products."""

SWING_MONTHS = 6
"""PROPOSED (catalogue 1.5): months over which revenue may swing."""


class StageView:
    """The last closed month of the account, or of one product."""

    __slots__ = ("before", "change", "contraction", "label", "name", "provisional", "revenue", "share", "stage")

    def __init__(self, name: str, month: Month) -> None:
        self.name, self.label = name, "the account" if name == WHOLE else product_name(name)
        self.stage = month.stage.value if isinstance(month.stage, Stage) else month.stage
        self.revenue, self.before, self.provisional = month.revenue, month.before, month.provisional
        known = isinstance(month.revenue, Decimal) and isinstance(month.before, Decimal)
        self.change: object = month.revenue - month.before if known else UNKNOWN  # type: ignore[operator]  # both known
        self.contraction: object = -self.change if isinstance(self.change, Decimal) else UNKNOWN
        self.share: object = UNKNOWN
        if isinstance(self.contraction, Decimal) and isinstance(month.before, Decimal) and month.before > 0:
            self.share = self.contraction / month.before


def _credits(look: Look) -> dict[int, Decimal]:
    return corrections(look.moment.state.credits, look.zone)


def _held(look: Look) -> range:
    until = look.moment.state.billing.trial_until
    return trial_months(look.moment.state.history, until, look.zone) if isinstance(until, date) else range(0)


def _closed(look: Look) -> int:
    return month_number(look.today) - 1


def _whole_since(look: Look) -> int | None:
    created = look.moment.created_number
    return None if created is None else month_number(date.fromordinal(created))


def _first_paid(look: Look) -> int | None:
    since = look.moment.state.billing.paying_since
    return month_number(since) if isinstance(since, date) else None


def _excluded(look: Look) -> bool:
    """Say whether the account's revenue is left out: sales flagged it as testing us and expected to leave (4.2)."""
    return look.fact("traits.revenue_trial") is True


def _before_now(look: Look) -> dict[int, Decimal]:
    """Return the revenue of closed months."""
    return {month: one for month, one in look.moment.state.billing.revenue.items() if month <= _closed(look)}


def _of_account(look: Look) -> Month:
    month = stage_of(
        _before_now(look),
        _closed(look),
        credits=_credits(look),
        held=_held(look),
        first_paid=_first_paid(look),
        whole_since=_whole_since(look),
    )
    moved = isinstance(look.fact("traits.consolidated_with"), str)
    if _excluded(look) or (moved and month.stage in (Stage.NEW, Stage.CHURNED, Stage.REACTIVATED)):
        return Month(None, month.revenue, month.before)  # moved to or from another organization of the company
    return month


def _of_product(look: Look, product: str, months: Mapping[int, Mapping[str, Decimal]]) -> Month:
    closed = _closed(look)
    revenue = {month: amounts.get(product, Decimal(0)) for month, amounts in months.items() if month <= closed}
    # A product is new when it was on none of the months kept: nobody tells when it was first paid for.
    return stage_of(revenue, closed, held=_held(look), whole_since=min(revenue, default=closed))


def _stages(look: Look) -> tuple[StageView, ...]:
    months = look.moment.state.history.product_revenue
    found = [StageView(WHOLE, _of_account(look))]
    if not _excluded(look):
        products = sorted({product for amounts in months.values() for product in amounts})
        found += [StageView(product, _of_product(look, product, months)) for product in products]
    return tuple(found)


def _account(look: Look) -> StageView:
    found = look.moment.cached("lifecycle", lambda: _stages(look))
    return found[0] if isinstance(found, tuple) else StageView(WHOLE, Month(UNKNOWN, UNKNOWN, UNKNOWN))


def _all(look: Look) -> object:
    return look.moment.cached("lifecycle", lambda: _stages(look)) if look.moment.state.billing.revenue else UNKNOWN


def _adjusted(look: Look) -> dict[int, Decimal]:
    return adjusted(_before_now(look), _credits(look), _held(look))


def _shrinking(look: Look) -> object:
    """Return the names of the products that shrank or went."""
    stages = _all(look)
    if not isinstance(stages, tuple):
        return UNKNOWN
    return frozenset(one.label for one in stages[1:] if one.stage in ("shrinking", "churned"))


def _top(look: Look) -> tuple[str, Decimal] | None:
    """Return the product with most revenue in the last three closed months, and its share; None when not known."""
    closed, months = _closed(look), look.moment.state.history.product_revenue
    spent: dict[str, Decimal] = {}
    for month in (closed, closed - 1, closed - 2):
        if month not in months:
            return None
        for product, amount in months[month].items():
            spent[product] = spent.get(product, Decimal(0)) + amount
    total = sum(spent.values(), Decimal(0))
    if total <= 0:
        return None
    product = max(spent, key=lambda one: (spent[one], one))
    return product, spent[product] / total


def _top_share(look: Look) -> object:
    top = _top(look)
    return UNKNOWN if top is None else top[1]


def _top_product(look: Look) -> object:
    top = _top(look)
    return UNKNOWN if top is None else product_name(top[0])


_REVENUE = (
    "billing.revenue", "billing.paying_since", "billing.trial_until", "credits.grants", "history.trials",
    "profile.created_at", "traits.revenue_trial", "traits.consolidated_with",
)  # fmt: skip
_PRODUCTS = "history.product_revenue"
_FIELDS = {
    "name": Kind.TEXT, "label": Kind.TEXT, "stage": Kind.TEXT, "revenue": Kind.MONEY, "before": Kind.MONEY,
    "change": Kind.MONEY, "contraction": Kind.MONEY, "share": Kind.SHARE, "provisional": Kind.BOOL,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("lifecycle.stages", Kind.LIST, _all, *_REVENUE, _PRODUCTS, daily=True, fields=_FIELDS,
         doc="The last closed month of the account (name: account) and of each product: stage and adjusted revenue."),
    fact("lifecycle.stage", Kind.TEXT, lambda look: _account(look).stage, *_REVENUE, daily=True, label="Stage",
         doc="new, reactivated, flat, growing, shrinking or churned in the last closed month; null when nothing is or "
         "was paid."),
    fact("lifecycle.month", Kind.DATE, lambda look: month_start(_closed(look)), "billing.revenue", daily=True,
         calendar=True, doc="First day of the last closed month.", label="Month"),
    fact("lifecycle.shrinking", Kind.SET, _shrinking, *_REVENUE, _PRODUCTS, daily=True, label="Products that shrank",
         doc="Products whose revenue fell or went in the last closed month."),
    fact("revenue.declines", Kind.COUNT,
         lambda look: declines(months, _closed(look)) if _closed(look) in (months := _adjusted(look)) else UNKNOWN,
         *_REVENUE, unit="months", daily=True, label="Months in a row below the one before",
         doc="Closed months in a row whose adjusted revenue was below that of the month before."),
    fact("revenue.rises", Kind.COUNT,
         lambda look: declines({month: -one for month, one in months.items()}, _closed(look))
         if _closed(look) in (months := _adjusted(look)) else UNKNOWN,
         *_REVENUE, unit="months", daily=True, label="Months in a row above the one before",
         doc="Closed months in a row whose adjusted revenue was above that of the month before."),
    fact("revenue.variation", Kind.NUMBER, lambda look: variation(_before_now(look), _closed(look), SWING_MONTHS),
         "billing.revenue", daily=True, label="Swing of revenue",
         doc="Standard deviation of six closed months' revenue by their mean."),
    fact("revenue.top_share", Kind.SHARE, _top_share, _PRODUCTS, unit="share", daily=True, label="Largest product",
         doc="Share of the largest product in the revenue of three closed months."),
    fact("revenue.top_product", Kind.TEXT, _top_product, _PRODUCTS, daily=True, label="Product",
         doc="The product with most revenue in three closed months."),
)  # fmt: skip
