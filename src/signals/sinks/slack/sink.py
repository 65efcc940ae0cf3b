"""Slack: posts a card once, then edits it in place; what happened since is in its thread.

Order of one delivery, so that a crash repeats rather than loses:

1. The card, its chart uploaded before: posted when it is new there, edited otherwise. An edit may be repeated at will.
2. The thread reply, if the step deserves one.
3. The caller records ``Sent``.

When an earlier attempt may have got half-way (``redelivered``), the sink first looks for what it would post: the
card in the channel's recent history, the reply in the thread, both by message metadata. So it does when it knows of no
card though this is not the signal's first step: an opening that was given up may have arrived all the same.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from signals.domain.errors import SinkError
from signals.domain.reasons import ChartOutcome
from signals.domain.signal import Delivery, Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import Card, build_card, sent_state
from signals.sinks.contract import Clock, Sent
from signals.sinks.digest import Held
from signals.sinks.digest_page import build_digest
from signals.sinks.pacing import Pacer
from signals.sinks.slack.blocks import Message, Picture, card_message, metadata, moved_to_thread, reply_messages
from signals.sinks.slack.calls import Refused, SlackCalls
from signals.sinks.slack.charts import Charts, in_record, kept
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.digest import digest_message, digest_metadata
from signals.sinks.slack.faults import FROZEN, GONE, UNREADY
from signals.sinks.slack.posted import Posted
from signals.sinks.spans import words
from signals.sinks.thread import Reply, build_reply

T = TypeVar("T")


class SlackSink:
    """One living card per signal and channel. Re-entrant; see ``sinks.contract.Sink``.

    *counted* is called with what became of each chart (for a metric).
    """

    def __init__(
        self,
        config: SlackConfig,
        appearance: Appearance,
        *,
        pacer: Pacer,
        clock: Clock,
        counted: Callable[[ChartOutcome], None] = lambda _outcome: None,
    ) -> None:
        self._config, self._appearance, self._clock = config, appearance, clock
        self._calls = SlackCalls(config, pacer=pacer, clock=clock)
        self._posted = Posted(self._calls, config, monotonic=pacer.monotonic)
        self._charts = Charts(self._calls, config, pacer=pacer, counted=counted)

    @property
    def name(self) -> str:
        """``slack``."""
        return "slack"

    async def start(self) -> None:
        """Open the connection pool."""
        await self._calls.start()

    async def stop(self) -> None:
        """Close the connection pool."""
        await self._calls.stop()

    async def turn(self, destination: str) -> None:
        """Return when the destination's channel may be written to; see ``sinks.contract.Paced``."""
        await self._calls.turn(self._config.channels.get(destination, destination))

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Post or edit the card of one signal in one channel; see ``sinks.contract.Sink.send``.

        A card that somebody deleted is posted anew while its signal is open; a resolved one stays deleted.
        """
        transition = delivery.transition
        look = redelivered or (sent is None and transition.seq > 1)
        if sent is not None and (ref := await self._edit(transition, sent, redelivered=redelivered)):
            card = build_card(transition, sent, self._appearance)
        else:
            card = build_card(transition, None, self._appearance)
            ref = await self._open(delivery.destination, transition, card, look=look)
        return Sent(
            signal_id=transition.signal_id,
            seq=transition.seq,
            sink=self.name,
            destination=delivery.destination,
            ref=ref,
            at=self._clock(),
            **sent_state(card, transition),
        )

    async def shown(self, delivery: Delivery) -> bool:
        """Whether the signal's card is among the channel's recent messages; see ``sinks.contract.Digests``."""
        channel = self._config.channels.get(delivery.destination, delivery.destination)
        return await self._posted.card(channel, delivery.transition.signal_id) is not None

    async def send_digest(
        self, destination: str, held: Held, ref: Mapping[str, str], *, redelivered: bool = False
    ) -> dict[str, str]:
        """Post the digest, or edit the one at *ref*; see ``sinks.contract.Digests``."""
        channel = self._config.channels.get(destination, destination)
        message = digest_message(build_digest(held, self._appearance, see_all=self._config.see_all))
        tags = digest_metadata(held.id)
        at = (ref["channel"], ref["ts"]) if ref else None
        if at is None and redelivered:
            at = await self._posted.card(channel, held.id)
        if at is not None:
            try:
                await self._calls.update(*at, message, tags)
            except Refused as refusal:
                if refusal.code not in GONE | FROZEN:
                    raise
                at = None if refusal.code in GONE else at
        if at is None:
            self._posted.trying(channel, held.id)
            at = await self._calls.post(channel, message, tags)
            self._posted.done(channel, held.id)
        return {"channel": at[0], "ts": at[1]}

    async def _open(self, destination: str, transition: Transition, card: Card, *, look: bool) -> dict[str, str]:
        channel = self._config.channels.get(destination, destination)
        found = await self._posted.card(channel, card.signal_id) if look else None
        if found is None and card.resolved:
            return {}  # its opening never arrived here (a dead letter): there is nothing to take back
        picture = None if card.resolved else await self._charts.picture(channel, transition, {})
        if found is None:
            self._posted.trying(channel, card.signal_id)
            (channel_id, ts), late = await self._showing(
                picture, lambda shown: self._calls.post(channel, self._message(card, shown), metadata(card, "card"))
            )
            self._posted.made(channel, card.signal_id, (channel_id, ts))
        else:
            channel_id, ts = found
            late = await self._update(channel_id, ts, card, picture)
        reply = build_reply(transition, None, self._appearance)
        await self._reply(channel_id, ts, card, reply, look=found is not None)
        await self._add(channel_id, ts, card, late)
        self._posted.done(channel, card.signal_id)
        self._charts.done(channel, card.signal_id)
        return {"channel": channel_id, "ts": ts, **in_record(picture)}

    async def _edit(self, transition: Transition, sent: Sent, *, redelivered: bool) -> dict[str, str]:
        """Edit the card and return where it is; an empty mapping when it must be posted anew."""
        channel, ts = sent.ref.get("channel", ""), sent.ref.get("ts", "")
        if not channel or not ts:
            return {}
        card = build_card(transition, sent, self._appearance)
        reply = build_reply(transition, sent, self._appearance)
        picture, late = None, None
        try:
            if card.digest != sent.digest or redelivered:
                picture = None if card.resolved else await self._charts.picture(channel, transition, sent.ref)
                late = await self._update(channel, ts, card, picture)
            await self._reply(channel, ts, card, reply, look=redelivered)
            await self._add(channel, ts, card, late)
            await self._charts.replaced(sent.ref, picture)
            if transition.erased:
                await self._blank_thread(channel, ts, card)
        except Refused as refusal:
            if refusal.code in FROZEN:
                await self._reply(channel, ts, card, reply, look=redelivered)
            elif refusal.code not in GONE:
                raise
            elif not card.resolved:
                return {}
        if transition.erased:
            await self._charts.erase(sent.ref)
            return {"channel": channel, "ts": ts}
        self._charts.done(channel, card.signal_id)
        return {"channel": channel, "ts": ts, **(in_record(picture) or kept(sent.ref))}

    def _message(self, card: Card, picture: Picture | None) -> Message:
        return card_message(card, self._config.users, picture)

    async def _update(self, channel: str, ts: str, card: Card, picture: Picture | None) -> Picture | None:
        """Edit the card; return the picture when it had to be left out."""
        _, late = await self._showing(
            picture, lambda shown: self._calls.update(channel, ts, self._message(card, shown), metadata(card, "card"))
        )
        return late

    async def _showing(
        self, picture: Picture | None, call: Callable[[Picture | None], Awaitable[T]]
    ) -> tuple[T, Picture | None]:
        """Make a call with the picture, or without when Slack does not take it yet; return that picture then."""
        try:
            return await call(picture), None
        except Refused as refusal:
            if picture is None or refusal.code not in UNREADY:
                raise
            return await call(None), picture

    async def _add(self, channel: str, ts: str, card: Card, late: Picture | None) -> None:
        """Try once more to show a picture that was left out; else the next edit does."""
        if late is None:
            return
        try:
            await self._calls.update(channel, ts, self._message(card, late), metadata(card, "card"))
        except SinkError:
            self._charts.counted(ChartOutcome.REFUSED)

    async def _reply(self, channel: str, ts: str, card: Card, reply: Reply | None, *, look: bool) -> None:
        lines = (*(reply.lines if reply else ()), *moved_to_thread(card))
        facts = reply.facts if reply else ()
        if not lines and not facts:
            return
        there = await self._posted.replies(channel, ts, card.seq) if look else frozenset()
        for page, message in enumerate(reply_messages(Reply(lines=lines, facts=facts), self._config.users)):
            if page not in there:
                await self._calls.post(channel, message, metadata(card, "reply", page), thread=ts)

    async def _blank_thread(self, channel: str, ts: str, card: Card) -> None:
        """Edit every line of ours below an erased card; what people wrote there is theirs."""
        (blank,) = reply_messages(Reply(lines=(words(card.resolution),)), self._config.users)
        for line in await self._posted.lines(channel, ts):
            await self._calls.update(channel, line, blank, metadata(card, "reply"))
