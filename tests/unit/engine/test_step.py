"""One account, one update."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from signals.domain.events.crm import ChampionChanged, ChampionNamed, OwnerAssigned, TicketOpened, TicketSolved
from signals.domain.events.feedback import FlagCleared, SnoozeRequested
from signals.domain.events.usage import UsageReported
from signals.domain.reasons import DeadReason, HeldReason, ResolvedBecause
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from support.timeline import Timeline, arrivals_of, catalogue_of, changes

PACK = """
family: churn_risk
defaults: {source: test, stage: live, severity: notice}
rules:
- id: champion_gone
  title: The champion is gone
  kind: level
  when: champion.change == "left"
  cooldown: 5 d
  text: {headline: "the champion left"}
- id: champion_gone_long
  title: The champion is gone for long
  kind: level
  params: {wait: {value: 10 d, from: ours}}
  when: champion.change == "left" and age(champion.changed_at) >= wait
  text: {headline: "the champion left ten days ago"}
- id: held_for_two_days
  title: Holds for two days
  kind: level
  when: champion.change == "left"
  hold: 2 d
  text: {headline: "gone for two days"}
- id: follower
  title: Follows another
  kind: level
  when: signal("champion_gone_long")
  text: {headline: "follows"}
- id: ticket_came
  title: A ticket came
  kind: edge
  on: [ticket_opened]
  when: event.priority == "urgent"
  key: event.ticket_id
  expires_after: 3 d
  text: {headline: "a ticket came"}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """The pack above."""
    return catalogue_of(PACK, tmp_path)


@pytest.fixture
def line(catalogue: Catalogue) -> Timeline:
    """An account created on day 0 with a champion named on day 1."""
    line = Timeline(catalogue)
    line.created()
    line.send(ChampionNamed(org_id="acme", at=line.at(1), person_id="ann"))
    return line


def _left(line: Timeline, day: float, person: str = "ann") -> ChampionChanged:
    return ChampionChanged(org_id="acme", at=line.at(day), person_id=person, how="left")


def test_a_condition_that_comes_to_hold_opens_at_the_event(line: Timeline) -> None:
    """The opening carries the event's time and the position that caused it."""
    said = line.send(_left(line, 2))

    assert changes(said) == ["champion_gone opened"]
    assert said[0].at == said[0].since == line.at(2)
    assert said[0].caused_by[-1].topic == "crm"
    assert said[0].seq == 1


def test_a_timer_fires_with_its_own_due_time(line: Timeline) -> None:
    """Ten days after the event the wait is over, whenever the mark comes."""
    line.send(_left(line, 2))

    said = line.until(40)

    assert changes(said) == ["held_for_two_days opened", "champion_gone_long opened", "follower opened"]
    assert [one.at for one in said] == [line.at(4), line.at(12), line.at(12)]


def test_a_mark_just_before_the_due_time_says_nothing(line: Timeline) -> None:
    """One second before the hold is over nothing opens."""
    line.send(_left(line, 2))

    assert line.until(4, hour=12 - 1 / 3600) == []
    assert changes(line.until(4)) == ["held_for_two_days opened"]


def test_the_refuting_event_before_the_due_time_wins(line: Timeline) -> None:
    """A replacement named on the ninth day keeps the ten-day signal from opening."""
    line.send(_left(line, 2))
    line.send(ChampionNamed(org_id="acme", at=line.at(11), person_id="bob"))

    assert "champion_gone_long opened" not in changes(line.transitions)
    assert changes(line.until(60)) == []


def test_clearing_resolves_and_returning_within_the_cooldown_reopens_the_same_signal(line: Timeline) -> None:
    """Same id, next seq, nobody notified, and one suppression with reason cooldown."""
    opened = line.send(_left(line, 2))[0]
    resolved = line.send(ChampionNamed(org_id="acme", at=line.at(3), person_id="bob"))[-1]
    reopened = line.send(_left(line, 5, "bob"))[0]

    assert (resolved.change, resolved.resolved_because) == ("resolved", ResolvedBecause.CLEARED)
    assert (reopened.change, reopened.signal_id, reopened.notify) == ("reopened", opened.signal_id, False)
    assert [opened.seq, resolved.seq, reopened.seq] == [1, 2, 3]
    assert [one.reason for one in line.suppressions] == [HeldReason.COOLDOWN]


def test_returning_after_the_cooldown_is_another_signal(line: Timeline) -> None:
    """Past the cooldown the episode begins anew, with an id of its own."""
    opened = line.send(_left(line, 2))[0]
    line.send(ChampionNamed(org_id="acme", at=line.at(3), person_id="bob"))
    again = line.send(_left(line, 9, "bob"))[0]

    assert again.change == "opened"
    assert again.signal_id != opened.signal_id


def test_an_edge_opens_on_its_event_and_ends_by_itself(line: Timeline) -> None:
    """A moment resolves as expired after its time."""
    line.send(TicketOpened(org_id="acme", at=line.at(2), ticket_id="t1", priority="urgent"))

    said = line.until(30)

    assert [(one.rule, one.key, one.resolved_because) for one in said] == [
        ("ticket_came", "t1", ResolvedBecause.EXPIRED)
    ]
    assert said[0].at == line.at(5)


def test_an_edge_whose_condition_fails_stays_silent(line: Timeline) -> None:
    """A normal ticket is no moment of this rule."""
    assert line.send(TicketOpened(org_id="acme", at=line.at(2), ticket_id="t1")) == []


def test_the_same_moment_posted_twice_counts_once(line: Timeline) -> None:
    """A natural key seen within the admission window is a duplicate although its position is new."""
    event = TicketOpened(org_id="acme", at=line.at(2), ticket_id="t1", priority="urgent", id="evt_1")
    line.send(event)
    line.send(event)

    assert line.last is not None
    assert line.last.tally.duplicates == 1
    assert changes(line.transitions) == ["ticket_came opened"]


def test_a_position_applied_before_is_skipped(line: Timeline) -> None:
    """A redelivered pack changes nothing and says nothing."""
    arrivals = arrivals_of([_left(line, 2), TicketSolved(org_id="acme", at=line.at(3), ticket_id="x")], epoch=2)
    line.apply(*arrivals)
    before = line.account

    assert line.apply(*arrivals) == []
    assert line.account == before


def test_a_new_epoch_starts_positions_over(line: Timeline) -> None:
    """After a topic is recreated offsets restart; with a new epoch its events are no duplicates."""
    (old,) = arrivals_of([TicketSolved(org_id="acme", at=line.at(3), ticket_id="x")], epoch=5)
    (new,) = arrivals_of([_left(line, 4)], epoch=6)
    line.apply(old)

    assert changes(line.apply(new)) == ["champion_gone opened"]


def test_an_event_beyond_the_admission_window_is_a_dead_letter(line: Timeline) -> None:
    """Exactly seven days behind is admitted, a second more is too late."""
    line.acted(20, hour=0)
    admitted = line.at(13, hour=0)

    line.send(TicketOpened(org_id="acme", at=admitted, ticket_id="t1"))
    assert line.last is not None
    assert not line.last.dead
    assert line.last.tally.late == 1

    line.send(TicketOpened(org_id="acme", at=admitted - timedelta(seconds=1), ticket_id="t2"))
    assert [one.reason for one in line.last.dead] == [DeadReason.TOO_LATE]


def test_a_late_event_does_not_move_the_clock_back(line: Timeline) -> None:
    """What a late event changes is found with the account's own now."""
    line.acted(10)
    said = line.send(_left(line, 5))

    assert said[0].at == line.at(10)


def test_a_signal_without_an_owner_goes_to_the_stand_in_and_is_counted(line: Timeline) -> None:
    """It is not held back."""
    said = line.send(_left(line, 2))

    assert (said[0].owner.name, said[0].owner.fallback) == ("cs_lead", True)
    assert line.last is not None
    assert line.last.tally.unowned == 1


def test_a_new_owner_edits_the_open_card(line: Timeline) -> None:
    """A hand-over re-targets open signals silently."""
    line.send(_left(line, 2))
    said = line.send(OwnerAssigned(org_id="acme", at=line.at(3), owner="dana@us.example", role="CSM"))

    assert [(one.change, one.owner.name, one.notify) for one in said] == [("updated", "dana@us.example", False)]


def test_a_snoozed_rule_is_held_and_comes_out_when_the_snooze_ends(line: Timeline) -> None:
    """One suppression record; the opening comes at the snooze's own end."""
    line.send(SnoozeRequested(org_id="acme", at=line.at(1), signal="champion_gone", until=line.at(4), by="ann"))
    assert line.send(_left(line, 2)) == []
    said = line.until(5)

    assert [one.reason for one in line.suppressions if one.rule == "champion_gone"] == [HeldReason.SNOOZED]
    assert ("champion_gone", line.at(4)) in [(one.rule, one.at) for one in said]


def test_what_a_person_closed_stays_closed_until_it_was_refuted(line: Timeline) -> None:
    """Closing resolves; the same condition going on does not open it again, a fresh one does."""
    line.send(_left(line, 2))
    closed = line.send(FlagCleared(org_id="acme", at=line.at(3), signal="champion_gone", by="ann"))
    assert [one.resolved_because for one in closed] == [ResolvedBecause.CLOSED_BY_PERSON]

    line.send(_left(line, 4))
    assert "champion_gone opened" not in changes(line.transitions[2:])

    line.send(ChampionNamed(org_id="acme", at=line.at(5), person_id="bob"))
    assert changes(line.send(_left(line, 6, "bob"))) == ["champion_gone opened"]


def test_a_rule_taken_away_resolves_its_open_signals(line: Timeline, tmp_path: Path) -> None:
    """The next event after a new catalogue resolves them as rule_off."""
    line.send(_left(line, 2))
    smaller = catalogue_of(PACK.split("- id: champion_gone_long")[0].replace("champion_gone", "another"), tmp_path)
    line.catalogue = smaller

    said = line.acted(3)

    assert [(one.rule, one.resolved_because) for one in said if one.rule == "champion_gone"] == [
        ("champion_gone", ResolvedBecause.RULE_OFF)
    ]


def test_the_account_given_is_left_as_it_was(line: Timeline, catalogue: Catalogue) -> None:
    """Values in, values out: the input account encodes to the same bytes afterwards."""
    account = line.account
    before = msgspec.msgpack.encode(account)

    step(
        account, "acme", arrivals_of([_left(line, 2)], epoch=2), until=line.at(30), catalogue=catalogue, policy=Policy()
    )

    assert msgspec.msgpack.encode(account) == before


def test_memory_survives_being_stored(line: Timeline) -> None:
    """An account decoded from its bytes is the account."""
    line.send(_left(line, 2), TicketOpened(org_id="acme", at=line.at(3), ticket_id="t1", priority="urgent"))
    account = line.account
    assert account is not None

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(account), type=type(account)) == account


def test_a_signal_ends_where_it_was_opened(line: Timeline, tmp_path: Path) -> None:
    """A route changed in between does not leave the first card open for ever."""
    line.send(_left(line, 2))
    assert line.last is not None
    opened = {(one.sink, one.destination) for one in line.last.deliveries}
    line.catalogue = catalogue_of(
        PACK.replace("when: champion.change", "route: {channel: other}\n  when: champion.change", 1), tmp_path
    )

    line.send(ChampionNamed(org_id="acme", at=line.at(3), person_id="bob"))

    resolved = [one for one in line.last.deliveries if one.transition.change == "resolved"]
    assert {(one.sink, one.destination) for one in resolved} == opened


NUMBERS = """
family: churn_risk
defaults: {source: test, stage: live, severity: notice}
rules:
- id: few
  title: few
  kind: level
  params: {few: {value: 1, unit: count, from: ours}}
  when: people.active <= few and known(people.members)
  text: {headline: "only {people.active} active", resolved: "{people.active} are active again"}
"""


def test_a_resolved_card_keeps_the_sentence_it_was_opened_with(tmp_path: Path) -> None:
    """The resolved text has today's numbers; the headline does not claim that they are a finding."""
    line = Timeline(catalogue_of(NUMBERS, tmp_path))
    line.created()
    line.acted(0, "p1")
    line.used(0, product_analytics=1)
    line.send(
        UsageReported(org_id="acme", at=line.at(2, 2), day=line.day(1), volumes={"product_analytics": 1}, members=5)
    )
    line.used(2, product_analytics=1)
    said = line.acted(3, "p2", hour=13)

    assert (said[-1].change, said[-1].headline) == ("resolved", "Acme: only 1 active")
    assert said[-1].resolved_text == "2 are active again"
