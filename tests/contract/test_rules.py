"""What every rule that ships keeps, by being listed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from signals.backtest.examples import ORG, arrivals_of, story_events
from signals.detectors.contract import Rule, RuleKind
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.domain.account.reduce import move
from signals.domain.account.state import Account
from signals.domain.events.crm import NoteAdded, OpportunityChanged, PersonDescribed
from signals.domain.events.feedback import SignalRated
from signals.domain.events.kinds import AnyEvent, kind_of
from signals.domain.signal import Position, Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.step import step
from signals.streams import codec
from support.packaged import POLICY, catalogue, rules

ROOT = Path(__file__).parents[2]


def around(rule: Rule) -> Catalogue:
    """Return the rule with those it reads: what it keeps does not depend on the hundreds beside it."""
    return catalogue().around({rule.id})


RULES = pytest.mark.parametrize("rule", rules(), ids=[rule.id for rule in rules()])


def story_of(rule: Rule) -> tuple[Arrival, ...]:
    """Return the arrivals of the rule's first example that fires; an alias borrows those of what it stands for."""
    own = rule if rule.examples else catalogue().by_id[rule.alias_of or ""]
    example = next(one for one in own.examples if one.verdict == "fires")
    return arrivals_of(story_events(example.story, zone=POLICY.zone))


def run(
    rule: Rule, arrivals: tuple[Arrival, ...], account: Account | None = None
) -> tuple[Account, tuple[Transition, ...]]:
    """Apply the arrivals in one pack, then let a week pass."""
    until = arrivals[-1].event.at + timedelta(days=7)
    stepped = step(account, ORG, arrivals, until=until, catalogue=around(rule), policy=POLICY)
    assert not stepped.dead
    return stepped.account, stepped.transitions


@RULES
def test_the_same_input_gives_the_same_output(rule: Rule) -> None:
    """A story told twice gives equal accounts and transitions."""
    assert run(rule, story_of(rule)) == run(rule, story_of(rule))


@RULES
def test_inputs_are_left_as_they_were(rule: Rule) -> None:
    """Neither the account nor the arrivals change while they are looked at."""
    arrivals = story_of(rule)
    half = len(arrivals) // 2
    account = step(None, ORG, arrivals[: half or 1], until=None, catalogue=around(rule), policy=POLICY).account
    before = msgspec.json.encode(account), msgspec.json.encode(arrivals)

    run(rule, arrivals[half:] or arrivals, account)

    assert (msgspec.json.encode(account), msgspec.json.encode(arrivals)) == before


@RULES
def test_memory_survives_storage(rule: Rule) -> None:
    """An account written and read between any two events, as JSON and as stored, goes on as if it never left."""
    arrivals = story_of(rule)
    stored: Account | None = None
    as_json: Account | None = None
    said: list[Transition] = []
    for arrival in arrivals:
        stepped = step(stored, ORG, [arrival], until=None, catalogue=around(rule), policy=POLICY)
        twin = step(as_json, ORG, [arrival], until=None, catalogue=around(rule), policy=POLICY)
        assert twin.account == stepped.account
        stored = codec.decode_account(codec.encode_account(stepped.account))
        as_json = msgspec.json.decode(msgspec.json.encode(twin.account), type=Account)
        said.extend(stepped.transitions)

    whole = step(None, ORG, arrivals, until=None, catalogue=around(rule), policy=POLICY)
    assert stored == whole.account
    assert tuple(said) == whole.transitions


@RULES
def test_it_works_from_empty(rule: Rule) -> None:
    """Of an account nothing is known of it says nothing, and raises nothing."""
    now = story_of(rule)[0].event.at
    moment = _moment(Account(ORG, clock=now))
    for expression in (rule.when, rule.while_):
        if expression is None or rule.kind is RuleKind.EDGE or rule.each is not None:
            continue
        assert expression.evaluate(Look(moment)) is not True
    if rule.each is not None:
        assert rule.each.collection.evaluate(Look(moment)) in (UNKNOWN, ())

    rated = SignalRated(org_id=ORG, at=now, signal_id="s", by="dana", useful=True)
    stepped = step(
        None, ORG, arrivals_of([rated]), until=now + timedelta(days=40), catalogue=around(rule), policy=POLICY
    )
    assert [one.rule for one in stepped.transitions if one.rule == rule.id] == []


@RULES
def test_it_ignores_events_it_does_not_read(rule: Rule) -> None:
    """An event that moves nothing a rule reads, at the same instant, changes nothing about the rule."""
    account = step(None, ORG, story_of(rule), until=None, catalogue=around(rule), policy=POLICY).account
    number = around(rule).index[rule.id]
    tried = 0
    for event in _bystanders(account):
        _, fields = move(account, event, POLICY.zone, account.clock)
        read_by_others = _readers(around(rule), set(around(rule).touched(fields)))
        if number in read_by_others or kind_of(event) in rule.on:
            continue
        tried += 1
        arrival = Arrival(_position_after(account), account.clock, event)
        stepped = step(account, ORG, [arrival], until=None, catalogue=around(rule), policy=POLICY)
        assert [one for one in stepped.transitions if one.rule == rule.id] == []
        assert [one for one in stepped.suppressions if one.rule == rule.id] == []
    assert tried, "every bystander moves something this rule reads: add one"


def _bystanders(account: Account) -> Iterator[AnyEvent]:
    at = account.clock
    yield SignalRated(org_id=ORG, at=at, signal_id="s", by="dana", useful=True)
    yield NoteAdded(org_id=ORG, at=at, category="lunch")
    yield PersonDescribed(org_id=ORG, at=at, person_id="new_one", family="procurement")
    yield OpportunityChanged(org_id=ORG, at=at, opportunity_id="o9", type="new", stage="Discovery", open=True)


def _readers(among: Catalogue, numbers: set[int]) -> set[int]:
    found, waiting = set(numbers), list(numbers)
    while waiting:
        rule = among.rules[waiting.pop()]
        for number in among.dependents.get(rule.id, ()):
            if number not in found:
                found.add(number)
                waiting.append(number)
    return found


def _position_after(account: Account) -> Position:
    offsets = [offset for _, offset in account.life.positions.values()]
    return Position(0, "feedback", 7, max(offsets, default=0) + 1)


@RULES
def test_it_wakes_only_in_the_future(rule: Rule) -> None:
    """After every event the soonest timer lies ahead of the account's clock."""
    account: Account | None = None
    for arrival in story_of(rule):
        account = step(account, ORG, [arrival], until=None, catalogue=around(rule), policy=POLICY).account
        assert account.wake is None or account.wake > account.clock
        assert all(at > account.clock for at in account.life.timers.values())


@RULES
def test_it_is_documented(rule: Rule) -> None:
    """A rule has a title, a source, a runbook section that exists, and examples of both sorts."""
    assert rule.title
    assert rule.source
    page, _, anchor = rule.runbook.partition("#")  # rows of a table may share a section
    assert re.search(rf"^## {anchor}$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE), rule.runbook
    if rule.alias_of is None:
        assert {"fires", "near"} <= {one.verdict for one in rule.examples}


SURVEILLANCE = (
    "we noticed",
    "we saw",
    "we see that",
    "you viewed",
    "you visited",
    "your visits",
    "logged in",
    "tracking you",
)


@RULES
def test_its_words_are_fit_for_a_card(rule: Rule) -> None:
    """Calm words: no exclamation mark, no rule id, and a conversation starter that does not tell what we know."""
    words = rule.words
    variants = [part for one in rule.variants for part in (one.headline, one.why_now, one.next_step)]
    steps = [part for one in rule.steps for part in (one.headline, one.next_step)]
    parts = [words.headline, words.decisive, words.why_now, words.next_step, words.starter, words.resolved]
    for template in (*parts, *variants, *steps):
        if template is not None:
            assert "!" not in template.text
            assert rule.id not in template.text
    starter = words.starter.text.lower() if words.starter is not None else ""
    assert [phrase for phrase in SURVEILLANCE if phrase in starter] == []
    assert words.next_step is not None or all(one.next_step is not None for one in rule.steps)


def _moment(account: Account) -> Moment:
    return Moment(
        account, account.clock, zone=POLICY.zone, terms=POLICY.terms, names=catalogue().names, truths={},
        levels=catalogue().levels,
    )  # fmt: skip
