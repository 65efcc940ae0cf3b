"""Answers for a person who doubts: why a signal said what it said, and why an account is silent.

Both replay the history, so an answer is also a proof: the same events give the same transition again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from signals.backtest.replay import replay
from signals.detectors.contract import Rule
from signals.detectors.language.names import Partial
from signals.detectors.language.reason import Reason
from signals.detectors.moment import Look, Moment
from signals.domain.account.state import Account
from signals.domain.classes import FieldClass
from signals.domain.privacy import text_for
from signals.domain.signal import Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.content import named_key
from signals.engine.moments import moment_of
from signals.engine.policy import Policy
from signals.engine.standing import standing_of
from signals.engine.stepped import Stepped
from signals.ingest.decode import RecordDecoder
from signals.ingest.record import RawRecord


@dataclass(frozen=True)
class Explained:
    """One transition of the signal and the comparisons behind it, with the values they saw."""

    transition: Transition
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Silence:
    """One rule that is silent for the account: what held it back, else the comparisons that fail or are unknown."""

    rule: Rule
    held: tuple[Suppression, ...]
    reasons: tuple[Reason, ...]


def explain(
    records: Iterable[RawRecord],
    signal_id: str,
    *,
    decoder: RecordDecoder,
    catalogue: Catalogue,
    policy: Policy,
    epoch: int = 1,
    until: datetime | None = None,
) -> list[Explained]:
    """Return every transition of one signal as the history gives it again; empty when it gives none."""
    found: list[Explained] = []

    def watch(before: Account | None, arrival: Arrival | None, stepped: Stepped) -> None:
        for said in stepped.transitions:
            if said.signal_id != signal_id:
                continue
            own = arrival is not None and said.caused_by[-1:] == (arrival.position,)
            account = stepped.account if own or before is None else before
            event = arrival.event if arrival is not None and own else None
            found.append(Explained(said, tuple(_reasons(said, account, event, catalogue, policy))))

    replay(records, decoder=decoder, catalogue=catalogue, policy=policy, epoch=epoch, until=until, watch=watch)
    return found


def why_not(
    records: Iterable[RawRecord],
    org_id: str,
    *,
    decoder: RecordDecoder,
    catalogue: Catalogue,
    policy: Policy,
    epoch: int = 1,
    until: datetime | None = None,
) -> list[Silence]:
    """Return, for every rule without an open signal at the end of the history, why it is silent for the account."""
    result = replay(records, decoder=decoder, catalogue=catalogue, policy=policy, epoch=epoch, until=until, only=org_id)
    account = result.accounts.get(org_id)
    if account is None:
        return []
    opened = {tag.split("|", 1)[0] for tag, episode in account.life.episodes.items() if episode.state == "open"}
    now = max(account.clock, result.until) if result.until is not None else account.clock
    moment = moment_of(account, now, catalogue, policy, standing_of(account.life).truths)
    silences: list[Silence] = []
    for rule in catalogue.rules:
        if rule.id in opened:
            continue
        held = tuple(one for one in result.suppressions if one.rule == rule.id)
        reasons = tuple(reason for look in _looks(rule, moment, "") for reason in _why(rule, look))
        silences.append(Silence(rule, held, reasons))
    return silences


def _reasons(
    said: Transition, account: Account, event: object | None, catalogue: Catalogue, policy: Policy
) -> Iterator[Reason]:
    rule = catalogue.by_id.get(said.rule)
    if rule is None:
        return
    moment = moment_of(account, said.at, catalogue, policy, standing_of(account.life).truths)
    for look in _looks(rule, moment, said.key, event, policy.privacy.topics):
        yield from _why(rule, look)


def _looks(
    rule: Rule,
    moment: Moment,
    key: str,
    event: object | None = None,
    allowed: frozenset[FieldClass] = frozenset(),
) -> Iterator[Look]:
    """Yield the looks of a rule at a moment; only the one whose key is said as *key* when it names an element."""
    if rule.each is None:
        yield Look(moment, event=event)
        return
    collection = rule.each.collection.evaluate(Look(moment))
    items = collection.items if isinstance(collection, Partial) else collection
    for item in items if isinstance(items, tuple | list) else ():
        own = rule.each.key.evaluate(Look(moment, item=item))
        if not key or (isinstance(own, str) and text_for(named_key(rule, own, moment.state.org_id), allowed) == key):
            yield Look(moment, item=item)


def _why(rule: Rule, look: Look) -> tuple[Reason, ...]:
    condition = rule.when if rule.when is not None else rule.while_
    if condition is None or (rule.on and look.event is None):
        return ()
    return condition.why(look)
