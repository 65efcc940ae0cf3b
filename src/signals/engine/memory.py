"""What a caller may keep beside an account between two steps to save work; without it a step gives the same.

It is never stored: after a restart it starts empty, and each rule is looked at once more than it need be.
"""

from collections.abc import Iterable

from signals.detectors.language.names import Close
from signals.detectors.language.waiting import Watch
from signals.domain.account.state import Account


class Memory:
    """Which rules are known not to hold, and what must move before they are worth another look.

    Belongs to one account, as the last step left it, and to one catalogue and policy: handed to a step with another of
    these it gives wrong results. Rules are named by their number in the catalogue.
    """

    __slots__ = ("_quiet",)

    def __init__(self) -> None:
        self._quiet: dict[int, Watch] = {}

    def quiet(self, number: int, watch: Watch) -> None:
        """Note that a rule has no episode and cannot hold before *watch* moves."""
        self._quiet[number] = watch

    def stirred(self, number: int) -> None:
        """Note that a rule must be looked at each time something it reads has moved."""
        self._quiet.pop(number, None)

    def forget(self) -> None:
        """Look at everything again: the account was changed by other means than a look."""
        self._quiet.clear()

    def worth_a_look(self, numbers: Iterable[int], fields: frozenset[str]) -> set[int]:
        """Return those of *numbers*, rules that read one of *fields*, whose answer may have changed with them."""
        quiet = self._quiet
        return {
            number for number in numbers if (watch := quiet.get(number)) is None or not watch.fields.isdisjoint(fields)
        }

    def worth_a_close(self, numbers: Iterable[int], close: Close) -> set[int]:
        """Return those of *numbers* whose answer may change with a close that matters from *close* on."""
        quiet = self._quiet
        return {number for number in numbers if (watch := quiet.get(number)) is None or watch.closes >= close}


class Memories:
    """A memory for each account a process has looked at lately, for a caller that goes from account to account.

    A memory is given out only for the very value the last step returned: an account that was read anew from its bytes
    starts without.

    Parameters
    ----------
    most
        How many are kept; the one not used for longest goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, tuple[Account, Memory]] = {}

    def take(self, account: Account | None) -> Memory:
        """Return the memory that goes with *account*, an empty one where there is none."""
        known = self._kept.pop(account.org_id, None) if account is not None else None
        return known[1] if known is not None and known[0] is account else Memory()

    def keep(self, account: Account, memory: Memory) -> None:
        """Keep the memory that a step left with the account it returned."""
        self._kept[account.org_id] = account, memory
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
