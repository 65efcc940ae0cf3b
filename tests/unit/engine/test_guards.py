"""What the guards read, whom they ask in which order, and what opens them. The handbook's own tests are scenarios."""

import inspect
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.domain.account.reduce import TOLD_APART
from signals.domain.account.state import FACETS, Account
from signals.domain.events.billing import SpendReported
from signals.domain.events.crm import CustomerAsked, TicketSolved
from signals.domain.events.feedback import FlagCleared
from signals.domain.events.usage import UsageReported
from signals.engine import fit_guard, guards, offer_guards, relation_guards
from signals.engine.catalogue import GUARD_FACTS, guard_fields
from signals.engine.policy import GuardTerms, Policy
from support.short_rules import CAME, GONE, left, line_of, named, owned, pack_of, ticket, with_fields
from support.timeline import START, Timeline, catalogue_of, changes

PITCH = """
- id: pitch
  title: Spend is high
  kind: level
  guards: GX-C
  offers: [surveys]
  params: {high: {value: 1000, unit: USD/month, from: ours}}
  when: billing.mrr >= high
  text: {headline: "spend is high"}
"""


def pitch(name: str, *fields: str) -> str:
    """Return a pitch of another name."""
    return with_fields(PITCH.replace("id: pitch", f"id: {name}"), *fields)


def spend(line: Timeline, day: float, mrr: int = 2000, hour: float = 12) -> list[str]:
    """Report a spend; return what it said."""
    return changes(line.send(SpendReported(org_id="acme", at=line.at(day, hour), mrr=Decimal(mrr))))


def test_whatever_a_guard_reads_brings_back_what_it_holds() -> None:
    """Every field behind every fact that the guards ask for is one that has held findings looked at again."""
    source = "".join(inspect.getsource(module) for module in (guards, relation_guards, offer_guards, fit_guard))
    asked = set(re.findall(r'fact\("([\w.]+)"\)', source))
    assert {"tickets", "profile.start_on", "contract.month", "customer.asked", "billing.status"} <= asked

    assert asked == GUARD_FACTS


def test_the_fields_exist() -> None:
    """A field renamed in the state would silently be watched no more."""
    account = Account("acme", clock=START)
    fields = {f"{facet}.{field}" for facet in FACETS for field in getattr(account, facet).__struct_fields__}
    apart = (*(f"{name}." for name in TOLD_APART.values()), "heard.tools", "people.")
    apart += ("usage.used.", "usage.covered", "usage.resumed.")

    assert {
        field
        for field in frozenset[str]().union(*guard_fields(VOCABULARY).values()) - fields
        if not field.startswith(apart)
    } == set()


def test_of_several_due_at_one_instant_the_first_in_the_growth_order_goes_out(tmp_path: Path) -> None:
    """Section, then rank, then the order of the pack; the next one a month later, and so on."""
    rules = pitch("fourth", "rank: 0", "section: 9") + pitch("third", "rank: 2") + pitch("second", "rank: 1")
    line = line_of(rules + pitch("first", "rank: 1").replace("id: first", "id: also_second"), tmp_path, "expansion")
    spend(line, 40)
    line.until(200, 0)

    opened = [(one.rule, one.at) for one in line.transitions if one.change == "opened"]
    month = timedelta(days=30)
    assert opened == [
        (rule, line.at(40) + number * month) for number, rule in enumerate(("second", "also_second", "third", "fourth"))
    ]
    assert {one.guard for one in line.suppressions} == {"G13"}


def test_a_pitch_counts_for_a_month_whatever_became_of_it(tmp_path: Path) -> None:
    """Resolved the next day, it still was a pitch."""
    line = line_of(pitch("one") + with_fields(GONE, "guards: GX-C"), tmp_path, "expansion")
    spend(line, 40)
    spend(line, 41, 10)
    line.send(left(line, 42))

    assert [one.at for one in line.until(100) if one.change == "opened"] == [line.at(70)]


def test_a_shorter_month_in_the_settings_reaches_what_is_held_already(tmp_path: Path) -> None:
    """At the next event or close of a day, instead of at the end its guard named before the restart."""
    line = line_of(pitch("one") + pitch("two"), tmp_path, "expansion")
    spend(line, 40)
    line.until(45)
    assert changes(line.transitions) == ["one opened"]

    line.policy = Policy(guards=GuardTerms(pitch_every=timedelta(days=7)))
    spend(line, 46)

    assert [(one.rule, one.at) for one in line.until(100) if one.change == "opened"] == [("two", line.at(47))]


def test_signals_of_other_families_are_no_pitches(tmp_path: Path) -> None:
    """A churn signal under guards neither counts nor waits for one that did."""
    line = line_of(with_fields(GONE, "guards: GX-C", "family: churn_risk") + pitch("one"), tmp_path, "expansion")
    line.send(left(line, 40))

    assert spend(line, 41) == ["one opened"]


def test_a_signal_that_came_back_does_not_wait_for_itself(tmp_path: Path) -> None:
    """Within the cooldown it is the same pitch."""
    line = line_of(pitch("one", "cooldown: 9 d"), tmp_path, "expansion")
    spend(line, 40)
    spend(line, 41, 10)

    assert spend(line, 42) == ["one reopened"]


@pytest.mark.parametrize(("about", "opens"), [("surveys", True), ("any", True), ("session_replay", False)])
def test_the_customers_request_opens_the_first_days_for_what_they_asked(
    tmp_path: Path, about: str, opens: bool
) -> None:
    """A held pitch of surveys is let out by the request itself."""
    line = line_of(pitch("one"), tmp_path, "cross_sell")
    assert spend(line, 2) == []

    said = line.send(CustomerAsked(org_id="acme", at=line.at(3), about=about))
    assert changes(said) == (["one opened"] if opens else [])


def test_the_customers_request_opens_the_month_between_pitches(tmp_path: Path) -> None:
    """G13 does not hold what they asked for."""
    line = line_of(pitch("one") + pitch("two").replace("surveys", "web_analytics"), tmp_path, "cross_sell")
    spend(line, 40)

    said = line.send(CustomerAsked(org_id="acme", at=line.at(41), about="web_analytics"))
    assert changes(said) == ["two opened"]


def test_rules_for_people_who_do_not_talk_to_us_yet_have_no_first_days(tmp_path: Path) -> None:
    """Tag lead_routing: G4 is waived while nobody owns the account, and not for other rules."""
    rules = pitch("leads", "tags: [lead_routing]") + pitch("plain")
    nobody, somebody = line_of(rules, tmp_path, "cross_sell"), line_of(rules, tmp_path, "cross_sell")
    somebody.send(owned(somebody, 1, "dana"))

    assert spend(nobody, 2) == ["leads opened"]
    assert spend(somebody, 2) == []


def test_an_exempt_rule_skips_that_guard_only(tmp_path: Path) -> None:
    """Without G4 it goes out on day 2; an urgent ticket still holds it."""
    line = line_of(pitch("one", "exempt: [G4]"), tmp_path, "cross_sell")
    line.send(ticket(line, 1, priority="urgent"))

    assert spend(line, 2) == []
    assert [one.guard for one in line.suppressions] == ["G1"]


def test_remarks_add_up_on_what_is_delivered(tmp_path: Path) -> None:
    """GX-E: the first days and a lost champion, each with the advice to wait."""
    rules = pitch("one").replace("GX-C", "GX-E") + GONE.replace("id: gone", "id: ew_champion_changed")
    line = line_of(rules, tmp_path, "expansion")
    line.send(left(line, 1))
    spend(line, 2)

    (said,) = [one for one in line.transitions if one.rule == "one"]
    assert [note.split(":")[0] for note in said.notes] == ["G4", "G8"]
    assert all(note.endswith("do not pitch yet") for note in said.notes)


def test_a_note_belongs_to_the_opening(tmp_path: Path) -> None:
    """What is said later has remarks of its own."""
    line = line_of(pitch("one", "remind: 2 d").replace("GX-C", "GX-E"), tmp_path, "expansion")
    spend(line, 2)

    assert [bool(one.notes) for one in [*line.transitions, *line.until(5)]][:2] == [True, False]


def test_a_storm_told_in_another_order_is_a_storm(tmp_path: Path) -> None:
    """Three tickets within 24 hours; released a week after they were solved."""
    policy = Policy(guards=replace(GuardTerms(), first_days=0))
    line = line_of(pitch("one"), tmp_path, "cross_sell", policy)
    line.send(ticket(line, 3, "t3"), ticket(line, 2.9, "t2"), ticket(line, 2.2, "t1"))
    for name in ("t1", "t2", "t3"):
        line.send(TicketSolved(org_id="acme", at=line.at(4), ticket_id=name))
    assert spend(line, 5) == []

    assert [one.at for one in line.until(40)] == [line.at(11)]


def test_a_held_moment_is_let_out_by_the_event_that_ends_its_guard(tmp_path: Path) -> None:
    """The champion is replaced: what waited for that goes out with the same event."""
    rules = GONE.replace("id: gone", "id: ew_champion_changed") + with_fields(CAME, "guards: GX-C")
    line = line_of(rules, tmp_path)
    line.send(left(line, 40), ticket(line, 41))
    assert [one.guard for one in line.suppressions] == ["G8"]

    assert changes(line.send(named(line, 42))) == ["ew_champion_changed resolved", "came opened"]


def test_pitches_are_forgotten_in_time(tmp_path: Path) -> None:
    """Memory is bounded: a pitch of a season ago is of no use to any guard."""
    line = line_of(pitch("one"), tmp_path, "expansion")
    spend(line, 40)
    spend(line, 41, 10)
    assert line.account is not None
    assert len(line.account.life.pitches) == 1

    spend(line, 131, 10, hour=11)
    spend(line, 140, 11)
    assert line.account.life.pitches == {}


def test_a_flag_a_person_closes_lets_out_what_it_held(tmp_path: Path) -> None:
    """The guards' order pauses cross-sell under a level A flag; its closing is enough."""
    flag = with_fields(GONE, "churn_level: A", "guards: none", "family: churn_risk")
    line = line_of(flag + pitch("one"), tmp_path, "cross_sell")
    line.send(left(line, 40))
    assert spend(line, 41) == []

    said = line.send(FlagCleared(org_id="acme", at=line.at(42), signal="gone", by="ann"))
    assert changes(said) == ["gone resolved", "one opened"]


def test_a_held_moment_is_asked_again_at_each_close_of_a_day(tmp_path: Path) -> None:
    """A guard without a known end, freed by time alone: the customer's request, which lapses, says nothing of it."""
    policy = Policy(guards=replace(GuardTerms(), first_days=0))
    line = line_of(with_fields(CAME, "guards: GX-C") + with_fields(GONE, "confirm: 300 days"), tmp_path, policy=policy)
    line.send(ticket(line, 1, "t1", priority="urgent"))
    assert [one.until for one in line.suppressions] == [None]
    line.policy = replace(policy, guards=replace(policy.guards, urgent=frozenset()))

    assert [one.at for one in line.until(3)] == [line.at(2, 0)]


def test_other_rules_ask_again_for_what_is_held(tmp_path: Path) -> None:
    """Moments too: a rule whose new version is exempt from the guard lets go at the next event."""
    rules = with_fields(CAME, "guards: GX-C")
    line = line_of(rules, tmp_path)
    line.send(ticket(line, 2))
    assert line.transitions == []
    line.catalogue = catalogue_of(pack_of(with_fields(rules, "exempt: [G4]")), tmp_path)

    assert changes(line.acted(3)) == ["came opened"]


def test_what_a_guard_reads_of_another_rule_lets_out_in_the_same_go(tmp_path: Path) -> None:
    """The decline ends with an event that moves nothing else a guard looks at."""
    declining = PITCH.replace("id: pitch", "id: ew_usage_declining_4w").replace("guards: GX-C", "guards: none")
    line = line_of(declining + with_fields(CAME, "guards: GX-C"), tmp_path)
    spend(line, 40)
    line.send(ticket(line, 41))
    assert [one.guard for one in line.suppressions] == ["G7"]

    assert spend(line, 42, 10) == ["ew_usage_declining_4w resolved", "came opened"]


@pytest.mark.parametrize(("paid", "used", "told"), [("9", 9, False), ("0", 9, True), ("9", 0, True)])
def test_what_they_use_and_pay_for_is_not_offered(tmp_path: Path, paid: str, used: int, told: bool) -> None:
    """G16: used without paying, or paid for and idle, it is still worth a word."""
    line = line_of(pitch("one"), tmp_path, "cross_sell")
    line.send(UsageReported(org_id="acme", at=line.at(39, 2), day=line.at(38).date(), volumes={"surveys": used}))
    line.send(
        SpendReported(org_id="acme", at=line.at(40), mrr=Decimal(2000), products={"surveys": Decimal(paid)})
    )  # fmt: skip

    assert [one.rule for one in line.transitions if one.change == "opened"] == (["one"] if told else [])
    assert [one.guard for one in line.suppressions] == ([] if told else ["G16"])
