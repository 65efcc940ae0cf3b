"""What already stands in Slack: cards and thread lines found again by the metadata they were posted with."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from signals.domain.errors import Permanent
from signals.sinks.lease import LEASE, Lease
from signals.sinks.pacing import Monotonic
from signals.sinks.slack.calls import SlackCalls
from signals.sinks.slack.config import SlackConfig

LOG = logging.getLogger(__name__)

FRESH_FOR = timedelta(seconds=5)
# One reading of a channel serves the look-ups of so long: after a crash hundreds may be in doubt, and Slack allows 50
# readings a minute.

Address = tuple[str, str]
"""Channel id and ts."""


@dataclass(frozen=True)
class _Reading:
    """What a channel showed."""

    at: float
    """When it began, on the clock that never goes back."""
    lease: Lease | None
    """Under which it was made."""
    cards: dict[str, Address]


class Posted:
    """Look-ups in channels and threads. Keeps each channel's last reading, and what was posted since.

    Parameters
    ----------
    calls
        Started by its owner.
    monotonic
        Clock of ``FRESH_FOR``.
    """

    def __init__(self, calls: SlackCalls, config: SlackConfig, *, monotonic: Monotonic) -> None:
        self._calls, self._config, self._monotonic = calls, config, monotonic
        self._read: dict[str, _Reading] = {}
        self._tried: set[tuple[str, str]] = set()
        self._made: dict[tuple[str, str], Address] = {}
        self._told_blind = False

    def trying(self, channel: str, signal_id: str) -> None:
        """Say that a message of *signal_id* is about to be posted: no reading that is kept can show it."""
        self._tried.add((channel, signal_id))

    def made(self, channel: str, signal_id: str, address: Address) -> None:
        """Say where the message stands: its thread may still fail, and then the next attempt looks for the card."""
        self._made[channel, signal_id] = address

    def done(self, channel: str, signal_id: str) -> None:
        """Say that the answer to the last call has come: nobody will look for it."""
        self._tried.discard((channel, signal_id))
        self._made.pop((channel, signal_id), None)

    async def card(self, channel: str, signal_id: str) -> Address | None:
        """Return where the signal's card (or a digest) stands, if it is among the channel's recent messages.

        Called when what was posted can be seen: some seconds after a lost answer, and after a takeover.
        """
        if not self._config.find_posted:
            return None
        if (made := self._made.get((channel, signal_id))) is not None:
            return made  # known, though no reading may show it yet
        reading, now, lease = self._read.get(channel), self._monotonic(), LEASE.get()
        if (
            reading is None
            or now - reading.at >= FRESH_FOR.total_seconds()
            # Another owner may have posted until its lease was over and ours began, however short ago that was.
            or reading.lease is not lease
            # Somebody may have read after our attempt and before it could be seen.
            or (channel, signal_id) in self._tried
        ):
            try:
                reading = _Reading(now, lease, await self._cards(channel))
            except Permanent as refusal:
                self._tell_blind(refusal)
                return None
            self._read[channel] = reading
        return reading.cards.get(signal_id)

    async def replies(self, channel: str, ts: str, seq: int) -> frozenset[int]:
        """Return which messages of step *seq*'s reply the thread has already, by their number from 0."""
        if not self._config.find_posted:
            return frozenset()
        found = set()
        try:
            async for message in self._calls.replies(channel, ts):
                payload = payload_of(message)
                if payload.get("part") == "reply" and payload.get("seq") == seq:
                    found.add(_number(payload.get("page")))
        except Permanent as refusal:
            self._tell_blind(refusal)
        return frozenset(found)

    async def lines(self, channel: str, ts: str) -> list[str]:
        """Return the ts of every message of ours in a thread; none when we may not read it, with a log line."""
        try:
            return [
                str(message.get("ts", ""))
                async for message in self._calls.replies(channel, ts)
                if payload_of(message).get("part") == "reply"
            ]
        except Permanent as refusal:
            LOG.warning("cannot look for replies below an erased card, they stay: %s", refusal)
            return []

    async def _cards(self, channel: str) -> dict[str, Address]:
        index: dict[str, Address] = {}
        channel_id = await self._calls.channel_id(channel)
        async for message in self._calls.recent(channel, self._config.find_within):
            payload = payload_of(message)
            if payload.get("part") in ("card", "digest"):
                # Newest first: a card that was posted anew after somebody deleted the first one wins.
                index.setdefault(str(payload.get("signal_id", "")), (channel_id, str(message.get("ts", ""))))
        return index

    def _tell_blind(self, refusal: Permanent) -> None:
        """Say once that we cannot look; posting twice is better than not at all."""
        if not self._told_blind:
            self._told_blind = True
            LOG.warning("cannot look for cards already posted, a crash may post one twice: %s", refusal)


def payload_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of our own metadata, empty for any other message."""
    found = message.get("metadata")
    if not isinstance(found, dict) or found.get("event_type") != "signal":
        return {}
    payload = found.get("event_payload")
    return payload if isinstance(payload, dict) else {}


def _number(page: object) -> int:
    """Read a page number; JSON has only one kind of number, so 1 may come back as 1.0."""
    return int(page) if isinstance(page, (int, float)) else 0
