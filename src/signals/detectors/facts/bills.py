"""Facts about bills charged for usage, refunds, and months of revenue that are over."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.billing import Invoice
from signals.domain.account.daily import business_day, month_number, month_start, ordinal
from signals.domain.account.refunds import Refund


class Bill:
    """One bill charged for usage that is not void."""

    __slots__ = ("amount", "id", "issued_on")

    def __init__(self, id: str, invoice: Invoice, issued_on: date) -> None:  # noqa: A002  # the attribute's name
        self.id, self.amount, self.issued_on = id, invoice.amount, issued_on


def bills_of(look: Look) -> tuple[Bill, ...]:
    """Return the bills, oldest first."""
    found = [
        Bill(key, one, date.fromordinal(business_day(one.issued_at, look.zone)))
        for key, one in look.moment.state.billing.invoices.items()
        if one.plan == "payg" and one.voided_at is None and one.issued_at is not None and one.amount is not None
    ]
    return tuple(sorted(found, key=lambda bill: (bill.issued_on, bill.id)))


def _last_amount(look: Look) -> object:
    bills = bills_of(look)
    return bills[-1].amount if bills else None


class RefundView:
    """One refund."""

    __slots__ = ("amount", "at", "id", "why")

    def __init__(self, id: str, refund: Refund) -> None:  # noqa: A002  # the attribute's name
        self.id, self.at, self.amount, self.why = id, refund.at, refund.amount, refund.reason


def _refunds(look: Look) -> tuple[RefundView, ...]:
    return tuple(RefundView(key, one) for key, one in look.moment.state.refunds.refunds.items())


def _last_credit_month(look: Look) -> object:
    """Return the credit-funded usage of the newest month that had some; null when there was none."""
    consumed = look.moment.state.credits.consumed
    months = [number for number, amount in consumed.items() if amount > 0]
    return consumed[max(months)] if months else None


def _closed(look: Look) -> int | None:
    """Return the newest month whose revenue was reported after it was over."""
    billing = look.moment.state.billing
    this = month_number(look.today)
    over = [
        number
        for number, at in billing.revenue_at.items()
        if number < this and business_day(at, look.zone) >= ordinal(month_start(number + 1))
    ]
    return max(over, default=None)


def _of_closed(before: int) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        newest = _closed(look)
        return UNKNOWN if newest is None else look.moment.state.billing.revenue.get(newest - before, UNKNOWN)

    return get


def _closed_mean(look: Look) -> object:
    one, two = _of_closed(2)(look), _of_closed(3)(look)
    return (one + two) / 2 if isinstance(one, Decimal) and isinstance(two, Decimal) else UNKNOWN


def _closed_month(look: Look) -> object:
    newest = _closed(look)
    return UNKNOWN if newest is None else month_start(newest - 1)


_REVENUE = ("billing.revenue", "billing.revenue_at")

FACTS: tuple[Fact, ...] = (
    fact("bills", Kind.LIST, bills_of, "billing.invoices",
         fields={"id": Kind.TEXT, "amount": Kind.MONEY, "issued_on": Kind.DATE},
         doc="Bills charged for usage, void ones and prepaid credit left out, oldest first."),
    fact("bills.last_amount", Kind.MONEY, _last_amount, "billing.invoices", unit="USD",
         doc="Amount of the newest bill for usage; null without one.", label="Last bill"),
    fact("refunds", Kind.LIST, _refunds, "refunds.refunds",
         fields={"id": Kind.TEXT, "at": Kind.INSTANT, "amount": Kind.MONEY, "why": Kind.TEXT},
         doc="Refunds made, the newest 20."),
    fact("credits.last_month", Kind.MONEY, _last_credit_month, "credits.consumed", unit="USD",
         doc="Credit-funded usage of the newest month that had some; null without one.",
         label="Last credit-funded month"),
    fact("revenue_closed.next", Kind.MONEY, _of_closed(0), *_REVENUE, unit="USD", daily=True,
         doc="Revenue of the newest month that is over and was reported after its end.", label="The month after"),
    fact("revenue_closed.spike", Kind.MONEY, _of_closed(1), *_REVENUE, unit="USD", daily=True,
         doc="Revenue of the month before that one.", label="Revenue of the month"),
    fact("revenue_closed.before", Kind.MONEY, _of_closed(2), *_REVENUE, unit="USD", daily=True,
         doc="Revenue two months before it."),
    fact("revenue_closed.before_that", Kind.MONEY, _of_closed(3), *_REVENUE, unit="USD", daily=True,
         doc="Revenue three months before it."),
    fact("revenue_closed.mean_before", Kind.MONEY, _closed_mean, *_REVENUE, unit="USD", daily=True,
         doc="Mean revenue of the two months before revenue_closed.spike.", label="Mean of the two months before"),
    fact("revenue_closed.month", Kind.DATE, _closed_month, *_REVENUE, daily=True,
         doc="First day of the month of revenue_closed.spike.", label="Service month from"),
)  # fmt: skip
