"""People: what is known of each, who champions us, and how many are kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from signals.domain.account import people as reducers
from signals.domain.account.people import MAX_PEOPLE, People, Person, week_number, with_week
from signals.domain.events.crm import ChampionChanged, ChampionNamed, PersonDescribed, PersonLeft
from signals.domain.events.usage import UserActed, UserSignedUp

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def later(days: float) -> datetime:
    """Return so many days after noon."""
    return NOON + timedelta(days=days)


def test_a_description_changes_only_what_it_names() -> None:
    """A title leaves the family as it is; an older description changes nothing."""
    people = reducers.person_described(People(), PersonDescribed(org_id="o", at=NOON, person_id="a", family="sales"))
    people = reducers.person_described(people, PersonDescribed(org_id="o", at=later(1), person_id="a", title="Head"))
    assert (people.persons["a"].family, people.persons["a"].title) == ("sales", "Head")
    older = PersonDescribed(org_id="o", at=later(0.5), person_id="a", family="data")
    assert reducers.person_described(people, older) == people


def test_known_to_have_no_role_is_not_unknown() -> None:
    """Null is kept apart from never told."""
    people = reducers.person_described(People(), PersonDescribed(org_id="o", at=NOON, person_id="a", family=None))
    assert people.persons["a"].family is None
    seen = reducers.user_acted(People(), UserActed(org_id="o", at=NOON, person_id="b", action="looked"), UTC)
    assert seen.persons["b"].family is UNSET


def test_being_seen_goes_forward_only() -> None:
    """A late action does not make a person seen earlier; signing up is being seen."""
    people = reducers.user_signed_up(People(), UserSignedUp(org_id="o", at=later(1), person_id="a"), UTC)
    people = reducers.user_acted(people, UserActed(org_id="o", at=NOON, person_id="a", action="looked"), UTC)
    assert people.persons["a"].seen_at == people.persons["a"].joined_at == later(1)


def test_only_actions_that_rules_ask_of_a_person_are_counted_per_person() -> None:
    """Experiments viewed are, a page opened is not."""
    people = People()
    for action in ("experiment viewed", "experiment viewed", "page opened"):
        people = reducers.user_acted(people, UserActed(org_id="o", at=NOON, person_id="a", action=action), UTC)
    assert people.persons["a"].actions == {"experiment viewed": 2}
    assert people.persons["a"].experiments_viewed == 2


def test_the_quietest_person_makes_room() -> None:
    """Beyond fifty the one seen longest ago goes, and it is noted that somebody did."""
    people = People()
    for number in range(MAX_PEOPLE + 1):
        acted = UserActed(org_id="o", at=later(number), person_id=f"p{number}", action="looked")
        people = reducers.user_acted(people, acted, UTC)
    assert len(people.persons) == MAX_PEOPLE
    assert "p0" not in people.persons
    assert people.dropped == 1


def test_a_champion_who_leaves_the_company_is_lost() -> None:
    """The leave of anybody else changes nothing about the champion."""
    people = reducers.champion_named(People(), ChampionNamed(org_id="o", at=NOON, person_id="a"))
    others = reducers.person_left(people, PersonLeft(org_id="o", at=later(1), person_id="b"))
    assert (others.champion, others.champion_change) == ("a", None)
    lost = reducers.person_left(people, PersonLeft(org_id="o", at=later(1), person_id="a"))
    assert (lost.champion, lost.champion_change, lost.champion_changed_at) == (None, "left", later(1))


def test_a_replacement_ends_the_change_but_the_lost_champion_is_none() -> None:
    """Naming the one who left again records no replacement."""
    lost = reducers.champion_changed(People(), ChampionChanged(org_id="o", at=NOON, person_id="a", how="left"))
    same = reducers.champion_named(lost, ChampionNamed(org_id="o", at=later(1), person_id="a"))
    other = reducers.champion_named(lost, ChampionNamed(org_id="o", at=later(1), person_id="b"))
    assert same.champion_change == "left"
    assert other.champion_change is None


def test_what_happened_before_a_later_naming_is_past() -> None:
    """A change that arrives late, from before the newest naming, is not the state now."""
    named = reducers.champion_named(People(), ChampionNamed(org_id="o", at=later(2), person_id="b"))
    late = ChampionChanged(org_id="o", at=NOON, person_id="a", how="left")
    assert reducers.champion_changed(named, late) == named


def test_dated_actions_are_counted_by_day_and_the_last_is_kept() -> None:
    """Days of the last month count one by one, in whatever order they come; an old last time stays."""
    people = People()
    for days, times in ((0, 2), (-3, 1), (-40, 5), (-3, 1)):
        at = NOON + timedelta(days=days)
        acted = UserActed(org_id="o", at=at, person_id="a", action="insight created", times=times)
        people = reducers.user_acted(people, acted, UTC)
    person, today = people.persons["a"], NOON.toordinal()
    assert [person.times("insight created", today - back) for back in (0, 2, 3, 40)] == [2, 2, 4, 4]
    assert person.last("insight created") == today
    assert person.last("dashboard created") is None


def told(people: People, days: float, **fields: object) -> People:
    """Return the people after one description of a."""
    return reducers.person_described(people, PersonDescribed(org_id="o", at=later(days), person_id="a", **fields))  # type: ignore[arg-type]  # fields of the event


def test_a_title_without_a_family_says_it() -> None:
    """A later title changes what followed from an earlier one; a title we cannot read leaves nothing known."""
    people = told(People(), 0, title="Growth Engineer")
    assert people.persons["a"].family == "growth"
    assert told(people, 1, title="Head of Product").persons["a"].family == "product"
    assert told(people, 1, title="Juggler").persons["a"].family is UNSET
    assert told(people, 1, title=None).persons["a"].family == "growth"


def test_a_family_that_was_told_outlives_titles() -> None:
    """A source that names the family knows better than the words of a title."""
    people = told(told(People(), 0, family="data"), 1, title="Growth Engineer")
    assert people.persons["a"].family == "data"
    assert told(people, 2, family=None).persons["a"].family is None


@given(st.lists(st.integers(700_000, 700_060), min_size=1, max_size=12))
def test_weeks_do_not_care_in_which_order_they_come(days: list[int]) -> None:
    """The same weeks from the same days; eight of them, and none that nobody was seen in."""
    forth, back = 0, 0
    for day in days:
        forth = with_week(forth, week_number(day))
    for day in reversed(days):
        back = with_week(back, week_number(day))
    assert forth == back
    newest = max(week_number(day) for day in days)
    seen = {week for week in range(newest - 20, newest + 2) if Person(weeks=forth).seen_in(week)}
    assert seen == {week_number(day) for day in days if week_number(day) > newest - 8}
