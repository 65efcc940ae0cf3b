"""Who is asked to act, in which channel, through which sinks."""

from dataclasses import dataclass

from signals.detectors.contract import Route, Rule, Variant
from signals.detectors.moment import Look
from signals.domain.account.state import Account
from signals.domain.reasons import FamilyName
from signals.domain.signal import Owner
from signals.engine.policy import Routing


@dataclass(frozen=True)
class Routed:
    """The route of one finding."""

    owner: Owner
    tagged: tuple[str, ...]
    """Besides the owner."""
    destinations: tuple[tuple[str, str], ...]
    """(sink, destination)."""


def route(
    rule: Rule, variant: Variant | None, family: FamilyName, account: Account, look: Look | None, routing: Routing
) -> Routed:
    """Return the route: the variant's, else the rule's, else the family's default.

    An account without an owner is not held back: the family's stand-in, else the named fallback, is asked.
    """
    plan = plan_of(rule, variant)
    tagged: list[str] = list(plan.cc)
    for case in plan.also_tag:
        if case.when is None or (look is not None and case.when.evaluate(look) is True):
            tagged.extend(case.roles)
    owner = owner_of(account, family, routing)
    if not plan.tag_owner and tagged:
        owner = lead_owner(tagged[0], account, routing) or Owner(name=tagged[0], role="", fallback=owner.fallback)
        tagged = tagged[1:]
    asked = (one.to if (one := account.leads.assigned.get(name)) is not None else name for name in tagged)
    return Routed(owner, tuple(dict.fromkeys(asked)), destinations(plan, family, routing))


def plan_of(rule: Rule, variant: Variant | None) -> Route:
    """Return the variant's route, else the rule's."""
    return variant.route if variant is not None and variant.route is not None else rule.route


def asks_team(plan: Route) -> tuple[str | None, frozenset[str]]:
    """Return who is asked in the owner's place, if somebody is, and who is tagged besides, under any condition."""
    names = [*plan.cc, *(name for case in plan.also_tag for name in case.roles)]
    return (names[0], frozenset(names[1:])) if names and not plan.tag_owner else (None, frozenset(names))


def lead_owner(team: str, account: Account, routing: Routing) -> Owner | None:
    """Return who has a lead that goes to a team: the account's owner, else who has its leads; None while nobody has.

    An account has one lead (catalogue 7.1): what another team was to be told goes to whoever was found for the first.
    """
    if team not in routing.teams:
        return None
    if (owner := account_owner(account)) is not None:
        return owner
    assigned = account.leads.assigned
    mine = assigned.get(team) or max(assigned.values(), key=lambda one: (one.at, one.to), default=None)
    return None if mine is None else Owner(name=mine.to, role=mine.role)


def destinations(plan: Route, family: FamilyName, routing: Routing) -> tuple[tuple[str, str], ...]:
    """Return (sink, destination) of every sink a finding goes to; the plan's own, else the family's default."""
    channel = plan.channel or routing.channels.get(family, routing.default_channel)
    named = {"slack": channel, "crm": "task", "webhook": "default"}
    return tuple((sink, named[sink]) for sink in plan.sinks or routing.sinks)


def owner_of(account: Account, family: FamilyName, routing: Routing) -> Owner:
    """Return the account's owner, or who stands in for one."""
    stand_in = Owner(name=routing.unmanaged.get(family, routing.fallback_owner), fallback=True)
    return account_owner(account) or stand_in


def account_owner(account: Account) -> Owner | None:
    """Return who owns the account; None while nobody does, or nobody told."""
    owner = account.profile.owner
    return Owner(name=owner, role=account.profile.owner_role) if isinstance(owner, str) else None
