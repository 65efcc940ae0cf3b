"""Facts about trials."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts import trials
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN, conforms
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import ProductActivated, TrialSet
from signals.domain.events.crm import OrganizationCreated
from signals.domain.events.usage import UsageReported

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(*events: Event, day: int = 0) -> Look:
    """Return a look, some days after the start, at an account created on the first day."""
    account = Account("acme", START)
    for event in (OrganizationCreated(org_id="acme", at=START), *events):
        account = reduce(account, event, UTC)
    now = START + day * DAY
    return Look(Moment(account, now, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def trial(until: date | None, day: int = 0) -> TrialSet:
    """Return a trial set on a day."""
    return TrialSet(org_id="acme", at=START + day * DAY, until=until)


def used(day: int, units: int) -> UsageReported:
    """Return the report of a day."""
    at = START + day * DAY
    return UsageReported(org_id="acme", at=at, day=at.date(), volumes={"surveys": units})


@pytest.mark.parametrize("one", trials.FACTS, ids=[one.name for one in trials.FACTS])
def test_every_fact_is_of_its_kind(one: Any) -> None:
    """Without a trial, and in one."""
    assert conforms(look().fact(one.name), one.kind)
    assert conforms(look(trial(date(2026, 6, 29)), used(0, 5), day=3).fact(one.name), one.kind)


def test_the_last_day_still_counts() -> None:
    """And the day after does not; a trial that was ended is none."""
    until = trial(date(2026, 6, 29))
    assert look(until, day=14).fact("trial.active") is True
    assert look(until, day=15).fact("trial.active") is False
    assert look(until, trial(None, 3), day=4).fact("trial.active") is False
    assert look().fact("trial.active") is False


def test_a_longer_trial_began_when_the_first_word_was_said() -> None:
    """Prolonged while it ran; one set again after it ended is a new one."""
    prolonged = look(trial(date(2026, 6, 29)), trial(date(2026, 7, 13), 10), day=11)
    assert prolonged.fact("trial.started_at") == START
    assert prolonged.fact("trial.length") == 28 * DAY
    again = look(trial(date(2026, 6, 29)), trial(date(2026, 8, 13), 40), day=41)
    assert again.fact("trial.started_at") == START + 40 * DAY


@pytest.mark.parametrize(
    ("until", "midpoint"),
    [
        (date(2026, 6, 29), date(2026, 6, 22)),
        (date(2026, 7, 15), date(2026, 6, 30)),
        (date(2026, 6, 30), date(2026, 6, 23)),
    ],
)
def test_midpoint(until: date, midpoint: date) -> None:
    """Of 14 days the 7th, of 30 the 15th, of 15 the 8th."""
    assert look(trial(until)).fact("trial.midpoint_on") == midpoint


def test_the_first_event_counts_from_the_trial_on() -> None:
    """Events before it are another matter; without a report nobody knows, and a zero needs one."""
    until = trial(date(2026, 6, 29), 2)
    assert look(used(0, 9), used(1, 9), until, used(2, 0), used(3, 7), day=4).fact("trial.first_event_on") == date(
        2026, 6, 18
    )
    assert look(until, day=4).fact("trial.first_event_on") is UNKNOWN
    assert look(used(0, 9), used(1, 9), until, used(2, 0), day=3).fact("trial.first_event_on") is None
    assert look(used(0, 9), used(1, 9), until, used(2, 0), day=4).fact("trial.first_event_on") is UNKNOWN


@pytest.mark.parametrize(("until", "pace"), [(date(2026, 6, 29), 1), (date(2026, 7, 12), 1), (date(2026, 7, 13), 2)])
def test_milestones(until: date, pace: int) -> None:
    """Counted from the first event; twice the days from four weeks on."""
    found = look(trial(until), used(0, 0), used(1, 5), day=2).fact("trial.milestones")
    assert isinstance(found, tuple)
    assert [(one.due_on - date(2026, 6, 16)).days for one in found] == [3 * pace, 7 * pace, 14 * pace]


def test_no_milestones_without_events_or_a_trial() -> None:
    """Unknown events leave them open."""
    assert look(trial(date(2026, 6, 29)), used(0, 0), day=1).fact("trial.milestones") == ()
    assert look(trial(date(2026, 6, 29)), day=1).fact("trial.milestones") is UNKNOWN
    assert look(day=1).fact("trial.milestones") == ()


def test_products_switched_on() -> None:
    """The last time of each."""
    found = look(ProductActivated(org_id="acme", at=START, product="boost")).fact("products.switched_on")
    assert isinstance(found, tuple)
    assert [(one.product, one.at) for one in found] == [("boost", START)]
