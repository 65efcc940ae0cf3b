"""A signal told to a team passes to the member whose turn it is."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from signals.domain.events.crm import TicketSolved
from signals.domain.events.feedback import SnoozeRequested
from signals.domain.events.leads import LeadAssigned
from signals.domain.reasons import Change
from signals.domain.summary import summary_of
from signals.engine.policy import Policy, Routing
from support.short_rules import CAME, GONE, left, line_of, named, owned, ticket, with_fields
from support.timeline import Timeline

TEAM = "tae_round_robin"
TO_THE_TEAM = f"route: {{tag_owner: false, also_tag: [{TEAM}, boss]}}"
BESIDE_THE_OWNER = f"route: {{also_tag: [{TEAM}]}}"
POLICY = Policy(routing=Routing(in_turn=True))
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
    """A role that takes no leads, and those of nobody's team."""
    other = with_fields(CAME, "route: {tag_owner: false, also_tag: [cs_lead]}")
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


def test_an_account_has_one_lead(tmp_path: Path) -> None:
    """Two teams were told: the first one's member is found for both, and what a third is told is theirs at once."""
    second = with_fields(
        CAME.replace("id: came", "id: second"), "route: {tag_owner: false, also_tag: [tam_round_robin]}"
    )
    told = line(tmp_path, with_fields(GONE, TO_THE_TEAM) + second)
    told.send(left(told, 1, hour=11), ticket(told, 1))
    assert waits(told) == {TEAM: told.at(1, 11)}

    passed = told.send(turn(told, 1))

    assert [(one.rule, one.owner.name) for one in passed] == [("gone", "dana"), ("second", "dana")]
    (newer,) = told.send(ticket(told, 2, "t2"))
    assert (newer.rule, newer.owner.name, newer.owner.role) == ("second", "dana", "TAE")
    assert waits(told) == {}


def test_an_owner_goes_before_whose_turn_it_is(tmp_path: Path) -> None:
    """Who comes to own the account gets the lead that waits, and is called; a turn found meanwhile changes nothing."""
    told = line(tmp_path, with_fields(CAME, TO_THE_TEAM))
    told.send(ticket(told, 1))

    (passed,) = told.send(owned(told, 1.1, "carl"))

    assert (passed.owner.name, passed.owner.role, passed.notify) == ("carl", "CSM", True)
    assert told.send(turn(told, 2)) == []
    assert waits(told) == {}
    (newer,) = told.send(ticket(told, 3, "t2"))
    assert newer.owner.name == "carl"


def test_an_owner_who_had_the_lead_stays_the_owner(tmp_path: Path) -> None:
    """Where the team is tagged beside the owner only the tag passes on."""
    told = line(tmp_path, with_fields(CAME, BESIDE_THE_OWNER))
    told.send(owned(told, 0.5, "dana"), ticket(told, 1), turn(told, 1))

    (passed,) = told.send(turn(told, 2, "erik"))

    assert (passed.owner.name, passed.tagged) == ("dana", ("erik",))


def test_what_is_held_goes_out_in_the_persons_name(tmp_path: Path) -> None:
    """A guard holds the moment while its lead is assigned: the team is not on its card."""
    told = line(tmp_path, with_fields(CAME, BESIDE_THE_OWNER, "guards: GX-C"))
    told.send(ticket(told, 1, priority="urgent"))
    assert told.send(turn(told, 1)) == []
    solved = TicketSolved(org_id="acme", at=told.at(1, 14), ticket_id="t1")

    opened = [*told.send(solved), *told.until(60)]

    assert [(one.change, one.tagged) for one in opened[:1]] == [(Change.OPENED, ("dana",))]


def test_a_later_lead_is_told_apart_from_those_somebody_had(tmp_path: Path) -> None:
    """So that it can be given anew when they take none any more."""
    told = line(tmp_path, with_fields(CAME, TO_THE_TEAM))
    told.send(ticket(told, 1), turn(told, 1))
    assert told.account is not None
    assert summary_of(told.account, UTC_ZONE).renewed == {TEAM: told.at(1)}

    told.send(ticket(told, 2, "t2"))
    assert summary_of(told.account, UTC_ZONE).renewed == {TEAM: told.at(2)}


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
