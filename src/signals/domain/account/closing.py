"""What the close of a business day does to an account: what is settled by then is learnt."""

from datetime import datetime, tzinfo

import msgspec

from signals.domain.account.daily import business_day
from signals.domain.account.learnt import SETTLE_DAYS, settled
from signals.domain.account.state import Account


def day_closed(account: Account, at: datetime, zone: tzinfo) -> Account:
    """Return the account as it is after *at*, the midnight a business day of *zone* closed at."""
    learnt = settled(account.learnt, account.usage, business_day(at, zone) - 1 - SETTLE_DAYS)
    return account if learnt is account.learnt else msgspec.structs.replace(account, learnt=learnt)
