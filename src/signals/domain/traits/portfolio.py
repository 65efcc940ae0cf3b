"""Traits of subjects that stand for several accounts: all accounts, a book, a product, a cohort, a type of lead.

The role ``report`` computes them from summaries and reports them like any source, under the id of the subject
(``all-accounts``, ``book:<owner>``, ``product:<key>``, ``cohort:<YYYY-MM>``, ``lead-type:<source>``); a few are told by
people. No account of a customer ever has one, so no rule over them holds there.
"""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _SET, _MONEY = TraitKind.DAY, TraitKind.SET, TraitKind.MONEY

PORTFOLIO: Mapping[str, Trait] = {
    # all-accounts
    "ndr": Trait(_NUMBER, "Net dollar retention over twelve months.", "share", "NDR, 12 months"),
    "ndr_6m": Trait(_NUMBER, "Net dollar retention over six months.", "share", "NDR, 6 months"),
    "ndr_3m": Trait(_NUMBER, "Net dollar retention over three months.", "share", "NDR, 3 months"),
    "gdr": Trait(_NUMBER, "Gross dollar retention over twelve months.", "share", "GDR, 12 months"),
    "gdr_before": Trait(_NUMBER, "Gross dollar retention a month before.", "share", "GDR a month ago"),
    "retention_customers": Trait(_COUNT, "Customers that count for retention.", "count", "Customers counted"),
    "month_baseline": Trait(_MONEY, "Adjusted revenue of the month before the last.", "USD", "Revenue to begin with"),
    "month_new_rate": Trait(_NUMBER, "Revenue of new customers, by the month before.", "share", "New"),
    "month_reactivated_rate": Trait(
        _NUMBER, "Revenue of customers who came back, by the month before.", "share", "Came back"
    ),
    "month_expansion_rate": Trait(_NUMBER, "What customers pay more, by the month before.", "share", "Expansion"),
    "month_contraction_rate": Trait(
        _NUMBER, "What customers pay less, by the month before; negative.", "share", "Contraction"
    ),
    "month_churn_rate": Trait(_NUMBER, "What lost customers paid, by the month before.", "share", "Churn"),
    "risers": Trait(_SET, "Accounts whose revenue rose most last month, with the change."),
    "fallers": Trait(_SET, "Accounts whose revenue fell most last month, with the change."),
    "onboarding_retention": Trait(_NUMBER, "Customers first billed three months ago that still pay.", "share"),
    "onboarding_customers": Trait(_COUNT, "Customers first billed three months ago.", "count"),
    "average_products": Trait(_NUMBER, "Products managed accounts pay for, on average.", "products"),
    "signups": Trait(_COUNT, "Organizations created on the last complete day.", "count", "Signups"),
    "signups_usual": Trait(_NUMBER, "Mean of the four same weekdays before.", "count", "Usual signups"),
    "enrichment_writes": Trait(_COUNT, "Organizations enriched on the last complete day.", "count", "Enriched"),
    "enrichment_paused": Trait(_BOOL, "Enrichment is paused on purpose, as somebody told."),
    "enrichment_gap": Trait(_COUNT, "Organizations of the last 30 days without enrichment.", "count", "Not enriched"),
    "disqualified": Trait(_COUNT, "Lead tasks disqualified in 90 days.", "count", "Disqualified"),
    "disqualified_other": Trait(_NUMBER, "Share of them with the reason Other.", "share", "Reason Other"),
    "below_threshold": Trait(_COUNT, "Tasks below the sales-assist threshold, 90 days and older.", "count"),
    "below_threshold_quiet": Trait(_NUMBER, "Share of them without activity since.", "share"),
    "quarter_started_on": Trait(_DAY, "First day of the running quarter."),
    "unowned_accounts": Trait(_SET, "Accounts of $20K ARR or more without an owner."),
    "flagged_handovers": Trait(_SET, "Accounts flagged for another owner."),
    "full_books": Trait(_SET, "Owners with more managed accounts than the quarter allows."),
    "csm_potential": Trait(_SET, "CSM accounts with a deal about a product they do not pay for."),
    "cross_sell_created": Trait(_COUNT, "Cross-sell opportunities opened in the last quarter.", "count", "Opened"),
    "cross_sell_win_rate": Trait(_NUMBER, "Won of those closed in the last quarter.", "share", "Win rate"),
    "cross_sell_deal_size": Trait(_MONEY, "Average amount of those won.", "USD", "Average deal"),
    "cross_sell_days": Trait(_NUMBER, "Days from opening to closing, on average.", "days", "Days to close"),
    "cross_sell_best": Trait(_TEXT, "Product with the best win rate."),
    "cross_sell_worst": Trait(_TEXT, "Product with the worst win rate."),
    "trials_now": Trait(_COUNT, "Products somebody began to try in the last quarter.", "count", "Products tried"),
    "trials_before": Trait(_COUNT, "The same a quarter before.", "count", "Before: tried"),
    "activated_now": Trait(_COUNT, "Products activated in the last quarter.", "count", "Products activated"),
    "activated_before": Trait(_COUNT, "The same a quarter before.", "count", "Before: activated"),
    "churned_now": Trait(_COUNT, "Customers whose revenue ended in the last quarter.", "count", "Customers lost"),
    "churned_before": Trait(_COUNT, "The same a quarter before.", "count", "Before: lost"),
    # book:<owner>
    "book_role": Trait(_TEXT, "Role of the owner, such as TAM or CSM.", "", "Role"),
    "book_managed": Trait(_COUNT, "Accounts in the segment AM Managed.", "count", "Managed accounts"),
    "book_leads": Trait(_COUNT, "Accounts in the segment Leads.", "count", "Leads"),
    "book_customers": Trait(_COUNT, "Accounts that pay.", "count", "Customers"),
    "book_arr": Trait(_MONEY, "ARR of the book.", "USD/year", "ARR of the book"),
    "quota_year": Trait(_NUMBER, "Share of the annual quota reached, as RevOps tells.", "share"),
    "quota_quarter": Trait(_NUMBER, "Share of the last quarter's quota reached.", "share"),
    "quota_quarter_before": Trait(_NUMBER, "Share of the quota of the quarter before.", "share"),
    "ramped": Trait(_BOOL, "The ramp of a new member is over."),
    # lead-type:<source>
    "lead_conversion": Trait(_NUMBER, "Finished leads of the type that were won, in 90 days.", "share", "Conversion"),
    "lead_conversion_leads": Trait(_COUNT, "Finished leads of the type, in 90 days.", "count", "Finished leads"),
    # product:<key>
    "activation_rate": Trait(_NUMBER, "First own intents of the last closed month activated.", "share", "Activation"),
    "activation_usual": Trait(_NUMBER, "Mean of the three months before.", "share", "Usual activation"),
    "activation_intents": Trait(_COUNT, "First own intents of the last closed month.", "count", "Intents"),
    "intents_seen": Trait(_COUNT, "Accounts with an own intent, ever.", "count", "Accounts with an intent"),
    "intent_contexts": Trait(_SET, "Where own intents were shown.", "", "Contexts"),
    "beta_on": Trait(_DAY, "Day the product went into public beta, as somebody told."),
    "launches_on": Trait(_DAY, "Day the product is to launch, as somebody told."),
    "tracked": Trait(_BOOL, "The traits of a new product are set up, as somebody told."),
    # cohort:<YYYY-MM>
    "cohort_age": Trait(_COUNT, "Months since the first paying month.", "months", "Age of the cohort"),
    "cohort_retention": Trait(_NUMBER, "Share of the first revenue that is there.", "share", "Revenue kept"),
    "cohort_usual": Trait(_NUMBER, "Mean of the three cohorts before at that age.", "share", "Cohorts before"),
}

NUMBERS_OF_ALL = tuple(
    name
    for name, one in list(PORTFOLIO.items())[: list(PORTFOLIO).index("book_role")]
    if one.kind in (_COUNT, _NUMBER, _MONEY)
)
"""Figures of ``all-accounts`` that are numbers: what the role shows as metrics."""
