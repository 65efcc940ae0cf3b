"""Settings of what we charge."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator

from signals.domain.prices import require_tiers
from signals.settings.section import Section, Word


def _tiers(tiers: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return *tiers*; raise ``ValueError`` for what is no price list."""
    require_tiers("tiers", tiers)
    return tiers


Tiers = Annotated[dict[str, Decimal], AfterValidator(_tiers)]
"""Units -> dollars for each unit above them, such as ``{"0": 0, "1000000": 0.00005}``."""


class PriceSettings(Section):
    """The price list. The handbook has none: without it no card says what a refund would be."""

    products: dict[Word, Tiers] = {}
    """Product -> its tiers: units a month -> dollars for each unit above them."""
