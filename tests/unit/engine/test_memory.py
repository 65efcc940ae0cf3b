"""What is kept beside accounts: each memory goes with the very value its step returned."""

from datetime import UTC, datetime

import msgspec

from signals.detectors.language.names import Close
from signals.detectors.language.waiting import Watch
from signals.domain.account.state import Account
from signals.engine.memory import Memories, Memory

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

    assert memory.worth_a_close(range(5), Close.DAY) == {3, 4}
    assert memory.worth_a_close(range(5), Close.MONTH) == {2, 3, 4}
    assert memory.worth_a_close(range(5), Close.REPORTED) == {1, 2, 3, 4}
    memory.forget()
    assert memory.worth_a_close(range(5), Close.DAY) == {0, 1, 2, 3, 4}


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
