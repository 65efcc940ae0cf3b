"""An open signal that was told to a team passes to the person who has the account's leads now."""

from collections.abc import Collection, Iterable

import msgspec

from signals.domain.account.leads import Leads
from signals.domain.account.life import Episode, Life
from signals.domain.account.state import Account
from signals.domain.events.crm import OwnerAssigned
from signals.domain.events.leads import LeadAssigned
from signals.domain.signal import Owner, Transition
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Routing
from signals.engine.publishing import Publisher
from signals.engine.routing import account_owner, asks_team, plan_of


def hand_over(
    account: Account, had: Leads, event: LeadAssigned | OwnerAssigned, catalogue: Catalogue, publisher: Publisher
) -> Life:
    """Tell signals that waited for somebody again with the person in the team's place, whom their thread calls.

    In the words of the last transition: nothing else has happened. A lead that some team was told goes to the owner, as
    soon as there is one (catalogue 7.2), else to whom the leads were assigned; whoever had them before passes them on.
    *had* is what the account knew until now. Returns the engine's memory afterwards.
    """
    teams, owner = publisher.policy.routing.teams, account_owner(account)
    if isinstance(event, OwnerAssigned):
        return account.life if owner is None else _passed(account, owner, teams, (), catalogue, publisher)
    now, before = account.leads.assigned.get(event.team), had.assigned.get(event.team)
    if now is None or now == before:
        return account.life
    names = {event.team} if before is None or before.to == now.to else {event.team, before.to}
    leads = names | teams if owner is None else ()
    return _passed(account, Owner(name=now.to, role=now.role), leads, names, catalogue, publisher)


def _passed(
    account: Account,
    person: Owner,
    leads: Collection[str],
    beside: Collection[str],
    catalogue: Catalogue,
    publisher: Publisher,
) -> Life:
    """Put *person* in the place of *leads* where a rule asks a team, and of *beside* where it tags one besides."""
    teams = publisher.policy.routing.teams
    changed: dict[str, Episode] = {}
    for tag, episode in account.life.episodes.items():
        rule, draft = catalogue.by_id.get(tag.split("|", 1)[0]), episode.draft
        if rule is None or draft is None or episode.state not in ("open", "held"):
            continue
        first, others = asks_team(plan_of(rule, rule.variant_named(draft.variant)))
        owner = person if first in teams and draft.owner.name in leads else draft.owner
        tagged = draft.tagged
        if not others.isdisjoint(beside):
            tagged = tuple(dict.fromkeys(person.name if name in beside else name for name in tagged))
        if (owner, tagged) == (draft.owner, draft.tagged):
            continue
        if episode.state == "open":
            changed[tag] = publisher.hand_over(rule, episode, owner, tagged, account)
        else:  # a moment a guard holds back goes out in these words
            told = msgspec.structs.replace(draft, owner=owner, tagged=tagged)
            changed[tag] = msgspec.structs.replace(episode, draft=told)
    if not changed:
        return account.life
    return msgspec.structs.replace(account.life, episodes={**account.life.episodes, **changed})


def leads_moved(before: Leads, now: Leads, told: Iterable[Transition], routing: Routing) -> bool:
    """Say whether an account's lead tasks or who has its leads moved, or a signal was told to a team in turn."""
    if now is not before and now != before:
        return True
    return routing.in_turn and any(not routing.teams.isdisjoint((one.owner.name, *one.tagged)) for one in told)
