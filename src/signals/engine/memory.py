"""What a caller may keep beside an account between two steps to save work; without it a step gives the same.

It is never stored: after a restart it starts empty, and each rule is looked at once more than it need be.
"""

from collections.abc import Iterable

from signals.detectors.language.names import Close
from signals.detectors.language.waiting import Watch
from signals.domain.account.life import Life
from signals.domain.account.state import Account
from signals.engine.catalogue import Catalogue
from signals.engine.standing import Standing, standing_of


class Memory:
    """Which rules are known not to hold, and what must move before they are worth another look; facts that are known.

    Belongs to one account, as the last step left it, and to one catalogue and policy: handed to a step with another of
    these it gives wrong results. Rules are named by their number in the catalogue.

    ``facts`` are the values a moment may begin with: whatever moves between two moments is told by ``moved`` and by
    ``comes_to``.
    """

    __slots__ = ("_asleep", "_quiet", "_standing", "_today", "facts")

    def __init__(self) -> None:
        self._quiet: dict[int, Watch] = {}
        self._asleep: tuple[set[int], ...] = tuple(set() for _ in Close)
        """Close, by its number -> the rules that wait, and for which that one matters but no lesser one."""
        self._standing: Standing | None = None
        self._today = 0
        self.facts: dict[str, object] = {}

    def moved(self, fields: frozenset[str], catalogue: Catalogue) -> None:
        """Let go of the facts that read one of the state fields that moved."""
        facts = self.facts
        for name in facts.keys() & catalogue.facts_of(fields):
            del facts[name]

    def comes_to(self, today: int, catalogue: Catalogue) -> None:
        """Let go of the facts that may be others at the next moment: on another day, or later on the same."""
        facts = self.facts
        for name in facts.keys() & catalogue.timed_facts:
            del facts[name]
        if today != self._today:
            self._today = today
            for name in facts.keys() & catalogue.daily_facts:
                del facts[name]

    def standing(self, life: Life) -> Standing:
        """Return what the engine remembers of each rule, put together once for the same memory."""
        known = self._standing
        if known is None or not known.is_of(life):
            known = self._standing = standing_of(life)
        return known

    def quiet(self, number: int, watch: Watch) -> None:
        """Note that a rule has no episode and cannot hold before *watch* moves."""
        known = self._quiet.get(number)
        if known is not watch:
            if known is not None:
                self._asleep[known.closes].discard(number)
            self._asleep[watch.closes].add(number)
            self._quiet[number] = watch

    def stirred(self, number: int) -> None:
        """Note that a rule must be looked at each time something it reads has moved."""
        watch = self._quiet.pop(number, None)
        if watch is not None:
            self._asleep[watch.closes].discard(number)

    def forget(self) -> None:
        """Look at everything again: the account was changed by other means than a look."""
        self._quiet.clear()
        for asleep in self._asleep:
            asleep.clear()
        self.facts.clear()

    def worth_a_look(self, numbers: Iterable[int], fields: frozenset[str]) -> set[int]:
        """Return those of *numbers*, rules that read one of *fields*, whose answer may have changed with them."""
        quiet = self._quiet
        return {
            number for number in numbers if (watch := quiet.get(number)) is None or not watch.fields.isdisjoint(fields)
        }

    def worth_a_close(self, numbers: frozenset[int], close: Close) -> set[int]:
        """Return those of *numbers* whose answer may change with a close that matters from *close* on."""
        return set(numbers.difference(*self._asleep[:close]))


WITH_FACTS = 2_000
# Accounts of a process. The facts of one take about 18 kB, so 40 MB at the most.


class Memories:
    """A memory for each account a process has looked at lately, for a caller that goes from account to account.

    A memory is given out only for the very value the last step returned: an account that was read anew from its bytes
    starts without.

    Parameters
    ----------
    most
        How many are kept; the one not used for longest goes first.
    with_facts
        How many of them keep their facts.
    """

    def __init__(self, most: int, with_facts: int = WITH_FACTS) -> None:
        self._most, self._with_facts = most, with_facts
        self._kept: dict[str, tuple[Account, Memory]] = {}
        self._knowing: dict[str, Memory] = {}

    def take(self, account: Account | None) -> Memory:
        """Return the memory that goes with *account*, an empty one where there is none."""
        known = self._kept.pop(account.org_id, None) if account is not None else None
        return known[1] if known is not None and known[0] is account else Memory()

    def keep(self, account: Account, memory: Memory) -> None:
        """Keep the memory that a step left with the account it returned."""
        self._kept[account.org_id] = account, memory
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        self._knowing.pop(account.org_id, None)
        self._knowing[account.org_id] = memory
        if len(self._knowing) > self._with_facts:
            self._knowing.pop(next(iter(self._knowing))).facts.clear()
