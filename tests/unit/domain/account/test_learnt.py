"""What is learnt of an account: each settled day once, in order, whatever the order it was reported in."""

from datetime import UTC, datetime, timedelta

from signals.domain.account.closing import day_closed
from signals.domain.account.daily import LEAST_DAYS, Daily, ordinal
from signals.domain.account.learnt import PEOPLE, SETTLE_DAYS, USAGE, Learnt, settled
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage
from signals.domain.events.usage import UsageReported, UserActed

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY_0 = ordinal(MONDAY.date())


def used(units: dict[int, int]) -> Usage:
    """Return usage with those units on those days, each of them reported."""
    account = Account("acme", clock=MONDAY)
    for day, count in units.items():
        at = MONDAY + timedelta(days=day + 1)
        account = reduce(account, UsageReported(org_id="acme", at=at, day=(MONDAY + timedelta(days=day)).date(),
                                                volumes={"surveys": count}), UTC)  # fmt: skip
    return account.usage


def test_an_account_without_usage_learns_nothing() -> None:
    """Its close gives the very same account."""
    account = Account("acme", clock=MONDAY)

    assert day_closed(account, MONDAY, UTC) is account


def test_a_day_is_learnt_once_it_is_settled() -> None:
    """Not at the close of the day, nor while it may be told again; then at the next close."""
    account = reduce(Account("acme", clock=MONDAY), UserActed(org_id="acme", at=MONDAY, person_id="p", action="x"), UTC)
    settles = MONDAY + timedelta(days=1 + SETTLE_DAYS)

    assert PEOPLE not in day_closed(account, settles - timedelta(days=1), UTC).learnt.cadences
    learnt = day_closed(account, settles, UTC).learnt.cadences
    assert {whose: (known.last, known.days) for whose, known in learnt.items()} == {PEOPLE: (DAY_0, 1)}


def test_a_close_that_comes_twice_learns_once() -> None:
    """Closing a day again changes nothing."""
    learnt = settled(Learnt(), used({0: 5, 3: 5}), DAY_0 + 3)

    assert settled(learnt, used({0: 5, 3: 5}), DAY_0 + 3) == learnt
    known = learnt.cadences[USAGE]
    assert (known.last, known.days, known.mean_gap) == (DAY_0 + 3, 2, 3.0)


def test_day_by_day_is_the_same_as_all_at_once() -> None:
    """A long silence that ends in one close leaves what its closes one by one would."""
    usage = used({0: 5, 1: 0, 3: 2, 10: 1, 11: 0, 40: 9})
    one_by_one = Learnt()
    for day in range(60):
        one_by_one = settled(one_by_one, usage, DAY_0 + day)

    assert one_by_one == settled(Learnt(), usage, DAY_0 + 59)


def test_a_day_corrected_after_it_was_learnt_stays_as_it_was() -> None:
    """The correction is in the facts, and what was learnt does not begin again."""
    learnt = settled(Learnt(), used({0: 5, 1: 5, 2: 0, 3: 5}), DAY_0 + 3)

    assert settled(learnt, used({0: 5, 1: 0, 2: 0, 3: 5}), DAY_0 + 4).cadences == learnt.cadences


def test_a_first_look_goes_back_no_further_than_days_are_kept() -> None:
    """An account with an old history costs a bounded number of steps."""
    usage = Usage(actions={"x": Daily(DAY_0, (1,) * LEAST_DAYS)})

    learnt = settled(Learnt(), usage, DAY_0 + LEAST_DAYS + 9)

    assert learnt.cadences[PEOPLE].days == LEAST_DAYS - 10
