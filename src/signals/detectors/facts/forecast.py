"""Facts about the day on which credit is gone, by the account's own daily use: a band beside the stated run-out (3.1).

Dollars become units at what a unit cost in the last complete months that are known. Everything is computed at the first
asking, so an account without credit pays nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.facts.money import credit_contract, one_time_credit
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.runway import BURN_MONTHS
from signals.detectors.usage_outlook import (
    DAILY_USE,
    Forecast,
    dated,
    gone_on,
    history,
    rests_on,
    too_little,
    used_since,
)
from signals.domain.account.daily import business_day, month_number, month_start, ordinal
from signals.domain.account.usage import TOTAL
from signals.learning.consumption import Consumption, Outlook, outlook
from signals.learning.depletion import course


@dataclass(frozen=True, slots=True)
class Expected:
    """The daily use of one series up to its newest known day, and its outlook; None while too little is known."""

    known: Consumption
    last: int
    outlook: Outlook | None


def expected_use(look: Look, product: str) -> Expected | None:
    """Return the outlook of a series, computed once; None while its newest days are not reported."""

    def make() -> object:
        moment = look.moment
        daily = moment.state.usage.days.get(product)
        if daily is None:
            return None
        found = history(daily, moment.state.usage.reported, moment.created_number, moment.today_number)
        if found is None:
            return None
        known, last = found
        return Expected(known, last, outlook(known, DAILY_USE))

    found = look.moment.cached(f"outlook:{product}", make)
    return found if isinstance(found, Expected) else None


def dollars_a_unit(look: Look) -> Decimal | None:
    """Return what a unit cost in the last three complete months, as far as their dollars and units are known.

    While none of them is, the running month speaks, up to the day before its consumption was last reported.
    """
    credits, month = look.moment.state.credits, month_number(look.today)
    dollars, units = Decimal(0), 0
    for ago in range(1, BURN_MONTHS + 1):
        amount = credits.consumed.get(month - ago)
        volume = _units(look, month - ago, ordinal(month_start(month - ago + 1)) - 1)
        if amount is not None and volume is not None:
            dollars, units = dollars + amount, units + volume
    if not units and month in credits.consumed:
        at = credits.consumed_at.get(month)
        told = look.moment.today_number if at is None else business_day(at, look.zone)
        dollars, units = credits.consumed[month], _units(look, month, told - 1) or 0
    return dollars / units if units > 0 and dollars > 0 else None


def _units(look: Look, month: int, last: int) -> int | None:
    """Return the units of a month up to the day *last*; None unless every day since the account began was reported."""
    moment = look.moment
    daily, first = moment.state.usage.days.get(TOTAL), ordinal(month_start(month))
    begins = max(first, moment.created_number or first)
    if daily is None or last < begins or not moment.state.usage.reported.covers(begins, last):
        return None
    return daily.month(month, first, last)


def contract_forecast(look: Look) -> Forecast | None:
    """Return when the credit of the running prepaid contract is gone; None without any left.

    It ends with the contract anyway, so no expiry counts: the question is whether it lasts that long.
    """

    def make() -> object:
        contract, credits = credit_contract(look), look.moment.state.credits
        if contract is None or credits.balance is UNSET or credits.balance_on is None:
            return None
        left = credits.balance - one_time_credit(look)
        if left <= 0 or credits.balance_on < contract.starts_on:
            return None
        return _forecast(look, left, credits.balance_on, [])

    found = look.moment.cached("forecast:contract", make)
    return found if isinstance(found, Forecast) else None


def any_forecast(look: Look) -> Forecast | None:
    """Return when all credit is gone, used or expired; None without any left."""

    def make() -> object:
        credits = look.moment.state.credits
        if credits.balance is UNSET or credits.balance_on is None or credits.balance <= 0:
            return None
        return _forecast(look, credits.balance, credits.balance_on, _expiries(look, credits.balance))

    found = look.moment.cached("forecast:any", make)
    return found if isinstance(found, Forecast) else None


def _expiries(look: Look, balance: Decimal) -> list[tuple[Decimal, date]]:
    """Return (dollars left, expiry) of what expires: the balance is what the grants that expire last still hold."""
    grants = look.moment.state.credits.grants.values()
    alive = [one for one in grants if one.expires_on is None or one.expires_on > look.today]
    found = []
    for grant in sorted(alive, key=lambda one: one.expires_on or date.max, reverse=True):
        held = min(grant.amount, balance)
        balance -= held
        if grant.expires_on is not None and held > 0:
            found.append((held, grant.expires_on))
    return found


def _forecast(look: Look, left: Decimal, on: date, expiries: list[tuple[Decimal, date]]) -> Forecast:
    expected, price = expected_use(look, TOTAL), dollars_a_unit(look)
    if expected is None or expected.outlook is None:
        return Forecast(None, None, None, too_little(None if expected is None else expected.known), known=False)
    if price is None:
        no_price = "not enough history: no month with both use and consumption"
        return Forecast(None, None, None, no_price, known=False)
    units = [(float(amount / price), ordinal(day)) for amount, day in expiries]
    gone = gone_on(expected.outlook, expected.known, expected.last, float(left / price), ordinal(on), units)
    if gone is None:
        return Forecast(None, None, None, f"nothing: the balance of {on.isoformat()} is too old", known=False)
    return dated(expected.last, gone, rests_on(expected.outlook))


def balance_course(look: Look, balance: Decimal, on: date) -> list[tuple[date, float, float, float]]:
    """Return (day, low, middle, high) of a balance in dollars that was *balance* on the day *on*; for a picture.

    From the newest known day to the far end of the band. Empty while nothing can be said.
    """
    expected, price = expected_use(look, TOTAL), dollars_a_unit(look)
    if expected is None or expected.outlook is None or price is None:
        return []
    used = used_since(expected.outlook, expected.known, expected.last, ordinal(on))
    if used is None:
        return []
    a_unit, found = float(price), []
    left = float(balance) - used * a_unit
    for day, (little, some, much) in enumerate(course(expected.outlook), start=expected.last + 1):
        low, middle, high = (max(left - units * a_unit, 0.0) for units in (much, some, little))
        found.append((date.fromordinal(day), low, middle, high))
        if high <= 0:
            break
    return found


_READS = ("credits.contracts", "credits.grants", "credits.balance", "credits.balance_on", "credits.consumed",
          "credits.consumed_at", "billing.invoices", "usage.days", "usage.reported", "profile.created_at")  # fmt: skip


def _of(forecast: Callable[[Look], Forecast | None], end: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        found = forecast(look)
        if found is None:
            return None
        return getattr(found, end) if found.known or end == "rests_on" else UNKNOWN

    return get


def _facts(prefix: str, forecast: Callable[[Look], Forecast | None], of: str) -> tuple[Fact, ...]:
    ends = (("early", ", near end"), ("likely", ""), ("late", ", far end"))
    return (
        *(
            fact(f"{prefix}_{end}_on", Kind.DATE, _of(forecast, end), *_READS, daily=True,
                 doc=f"Day on which {of} is gone by daily use{which}; null beyond 400 days, or without any.",
                 label=f"By daily use gone on{which}")
            for end, which in ends
        ),
        fact(f"{prefix}_rests_on", Kind.TEXT, _of(forecast, "rests_on"), *_READS, daily=True,
             doc=f"What the forecast for {of} was made from, or why there is none; null without any.",
             label="Forecast made from"),
    )  # fmt: skip


FACTS: tuple[Fact, ...] = (
    *_facts("credits.gone", contract_forecast, "contract credit"),
    *_facts("credits.any_gone", any_forecast, "all credit, used or expired,"),
)
