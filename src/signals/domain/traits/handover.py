"""Traits of a handover between owners: what was agreed, what is left to sell, what was ticked (catalogue 1.11)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _SET = TraitKind.BOOL, TraitKind.SET

HANDOVER: Mapping[str, Trait] = {
    "discount_agreed": Trait(_BOOL, "A discount is agreed in the contract, as the owner ticked."),
    "levers_left": Trait(_BOOL, "Something is left to sell or to negotiate, as the owner sees it."),
    "tae_retains": Trait(_BOOL, "The account executive of the trial keeps the account for a year."),
    "top_40": Trait(_BOOL, "Among the forty largest accounts."),
    "handover_checklist": Trait(
        _SET,
        "What is true before a handover: users_approached, products_ruled_out, packages_reviewed, teams_checked, "
        "company_products_checked.",
    ),
}
"""Name -> what it is."""
