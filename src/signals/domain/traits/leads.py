"""Traits of leads: what enrichment and the people who work them say of fit, size, waste and path (catalogue 7, 1.8)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _SET, _MONEY = TraitKind.DAY, TraitKind.SET, TraitKind.MONEY

LEADS: Mapping[str, Trait] = {
    "us_state": Trait(_TEXT, "State of the USA the company sits in, in full."),
    "lead_role": Trait(_TEXT, "Role family of the person who came as a lead, such as engineering, product, founder."),
    "lead_sub_role": Trait(_TEXT, "Their narrower role, such as software_engineer, ceo."),
    "email_domain_kind": Trait(_TEXT, "business or webmail: the domain of the address they signed up with."),
    "icp_percentile": Trait(_NUMBER, "Share of scored organizations with a lower ideal-customer score.", "share"),
    "fit_revenue": Trait(_BOOL, "Revenue fits the ideal customer."),
    "fit_title": Trait(_BOOL, "Title of the person fits the ideal customer."),
    "fit_industry": Trait(_BOOL, "Industry fits the ideal customer."),
    "network_high_spender": Trait(_BOOL, "Spends a lot in the payment provider's network."),
    "web_growth": Trait(_NUMBER, "Growth of website visits or social followers over 90 days.", "share"),
    "waste_mrr": Trait(_MONEY, "Part of MRR that comes from misconfiguration.", "USD/month", "Estimated waste"),
    "lead_added_on": Trait(_DAY, "Day the account was added to Leads or assigned as a lead."),
    "lead_decision": Trait(_TEXT, "What was decided of the lead: book, nurture or release; null while nothing is."),
    "expansion_lever": Trait(_BOOL, "There is a way to grow the account, as who works it judges."),
    "lead_urgent": Trait(_BOOL, "There is a reason to act now, as who works the lead judges."),
    "growth_potential_high": Trait(_BOOL, "High expansion potential, as the owner judges."),
    "guided_evaluation": Trait(_BOOL, "A guided evaluation has enough value, as the owner judges."),
    "services_reasons": Trait(
        _SET,
        "What speaks for paid services: complex, asked_paid, one_place, not_set_up, codebase_access, help_products.",
    ),
    "arr_on_free_credit": Trait(_MONEY, "Part of ARR that free credit pays.", "USD/year", "ARR on free credit"),
    "slack_in_support_package": Trait(_BOOL, "A support package includes a shared channel."),
}
