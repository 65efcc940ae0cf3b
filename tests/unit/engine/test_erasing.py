"""An account erased on request: what goes, what stays, and what comes after."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from signals.domain.account.state import FACETS, Account
from signals.domain.events.feedback import EraseRequested, SnoozeRequested
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.engine.erasing import ERASED_SEQ
from signals.engine.policy import Policy, Routing
from support.short_rules import CAME, GONE, left, line_of, named, ticket
from support.timeline import Timeline, changes

ROUTING = Routing(sinks=("slack", "crm"), default_channel="#alerts")


@pytest.fixture
def line(tmp_path: Path) -> Timeline:
    """An account with an open signal and a moment told, routed to two sinks."""
    line = line_of(GONE + CAME, tmp_path, policy=Policy(routing=ROUTING))
    line.send(named(line, 1, "ann"), left(line, 2, "ann"), ticket(line, 3))
    return line


def erase(line: Timeline, day: float, hour: float = 12) -> EraseRequested:
    """Return the request."""
    return EraseRequested(org_id="acme", at=line.at(day, hour), by="ann")


def test_nothing_is_left_but_clock_positions_and_the_time_of_it(line: Timeline) -> None:
    """Facts, episodes, timers and natural keys go; what keeps an event from being applied twice stays."""
    line.send(SnoozeRequested(org_id="acme", at=line.at(3, 13), signal="*", until=line.at(9), by="ann", id="m1"))

    line.send(erase(line, 4))

    account = line.account
    assert account is not None
    assert all(getattr(account, facet) == getattr(Account("acme", account.clock), facet) for facet in FACETS)
    assert account.clock == line.at(4)
    assert account.wake is None
    assert msgspec.to_builtins(account.life) == {
        "positions": {"crm:0": (1, 3), "feedback:0": (1, 1)},
        "erased_at": line.at(4).isoformat().replace("+00:00", "Z"),
    }


def test_every_signal_ever_told_is_taken_back_where_it_was_shown(line: Timeline) -> None:
    """One last transition each, above every other, with no word of the account; also for signals long over."""
    told = {one.signal_id for one in line.transitions}
    line.until(60)

    said = line.send(erase(line, 61))

    assert {one.signal_id for one in said} == told
    assert len(told) == 2
    for one in said:
        assert (one.seq, one.change, one.erased) == (ERASED_SEQ, "resolved", True)
        assert (one.account_name, one.headline, one.evidence, one.key) == ("", "erased on request", (), "")
    assert line.last is not None
    addressed = {(one.sink, one.transition.signal_id) for one in line.last.deliveries}
    assert addressed == {(sink, signal) for sink in ("slack", "crm") for signal in told}


def test_a_signal_told_in_the_same_pack_is_taken_back_too(line: Timeline, tmp_path: Path) -> None:
    """Packing is invisible to an erasure."""
    fresh = line_of(CAME, tmp_path)
    at = fresh.at(3)
    pack = [
        Arrival(Position(1, "crm", 0, 1), at, ticket(fresh, 3)),
        Arrival(Position(1, "feedback", 0, 0), at, erase(fresh, 3)),
    ]

    said = fresh.apply(*pack)

    assert [(one.seq, one.erased) for one in said] == [(1, False), (ERASED_SEQ, True)]
    assert fresh.account is not None
    assert fresh.account.life.told == ()
    assert line.account is not None


def test_life_goes_on_after_it_under_new_ids(line: Timeline) -> None:
    """The same condition told anew is another signal: readers that keep the old one's seq would never hear of it."""
    before = {one.signal_id for one in line.transitions}
    line.send(erase(line, 4))

    said = line.send(named(line, 5, "bob"), left(line, 6, "bob"))

    assert changes(said) == ["gone opened"]
    assert said[0].signal_id not in before
    assert said[0].seq == 1


def test_what_happened_before_it_is_not_applied_any_more(line: Timeline) -> None:
    """Not when it comes late, not as a dead letter replayed with leave to be late; and it becomes no dead letter."""
    line.send(erase(line, 40))
    late = Arrival(Position(1, "crm", 0, 90), line.at(40), ticket(line, 39.5, "t9"))
    older = Arrival(Position(1, "crm", 0, 91), line.at(40), ticket(line, 1, "t8"), waive_too_late=True)
    at_once = Arrival(Position(1, "crm", 0, 92), line.at(40), ticket(line, 40, "t7"))

    assert line.apply(late, older, at_once) == []

    assert line.last is not None
    assert line.last.tally.erased == 3
    assert line.last.dead == ()
    assert line.account is not None
    assert line.account.relationship.tickets == {}
    assert line.account.life.positions["crm:0"] == (1, 92)


def test_the_same_request_read_again_changes_nothing(line: Timeline) -> None:
    """By its position; and a second request at the same instant takes nothing back twice."""
    line.send(erase(line, 4))
    account = line.account
    again = Arrival(Position(1, "feedback", 0, 0), line.at(4), erase(line, 4))

    assert line.apply(again) == []
    assert line.account == account
    assert line.send(erase(line, 4)) == []


def test_a_request_that_comes_late_still_takes_everything_back(line: Timeline) -> None:
    """Its own time decides what may come back: an event after it counts although the clock is ahead."""
    line.send(ticket(line, 20, "t2"))
    line.send(erase(line, 19))

    assert line.account is not None
    assert line.account.clock == line.at(20)
    assert line.account.relationship.tickets == {}
    said = line.send(ticket(line, 19.5, "t3"))
    assert changes(said) == ["came opened"]


def test_an_account_never_seen_can_be_erased(tmp_path: Path) -> None:
    """Its later past stays out, too."""
    line = Timeline(line_of(CAME, tmp_path).catalogue)

    assert line.send(erase(line, 4)) == []
    assert line.send(ticket(line, 3)) == []
    assert changes(line.send(ticket(line, 4, hour=12 + 1 / 60))) == ["came opened"]
    assert line.at(4) + timedelta(minutes=1) == line.transitions[-1].at
