"""Earlier values: kept by their own time, bounded, whatever the order in which they come."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from signals.domain.account.daily import month_number, ordinal
from signals.domain.account.history import (
    KEEP_WEEKS,
    MAX_OWNERS,
    MAX_TRIALS,
    History,
    Spend,
    owner_assigned,
    revenue_reported,
    spend_reported,
    trial_begun,
    trial_months,
    trial_set,
    week_number,
)
from signals.domain.events.billing import RevenueReported, SpendReported, TrialSet
from signals.domain.events.crm import OwnerAssigned

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_owner_told_daily_keeps_the_first_and_the_last_time() -> None:
    """Syncs repeat themselves; a late one moves the first time back and does not change the role."""
    history = History()
    for at, role in ((NOON, "TAM"), (NOON + 5 * DAY, "CSM"), (NOON - DAY, "TAE")):
        history = owner_assigned(history, OwnerAssigned(org_id="o", at=at, owner="ann", role=role))  # type: ignore[arg-type]
    tenure = history.owners["ann"]
    assert (tenure.first_at, tenure.last_at, tenure.role) == (NOON - DAY, NOON + 5 * DAY, "CSM")


def test_the_owners_longest_gone_are_let_go() -> None:
    """The bound holds, and nobody is a key of its own."""
    history = owner_assigned(History(), OwnerAssigned(org_id="o", at=NOON, owner=None))
    assert list(history.owners) == [""]
    for number in range(MAX_OWNERS):
        event = OwnerAssigned(org_id="o", at=NOON + number * DAY, owner=f"p{number:02}")
        history = owner_assigned(history, event)
    assert len(history.owners) == MAX_OWNERS
    assert "" not in history.owners


def test_a_trial_is_known_since_its_last_day_was_first_told() -> None:
    """An end of the trial says nothing; the newest ten last days are kept."""
    history = trial_set(History(), TrialSet(org_id="o", at=NOON, until=None))
    assert history == History()
    until = date(2026, 7, 1)
    for at in (NOON, NOON + DAY, NOON - DAY):
        history = trial_set(history, TrialSet(org_id="o", at=at, until=until))
    assert history.trials == {ordinal(until): NOON - DAY}
    for number in range(MAX_TRIALS):
        history = trial_set(history, TrialSet(org_id="o", at=NOON, until=until + (number + 1) * DAY))
    assert len(history.trials) == MAX_TRIALS
    assert ordinal(until) not in history.trials


def test_spend_above_zero_is_kept_by_week() -> None:
    """The last report of a week counts, zero is none, and old weeks go."""
    history = History()
    for at, mrr in ((NOON + DAY, 30), (NOON, 20), (NOON + 2 * DAY, 0)):
        history = spend_reported(history, SpendReported(org_id="o", at=at, mrr=Decimal(mrr)))
    week = week_number(NOON.toordinal())
    assert history.spend == {week: Spend(NOON + DAY, Decimal(30))}
    later = NOON + KEEP_WEEKS * 7 * DAY
    assert list(spend_reported(history, SpendReported(org_id="o", at=later, mrr=Decimal(1))).spend) == [
        week + KEEP_WEEKS
    ]


def test_revenue_of_products_is_kept_by_month() -> None:
    """The last report of a month counts; one without products says nothing."""
    plain = RevenueReported(org_id="o", at=NOON, month=date(2026, 5, 1), amount=Decimal(5))
    assert revenue_reported(History(), plain) == History()
    history = History()
    for at, amount in ((NOON, 5), (NOON - DAY, 9)):
        event = RevenueReported(
            org_id="o", at=at, month=date(2026, 5, 1), amount=Decimal(amount), products={"surveys": Decimal(amount)}
        )
        history = revenue_reported(history, event)
    assert history.product_revenue == {month_number(date(2026, 5, 1)): {"surveys": Decimal(5)}}


def test_a_trial_that_is_made_longer_began_when_the_first_one_did() -> None:
    """Told again while it runs it is the same trial; told after its end it is another."""
    history = History()
    for at, until in ((NOON, date(2026, 7, 1)), (NOON + 10 * DAY, date(2026, 8, 2))):
        history = trial_set(history, TrialSet(org_id="o", at=at, until=until))
    assert trial_begun(history, date(2026, 8, 2), UTC) == ordinal(NOON.date())
    june = month_number(date(2026, 6, 1))
    assert list(trial_months(history, date(2026, 8, 2), UTC)) == [june, june + 1, june + 2]

    another = trial_set(history, TrialSet(org_id="o", at=NOON + 60 * DAY, until=date(2026, 9, 1)))
    assert trial_begun(another, date(2026, 9, 1), UTC) == ordinal((NOON + 60 * DAY).date())
    assert (trial_begun(history, date(2026, 9, 1), UTC), list(trial_months(history, date(2026, 9, 1), UTC))) == (
        None,
        [],
    )
