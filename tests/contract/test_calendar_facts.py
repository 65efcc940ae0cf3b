"""A fact that reads only empty fields says the same every day, unless it says that it follows the calendar.

Rules that wait rest on it: while nothing is in the fields a condition reads, the close of a day is no reason to look.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
import pytest

from signals.backtest.examples import ORG, arrivals_of, story_events
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import Fact
from signals.detectors.moment import Look, Moment
from signals.domain.account.state import Account
from signals.engine.emptiness import is_empty
from signals.engine.step import step
from support.packaged import POLICY, catalogue, rules

BUSY = ("usage.", "people.", "mix.", "interest.")
DAILY = [fact for fact in VOCABULARY.facts.values() if fact.daily]
UNDATED = [fact for fact in DAILY if not any(field.startswith(BUSY) for field in fact.reads)]
DAYS = (0, 1, 20, 45, 400)
EVERY = 12
# Of the rules: enough accounts of every kind.


@cache
def accounts() -> tuple[Account, ...]:
    """Return accounts about which a good deal is known."""
    found = []
    for rule in rules()[::EVERY]:
        for example in rule.examples[:1]:
            arrivals = arrivals_of(story_events(example.story, zone=POLICY.zone))
            stepped = step(None, ORG, arrivals, until=None, catalogue=catalogue().around({rule.id}), policy=POLICY)
            found.append(stepped.account)
    return (*found, Account(ORG, datetime(2026, 6, 15, 12, tzinfo=UTC)))


def emptied(account: Account, fact: Fact) -> Account:
    """Return the account with nothing in the fields a fact reads."""
    for field in fact.reads:
        facet, _, name = field.partition(".")
        part = getattr(account, facet, None)
        if part is None:
            continue
        if facet == "traits":
            part = msgspec.structs.replace(part, values={key: one for key, one in part.values.items() if key != name})
        elif "." in name:
            of, _, entry = name.partition(".")
            known = getattr(part, of)
            part = msgspec.structs.replace(part, **{of: {key: one for key, one in known.items() if key != entry}})
        elif name in part.__struct_fields__:
            part = msgspec.structs.replace(part, **{name: getattr(type(part)(), name)})
        account = msgspec.structs.replace(account, **{facet: part})
    return account


def values(account: Account, fact: Fact) -> Iterator[object]:
    """Yield what a fact says on several days."""
    for days in DAYS:
        now = account.clock + timedelta(days=days)
        moment = Moment(
            account,
            now,
            zone=ZoneInfo("UTC"),
            terms=POLICY.terms,
            names=VOCABULARY,
            truths={},
            levels={"A": (), "B": ()},
        )
        if all(is_empty(moment, field) for field in fact.reads):
            yield moment.fact(fact.name, Look(moment))


@pytest.mark.parametrize("fact", UNDATED, ids=[fact.name for fact in UNDATED])
def test_nothing_known_gives_the_same_every_day(fact: Fact) -> None:
    """What differs follows the calendar and says so; what says so and does not would be looked at for nothing."""
    said = [list(values(emptied(account, fact), fact)) for account in accounts()]
    assert any(one != known[0] for known in said for one in known) is fact.calendar
