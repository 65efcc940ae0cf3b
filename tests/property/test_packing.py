"""Packing is invisible, time marks change nothing, repeats are recognised: design section 8, on random histories."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from signals.domain.account.state import Account
from signals.domain.events.billing import PaymentFailed
from signals.domain.events.crm import ChampionChanged, ChampionNamed, OrganizationCreated, TicketOpened, TicketSolved
from signals.domain.events.feedback import EraseRequested
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported, UserActed
from signals.domain.signal import Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from support.timeline import START, arrivals_of, catalogue_of

PACK = """
family: expansion
defaults: {source: test, stage: live, severity: notice}
rules:
- id: champion_gone
  title: gone
  kind: level
  when: champion.change == "left"
  cooldown: 2 d
  hold: 6 h
  text: {headline: "the champion left"}
- id: quiet
  title: quiet
  kind: level
  params: {long: {value: 3 d, from: ours}, week: {value: 7 d, from: ours}, little: {value: 40, unit: count, from: ours}}
  when: total(usage.total, week) <= little
  clear_hold: 1 d
  severity: [{when: people.active == 0, is: warning}, {default: notice}]
  remind: 5 d
  text: {headline: "little use"}
- id: growing
  title: growing
  kind: level
  guards: GX-E
  each: {in: usage.volumes, as: volume, key: volume.name}
  params: {week: {value: 7 d, from: ours}, step: {value: 0.2, unit: share, from: ours}}
  when: total(volume.series, week) / total(volume.series, week, week) - 1 >= step
  text: {headline: "growing"}
- id: failed
  title: failed
  kind: edge
  on: [payment_failed]
  key: event.invoice_id
  expires_after: 2 d
  text: {headline: "a payment failed"}
- id: both
  title: both
  kind: level
  when: signal("champion_gone") and signal("quiet")
  text: {headline: "both"}
- id: ladder
  title: ladder
  kind: steps
  from: champion.changed_at
  while: champion.change == "left"
  steps: [{at: 1 d, say: one}, {at: 3 d, say: two}]
  text: {headline: "waiting"}
"""

DAYS = 40


@lru_cache
def _catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        return catalogue_of(PACK, Path(folder))


def _event(kind: int, at: datetime, size: int) -> AnyEvent:
    match kind:
        case 0 | 1:
            day = (at - timedelta(days=1)).date()
            return UsageReported(
                org_id="acme", at=at, day=day, volumes={"product_analytics": size, "surveys": size // 3}
            )
        case 2:
            return UserActed(org_id="acme", at=at, person_id=f"p{size % 3}", action="insight created")
        case 3:
            return ChampionNamed(org_id="acme", at=at, person_id=f"p{size % 3}")
        case 4:
            return ChampionChanged(org_id="acme", at=at, person_id=f"p{size % 3}", how="left")
        case 5:
            return TicketOpened(org_id="acme", at=at, ticket_id=f"t{size % 4}", priority="urgent")
        case 6:
            return TicketSolved(org_id="acme", at=at, ticket_id=f"t{size % 4}")
        case 8:
            return EraseRequested(org_id="acme", at=at, by="ann")
        case _:
            return PaymentFailed(org_id="acme", at=at, invoice_id=f"i{size % 2}", attempt=1 + size % 4, amount=5)  # type: ignore[arg-type]  # an int is a fine amount here


events = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, DAYS * 24 * 4), st.integers(0, 30), st.integers(0, 60)), max_size=60
)
"""(kind, quarter of an hour, size, hours it comes late)."""


def _history(drawn: Sequence[tuple[int, int, int, int]]) -> list[Arrival]:
    """Return arrivals in the order they come in: mostly in time, some late within the window."""
    timed = [
        (moment * 15 + (late * 60 if late > 50 else 0), _event(kind, START + timedelta(minutes=moment * 15), size))
        for kind, moment, size, late in drawn
    ]
    daily = [
        (d * 1440 + 120, UsageReported(org_id="acme", at=START + timedelta(days=d, hours=2),
                                       day=(START + timedelta(days=d - 1)).date(), volumes={"surveys": d % 11}))
        for d in range(1, DAYS)
    ]  # fmt: skip
    created: list[tuple[int, AnyEvent]] = [(0, OrganizationCreated(org_id="acme", at=START))]
    ordered = sorted([*created, *daily, *timed], key=lambda one: one[0])
    return arrivals_of([event for _, event in ordered])


def _run(packs: Sequence[tuple[Sequence[Arrival], datetime | None]]) -> tuple[Account | None, list[Transition]]:
    account: Account | None = None
    said: list[Transition] = []
    for pack, mark in packs:
        if account is None and not pack:
            continue
        stepped = step(account, "acme", pack, until=mark, catalogue=_catalogue(), policy=Policy())
        account = stepped.account
        said += stepped.transitions
    return account, said


END = START + timedelta(days=DAYS + 20)


@given(drawn=events, cuts=st.lists(st.integers(1, 20), max_size=40), marked=st.lists(st.booleans(), max_size=40))
def test_packs_and_marks_change_nothing(
    drawn: list[tuple[int, int, int, int]], cuts: list[int], marked: list[bool]
) -> None:
    """One by one without marks, or in any packs with marks in between: equal transitions, equal account."""
    arrivals = _history(drawn)
    single = [([arrival], None) for arrival in arrivals]
    packs: list[tuple[Sequence[Arrival], datetime | None]] = []
    rest, at = arrivals, 0
    while rest:
        size = cuts[at % len(cuts)] if cuts else 7
        pack, rest = rest[:size], rest[size:]
        packs.append((pack, pack[-1].reached if marked and marked[at % len(marked)] else None))
        at += 1

    one_by_one = _run([*single, ([], END)])
    packed = _run([*packs, ([], END)])

    assert packed == one_by_one


@given(drawn=events, again=st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30)), max_size=5))
def test_redelivered_packs_change_nothing(drawn: list[tuple[int, int, int, int]], again: list[tuple[int, int]]) -> None:
    """Whatever stretch of the past is delivered once more, transitions and account stay the same."""
    arrivals = _history(drawn)
    repeated: list[Arrival] = list(arrivals)
    for start, length in again:
        end = min(start + length, len(arrivals))
        where = repeated.index(arrivals[end - 1]) + 1
        repeated[where:where] = arrivals[min(start, end) : end]

    plain = _run([([arrival], None) for arrival in arrivals] + [([], END)])
    noisy = _run([([arrival], None) for arrival in repeated] + [([], END)])

    assert noisy == plain


@example(drawn=[(0, 0, 20, 0), (8, 968, 0, 0)])
@given(drawn=events)
def test_a_signal_counts_its_transitions_and_ends_only_after_it_began(drawn: list[tuple[int, int, int, int]]) -> None:
    """Per signal: seq 1, 2, 3 ..., the first an opening, never two openings, times never going back; then erased."""
    _, said = _run([([arrival], None) for arrival in _history(drawn)] + [([], END)])
    by_signal: dict[str, list[Transition]] = {}
    for one in said:
        by_signal.setdefault(one.signal_id, []).append(one)

    for whole in by_signal.values():
        assert all(one is whole[-1] for one in whole if one.erased), "nothing comes after an erasure"
        life = [one for one in whole if not one.erased]
        assert [one.seq for one in life] == list(range(1, len(life) + 1))
        assert life[0].change == "opened"
        assert all(one.change != "opened" for one in life[1:])
        assert [one.at for one in life] == sorted(one.at for one in life)
        for before, after in pairwise(life):
            assert (before.change == "resolved") == (after.change == "reopened")
