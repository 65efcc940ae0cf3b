"""Facts about the customer: people, silence, health, season, requests, the first day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from signals.detectors.language.names import UNKNOWN, AtLeast, Partial
from signals.domain.account.people import MAX_PEOPLE
from signals.domain.account.state import Account
from signals.domain.events import billing, crm, usage
from signals.domain.events.base import Event
from support.moments import ORG, TODAY, account_after, ago, at, look_at


def reported(first: int, last: int) -> list[Event]:
    """Return usage reports of the days *first* .. *last* days ago."""
    return [
        usage.UsageReported(org_id=ORG, at=at(ago(number - 1), 2), day=ago(number), volumes={"product_analytics": 1})
        for number in range(first, last - 1, -1)
    ]


def seen(person: str, days_ago: int) -> Event:
    """Return one action of a person."""
    return usage.UserActed(org_id=ORG, at=at(ago(days_ago)), person_id=person, action="looked")


def value(fact: str, *events: Event) -> object:
    """Return a fact of the account after the events, at noon of today."""
    return look_at(account_after(*events)).fact(fact)


def test_active_is_today_and_29_days_before() -> None:
    """Seen 29 days ago counts, 30 days ago does not."""
    assert value("people.active", *reported(40, 1), seen("a", 29), seen("b", 30), seen("c", 0)) == 2


def test_active_people_need_reports_as_witness() -> None:
    """With a day missing there are at least so many."""
    assert value("people.active", *reported(40, 9), *reported(7, 1), seen("a", 3)) == AtLeast(1)


def test_people_nobody_ever_told_of_are_not_zero() -> None:
    """Volumes are reported, people are not: nobody active is not known."""
    assert value("people.active", *reported(40, 1)) == AtLeast(0)


def test_people_who_left_are_not_listed() -> None:
    """The list holds those who are still there."""
    people = value(
        "people",
        crm.PersonDescribed(org_id=ORG, at=at(), person_id="a", family="sales"),
        crm.PersonDescribed(org_id=ORG, at=at(), person_id="b", family="data"),
        crm.PersonLeft(org_id=ORG, at=at(), person_id="b"),
    )
    assert isinstance(people, tuple)
    assert [one.id for one in people] == ["a"]
    assert people[0].family == "sales"


def test_more_people_than_are_kept_are_only_partly_known() -> None:
    """Beyond the most active fifty the list says that it is not all."""
    people = value("people", *(seen(f"p{number}", 1) for number in range(MAX_PEOPLE + 1)))
    assert isinstance(people, Partial)
    assert len(people.items) == MAX_PEOPLE


@pytest.mark.parametrize(
    ("scores", "weeks"),
    [
        (["poor"] * 4, 4),
        (["poor", "poor", "poor", "fair", "poor", "poor", "poor"], 3),
        (["poor", None, "poor", "poor"], 2),
        (["poor", "poor", "good"], 0),
    ],
)
def test_poor_weeks_in_a_row_end_at_a_better_or_missing_one(scores: list[str | None], weeks: int) -> None:
    """The streak counts back from the newest scored week."""
    events = [
        crm.HealthScored(org_id=ORG, at=at(day), week=day, score=score)  # type: ignore[arg-type]  # of the scale above
        for number, score in enumerate(reversed(scores))
        if score is not None
        for day in [ago(7 * number)]
    ]
    assert value("health.poor_weeks", *events) == weeks


def test_health_never_scored_is_unknown() -> None:
    """No score is not a good score."""
    assert value("health.poor_weeks") is UNKNOWN


def test_a_channel_is_silent_since_its_last_message_else_since_it_was_linked() -> None:
    """Only messages in the shared channel count."""
    linked = crm.ChannelLinked(org_id=ORG, at=at(ago(20)), channel="c", live=True)
    message = crm.TouchLogged(org_id=ORG, at=at(ago(5)), medium="chat", direction="outbound", shared_channel=True)
    mail = crm.TouchLogged(org_id=ORG, at=at(ago(1)), medium="email", direction="inbound")
    assert value("slack.silent_since") is UNKNOWN
    assert value("slack.silent_since", linked, mail) == at(ago(20))
    assert value("slack.silent_since", linked, message, mail) == at(ago(5))
    assert value("slack.linked", linked) is True
    assert value("slack.linked") is UNKNOWN


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(0, -30, True), (30, 0, True), (30, 1, False), (-1, -9, False)]
)
def test_a_season_holds_between_the_two_days_of_its_note(first: int, last: int, expected: bool) -> None:
    """Both days are included."""
    note = crm.NoteAdded(org_id=ORG, at=at(ago(60)), category="seasonality", from_on=ago(first), until_on=ago(last))
    assert value("season.noted", note) is expected


def test_the_tag_says_seasonal_without_dates() -> None:
    """A tag holds until it is taken off."""
    tagged = crm.AccountDescribed(org_id=ORG, at=at(ago(3)), tags=["seasonal"])
    assert value("season.noted", tagged) is True
    assert value("season.noted", tagged, crm.AccountDescribed(org_id=ORG, at=at(ago(2)), tags=[])) is False


def test_a_request_lapses_after_thirty_days() -> None:
    """It is gone at the instant, not before."""
    asked = crm.CustomerAsked(org_id=ORG, at=at(ago(30)), about="surveys")
    account = account_after(asked)
    assert look_at(account, at() - timedelta(seconds=1)).fact("customer.asked") == {"surveys"}
    assert look_at(account, at()).fact("customer.asked") == frozenset()


def test_the_first_day_is_the_first_payment_or_contract_else_the_creation() -> None:
    """The earliest of payment and contract counts, even when the organization is older."""
    created = crm.OrganizationCreated(org_id=ORG, at=at(date(2025, 1, 1)))
    paying = billing.SpendReported(org_id=ORG, at=at(), mrr=Decimal(10), paying_since=ago(50))
    signed = crm.ContractSigned(org_id=ORG, at=at(), contract_id="c", starts_on=ago(60))
    assert value("profile.start_on") is UNKNOWN
    assert value("profile.start_on", created) == date(2025, 1, 1)
    assert value("profile.start_on", created, paying) == ago(50)
    assert value("profile.start_on", created, paying, signed) == ago(60)


def test_a_champion_is_changed_until_another_is_named() -> None:
    """Null before and after, the instant in between."""
    changed = crm.ChampionChanged(org_id=ORG, at=at(ago(3)), person_id="a", how="left")
    named = crm.ChampionNamed(org_id=ORG, at=at(ago(1)), person_id="b")
    assert value("champion.changed_at") is None
    assert value("champion.changed_at", changed) == at(ago(3))
    assert value("champion.change", changed, named) is None


def test_an_account_nobody_told_of_has_no_profile() -> None:
    """Unknown, not absent."""
    look = look_at(Account(ORG, clock=at(TODAY)))
    assert [look.fact(f"profile.{name}") for name in ("employees", "country", "owner")] == [UNKNOWN] * 3
