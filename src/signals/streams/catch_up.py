"""Catch-up: after an outage one digest per destination, not hundreds of stale cards.

A new card whose step was decided longer ago than ``after`` is held back for a moment. When no more of them come, and
they are more than ``more_than``, they become a part of the destination's digest instead: a record on the topic of the
deliveries, on the partition the destination's name belongs to, so that whoever has that partition joins the parts of
all workers into one message. Each signal in it is remembered as sent, without a card: it gets one when it escalates, is
due for a reminder, or is open again. Fewer than that go out as cards.

Written in this order, each awaited: the part, what was sent, and why no card was (suppressions); then the commit passes
them. A crash in between makes the same part again, and joining it again changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from signals.domain.canary import is_canary
from signals.domain.errors import Permanent, Transient
from signals.domain.ids import derive_id
from signals.domain.reasons import DeadReason, FailReason, HeldReason, SkipReason
from signals.domain.signal import Delivery, Position, Suppression
from signals.sinks.contract import DIGEST_RECORD, Digests, Sent
from signals.sinks.delivery import Dead, Delivered, attempts
from signals.sinks.digest import CATCH_UP, Held, Part, turn_page
from signals.sinks.digest_page import part_of
from signals.sinks.evidence import decisive_band
from signals.sinks.lease import LEASE, may_call
from signals.sinks.pacing import Monotonic, Sleep
from signals.sinks.retry import LONGEST_PAUSE
from signals.streams import codec
from signals.streams.deadletter import bury
from signals.streams.desk import Desk
from signals.streams.outbox import Record
from signals.streams.sent_log import sent_record
from signals.streams.topics import partition_for
from signals.streams.waiting import Waiting

QUIET = timedelta(seconds=20)
# Without a further stale card, before they are counted: after a restart a partition is read within seconds, and what is
# hours old can wait for that.
LONGEST = timedelta(minutes=5)
# At most: an ingest that catches up for an hour must not keep everything back until it is done.
SAME_OUTAGE = timedelta(hours=1)
# Parts that come within it are joined to the digest that is there; later ones begin a new one, which notifies again.
SIGNALS_OF_A_PART = 500
# About 300 kB of JSON, under the limit of a record.
PARTS = "parts of "


@dataclass(frozen=True)
class CatchUp:
    """When a new card is stale, and how many stale ones become a digest; ``after`` None: none is."""

    after: timedelta | None = None
    more_than: int = 10
    quiet: timedelta = QUIET
    longest: timedelta = LONGEST


@dataclass
class _Gathering:
    first: float
    last: float
    signals: set[str] = field(default_factory=set)
    many: bool = False


class Gatherings:
    """What is held back for each place, over all partitions of this process."""

    def __init__(self, catch_up: CatchUp, *, monotonic: Monotonic, sleep: Sleep) -> None:
        self._more_than, self._monotonic, self._sleep = catch_up.more_than, monotonic, sleep
        self._quiet_s, self._longest_s = catch_up.quiet.total_seconds(), catch_up.longest.total_seconds()
        self._places: dict[str, _Gathering] = {}
        self._folded: dict[str, datetime] = {}

    def note(self, place: str, what: str) -> None:
        """Say that *what* is held back for *place*."""
        now = self._monotonic()
        gathering = self._places.setdefault(place, _Gathering(now, now))
        gathering.last = now
        gathering.signals.add(what)

    async def settled(self, place: str) -> None:
        """Return when nothing has come for *place* for as long as ``quiet``, or ``longest`` after the first."""
        while (gathering := self._places.get(place)) is not None:
            wait = min(gathering.last + self._quiet_s, gathering.first + self._longest_s) - self._monotonic()
            if wait <= 0:
                return
            await self._sleep(wait)

    def folded(self, place: str, at: datetime) -> None:
        """Say that something for *place* went into its digest at this instant."""
        self._folded[place] = max(self._folded.get(place, at), at)

    def many(self, place: str, now: datetime) -> bool:
        """Whether too much is held back for cards; the answer stays until all of it is gone.

        So it is while the same outage's digest is fresh: what a crash left over, or what comes late, joins it.
        """
        if place in self._folded and now - self._folded[place] < SAME_OUTAGE:
            return True
        gathering = self._places.get(place)
        if gathering is None:
            return False
        gathering.many = gathering.many or len(gathering.signals) > self._more_than
        return gathering.many

    def gone(self, place: str, whats: Iterable[str]) -> None:
        """Say that these are held back no longer."""
        if (gathering := self._places.get(place)) is not None:
            gathering.signals.difference_update(whats)
            if not gathering.signals:
                del self._places[place]


@dataclass
class CatchUpDesk(Desk):
    """A desk that can fold stale cards into a digest.

    Parameters
    ----------
    digests
        The sink itself.
    gatherings
        Shared by all partitions of this process.
    """

    digests: Digests = field(kw_only=True)
    catch_up: CatchUp = field(kw_only=True)
    gatherings: Gatherings = field(kw_only=True)

    def __post_init__(self) -> None:
        """Tell the other partitions of digests that an earlier process has begun."""
        for sent in self.sent.values():
            if sent.in_digest:
                self.gatherings.folded(sent.destination, sent.at)

    def known(self, one: Waiting) -> bool:
        """Whether it is recorded as done; a part, when the digest has it."""
        if one.heading is not None and one.heading.kind == CATCH_UP:
            last = self.sent.get((DIGEST_RECORD, one.destination))
            return last is not None and one.due.offset < last.seq
        return super().known(one)

    def holds(self, one: Waiting) -> str:
        """Return where *one* is held back: stale new cards by destination, parts of digests likewise."""
        if one.heading is None:
            return ""
        if one.heading.kind == CATCH_UP:
            self.gatherings.note(PARTS + one.destination, str(one.due.offset))
            return PARTS + one.destination
        step, after = one.step, self.catch_up.after
        if step is None or after is None or step.status != "open" or self.clock() - step.at <= after:
            return ""
        if (one.signal_id, one.destination) in self.sent or is_canary(step.org_id):
            return ""  # a canary in a digest would not be seen to arrive
        self.gatherings.note(one.destination, one.signal_id)
        return one.destination

    async def gathered(self, place: str) -> None:
        """Return when what is held back at *place* is to be decided."""
        await self.gatherings.settled(place)

    async def fold(self, place: str, ones: list[Waiting]) -> list[Waiting]:
        """Put what was held back into a digest, and return what is to be delivered as cards; see ``lane.Work``."""
        LEASE.set(self.lease)
        try:
            if place.startswith(PARTS):
                await self._digest(place.removeprefix(PARTS), ones)
                return []
            return await self._fold(place, ones) if self.gatherings.many(place, self.clock()) else ones
        finally:
            gone = (str(one.due.offset) for one in ones) if place.startswith(PARTS) else (o.signal_id for o in ones)
            self.gatherings.gone(place, gone)

    async def _fold(self, destination: str, ones: list[Waiting]) -> list[Waiting]:
        by_signal: dict[str, list[Waiting]] = {}
        for one in ones:
            by_signal.setdefault(one.signal_id, []).append(one)
        kept: list[Waiting] = []
        folded: list[tuple[Delivery, list[Waiting]]] = []
        for signal, steps in by_signal.items():
            try:
                last = codec.decode_json(steps[-1].due.value, Delivery)
            except codec.Corrupt:
                kept += steps  # its own delivery meets it, and buries it
                continue
            shown = (signal, destination) in self.sent or last.transition.erased
            if shown or (any(one.doubtful for one in steps) and await self._may_be_shown(last)):
                kept += steps
            else:
                folded.append((last, steps))
        for at in range(0, len(folded), SIGNALS_OF_A_PART):
            await self._write_part(destination, folded[at : at + SIGNALS_OF_A_PART])
        return kept

    async def _may_be_shown(self, delivery: Delivery) -> bool:
        """Whether an earlier attempt has posted the card; waits for a service that is down."""
        while True:
            try:
                return await self.digests.shown(delivery)
            except Transient as fault:
                self._count_retry(fault)
                await self.patience.sleep(max(fault.after, LONGEST_PAUSE).total_seconds())
            except Permanent:
                return True  # the card's own delivery meets the refusal and reports it

    async def _write_part(self, destination: str, folded: list[tuple[Delivery, list[Waiting]]]) -> None:
        name = self.sink.name
        part = part_of(name, destination, (last.transition for last, _ in folded))
        sents = [self._sent_in_digest(last, part.id) for last, _ in folded]
        held = [_suppression(last, self.clock()) for last, _ in folded]
        await may_call()
        await self.outbox.send_all([self._part_record(part)])
        await self.outbox.send_all(
            [
                *(sent_record(self.topics.sent(name), self.partition, sent) for sent in sents),
                *(
                    Record(self.topics.suppressions, self.partition, one.org_id.encode(), codec.encode_json(one))
                    for one in held
                ),
            ]
        )
        for sent, suppression, (_, steps) in zip(sents, held, folded, strict=True):
            self.sent[sent.key] = sent
            self.gatherings.folded(destination, sent.at)
            self.meter.suppressed(suppression.reason)
            for one in steps:
                self.skipped(one, SkipReason.FOLDED)

    def _part_record(self, part: Part) -> Record:
        home = partition_for(part.destination, self.topics.partitions)
        return Record(self.topics.deliveries(self.sink.name), home, part.destination.encode(), codec.encode_json(part))

    def _sent_in_digest(self, last: Delivery, part: str) -> Sent:
        one = last.transition
        return Sent(
            signal_id=one.signal_id, seq=one.seq, sink=self.sink.name, destination=last.destination,
            ref={"digest": part}, at=self.clock(), severity=one.severity.value, owner=one.owner.name,
            band=decisive_band(one), status=one.status,
        )  # fmt: skip

    def _forgotten(self, sent: Sent | None) -> Iterator[Record]:
        """Yield what else must be written when *sent* is forgotten: a digest must not name its signal any more."""
        if sent is not None and sent.in_digest:
            erased = (sent.signal_id,)
            name = derive_id("catch-up", self.sink.name, sent.destination, "erased", *erased)
            yield self._part_record(
                Part(kind=CATCH_UP, id=name, sink=self.sink.name, destination=sent.destination, erased=erased)
            )

    async def _digest(self, destination: str, ones: list[Waiting]) -> None:
        """Show what the parts say, and remember it; raises only when that could not be written."""
        parts = []
        for one in ones:
            try:
                parts.append(codec.decode_json(one.due.value, Part))
            except codec.Corrupt as error:
                await self._bury(one, DeadReason.UNDECODABLE, str(error))
        if not parts:
            return
        last = self.sent.get((DIGEST_RECORD, destination))
        before = msgspec.json.decode(last.held, type=Held) if last is not None else None
        anew = last is None or self.clock() - last.at >= SAME_OUTAGE
        held = turn_page(before, parts, anew=anew)
        same_page = last is not None and before is not None and held.id == before.id
        sent = Sent(
            signal_id=DIGEST_RECORD, seq=ones[-1].due.offset + 1, sink=self.sink.name, destination=destination,
            ref=last.ref if same_page and last is not None else {},
            at=last.at if same_page and last is not None else self.clock(),
            held=msgspec.json.encode(held).decode(),
        )  # fmt: skip
        if held != before and (held.ids or held.over):
            shown = await self._show(held, sent, ones)
            if shown is None:
                return
            sent = shown
        await self._remember(sent, forget=False)

    async def _show(self, held: Held, sent: Sent, ones: list[Waiting]) -> Sent | None:
        """Bring *held* to the sink however long it takes; None when it was refused, and the parts are dead letters."""

        async def send(again: bool) -> Sent:
            address = await self.digests.send_digest(sent.destination, held, sent.ref, redelivered=again)
            return msgspec.structs.replace(sent, ref=address)

        name, doubtful = self.sink.name, any(one.doubtful for one in ones)
        while True:
            outcome = await attempts(
                send, name, f"digest {held.id}", patience=self.patience, redelivered=doubtful,
                on_retry=self._count_retry,
            )  # fmt: skip
            match outcome:
                case Delivered(sent=shown):
                    self.meter.delivery(name, "sent", None)
                    return shown
                case Dead(reason=FailReason.AUTH):
                    doubtful = True
                    self._count_refused()
                    await self.patience.sleep(LONGEST_PAUSE.total_seconds())
                case Dead(passing=False, reason=reason, message=message):
                    for one in ones:
                        await self._bury(one, DeadReason.UNDELIVERABLE, f"{reason}: {message}")
                    self.meter.delivery(name, "dead", reason)
                    return None
                case _:
                    doubtful = True  # the destination is down: there is nothing to put in front of it

    async def _bury(self, one: Waiting, reason: DeadReason, message: str) -> None:
        position = Position(0, f"deliveries.{self.sink.name}", self.partition, one.due.offset)
        letter = bury(
            reason, message, position, stage="deliver", key=one.destination.encode(), value=one.due.value
        )  # fmt: skip
        await self._write(self.topics.dead_letters, b"", letter)
        self.meter.dead(reason)


def _suppression(last: Delivery, at: datetime) -> Suppression:
    """Return why a signal has no card: it is in a digest, or was over before anybody could see it."""
    one = last.transition
    reason = HeldReason.GROUPED if one.status == "open" else HeldReason.STALE
    return Suppression(
        id=derive_id("suppression", last.id, reason.value), signal_id=one.signal_id, org_id=one.org_id, rule=one.rule,
        family=one.family, key=one.key, at=at, reason=reason,
        text=f"while we were away: digest in {last.destination}",
    )  # fmt: skip
