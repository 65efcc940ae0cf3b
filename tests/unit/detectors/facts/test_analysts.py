"""How people work in the product: counted where people are reported, left open where they are not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, AtLeast
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.daily import Days, business_day
from signals.domain.account.people import People, Person, week_number, with_week
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = business_day(NOW, UTC)
REPORTED = Usage(reported=Days(((TODAY - 60, TODAY - 1),)))


def look(people: People, usage: Usage = REPORTED) -> Look:
    """Return a look at an account with these people."""
    account = Account("acme", NOW, people=people, usage=usage)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def doing(action: str, *days: int, times: int = 1) -> Person:
    """Return a person who did something some days ago."""
    newest, *earlier = days
    dated = (TODAY - newest, times, *(part for day in earlier for part in (day - newest, times)))
    weeks = 0
    for day in days:
        weeks = with_week(weeks, week_number(TODAY - day))
    return Person(seen_at=NOW - newest * DAY, doings={action: dated}, weeks=weeks)


def test_who_analyses_inside() -> None:
    """Dashboards and recordings count, insights apart; a month ago does not."""
    seen = look(
        People({"a": doing("insight viewed", 29), "b": doing("dashboard viewed", 3), "c": doing("insight viewed", 30)})
    )
    assert (seen.fact("people.analysing"), seen.fact("people.on_insights")) == (2, 1)


def test_without_reports_of_people_nobody_is_ruled_out() -> None:
    """Nobody seen ever, days missing, or people dropped: at least so many."""
    assert look(People()).fact("people.analysing") == AtLeast(0)
    person = doing("insight viewed", 3)
    assert look(People({"a": person}), Usage()).fact("people.analysing") == AtLeast(1)
    assert look(People({"a": person}, dropped=1)).fact("people.analysing") == AtLeast(1)


def test_the_share_of_the_two_busiest() -> None:
    """Of everything made and opened; unknown where nothing was, or people are not kept."""
    people = {name: doing("insight viewed", 1, times=times) for name, times in (("a", 5), ("b", 3), ("c", 2))}
    assert look(People(people)).fact("people.top_share") == Decimal("0.8")
    assert look(People(people, dropped=1)).fact("people.top_share") is UNKNOWN
    assert look(People({"a": Person(seen_at=NOW)})).fact("people.top_share") is UNKNOWN


def test_the_median_of_four_weeks() -> None:
    """Weeks of 2, 1, 1 and 0 people; whoever was in since, and did nothing that is dated, was there all the same."""
    persons = {"a": doing("insight viewed", 1, 8, 15), "b": doing("dashboard viewed", 2)}
    people = People(persons | {"long ago": doing("insight viewed", 36)})
    assert look(people).fact("people.weekly_median") == 1
    assert look(People(persons)).fact("people.weekly_median") is UNKNOWN  # weeks may be kept since then only
    assert look(people, Usage()).fact("people.weekly_median") is UNKNOWN

    seen_today = msgspec.structs.replace(doing("page viewed", 0, 7, 14, 21, 28), doings={})
    assert look(People({"a": seen_today, "b": seen_today})).fact("people.weekly_median") == 2


def test_the_running_week_does_not_count() -> None:
    """Monday to Sunday: who came this week only was in none of the four."""
    people = People({"a": doing("insight viewed", 0), "long ago": doing("insight viewed", 36)})
    assert look(people).fact("people.weekly_median") == 0


def test_when_anybody_was_last_in() -> None:
    """Unknown without people, null when none of them ever was."""
    assert look(People()).fact("people.last_seen_at") is UNKNOWN
    assert look(People({"a": Person(family="data")})).fact("people.last_seen_at") is None
    assert look(People({"a": doing("insight viewed", 3)})).fact("people.last_seen_at") == NOW - 3 * DAY


def test_the_champion_and_who_went_before() -> None:
    """The family of the one in force; followed only when one was lost."""
    persons = {"bob": Person(family="data")}
    seen = look(People(persons, champion="bob", lost_champion="amy"))
    assert (seen.fact("champion.family"), seen.fact("champion.followed")) == ("data", True)
    seen = look(People(persons, champion="bob"))
    assert seen.fact("champion.followed") is False
    assert look(People()).fact("champion.family") is UNKNOWN
    assert look(People(champion=None)).fact("champion.family") is None
