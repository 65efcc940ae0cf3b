"""One card for what is found at one moment: who leads, who stands on whose card, and who gets one after all."""

from pathlib import Path

import pytest

from signals.domain.reasons import HeldReason
from signals.domain.signal import Delivery, Transition
from support.short_rules import GONE, left, line_of, named, owned, with_fields
from support.timeline import Timeline


def rule(name: str, *fields: str) -> str:
    """Return a rule that holds from ``left`` to ``named``, with a title of its own."""
    renamed = GONE.replace("id: gone", f"id: {name}").replace("The champion is gone", f"Title of {name}")
    return with_fields(renamed, *fields)


LEAD, SECOND, THIRD = rule("lead"), rule("second", "rank: 1"), rule("third", "rank: 2")


def posted(line: Timeline) -> list[tuple[str, str, int]]:
    """Return sink, rule and seq of the last step's deliveries."""
    assert line.last is not None
    return [(one.sink, one.transition.rule, one.transition.seq) for one in _deliveries(line)]


def _deliveries(line: Timeline) -> tuple[Delivery, ...]:
    return line.last.deliveries if line.last is not None else ()


def by_rule(said: list[Transition]) -> dict[str, Transition]:
    """Return transitions by their rule."""
    return {one.rule: one for one in said}


def test_the_first_in_order_leads_and_names_the_others(tmp_path: Path) -> None:
    """Three signals open, one card goes out; the others are recorded as grouped."""
    line = line_of(THIRD + LEAD + SECOND, tmp_path)

    said = by_rule(line.send(left(line, 2)))

    assert said["lead"].also == ("Title of second", "Title of third")
    assert {name: one.grouped for name, one in said.items()} == {
        "lead": "", "second": said["lead"].signal_id, "third": said["lead"].signal_id,
    }  # fmt: skip
    assert posted(line) == [("slack", "lead", 1), ("crm", "lead", 1)]
    assert [(one.rule, one.reason) for one in line.suppressions] == [
        ("second", HeldReason.GROUPED),
        ("third", HeldReason.GROUPED),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        ("severity: critical",),
        ("route: {channel: elsewhere}",),
        ("family: payment",),
        ("route: {also_tag: [leadership]}",),
    ],
)
def test_some_have_a_card_of_their_own(tmp_path: Path, fields: tuple[str, ...]) -> None:
    """What is critical, goes elsewhere, is a payment, or tags somebody else."""
    line = line_of(LEAD + rule("second", "rank: 1", *fields), tmp_path)

    said = by_rule(line.send(left(line, 2)))

    assert (said["lead"].also, said["second"].grouped) == ((), "")
    assert ("slack", "second", 1) in posted(line)


def test_moments_apart_are_cards_apart(tmp_path: Path) -> None:
    """What opens later stands by itself."""
    line = line_of(LEAD + rule("second", "rank: 1", "hold: 1 d"), tmp_path)
    line.send(left(line, 2))

    line.until(4)

    assert posted(line) == [("slack", "second", 1), ("crm", "second", 1)]


def test_a_reminder_gives_a_card_of_its_own(tmp_path: Path) -> None:
    """From then on it is told by itself."""
    line = line_of(LEAD + rule("second", "rank: 1", "remind: 7 d"), tmp_path)
    line.send(left(line, 2))

    (reminded,) = line.until(9, 13)

    assert (reminded.rule, reminded.change, reminded.grouped) == ("second", "reminded", "")
    assert posted(line) == [("slack", "second", 2), ("crm", "second", 2)]
    line.send(named(line, 10))
    assert ("slack", "second", 3) in posted(line)


def test_what_outlives_its_card_gets_one(tmp_path: Path) -> None:
    """The lead is resolved, the other is not: it is told again, silently, with a card."""
    lead = rule("lead").replace('champion.change == "left"', 'champion.change == "left" and profile.owner == null')
    line = line_of(lead + SECOND, tmp_path)
    line.send(owned(line, 1, None))
    line.send(left(line, 2))

    said = by_rule(line.send(owned(line, 3, "dana")))

    assert said["lead"].change == "resolved"
    assert (said["second"].change, said["second"].grouped, said["second"].notify) == ("updated", "", False)
    assert ("slack", "second", said["second"].seq) in posted(line)


def test_a_grouped_one_that_ends_is_told_to_nobody(tmp_path: Path) -> None:
    """Its resolution goes to topics only, where its opening went."""
    line = line_of(LEAD + SECOND, tmp_path)
    line.send(left(line, 2))

    said = by_rule(line.send(named(line, 3)))

    assert said["second"].change == "resolved"
    assert posted(line) == [("slack", "lead", 2), ("crm", "lead", 2)]


def test_the_losers_of_a_pitch_are_named_on_the_winner(tmp_path: Path) -> None:
    """G13 lets one out; its card says what else there was to say."""
    pitches = "".join(
        rule(name, f"rank: {rank}", "guards: GX-E", "family: expansion") for rank, name in enumerate(("one", "two"))
    )
    line = line_of(pitches, tmp_path)

    said = by_rule(line.send(left(line, 40)))

    assert said["one"].also == ("Title of two",)
    assert [(one.rule, one.guard) for one in line.suppressions] == [("two", "G13")]


def test_the_losers_stand_on_the_card_of_their_pitch(tmp_path: Path) -> None:
    """Advice goes out first and the pitch on its card: so do the titles of what the pitch held back."""
    advice, *pitches = (
        rule(name, f"rank: {rank}", "guards: GX-E", "family: expansion")
        for rank, name in enumerate(("advice", "one", "two"))
    )
    line = line_of(with_fields(advice, "exempt: [G13]", "tags: [no_pitch]") + "".join(pitches), tmp_path)

    said = by_rule(line.send(left(line, 40)))

    assert said["advice"].also == ("Title of one", "Title of two")
    assert said["one"].grouped == said["advice"].signal_id
    assert line.account is not None
    assert list(line.account.life.pitches) == [said["one"].signal_id]
    assert [(one.rule, one.guard) for one in line.suppressions if one.guard] == [("two", "G13")]
