"""Plays the examples of rules: a story of events through the engine, and what came of it against what was expected.

The same code runs in the tests and in ``signals check``. Nothing here reads a clock: a story has its own time. Day 0
is ``DAY_ZERO``; an event without a time happens at ``USUAL_TIME``, and a usage report arrives the night after the day
it reports. A story ends with its last event unless it says ``until``; a day without a time means the end of that day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from signals.detectors.contract import Rule, RuleKind, Stage
from signals.detectors.language.expression import Expression
from signals.detectors.language.names import UNKNOWN, Names, Partial
from signals.detectors.language.reason import Reason
from signals.detectors.moment import Look, Moment
from signals.detectors.rules.story import Example, Expected, Happening
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.kinds import CLASS_OF, INPUT_TOPICS, TOPIC_OF, kind_of
from signals.domain.signal import Delivery, Position, Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.evaluation import Evaluation
from signals.engine.policy import Policy
from signals.engine.publishing import Publisher
from signals.engine.step import step

DAY_ZERO = date(2026, 6, 15)
"""A Monday in the middle of a month: weeks begin on day 0, and a month has just as long to go as it has lasted."""

USUAL_TIME = time(12)
REPORT_TIME = time(2)
"""When the usage report of a day arrives, on the day after it."""

ORG = "org_example"

_PARTS = ("change", "headline", "decisive", "why_now", "next_step", "starter", "resolved_text", "say", "evidence",
          "notes", "value_at_stake")  # fmt: skip
"""What ``says`` may name; ``resolved`` is short for ``resolved_text``."""


@dataclass(frozen=True)
class Played:
    """One example played: what was not as expected, and all that was published on the way."""

    rule: Rule
    example: Example
    mismatches: tuple[str, ...]
    account: Account | None
    transitions: tuple[Transition, ...]
    suppressions: tuple[Suppression, ...]
    reasons: tuple[Reason, ...] = ()
    """Why the rule's condition is as it is at the story's end."""

    @property
    def ok(self) -> bool:
        """Whether everything is as expected."""
        return not self.mismatches

    def explain(self) -> str:
        """Return what is wrong in lines a pack writer can act on; one line when nothing is."""
        head = f"{self.rule.id}: {self.example.verdict} {self.example.title!r} ({self.example.where})"
        if self.ok:
            return f"{head}: as expected"
        lines = [head, *(f"  - {one}" for one in self.mismatches), "  what happened:"]
        said = [
            (one.at, f"{one.at:%Y-%m-%d %H:%M} {one.change} {_tag(one.rule, one.key)} [{one.severity}] {one.headline}")
            for one in self.transitions
        ]
        said += [
            (one.at, f"{one.at:%Y-%m-%d %H:%M} held {_tag(one.rule, one.key)}: {one.reason} {one.guard} {one.text}")
            for one in self.suppressions
        ]
        lines += [f"    {text}" for _, text in sorted(said)] or ["    nothing was said or held back"]
        lines += [f"  why: {_reason_text(one)}" for one in self.reasons]
        return "\n".join(lines)


class StoryError(ValueError):
    """A story whose events cannot be made: the message names file and line."""


def live_catalogue(rules: Iterable[Rule], names: Names) -> Catalogue:
    """Return a catalogue in which every rule may speak, whatever its stage: examples are about content."""
    return Catalogue((replace(rule, stage=Stage.LIVE) for rule in rules), names)


def story_events(story: Iterable[Happening], *, zone: ZoneInfo, org_id: str = ORG) -> tuple[Event, ...]:
    """Return the events of a story in the order of their time; of equal times, in the order written.

    Raises
    ------
    StoryError
        A field has a value its event does not take.
    """
    events = [event for happening in story for event in _events_of(happening, zone, org_id)]
    return tuple(sorted(events, key=lambda event: (event.at, INPUT_TOPICS.index(TOPIC_OF[kind_of(event)]))))


def _events_of(happening: Happening, zone: ZoneInfo, org_id: str) -> Iterator[Event]:
    last = calendar_day(happening.last)
    day = calendar_day(happening.first)
    while day <= last:
        fields = dict(happening.fields)
        moment = datetime.combine(day, happening.at or USUAL_TIME, zone)
        if happening.kind == "usage_reported":
            fields.setdefault("day", day.isoformat())
            if happening.at is None:
                moment = datetime.combine(day + timedelta(days=1), REPORT_TIME, zone)
        raw = {**fields, "kind": happening.kind, "org_id": org_id, "at": moment.isoformat()}
        try:
            # By way of JSON, as from a topic: what the models refuse there is refused here.
            yield msgspec.json.decode(msgspec.json.encode(raw, enc_hook=_plain), type=CLASS_OF[happening.kind])
        except msgspec.MsgspecError as error:
            raise StoryError(f"{happening.where}: {happening.kind}: {error}") from None
        day += timedelta(days=1)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{value!r} cannot stand in a story")


def calendar_day(day: int | date) -> date:
    """Return the calendar day of an offset from day 0, or the day itself.

    >>> calendar_day(1), calendar_day(date(2026, 1, 1))
    (datetime.date(2026, 6, 16), datetime.date(2026, 1, 1))
    """
    return day if isinstance(day, date) else DAY_ZERO + timedelta(days=day)


def arrivals_of(events: Iterable[Event]) -> tuple[Arrival, ...]:
    """Return the events as they come from ingest, in order: one partition, offsets from 0 on each topic."""
    offsets = dict.fromkeys(INPUT_TOPICS, 0)
    found = []
    for event in events:
        topic = TOPIC_OF[kind_of(event)]
        found.append(Arrival(Position(0, topic, 0, offsets[topic]), event.at, event))  # type: ignore[arg-type]  # in AnyEvent
        offsets[topic] += 1
    return tuple(found)


def play(rule: Rule, example: Example, *, catalogue: Catalogue, policy: Policy) -> Played:
    """Play one example of *rule* and compare; raises ``StoryError`` for a story that cannot be told."""
    stage = _Stage(rule, catalogue.around({rule.id, *(each.signal for each in example.expect)}), policy)
    waiting = list(arrivals_of(story_events(example.story, zone=policy.zone)))
    ends = instant_of(example.until, example.until_time, policy.zone) if example.until is not None else None
    if ends is None:
        ends = max(one.event.at for one in waiting)
    mismatches: list[str] = []
    checks = [(ends if one.on is None else instant_of(one.on, one.at, policy.zone), one) for one in example.expect]
    for at in sorted({ends, *(moment for moment, _ in checks)}):
        stage.go_on([one for one in waiting if one.event.at <= at], at)
        waiting = [one for one in waiting if one.event.at > at]
        for moment, expected in checks:
            if moment == at:
                mismatches += [f"{at:%Y-%m-%d %H:%M}: {text}" for text in stage.compare(expected)]
        if at == ends:
            mismatches += stage.check_reasons(example)
    mismatches += [f"an event was refused: {one}" for one in stage.dead]
    return Played(
        rule,
        example,
        tuple(mismatches),
        stage.account,
        tuple(stage.transitions),
        tuple(stage.suppressions),
        stage.reasons,
    )


def play_all(rules: Sequence[Rule], *, catalogue: Catalogue, policy: Policy) -> Iterator[Played]:
    """Play every example of *rules*, in their order."""
    for rule in rules:
        for example in rule.examples:
            yield play(rule, example, catalogue=catalogue, policy=policy)


def instant_of(day: int | date, at: time | None, zone: ZoneInfo) -> datetime:
    """Return a moment of a day (a number from day 0, or a date); without a time of day its very end."""
    if at is not None:
        return datetime.combine(calendar_day(day), at, zone)
    return datetime.combine(calendar_day(day) + timedelta(days=1), time(), zone) - timedelta(microseconds=1)


@dataclass
class _Stage:
    """One story while it is played."""

    rule: Rule
    catalogue: Catalogue
    policy: Policy
    account: Account | None = None
    transitions: list[Transition] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    moments: list[Reason] = field(default_factory=list)
    """For a rule of moments: why each of its events was or was not one."""
    reasons: tuple[Reason, ...] = ()

    def go_on(self, arrivals: Sequence[Arrival], until: datetime) -> None:
        """Let the events happen one by one, then time pass."""
        for arrival in arrivals:
            self._step([arrival], None)
            if kind_of(arrival.event) in self.rule.on and self.rule.when is not None:
                look = Look(self._moment(), event=arrival.event)
                if self.rule.when.evaluate(look) is not True:
                    self.moments.extend(self.rule.when.why(look))
        self._step([], until)

    def _step(self, arrivals: Sequence[Arrival], until: datetime | None) -> None:
        if self.account is None and not arrivals:
            return
        stepped = step(self.account, ORG, arrivals, until=until, catalogue=self.catalogue, policy=self.policy)
        self.account = stepped.account
        self.transitions.extend(stepped.transitions)
        self.suppressions.extend(stepped.suppressions)
        self.deliveries.extend(stepped.deliveries)
        self.dead.extend(f"{kind_of(one.arrival.event)}: {one.reason}: {one.message}" for one in stepped.dead)

    # -- what is expected ------------------------------------------------------------------------------------------

    def compare(self, expected: Expected) -> list[str]:
        """Return what is not as expected now."""
        states = {key: state for key, state in self._states(expected.signal) if expected.key in (None, key)}
        name = _tag(expected.signal, expected.key or "")
        if expected.state == "none":
            return [f"{_tag(expected.signal, key)} is {state}, expected none" for key, state in sorted(states.items())]
        keys = sorted(key for key, state in states.items() if state == expected.state)
        if not keys:
            found = ", ".join(f"{key or 'it'} is {state}" for key, state in sorted(states.items())) or "none"
            return [f"{name} expected {expected.state}, found {found}"]
        wrong = [self._compare_one(expected, key) for key in keys]
        return min(wrong, key=len)

    def _states(self, rule: str) -> Iterator[tuple[str, str]]:
        """Yield (condition key, state) of all that was ever said or is held back."""
        last: dict[str, str] = {one.key: one.status for one in self.transitions if one.rule == rule}
        episodes = self.account.life.episodes if self.account is not None else {}
        for tag, episode in episodes.items():
            owner, key = tag.split("|", 1)
            if owner == rule and episode.state == "held":
                last[key] = "held"
        yield from last.items()

    def _compare_one(self, expected: Expected, key: str) -> list[str]:
        if expected.state == "held":
            return self._compare_held(expected, key)
        said = next(one for one in reversed(self.transitions) if one.rule == expected.signal and one.key == key)
        name = _tag(expected.signal, key)
        wrong: list[str] = []
        found: tuple[tuple[str, object, object], ...] = (
            ("severity", expected.severity, str(said.severity)),
            ("owner", expected.owner, said.owner.name),
            ("tagged", None if expected.tagged is None else set(expected.tagged), set(said.tagged)),
            ("variant", expected.variant, said.variant),
            ("guard", expected.guard, _guards_noted(said)),
        )
        for what, wanted, got in found:
            if wanted is not None and wanted != got and not (what == "guard" and wanted in str(got).split(", ")):
                wrong.append(f"{name}: {what} is {got!r}, expected {wanted!r}")
        if expected.channel is not None:
            channels = {one.destination for one in self.deliveries if one.sink == "slack" and _is_of(one, said)}
            if expected.channel.removeprefix("#") not in {channel.removeprefix("#") for channel in channels}:
                wrong.append(f"{name}: channel is {', '.join(sorted(channels)) or 'none'}, expected {expected.channel}")
        return wrong + [text for part, wanted in expected.says.items() for text in _unsaid(said, name, part, wanted)]

    def _compare_held(self, expected: Expected, key: str) -> list[str]:
        held = [one for one in self.suppressions if one.rule == expected.signal and one.key == key]
        reason = (held[-1].guard or str(held[-1].reason)) if held else "nothing"
        if expected.guard is not None and expected.guard != reason:
            return [f"{_tag(expected.signal, key)} is held by {reason}, expected {expected.guard}"]
        return []

    # -- why -------------------------------------------------------------------------------------------------------

    def check_reasons(self, example: Example) -> list[str]:
        """Return what is wrong with ``because`` and ``unknown``; keeps the reasons for the explanation."""
        fires = example.verdict == "fires"
        self.reasons = tuple(self.moments) or tuple(self._reasons(holding=fires))
        wrong = []
        texts = [one.text for one in self.reasons]
        if example.because and not any(example.because in text for text in texts):
            wrong.append(f"expected because {example.because!r}, found {'; '.join(texts) or 'no reason'}")
        blamed = {name for one in self.reasons if one.outcome is UNKNOWN for name in one.unknown}
        missing = [name for name in example.unknown if name not in blamed]
        if missing:
            wrong.append(f"expected unknown {', '.join(missing)}, found {', '.join(sorted(blamed)) or 'all known'}")
        return wrong

    def _moment(self) -> Moment:
        account = self.account or Account(ORG, clock=datetime.combine(DAY_ZERO, time(), self.policy.zone))
        publisher = Publisher(ORG, self.policy, {})
        return Evaluation(account, account.clock, self.catalogue, self.policy, publisher).moment

    def _reasons(self, *, holding: bool) -> Iterator[Reason]:
        condition = self.rule.while_ if self.rule.kind is RuleKind.STEPS else self.rule.when
        if condition is None or self.rule.kind is RuleKind.EDGE:
            return
        moment = self._moment()
        for item in self._items(moment):
            look = Look(moment, item=item)
            if holding or condition.evaluate(look) is not True:
                yield from condition.why(look)

    def _items(self, moment: Moment) -> tuple[object | None, ...]:
        if self.rule.each is None:
            return (None,)
        return _elements(self.rule.each.collection, Look(moment))


def _is_of(delivery: Delivery, said: Transition) -> bool:
    """Whether a delivery tells this transition; what is sensitive may be stood in for in the delivery's copy."""
    told = delivery.transition
    return (told.signal_id, told.at, told.change) == (said.signal_id, said.at, said.change)


def _elements(collection: Expression, look: Look) -> tuple[object | None, ...]:
    found = collection.evaluate(look)
    if isinstance(found, Partial):
        return found.items
    return tuple(found) if isinstance(found, tuple | list | frozenset) else ()


def _tag(rule: str, key: str) -> str:
    return f"{rule}[{key}]" if key else rule


def _guards_noted(said: Transition) -> str:
    return ", ".join(note.split(":", 1)[0] for note in said.notes)


def _unsaid(said: Transition, name: str, part: str, wanted: str) -> list[str]:
    attribute = "resolved_text" if part == "resolved" else part
    if attribute not in _PARTS:
        return [f"{name}: {part} is no part of a card; valid: {', '.join(_PARTS)}"]
    text = _part(said, attribute)
    return [] if wanted in text else [f"{name}: {part} is {text!r}, expected {wanted!r} in it"]


def _part(said: Transition, attribute: str) -> str:
    if attribute == "evidence":
        return "; ".join(f"{one.label}: {one.value} {one.unit}".strip() for one in said.evidence)
    value = getattr(said, attribute)
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _reason_text(reason: Reason) -> str:
    outcome = "unknown" if reason.outcome is UNKNOWN else str(reason.outcome).lower()
    unknown = f" ({', '.join(reason.unknown)} unknown)" if reason.unknown else ""
    value = "" if reason.value is UNKNOWN or reason.value is None else f", {reason.name} = {reason.value}"
    return f"{reason.text} is {outcome}{unknown}{value}"
