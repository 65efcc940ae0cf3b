"""The rhythm of active days: known while its source is, own or borrowed, and the same before a close as after it."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.domain.account.closing import day_closed
from signals.domain.account.daily import Daily, Days
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage
from signals.domain.events.billing import SpendReported
from support.moments import ORG, TODAY, ZONE, account_after, at, look_at

NUMBER = TODAY.toordinal()


def account(days_ago: Iterable[int], *, reported: int = 1, people: bool = True) -> Account:
    """Return an account that was active so many days ago; usage is reported up to *reported* days ago."""
    daily = Daily()
    for ago in sorted(days_ago, reverse=True):
        daily = daily.put(NUMBER - ago, 1)
    days = Days(((NUMBER - 100, NUMBER - reported),))
    if people:
        return Account(ORG, clock=at(), usage=Usage(actions={"insight created": daily}, reported=days))
    return Account(ORG, clock=at(), usage=Usage(days={"total": daily, "surveys": daily}, reported=days))


def test_a_weekly_rhythm_in_its_nineteenth_silent_day() -> None:
    """What a card says of it: 0.55 is the chance at which the rule speaks, the day before it is above."""
    weekly = look_at(account(range(19, 83, 7)))

    assert weekly.fact("rhythm.silent_days") == 19
    assert weekly.fact("rhythm.active_days") == 10
    assert weekly.fact("rhythm.usual_gap") == Decimal("6.6")
    assert weekly.fact("rhythm.lapse_days") == 28
    assert weekly.fact("rhythm.chance_normal") == Decimal("0.55")
    assert look_at(account(range(18, 82, 7))).fact("rhythm.chance_normal") == Decimal("0.60")
    assert look_at(account(range(20, 84, 7))).fact("rhythm.chance_normal") == Decimal("0.50")


def test_what_is_learnt_and_what_is_not_settled_yet_are_one() -> None:
    """After any number of closes a look says the same."""
    fresh = account([*range(30, 60, 3), 2, 1, 0])
    closed = fresh
    for ago in range(30, -1, -1):
        closed = day_closed(closed, at(TODAY, -24.0 * ago), ZONE)
    assert closed.learnt.cadences

    for name in ("rhythm.silent_days", "rhythm.active_days", "rhythm.usual_gap", "rhythm.chance_normal"):
        assert look_at(closed).fact(name) == look_at(fresh).fact(name)
    assert look_at(fresh).fact("rhythm.silent_days") == 0


def test_a_source_that_stands_still_says_nothing_of_a_silence() -> None:
    """A report two days old will do, one of three days will not."""
    assert look_at(account([12, 11, 10], reported=2)).fact("rhythm.silent_days") == 10
    stale = look_at(account([12, 11, 10], reported=3))

    assert stale.fact("rhythm.silent_days") is UNKNOWN
    assert stale.fact("rhythm.chance_normal") is UNKNOWN
    assert stale.fact("rhythm.lately") == AtLeast(0)


def test_without_an_active_day_nothing_is_known() -> None:
    """Nobody came yet, or nobody reports."""
    nobody = look_at(Account(ORG, clock=at()))

    for name in ("rhythm.usual_gap", "rhythm.silent_days", "rhythm.chance_normal", "rhythm.basis", "rhythm.lately"):
        assert nobody.fact(name) is UNKNOWN


def test_a_new_account_borrows_and_says_so() -> None:
    """With one active day, with eight, and with nine, from which on the rhythm is its own."""
    assert look_at(account([3])).fact("rhythm.basis") == (
        "the usual gap of 3 days, borrowed from its segment (accounts): it is new"
    )
    assert look_at(account([3])).fact("rhythm.usual_gap") == Decimal("3.0")
    assert look_at(account(range(3, 11))).fact("rhythm.basis") == (
        "its own 8 active days, and the usual gap of 3 days, borrowed from its segment (accounts)"
    )
    assert look_at(account(range(3, 12))).fact("rhythm.basis") == "its own 9 active days"


def test_a_large_account_borrows_from_large_ones() -> None:
    """From $20,000 a year on."""
    large = account_after(SpendReported(org_id=ORG, at=at(), mrr=Decimal(2000)))
    large = msgspec.structs.replace(large, usage=account([3]).usage)

    assert "usual gap of 2 days, borrowed from its segment (accounts with a large ARR)" in str(
        look_at(large).fact("rhythm.basis")
    )


def test_an_account_without_people_has_the_rhythm_of_its_use() -> None:
    """Days with units."""
    used = look_at(account([14, 12, 10], people=False))

    assert used.fact("rhythm.silent_days") == 10
    assert used.fact("rhythm.lately") == 0


def test_the_last_seven_days_end_today() -> None:
    """Six days ago is in, seven is out."""
    assert look_at(account([7])).fact("rhythm.lately") == 0
    assert look_at(account([6])).fact("rhythm.lately") == 1
    assert look_at(account([6, 1, 0])).fact("rhythm.lately") == 3
