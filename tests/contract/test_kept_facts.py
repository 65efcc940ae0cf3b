"""A fact that was kept is the fact that would be made anew: it says what it reads, and if it follows day or clock.

The engine keeps facts of an account from one moment to the next (decision 0072) and rests on it.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from signals.backtest.examples import ORG, arrivals_of, story_events
from signals.detectors.contract import Rule
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.moment import Look, Moment
from signals.domain.account.daily import business_day
from signals.domain.account.state import Account
from signals.engine.memory import Memory
from signals.engine.step import step
from support.packaged import POLICY, catalogue, rules

EVERY = 12
# Of the rules: enough accounts of every kind.

TOLD = [rule for rule in rules()[::EVERY] if rule.examples]


def parts(value: object) -> object:
    """Return a value in a form that is equal where rules and cards see no difference."""
    if isinstance(value, tuple | list):
        return [parts(one) for one in value]
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    if not type(value).__module__.startswith("signals.") or isinstance(value, int | str | date | timedelta):
        return value
    names += getattr(type(value), "__dataclass_fields__", ())
    return [type(value), [parts(getattr(value, name)) for name in names]] if names else value


def moment_of(account: Account, now: datetime, facts: dict[str, object] | None = None) -> Moment:
    """Return a moment that knows *facts*."""
    return Moment(
        account, now, zone=POLICY.zone, terms=POLICY.terms, names=VOCABULARY, truths={}, levels={"A": (), "B": ()},
        facts=facts,
    )  # fmt: skip


def lived(rule: Rule, memory: Memory) -> Iterator[Account]:
    """Yield the account after each event of a rule's first story, and on some days after the last."""
    rules_in_force = catalogue().around({rule.id})
    account: Account | None = None
    for arrival in arrivals_of(story_events(rule.examples[0].story, zone=POLICY.zone)):
        stepped = step(account, ORG, (arrival,), until=None, catalogue=rules_in_force, policy=POLICY, memory=memory)
        yield (account := stepped.account)
    for days in (1, 2, 35):
        assert account is not None
        until = account.clock + timedelta(days=days)
        stepped = step(account, ORG, (), until=until, catalogue=rules_in_force, policy=POLICY, memory=memory)
        yield (account := stepped.account)


@pytest.mark.parametrize("rule", TOLD, ids=[rule.id for rule in TOLD])
def test_what_is_kept_is_what_would_be_made_anew(rule: Rule) -> None:
    """Of every fact there is, all through a story: each is asked for after each event, and kept for the next."""
    memory = Memory()
    kept = 0
    for account in lived(rule, memory):
        memory.comes_to(business_day(account.clock, POLICY.zone), catalogue())
        known, fresh = dict(memory.facts), moment_of(account, account.clock)
        look = Look(fresh)
        for name, value in known.items():
            assert parts(value) == parts(fresh.fact(name, look)), name
        kept += len(known)
        keeping = moment_of(account, account.clock, memory.facts)
        for name in VOCABULARY.facts:
            keeping.fact(name, Look(keeping))
    assert kept


class Clockless(Look):
    """A look that says when it was asked for the time of day."""

    __slots__ = ("asked",)

    @property
    def now(self) -> datetime:
        """The account's clock."""
        self.asked = True
        return self.moment.now


@cache
def accounts() -> tuple[Account, ...]:
    """Return accounts about which a good deal is known."""
    return tuple(list(lived(rule, Memory()))[-1] for rule in TOLD)


def test_facts_that_follow_the_clock_say_so() -> None:
    """Such a fact is good for one instant: what it says may be otherwise an hour later, though nothing moved."""
    for account in accounts():
        for name, one in VOCABULARY.facts.items():
            look = Clockless(moment_of(account, account.clock))
            look.asked = False
            one.get(look)
            assert one.timed or not look.asked, name
