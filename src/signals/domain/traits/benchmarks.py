"""Traits that compare an account with all others: where a quantile or a rank begins, the same for every account.

Whoever computes them broadcasts them (``org_id`` ``*``); the time of the event is the day they are as of.
"""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

BENCHMARKS: Mapping[str, Trait] = {
    "icp_top_decile_from": Trait(
        TraitKind.NUMBER, "Ideal-customer score from which an organization is in the top tenth of all.", shared=True
    ),
    "top_40_from": Trait(
        TraitKind.MONEY, "ARR of the fortieth largest account.", "USD/year", "ARR of number 40", shared=True
    ),
}
"""Name -> what it is."""
