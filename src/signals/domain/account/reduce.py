"""Which reducer moves which facet for which event, and what moved."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import msgspec
from msgspec import UNSET

from signals.domain.account import (
    billing,
    care,
    contact,
    credits,
    growth,
    heard,
    history,
    incidents,
    intents,
    interest,
    leads,
    market,
    mix,
    paperwork,
    people,
    profile,
    refunds,
    relationship,
    training,
    traits,
    usage,
    work,
)
from signals.domain.account.daily import Daily, business_day
from signals.domain.account.state import FACETS, Account
from signals.domain.events import billing as billing_events
from signals.domain.events import crm as crm_events
from signals.domain.events import described as described_events
from signals.domain.events import feedback as feedback_events
from signals.domain.events import incidents as incident_events
from signals.domain.events import leads as lead_events
from signals.domain.events import market as market_events
from signals.domain.events import paperwork as paperwork_events
from signals.domain.events import periods as period_events
from signals.domain.events import training as training_events
from signals.domain.events import usage as usage_events
from signals.domain.events.base import Event

Reducer = Callable[[Any, Any], Any]

# One row per (event, facet): a facet's reducer takes (facet, event) and returns a facet.
_REDUCERS: dict[type[Event], tuple[tuple[str, Reducer], ...]] = {
    crm_events.OrganizationCreated: (("profile", profile.organization_created),),
    crm_events.AccountDescribed: (("profile", profile.account_described), ("care", care.account_described)),
    crm_events.OwnerAssigned: (("profile", profile.owner_assigned), ("history", history.owner_assigned)),
    crm_events.PersonDescribed: (("people", people.person_described),),
    crm_events.PersonLeft: (("people", people.person_left),),
    crm_events.ChampionNamed: (("people", people.champion_named),),
    crm_events.ChampionChanged: (("people", people.champion_changed),),
    crm_events.ContractSigned: (("credits", credits.contract_signed),),
    crm_events.OpportunityChanged: (("relationship", relationship.opportunity_changed),),
    crm_events.TicketOpened: (
        ("relationship", relationship.ticket_opened),
        ("heard", heard.heard),
        ("contact", contact.ticket_opened),
    ),
    crm_events.TicketSolved: (("relationship", relationship.ticket_solved),),
    crm_events.ChannelLinked: (("relationship", relationship.channel_linked),),
    crm_events.TouchLogged: (
        ("relationship", relationship.touch_logged),
        ("heard", heard.heard),
        ("growth", growth.met),
        ("contact", contact.touch_logged),
        ("care", care.touch_logged),
    ),
    crm_events.HealthScored: (("relationship", relationship.health_scored),),
    crm_events.NoteAdded: (
        ("relationship", relationship.note_added),
        ("heard", heard.heard),
        ("care", care.note_added),
    ),
    crm_events.CustomerAsked: (("relationship", relationship.customer_asked),),
    described_events.TraitsReported: (("traits", traits.traits_reported),),
    described_events.ActivityLogged: (("work", work.activity_logged), ("growth", growth.met)),
    lead_events.TaskChanged: (("leads", leads.task_changed),),
    lead_events.LeadSubmitted: (("leads", leads.lead_submitted), ("heard", heard.heard)),
    lead_events.LeadAssigned: (("leads", leads.lead_assigned),),
    market_events.LaunchAnnounced: (("market", market.launch_announced),),
    market_events.PriceChanged: (("market", market.price_changed),),
    training_events.TrainingPlanned: (("trainings", training.training_planned),),
    training_events.TrainingAttendee: (("trainings", training.training_attendee),),
    training_events.TrainingHeld: (("trainings", training.training_held),),
    training_events.TrainingFollowedUp: (("trainings", training.training_followed_up),),
    training_events.SurveyAnswered: (("heard", heard.survey_answered),),
    incident_events.IncidentDeclared: (("incidents", incidents.incident_declared),),
    incident_events.IncidentResolved: (("incidents", incidents.incident_resolved),),
    incident_events.PostmortemSent: (("incidents", incidents.postmortem_sent),),
    period_events.PeriodReported: (("growth", growth.period_reported),),
    feedback_events.CanarySent: (("profile", profile.canary_sent),),
    usage_events.ProductIntentShown: (("intents", intents.intent_shown),),
    usage_events.ProductIntentActivated: (("intents", intents.intent_activated),),
    billing_events.InvoiceIssued: (("billing", billing.invoice_issued), ("growth", growth.invoice_issued)),
    billing_events.InvoicePaid: (("billing", billing.invoice_paid),),
    billing_events.InvoiceVoided: (("billing", billing.invoice_voided),),
    billing_events.PaymentFailed: (("billing", billing.payment_failed),),
    billing_events.PaymentGraceGiven: (("billing", billing.payment_grace_given),),
    billing_events.AccessSuspended: (("billing", billing.access_suspended),),
    billing_events.AccessRestored: (("billing", billing.access_restored),),
    billing_events.SubscriptionChanged: (("billing", billing.subscription_changed),),
    billing_events.SubscriptionCancelled: (("billing", billing.subscription_cancelled),),
    billing_events.TrialSet: (("billing", billing.trial_set), ("history", history.trial_set)),
    billing_events.AddonRemoved: (("billing", billing.addon_removed),),
    billing_events.BillingLimitSet: (("billing", billing.billing_limit_set),),
    billing_events.SpendReported: (
        ("billing", billing.spend_reported),
        ("growth", growth.spend_reported),
        ("history", history.spend_reported),
    ),
    billing_events.RevenueReported: (("billing", billing.revenue_reported), ("history", history.revenue_reported)),
    billing_events.RefundIssued: (("refunds", refunds.refund_issued),),
    billing_events.ReceiptMatched: (("billing", billing.receipt_matched),),
    paperwork_events.InvoiceDrafted: (("paperwork", paperwork.invoice_drafted),),
    paperwork_events.InvoiceUnderpaid: (("paperwork", paperwork.invoice_underpaid),),
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
                mix=mix.mix_reported(account.mix, event),
                intents=intents.first_uses(
                    account.intents, event, account.usage, None if created is UNSET else created, zone
                ),
            )
        case usage_events.UserActed():
            known = people.user_acted(account.people, event, zone)
            return msgspec.structs.replace(
                account,
                usage=usage.user_acted(account.usage, event, zone),
                people=known,
                growth=growth.person_seen(account.growth, known.persons.get(event.person_id), event.at, zone),
                interest=interest.user_acted(account.interest, event),
            )
        case billing_events.BillingLimitHit():
            return msgspec.structs.replace(account, billing=billing.billing_limit_hit(account.billing, event, zone))
        case billing_events.ProductActivated():
            return msgspec.structs.replace(
                account, intents=intents.product_activated(account.intents, event, account.usage)
            )
        case usage_events.UserSignedUp():
            known = people.user_signed_up(account.people, event, zone)
            person = known.persons.get(event.person_id)
            return msgspec.structs.replace(
                account, people=known, growth=growth.person_seen(account.growth, person, event.at, zone)
            )
        case crm_events.PersonDescribed():
            told = _by_table(account, event)
            person = told.people.persons.get(event.person_id)
            if person is None or person.seen_at is None:
                return told
            return msgspec.structs.replace(told, growth=growth.person_seen(told.growth, person, person.seen_at, zone))
        case _:
            return _by_table(account, event)


def _by_table(account: Account, event: Event) -> Account:
    values = {facet: reducer(getattr(account, facet), event) for facet, reducer in _REDUCERS.get(type(event), ())}
    return msgspec.structs.replace(account, **values) if values else account


def move(account: Account, event: Event, zone: tzinfo, clock: datetime) -> tuple[Account, frozenset[str]]:
    """Return the account with the event's facts in it, and the state fields that moved; see ``moved``.

    Besides those, a report that touches a closed week or month by *clock* (the account's, before the event) moves
    ``usage.closed_weeks`` or ``usage.closed_months``: most reports are of yesterday and touch neither.
    """
    after = reduce(account, event, zone)
    if isinstance(event, usage_events.UserActed):
        return after, _moved_by_acting(account, after, event, zone, clock)
    fields = moved(account, after, zone)
    if isinstance(event, usage_events.UsageReported) and not fields.isdisjoint(_REPORT_FIELDS):
        today = business_day(max(clock, event.at), zone)
        fields |= _closed_by(event, today) | _used_by(account.usage, after.usage, event, today)
    return after, fields


TOLD_APART = {
    ("usage", "actions"): "usage.actions",
    ("usage", "measures"): "usage.measures",
    ("traits", "values"): "traits",
    ("work", "done"): "work.done",
    ("heard", "topics"): "heard.topics",
}
"""(Facet, field) whose entries are told apart by name, so that a rule is looked at only when what it reads moved."""

CLOSED_WEEKS, CLOSED_MONTHS = "usage.closed_weeks", "usage.closed_months"
_REPORT_FIELDS = frozenset({"usage.days", "usage.reported"})


USED, COVERED = "usage.used", "usage.covered"
"""``usage.used.<product>``: a report after which the product may count as used although it did not before, or the other
way round. ``usage.covered``: the days that are known without a gap begin elsewhere, or reports are here again after
they stood still."""

STOOD_STILL = 2
# Days behind today from which nothing is said of the days since (``LAG_DAYS`` of ``detectors.facts.use``).


def _used_by(before: usage.Usage, after: usage.Usage, event: usage_events.UsageReported, today: int) -> frozenset[str]:
    day, fields = event.day.toordinal(), set[str]()
    was, now = before.reported.runs, after.reported.runs
    if now and (not was or was[-1][0] != now[-1][0] or was[-1][1] < today - STOOD_STILL):
        fields.add(COVERED)
    fresh = day >= today - AWAY.days  # of an older day the one before may lie outside of what counts as lately
    for product in {*event.volumes, *before.days} - {usage.TOTAL}:
        units, known = event.volumes.get(product, 0), before.days.get(product)
        had = known.on(day) if known is not None else 0
        goes_on = fresh and known is not None and known.on(day - 1) > 0
        if (units > 0 and had == 0 and not goes_on) or (units == 0 and had > 0):
            fields.add(f"{USED}.{product}")
    return frozenset(fields)


def _closed_by(event: usage_events.UsageReported, day_number: int) -> frozenset[str]:
    today = date.fromordinal(day_number)
    closed = set()
    if event.day.toordinal() < day_number - today.weekday():
        closed.add(CLOSED_WEEKS)
    if (event.day.year, event.day.month) < (today.year, today.month):
        closed.add(CLOSED_MONTHS)
    return frozenset(closed)


def _moved_by_acting(
    before: Account, after: Account, event: usage_events.UserActed, zone: tzinfo, clock: datetime
) -> frozenset[str]:
    """Return what ``moved`` would, for the event there is most of: it touches one action and one person."""
    was, now = before.people.persons, after.people.persons
    if len(now) != len(was) or event.person_id not in was or event.person_id not in now:
        return moved(before, after, zone) | {f"{RESUMED}.{event.action}", f"{RESUMED_DOING}.{event.action}"}
    fields = _moved_by_being_seen(was[event.person_id], now[event.person_id], zone)
    known, day = before.usage.actions.get(event.action), business_day(event.at, zone)
    if known is not after.usage.actions.get(event.action):
        fields.add(f"usage.actions.{event.action}")
        late = clock - event.at > AWAY  # of an older day the ones before may lie outside of what counts as lately
        if known is None or late or not known.total(day - AWAY.days, day):
            fields.add(f"{RESUMED}.{event.action}")
        if late:
            fields.add(f"{RESUMED_DOING}.{event.action}")
    if before.growth is not after.growth:
        fields.add(DEPARTMENTS_SEEN)
        if not _same_stays(before.growth.departments, after.growth.departments):
            fields.add("growth.departments")
    if before.interest is not after.interest:
        fields.add("interest.products")
    return frozenset(fields)


def moved(before: Account, after: Account, zone: tzinfo) -> frozenset[str]:
    """Return the facts' state fields that differ, as ``facet.field``, such as ``billing.mrr``.

    Two busy fields are told apart further, so that a rule is looked at only when what it reads moved: actions by
    name, ``usage.actions.<action>``; and of people ``people.seen``, ``people.seen_day`` (the business day of a last
    sighting), ``people.actions`` and ``people.persons``, which is everything else about them.
    """
    fields: set[str] = set()
    for facet in FACETS:
        old, new = getattr(before, facet), getattr(after, facet)
        if old is new:
            continue
        for field in new.__struct_fields__:
            was, now = getattr(old, field), getattr(new, field)
            if was is now or (_same_series(was, now) if field == "days" else was == now):
                continue
            if (apart := TOLD_APART.get((facet, field))) is not None:
                moved_names = [name for name in now if _differs(was.get(name), now[name])]
                fields.update("heard.tools" if name.startswith("tool:") else f"{apart}.{name}" for name in moved_names)
            elif field == "persons":
                fields |= _moved_of_people(was, now, zone)
            else:
                fields.add(f"{facet}.{field}")
                if field == "departments":
                    fields.add(DEPARTMENTS_SEEN)
    return frozenset(fields)


def _same_stays(was: Mapping[str, growth.Department], now: Mapping[str, growth.Department]) -> bool:
    """Say whether departments differ at most in the day they were last seen, and by no more than ``AWAY``."""
    return was.keys() == now.keys() and all(
        (one.first, one.came, one.before) == (now[key].first, now[key].came, now[key].before)
        and now[key].last - one.last <= AWAY.days
        for key, one in was.items()
    )


def _differs(was: object, now: object) -> bool:
    """Compare by identity; a trait reported again with the same value is the same one."""
    if isinstance(was, traits.TraitState) and isinstance(now, traits.TraitState):
        return was.value != now.value
    return was is not now


def _same_series(was: dict[str, Daily], now: dict[str, Daily]) -> bool:
    """Compare by identity: a series that a report did not change is the same one."""
    return len(was) == len(now) and all(was.get(name) is series for name, series in now.items())


def _moved_of_people(was: dict[str, people.Person], now: dict[str, people.Person], zone: tzinfo) -> set[str]:
    if was.keys() != now.keys():
        others = [one for key, one in (*was.items(), *now.items()) if key not in was or key not in now]
        doings = {action for one in others for action in one.doings}
        return {*PEOPLE_FIELDS, *(f"{of}.{action}" for action in doings for of in (DOINGS, RESUMED_DOING))}
    return set().union(*(_moved_of_person(was[key], one, zone) for key, one in now.items() if one is not was[key]))


def _moved_of_person(old: people.Person, new: people.Person, zone: tzinfo) -> set[str]:
    fields = _moved_by_being_seen(old, new, zone)
    if any(getattr(new, name) != getattr(old, name) for name in PERSON_FIELDS):
        fields.add("people.persons")
    return fields


def _moved_by_being_seen(old: people.Person, new: people.Person, zone: tzinfo) -> set[str]:
    fields: set[str] = set()
    seen, before = new.seen_at, old.seen_at
    if seen != before:
        fields.add("people.seen")
        if before is None or seen is None or business_day(seen, zone) != business_day(before, zone):
            fields.add("people.seen_day")
            if before is None or seen is None or abs(seen - before) > AWAY:
                fields.add(RETURNED)
    if (new.actions is not old.actions and new.actions != old.actions) or new.doings is not old.doings:
        fields.add("people.actions")
    if new.doings is not old.doings:
        for action, done in new.doings.items():
            if (before_it := old.doings.get(action)) != done:
                fields.add(f"{DOINGS}.{action}")
                if before_it is None or not _goes_on(before_it, done):
                    fields.add(f"{RESUMED_DOING}.{action}")
    if new.weeks != old.weeks:
        fields.add(SEEN_WEEKS)
    return fields


def _goes_on(was: tuple[int, ...], now: tuple[int, ...]) -> bool:
    """Say whether what was done was done the same day or shortly before as well."""
    return 0 < now[0] - was[0] <= AWAY.days or (now[0] == was[0] and now[1] > was[1])


ACTED = frozenset({"seen_at", "actions", "doings", "weeks"})
PERSON_FIELDS = tuple(name for name in people.Person.__struct_fields__ if name not in ACTED)
"""What a person has besides what every action moves."""

RESUMED, RESUMED_DOING, SEEN_WEEKS = "usage.resumed", "people.resumed", "people.weeks"
"""``usage.resumed.<action>``: an action on a day, where there was none on it or in ``AWAY`` before, so that it may
count as done lately although it did not before. ``people.resumed.<action>``: the same of one person. ``people.weeks``:
somebody was seen in a week in which he was not seen before."""

RETURNED, DOINGS = "people.returned", "people.doings"
AWAY = timedelta(days=6)
"""A person seen again after longer may be active again: the shortest time anybody calls active is a week."""

DEPARTMENTS_SEEN = "growth.departments_seen"
"""The day on which people of a department were last seen."""

PEOPLE_FIELDS = ("people.persons", "people.seen", "people.seen_day", RETURNED, "people.actions", SEEN_WEEKS)
