"""The mix of events, and refunds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from signals.domain.account.daily import ordinal
from signals.domain.account.mix import KEEP_DAYS, MAX_NAMES, Mix, mix_reported
from signals.domain.account.refunds import MAX_REFUNDS, Refunds, refund_issued
from signals.domain.events.billing import RefundIssued
from signals.domain.events.usage import UsageReported

FIRST = date(2026, 5, 1)


def report(day: int, hour: int = 2, **top: int) -> UsageReported:
    """Return the report of a day with event types."""
    at = datetime(2026, 5, 2, hour, tzinfo=UTC) + timedelta(days=day)
    return UsageReported(org_id="o", at=at, day=FIRST + timedelta(days=day), volumes={}, top_events=top)


def test_a_type_left_out_is_zero_that_day() -> None:
    """Once it was sent, a report that leaves it out says zero."""
    mix = mix_reported(mix_reported(Mix(), report(0, click=5)), report(1, view=3))
    assert mix.types["click"].on(ordinal(FIRST) + 1) == 0
    assert mix.types["view"].on(ordinal(FIRST) + 1) == 3
    assert mix.since == ordinal(FIRST)


def test_the_last_report_of_a_day_counts() -> None:
    """Whatever the order of arrival."""
    early, late = report(0, 2, click=5), report(0, 9, click=7)
    assert mix_reported(mix_reported(Mix(), late), early) == mix_reported(Mix(), late)
    assert mix_reported(mix_reported(Mix(), early), late).types["click"].on(ordinal(FIRST)) == 7


def test_a_report_without_a_mix_changes_nothing() -> None:
    """It is no mix of zeros."""
    empty = Mix()
    assert mix_reported(empty, report(0)) is empty


def test_it_is_bounded() -> None:
    """The biggest names and the newest days stay."""
    mix = Mix()
    for day in range(KEEP_DAYS + 5):
        mix = mix_reported(mix, report(day, big=100, **{f"small{number}": 1 + number for number in range(MAX_NAMES)}))
    assert len(mix.types) == MAX_NAMES
    assert "big" in mix.types
    assert "small0" not in mix.types
    assert len(mix.types["big"].values) == KEEP_DAYS


def refunded(number: int, hour: int = 0, amount: int = 5) -> RefundIssued:
    """Return a refund."""
    at = datetime(2026, 5, 1, hour, tzinfo=UTC) + timedelta(days=number)
    return RefundIssued(org_id="o", at=at, refund_id=f"r{number}", amount=Decimal(amount), why="Other")


def test_refunds_are_kept_once_and_bounded() -> None:
    """The later wording counts, the newest stay."""
    state = refund_issued(refund_issued(Refunds(), refunded(0, 2, 9)), refunded(0, 1))
    assert state.refunds["r0"].amount == 9
    for number in range(1, MAX_REFUNDS + 3):
        state = refund_issued(state, refunded(number))
    assert len(state.refunds) == MAX_REFUNDS
    assert "r0" not in state.refunds
