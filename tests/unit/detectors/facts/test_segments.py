"""Segments: three-valued, held through a trial, and closed-world once billing has spoken."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import SpendReported, SubscriptionCancelled, TrialSet

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(*events: Event) -> Look:
    """Return a look after the events."""
    account = Account("acme", NOW)
    for event in events:
        account = reduce(account, event, UTC)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def spend(ago: int, mrr: str) -> SpendReported:
    """Return a report of MRR days ago."""
    return SpendReported(org_id="acme", at=NOW - ago * DAY, mrr=Decimal(mrr))


def trial(ago: int, until: date) -> TrialSet:
    """Return a trial told days ago."""
    return TrialSet(org_id="acme", at=NOW - ago * DAY, until=until)


@pytest.mark.parametrize("name", [name for name in VOCABULARY.facts if name.startswith("segment.")])
def test_of_an_empty_account_no_segment_is_known(name: str) -> None:
    """Neither in nor out."""
    assert look().fact(name) is UNKNOWN


def test_a_trial_of_ours_holds_the_mrr_until_its_last_day() -> None:
    """Extended once while it ran: the value of before the first one counts."""
    paying = (spend(40, "3000"), spend(30, "3000"), trial(28, date(2026, 6, 1)), spend(20, "0"))
    assert look(*paying, trial(16, date(2026, 6, 15)), spend(1, "0")).fact("billing.effective_arr") == 36_000
    assert look(*paying, spend(1, "0")).fact("billing.effective_arr") == 0


def test_who_was_lost_before_the_trial_is_held_at_nothing() -> None:
    """A cancellation by the customer, then a trial: nobody pays."""
    gone = SubscriptionCancelled(org_id="acme", at=NOW - 12 * DAY, by="customer")
    seen = look(spend(14, "3000"), gone, spend(9, "0"), trial(8, date(2026, 6, 30)))
    assert seen.fact("billing.effective_mrr") == 0


def test_growth_in_a_trial_counts() -> None:
    """The held value is a floor."""
    assert look(spend(9, "100"), trial(8, date(2026, 6, 30)), spend(1, "150")).fact("billing.effective_mrr") == 150
