"""Running figures of one billing or contract period, as billing keeps them."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from signals.domain.events.base import Count, Day, Money, Name, Priced


class PeriodReported(Priced, frozen=True, kw_only=True, tag="period_reported"):
    """What was used in one period so far, per product. The last report of a period counts, never the sum."""

    of: Literal["billing", "contract"] = "billing"
    """``billing``: a billing period with its spend; ``contract``: the whole term of a flat plan with its volumes."""
    period_start: Day
    period_ends_on: Day
    """First day after the period."""
    spend: dict[Name, Money] = {}
    """Product key -> dollars at list price, before any discount; products not named spent nothing."""
    volumes: dict[Name, Count] = {}
    """Product key -> units; products not named had none."""
    price_cut: Annotated[
        Decimal,
        Meta(
            description="Share of the list price that is not charged.",
            extra_json_schema={"x-unit": "share", "pattern": r"^0(\.\d+)?$", "examples": ["0.20"]},
        ),
    ] = Decimal(0)
