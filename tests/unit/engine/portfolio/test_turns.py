"""Whose turn it is: the worked examples of the lead assignment tracker (catalogue 7.2, 7.3), from summaries alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.leads import Assignment
from signals.domain.events.base import OurRole
from signals.domain.summary import Summary
from signals.engine.portfolio.books import Book
from signals.engine.portfolio.turns import Leave, Seat, Turns, TurnTerms, tracker, turns

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 7, 6, 8, tzinfo=UTC)
TEAM = "tae_round_robin"
A, B, C = Seat("A", "TAE"), Seat("B", "TAE"), Seat("C", "TAE", priority=3)


def terms_of(*seats: Seat) -> TurnTerms:
    """Return terms with a team for each of two roles."""
    return TurnTerms({TEAM: "TAE", "tam_round_robin": "TAM"}, seats)


def waiting(number: int, since: datetime, team: str = TEAM, country: str | None = "Germany") -> Summary:
    """Return an account whose lead waits."""
    return Summary(f"org_{number:04}", since.date(), clock=since, country=country, waiting={team: since})


def served(number: int, to: str, at: datetime) -> Summary:
    """Return an account whose lead somebody got."""
    return Summary(f"got_{number:04}", at.date(), assigned={TEAM: Assignment(to, "TAE", at)})


def got(to: Mapping[str, int], at: datetime) -> list[Summary]:
    """Return accounts whose leads went to these members at one time."""
    names = [name for name, count in to.items() for _ in range(count)]
    return [served(number, name, at) for number, name in enumerate(names)]


def given_out(found: Turns) -> str:
    """Return who got the leads, in order."""
    return "".join(one.to for one in found.events)


def leads(count: int, since: datetime = START) -> list[Summary]:
    """Return so many accounts, an hour apart."""
    return [waiting(number, since + timedelta(hours=number)) for number in range(count)]


def test_a_member_of_priority_three_gets_one_for_every_three_of_the_others() -> None:
    """7 leads: A3 B3 C1 in the handbook's order; 14: 6, 6, 2."""
    assert given_out(turns(leads(7), {}, terms_of(A, B, C), BERLIN)) == "ABABABC"
    assert Counter(given_out(turns(leads(14), {}, terms_of(A, B, C), BERLIN))) == {"A": 6, "B": 6, "C": 2}


def test_one_round_or_many_give_the_same() -> None:
    """What was given before is in the summaries: nothing is remembered beside them."""
    at_once = given_out(turns(leads(14), {}, terms_of(A, B, C), BERLIN))
    known: list[Summary] = []
    one_by_one = ""
    for lead in leads(14):
        (event,) = turns([*known, lead], {}, terms_of(A, B, C), BERLIN).events
        known.append(served(len(known), event.to, event.at))
        one_by_one += event.to

    assert one_by_one == at_once


def test_the_longest_waiting_comes_first_and_the_event_names_its_moment() -> None:
    """Sent again it is the same moment: its natural key is the team and since when."""
    late, early = waiting(1, START + timedelta(hours=2)), waiting(2, START)
    found = turns([late, early], {}, terms_of(A, B), BERLIN)

    assert [(one.org_id, one.to, one.role, one.team) for one in found.events] == [
        ("org_0002", "A", "TAE", TEAM), ("org_0001", "B", "TAE", TEAM),
    ]  # fmt: skip
    assert found.events[0].id == "turn tae_round_robin 2026-07-06T08:00:00+00:00"
    assert found == turns([early, late], {}, terms_of(A, B), BERLIN)


def test_a_month_begins_at_zero() -> None:
    """Counts and adjustments; the month is that of the business zone."""
    busy = replace(A, adjustments={date(2026, 7, 1): Decimal(7)})
    known = got({"A": 12, "B": 2}, START)

    def line(today: date) -> tuple[int, Decimal]:
        member = tracker(terms_of(busy, B), [one.assigned[TEAM] for one in known], {}, today, BERLIN)[0]
        return member.assigned, member.adjustment

    assert line(date(2026, 7, 31)) == (12, Decimal(7))
    assert line(date(2026, 8, 1)) == (0, Decimal(0))
    edge = [Assignment("A", "TAE", datetime(2026, 7, 31, 21, 59, tzinfo=UTC))]
    after = [Assignment("A", "TAE", datetime(2026, 7, 31, 22, 0, tzinfo=UTC))]
    assert tracker(terms_of(A), edge, {}, date(2026, 8, 1), BERLIN)[0].assigned == 0
    assert tracker(terms_of(A), after, {}, date(2026, 8, 1), BERLIN)[0].assigned == 1


def test_who_joins_in_the_month_is_counted_what_the_others_got() -> None:
    """Others at 50: the next nine split evenly; with an adjustment of nought all nine go to the new one."""
    known = got({"A": 50, "B": 50}, START)
    new = Seat("N", "TAE", joined=date(2026, 7, 20))
    lately = leads(9, START + timedelta(days=14))

    assert Counter(given_out(turns([*known, *lately], {}, terms_of(A, B, new), BERLIN))) == {"A": 3, "B": 3, "N": 3}
    without = replace(new, adjustments={date(2026, 7, 1): Decimal(0)})
    assert given_out(turns([*known, *lately], {}, terms_of(A, B, without), BERLIN)) == "N" * 9


@pytest.mark.parametrize(("priority", "adjustment"), [(1, 10), (2, 5)])
def test_who_comes_back_is_counted_what_the_others_got(priority: int, adjustment: int) -> None:
    """Ten each meanwhile; divided by the priority, or the formula would make up too much."""
    away = Seat("N", "TAE", priority=priority, leaves=(Leave(date(2026, 7, 4), date(2026, 7, 8)),))
    known = [one.assigned[TEAM] for one in got({"A": 10, "B": 10}, START)]

    back = tracker(terms_of(A, B, away), known, {}, date(2026, 7, 8), BERLIN)[2]

    assert (back.adjustment, back.active) == (Decimal(adjustment), True)


def test_what_the_others_got_is_of_those_who_were_there() -> None:
    """Two away together have nothing to make up for; who is not active, or joins later, had no part in it."""
    away = (Leave(date(2026, 7, 4), date(2026, 7, 8)),)
    seats = (
        Seat("N", "TAE", leaves=away), Seat("M", "TAE", leaves=away), B, replace(A, active=False),
        Seat("L", "TAE", joined=date(2026, 7, 20)),
    )  # fmt: skip
    known = [one.assigned[TEAM] for one in got({"B": 10}, START)]

    lines = {one.user: one for one in tracker(terms_of(*seats), known, {}, date(2026, 7, 8), BERLIN)}

    assert (lines["N"].adjustment, lines["M"].adjustment) == (Decimal(10), Decimal(10))


def test_days_away_for_two_reasons_count_once() -> None:
    """A leave within a leave, and a leave before the first day."""
    known = [one.assigned[TEAM] for one in got({"B": 10}, START)]
    twice = (Leave(date(2026, 7, 1), date(2026, 7, 8)), Leave(date(2026, 7, 6), date(2026, 7, 8)))
    seats = (Seat("N", "TAE", leaves=twice), Seat("M", "TAE", joined=date(2026, 7, 8), leaves=twice[:1]), B)

    lines = tracker(terms_of(*seats), known, {}, date(2026, 7, 8), BERLIN)

    assert [one.adjustment for one in lines] == [Decimal(10), Decimal(10), Decimal(0)]


def test_a_later_lead_of_somebody_who_is_gone_is_given_anew() -> None:
    """Not one they had, and not of somebody who is away: what they have waits for them."""
    bob, later = Assignment("B", "TAE", START), START + timedelta(days=40)
    account = Summary("a", later.date(), clock=later, assigned={TEAM: bob}, renewed={TEAM: later})
    gone, away = replace(B, active=False), replace(B, leaves=(Leave(later.date(), date(2026, 12, 1)),))

    (event,) = turns([account], {}, terms_of(A, gone), BERLIN).events

    assert (event.to, event.id) == ("A", f"turn {TEAM} {later.isoformat()}")
    assert turns([account], {}, terms_of(A, away), BERLIN).events == ()
    had = msgspec.structs.replace(account, renewed={TEAM: START})
    assert turns([had], {}, terms_of(A, gone), BERLIN).events == ()


@pytest.mark.parametrize(
    ("back", "today", "active"),
    [
        (date(2026, 7, 15), date(2026, 7, 9), True), (date(2026, 7, 15), date(2026, 7, 10), False),
        (date(2026, 7, 16), date(2026, 7, 7), True), (date(2026, 7, 16), date(2026, 7, 8), False),
        (date(2026, 7, 16), date(2026, 7, 15), False), (date(2026, 7, 16), date(2026, 7, 16), True),
    ],
)  # fmt: skip
def test_leads_end_before_a_leave_and_come_again_on_the_day_of_return(back: date, today: date, active: bool) -> None:
    """A leave from the 10th: five days begin on the day, six two days before."""
    seat = Seat("A", "TAE", leaves=(Leave(date(2026, 7, 10), back),))
    assert tracker(terms_of(seat), [], {}, today, BERLIN)[0].active is active


def test_nobody_gets_a_lead_who_is_not_there() -> None:
    """Not active, of another territory or role, not joined yet: the lead waits and is counted."""
    nobody = terms_of(
        replace(A, active=False), replace(B, territories=frozenset({"ANZ"})), replace(C, role="TAM"),
        Seat("D", "TAE", joined=date(2026, 7, 7)),
    )  # fmt: skip
    found = turns([waiting(1, START), waiting(2, START), waiting(3, START, team="other")], {}, nobody, BERLIN)

    assert (found.events, found.unserved) == ((), {"TAE": 2})


def test_a_lead_goes_to_its_territory() -> None:
    """By country and state; a country nobody knows is Territory 3."""
    seats = terms_of(
        replace(A, territories=frozenset({"US West"})), replace(B, territories=frozenset({"Europe & Africa"})),
        replace(C, territories=frozenset({"Territory 3"})),
    )  # fmt: skip
    west = Summary("w", START.date(), country="USA", us_state="Oregon", waiting={TEAM: START})

    assert given_out(turns([west], {}, seats, BERLIN)) == "A"
    assert given_out(turns([waiting(1, START)], {}, seats, BERLIN)) == "B"
    assert given_out(turns([waiting(1, START, country=None)], {}, seats, BERLIN)) == "C"


@pytest.mark.parametrize(
    ("role", "managed", "arr", "takes"),
    [
        ("TAM", 14, "1499999.99", True), ("TAM", 15, "0", False), ("TAM", 1, "1500000", False),
        ("TAE", 15, "1500000", True),
    ],
)  # fmt: skip
def test_a_full_book_of_a_tam_gets_no_more(role: OurRole, managed: int, arr: str, takes: bool) -> None:
    """15 managed accounts, or $1.5 m of ARR."""
    seat = replace(A, role=role)
    book = Book("A", role, managed, managed, 0, managed, Decimal(arr), None)
    assert tracker(terms_of(seat), [], {"A": book}, START.date(), BERLIN)[0].active is takes


def test_a_lead_of_an_earlier_clock_is_given_at_that_clock() -> None:
    """Not before it waited, and as of the account's own time."""
    lead = Summary("a", START.date(), clock=START + timedelta(days=3), waiting={TEAM: START})
    (event,) = turns([lead], {}, terms_of(A), BERLIN).events
    assert event.at == START + timedelta(days=3)


@given(
    priorities=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    count=st.integers(0, 60),
)
def test_nobody_gets_more_than_a_turn_ahead(priorities: Sequence[int], count: int) -> None:
    """However many leads: (leads + 1) x priority of the next is never less than what anybody's last lead weighed."""
    seats = tuple(Seat(chr(65 + number), "TAE", priority=one) for number, one in enumerate(priorities))
    shares = Counter(given_out(turns(leads(count), {}, terms_of(*seats), BERLIN)))

    assert sum(shares.values()) == count
    assert max(shares[one.user] * one.priority for one in seats) <= min(
        (shares[one.user] + 1) * one.priority for one in seats
    )
