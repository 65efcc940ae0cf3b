"""Facts a request for a refund asks for: what it would be, what stands against it, who decides (catalogue 4.3, 4.4).

They look at the month of the bill that is asked about, else of the newest one for usage. Months are calendar months, as
usage is kept (ours): of a billing period that begins within a month, that month.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.discounts import cents
from signals.detectors.facts import startup
from signals.detectors.facts.bills import Bill, bills_of
from signals.detectors.facts.money import INVOICE_READS, invoice_views
from signals.detectors.facts.products import product_name
from signals.detectors.facts.windows import Series, total, witnessed
from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.refunds import (
    ASK_WITHIN,
    Claim,
    Way,
    baseline,
    decided_by,
    refund,
    refund_lines,
    refusals,
    repeat,
    scenario,
    steepest,
    to_check,
    way_back,
)
from signals.domain.account.daily import Daily, month_number, month_start, ordinal
from signals.domain.account.usage import TOTAL

BASELINE_MONTHS = 3
STOPPED_WINDOW = timedelta(days=7)
STOPPED_BELOW = Decimal("0.5")
"""Ours: a spike has ended when a day of the last week is at most half of one of its month, as in catalogue 4.1."""
SPIKE_TIMES = 2
"""Ours: what is more than twice the usual can be said to go on, as in catalogue 4.1. Of growth below it, and of a
product that was not used before, nobody but a person knows whether it was a spike at all."""

NEW_FOR = timedelta(days=31)
"""Ours: whoever paid longer before a bill had one before, though we may not know of it any more."""


@dataclass(frozen=True)
class Spike:
    """One product in the month of the bill: its units and those of the months before."""

    product: str
    units: int
    before: tuple[int, ...]

    @property
    def usual(self) -> Decimal:
        """Units of a usual month; 0 for one whose organization is new."""
        return baseline(self.before) if self.before else Decimal(0)


def price_list(look: Look, product: str) -> dict[str, Decimal] | None:
    """Return the tiers of a product: the account's own, told by a change of price, else those of the settings."""
    change = look.moment.state.market.prices.get(product)
    if change is not None:
        return change.new if change.effective_on <= look.today else change.old
    tiers = look.moment.terms.prices.get(product)
    return None if tiers is None else dict(tiers)


def _asks(look: Look) -> tuple[date, ...]:
    """Return the days of the kept requests that no refund has answered, oldest first."""
    state = look.moment.state
    answered = max((one.at for one in state.refunds.refunds.values()), default=None)
    return tuple(
        one.at.astimezone(look.zone).date()
        for one in state.heard.topics.get("refund_request", ())
        if answered is None or one.at > answered
    )


def _bill(look: Look) -> Bill | None:
    """Return the bill that is asked about, else the newest.

    A request is about the newest bill of its day, and a word within 30 days of it is about the same one (ours): a bill
    that comes in between is not theirs yet. 30 days after the last word nobody asks any more.
    """
    bills, began = bills_of(look), None
    for day in _asks(look):
        if bills and day >= bills[0].issued_on and (began is None or day - began > ASK_WITHIN):
            began = day
    if began is None or look.today - _asks(look)[-1] > ASK_WITHIN:
        return bills[-1] if bills else None
    return next(one for one in reversed(bills) if one.issued_on <= began)


def _month(look: Look) -> int | None:
    """Return the number of the month the bill is for."""
    bill = _bill(look)
    if bill is None:
        return None
    start = look.moment.state.billing.invoices[bill.id].period_start
    return month_number(bill.issued_on) - 1 if start is None else month_number(start)


def _spikes(look: Look) -> tuple[Spike, ...] | None:
    """Return the products with more than usual in the month of the bill; None while a month is not known."""
    month = _month(look)
    if month is None or not _known(look, month):
        return None

    def make() -> object:
        created = look.moment.created_number
        # Months in which the organization did not exist are no baseline (ours): of a new one all is overage.
        before = [
            number for number in range(month - BASELINE_MONTHS, month) if created is None or created <= _days(number)[0]
        ]
        found = []
        for product, daily in look.moment.state.usage.days.items():
            if product == TOTAL:
                continue
            known = [_units(look, daily, number) for number in (*before, month)]
            units = [one for one in known if one is not None]
            if len(units) < len(known):
                return None
            spike = Spike(product, units[-1], tuple(units[:-1]))
            if spike.units > spike.usual:
                found.append(spike)
        return tuple(found)

    found = look.moment.cached("refund_spikes", make)
    return found if isinstance(found, tuple) else None


def _days(month: int) -> tuple[int, int]:
    """Return the first and the last day of a month number."""
    return ordinal(month_start(month)), ordinal(month_start(month + 1)) - 1


def _units(look: Look, daily: Daily, month: int) -> int | None:
    """Return the units of a month; None unless the source reported all of it since the organization exists."""
    return daily.month(month, *_days(month)) if _known(look, month) else None


def _known(look: Look, month: int) -> bool:
    """Say whether the source reported every closed day of a month since the organization exists."""
    first, last = _days(month)
    return witnessed(look, first, min(last, look.moment.today_number - 1))


def _amounts(look: Look) -> dict[str, Decimal] | None:
    """Return the money of each product; None while usage or a price is not known."""
    spikes = _spikes(look)
    if spikes is None:
        return None
    prices = {one.product: tiers for one in spikes if (tiers := price_list(look, one.product)) is not None}
    if len(prices) < len(spikes):
        return None
    return refund_lines({one.product: one.units for one in spikes}, {one.product: one.usual for one in spikes}, prices)


def _amount(look: Look) -> object:
    amounts = _amounts(look)
    return UNKNOWN if amounts is None else cents(sum(amounts.values(), Decimal(0)))


def _by_product(look: Look) -> object:
    """Return the calculation, product by product, as it goes into the ticket."""
    amounts, spikes = _amounts(look), {one.product: one for one in _spikes(look) or ()}
    if amounts is None:
        return UNKNOWN
    return "; ".join(
        f"{product_name(product)} ${amount:,.2f} ({spikes[product].units:,} units, usual {spikes[product].usual:,.0f})"
        for product, amount in amounts.items()
    ) or UNKNOWN  # fmt: skip


def _asked_on(look: Look, billed_on: date) -> date | None:
    """Return the day they first asked after the bill."""
    return next((day for day in _asks(look) if day >= billed_on), None)


def _first_bill(look: Look, bill: Bill) -> Decimal | None:
    """Return the amount of the bill when it is the customer's first."""
    billing = look.moment.state.billing
    since = billing.paying_since
    paid_before = isinstance(since, date) and bill.issued_on - since > NEW_FOR
    return bill.amount if bills_of(look)[0].id == bill.id and not paid_before else None


def _stopped(look: Look, spikes: tuple[Spike, ...], month: int) -> bool | None:
    """Say whether every product is down again; None while that is not known, or whether there was a spike is not."""
    ended = {_ended(look, one, month) for one in spikes}
    return False if False in ended else None if None in ended else True


def _ended(look: Look, spike: Spike, month: int) -> bool | None:
    first, last = _days(month)
    week = total(look, Series(spike.product, look.moment.state.usage.days[spike.product]), STOPPED_WINDOW)
    if not isinstance(week, int):
        return None
    if Decimal(week) / STOPPED_WINDOW.days <= max(STOPPED_BELOW * spike.units, spike.usual) / (last - first + 1):
        return True
    return False if 0 < SPIKE_TIMES * spike.usual < spike.units else None


def _claim(look: Look) -> Claim | None:
    """Return what is known of a refund of the bill; None without a bill, or while its usage is not known."""
    bill, month, spikes = _bill(look), _month(look), _spikes(look)
    if bill is None or month is None or spikes is None:
        return None
    first = _first_bill(look, bill)
    units, before = {one.product: one.units for one in spikes}, {one.product: one.before for one in spikes}
    most = steepest(units, before) if spikes else ""
    limits = look.moment.state.billing.limits
    limited = all(limits.get(one.product, Decimal(0)) > 0 for one in spikes)
    off_startup = isinstance(look.fact("startup.granted"), Decimal) and look.fact("startup.on_plan") is False
    return Claim(
        billed_on=bill.issued_on,
        asked_on=_asked_on(look, bill.issued_on),
        first_bill=first,
        new_or_off_startup=first is not None or off_startup,
        usage=units.get(most, 0),
        months_before=before.get(most, ()),
        no_revenue=None,
        hobby_project=None,
        attacked=None,
        unintended_features=None,
        fraud=None,
        stopped=_stopped(look, spikes, month),
        measure_taken=True if spikes and limited else None,
    )


def _against(look: Look) -> object:
    claim = _claim(look)
    return UNKNOWN if claim is None else "; ".join(refusals(claim)) or None


def _to_check(look: Look) -> object:
    claim = _claim(look)
    return UNKNOWN if claim is None else "; ".join(to_check(claim)) or None


def _scenario(look: Look) -> object:
    claim = _claim(look)
    if claim is None:
        return UNKNOWN
    found = scenario(claim)
    return UNKNOWN if found is None else str(found)


def _ask_until(look: Look) -> object:
    bill = _bill(look)
    return UNKNOWN if bill is None else bill.issued_on + ASK_WITHIN


def _way(look: Look) -> Way:
    """Return how the money of the bill goes back; of a period without one yet, by credit."""
    bill, first_time = _bill(look), not look.moment.state.refunds.refunds
    if bill is None:
        return way_back(period_open=True, invoice_final=False, first_time=first_time)
    late = next((one.late_on for one in invoice_views(look) if one.id == bill.id and one.open), None)
    overdue = isinstance(late, date) and late <= look.today
    return way_back(period_open=False, invoice_final=True, first_time=first_time, overdue=overdue)


def _way_back(look: Look) -> str:
    return str(_way(look))


def _incident(look: Look) -> int:
    return len(look.moment.state.refunds.refunds) + 1


def _repeat(look: Look) -> object:
    """Return what a request like this one may get; whether they followed our advice, a person has to see."""
    number = _incident(look)
    advice = repeat(number).advice
    return advice if number != 2 else f"If they did as advised: {advice} If not: {repeat(2, fixed=False).advice}"


def refund_decided_by(look: Look, something_off: bool, several_lately: bool) -> object:
    """Return who decides on a refund: support, or revops for large, odd, repeated, overdue and refused cases."""
    billing, bill = look.moment.state.billing, _bill(look)
    claim = _claim(look)
    against = () if claim is None or claim.asked_on is None else refusals(claim)  # nothing is refused unasked
    if bill is None and not something_off and not several_lately:
        return UNKNOWN  # nothing to decide on yet
    billed = Decimal(0) if bill is None or bill.amount is None else bill.amount
    spend = billed if billing.mrr is UNSET else billing.mrr
    return decided_by(
        spend, refused=against, something_off=something_off, several_lately=several_lately, way=_way(look)
    )


def priced_above(look: Look, product: str, units: int | Decimal, usual: int | Decimal) -> object:
    """Return what units of a product cost more than its usual ones; unknown without a price list."""
    tiers = price_list(look, product)
    return UNKNOWN if tiers is None else cents(refund(tiers, int(units), usual))


_BILL_READS = ("billing.invoices", "heard.topics.refund_request", "refunds.refunds")
_SPIKE_READS = (*_BILL_READS, "usage.days", "usage.reported", "profile.created_at")
_MONEY_READS = (*_SPIKE_READS, "market.prices")
_CLAIM_READS = (*_SPIKE_READS, "billing.paying_since", "billing.limits", *startup.READS)
_WAY_READS = (*_BILL_READS, *(one for one in INVOICE_READS if one not in _BILL_READS))

FACTS: tuple[Fact, ...] = (
    fact("refund.amount", Kind.MONEY, _amount, *_MONEY_READS, unit="USD", daily=True, label="Refund would be",
         doc="Bill asked about, else the newest: price of its month's units minus price of the mean of three months "
         "before, per product; unknown while a price is not set (setting prices)."),
    fact("refund.by_product", Kind.TEXT, _by_product, *_MONEY_READS, daily=True, label="Product by product",
         doc="The same, one line of money per product that is above its usual."),
    fact("refund.ask_until", Kind.DATE, _ask_until, *_BILL_READS, daily=True, label="Can be asked for until",
         doc="Last day to ask for a refund of the bill asked about, else of the newest: 30 days after its date."),
    fact("refund.scenario", Kind.TEXT, _scenario, *_CLAIM_READS, daily=True, label="Scenario",
         doc="Which of the handbook's scenarios that bill falls under, as far as events tell."),
    fact("refund.against", Kind.TEXT, _against, *_CLAIM_READS, daily=True, label="Stands against it",
         doc="What is known to speak against a refund of that bill; null when nothing is."),
    fact("refund.to_check", Kind.TEXT, _to_check, *_CLAIM_READS, daily=True, label="To be checked",
         doc="What a person has to find out before a refund of that bill can be decided."),
    fact("refund.way_back", Kind.TEXT, _way_back, *_WAY_READS, daily=True, label="Way back",
         doc="How the money goes back: credit, refund by a credit note, or by revenue operations."),
    fact("refund.incident", Kind.COUNT, _incident, "refunds.refunds", unit="count", label="This would be refund",
         doc="Which refund the next one would be, of those we know."),
    fact("refund.repeat", Kind.TEXT, _repeat, "refunds.refunds", label="Of the first, second or third time",
         doc="What the first, a second or a further incident may get back."),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    Function(name="refund_decided_by", takes=(Kind.BOOL, Kind.BOOL), gives=Kind.TEXT, call=refund_decided_by,
             daily=True, doc=refund_decided_by.__doc__ or "",
             state=frozenset({*_CLAIM_READS, *_WAY_READS, "billing.mrr"})),
    Function(name="priced_above", takes=(Kind.TEXT, Kind.NUMBER, Kind.NUMBER), gives=Kind.MONEY, call=priced_above,
             doc=priced_above.__doc__ or "", unit="USD", daily=True, state=frozenset({"market.prices"})),
)  # fmt: skip
