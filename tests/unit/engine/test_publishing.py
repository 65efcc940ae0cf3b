"""What goes out, what is held back, and in whose words."""

from pathlib import Path

import pytest

from signals.domain.chart import Level
from signals.domain.events.crm import TicketSolved
from signals.domain.events.feedback import FlagCleared, SnoozeRequested
from signals.domain.reasons import Change, FamilyName, HeldReason, ResolvedBecause
from signals.streams.codec import decode_account, encode_account
from support.short_rules import CAME, GONE, left, line_of, named, owned, pack_of, ticket, with_fields
from support.timeline import Timeline, catalogue_of, changes

GUARDED = with_fields(CAME.replace("  expires_after: 3 d\n", ""), "guards: GX-C")
"""A moment that waits for the account's first 30 days."""

RELEASED = 30
"""Day (from 0) on which G4 lets go: the account's 31st."""


def snooze(line: Timeline, day: float, until: float, signal: str) -> SnoozeRequested:
    """Somebody wants quiet."""
    return SnoozeRequested(org_id="acme", at=line.at(day), signal=signal, until=line.at(until), by="ann")


def recode(line: Timeline, folder: Path, rules: str) -> None:
    """Put other rules in force."""
    line.catalogue = catalogue_of(pack_of(rules), folder)


def test_a_held_moment_goes_out_later_in_its_own_words(tmp_path: Path) -> None:
    """Day 31 brings the words of day 3, with the position of then recorded, and notifies."""
    line = line_of(GUARDED.replace('"a ticket came"', '"ticket {event.ticket_id}, {event.priority}"'), tmp_path)
    assert line.send(ticket(line, 2, priority="low")) == []
    line.send(TicketSolved(org_id="acme", at=line.at(3), ticket_id="t1"))

    said = line.until(60, 0)

    assert (said[0].change, said[0].at, said[0].headline) == (
        "opened", line.at(RELEASED, 0), "Acme: ticket t1, low",
    )  # fmt: skip
    assert (said[0].seq, said[0].since, said[0].notify) == (1, line.at(2), True)
    assert [one.guard for one in line.suppressions] == ["G4"]


def test_an_account_with_a_held_moment_can_be_stored(tmp_path: Path) -> None:
    """The draft kept for later satisfies what a stored transition must."""
    line = line_of(GUARDED, tmp_path)
    line.send(ticket(line, 2))

    assert line.account is not None
    assert decode_account(encode_account(line.account)) == line.account


def test_a_held_moment_keeps_the_variant_it_was_found_in(tmp_path: Path) -> None:
    """Its guards hold it, its route and family carry it, although nothing is left to look at."""
    rule = with_fields(
        CAME,
        "variants: [{when: event.priority == \"low\", name: lowly, guards: GX-C, family: cross_sell, "
        "route: {channel: other, sinks: [slack]}}]",
    )  # fmt: skip
    line = line_of(rule, tmp_path)
    assert line.send(ticket(line, 2, priority="low")) == []
    assert line.until(RELEASED - 1) == []
    (said,) = line.until(RELEASED)

    assert (said.family, said.variant) == (FamilyName.CROSS_SELL, "lowly")
    assert line.last is not None
    assert [(one.sink, one.destination) for one in line.last.deliveries] == [("slack", "other")]
    assert line.account is not None
    assert said.signal_id in line.account.life.pitches


def test_a_held_moment_dies_when_it_is_stale(tmp_path: Path) -> None:
    """Ten days after it was held it is over: one record, nothing goes out on day 31."""
    line = line_of(with_fields(GUARDED, "stale_after: 10 d"), tmp_path)
    line.send(ticket(line, 2))

    assert line.until(60) == []
    assert [(one.reason, one.at) for one in line.suppressions] == [
        (HeldReason.GUARDED, line.at(2)), (HeldReason.STALE, line.at(12)),
    ]  # fmt: skip
    assert line.account is not None
    assert line.account.life.episodes == {}


def test_a_suppression_is_written_once_per_reason(tmp_path: Path) -> None:
    """Thirty days under G4 are one record; an urgent ticket that holds it when G4 lets go is another."""
    line = line_of(with_fields(GONE, "guards: GX-C"), tmp_path)
    line.send(left(line, 1))
    line.until(10)
    line.send(ticket(line, 11, priority="urgent"))
    line.until(40)

    assert [(one.reason, one.guard) for one in line.suppressions] == [
        (HeldReason.GUARDED, "G4"), (HeldReason.GUARDED, "G1"),
    ]  # fmt: skip
    assert len({one.signal_id for one in line.suppressions}) == 1
    assert [one.headline for one in line.suppressions] == ["Acme: the champion left"] * 2


def test_a_shadowed_condition_is_recorded_and_goes_out_with_the_switch_to_live(tmp_path: Path) -> None:
    """It still holds, so it is said at the first look of the new rules."""
    line = line_of(with_fields(GONE, "stage: shadow"), tmp_path)
    assert line.send(left(line, 1)) == []
    assert line.until(5) == []
    assert [one.reason for one in line.suppressions] == [HeldReason.SHADOW]

    recode(line, tmp_path, GONE)
    assert changes(line.acted(6)) == ["gone opened"]


def test_shadowed_moments_end_like_others_and_are_never_told(tmp_path: Path) -> None:
    """Each is recorded and forgotten after its time; the switch to live says nothing of the past."""
    line = line_of(with_fields(CAME, "stage: shadow"), tmp_path)
    line.send(ticket(line, 1, "t1"), ticket(line, 5, "t2"))
    assert line.account is not None
    assert list(line.account.life.episodes) == ["came|t2"]

    recode(line, tmp_path, CAME)
    assert changes(line.send(ticket(line, 6, "t3"))) == ["came opened"]
    assert list(line.account.life.episodes) == ["came|t3"]
    assert changes(line.send(ticket(line, 6, "t2"))) == ["came opened"]
    assert [one.reason for one in line.suppressions] == [HeldReason.SHADOW, HeldReason.SHADOW]


def test_a_rule_sent_into_shadow_takes_its_cards_with_it(tmp_path: Path) -> None:
    """What is open is resolved as rule_off; what cools down does not come back to people."""
    rule = with_fields(GONE, "cooldown: 9 d")
    opened, cooling = line_of(rule, tmp_path), line_of(rule, tmp_path)
    opened.send(left(opened, 1))
    cooling.send(left(cooling, 1), named(cooling, 2))
    for line in (opened, cooling):
        recode(line, tmp_path, with_fields(rule, "stage: shadow"))
        line.send(left(line, 3, "bob"))

    assert [one.resolved_because for one in opened.transitions] == [None, ResolvedBecause.RULE_OFF]
    assert changes(cooling.transitions) == ["gone opened", "gone resolved"]
    assert [one.reason for one in cooling.suppressions] == [HeldReason.SHADOW]


@pytest.mark.parametrize("name", ["gone", "*"])
def test_an_open_signal_that_is_snoozed_still_changes_but_calls_nobody(tmp_path: Path, name: str) -> None:
    """Reminders are written without a notification, one record each; after the snooze they notify again."""
    line = line_of(with_fields(GONE, "remind: 2 d"), tmp_path)
    line.send(left(line, 1), snooze(line, 2, 4, name))
    line.until(6)

    said = [(one.change, one.at, one.notify) for one in line.transitions]
    assert said == [("opened", line.at(1), True), ("reminded", line.at(3), False), ("reminded", line.at(5), True)]
    assert [(one.reason, one.at) for one in line.suppressions] == [(HeldReason.SNOOZED, line.at(3))]


def test_a_snooze_cut_short_lets_go_at_once(tmp_path: Path) -> None:
    """Snoozed until day 20, un-snoozed on day 5."""
    line = line_of(GONE, tmp_path)
    line.send(snooze(line, 1, 20, "gone"), left(line, 2))
    assert line.transitions == []

    assert changes(line.send(snooze(line, 5, 5, "gone"))) == ["gone opened"]


def test_a_snooze_of_another_rule_changes_nothing(tmp_path: Path) -> None:
    """Only the names given."""
    line = line_of(GONE, tmp_path)
    line.send(snooze(line, 1, 20, "other"))

    assert changes(line.send(left(line, 2))) == ["gone opened"]


def test_a_held_signal_a_person_closes_never_goes_out(tmp_path: Path) -> None:
    """Closed while the guard holds it: nothing to resolve, and nothing later."""
    line = line_of(with_fields(GONE, "guards: GX-C"), tmp_path)
    line.send(left(line, 1), FlagCleared(org_id="acme", at=line.at(2), signal="gone", by="ann"))

    assert line.until(60) == []
    assert line.transitions == []


def test_only_an_opening_without_an_owner_is_counted(tmp_path: Path) -> None:
    """Two signals at once are two; with an owner none."""
    both = GONE + GONE.replace("id: gone", "id: gone_too")
    nobody, somebody = line_of(both, tmp_path), line_of(both, tmp_path)
    somebody.send(owned(somebody, 0.5, "dana"))
    for line in (nobody, somebody):
        line.send(left(line, 1))

    assert nobody.last is not None
    assert somebody.last is not None
    assert (nobody.last.tally.unowned, somebody.last.tally.unowned) == (2, 0)
    nobody.send(named(nobody, 2))
    assert nobody.last.tally.unowned == 0


def test_each_delivery_is_one_transition_for_one_sink(tmp_path: Path) -> None:
    """Ids differ by sink, and every transition reaches each of them."""
    line = line_of(with_fields(GONE, "route: {channel: risk, sinks: [slack, crm, webhook]}"), tmp_path)
    line.send(left(line, 1))
    assert line.last is not None
    sent = line.last.deliveries

    assert [(one.sink, one.destination) for one in sent] == [
        ("slack", "risk"), ("crm", "task"), ("webhook", "default"),
    ]  # fmt: skip
    assert len({one.id for one in sent}) == 3
    assert {one.transition.change for one in sent} == {Change.OPENED}


EACH = """
- id: used
  title: A product is used
  kind: level
  each: {in: usage.products, as: product, key: product.name}
  params: {week: {value: 7 d, from: ours}}
  when: default(total(product.series, week), 0) >= 0
  text: {headline: "{product.label} is used"}
"""


def test_a_subject_that_is_gone_resolves_its_signal_in_the_words_it_had(tmp_path: Path) -> None:
    """A corrected report takes the product away; the others stay."""
    line = line_of(EACH, tmp_path)
    line.used(0, surveys=5, session_replay=5)
    opened = {one.key: one for one in line.transitions}
    assert set(opened) == {"surveys", "session_replay"}

    said = line.used(0, session_replay=5)

    assert [(one.change, one.key, one.resolved_because) for one in said] == [
        ("resolved", "surveys", ResolvedBecause.GONE)
    ]
    assert said[0].headline == opened["surveys"].headline


def test_a_rule_that_has_no_subjects_any_more_resolves_those_it_had(tmp_path: Path) -> None:
    """Its new version is one signal per account."""
    line = line_of(EACH.replace("id: used", "id: gone"), tmp_path)
    line.used(0, surveys=5)
    recode(line, tmp_path, GONE)

    assert [(one.key, one.resolved_because) for one in line.acted(2)] == [("surveys", ResolvedBecause.GONE)]


def test_a_moment_held_by_one_guard_after_another_is_as_old_as_its_first_hold(tmp_path: Path) -> None:
    """An urgent ticket in between does not make it younger: it is stale ten days after it was first held."""
    line = line_of(with_fields(GUARDED, "stale_after: 10 d"), tmp_path)
    line.send(ticket(line, 2), ticket(line, 8, "t2", priority="urgent"))
    line.until(30)

    stale = [(one.key, one.at) for one in line.suppressions if one.reason == HeldReason.STALE]
    assert stale == [("t1", line.at(12)), ("t2", line.at(18))]


def test_a_change_of_stage_is_another_catalogue(tmp_path: Path) -> None:
    """The digest tells, so that everything is looked at once."""
    live, shadow = (
        catalogue_of(pack_of(GONE), tmp_path),
        catalogue_of(pack_of(with_fields(GONE, "stage: shadow")), tmp_path),
    )

    assert live.digest != shadow.digest
    assert live.digest == catalogue_of(pack_of(GONE), tmp_path).digest


def test_what_is_said_in_old_words_names_its_own_cause(tmp_path: Path) -> None:
    """A moment closed by a person was closed by that answer, not by the ticket."""
    line = line_of(CAME, tmp_path)
    line.send(ticket(line, 1), FlagCleared(org_id="acme", at=line.at(2), signal="came", by="ann"))

    assert [one.caused_by[-1].topic for one in line.transitions] == ["crm", "feedback"]


def test_the_stand_in_of_a_variants_family_stays_to_the_end(tmp_path: Path) -> None:
    """The moment expires with nothing left to look at: the same person is named as at its opening."""
    rule = with_fields(CAME, 'variants: [{when: event.priority == "low", name: lowly, family: payment}]')
    line = line_of(rule, tmp_path)
    line.send(ticket(line, 1, priority="low"))
    line.until(9)

    assert [one.owner.name for one in line.transitions] == ["sales_lead", "sales_lead"]


CHARTED = """
- id: busy
  title: Busy
  kind: level
  params: {busy: {value: 100, unit: count, from: ours}}
  let: {day: last_closed(usage.total)}
  when: day >= busy
  text: {headline: "busy"}
  evidence: [{name: day, decisive: true}]
  chart: {of: usage, line: busy, line_label: busy}
"""


def test_a_chart_is_told_with_the_finding_and_kept_nowhere(tmp_path: Path) -> None:
    """Opened and updated bring one as it is then; a resolution has none, and the account remembers none."""
    line = line_of(CHARTED, tmp_path)
    said = [one for day, units in enumerate((*[10] * 9, 150, 900, 5)) for one in line.used(day, surveys=units)]

    assert changes(said) == ["busy opened", "busy updated", "busy resolved"]
    opened, updated, resolved = (one.chart for one in said)
    assert opened is not None
    assert updated is not None
    assert (opened.start, opened.values) == (line.day(0), (*[10] * 9, 150))
    assert (updated.values[-1], updated.began, updated.line) == (900, 10, Level(100, "busy"))
    assert opened.began == 9  # it began today, by what yesterday brought: the last day shown
    assert resolved is None
    assert line.account is not None
    assert all(one.draft is None or one.draft.chart is None for one in line.account.life.episodes.values())


def test_said_again_in_its_own_words_there_is_no_new_chart(tmp_path: Path) -> None:
    """A moment that waited behind a guard was drawn by nobody: nothing is left to look at."""
    line = line_of(with_fields(GUARDED, "chart: usage"), tmp_path)
    for day in range(12):
        line.used(day, surveys=5)
    line.send(ticket(line, 14))

    (opened,) = [one for one in line.until(40, 0) if one.change == "opened"]

    assert opened.chart is None
