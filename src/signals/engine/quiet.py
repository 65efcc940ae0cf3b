"""The elements a rule goes through, and whether any of them can hold: the look that comes before every look."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from signals.detectors.contract import Rule
from signals.detectors.language.names import UNKNOWN, Close, Partial
from signals.detectors.language.refute import Refuter
from signals.detectors.language.waiting import Watch
from signals.detectors.moment import Look, Moment
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.kinds import kind_of
from signals.engine.catalogue import Catalogue
from signals.engine.emptiness import is_empty
from signals.engine.memory import Memory
from signals.engine.moments import moment_of
from signals.engine.policy import Policy
from signals.engine.seeing import mark_wakes


@dataclass(frozen=True)
class Worth:
    """Which rules are worth an evaluation.

    Parameters
    ----------
    looks
        Those of which something may come.
    awake
        Of *looks*, those without anything remembered that do not wait for anything now.
    moment
        The moment they were looked at in: what it knows is known.
    """

    looks: set[int]
    awake: set[int]
    moment: Moment


def worth_an_evaluation(
    numbers: Iterable[int],
    account: Account,
    now: datetime,
    catalogue: Catalogue,
    policy: Policy,
    memory: Memory,
) -> Worth:
    """Return those of the rules *numbers* of which something may come, and the moment they were looked at in.

    What the others wait for goes into the memory.

    Of most accounts at most times that is none, and the answer costs half of an evaluation. A rule that has an episode,
    a timer or an unknown of its own is always among them.
    """
    rules, referenced = catalogue.rules, catalogue.referenced
    standing = memory.standing(account.life)
    busy, timers = standing.busy, account.life.timers
    moment = moment_of(account, now, catalogue, policy, standing.truths, memory)
    worth = Worth(set(), set(), moment)
    found, awake = worth.looks, worth.awake
    for number in numbers:
        rule = rules[number]
        if rule.id not in busy and rule.id not in timers:
            watch = what_to_wait_for(rule, moment, () if rule.id in referenced else None)
            if watch is not None:
                memory.quiet(number, watch)
                continue
            memory.stirred(number)
            awake.add(number)
        found.add(number)
    return worth


def edges_of(event: Event | None, catalogue: Catalogue) -> Sequence[int]:
    """Return the rules that an event may be a moment of."""
    if event is None or type(event) not in catalogue.moments:
        return ()
    return catalogue.edges.get(kind_of(event), ())


def begins(event: Event | None, moment: Moment, catalogue: Catalogue) -> bool:
    """Say whether an event is a moment of any rule, as long as nothing else has come of it."""
    conditions = (catalogue.rules[number].when for number in edges_of(event, catalogue))
    return any(when is None or when.evaluate(Look(moment, event=event)) is True for when in conditions)


def what_to_wait_for(rule: Rule, moment: Moment, unknown_before: Collection[str] | None) -> Watch | None:
    """Return what a rule without an episode waits for; None when it must be looked at properly.

    Parameters
    ----------
    unknown_before
        Keys whose condition was unknown so far, for a rule whose unknown others tell from false: then what is unknown
        must be what it was. None for every other rule.
    """
    watch = _waited_for(rule, moment, unknown_before)
    if watch is None or watch.closes is Close.NEVER or watch.dated is None:
        return watch
    return watch.undated if all(is_empty(moment, field) for field in watch.dated) else watch


def _waited_for(rule: Rule, moment: Moment, unknown_before: Collection[str] | None) -> Watch | None:
    refuter = rule.refuter
    if refuter is None:
        return _unclimbed(rule, moment) if unknown_before is None else None
    terms = _failing(rule, refuter, moment)
    if unknown_before is None:
        return refuter.watch(terms) if terms >= 0 else rule.unlisted if terms == NOT_LISTED else None
    certain = refuter.certain_watch(terms) if terms >= 0 else None
    if certain is not None:
        return None if unknown_before else certain
    # With a clock in it, a condition that is unknown needs its wake-ups.
    if rule.timed or _unknown_keys(rule, moment) != set(unknown_before):
        return None
    return rule.always


def _unclimbed(rule: Rule, moment: Moment) -> Watch | None:
    """Return what a ladder waits for that nothing is to climb now; None where something is, or may be."""
    look = Look(moment)
    if rule.each is not None:
        nothing = rule.elements is not None and rule.each.collection.evaluate(look) == ()
        return rule.elements if nothing else None
    if rule.start is None or rule.while_ is None:
        return None
    if rule.unstarted is not None and rule.start.evaluate(look) in (None, UNKNOWN):
        return rule.unstarted
    if rule.not_meanwhile is not None and rule.while_.evaluate(look) is not True:
        return rule.not_meanwhile
    return None


def _failing(rule: Rule, refuter: Refuter, moment: Moment) -> int:
    look = Look(moment)
    if rule.each is None:
        return refuter.failing(look, NO_ELEMENTS)
    collection = rule.each.collection.evaluate(look)
    if isinstance(collection, Partial):
        collection = collection.items
    return refuter.failing(look, collection) if isinstance(collection, tuple | list) else NOT_LISTED


def _unknown_keys(rule: Rule, moment: Moment) -> set[str] | None:
    """Return the keys of elements whose condition is unknown; None when one holds, or the elements are unknown."""
    elements = elements_of(rule, moment, [])
    if elements is None or rule.when is None:
        return None
    unknown: set[str] = set()
    for key, item in elements:
        truth = rule.when.evaluate(Look(moment, item=item))
        if truth is UNKNOWN:
            unknown.add(key)
        elif truth is not False:
            return None
    return unknown


def elements_of(rule: Rule, moment: Moment, wakes: list[datetime]) -> list[tuple[str, object | None]] | None:
    """Return the (key, element) pairs of a rule; None while its collection is unknown.

    The wake-ups of the collection are added to *wakes*.
    """
    if rule.each is None:
        return [("", None)]
    look = Look(moment)
    collection = rule.each.collection.evaluate(look)
    mark_wakes(rule.each.collection, look, wakes)
    if isinstance(collection, Partial):
        collection = collection.items
    if not isinstance(collection, tuple | list):
        return None if collection is UNKNOWN else []
    pairs: list[tuple[str, object | None]] = []
    for item in collection:
        key = rule.each.key.evaluate(Look(moment, item=item))
        if isinstance(key, str):
            pairs.append((key, item))
    return pairs


NO_ELEMENTS = (None,)
"""What a rule without ``each`` goes through."""

NOT_LISTED = -2
"""Instead of failing terms: which elements there are is not known."""
