"""Paper around invoices, on the billing topic: drafts not yet sent, and payments that came in short."""

from typing import Literal

from signals.domain.events.base import Money, Name, Priced


class InvoiceDrafted(Priced, frozen=True, kw_only=True, tag="invoice_drafted"):
    """An invoice stands in draft: nobody can pay it yet. ``invoice_issued`` with the same id sends it."""

    invoice_id: Name
    amount: Money
    plan: Literal["payg", "credit", "flat"] = "credit"
    """``credit``: for credit bought on an order form."""
    renewal: bool = False
    """For the term after a running or past one."""


class InvoiceUnderpaid(Priced, frozen=True, kw_only=True, tag="invoice_underpaid"):
    """Less came in than was due; the invoice stays open until the rest is paid."""

    invoice_id: Name
    missing: Money
    cause: Literal["withholding", "bank_fee", "other"] = "other"
