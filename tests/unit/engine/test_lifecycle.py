"""Holding, confirming, clearing, returning: what becomes of one condition."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signals.domain.events.billing import SpendReported
from signals.domain.events.crm import HealthScored
from signals.domain.events.feedback import FlagCleared
from signals.domain.events.usage import UsageReported
from signals.domain.reasons import HeldReason, ResolvedBecause
from signals.engine.lifecycle import UNKNOWN_PATIENCE
from support.short_rules import CAME, GONE, left, line_of, named, ticket, with_fields
from support.timeline import Timeline, changes

SPEND = """
- id: spend
  title: Spend is high
  kind: level
  params:
    high: {value: 1000, unit: USD/month, from: ours}
    low: {value: 800, unit: USD/month, from: ours}
    huge: {value: 5000, unit: USD/month, from: ours}
  when: billing.mrr >= high
  clear: billing.mrr < low
  severity: [{when: billing.mrr >= huge, is: critical}, {default: notice}]
  text: {headline: "spend is {billing.mrr:money}"}
"""


def spent(line: Timeline, day: float, mrr: int, hour: float = 12) -> list[str]:
    """Report a spend; return what it said."""
    return changes(line.send(SpendReported(org_id="acme", at=line.at(day, hour), mrr=Decimal(mrr))))


def closed(line: Timeline, day: float, name: str) -> list[str]:
    """A person closes a signal; return what it said."""
    return changes(line.send(FlagCleared(org_id="acme", at=line.at(day), signal=name, by="ann")))


def test_between_the_two_thresholds_a_signal_stays_as_it_is(tmp_path: Path) -> None:
    """At 1,000 it opens; down to 800 it stays; one dollar less resolves it; 999 does not open it again."""
    line = line_of(SPEND, tmp_path)

    assert spent(line, 1, 999) == []
    assert spent(line, 2, 1000) == ["spend opened"]
    assert spent(line, 3, 800) == []
    assert spent(line, 4, 799) == ["spend resolved"]
    assert spent(line, 5, 999) == []


def test_it_resolves_only_when_it_stayed_clear_for_its_time(tmp_path: Path) -> None:
    """Two days clear are needed: a day and a relapse count for nothing, then two whole days resolve it on their own."""
    line = line_of(with_fields(SPEND, "clear_hold: 2 d"), tmp_path)
    spent(line, 1, 1000)

    assert spent(line, 2, 700) == []
    assert spent(line, 3, 900) == []
    assert spent(line, 5, 700) == []
    assert changes(line.until(7, hour=11.99)) == []
    said = line.until(20)
    assert [(one.change, one.at) for one in said] == [("resolved", line.at(7))]


def test_a_hold_begins_anew_after_a_refutation(tmp_path: Path) -> None:
    """A day and a half, a break, and then the two days from the beginning."""
    line = line_of(with_fields(GONE, "hold: 2 d"), tmp_path)
    line.send(left(line, 1), named(line, 2, hour=23), left(line, 3, "bob"))

    assert [(one.change, one.at, one.since) for one in line.until(20)] == [("opened", line.at(5), line.at(3))]


@pytest.mark.parametrize(("samples", "opens"), [(1, 1), (3, 3)])
def test_samples_of_days_are_taken_at_the_close_of_days(tmp_path: Path, samples: int, opens: int) -> None:
    """The condition reads nothing that moves: the day itself is the sample, the day it began being the first."""
    line = line_of(with_fields(GONE, f"confirm: {samples} days"), tmp_path)
    line.send(left(line, 1))
    line.until(20)

    assert [(one.change, one.at.date()) for one in line.transitions] == [("opened", line.day(opens))]


def test_samples_of_weeks_are_taken_when_a_week_begins(tmp_path: Path) -> None:
    """From a Tuesday on: the second sample is the next Monday's."""
    line = line_of(with_fields(GONE, "confirm: 2 weeks"), tmp_path)
    line.send(left(line, 1))
    line.until(20)

    assert [(one.change, one.at.date()) for one in line.transitions] == [("opened", line.day(7))]


def test_samples_of_reports_are_taken_when_a_report_of_another_day_comes(tmp_path: Path) -> None:
    """The same day reported twice is one sample; a condition that reads no usage is looked at all the same."""
    line = line_of(with_fields(GONE, "confirm: 3 reports"), tmp_path)
    line.used(0, surveys=1)
    line.send(left(line, 1))
    line.used(1, surveys=1)
    again = UsageReported(org_id="acme", at=line.at(2, 8), day=line.day(1), volumes={"surveys": 2})

    assert changes(line.send(again)) == []
    assert changes(line.used(2, surveys=1)) == ["gone opened"]


def test_it_escalates_when_it_gets_worse_and_is_edited_when_it_gets_better(tmp_path: Path) -> None:
    """Exactly 5,000 is critical and notifies; back below is a silent edit."""
    line = line_of(SPEND, tmp_path)
    spent(line, 1, 1000)
    spent(line, 2, 4999)
    spent(line, 3, 5000)
    spent(line, 4, 4999)

    said = [(one.change, one.severity, one.notify) for one in line.transitions]
    assert said == [("opened", "notice", True), ("escalated", "critical", True), ("updated", "notice", False)]


def test_a_second_alert_starts_from_what_was_frozen_last(tmp_path: Path) -> None:
    """Twice the opening's spend alerts again, then twice that."""
    rule = with_fields(
        SPEND.replace("huge: {value: 5000", "huge: {value: 500000"),
        "let: {now_mrr: billing.mrr}",
        "again: now_mrr >= opened.now_mrr * 2".replace("* 2", "* factor"),
    ).replace("    low:", "    factor: {value: 2, unit: count, from: ours}\n    low:")
    line = line_of(rule, tmp_path)
    said = [spent(line, day, mrr) for day, mrr in enumerate((1000, 1999, 2000, 3999, 4000), start=1)]

    assert said == [["spend opened"], [], ["spend escalated"], [], ["spend escalated"]]


def test_reminders_come_at_their_distance_while_it_holds(tmp_path: Path) -> None:
    """Every three days from the opening, none after it was resolved."""
    line = line_of(with_fields(GONE, "remind: 3 d"), tmp_path)
    line.send(left(line, 1))
    line.until(8)
    line.send(named(line, 9))
    line.until(40)

    said = [(one.change, one.at) for one in line.transitions]
    assert said == [
        ("opened", line.at(1)), ("reminded", line.at(4)), ("reminded", line.at(7)), ("resolved", line.at(9)),
    ]  # fmt: skip


@pytest.mark.parametrize(("returns", "change"), [(4.9, "reopened"), (5, "opened")])
def test_the_cooldown_ends_to_the_second(tmp_path: Path, returns: float, change: str) -> None:
    """Resolved on day 3 with a cooldown of two days: on day 5 it is another signal."""
    line = line_of(with_fields(GONE, "cooldown: 2 d"), tmp_path)
    line.send(left(line, 1), named(line, 3))

    assert [one.change for one in line.send(left(line, returns, "bob"))] == [change]


def test_once_means_once_whatever_the_cooldown(tmp_path: Path) -> None:
    """Within the cooldown the same signal may come back; afterwards it may not begin again."""
    line = line_of(with_fields(GONE, "cooldown: 2 d", "once: ever"), tmp_path)
    line.send(left(line, 1), named(line, 2))

    assert changes(line.send(left(line, 3, "bob"))) == ["gone reopened"]
    line.send(named(line, 4, "cy"))
    assert changes(line.send(left(line, 9, "cy"))) == []


def test_once_counts_from_what_went_out(tmp_path: Path) -> None:
    """Held by a guard until it was refuted, it was never said: it may open later."""
    line = line_of(with_fields(GONE, "once: ever", "guards: GX-C"), tmp_path)
    line.send(left(line, 1), named(line, 2))
    assert line.transitions == []

    assert changes(line.send(left(line, 40, "bob"))) == ["gone opened"]


def test_once_a_period_means_once_a_month(tmp_path: Path) -> None:
    """Opened in January: not again on the 31st, again on 1 February; and the past month is forgotten."""
    line = line_of(with_fields(GONE, "once: period"), tmp_path)
    line.send(left(line, 1), named(line, 2))

    assert changes(line.send(left(line, 26, "bob"))) == []
    line.send(named(line, 26, "cy", hour=13))
    assert changes(line.send(left(line, 27, "cy"))) == ["gone opened"]
    assert line.account is not None
    assert list(line.account.life.once) == ["gone||2026-02"]


def test_what_returns_in_the_instant_it_began_is_the_same_signal(tmp_path: Path) -> None:
    """Late events are all found at one "now": open, resolved, reopened, never two signals with one id."""
    line = line_of(GONE, tmp_path)
    line.send(left(line, 2), named(line, 2), left(line, 2, "bob"), named(line, 2, "cy"), left(line, 2, "cy"))

    assert [one.change for one in line.transitions] == ["opened", "resolved", "reopened", "resolved", "reopened"]
    assert [one.seq for one in line.transitions] == [1, 2, 3, 4, 5]
    assert len({one.signal_id for one in line.transitions}) == 1


def test_without_a_cooldown_a_resolved_signal_leaves_nothing_behind(tmp_path: Path) -> None:
    """The account forgets the episode."""
    line = line_of(GONE, tmp_path)
    line.send(left(line, 2), named(line, 3))

    assert line.account is not None
    assert line.account.life.episodes == {}


LEVEL_A = with_fields(GONE, "churn_level: A")


def test_a_level_a_flag_is_proposed_for_removal_once_and_ends_by_a_person(tmp_path: Path) -> None:
    """The end of its condition edits the card; a return takes the proposal back; a person ends it."""
    line = line_of(LEVEL_A, tmp_path)
    line.send(left(line, 1), named(line, 2))
    line.send(left(line, 3, "bob"), named(line, 4, "cy"))
    closed(line, 5, "gone")

    said = [(one.change, bool(one.notes), one.notify) for one in line.transitions]
    assert said == [
        ("opened", False, True), ("updated", True, False), ("updated", False, False), ("updated", True, False),
        ("resolved", False, False),
    ]  # fmt: skip
    assert line.transitions[-1].resolved_because == ResolvedBecause.CLOSED_BY_PERSON


def test_a_flag_closed_after_its_condition_ended_may_come_again(tmp_path: Path) -> None:
    """It was refuted when the person closed it: the next champion who leaves is news."""
    line = line_of(LEVEL_A, tmp_path)
    line.send(left(line, 1), named(line, 2))
    closed(line, 3, "gone")

    assert changes(line.send(left(line, 4, "bob"))) == ["gone opened"]


def test_closing_by_the_signals_own_id_closes_that_one_only(tmp_path: Path) -> None:
    """Two tickets, one closed."""
    line = line_of(CAME, tmp_path)
    first = line.send(ticket(line, 1, "t1"))[0]
    line.send(ticket(line, 1, "t2"))

    closed(line, 2, first.signal_id)

    assert [(one.key, one.resolved_because) for one in line.until(9)] == [("t2", ResolvedBecause.EXPIRED)]


def test_what_reads_a_signal_hears_of_its_closing(tmp_path: Path) -> None:
    """The rule that follows is looked at in the same go."""
    follows = GONE.replace("id: gone", "id: follows").replace('champion.change == "left"', 'signal("gone")')
    line = line_of(GONE + follows, tmp_path)
    line.send(left(line, 1))

    assert closed(line, 2, "gone") == ["gone resolved", "follows resolved"]


POOR = """
- id: poor
  title: Few are active
  kind: level
  params: {few: {value: 3, unit: count, from: ours}, week: {value: 7 d, from: ours}}
  let: {events: "total(usage.total, week)"}
  severity: [{when: events == 0, is: critical}, {default: notice}]
  when: events <= few
  text: {headline: "only {events} events"}
"""


def test_unknown_neither_opens_nor_resolves_and_is_said_once_it_lasts(tmp_path: Path) -> None:
    """Reports stop: after two days the card says so in its old words; with the next whole week it says so no longer."""
    line = line_of(POOR, tmp_path)
    for day in range(8):
        line.used(day, surveys=0)
    assert changes(line.transitions) == ["poor opened"]
    for day in range(12, 22):
        line.used(day, surveys=0)
    line.until(23, hour=0)

    opened, unchecked, checked = line.transitions
    assert (unchecked.change, unchecked.severity, unchecked.headline) == ("updated", "critical", opened.headline)
    assert unchecked.notes == (f"not checkable since {(unchecked.at - UNKNOWN_PATIENCE).date()}",)
    assert (checked.change, checked.notes, checked.notify) == ("updated", (), False)
    assert not [one for one in line.transitions if one.change in ("escalated", "resolved")]


def test_a_short_gap_is_not_worth_a_word(tmp_path: Path) -> None:
    """The report of one day comes a night late: nothing is said."""
    line = line_of(POOR, tmp_path)
    for day in range(8):
        line.used(day, surveys=0)
    late = [
        UsageReported(org_id="acme", at=line.at(10, hour), day=line.day(8 + number), volumes={"surveys": 0})
        for number, hour in enumerate((1, 2))
    ]
    line.send(*late)
    line.until(10, hour=12)

    assert changes(line.transitions) == ["poor opened"]


def test_a_moment_that_returns_within_the_cooldown_is_recorded_only(tmp_path: Path) -> None:
    """Expired on day 4; the same key on day 5 is held back as cooldown, on day 7 it is a new signal."""
    line = line_of(with_fields(CAME, "cooldown: 2 d"), tmp_path)
    line.send(ticket(line, 1))
    line.until(4)

    assert changes(line.send(ticket(line, 5))) == []
    assert [one.reason for one in line.suppressions] == [HeldReason.COOLDOWN]
    assert changes(line.send(ticket(line, 7))) == ["came opened"]
    line.until(30)
    line.send(ticket(line, 40, "t2"))
    assert line.account is not None
    assert list(line.account.life.episodes) == ["came|t2"]


def test_a_moment_seen_again_while_it_is_open_is_a_duplicate(tmp_path: Path) -> None:
    """It is recorded, and goes out no second time."""
    line = line_of(CAME, tmp_path)
    line.send(ticket(line, 1), ticket(line, 2))

    assert changes(line.transitions) == ["came opened"]
    assert [one.reason for one in line.suppressions] == [HeldReason.DUPLICATE]


def test_a_moment_at_the_instant_the_last_one_expires_is_another(tmp_path: Path) -> None:
    """Three days later to the second: the old one ends, the new one opens."""
    line = line_of(CAME, tmp_path)
    line.send(ticket(line, 1), ticket(line, 4))

    assert changes(line.transitions) == ["came opened", "came resolved", "came opened"]
    assert line.transitions[0].signal_id != line.transitions[2].signal_id


def test_a_moment_lasts_thirty_days_when_its_rule_names_no_end(tmp_path: Path) -> None:
    """EDGE_EXPIRES."""
    line = line_of(CAME.replace("  expires_after: 3 d\n", ""), tmp_path)
    line.send(ticket(line, 1))

    assert [one.at for one in line.until(60)] == [line.at(1) + timedelta(days=30)]


def test_four_poor_weeks_and_a_fair_one(tmp_path: Path) -> None:
    """A condition on scores that come by the week opens at the event, not at a timer."""
    rule = GONE.replace('champion.change == "left"', "health.poor_weeks >= four").replace(
        "  when:", "  params: {four: {value: 4, unit: weeks, from: handbook}}\n  when:"
    )
    line = line_of(rule, tmp_path)
    for week, score in enumerate(("poor", "poor", "poor", "poor")):
        day = 7 * week
        line.send(HealthScored(org_id="acme", at=line.at(day), week=line.day(day), score=score))  # type: ignore[arg-type]  # one of the scores

    assert [one.at for one in line.transitions] == [line.at(21)]


def test_a_proposal_keeps_the_sentence_the_flag_was_raised_with(tmp_path: Path) -> None:
    """Its numbers of today are no finding: the headline stays, the remark says what is new."""
    line = line_of(with_fields(SPEND, "churn_level: A"), tmp_path)
    spent(line, 1, 2000)
    spent(line, 2, 10)

    opened, proposed = line.transitions
    assert (proposed.change, bool(proposed.notes), proposed.headline) == ("updated", True, opened.headline)
