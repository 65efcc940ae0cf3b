"""Paper around invoices: drafts not yet sent, and what came in short."""

from datetime import datetime
from decimal import Decimal

import msgspec

from signals.domain.events.paperwork import InvoiceDrafted, InvoiceUnderpaid

MAX_DRAFTS = 12
MAX_SHORT = 12


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """One invoice in draft, as last told."""

    amount: Decimal
    plan: str
    renewal: bool
    at: datetime
    first_at: datetime


class Short(msgspec.Struct, frozen=True, array_like=True):
    """What is missing of one invoice, as last told."""

    missing: Decimal
    cause: str
    at: datetime


class Paperwork(msgspec.Struct, frozen=True, omit_defaults=True):
    """Invoice id -> draft, and -> what is missing. Whether an invoice was sent or paid since is a matter of billing."""

    drafts: dict[str, Draft] = {}
    short: dict[str, Short] = {}


def invoice_drafted(paperwork: Paperwork, event: InvoiceDrafted) -> Paperwork:
    """Note the draft; the newest few are kept."""
    known = paperwork.drafts.get(event.invoice_id)
    first_at = event.at if known is None else min(known.first_at, event.at)
    if known is not None and event.at < known.at:
        draft = msgspec.structs.replace(known, first_at=first_at)
    else:
        draft = Draft(event.amount, event.plan, event.renewal, event.at, first_at)
    drafts = {**paperwork.drafts, event.invoice_id: draft}
    if len(drafts) > MAX_DRAFTS:
        del drafts[min(drafts, key=lambda key: (drafts[key].at, key))]
    return msgspec.structs.replace(paperwork, drafts=drafts)


def invoice_underpaid(paperwork: Paperwork, event: InvoiceUnderpaid) -> Paperwork:
    """Note what is missing, unless a later report is known."""
    known = paperwork.short.get(event.invoice_id)
    if known is not None and event.at < known.at:
        return paperwork
    short = {**paperwork.short, event.invoice_id: Short(event.missing, event.cause, event.at)}
    if len(short) > MAX_SHORT:
        del short[min(short, key=lambda key: (short[key].at, key))]
    return msgspec.structs.replace(paperwork, short=short)
