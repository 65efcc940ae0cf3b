"""The balance, back and ahead."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from signals.detectors.charts.credit import MONTHS_BACK, STATED, balance_chart
from signals.domain.account.credits import Credits
from signals.domain.account.daily import month_number
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.chart import MOST_AHEAD, Ahead, Chart, Mark
from signals.domain.events.base import Event
from signals.domain.events.billing import CreditBalanceReported, CreditsConsumed, CreditsGranted
from signals.domain.events.crm import ContractSigned
from signals.ingest.lines import read_records
from support.moments import ORG, TODAY, ZONE, account_after, ago, at, look_at, with_days


def consumed(month: date, amount: int, told: date = TODAY) -> Event:
    """One month's consumption."""
    return CreditsConsumed(org_id=ORG, at=at(told), month=month, amount=Decimal(amount))


def granted(key: str, amount: int, on: date, expires: date | None = None) -> Event:
    """One grant."""
    return CreditsGranted(
        org_id=ORG, at=at(ago(200)), grant_id=key, amount=Decimal(amount), effective_on=on, expires_on=expires
    )


def left(amount: int, on: date) -> Event:
    """The balance as of a day."""
    return CreditBalanceReported(org_id=ORG, at=at(ago(1)), balance=Decimal(amount), as_of=on)


SIGNED = ContractSigned(
    org_id=ORG, at=at(date(2026, 1, 2)), contract_id="c1", starts_on=date(2026, 1, 1), term_months=12,
    credit=Decimal(60000),
)  # fmt: skip
BILLING: dict[str, type[Event]] = {
    "credits_granted": CreditsGranted,
    "credits_consumed": CreditsConsumed,
    "credit_balance_reported": CreditBalanceReported,
}
EXAMPLE = Path(__file__).parents[4] / "examples" / "credit_runway.jsonl"
A_DAY = 330
"""Dollars the account of the example uses a day, at most."""
MONTHS = tuple(consumed(date(2026, month, 1), 6000) for month in (1, 2, 3, 4, 5))
RUNNING = (SIGNED, *MONTHS, consumed(date(2026, 6, 1), 3000), left(24000, date(2026, 6, 15)))


def chart_after(*events: Event) -> Chart | None:
    """The chart of an account with these facts."""
    return balance_chart(look_at(account_after(*events)), None)


def test_the_balance_is_reckoned_back_by_what_was_consumed() -> None:
    """To the first of each month, no further than the chart is wide."""
    chart = chart_after(*RUNNING)

    assert chart is not None
    assert (chart.start, chart.unit) == (date(2026, 1, 1), "USD")
    assert chart.values == (57000, 51000, 45000, 39000, 33000, 27000, 24000)
    assert [chart.start.fromordinal(chart.start.toordinal() + day) for day in chart.days[:3]] == [
        date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1),
    ]  # fmt: skip
    assert len(chart.values) <= MONTHS_BACK + 1


def test_the_projection_ends_on_the_stated_run_out_before_the_contracts_end() -> None:
    """6,000 a month for 24,000 are four months."""
    chart = chart_after(*RUNNING)

    assert chart is not None
    ahead = (date(2026, 10, 15) - chart.start).days
    assert chart.forecast == (Ahead(165, 24000, 24000, 24000), Ahead(ahead, 0, 0, 0))
    assert chart.marks == (Mark(ahead, STATED), Mark(365, "must last until"))


def test_a_grant_is_a_jump_on_its_day() -> None:
    """The balance of the day before it and after it, in the middle of a month."""
    chart = chart_after(*RUNNING, granted("g1", 10000, date(2026, 5, 16)))

    assert chart is not None
    jump = (date(2026, 5, 16) - chart.start).days
    before, after = (value for day, value in chart.points() if day == jump)
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after - before == 10000
    assert dict(chart.points())[(date(2026, 5, 1) - chart.start).days] == 23000


def test_credit_nobody_told_of_ends_the_history() -> None:
    """More granted than there was: what came before cannot be reckoned."""
    chart = chart_after(*RUNNING, granted("g1", 50000, date(2026, 5, 16)))

    assert chart is not None
    assert chart.start == date(2026, 6, 1)


def test_an_expiry_ends_the_history() -> None:
    """How much of it was left when it went nobody said."""
    chart = chart_after(*RUNNING, granted("g0", 5, date(2025, 1, 1), expires=date(2026, 4, 10)))

    assert chart is not None
    assert chart.start == date(2026, 5, 1)


def test_a_month_nobody_reported_ends_the_history() -> None:
    """Without the last three months there is no burn, and so no projection either."""
    chart = chart_after(SIGNED, *(MONTHS[index] for index in (0, 1, 2, 4)), *RUNNING[-2:])

    assert chart is not None
    assert chart.start == date(2026, 5, 1)
    assert (chart.forecast, chart.marks) == ((), ())


def test_a_balance_of_the_first_of_a_month_needs_nothing_of_that_month() -> None:
    """The month has just begun."""
    chart = chart_after(SIGNED, *MONTHS, left(27000, date(2026, 6, 1)))

    assert chart is not None
    assert chart.values[-2:] == (33000, 27000)


def test_a_closed_month_counts_with_all_its_days() -> None:
    """However few of them came before the balance: its consumption is told before its own balance is."""
    chart = chart_after(SIGNED, *MONTHS[:4], consumed(date(2026, 5, 1), 6200), left(31000, date(2026, 5, 2)))

    assert chart is not None
    assert chart.values[-3:] == (37200, 31200, 31000)


def test_a_running_month_counts_up_to_the_day_it_was_told() -> None:
    """3,000 in fourteen days are 214 a day, whether the balance is of before or after."""
    for day, spent in ((8, 1500), (15, 3000)):
        told = consumed(date(2026, 6, 1), 3000, told=date(2026, 6, 15))
        chart = chart_after(SIGNED, *MONTHS, told, left(27000 - spent, date(2026, 6, day)))

        assert chart is not None
        assert chart.values[-2:] == (27000, 27000 - spent)


def test_a_month_not_told_yet_is_bridged_at_the_pace_of_the_one_before() -> None:
    """Else there would be no past for most of a month; only the balance's own month is."""
    chart = chart_after(SIGNED, *MONTHS[:4], consumed(date(2026, 5, 1), 6200), left(24000, date(2026, 6, 11)))

    assert chart is not None
    assert chart.values[-3:] == (32200, 26000, 24000)


def test_it_begins_with_the_first_grant_when_that_was_all_there_was() -> None:
    """No credit before it, nor more than it: the first month's use lies on the days from then on."""
    for amount in (57000, 54900, 56500):
        chart = chart_after(granted("g1", amount, date(2026, 1, 11)), *RUNNING[1:])

        assert chart is not None
        assert chart.start == date(2026, 1, 11)
        assert (chart.days[0], chart.values[0]) == (0, amount)
        assert chart.values[1] == 51000


def test_more_than_was_ever_granted_ends_the_history() -> None:
    """The grants explain the balance, so what lies above them is not of this credit."""
    chart = chart_after(granted("g1", 40000, date(2025, 11, 1)), *RUNNING[1:])

    assert chart is not None
    assert chart.start == date(2026, 4, 1)
    assert chart.values[0] == 39000


def test_the_example_passes_through_the_balances_it_reported() -> None:
    """At every moment of it, within a day's use; from the grant on, and never above it."""
    told: dict[date, Decimal] = {}
    account, drawn = Account("org_northwind", clock=at(date(2026, 1, 5))), 0
    for record in read_records(EXAMPLE.read_bytes().splitlines(), partitions=1):
        value = msgspec.json.decode(record.value or b"")
        if value["kind"] not in BILLING:
            continue
        event = msgspec.convert(value, BILLING[value["kind"]], strict=False)
        account = reduce(account, event, ZONE)
        if isinstance(event, CreditBalanceReported):
            told[event.as_of] = event.balance
        chart = balance_chart(look_at(account, event.at), None)
        if chart is None:
            continue
        drawn += 1
        assert chart.start >= date(2026, 1, 5)
        for day, left_then in chart.points():
            assert left_then is not None
            assert left_then <= 60000
            on = date.fromordinal(chart.start.toordinal() + day)
            assert abs(Decimal(left_then) - told.get(on, Decimal(left_then))) <= A_DAY
    assert (len(told), drawn) == (5, 8)


def test_startup_credit_has_its_roll_off_as_the_end() -> None:
    """It is no contract."""
    grant = CreditsGranted(
        org_id=ORG, at=at(date(2026, 1, 1)), grant_id="s1", amount=Decimal(57000), reason="startup",
        effective_on=date(2026, 1, 1), expires_on=date(2027, 1, 1),
    )  # fmt: skip
    chart = chart_after(grant, *RUNNING[1:])

    assert chart is not None
    assert [mark.label for mark in chart.marks] == [STATED, "must last until"]


def test_without_a_balance_there_is_nothing_to_draw() -> None:
    """Nor with one alone, of which neither the past nor the future is known."""
    assert chart_after(*RUNNING[:-1]) is None
    assert chart_after(left(24000, date(2026, 6, 15))) is None


def test_a_run_out_in_the_far_future_is_not_drawn() -> None:
    """It would squeeze the history into a corner."""
    chart = chart_after(SIGNED, *(consumed(date(2026, month, 1), 10) for month in range(1, 7)), RUNNING[-1])

    assert chart is not None
    assert chart.forecast == ()


def test_with_daily_use_the_forecast_is_a_band_that_widens() -> None:
    """A dollar a day left for a hundred days: the middle is gone after them, the far end later."""
    used = with_days(dict.fromkeys(range(1, 121), 1000), created=ago(120))
    account = msgspec.structs.replace(
        used,
        credits=Credits(
            balance=Decimal(100),
            balance_on=TODAY,
            consumed={month_number(TODAY) - 1: Decimal(31), month_number(TODAY): Decimal(14)},
        ),
    )

    chart = balance_chart(look_at(account), None)

    assert chart is not None
    assert chart.forecast[0].mid == 100
    assert len(chart.forecast) <= MOST_AHEAD
    widths = [one.high - one.low for one in chart.forecast]
    assert widths[0] == 0 < widths[5] < widths[20]
    assert chart.forecast[-1].high == 0
    today = (TODAY - chart.start).days
    assert 96 <= min(one.day for one in chart.forecast if one.mid == 0) - today <= 101
