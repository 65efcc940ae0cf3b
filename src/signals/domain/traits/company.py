"""Traits of the company: enrichment, funding, headcount, tools it uses (catalogue 10.4, 11.7 to 11.9)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _INSTANT, _SET, _MONEY = TraitKind.DAY, TraitKind.INSTANT, TraitKind.SET, TraitKind.MONEY

COMPANY: Mapping[str, Trait] = {
    "last_funding_on": Trait(_DAY, "Day the last round was announced."),
    "headcount": Trait(_COUNT, "Employees as enrichment counts them.", "count", "Headcount"),
    "headcount_180d": Trait(_COUNT, "Employees 180 days before.", "count", "Headcount 180 days ago"),
    "engineers": Trait(_COUNT, "Engineers among the employees.", "count", "Engineers"),
    "revenue": Trait(_MONEY, "Estimated yearly revenue of the company.", "USD/year", "Revenue"),
    "tools": Trait(_SET, "Tools found on the customer's site or in its code, such as Sentry, Segment, Amplitude."),
    "industry": Trait(_TEXT, "Industry."),
    "signup_role": Trait(_TEXT, "Role of the person who signed up, by enrichment."),
    "billing_country": Trait(_TEXT, "Country of the billing address.", "", "Billing country"),
    "geoip_country": Trait(_TEXT, "Country most of its people come from, by address.", "", "Country of its people"),
    "sanctions_listed": Trait(_BOOL, "The company is named on a US sanctions list."),
    "us_controlled": Trait(_BOOL, "Owned or controlled, directly or indirectly, by a US person."),
    "harmful_conduct": Trait(_BOOL, "Illegal activity, calls for violence, discrimination of protected groups."),
    "sanctions_cleared_on": Trait(_DAY, "Day the legal team recorded a clearance."),
    "legal_tier": Trait(_TEXT, "Tier as the legal team set it: banned, russia, watch, conduct, none; goes before all."),
    "senior_hire_on": Trait(_DAY, "Day a senior hire in engineering, product, data or marketing was announced."),
    "own_revenue": Trait(_MONEY, "The customer's own revenue of the last month, where they let us see it.", "USD"),
    "own_revenue_before": Trait(_MONEY, "The customer's own revenue of the month before.", "USD"),
    "own_revenue_before_that": Trait(_MONEY, "The customer's own revenue two months before the last.", "USD"),
    "sdk_dropped": Trait(
        _TEXT, "SDK in use here that a competitor does not, or no longer, support; null when none.", shared=True
    ),
    "sdk_dropped_by": Trait(_TEXT, "The competitor that does not support it.", label="Dropped by", shared=True),
    "new_host_on": Trait(_DAY, "Day a domain, host or app other than the first ones began to send events."),
    "rising_country": Trait(_TEXT, "Country whose share of the events grew most in 30 days.", label="Country"),
    "rising_country_share": Trait(_NUMBER, "Its share of the events now.", "share", "Share now"),
    "rising_country_share_before": Trait(_NUMBER, "Its share 30 days before.", "share", "Share 30 days before"),
}
