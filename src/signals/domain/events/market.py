"""What we bring out and what we charge for it, as it concerns one account: broadcast, or on the CRM topic."""

from signals.domain.events.base import Count, Day, Event, Money, Name, Priced
from signals.domain.prices import require_tiers


class LaunchAnnounced(Event, frozen=True, kw_only=True, tag="launch_announced"):
    """A product, or a part of one such as a new destination, is or will be launched; told to each account it may fit.

    The last one told for the same launch counts.
    """

    product: Name
    launched_on: Day
    launch: Name | None = None
    """What is launched when it is not the whole product, such as ``Snowflake destination``."""
    targeted: bool = False
    """The account is on the list of those the launch is for."""
    fits: list[Name] = []
    """Products or tools: an account that uses one of them is one it fits."""
    shown_by: Name | None = None
    """Action by which its use is seen; without one it is any usage of the product."""


class PriceChanged(Priced, frozen=True, kw_only=True, tag="price_changed"):
    """The price of a product changes for the account.

    Tiers are written as units -> price of one unit above them, such as ``{"0": "0", "1000000": "0.00005"}``.
    """

    product: Name
    effective_on: Day
    old_prices: dict[Name, Money]
    new_prices: dict[Name, Money]
    typical_units: Count = 0
    """Units a month that an account which does not use it yet is reckoned with."""

    def __post_init__(self) -> None:
        """Refuse tiers that are none.

        Raises
        ------
        ValueError
            As for every priced event, and for tiers without a first one at 0.
        """
        Priced.__post_init__(self)
        require_tiers("old_prices", self.old_prices)
        require_tiers("new_prices", self.new_prices)
