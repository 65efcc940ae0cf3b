"""Refunds made, the newest ones."""

from datetime import datetime
from decimal import Decimal

import msgspec

from signals.domain.events.billing import RefundIssued

MAX_REFUNDS = 20


class Refund(msgspec.Struct, frozen=True, omit_defaults=True):
    """One refund or credit note."""

    at: datetime
    amount: Decimal
    reason: str | None = None


class Refunds(msgspec.Struct, frozen=True, omit_defaults=True):
    """Refund id -> refund."""

    refunds: dict[str, Refund] = {}


def refund_issued(state: Refunds, event: RefundIssued) -> Refunds:
    """Note the refund; of one told twice the later wording counts."""
    known = state.refunds.get(event.refund_id)
    if known is not None and event.at < known.at:
        return state
    refunds = {**state.refunds, event.refund_id: Refund(event.at, event.amount, event.why)}
    while len(refunds) > MAX_REFUNDS:
        del refunds[min(refunds, key=lambda key: (refunds[key].at, key))]
    return Refunds(dict(sorted(refunds.items())))
