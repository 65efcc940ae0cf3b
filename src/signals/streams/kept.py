"""Accounts that were read or written lately, as values: the next message need not unpack their bytes again."""

from signals.domain.account.state import Account
from signals.streams import codec

KEPT = 20_000
# Of one process. An account of some months takes about 10 kB as a value, so 200 MB at the most; a backlog goes through
# a partition's accounts in turn, and with fewer than those nothing would still be here when its turn comes.


class KeptAccounts:
    """The last accounts used. Never wrong: an account is given back only for the very bytes it stands for.

    Parameters
    ----------
    most
        How many are kept; the one not used for longest goes first.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: dict[str, tuple[bytes, Account]] = {}

    def decode(self, org_id: str, stored: bytes) -> Account:
        """Return the account whose bytes are *stored*.

        Raises
        ------
        SchemaTooNew, Corrupt
            See ``codec.decode_account``.
        """
        known = self._kept.pop(org_id, None)
        if known is not None and known[0] == stored:
            self._kept[org_id] = known
            return known[1]
        account = codec.decode_account(stored)
        self.keep(org_id, stored, account)
        return account

    def keep(self, org_id: str, value: bytes, account: Account) -> None:
        """Keep an account and its bytes, in the place of what was kept of it."""
        self._kept.pop(org_id, None)
        self._kept[org_id] = value, account
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
