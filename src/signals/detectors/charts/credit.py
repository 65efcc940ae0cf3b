"""The credit balance: reckoned back from the last one reported, and on to the day it runs out."""

from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from signals.detectors.calendar_months import after_months
from signals.detectors.charts.source import ChartSource
from signals.detectors.facts.forecast import balance_course
from signals.detectors.facts.money import credit_runway
from signals.detectors.facts.windows import Series
from signals.detectors.moment import Look
from signals.detectors.runway import burn_of
from signals.domain.account.daily import business_day, month_number, month_start
from signals.domain.chart import MOST_AHEAD, Ahead, Chart, Mark, plotted

MONTHS_BACK = 6
"""Months of consumption shown, the running one included: twice what the burn is the mean of."""

STATED = "gone at 3-month mean"
"""Which of two answers the mark is: the band beside it is reckoned from daily use."""

NEAR = Decimal("0.1")
"""Share of what was granted by which a reckoned balance may miss it: use is not the same every day of a month."""

LONGEST = 1095
# Days of a projection that is drawn: one further off would squeeze the history into a corner.


def balance_chart(look: Look, series: Series | None) -> Chart | None:
    """Return the balance at the turns of months, the stated run-out (catalogue 3.1), and how it is thought to go down.

    That is the forecast from daily use with its band, or a straight line to the stated run-out while there is none.
    """
    del series
    credits = look.moment.state.credits
    on, balance = credits.balance_on, credits.balance
    if on is None or not isinstance(balance, Decimal) or balance < 0:
        return None
    past = _turns(look, on, balance)
    start = past[0][0]
    runout_on, cover_end = _ahead(look, on, balance)
    forecast = _course(look, start, on, balance)
    stated = runout_on is not None and on < runout_on and (runout_on - on).days <= LONGEST
    if not forecast and stated and runout_on is not None:
        left = plotted(balance)
        forecast = (Ahead((on - start).days, left, left, left), Ahead((runout_on - start).days, 0, 0, 0))
    if len(past) < 2 and not forecast:
        return None
    marks = [Mark((runout_on - start).days, STATED)] if stated and runout_on is not None else []
    if cover_end is not None and on < cover_end and (cover_end - on).days <= LONGEST:
        marks.append(Mark((cover_end - start).days, "must last until"))
    return Chart(
        unit="USD",
        start=start,
        values=tuple(plotted(amount) for _, amount in past),
        days=tuple((day - start).days for day, _ in past),
        forecast=forecast,
        marks=tuple(marks),
    )


def _course(look: Look, start: date, on: date, balance: Decimal) -> tuple[Ahead, ...]:
    """Return the forecast from daily use, at even steps; empty while there is too little history for one."""
    course = [one for one in balance_course(look, balance, on) if one[0] > on]
    if not course:
        return ()
    left, step = plotted(balance), ceil(len(course) / (MOST_AHEAD - 5))
    steps = {*range(step - 1, len(course), step), len(course) - 1}
    # The days on which the band and its middle reach zero are shown as they are, whatever the steps.
    amounts_of = [amounts for _, *amounts in course]
    gone = {next((at for at, one in enumerate(amounts_of) if one[which] <= 0), len(course) - 1) for which in range(3)}
    points = [course[at] for at in sorted(steps | gone)]
    return (
        Ahead((on - start).days, left, left, left),
        *(Ahead((day - start).days, *(plotted(amount) for amount in amounts)) for day, *amounts in points),
    )


def _turns(look: Look, on: date, balance: Decimal) -> list[tuple[date, Decimal]]:
    """Return (day, balance) at the first of each month, back to where it is no longer known; oldest first.

    A month's first balance is its last one, plus what was consumed in it, less what was granted in it; a grant is a
    jump on its day. It begins with the first grant where that was all there was. Else it ends before a month that was
    not reported, and before one in which credit expired: how much of it was left nobody said.
    """
    credits = look.moment.state.credits
    found = [(on, balance)]
    until = on
    grants = sorted((one.effective_on or one.at.date(), one.amount) for one in credits.grants.values())
    expiries = [one.expires_on for one in credits.grants.values() if one.expires_on is not None]
    all_told = balance <= _granted(grants, on)
    for _ in range(MONTHS_BACK):
        month = month_number(until - timedelta(days=1))
        first = month_start(month)
        a_day = _a_day(look, month, first, bridged=until == on)
        if a_day is None or any(first < day <= until for day in expiries):
            break
        if grants and first <= grants[0][0] <= until:
            began = grants[0][0]
            since = _a_day(look, month, began, bridged=until == on) or a_day
            before = _before(found[-1], began, since, [one for one in grants if began <= one[0] <= until])
            if abs(before[-1][1]) <= NEAR * _granted(grants, began):
                found += [one for one in before if one[0] > began]
                found += [(began, _granted(grants, began))] if found[-1][0] > began else []
                break
        here = [one for one in grants if first < one[0] <= until]
        before = _before(found[-1], first, a_day, here)
        if any(amount < -NEAR * sum(granted for _, granted in here) for _, amount in before):
            break  # credit we were not told of: what came before cannot be reckoned
        if all_told and before[-1][1] > (1 + NEAR) * _granted(grants, first):
            break  # more than there ever was: the same
        found += [(day, max(amount, Decimal(0))) for day, amount in before]
        until = first
    if all_told:
        found = [(day, min(amount, _granted(grants, day))) for day, amount in found]
    return found[::-1]


def _granted(grants: list[tuple[date, Decimal]], day: date) -> Decimal:
    """Return what was granted up to the end of a day."""
    return sum((amount for granted_on, amount in grants if granted_on <= day), Decimal(0))


def _a_day(look: Look, month: int, since: date, *, bridged: bool) -> Decimal | None:
    """Return what was consumed a day in a month from the day *since* of it; None where nobody said.

    A month that is over counts with all its days, however few of them came before the balance; the running one up to
    the day on which its consumption was told. *bridged* takes the month before for one that is not reported yet.
    """
    credits, end = look.moment.state.credits, month_start(month + 1)
    amount = credits.consumed.get(month)
    if amount is None:
        previous = credits.consumed.get(month - 1) if bridged else None
        return previous / (month_start(month) - month_start(month - 1)).days if previous is not None else None
    if end > look.today:
        told = business_day(credits.consumed_at.get(month, look.now), look.zone)
        end = min(end, date.fromordinal(told))
    return amount / max((end - since).days, 1)


def _before(
    last: tuple[date, Decimal], first: date, a_day: Decimal, grants: list[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    """Return the balances of a month, newest first: before and after each grant, and on its first day."""
    day, amount = last
    found = []
    for granted_on, granted in reversed(grants):
        amount += a_day * (day - granted_on).days
        found += [(granted_on, amount)] if granted_on < day else []
        day, amount = granted_on, amount - granted
        found.append((day, amount))
    return [*found, (first, amount + a_day * (day - first).days)]


def _ahead(look: Look, on: date, balance: Decimal) -> tuple[date | None, date | None]:
    """Return the run-out, and until when the credit must last, of prepaid credit or else of any."""
    runway = credit_runway(look)
    if runway is not None:
        return runway.runout_on, runway.cover_end
    burn = burn_of(look.moment.state.credits, look.today)
    expires_on = look.fact("startup.expires_on")
    runout_on = after_months(on, min(balance / burn, Decimal(1200))) if burn is not None and burn > 0 else None
    return runout_on, expires_on if isinstance(expires_on, date) else None


CREDIT_BALANCE = ChartSource(
    name="credit_balance",
    doc="Credit left at the turns of months, its forecast, the stated run-out, until when it must last.",
    title="Credit left",
    draw=balance_chart,
)
