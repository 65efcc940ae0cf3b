"""What reports over several accounts need of one: small, on a compacted topic, never read by another account."""

from collections.abc import Container, Iterator
from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET

from signals.domain.account.credits import corrections
from signals.domain.account.daily import business_day
from signals.domain.account.history import trial_months
from signals.domain.account.leads import FINISHED, Assignment
from signals.domain.account.state import Account
from signals.domain.account.usage import TOTAL
from signals.domain.signal import Transition

PSEUDO = ("all-accounts", "book:", "product:", "cohort:", "lead-type:")
"""Beginnings of ids that stand for several accounts: they have no summary of their own."""

USED_DAYS = 30


class Interest(msgspec.Struct, frozen=True, array_like=True):
    """First own intent in a product: day, day it was activated, contexts it was shown in; in this order."""

    first_on: date
    activated_on: date | None = None
    contexts: tuple[str, ...] = ()


class ClosedTask(msgspec.Struct, frozen=True, array_like=True):
    """One finished lead task: source, whether won, reason, days it was closed and last touched; in this order."""

    source: str
    won: bool
    reason: str
    closed_on: date
    touched_on: date | None = None


class Deal(msgspec.Struct, frozen=True, array_like=True):
    """One cross-sell or expansion deal: type, product, stage, days it opened and closed, amount; in this order."""

    type: str
    product: str
    stage: str
    opened_on: date
    closed_on: date | None = None
    amount: Decimal | None = None


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """One account as of the business day ``day``; written when a day closes, and when its leads move."""

    org_id: str
    day: date
    name: str = ""
    created_on: date | None = None
    enriched_on: date | None = None
    """When the CRM or an enrichment first said what kind of company it is."""
    owner: str | None = None
    owner_role: str = "other"
    segments: tuple[str, ...] = ()
    new_owner: str | None = None
    """Whom a handover goes to."""
    arr: Decimal | None = None
    """Twelve times the newest MRR, in US dollars."""
    revenue: dict[int, Decimal] = {}
    """Month (12 times the year, plus the month from 0) -> revenue as reported, in US dollars."""
    corrected: dict[int, Decimal] = {}
    """Month -> one-time credit given for a promotion, an outage or a correction of billing."""
    on_trial: tuple[int, ...] = ()
    """Months in which a paying customer was on a trial of ours."""
    tries_us: bool = False
    """Sales flagged it as testing us and expected to leave: its revenue is left out of retention."""
    paid: tuple[str, ...] = ()
    """Products with spend."""
    used: tuple[str, ...] = ()
    """Products used in 30 days."""
    interests: dict[str, Interest] = {}
    """Product -> first own intent in it."""
    tasks: tuple[ClosedTask, ...] = ()
    """Finished lead tasks."""
    deals: tuple[Deal, ...] = ()
    """Cross-sell and expansion opportunities."""
    clock: datetime | None = None
    """The account's own time."""
    country: str | None = None
    us_state: str | None = None
    waiting: dict[str, datetime] = {}
    """Team that open signals are told to instead of a person -> since when."""
    assigned: dict[str, Assignment] = {}
    """Team -> who got its leads."""
    renewed: dict[str, datetime] = {}
    """Team -> when the newest open signal came to who got its leads: to be given anew if they take none any more."""


def is_pseudo(org_id: str) -> bool:
    """Say whether an id stands for several accounts.

    >>> is_pseudo("book:dana@example.com"), is_pseudo("org_4711")
    (True, False)
    """
    return org_id.startswith(PSEUDO)


def summary_of(account: Account, zone: tzinfo, teams: Container[str] = ()) -> Summary:
    """Return the summary of an account at its clock; *teams* are those that give their leads to members in turn."""
    today = business_day(account.clock, zone)
    profile, billing, traits = account.profile, account.billing, account.traits.values
    described = profile.changed.get("company_type")
    new_owner, us_state, tries_us = traits.get("new_owner"), traits.get("us_state"), traits.get("revenue_trial")
    return Summary(
        org_id=account.org_id,
        day=date.fromordinal(today),
        name=profile.name if isinstance(profile.name, str) else account.org_id,
        created_on=None if profile.created_at is UNSET else _day(profile.created_at, zone),
        enriched_on=_day(described, zone) if described is not None and profile.company_type is not None else None,
        owner=None if profile.owner is UNSET else profile.owner,
        owner_role=profile.owner_role,
        segments=() if profile.segments is UNSET else profile.segments,
        new_owner=new_owner.value if new_owner is not None and isinstance(new_owner.value, str) else None,
        arr=None if billing.mrr is UNSET else 12 * billing.mrr,
        revenue=billing.revenue,
        corrected=corrections(account.credits, zone),
        on_trial=() if not isinstance(billing.trial_until, date) else tuple(
            trial_months(account.history, billing.trial_until, zone)
        ),
        tries_us=tries_us is not None and tries_us.value is True,
        paid=() if billing.product_mrr is UNSET else tuple(
            sorted(product for product, amount in billing.product_mrr.items() if amount > 0)
        ),
        used=tuple(
            sorted(
                product
                for product, daily in account.usage.days.items()
                if product != TOTAL and daily.total(today - USED_DAYS + 1, today) > 0
            )
        ),
        interests={
            product: Interest(_day(one.first_own_at, zone), _maybe(one.activated_at, zone), one.contexts)
            for product, one in account.intents.intents.items()
            if one.first_own_at is not None
        },
        tasks=tuple(
            ClosedTask(
                one.source or "", one.status == "done", one.reason or "", _day(one.closed_at, zone),
                _maybe(one.touched_at, zone),
            )
            for one in account.leads.tasks.values()
            if one.task == "lead" and one.status in FINISHED and one.closed_at is not None
        ),
        deals=tuple(
            Deal(
                one.type, one.product or "", one.stage, _day(one.opened_at or one.at, zone),
                _maybe(one.closed_at, zone), one.amount,
            )
            for one in account.relationship.opportunities.values()
            if one.type in ("cross_sell", "existing")
        ),
        clock=account.clock,
        country=profile.country if isinstance(profile.country, str) else None,
        us_state=us_state.value if us_state is not None and isinstance(us_state.value, str) else None,
        waiting=waiting_teams(account, teams),
        assigned=account.leads.assigned,
        renewed=renewed_teams(account),
    )  # fmt: skip


def waiting_teams(account: Account, teams: Container[str]) -> dict[str, datetime]:
    """Return which of *teams* open signals of the account are told to, and since when: nobody's turn was found yet.

    An account has one lead: of several teams told in the owner's place the one told first.
    """
    first: tuple[datetime, str] | None = None
    found: dict[str, datetime] = {}
    for since, told in _open(account):
        if told.owner.name in teams and (first is None or (since, told.owner.name) < first):
            first = since, told.owner.name
        for name in told.tagged:
            if name in teams:
                found[name] = min(since, found.get(name, since))
    if first is not None:
        found[first[1]] = min(first[0], found.get(first[1], first[0]))
    return found


def renewed_teams(account: Account) -> dict[str, datetime]:
    """Return the teams whose leads somebody has, and when the newest open signal came to that person."""
    found: dict[str, datetime] = {}
    if account.leads.assigned and not isinstance(account.profile.owner, str):
        for since, told in _open(account):
            for team, assigned in account.leads.assigned.items():
                if told.owner.name == assigned.to:
                    found[team] = max(since, found.get(team, since))
    return found


def _open(account: Account) -> Iterator[tuple[datetime, Transition]]:
    for episode in account.life.episodes.values():
        if episode.state == "open" and episode.draft is not None:
            yield episode.opened_at or episode.since, episode.draft


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def _maybe(at: datetime | None, zone: tzinfo) -> date | None:
    return None if at is None else _day(at, zone)
