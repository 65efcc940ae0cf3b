"""What is kept beside accounts: each memory goes with the very value its step returned."""

from datetime import UTC, datetime

import msgspec

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, Close
from signals.detectors.language.waiting import Watch
from signals.domain.account.life import Episode, Life
from signals.domain.account.state import Account
from signals.engine.catalogue import Catalogue
from signals.engine.memory import Memories, Memory

ALL = frozenset(range(5))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_quiet_rule_is_worth_a_look_when_what_it_waits_for_moves() -> None:
    """Any of its fields, or nothing known of it; other fields are passed over."""
    memory = Memory()
    memory.quiet(1, Watch(frozenset({"billing.mrr"}), Close.NEVER))

    assert memory.worth_a_look((1, 2), frozenset({"billing.status"})) == {2}
    assert memory.worth_a_look((1, 2), frozenset({"billing.status", "billing.mrr"})) == {1, 2}
    memory.stirred(1)
    assert memory.worth_a_look((1,), frozenset({"billing.status"})) == {1}


def test_a_close_is_worth_a_look_to_those_it_matters_to() -> None:
    """A close of a day that was not reported yet matters least often."""
    memory = Memory()
    for number, closes in enumerate(Close):
        memory.quiet(number, Watch(frozenset(), closes))

    assert memory.worth_a_close(ALL, Close.DAY) == {3, 4}
    assert memory.worth_a_close(ALL, Close.MONTH) == {2, 3, 4}
    assert memory.worth_a_close(ALL, Close.REPORTED) == {1, 2, 3, 4}
    memory.forget()
    assert memory.worth_a_close(ALL, Close.DAY) == {0, 1, 2, 3, 4}


def test_a_memory_goes_with_the_value_of_its_step_only() -> None:
    """An equal account that was read from its bytes starts without."""
    memories, memory = Memories(2), Memory()
    account = Account("acme", clock=NOON)
    memories.keep(account, memory)

    assert memories.take(msgspec.structs.replace(account)) is not memory
    memories.keep(account, memory)
    assert memories.take(account) is memory
    assert memories.take(None) is not memory


def test_the_memory_not_used_for_longest_goes_first() -> None:
    """Never more than the given number."""
    memories, memory = Memories(2), Memory()
    accounts = [Account(name, clock=NOON) for name in "abc"]
    memories.keep(accounts[0], memory)
    memories.keep(accounts[1], Memory())
    memories.keep(accounts[0], memories.take(accounts[0]))
    memories.keep(accounts[2], Memory())

    assert memories.take(accounts[0]) is memory


def test_a_rule_that_waits_for_another_close_leaves_the_first_one() -> None:
    """The newest watch counts; one that must be looked at each time waits for none."""
    memory = Memory()
    memory.quiet(1, Watch(frozenset(), Close.NEVER))
    memory.quiet(1, Watch(frozenset(), Close.MONTH))
    memory.quiet(2, Watch(frozenset(), Close.NEVER))
    memory.stirred(2)

    assert memory.worth_a_close(frozenset({1, 2}), Close.MONTH) == {1, 2}
    assert memory.worth_a_close(frozenset({1, 2}), Close.DAY) == {2}


def test_facts_are_kept_until_what_they_read_moves_or_the_day_does() -> None:
    """A fact of the day goes with the day, one of the clock with the moment."""
    memory, catalogue = Memory(), Catalogue((), VOCABULARY)
    memory.comes_to(1, catalogue)
    memory.facts.update({"billing.mrr": 1, "people.active": 2, "touches": (), "profile.employees": 3})

    memory.comes_to(1, catalogue)
    assert memory.facts.keys() == {"billing.mrr", "people.active", "profile.employees"}
    memory.moved(frozenset({"billing.mrr"}), catalogue)
    assert memory.facts.keys() == {"people.active", "profile.employees"}
    memory.comes_to(2, catalogue)
    assert memory.facts.keys() == {"profile.employees"}
    memory.forget()
    assert not memory.facts


def test_only_the_accounts_used_last_keep_their_facts() -> None:
    """The others keep what their rules wait for, which is smaller."""
    memories, kept = Memories(9, with_facts=1), [Memory(), Memory()]
    for name, memory in zip("ab", kept, strict=True):
        memory.facts["billing.mrr"] = 1
        memory.quiet(1, Watch(frozenset(), Close.NEVER))
        memories.keep(Account(name, clock=NOON), memory)

    assert [len(memory.facts) for memory in kept] == [0, 1]
    assert [memory.worth_a_close(ALL, Close.DAY) for memory in kept] == [{0, 2, 3, 4}] * 2


def test_what_stands_is_put_together_once_for_the_same_memory() -> None:
    """Another timer is no other standing; another episode is."""
    memory, life = Memory(), Life(episodes={"a|": Episode("s", NOON, "open")}, unknown=("b|k",))
    standing = memory.standing(life)

    assert memory.standing(msgspec.structs.replace(life, timers={"a": NOON})) is standing
    assert standing.busy == {"a", "b"}
    assert standing.truths == {"a": {"": True}, "b": {"k": UNKNOWN}}
    assert memory.standing(msgspec.structs.replace(life, episodes={})).busy == {"b"}
