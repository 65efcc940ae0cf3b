"""What we launched for the account and which prices changed for it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from signals.domain.events.market import LaunchAnnounced, PriceChanged

MAX_LAUNCHES = 12
MAX_PRICE_CHANGES = 30
# Of each the newest: a launch is followed up for a month, a change of price is told once.


class Launch(msgspec.Struct, frozen=True, omit_defaults=True):
    """One launch as last told."""

    product: str
    launched_on: date
    at: datetime
    told_at: datetime
    """When it was first told."""
    launch: str | None = None
    targeted: bool = False
    fits: tuple[str, ...] = ()
    shown_by: str | None = None


class PriceChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last change of one product's price."""

    effective_on: date
    at: datetime
    old: dict[str, Decimal]
    new: dict[str, Decimal]
    typical_units: int = 0


class Market(msgspec.Struct, frozen=True, omit_defaults=True):
    """Launches by what was launched, price changes by product."""

    launches: dict[str, Launch] = {}
    prices: dict[str, PriceChange] = {}


def launch_announced(market: Market, event: LaunchAnnounced) -> Market:
    """Set the launch, unless it was told later in another way."""
    key = event.launch or event.product
    known = market.launches.get(key)
    if known is not None and event.at < known.at:
        return market
    launch = Launch(
        product=event.product,
        launched_on=event.launched_on,
        at=event.at,
        told_at=known.told_at if known is not None and known.launched_on == event.launched_on else event.at,
        launch=event.launch,
        targeted=event.targeted,
        fits=tuple(event.fits[:30]),
        shown_by=event.shown_by,
    )
    launches = {**market.launches, key: launch}
    while len(launches) > MAX_LAUNCHES:
        del launches[_oldest({name: (one.launched_on, name) for name, one in launches.items()})]
    return msgspec.structs.replace(market, launches=dict(sorted(launches.items())))


def price_changed(market: Market, event: PriceChanged) -> Market:
    """Set the change, unless a later one is known."""
    known = market.prices.get(event.product)
    if known is not None and event.at < known.at:
        return market
    change = PriceChange(
        event.effective_on, event.at, dict(event.old_prices), dict(event.new_prices), event.typical_units
    )
    prices = {**market.prices, event.product: change}
    while len(prices) > MAX_PRICE_CHANGES:
        del prices[_oldest({name: (one.effective_on, name) for name, one in prices.items()})]
    return msgspec.structs.replace(market, prices=dict(sorted(prices.items())))


def _oldest(by_name: Mapping[str, tuple[date, str]]) -> str:
    return min(by_name, key=lambda name: by_name[name])
