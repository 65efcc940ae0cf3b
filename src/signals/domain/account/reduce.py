"""Which reducer moves which facet for which event, and what moved."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

import msgspec
from msgspec import UNSET

from signals.domain.account import billing, credits, intents, people, profile, relationship, usage
from signals.domain.account.state import FACETS, Account
from signals.domain.events import billing as billing_events
from signals.domain.events import crm as crm_events
from signals.domain.events import feedback as feedback_events
from signals.domain.events import usage as usage_events
from signals.domain.events.base import Event

Reducer = Callable[[Any, Any], Any]

# One row per (event, facet): a facet's reducer takes (facet, event) and returns a facet.
_REDUCERS: dict[type[Event], tuple[tuple[str, Reducer], ...]] = {
    crm_events.OrganizationCreated: (("profile", profile.organization_created),),
    crm_events.AccountDescribed: (("profile", profile.account_described),),
    crm_events.OwnerAssigned: (("profile", profile.owner_assigned),),
    crm_events.PersonDescribed: (("people", people.person_described),),
    crm_events.PersonLeft: (("people", people.person_left),),
    crm_events.ChampionNamed: (("people", people.champion_named),),
    crm_events.ChampionChanged: (("people", people.champion_changed),),
    crm_events.ContractSigned: (("credits", credits.contract_signed),),
    crm_events.OpportunityChanged: (("relationship", relationship.opportunity_changed),),
    crm_events.TicketOpened: (("relationship", relationship.ticket_opened),),
    crm_events.TicketSolved: (("relationship", relationship.ticket_solved),),
    crm_events.ChannelLinked: (("relationship", relationship.channel_linked),),
    crm_events.TouchLogged: (("relationship", relationship.touch_logged),),
    crm_events.HealthScored: (("relationship", relationship.health_scored),),
    crm_events.NoteAdded: (("relationship", relationship.note_added),),
    crm_events.CustomerAsked: (("relationship", relationship.customer_asked),),
    feedback_events.CanarySent: (("profile", profile.canary_sent),),
    usage_events.UserSignedUp: (("people", people.user_signed_up),),
    usage_events.ProductIntentShown: (("intents", intents.intent_shown),),
    usage_events.ProductIntentActivated: (("intents", intents.intent_activated),),
    billing_events.InvoiceIssued: (("billing", billing.invoice_issued),),
    billing_events.InvoicePaid: (("billing", billing.invoice_paid),),
    billing_events.InvoiceVoided: (("billing", billing.invoice_voided),),
    billing_events.PaymentFailed: (("billing", billing.payment_failed),),
    billing_events.PaymentGraceGiven: (("billing", billing.payment_grace_given),),
    billing_events.AccessSuspended: (("billing", billing.access_suspended),),
    billing_events.AccessRestored: (("billing", billing.access_restored),),
    billing_events.SubscriptionChanged: (("billing", billing.subscription_changed),),
    billing_events.SubscriptionCancelled: (("billing", billing.subscription_cancelled),),
    billing_events.TrialSet: (("billing", billing.trial_set),),
    billing_events.AddonRemoved: (("billing", billing.addon_removed),),
    billing_events.BillingLimitSet: (("billing", billing.billing_limit_set),),
    billing_events.SpendReported: (("billing", billing.spend_reported),),
    billing_events.RevenueReported: (("billing", billing.revenue_reported),),
    billing_events.ReceiptMatched: (("billing", billing.receipt_matched),),
    billing_events.CreditsGranted: (("credits", credits.credits_granted),),
    billing_events.CreditBalanceReported: (("credits", credits.credit_balance_reported),),
    billing_events.CreditsConsumed: (("credits", credits.credits_consumed),),
}


def reduce(account: Account, event: Event, zone: tzinfo) -> Account:
    """Return the account with the event's facts in it; ``clock`` and ``life`` are the engine's and stay.

    *zone* is the business zone that decides which calendar day an instant belongs to. Events nobody reduces
    (people's answers) change no fact.
    """
    match event:
        case usage_events.UsageReported():
            created = account.profile.created_at
            return msgspec.structs.replace(
                account,
                usage=usage.usage_reported(account.usage, event),
                intents=intents.first_uses(
                    account.intents, event, account.usage, None if created is UNSET else created, zone
                ),
            )
        case usage_events.UserActed():
            return msgspec.structs.replace(
                account,
                usage=usage.user_acted(account.usage, event, zone),
                people=people.user_acted(account.people, event),
            )
        case billing_events.BillingLimitHit():
            return msgspec.structs.replace(account, billing=billing.billing_limit_hit(account.billing, event, zone))
        case billing_events.ProductActivated():
            return msgspec.structs.replace(
                account, intents=intents.product_activated(account.intents, event, account.usage)
            )
        case _:
            values = {
                facet: reducer(getattr(account, facet), event) for facet, reducer in _REDUCERS.get(type(event), ())
            }
            return msgspec.structs.replace(account, **values) if values else account


def moved(before: Account, after: Account) -> frozenset[str]:
    """Return the facts' state fields that differ, as ``facet.field``, such as ``billing.mrr``.

    Two busy fields are told apart further, so that a rule is looked at only when what it reads moved:
    ``usage.actions.<action>``, and ``people.seen`` for people of whom nothing but the last sighting changed.
    """
    fields: set[str] = set()
    for facet in FACETS:
        old, new = getattr(before, facet), getattr(after, facet)
        if old is new:
            continue
        for field in new.__struct_fields__:
            was, now = getattr(old, field), getattr(new, field)
            if was is now or was == now:
                continue
            if field == "actions":
                fields.update(f"usage.actions.{name}" for name in now if now[name] is not was.get(name))
            elif field == "persons":
                fields.add("people.seen" if _only_seen(was, now) else "people.persons")
            else:
                fields.add(f"{facet}.{field}")
    return frozenset(fields)


def _only_seen(was: dict[str, people.Person], now: dict[str, people.Person]) -> bool:
    if was.keys() != now.keys():
        return False
    return all(
        person is was[key] or msgspec.structs.replace(person, seen_at=was[key].seen_at) == was[key]
        for key, person in now.items()
    )
