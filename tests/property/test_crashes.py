"""A worker may die before or after any table write: no signal is lost or doubled, by id and content."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.state import Account
from signals.domain.events.billing import PaymentFailed, SpendReported
from signals.domain.events.crm import ChampionChanged, ChampionNamed, OrganizationCreated, TicketOpened, TicketSolved
from signals.domain.events.feedback import FlagCleared, SnoozeRequested
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported
from signals.domain.signal import Suppression, Transition
from signals.domain.update import AccountUpdates
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.streams import codec
from support.timeline import START, arrivals_of, catalogue_of

PACK = """
family: expansion
defaults: {source: test, stage: live, severity: notice}
rules:
- {id: gone, title: gone, kind: level, family: churn_risk, churn_level: A, when: champion.change == "left",
   text: {headline: "the champion left"}}
- {id: flicker, title: flicker, kind: level, when: any(t.open for t in tickets), remind: 1 d,
   text: {headline: "a ticket is open"}}
- {id: cooled, title: cooled, kind: level, when: any(t.open for t in tickets), cooldown: 2 d, hold: 3 h, once: period,
   text: {headline: "a ticket is open for long"}}
- id: spend
  title: spend
  kind: level
  guards: GX-C
  params: {high: {value: 20, unit: USD/month, from: ours}, low: {value: 10, unit: USD/month, from: ours}}
  when: billing.mrr >= high
  clear: billing.mrr < low
  clear_hold: 6 h
  text: {headline: "spend is {billing.mrr:money}"}
- {id: failed, title: failed, kind: edge, guards: GX-C, exempt: [G4], on: [payment_failed], key: event.invoice_id,
   stale_after: 4 d, expires_after: 2 d, cooldown: 1 d, text: {headline: "attempt {event.attempt}"}}
- {id: came, title: came, kind: edge, on: [ticket_opened], key: event.ticket_id, expires_after: 1 d,
   text: {headline: "a ticket came"}}
- {id: after_failed, title: after, kind: level, when: signal("failed") or signal("came"), text: {headline: "after"}}
- {id: shadowed, title: shadowed, kind: edge, stage: shadow, on: [ticket_opened], key: event.ticket_id,
   expires_after: 1 d, text: {headline: "a ticket came"}}
- {id: ladder, title: ladder, kind: steps, from: champion.changed_at, while: champion.change == "left",
   steps: [{at: 6 h, say: one}, {at: 3 d, say: two}], text: {headline: "waiting"}}
- id: quiet
  title: quiet
  kind: level
  params: {few: {value: 9, unit: count, from: ours}, days: {value: 2 d, from: ours}}
  when: total(usage.total, days) <= few
  text: {headline: "quiet"}
"""

HOURS = 30 * 24
FEEDBACK = ("gone", "flicker", "spend", "failed", "ladder", "came")
Fate = Literal["well", "dies before the write", "dies after the write"]
FATES: tuple[Fate, ...] = ("well", "dies before the write", "dies after the write")


@lru_cache
def _catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        return catalogue_of(PACK, Path(folder))


def _event(kind: int, at: datetime, size: int) -> AnyEvent:
    match kind:
        case 0:
            return ChampionChanged(org_id="acme", at=at, person_id=f"p{size % 3}", how="left")
        case 1:
            return ChampionNamed(org_id="acme", at=at, person_id=f"p{size % 3}")
        case 2:
            return TicketOpened(
                org_id="acme", at=at, ticket_id=f"t{size % 3}", priority="urgent" if size > 20 else "normal"
            )
        case 3:
            return TicketSolved(org_id="acme", at=at, ticket_id=f"t{size % 3}")
        case 4:
            return SpendReported(org_id="acme", at=at, mrr=Decimal(size))
        case 5:
            return PaymentFailed(
                org_id="acme", at=at, invoice_id=f"i{size % 2}", attempt=1 + size % 4, amount=Decimal(5)
            )
        case 6:
            return FlagCleared(org_id="acme", at=at, signal=FEEDBACK[size % 6], by="ann")
        case 7:
            return SnoozeRequested(
                org_id="acme", at=at, signal=FEEDBACK[size % 6], until=at + timedelta(days=size % 5), by="ann"
            )
        case _:
            day = (at - timedelta(days=1)).date()
            return UsageReported(org_id="acme", at=at, day=day, volumes={"surveys": size % 13})


HISTORY = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, HOURS // 6), st.integers(0, 30), st.integers(0, 40)),
    min_size=5,
    max_size=60,
)
"""(kind, six hours since the start, size, hours late): times are coarse, so that many events share an instant."""


def _messages(
    drawn: Sequence[tuple[int, int, int, int]], cuts: Sequence[int], marked: Sequence[bool]
) -> list[AccountUpdates]:
    """Return the history as messages of ``account-updates``, encoded and decoded; the last one carries time on."""
    timed = sorted(
        (6 * moment + (late if late > 30 else 0), number, _event(kind, START + timedelta(hours=6 * moment), size))
        for number, (kind, moment, size, late) in enumerate(drawn)
    )
    arrivals = arrivals_of([OrganizationCreated(org_id="acme", at=START), *(event for _, _, event in timed)])
    messages: list[AccountUpdates] = []
    while arrivals:
        size = cuts[len(messages) % len(cuts)]
        pack, arrivals = arrivals[:size], arrivals[size:]
        mark = pack[-1].reached if marked[len(messages) % len(marked)] else None
        messages.append(AccountUpdates(partition=0, packs={"acme": tuple(pack)}, mark=mark))
    messages.append(AccountUpdates(partition=0, packs={}, mark=START + timedelta(hours=HOURS + 900)))
    return [codec.decode_updates(codec.encode_updates(one)) for one in messages]


class Worker:
    """The table and the topics of one partition, and a worker that may die."""

    def __init__(self) -> None:
        self.table: bytes | None = None
        self.sent: list[Transition | Suppression] = []

    def take(self, message: AccountUpdates, fate: Fate) -> None:
        """Work on a message, again if the worker died before it was acknowledged."""
        written = self._work(message)
        if fate != "dies before the write":
            self.table = written
        if fate != "well":
            self.table = self._work(message)

    def _work(self, message: AccountUpdates) -> bytes:
        account = codec.decode_account(self.table) if self.table is not None else None
        stepped = step(
            account, "acme", message.packs.get("acme", ()), until=message.mark, catalogue=_catalogue(), policy=Policy()
        )
        self.sent += [*stepped.transitions, *stepped.suppressions]
        return codec.encode_account(stepped.account)

    @property
    def account(self) -> Account:
        """What the table holds."""
        assert self.table is not None
        return codec.decode_account(self.table)


@given(
    drawn=HISTORY,
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
    marked=st.lists(st.booleans(), min_size=1, max_size=9),
    fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=20),
)
def test_no_signal_is_lost_or_doubled(
    drawn: list[tuple[int, int, int, int]], cuts: list[int], marked: list[bool], fates: list[Fate]
) -> None:
    """With crashes: the same records by id and content, the same account. Without: no id twice, no seq left out."""
    messages = _messages(drawn, cuts, marked)
    spared, struck = Worker(), Worker()
    for number, message in enumerate(messages):
        spared.take(message, "well")
        struck.take(message, fates[number % len(fates)])

    by_id = {one.id: one for one in spared.sent}
    assert all(by_id[one.id] == one for one in struck.sent)
    assert {one.id for one in struck.sent} == set(by_id)
    assert struck.account == spared.account

    said = [one for one in spared.sent if isinstance(one, Transition)]
    assert len({one.id for one in said}) == len(said)
    lives: dict[str, list[int]] = {}
    for one in said:
        lives.setdefault(one.signal_id, []).append(one.seq)
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in lives.values())
