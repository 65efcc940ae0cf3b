"""Business terms that facts made in Python need: defaults from the catalogue, changed in the settings file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class Terms:
    """What the company has agreed with itself.

    Parameters
    ----------
    payment_clock_attempt
        The failed attempt that makes a card payer late (day 0). Handbook BI is ambiguous; 4 is the catalogue's pick.
    suspend_after, cancel_after
        From day 0 to suspension (handbook: 7 days), from the actual suspension to cancellation (handbook: 7 days).
    notice
        How long before each the notice goes out (handbook: the day before).
    credit_due_after
        Due date of a credit invoice that names none: contract start plus this (handbook: 30 days).
    lifetime_witness
        "Never" is known once the source has reported this long without a gap (ours), or since the organization exists.
    active_within
        A person is active when seen within this long, today included (handbook HW: the past month).
    used_within
        A product is used when it had usage within this long, today included (proposed, catalogue 0.2). At least 7 days:
        a shorter window would drop, every weekend, what a team uses from Monday to Friday.
    no_health_tag
        Tag of the CRM that says that no health data is recorded (G20, proposed).
    arr_managed, arr_large
        ARR from which an account is in the $20K and in the $60K segment (handbook AU).
    first_forecast_above
        MRR forecast above which a first payment is expected (handbook AU).
    usual_gap, usual_gap_managed
        Usual days from one active day of an account to the next, and of one in the $20K segment: what an account with
        little history of its own is judged by (ours, a guess of 2026-11: people who work with it come every workday).
    prices
        Product -> tiers (``domain/prices.py``) of the price list: what refunds are reckoned with. Empty: the handbook
        has no prices, so that a refund's money is not known until they are set.
    """

    payment_clock_attempt: Literal[1, 4] = 4
    suspend_after: timedelta = timedelta(days=7)
    cancel_after: timedelta = timedelta(days=7)
    notice: timedelta = timedelta(days=1)
    credit_due_after: timedelta = timedelta(days=30)
    lifetime_witness: timedelta = timedelta(days=30)
    active_within: timedelta = timedelta(days=30)
    used_within: timedelta = timedelta(days=30)
    no_health_tag: str = "no-phi"
    arr_managed: Decimal = Decimal(20_000)
    arr_large: Decimal = Decimal(60_000)
    first_forecast_above: Decimal = Decimal(1)
    usual_gap: timedelta = timedelta(days=3)
    usual_gap_managed: timedelta = timedelta(days=2)
    prices: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
