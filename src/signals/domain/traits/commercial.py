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
    "csm": Trait(_TEXT, "Who looks after the account as CSM, as owners are named; null for nobody."),
    "tam": Trait(_TEXT, "Who looks after the account as TAM, as owners are named; null for nobody."),
    "relationship_level": Trait(_TEXT, "As the owner rates it: none, contact, slack_answers, trusted_advisor."),
    "account_plan_fields": Trait(_COUNT, "Filled fields of the account plan, of 27.", "count", "Fields filled"),
    "churn_trigger": Trait(_TEXT, "What put the account at risk: usage, champion, payment, export, health, renewal."),
    "churn_trigger_closed": Trait(_BOOL, "What put the account at risk is settled, as its owner ticked."),
    "churned_on": Trait(_DAY, "Day the account was lost, as the CRM records it.", "", "Churned on"),
    "local_to_owner": Trait(_BOOL, "The customer sits where its owner lives."),
    "old_owner_assigned": Trait(_BOOL, "The owner before still stands on the account in some system."),
    "onboarding_checklist": Trait(_SET, "Items of the onboarding checklist that are ticked (domain/onboarding.py)."),
    "checkpoints_reached": Trait(_SET, "Checkpoints of the use case that are ticked (domain/onboarding.py)."),
    "optimisation_approved_on": Trait(_DAY, "Day the last optimisation was approved for exclusion from quota."),
    "revenue_trial": Trait(_BOOL, "Sales flagged it: testing us, expected to leave; its revenue counts for no stage."),
    "consolidated_with": Trait(_TEXT, "Other organization of the same company it was moved to or from; null for none."),
    "customer_owner_family": Trait(
        _TEXT, "Role family of who owns our product at the customer, as key roles say: data."
    ),
    "use_case_solid": Trait(_BOOL, "The owner says that the first use case is solid."),
    "nonprofit": Trait(_BOOL, "A non-profit, as its papers show: its credit has a discount of its own."),
    "yc_plan": Trait(_BOOL, "On the YC plan."),
    "growth_plan": Trait(_BOOL, "A dated plan to exceed the threshold this quarter is on record."),
    "no_levers": Trait(_BOOL, "The owner sees no lever left."),
    "discount_agreement": Trait(_BOOL, "A discount agreement is signed."),
    "attempts_documented": Trait(_BOOL, "Attempts to expand are on record."),
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
    "steady_watch": Trait(_BOOL, "Their owner asked to hear of changes in usage either way: a steady account."),
    "accounts_on_email": Trait(_COUNT, "Accounts that share the billing email.", "count", "Accounts on this email"),
    "high_refunds_notice": Trait(_BOOL, "Billing shows a notice of high refunds.", label="Notice of high refunds"),
    "business_doubts": Trait(_BOOL, "Usage is implausible for the size, or details of the business do not add up."),
}
