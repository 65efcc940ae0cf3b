"""All facts and functions joined: the names rules may use."""

from signals.detectors.facts import (
    activation,
    adopting,
    analysts,
    bills,
    care,
    contact,
    contracts,
    customer,
    deals,
    described,
    discounts,
    expansion,
    fit,
    forecast,
    incidents,
    leads,
    lifecycle,
    live,
    market,
    money,
    onboarding,
    owners,
    paperwork,
    products,
    quarter,
    refunds,
    rhythm,
    segments,
    sensitive,
    sizing,
    spikes,
    startup,
    tools,
    training,
    trends,
    trials,
    use,
    use_cases,
    usual,
    windows,
)
from signals.detectors.facts.windows import Series
from signals.detectors.language.names import Fact, Kind, Names
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily, ordinal
from signals.domain.account.intents import FirstUse, Intent
from signals.domain.account.usage import TOTAL

USAGE_READS = ("usage.days", "usage.reported")


class ProductUse:
    """First use and interest of one product, as an element."""

    __slots__ = ("activated_at", "at", "beside", "first_at", "how", "label", "product", "series", "shown_at", "times")

    def __init__(
        self, product: str, use: FirstUse | None, intent: Intent | None, beside: int = 0, daily: Daily | None = None
    ) -> None:
        self.product, self.label, self.beside = product, products.product_name(product), beside
        self.at = use.at if use is not None else None
        self.how = use.how if use is not None else None
        self.first_at = intent.first_own_at if intent is not None else None
        self.activated_at = intent.activated_at if intent is not None else None
        self.shown_at = intent.first_at if intent is not None else None
        self.times = intent.times if intent is not None else 0
        self.series = Series(product, daily or Daily())


def _series(product: str) -> Fact:
    return fact(
        f"usage.{product}",
        Kind.SERIES,
        lambda look: Series(product, look.moment.state.usage.days.get(product, Daily())),
        *USAGE_READS,
        doc=f"Units of {products.product_name(product)} per day.",
        label=products.product_name(product),
    )


def _action(name: str, action: str) -> Fact:
    return fact(
        f"actions.{name}",
        Kind.SERIES,
        lambda look: Series(f"action:{action}", look.moment.state.usage.actions.get(action, Daily())),
        f"usage.actions.{action}",
        "usage.reported",
        rises_with=frozenset({f"usage.actions.{action}"}),
        doc=f"Times somebody did '{action}', per day.",
        label=action,
    )


def _volumes(look: Look) -> tuple[Series, ...]:
    days = look.moment.state.usage.days
    several = len(days) > 2  # the total and one product are the same series
    return tuple(Series(name, daily) for name, daily in days.items() if several or name == TOTAL)


def _products(look: Look) -> tuple[Series, ...]:
    return tuple(Series(name, daily) for name, daily in look.moment.state.usage.days.items() if name != TOTAL)


def _first_uses(look: Look) -> tuple[ProductUse, ...]:
    intents = look.moment.state.intents
    return tuple(
        ProductUse(name, use, intents.intents.get(name), _used_before(look, name, use))
        for name, use in intents.first_use.items()
    )


def _used_before(look: Look, product: str, use: FirstUse) -> int:
    """Return how many other products had usage before the day of a first use.

    A report arrives the day after the day it reports, so the day of use may be the one before ``use.at``.
    """
    before = ordinal(use.at.astimezone(look.zone).date()) - 2
    return sum(
        [
            (first := daily.first_nonzero()) is not None and first <= before
            for name, daily in look.moment.state.usage.days.items()
            if name not in (product, TOTAL)
        ]
    )


def _intents(look: Look) -> tuple[ProductUse, ...]:
    intents = look.moment.state.intents
    days = look.moment.state.usage.days
    return tuple(
        ProductUse(name, intents.first_use.get(name), one, daily=days.get(name))
        for name, one in intents.intents.items()
    )


_VOLUME_FIELDS = {"name": Kind.TEXT, "label": Kind.TEXT, "series": Kind.SERIES}
_USE_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "at": Kind.INSTANT, "how": Kind.TEXT, "first_at": Kind.INSTANT,
    "activated_at": Kind.INSTANT, "times": Kind.COUNT, "beside": Kind.COUNT, "shown_at": Kind.INSTANT,
    "series": Kind.SERIES,
}  # fmt: skip

VOCABULARY: Names = Names.of(
    (
        *customer.FACTS,
        *money.FACTS,
        *contracts.FACTS,
        *discounts.FACTS,
        *startup.FACTS,
        *trials.FACTS,
        *paperwork.FACTS,
        *described.FACTS,
        *deals.FACTS,
        *leads.FACTS,
        *activation.FACTS,
        *care.FACTS,
        *onboarding.FACTS,
        *quarter.FACTS,
        *training.FACTS,
        *incidents.FACTS,
        *sensitive.FACTS,
        *sizing.FACTS,
        *use.FACTS,
        *expansion.FACTS,
        *forecast.FACTS,
        *tools.FACTS,
        *market.FACTS,
        *live.FACTS,
        *use_cases.FACTS,
        *contact.FACTS,
        *owners.FACTS,
        *segments.FACTS,
        *adopting.FACTS,
        *lifecycle.FACTS,
        *analysts.FACTS,
        *trends.FACTS,
        *rhythm.FACTS,
        *spikes.FACTS,
        *fit.FACTS,
        *bills.FACTS,
        *refunds.FACTS,
        _series(TOTAL),
        *(_series(product) for product in products.PRODUCTS),
        *(_action(name, action) for name, action in products.ACTIONS.items()),
        fact("usage.volumes", Kind.LIST, _volumes, *USAGE_READS, fields=_VOLUME_FIELDS,
             doc="The total and, when there are several products, each product's daily series."),
        fact("usage.products", Kind.LIST, _products, *USAGE_READS, fields=_VOLUME_FIELDS,
             doc="Each product's daily series."),
        fact("usage.group_types", Kind.COUNT, lambda look: look.moment.state.usage.group_types, "usage.group_types",
             unit="count", doc="Group types configured.", label="Group types"),
        fact("products.first_used", Kind.LIST, _first_uses, "intents.first_use", "intents.intents",
             fields=_USE_FIELDS, parts={"beside": frozenset({"usage.days"})},
             doc="Products with a known first use; beside is how many others were in use before it."),
        fact("products.intended", Kind.LIST, _intents, "intents.first_use", "intents.intents", fields=_USE_FIELDS,
             parts={"series": frozenset(USAGE_READS)},
             doc="Products somebody showed interest in; first_at leaves out what we suggested, shown_at does not."),
    ),
    (
        *windows.FUNCTIONS,
        *money.FUNCTIONS,
        *use.FUNCTIONS,
        *adopting.FUNCTIONS,
        *spikes.FUNCTIONS,
        *expansion.FUNCTIONS,
        *leads.FUNCTIONS,
        *quarter.FUNCTIONS,
        *refunds.FUNCTIONS,
        *trends.FUNCTIONS,
        *usual.FUNCTIONS,
    ),
)  # fmt: skip
"""Every name a rule may read."""
