"""Which rules are looked at, in which order, and when again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.domain.events.crm import ContractSigned, TicketSolved
from signals.domain.events.feedback import FlagCleared
from signals.domain.events.kinds import AnyEvent
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from support.short_rules import CAME, GONE, left, line_of, named, owned, ticket, with_fields
from support.timeline import changes

FOLLOWS = GONE.replace("id: gone", "id: follows").replace('champion.change == "left"', 'signal("came")')


def test_what_reads_a_moment_is_looked_at_in_the_same_go(tmp_path: Path) -> None:
    """It opens with the moment and resolves with it."""
    line = line_of(CAME + FOLLOWS, tmp_path)

    assert changes(line.send(ticket(line, 1))) == ["came opened", "follows opened"]
    assert changes(line.until(9)) == ["came resolved", "follows resolved"]


def test_a_moment_reads_conditions_as_the_event_left_them(tmp_path: Path) -> None:
    """The rule it reads is looked at first, although the same event moves both."""
    quick = GONE.replace('champion.change == "left"', "any(t.open for t in tickets)").replace("id: gone", "id: busy")
    line = line_of(quick + with_fields(CAME, 'when: not signal("busy")'), tmp_path)

    assert changes(line.send(ticket(line, 1))) == ["busy opened"]


def test_a_chain_is_followed_to_its_end_in_one_go(tmp_path: Path) -> None:
    """Three rules, each reading the one before; written in the other order."""
    third = GONE.replace("id: gone", "id: third").replace('champion.change == "left"', 'signal("second")')
    second = GONE.replace("id: gone", "id: second").replace('champion.change == "left"', 'signal("gone")')
    line = line_of(third + second + GONE, tmp_path)

    assert changes(line.send(left(line, 1))) == ["gone opened", "second opened", "third opened"]
    assert changes(line.send(named(line, 2))) == ["gone resolved", "second resolved", "third resolved"]


def test_a_held_signal_counts_as_active(tmp_path: Path) -> None:
    """Who was told does not matter to the rules that read it (decision 0021)."""
    follows = GONE.replace("id: gone", "id: follows").replace('champion.change == "left"', 'signal("gone")')
    line = line_of(with_fields(GONE, "guards: GX-C") + follows, tmp_path)

    assert changes(line.send(left(line, 1))) == ["follows opened"]


def test_a_condition_waiting_for_its_time_does_not(tmp_path: Path) -> None:
    """Hold time counts: the reader opens with it, not before."""
    follows = GONE.replace("id: gone", "id: follows").replace('champion.change == "left"', 'signal("gone")')
    line = line_of(with_fields(GONE, "hold: 1 d") + follows, tmp_path)

    assert changes(line.send(left(line, 1))) == []
    assert [(one.rule, one.at) for one in line.until(5)] == [("gone", line.at(2)), ("follows", line.at(2))]


LADDER = """
- id: ladder
  title: A ladder
  kind: steps
  from: champion.changed_at
  while: champion.change == "left" and not any(t.open for t in tickets)
  steps: [{at: 1 d, say: one}, {at: 3 d, say: two}]
  text: {headline: "waiting"}
"""


def test_a_ladder_a_person_closed_stays_closed_for_this_anchor(tmp_path: Path) -> None:
    """Neither the next look nor the next rung opens it; another anchor does."""
    line = line_of(LADDER, tmp_path)
    line.send(left(line, 1))
    line.until(3)
    line.send(FlagCleared(org_id="acme", at=line.at(3.5), signal="ladder", by="ann"))
    line.acted(4)
    assert changes(line.until(9)) == []
    assert changes(line.transitions) == ["ladder opened", "ladder resolved"]

    line.send(named(line, 10), left(line, 11, "bob"))
    assert [(one.change, one.say) for one in line.until(13)] == [("opened", "one")]


def test_a_ladder_whose_condition_returns_is_the_same_signal(tmp_path: Path) -> None:
    """The anchor stands: it reopens, says no step twice, and climbs on."""
    line = line_of(LADDER, tmp_path)
    line.send(left(line, 1))
    line.until(2)
    line.send(ticket(line, 2.5), TicketSolved(org_id="acme", at=line.at(3), ticket_id="t1"))
    line.until(20)

    assert [(one.change, one.say, one.seq) for one in line.transitions] == [
        ("opened", "one", 1), ("resolved", "one", 2), ("reopened", "one", 3), ("escalated", "two", 4),
    ]  # fmt: skip
    assert len({one.signal_id for one in line.transitions}) == 1


def test_a_ladder_whose_anchor_went_leaves_nothing_behind(tmp_path: Path) -> None:
    """The champion was replaced: resolved, and forgotten with the next look."""
    line = line_of(LADDER, tmp_path)
    line.send(left(line, 1))
    line.until(2)
    line.send(named(line, 3), ticket(line, 4))

    assert line.account is not None
    assert line.account.life.episodes == {}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 23, 12, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 6, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_day_closes_at_the_business_zones_midnight(tmp_path: Path, zone: str, day: datetime) -> None:
    """Over a change of the clocks too: each close is the first instant of its date, one date after the other."""
    policy = Policy(zone=ZoneInfo(zone))
    line = line_of(with_fields(GONE, "confirm: 300 days"), tmp_path, policy=policy)
    account = line.account
    assert account is not None
    closes = []
    stepped = step(account, "acme", (), until=day, catalogue=line.catalogue, policy=policy)
    for _ in range(4):
        assert stepped.account.wake is not None
        closes.append(stepped.account.wake)
        stepped = step(stepped.account, "acme", (), until=stepped.account.wake, catalogue=line.catalogue, policy=policy)

    local = [close.astimezone(policy.zone) for close in closes]
    assert [one.date() for one in local] == [local[0].date() + timedelta(days=number) for number in range(4)]
    for close in closes:
        before = (close - timedelta(microseconds=1)).astimezone(policy.zone)
        assert before.date() < close.astimezone(policy.zone).date()


def test_timers_are_never_in_the_past(tmp_path: Path) -> None:
    """After every event and every mark of a lively month the account wakes later than its clock."""
    rules = (
        with_fields(GONE, "hold: 1 d", "remind: 2 d", "clear_hold: 1 d", "guards: GX-E") + LADDER + FOLLOWS
        + with_fields(CAME, "guards: GX-C", "stale_after: 5 d")
    )  # fmt: skip
    line = line_of(rules, tmp_path)
    for day in range(1, 45):
        said: list[AnyEvent] = [left(line, day, "ann"), ticket(line, day, f"t{day % 5}"), named(line, day)]
        line.send(said[day % 3])
        if day % 4 == 0:
            line.until(day, hour=20)
        account = line.account
        assert account is not None
        assert account.wake is None or account.wake > account.clock
        assert all(at > account.clock for at in account.life.timers.values())


def test_a_new_owner_looks_at_open_signals_only(tmp_path: Path) -> None:
    """A resolved one is not edited."""
    line = line_of(with_fields(GONE, "cooldown: 9 d"), tmp_path)
    line.send(left(line, 1), named(line, 2), owned(line, 3, "dana"))

    assert changes(line.transitions) == ["gone opened", "gone resolved"]


def test_two_events_of_one_record_are_both_applied(tmp_path: Path) -> None:
    """A foreign record may become several events with one position; a repetition of the record repeats neither."""
    line = line_of(CAME, tmp_path)
    pair = [Arrival(Position(2, "crm", 0, 7), line.at(1), ticket(line, 1, name)) for name in ("t1", "t2")]

    assert changes(line.apply(*pair)) == ["came opened", "came opened"]
    assert line.apply(*pair) == []
    assert line.last is not None
    assert line.last.tally.duplicates == 2


def test_a_mark_for_an_account_nobody_heard_of_says_nothing() -> None:
    """There is nothing to wake, either."""
    stepped = step(None, "x", (), until=datetime(2030, 1, 1, tzinfo=UTC), catalogue=Catalogue((), VOCABULARY),
                   policy=Policy())  # fmt: skip
    assert (stepped.transitions, stepped.account.wake) == ((), None)


def test_timers_due_by_what_the_partition_reached_fire_before_a_late_event(tmp_path: Path) -> None:
    """Another account had carried time on to day 5: what was due on day 3 is said, then refuted."""
    line = line_of(with_fields(GONE, "hold: 2 d"), tmp_path)
    line.send(left(line, 1))

    said = line.apply(Arrival(Position(2, "crm", 0, 0), line.at(5), named(line, 2)))

    assert [(one.change, one.at) for one in said] == [("opened", line.at(3)), ("resolved", line.at(5))]


def test_what_counts_the_signals_of_a_level_is_looked_at_when_one_comes_or_goes(tmp_path: Path) -> None:
    """``open_signals`` reads rules by their level, not by their name."""
    counts = GONE.replace("id: gone", "id: counts").replace('champion.change == "left"', 'open_signals("B") >= 1')
    line = line_of(with_fields(GONE, "churn_level: B") + counts, tmp_path)

    assert changes(line.send(left(line, 1))) == ["gone opened", "counts opened"]
    assert changes(line.send(named(line, 2))) == ["gone resolved", "counts resolved"]


def test_what_reads_an_unknown_condition_is_unknown_too(tmp_path: Path) -> None:
    """Neither the signal nor its absence is known: ``not signal(...)`` opens nothing until it is."""
    quiet = with_fields(
        GONE.replace("id: gone", "id: quiet").replace('champion.change == "left"', "total(usage.total, week) <= few"),
        "params: {week: {value: 7 d, from: ours}, few: {value: 3, unit: count, from: ours}}",
    )
    busy = GONE.replace("id: gone", "id: busy").replace("when: ", 'when: not signal("quiet") and ')
    line = line_of(quiet + busy, tmp_path)
    for day in range(9):
        line.used(day, surveys=5)
    line.send(left(line, 17))
    assert line.account is not None
    assert list(line.account.life.unknown) == ["quiet|"]
    assert "busy opened" not in changes(line.transitions)

    for day in range(17, 26):
        line.used(day, surveys=5)
    assert "busy opened" in changes(line.transitions)
    assert list(line.account.life.unknown) == []


def test_a_ladder_from_a_calendar_day_counts_from_the_business_zones_midnight(tmp_path: Path) -> None:
    """One day after the contract's start in New York is five in the morning of the next day, UTC."""
    policy = Policy(zone=ZoneInfo("America/New_York"))
    rule = LADDER.replace("champion.changed_at", "contract.starts_on").replace('champion.change == "left" and ', "")
    line = line_of(rule, tmp_path, policy=policy)
    line.send(ContractSigned(org_id="acme", at=line.at(1), contract_id="c1", starts_on=line.day(2)))

    assert [one.at for one in line.until(4)] == [line.at(3, 5)]


def test_a_rung_passed_while_a_ladder_was_down_is_not_said_afterwards(tmp_path: Path) -> None:
    """It returns quietly on the rung where it would stand."""
    line = line_of(LADDER, tmp_path)
    line.send(left(line, 1))
    line.until(2)
    line.send(ticket(line, 3), TicketSolved(org_id="acme", at=line.at(6), ticket_id="t1"))
    line.until(20)

    assert [(one.change, one.say, one.notify) for one in line.transitions[1:]] == [
        ("resolved", "one", False), ("reopened", "two", False),
    ]  # fmt: skip
