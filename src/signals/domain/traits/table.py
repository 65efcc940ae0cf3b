"""Named properties of an account that sources report as they are now: product settings, company data, contract terms.

A trait is content: one row says its kind, unit, class and meaning, and a fact ``traits.<name>`` follows, with
``changed.<name>`` for when its value last became another one. Names that stand in no table are ignored, like any field
we do not know; a value of the wrong kind makes the event a dead letter.
"""

from collections.abc import Mapping

from signals.domain.traits.benchmarks import BENCHMARKS
from signals.domain.traits.commercial import COMMERCIAL
from signals.domain.traits.company import COMPANY
from signals.domain.traits.handover import HANDOVER
from signals.domain.traits.leads import LEADS
from signals.domain.traits.money import MONEY
from signals.domain.traits.portfolio import PORTFOLIO
from signals.domain.traits.product import PRODUCT
from signals.domain.traits.trait import RawTrait, Trait, TraitValue

TRAITS: Mapping[str, Trait] = {**HANDOVER,
    **PRODUCT, **COMPANY, **COMMERCIAL, **LEADS, **MONEY, **PORTFOLIO, **BENCHMARKS,
}  # fmt: skip
"""Name -> what it is."""


def trait_value(name: str, raw: RawTrait) -> TraitValue:
    """Return the value of a reported trait in the type its kind wants.

    Raises
    ------
    ValueError
        The value is of another kind; the text names the trait, what was found and what would be valid.

    >>> trait_value("headcount", 120), trait_value("baa_signed_on", "2026-03-01")
    (120, datetime.date(2026, 3, 1))
    """
    return TRAITS[name].value(name, raw)
