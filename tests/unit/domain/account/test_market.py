"""Launches and changes of price."""

from datetime import UTC, date, datetime
from decimal import Decimal

from signals.domain.account.market import MAX_LAUNCHES, Market, launch_announced, price_changed
from signals.domain.events.market import LaunchAnnounced, PriceChanged

DAY = date(2026, 6, 15)


def launch(number: int, at: int, **more: object) -> LaunchAnnounced:
    """Return a launch told at an hour of the day."""
    return LaunchAnnounced(
        org_id="o", at=datetime(2026, 6, 1, at, tzinfo=UTC), product=f"p{number}",
        launched_on=date(2026, 6, 1 + number), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_last_told_counts_whatever_the_order() -> None:
    """A later telling replaces an earlier one, and one that comes late changes nothing."""
    early, late = launch(1, 8), launch(1, 9, targeted=True)
    in_order = launch_announced(launch_announced(Market(), early), late)
    assert in_order.launches["p1"].targeted
    assert launch_announced(in_order, early) == in_order


def test_the_newest_launches_are_kept() -> None:
    """Beyond the bound the oldest launch goes."""
    market = Market()
    for number in range(MAX_LAUNCHES + 2):
        market = launch_announced(market, launch(number, 8))
    assert len(market.launches) == MAX_LAUNCHES
    assert "p0" not in market.launches


def test_a_launch_has_its_own_name() -> None:
    """Two launches of one product are told apart."""
    market = launch_announced(Market(), launch(1, 8, launch="Snowflake destination"))
    market = launch_announced(market, launch(1, 9))
    assert sorted(market.launches) == ["Snowflake destination", "p1"]


def test_the_last_price_change_counts() -> None:
    """Of two changes of one product the later told is kept."""
    prices = {"0": Decimal(1)}
    event = PriceChanged(org_id="o", at=datetime(2026, 6, 2, tzinfo=UTC), product="p", effective_on=DAY,
                         old_prices=prices, new_prices=prices)  # fmt: skip
    older = PriceChanged(org_id="o", at=datetime(2026, 6, 1, tzinfo=UTC), product="p", effective_on=DAY,
                         old_prices=prices, new_prices={"0": Decimal(2)})  # fmt: skip
    market = price_changed(Market(), event)
    assert price_changed(market, older) == market
    assert market.prices["p"].new == prices
