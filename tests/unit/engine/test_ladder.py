"""The ladder kind, on the handbook's customer who stops talking: 14, 21 and 24 days, a reply, a late look."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from signals.backtest.examples import live_catalogue, play
from signals.detectors.contract import Late, Rule
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.events.crm import OpportunityChanged, TouchLogged
from signals.domain.reasons import Change, Severity
from signals.domain.signal import Transition
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from support.timeline import Timeline

PACK = Path(__file__).parents[2] / "support" / "customer_stops_talking.yaml"
RULE = load_packs([PACK], names=VOCABULARY)[0]


@pytest.mark.parametrize("number", range(len(RULE.examples)), ids=[example.title for example in RULE.examples])
def test_the_steps_of_the_handbook(number: int) -> None:
    """Each boundary as a story: at, a moment before, reset, closed."""
    played = play(RULE, RULE.examples[number], catalogue=live_catalogue([RULE], VOCABULARY), policy=Policy())

    assert played.ok, played.explain()


def timeline(late: Late = "newest", rule: Rule = RULE) -> Timeline:
    """Return an account without anything yet, under the ladder with that way of being late."""
    return Timeline(Catalogue([replace(rule, late=late)], VOCABULARY))


def answered(scene: Timeline, day: float) -> list[Transition]:
    """The customer writes."""
    return scene.send(TouchLogged(org_id="acme", at=scene.at(day), medium="email", direction="inbound"))


def deal(scene: Timeline, day: float, name: str = "o1", *, is_open: bool = True) -> list[Transition]:
    """An opportunity is seen."""
    event = OpportunityChanged(
        org_id="acme", at=scene.at(day), opportunity_id=name, type="new", stage="Trial", open=is_open
    )
    return scene.send(event)


def said(transitions: Sequence[Transition]) -> list[tuple[str, str]]:
    """Return (change, step) of each."""
    return [(one.change, one.say) for one in transitions]


def test_one_signal_climbs_and_each_step_notifies() -> None:
    """Opened, then escalated twice: the same signal, each step exactly at its time."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0)
    scene.until(60)

    assert said(scene.transitions) == [
        (Change.OPENED, "still_interested"), (Change.ESCALATED, "did_i_lose_you"), (Change.ESCALATED, "close_opp"),
    ]  # fmt: skip
    assert [one.at for one in scene.transitions] == [scene.at(14), scene.at(21), scene.at(24)]
    assert len({one.signal_id for one in scene.transitions}) == 1
    assert all(one.notify for one in scene.transitions)
    assert [one.seq for one in scene.transitions] == [1, 2, 3]
    assert [one.severity for one in scene.transitions] == [Severity.NOTICE, Severity.WARNING, Severity.NOTICE]


def test_time_in_small_steps_says_the_same() -> None:
    """Hour by hour or in one go."""
    slow, quick = timeline(), timeline()
    for scene in (slow, quick):
        answered(scene, 0)
        deal(scene, 0)
    for hour in range(13, 30 * 24):
        slow.until(0, hour)
    quick.until(0, 30 * 24)

    assert slow.transitions == quick.transitions


def test_a_reply_resolves_and_the_next_silence_is_another_signal() -> None:
    """Day 20 resets: step 1 comes again on day 34, under a new id, counted from the reply."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0)
    scene.until(19)
    first = scene.transitions[-1]
    assert [one.change for one in answered(scene, 20)] == [Change.RESOLVED]
    scene.until(33, 36)

    again = scene.transitions[-1]
    assert (again.change, again.say, again.at) == (Change.OPENED, "still_interested", scene.at(34))
    assert again.signal_id != first.signal_id
    assert again.since == scene.at(20)


def test_a_reply_before_the_first_step_says_nothing() -> None:
    """Thirteen days of silence, then an answer, thirteen more."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0)
    answered(scene, 13)
    scene.until(26)

    assert scene.transitions == []


@pytest.mark.parametrize(
    ("late", "steps"),
    [
        ("newest", [(Change.OPENED, "did_i_lose_you"), (Change.ESCALATED, "close_opp")]),
        ("skip", [(Change.OPENED, "close_opp")]),
    ],
)
def test_steps_passed_before_anybody_looked(late: Literal["newest", "skip"], steps: list[tuple[Change, str]]) -> None:
    """The deal appears on day 22: the newest step passed is said, or none of them; what is still to come comes."""
    scene = timeline(late)
    answered(scene, 0)
    deal(scene, 22)
    scene.until(30)

    assert said(scene.transitions) == steps
    assert scene.transitions[-1].at == scene.at(24)


def test_a_step_is_never_said_twice() -> None:
    """Other news of the deal between two steps changes nothing."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0)
    for day in range(15, 24):
        deal(scene, day)

    assert said(scene.transitions) == [(Change.OPENED, "still_interested"), (Change.ESCALATED, "did_i_lose_you")]


def test_each_deal_has_a_ladder_of_its_own() -> None:
    """One is closed on day 15, the other climbs on."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0, "o1")
    deal(scene, 0, "o2")
    scene.until(14)
    deal(scene, 15, "o1", is_open=False)
    scene.until(30)

    by_key = {key: [one.change for one in scene.transitions if one.key == key] for key in ("o1", "o2")}
    assert by_key == {
        "o1": [Change.OPENED, Change.RESOLVED], "o2": [Change.OPENED, Change.ESCALATED, Change.ESCALATED],
    }  # fmt: skip


def test_a_late_report_of_an_answer_takes_the_ladder_back() -> None:
    """An answer of day 13 that arrives on day 15: what was said is resolved, and the clock is the answer's."""
    scene = timeline()
    answered(scene, 0)
    deal(scene, 0)
    scene.until(15)
    answered(scene, 13)
    scene.until(26, 36)

    assert [one.change for one in scene.transitions] == [Change.OPENED, Change.RESOLVED, Change.OPENED]
    assert scene.transitions[-1].at == scene.at(27)
