"""Traits of billing and trials: prices, offers, invoices to come, how billing is set up (catalogue 1.6 to 1.14)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _INSTANT, _SET, _MONEY = TraitKind.DAY, TraitKind.INSTANT, TraitKind.SET, TraitKind.MONEY

MONEY: Mapping[str, Trait] = {
    "billing_day": Trait(_COUNT, "Day of the month on which a billing period begins."),
    "next_invoice_on": Trait(_DAY, "Day on which the invoice of the running period is issued."),
    "projected_invoice": Trait(
        _MONEY, "Invoice of the running period as billing projects it.", "USD", "Projected invoice"
    ),
    "purchase_intent": Trait(_BOOL, "The owner ticked that the customer is about to buy credit."),
    "startup_price_from": Trait(_DAY, "Day from which startup prices hold; null when the subscription has none."),
    "startup_price_days": Trait(_COUNT, "Shortest valid_days among the startup prices of the subscription.", "days"),
    "startup_prices": Trait(_COUNT, "Startup prices on the subscription.", "count", "Startup prices"),
    "startup_prices_without_plan": Trait(
        _COUNT, "Startup prices without plan=startup in their metadata.", "count", "Without plan=startup"
    ),
    "startup_delay": Trait(_BOOL, "The owner ticked that a startup began late or had trouble."),
    "startup_offer_used": Trait(_BOOL, "The free credit at the end of the startup programme was given."),
    "legacy_plan": Trait(_BOOL, "On a plan or price we no longer sell."),
    "legacy_event_price": Trait(_BOOL, "Pays a legacy price per event."),
    "stripe_discount": Trait(
        _NUMBER, "Discount on the billing customer, as a share such as 0.30; null for none.", "share", "Discount"
    ),
    "billing_setup": Trait(_TEXT, "How billing is set up: free, paid, startup, yearly or amortised."),
    "stripe_customers": Trait(
        _COUNT, "Customers in billing that belong to the account.", "count", "Customers in billing"
    ),
    "stripe_subscriptions": Trait(_COUNT, "Live subscriptions of those customers.", "count", "Live subscriptions"),
    "invoice_lines_unmapped": Trait(
        _COUNT, "Lines of the last invoice without a product key.", "count", "Lines without product"
    ),
    "trial_criteria": Trait(_COUNT, "Success criteria documented for the trial.", "count", "Success criteria"),
    "trial_criteria_undated": Trait(_COUNT, "Of those the ones without a date.", "count", "Criteria without a date"),
    "trial_long_reasons": Trait(_SET, "Why a trial may be long: complex, stakeholders, parallel."),
    "trial_silenced": Trait(_BOOL, "Notifications of the trial's end to the customer are switched off."),
    "evaluating": Trait(_BOOL, "The owner marked that the customer is evaluating."),
    "next_meeting_at": Trait(_INSTANT, "Next meeting in the calendar; null when there is none."),
    "side_project": Trait(_BOOL, "A side project of somebody of ours: left out of trials and packages."),
    "billing_method": Trait(_TEXT, "How they pay: card, invoice, aws_marketplace."),
    "aws_payment_cleared": Trait(_BOOL, "The owner has seen the acceptance in AWS, and its payout date has passed."),
    "package_trial": Trait(_BOOL, "A platform package is being tried free of charge."),
    "aws_offer_sent_on": Trait(_DAY, "Day the private offer on AWS Marketplace was sent."),
    "aws_offer_expires_on": Trait(_DAY, "Day it expires; null when there is none."),
    "aws_offer_accepted": Trait(_BOOL, "The private offer was accepted."),
}
