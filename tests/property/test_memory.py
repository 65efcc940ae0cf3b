"""What a caller keeps beside an account saves looks and changes nothing: with it, without it, lost at any moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.account.state import Account
from signals.domain.events import billing, crm, usage
from signals.domain.events.kinds import AnyEvent
from signals.domain.signal import Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.memory import Memory
from signals.engine.policy import Policy
from signals.engine.step import step
from support.timeline import START, arrivals_of

PACK = """
family: expansion
defaults: {source: test, stage: live, severity: notice}
rules:
- id: rises
  title: a count that only rises
  kind: level
  params: {week: {value: 7 d, from: ours}}
  when: recent(actions.experiment_viewed, week) == 0 and people.members != null
  text: {headline: "nobody looks"}
- id: either
  title: a disjunction of a rising count and of people
  kind: level
  when: (lifetime(actions.recording_analyzed) == 0 or all(p.recordings_analyzed == 0 for p in people)) and season.noted
  text: {headline: "unwatched"}
- id: settled
  title: an age that has passed
  kind: level
  params: {long: {value: 3 d, from: ours}}
  when: age(champion.changed_at) < long and people.active <= 1
  text: {headline: "fresh"}
- id: comes
  title: an age that comes
  kind: level
  params: {long: {value: 5 d, from: ours}, few: {value: 2, unit: count, from: ours}}
  when: people.active >= few and age(champion.changed_at) >= long
  text: {headline: "old"}
- id: unknown_first
  title: read by another while it is unknown
  kind: level
  params: {week: {value: 7 d, from: ours}, much: {value: 60, unit: count, from: ours}}
  each: {in: usage.products, as: product, key: product.name}
  when: total(product.series, week) >= much
  text: {headline: "much"}
- id: reader
  title: knows whether the other is unknown
  kind: level
  params: {staff: {value: 10, unit: count, from: ours}}
  when: known(signal("unknown_first")) and not signal("unknown_first") and profile.employees == staff
  text: {headline: "little, for certain"}
- id: seen
  title: reads a sighting of a person
  kind: level
  params: {long: {value: 2 d, from: ours}}
  when: any(age(p.seen_at) >= long for p in people)
  text: {headline: "somebody was not seen"}
"""

DAYS = 45


@lru_cache
def _catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "pack.yaml"
        file.write_text(PACK)
        shipped = files("signals.detectors.rules") / "packs"
        return Catalogue(load_packs([shipped, file], names=VOCABULARY, require_examples=False), VOCABULARY)


def _event(kind: int, at: datetime, n: int) -> AnyEvent:
    person = f"p{n % 4}"
    match kind:
        case 0:
            return usage.UserActed(org_id="acme", at=at, person_id=person, action="experiment viewed")
        case 1:
            return usage.UserActed(org_id="acme", at=at, person_id=person, action="recording analyzed")
        case 2:
            families: tuple[crm.Family, ...] = ("engineering", "product", "marketing", "customer_success")
            return crm.PersonDescribed(org_id="acme", at=at, person_id=person, family=families[n % 4])
        case 3:
            return crm.ChampionNamed(org_id="acme", at=at, person_id=person)
        case 4:
            return crm.ChampionChanged(org_id="acme", at=at, person_id=person, how="left")
        case 5:
            return crm.AccountDescribed(org_id="acme", at=at, employees=10 * (n % 30), country="USA")
        case 6:
            return billing.SpendReported(org_id="acme", at=at, mrr=Decimal(400 + 100 * n))
        case 7:
            return crm.NoteAdded(org_id="acme", at=at, category="seasonality", until_on=(at + timedelta(days=3)).date())
        case 8:
            return billing.PaymentFailed(
                org_id="acme", at=at, invoice_id=f"i{n % 2}", attempt=1 + n % 4, amount=Decimal(5)
            )
        case 9:
            return crm.PersonLeft(org_id="acme", at=at, person_id=person)
        case _:
            day = (at - timedelta(days=1 + n % 2)).date()
            volumes = {"product_analytics": n, "feature_flags": n % 3, "session_replay": 9 * (n % 2)}
            return usage.UsageReported(org_id="acme", at=at, day=day, volumes=volumes, members=n)


def _history(drawn: Sequence[tuple[int, int, int]]) -> list[Arrival]:
    timed = [(minute, _event(kind, START + timedelta(minutes=minute), n)) for kind, minute, n in drawn]
    daily = [
        (d * 1440 + 120, _event(10, START + timedelta(days=d, hours=2), 2 * (d % 13))) for d in range(1, DAYS)
    ]  # fmt: skip
    created: list[tuple[int, AnyEvent]] = [(0, crm.OrganizationCreated(org_id="acme", at=START))]
    return arrivals_of([event for _, event in sorted([*created, *daily, *timed], key=lambda one: one[0])])


def _run(arrivals: Sequence[Arrival], lost_after: set[int] | None) -> tuple[list[Transition], list[Suppression]]:
    """Apply arrivals one by one; the memory is lost after those steps, or never kept at all (None)."""
    account: Account | None = None
    memory = Memory()
    said: list[Transition] = []
    held: list[Suppression] = []
    for number, arrival in enumerate([*arrivals, None]):
        pack, until = ((arrival,), None) if arrival is not None else ((), START + timedelta(days=DAYS + 20))
        stepped = step(
            account, "acme", pack, until=until, catalogue=_catalogue(), policy=Policy(),
            memory=memory if lost_after is not None else None,
        )  # fmt: skip
        account = stepped.account
        said += stepped.transitions
        held += stepped.suppressions
        if lost_after and number in lost_after:
            memory = Memory()
    return said, held


drawn_events = st.lists(st.tuples(st.integers(0, 10), st.integers(0, DAYS * 1440), st.integers(0, 40)), max_size=60)


@settings(max_examples=60)
@given(drawn=drawn_events, lost=st.sets(st.integers(0, 120), max_size=4))
def test_a_memory_changes_nothing(drawn: list[tuple[int, int, int]], lost: set[int]) -> None:
    """Kept throughout, lost now and then, or never kept: the same is said and held back."""
    arrivals = _history(drawn)

    without = _run(arrivals, None)

    assert _run(arrivals, set()) == without
    assert _run(arrivals, lost) == without


def test_the_rules_of_this_file_do_open() -> None:
    """Histories without findings would prove nothing."""
    found: set[str] = set()
    for seed in range(60):
        rng = Random(seed)  # noqa: S311  # to be repeated, not to be secret
        drawn = [
            (rng.randrange(11), rng.randrange(DAYS * 1440), rng.randrange(41)) for _ in range(rng.choice((4, 12, 40)))
        ]
        said, _ = _run(_history(drawn), set())
        found |= {one.rule for one in said}

    assert {"rises", "either", "settled", "comes", "unknown_first", "reader", "seen"} <= found
