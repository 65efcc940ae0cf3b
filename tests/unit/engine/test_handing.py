"""A signal told to a team passes to the member whose turn it is."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from signals.domain.events.feedback import SnoozeRequested
from signals.domain.events.leads import LeadAssigned
from signals.domain.reasons import Change
from signals.domain.summary import summary_of
from signals.engine.policy import Policy, Routing
from support.short_rules import CAME, GONE, left, line_of, named, ticket, with_fields
from support.timeline import Timeline

TEAM = "tae_round_robin"
TO_THE_TEAM = f"route: {{tag_owner: false, also_tag: [{TEAM}, boss]}}"
BESIDE_THE_OWNER = f"route: {{also_tag: [{TEAM}]}}"
POLICY = Policy(routing=Routing(teams=frozenset({TEAM})))
UTC_ZONE = ZoneInfo("UTC")


def line(tmp_path: Path, rules: str) -> Timeline:
    """Return an account nobody owns."""
    return line_of(rules, tmp_path, "lead", POLICY)


def turn(line: Timeline, day: float, to: str = "dana", hour: float = 13) -> LeadAssigned:
    """Somebody has the team's leads from now on."""
    return LeadAssigned(org_id="acme", at=line.at(day, hour), team=TEAM, to=to, role="TAE")


def waits(line: Timeline) -> dict[str, object]:
    """Return what the account's summary says of leads that wait."""
    assert line.account is not None
    return dict(summary_of(line.account, UTC_ZONE, POLICY.routing.teams).waiting)


def test_a_moment_passes_to_the_person_and_calls_them(tmp_path: Path) -> None:
    """In the words it had, on the same card; the task of the CRM goes with it."""
    told = line(tmp_path, with_fields(CAME, TO_THE_TEAM))
    (opened,) = told.send(ticket(told, 1))
    assert (opened.owner.name, opened.owner.role, opened.tagged) == (TEAM, "", ("boss",))
    assert waits(told) == {TEAM: told.at(1)}
    assert told.last is not None
    assert told.last.leads_moved

    (passed,) = told.send(turn(told, 1))

    assert (passed.change, passed.signal_id, passed.seq) == (Change.UPDATED, opened.signal_id, 2)
    assert (passed.owner.name, passed.owner.role, passed.owner.fallback) == ("dana", "TAE", False)
    assert (passed.tagged, passed.notify, passed.headline) == (("boss",), True, opened.headline)
    assert {one.sink for one in told.last.deliveries} == {"slack", "crm"}
    assert waits(told) == {}
    assert told.last.leads_moved


def test_a_state_passes_on_once_and_stays_with_the_person(tmp_path: Path) -> None:
    """Looked at again it says nothing more; resolved it is still theirs; the next one is theirs from the start."""
    told = line(tmp_path, with_fields(GONE, TO_THE_TEAM))
    told.send(left(told, 1))
    (passed,) = told.send(turn(told, 1))
    assert passed.owner.name == "dana"

    assert told.send(left(told, 1, "ann", 14)) == []
    (over,) = told.send(named(told, 2))
    assert (over.change, over.owner.name) == (Change.RESOLVED, "dana")
    (again,) = told.send(left(told, 40, "bob"))
    assert (again.change, again.owner.name, again.tagged) == (Change.OPENED, "dana", ("boss",))
    assert waits(told) == {}


def test_who_is_tagged_beside_the_owner_changes_too(tmp_path: Path) -> None:
    """The owner stays."""
    told = line(tmp_path, with_fields(CAME, BESIDE_THE_OWNER))
    (opened,) = told.send(ticket(told, 1))
    assert waits(told) == {TEAM: told.at(1)}

    (passed,) = told.send(turn(told, 1))

    assert (passed.owner, passed.tagged) == (opened.owner, ("dana",))


def test_signals_of_others_are_left_alone(tmp_path: Path) -> None:
    """Another team's, and those of nobody's team."""
    other = with_fields(CAME, "route: {tag_owner: false, also_tag: [tam_round_robin]}")
    told = line(tmp_path, other + GONE)
    told.send(ticket(told, 1), left(told, 1, hour=12.5))

    assert told.send(turn(told, 1)) == []
    assert waits(told) == {}


def test_an_older_word_changes_nothing(tmp_path: Path) -> None:
    """By the time it speaks of; the newer one stands."""
    told = line(tmp_path, with_fields(CAME, TO_THE_TEAM))
    told.send(ticket(told, 1), turn(told, 2))

    assert told.send(turn(told, 1.5, "tom")) == []
    (newer,) = told.send(ticket(told, 2, "t2", hour=15))
    assert newer.owner.name == "dana"


def test_a_second_person_takes_over_what_is_open(tmp_path: Path) -> None:
    """A moment and a state; what the first one owns for another reason stays."""
    rules = with_fields(CAME, TO_THE_TEAM) + with_fields(GONE, "route: {tag_owner: false, cc: [dana]}")
    told = line(tmp_path, rules)
    told.send(left(told, 1, hour=11), ticket(told, 1), turn(told, 1))

    (passed,) = told.send(turn(told, 2, "tom"))

    assert (passed.rule, passed.owner.name, passed.notify) == ("came", "tom", True)
    (newer,) = told.send(ticket(told, 3, "t2"))
    assert newer.owner.name == "tom"


def test_a_snoozed_signal_passes_on_in_silence(tmp_path: Path) -> None:
    """It is told to the person without calling them."""
    told = line(tmp_path, with_fields(CAME, TO_THE_TEAM))
    (opened,) = told.send(ticket(told, 1))
    until = told.at(1) + timedelta(days=2)
    told.send(SnoozeRequested(org_id="acme", at=told.at(1, 12.5), signal=opened.signal_id, until=until, by="x"))

    (passed,) = told.send(turn(told, 1))

    assert (passed.owner.name, passed.notify) == ("dana", False)


def test_without_teams_no_lead_waits(tmp_path: Path) -> None:
    """Nobody configured members: cards go to the team, as they did."""
    told = line_of(with_fields(CAME, TO_THE_TEAM), tmp_path, "lead")
    told.send(ticket(told, 1))

    assert told.last is not None
    assert not told.last.leads_moved
    assert told.account is not None
    assert msgspec.json.encode(summary_of(told.account, UTC_ZONE)).find(b"waiting") < 0
