"""Whether new credit covers an invoice by itself (handbook CT-CM, catalogue 3.4)."""

from datetime import date
from enum import StrEnum

from signals.detectors.calendar_months import add_months
from signals.detectors.offers import next_billing_day


class Cover(StrEnum):
    """What happens to the invoice of the period that the customer wants covered."""

    COVERED = "covered"
    NEXT_PERIOD = "next_period"
    """The contract begins with a later period by choice: nothing is to be covered now."""
    OVERRIDE = "override"
    """It does not happen by itself: billing and RevOps have to act before the invoice is issued."""


def cover_of(
    *, signed_on: date, starts_on: date, covers_from: date, covers_until: date, partly_paid: bool = False
) -> Cover:
    """Return what becomes of the invoice of the period *covers_from* .. *covers_until* (its ``period_end``).

    Signed on the day of ``period_end`` is late (pick). A contract that begins at or after the end begins with the next
    cycle by choice.
    """
    if starts_on >= covers_until:
        return Cover.NEXT_PERIOD
    if partly_paid or starts_on != covers_from or signed_on >= covers_until:
        return Cover.OVERRIDE
    return Cover.COVERED


def start_for(today: date, billing_day: int, *, immediate: bool) -> date:
    """Return the contract start that covers the running period (immediate), or the one that leaves it alone.

    >>> start_for(date(2026, 10, 15), 1, immediate=True), start_for(date(2026, 10, 15), 1, immediate=False)
    (datetime.date(2026, 10, 1), datetime.date(2026, 11, 1))
    """
    following = next_billing_day(today, billing_day)
    return next_billing_day(add_months(following, -2), billing_day) if immediate else following
