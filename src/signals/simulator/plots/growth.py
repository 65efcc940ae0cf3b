"""Plots of growth and spikes: more volume, more spend, more than there should be."""

from decimal import Decimal

from signals.domain.events.billing import BillingLimitHit, BillingLimitSet
from signals.domain.events.feedback import SnoozeRequested
from signals.simulator.draft import Draft


def monthly_growth(draft: Draft, day: int) -> None:
    """Half as much again from the first of a month on: 50 % over the month before, then level."""
    first = draft.calendar.next_month_start(max(day, 1))
    draft.scale(first, None, 1.6)
    closes = draft.calendar.next_month_start(first + 1)
    over = draft.calendar.next_month_start(closes + 1)
    draft.plant(
        "mom_event_growth_20", first, "a month at 1.6 times the last", within=closes - first + 1, until=over + 2
    )


def forecast_jump(draft: Draft, day: int) -> None:
    """MRR 2,000 with a forecast of 3,200 (+60 %); two weeks later the forecast is ordinary again."""
    draft.mrr = Decimal(2000)
    draft.spend[day] = (Decimal("2000.00"), Decimal("3200.00"))
    draft.spend[day + 14] = (Decimal("2000.00"), Decimal("2100.00"))
    draft.plant("mrr_gt1k_forecast_up_50", day, "forecast 3,200 over 2,000", until=day + 16)


def forecast_exactly_half(draft: Draft, day: int) -> None:
    """MRR 2,000 with a forecast of exactly 3,000: 50 % is not more than 50 %."""
    draft.mrr = Decimal(2000)
    draft.spend[day] = (Decimal("2000.00"), Decimal("3000.00"))
    draft.spend[day + 10] = (Decimal("2000.00"), Decimal("2040.00"))
    draft.plant("mrr_gt1k_forecast_up_50", day, "exactly 50 %", expect="quiet")


def forecast_snoozed(draft: Draft, day: int) -> None:
    """The owner has snoozed forecast alerts for three weeks when the forecast jumps; it is held back, then told."""
    forecast_jump(draft, day)
    draft.spend.pop(day + 14)
    draft.planted.clear()
    until = day + 19
    draft.script(
        day - 2,
        SnoozeRequested(
            org_id=draft.org_id, at=draft.at(day - 2, 9), signal="mrr_gt1k_forecast_up_50",
            until=draft.calendar.midnight(until), by=draft.owner or "nobody", reason="migration, planned",
        ),
    )  # fmt: skip
    draft.plant("mrr_gt1k_forecast_up_50", day, "snoozed by the owner", expect="held", until=until)
    draft.plant("mrr_gt1k_forecast_up_50", until, "the snooze is over", expect="companion")


def billing_limit(draft: Draft, day: int) -> None:
    """A limit set weeks ago is hit."""
    limit = BillingLimitSet(
        org_id=draft.org_id, at=draft.at(day - 20, 10), product="session_replay", limit=Decimal(400)
    )
    draft.script(day - 20, limit)
    draft.script(
        day,
        BillingLimitHit(
            org_id=draft.org_id, at=draft.at(day, 11), id=draft.moment_id("limit"), product="session_replay",
            period_start=draft.calendar.date_of(day).replace(day=1),
        ),
    )  # fmt: skip
    draft.plant("billing_limit_hit", day, "the replay limit is reached", key="session_replay")


def lead(draft: Draft, day: int) -> None:
    """A small company that pays 900 a month by itself has done so for three months: somebody should call."""
    draft.owner, draft.employees, draft.country, draft.seats = None, 80, "USA", 12
    draft.mrr = Decimal(300)
    for product in draft.products:
        draft.products[product] *= 2
    draft.spend[day] = (Decimal("900.00"), Decimal("910.00"))
    draft.spend[day + 25] = (Decimal("320.00"), Decimal("320.00"))
    draft.plant("plg_mrr_500_1667", day, "MRR 900, 80 employees, 12 users, USA, paying long", until=day + 27)


def revenue_spike(draft: Draft, day: int) -> None:
    """In mid-month revenue already is 5,200 after 2,000 a month; the next month is ordinary again."""
    month = draft.calendar.next_month_start(day)
    spike = month + 16
    draft.mrr = Decimal(2000)
    draft.revenue[month + 9] = Decimal(1200)
    draft.revenue[spike] = Decimal("5200.00")
    over = draft.calendar.next_month_start(month + 1)
    later = draft.calendar.next_month_start(over + 1)
    draft.revenue[over + 9] = Decimal(700)
    draft.plant("revenue_spike_provisional", spike, "5,200 after 2,000 and 2,000", until=later + 2)
    draft.allow(("lifecycle_shrinking_note",), over, "the month after it is an ordinary one again")


def usage_spike(draft: Draft, day: int) -> None:
    """Six times the usual volume in a fourth month; even a release Wednesday stays under ten times a usual day."""
    del day  # a mean of three months needs three whole ones before it
    first = draft.calendar.next_month_start(0)
    for _ in range(3):
        first = draft.calendar.next_month_start(first + 1)
    draft.scale(first, None, 6.0)
    # 3 x 30 days of the usual take 15 days at six times.
    draft.plant("usage_spike_200", first, "six times the mean of three months", within=20)
    draft.allow(("mom_event_growth_20",), first, "so much more than the month before")


def usage_jump(draft: Draft, day: int) -> None:
    """One Tuesday at 10.7 times the median, and an eighth more than before from then on.

    What stays keeps the month after the jump within 30 % of the month with it: a drop is not what is planted.
    """
    while draft.calendar.date_of(day).weekday() != 1:
        day += 1
    draft.scale(day, day, 10.2)
    draft.scale(day + 1, None, 1.12)
    draft.plant("usage_jump_10x", day, "10.7 times the median day")
    draft.allow(("mom_event_growth_20", "usage_spike_200"), day, "one day weighs as much as ten")
