"""Traits of the deal: plan type, commitments, ids in other systems, who is meant to own it (catalogue 6, 10.4)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _INSTANT, _SET, _MONEY = TraitKind.DAY, TraitKind.INSTANT, TraitKind.SET, TraitKind.MONEY

COMMERCIAL: Mapping[str, Trait] = {
    "plan_type": Trait(_TEXT, "metered, flat_first_tier, upfront_first_tier, flat_unmetered; as billing names it."),
    "lifetime_value": Trait(_MONEY, "All that was ever paid.", "USD", "Lifetime value"),
    "committed_annual_spend": Trait(_MONEY, "Spend committed for a year.", "USD/year", "Committed spend"),
    "expected_arr": Trait(_MONEY, "ARR the account may come to, as its owner expects.", "USD/year", "Expected ARR"),
    "startup_plan": Trait(_BOOL, "On the startup programme, as billing metadata says."),
    "new_owner": Trait(_TEXT, "New Owner as set for a handover, such as US TAM, EU CSM, Ready to move."),
    "slack_channel": Trait(_TEXT, "Shared channel as the CRM records it; null when there is none."),
    "zendesk_id": Trait(_TEXT, "Id of the organization in the ticket system."),
    "baa_signed_on": Trait(_DAY, "Day a business associate agreement was signed."),
    "primary_use_case": Trait(_TEXT, "Use case as the owner set it: pi, release, observability, growth, ai, data, cx."),
    "embedded_products": Trait(_SET, "Products for which another provider is embedded, as the owner noted."),
    "current_period_ends_on": Trait(_DAY, "Day the running billing period ends."),
    "own_account": Trait(_BOOL, "The account is our own company's."),
    "strategy": Trait(_TEXT, "Expansion strategy in force: deeper, champions, new_teams, upward."),
    "next_team": Trait(_TEXT, "Team the account is to grow into next, as its owner noted; null when none is named."),
    "expansion_potential": Trait(_BOOL, "The owner sees a clear potential to expand."),
    "no_path_to_expand": Trait(_BOOL, "The owner noted that there is no realistic path to expand."),
    "tam_overlay": Trait(_TEXT, "Account manager beside the success manager; null when there is none."),
    "tam_capacity": Trait(_BOOL, "An account manager's book has room for one more."),
    "budget_on": Trait(_DAY, "Day the customer's next budget is decided."),
    "forcing_event_on": Trait(_DAY, "Day of a consolidation or procurement review, as a dated note of the CRM says."),
    "converted_on_old_plan": Trait(_BOOL, "Went from monthly to annual under the quota plan that counted no usage."),
    "in_office": Trait(_BOOL, "The people we work with are in an office together."),
    "teams_channel": Trait(_TEXT, "Shared channel in Microsoft Teams; null when there is none."),
    "slack_in_package": Trait(_BOOL, "Their support package includes a shared channel."),
}
