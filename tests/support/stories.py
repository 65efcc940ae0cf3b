"""Each rule's first story that fires, told to the whole catalogue: an account of its own, and what is said of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from signals.backtest.examples import arrivals_of, instant_of, story_events
from signals.detectors.contract import Rule, Stage
from signals.detectors.rules.story import Example
from signals.domain.reasons import Change, HeldReason
from signals.domain.signal import Suppression, Transition
from signals.engine.grouping import OVERLOAD
from signals.engine.publishing import GROWTH, NO_PITCH
from signals.engine.step import step
from support.packaged import POLICY, catalogue, rules

COMPANIONS = Path(__file__).parent.parent / "scenarios" / "companions.yaml"


@dataclass(frozen=True)
class Told:
    """What the whole catalogue said about one story."""

    rule: Rule
    wanted: frozenset[str]
    """The rule, and whatever else its example says is open or was."""
    opened: tuple[Transition, ...]
    held: tuple[Suppression, ...]
    """What a guard held back."""
    dead: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether the planted signal opened."""
        return any(one.rule == self.rule.id for one in self.opened)

    @property
    def besides(self) -> frozenset[str]:
        """The rules that opened and were not asked for."""
        return frozenset(one.rule for one in self.opened) - self.wanted

    def passed_over(self) -> bool:
        """Say whether it waits for the month of another pitch, which names it where both were due at one moment."""
        waits = [one for one in self.held if one.rule == self.rule.id and one.guard == OVERLOAD]
        if not waits:
            return False
        at = waits[-1].at
        since = at - POLICY.guards.pitch_every
        pitches = [one for one in self.opened if _is_pitch(one) and since < one.at <= at]
        of_then = [one for one in self.opened if one.at == at and any(pitch.at == at for pitch in pitches)]
        return bool(pitches) and (not of_then or any(self.rule.title in one.also for one in of_then))


def _is_pitch(one: Transition) -> bool:
    rule = catalogue().by_id[one.rule]
    return one.family in GROWTH and rule.guards != "none" and NO_PITCH not in rule.tags


def planted() -> tuple[Rule, ...]:
    """Return the live rules with a story that fires; an alias speaks with its rule's voice."""
    return tuple(one for one in rules() if one.stage is Stage.LIVE and not one.alias_of and _story_of(one) is not None)


def _story_of(rule: Rule) -> Example | None:
    return next((one for one in rule.examples if one.verdict == "fires"), None)


def events_told(rule: Rule) -> int:
    """Return how many events a rule's story has."""
    example = _story_of(rule)
    return 0 if example is None else len(story_events(example.story, zone=POLICY.zone))


def told(rule: Rule) -> Told:
    """Tell a rule's story to the whole catalogue, up to the last thing its example says; each is told once."""
    known = _TOLD.get(rule.id)
    if known is None:
        known = _TOLD[rule.id] = _tell(rule)
    return known


_TOLD: dict[str, Told] = {}


def _tell(rule: Rule) -> Told:
    example = _story_of(rule)
    assert example is not None, f"{rule.id} has no story that fires"
    org_id = f"org_{rule.id}"
    events = story_events(example.story, zone=POLICY.zone, org_id=org_id)
    stepped = step(
        None, org_id, arrivals_of(events), until=max(_moments(example, events[-1].at)), catalogue=catalogue(),
        policy=POLICY,
    )  # fmt: skip
    return Told(
        rule,
        frozenset(one.signal for one in example.expect if one.state in ("open", "resolved")) | {rule.id},
        tuple(one for one in stepped.transitions if one.change in (Change.OPENED, Change.REOPENED)),
        tuple(one for one in stepped.suppressions if one.reason is HeldReason.GUARDED),
        tuple(one.message for one in stepped.dead),
    )


def _moments(example: Example, last: datetime) -> Iterator[datetime]:
    if example.until is not None:
        yield instant_of(example.until, example.until_time, POLICY.zone)
        return
    yield last
    for one in example.expect:
        if one.on is not None:
            yield instant_of(one.on, one.at, POLICY.zone)


@dataclass(frozen=True)
class Companions:
    """Rules that may open beside others, each with a reason; and planted rules that a guard rightly holds."""

    beside: dict[str, frozenset[str]]
    """Companion -> the rules and families it may open beside; ``any``."""
    held: dict[str, str]
    """Planted rule -> the guard."""

    def allow(self, companion: str, rule: Rule) -> bool:
        """Say whether *companion* may open on the account of *rule*'s story."""
        return bool(self.beside.get(companion, frozenset()) & {"any", rule.id, rule.family})


@cache
def companions() -> Companions:
    """Read ``companions.yaml``."""
    document = yaml.safe_load(COMPANIONS.read_text())
    beside: dict[str, frozenset[str]] = {}
    for entry in document["companions"]:
        assert entry["because"], entry
        for rule in entry["rules"]:
            assert rule not in beside, f"{rule} is named twice"
            beside[rule] = frozenset(entry["beside"])
    assert all(entry["because"] for entry in document["held"])
    return Companions(beside, {entry["rule"]: entry["guard"] for entry in document["held"]})
