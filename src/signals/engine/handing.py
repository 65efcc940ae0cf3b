"""An open signal that was told to a team passes to the member whose turn it is."""

from collections.abc import Iterable

from signals.detectors.contract import Rule
from signals.domain.account.leads import Leads
from signals.domain.account.life import Episode
from signals.domain.account.state import Account
from signals.domain.events.leads import LeadAssigned
from signals.domain.signal import Owner, Transition
from signals.engine.catalogue import Catalogue
from signals.engine.publishing import Publisher


def hand_over(
    account: Account, had: Leads, event: LeadAssigned, catalogue: Catalogue, publisher: Publisher
) -> dict[str, Episode]:
    """Tell every open signal of the team again with the person in the team's place, whom its thread calls by name.

    In the words of its last transition: nothing else has happened. So does what went to another person before: *had*
    is what the account knew until now. Returns the account's episodes afterwards.
    """
    now, before = account.leads.assigned.get(event.team), had.assigned.get(event.team)
    episodes = dict(account.life.episodes)
    if now is None or now == before:
        return episodes
    person = Owner(name=now.to, role=now.role)
    names = {event.team} if before is None or before.to == now.to else {event.team, before.to}
    for tag, episode in account.life.episodes.items():
        rule, draft = catalogue.by_id.get(tag.split("|", 1)[0]), episode.draft
        if episode.state != "open" or rule is None or draft is None:
            continue
        if event.team not in _tags(rule) or names.isdisjoint((draft.owner.name, *draft.tagged)):
            continue
        owner = person if draft.owner.name in names else draft.owner
        tagged = tuple(dict.fromkeys(person.name if name in names else name for name in draft.tagged))
        episodes[tag] = publisher.hand_over(rule, episode, owner, tagged, account)
    return episodes


def _tags(rule: Rule) -> set[str]:
    """Return whom a rule tags in any of its variants."""
    plans = [rule.route, *(one.route for one in rule.variants if one.route is not None)]
    return {name for plan in plans for case in plan.also_tag for name in case.roles}.union(*(plan.cc for plan in plans))


def wait_for_a_turn(told: Iterable[Transition], teams: frozenset[str]) -> bool:
    """Say whether one of the transitions was told to a team instead of a person."""
    return bool(teams) and any(not teams.isdisjoint((one.owner.name, *one.tagged)) for one in told)
