"""Slack, HubSpot and a webhook receiver that remember everything and fail by a seeded die."""

import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import web

from signals.domain.reasons import FamilyName
from support.fake_server import DROPPED, HANGS, FakeServer, Fault
from support.hubspot_fake import HubspotFake
from support.packaged import rules
from support.slack_fake import SlackFake
from support.webhook_fake import WebhookFake

FAMILIES = tuple(family.value for family in FamilyName)
OF_RULES = {
    route.channel.removeprefix("#")
    for rule in rules()
    for route in (rule.route, *(variant.route for variant in rule.variants))
    if route is not None and route.channel
}
CHANNELS = {
    name: f"C1{name.upper().replace('-', '')}"
    for name in ("sales-alerts", *OF_RULES, *(family.replace("_", "-") for family in FAMILIES))
}
"""A channel per family, and those that rules name. Slack takes a message a second in each; one would take all day."""

LAG_S = 1.0
# Until a search finds what was written, and until a request that was cut off has its effect. Sinks wait 3 s before they
# look.

FAULTS: dict[str, tuple[int, Fault]] = {
    "429 with Retry-After": (20, Fault(429, headers={"Retry-After": "1"})),
    "500 before": (20, Fault(500)),
    "500 after success": (20, Fault(500, applied=True)),
    "503 after success": (10, Fault(503, applied=True)),
    "dropped before": (20, Fault(DROPPED)),
    "dropped after success": (20, Fault(DROPPED, applied=True)),
    "dropped, done later": (10, Fault(DROPPED, late=LAG_S)),
    "timeout after success": (4, Fault(HANGS, applied=True)),
}
"""What can happen to a call, with its weight."""


@dataclass
class Dice:
    """Decides about each call; ``share`` of them go wrong while it is on."""

    random: Random
    share: float
    thrown: Counter[str] = field(default_factory=Counter)
    names: tuple[str, ...] = tuple(FAULTS)

    def throw(self, request: web.Request) -> Fault | None:
        """Return what happens to a call."""
        del request
        if self.random.random() >= self.share:
            return None
        (name,) = self.random.choices(self.names, weights=[FAULTS[name][0] for name in self.names])
        self.thrown[name] += 1
        return FAULTS[name][1]


class ChaosSlack(SlackFake):
    """Slack on the real clock, with the bound that history is asked for, and a journal of what had an effect."""

    def __init__(self) -> None:
        super().__init__(clock=time.time, channels=dict(CHANNELS))
        self.begun = self.clock()
        self.journal: list[tuple[float, str, str, str]] = []
        """Seconds since the start, method, channel, and what was posted."""

    def story(self, channel: str, signal_id: str) -> list[str]:
        """Return what was done about one signal, from its first post to its last."""
        own = [at for at, _, where, what in self.journal if where == channel and signal_id in what]
        return [
            f"{at:.1f} {method} {what}"
            for at, method, where, what in self.journal
            if own and where == channel and own[0] - 1 <= at <= own[-1] and (not what or signal_id in what)
        ]

    def _answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = super()._answer(method, arguments)
        payload = arguments["metadata"]["event_payload"] if "metadata" in arguments else {}
        what = " ".join(str(payload[name]) for name in ("signal_id", "part", "seq") if name in payload)
        self.journal.append((self.now() - self.begun, method, str(arguments.get("channel", "")), what))
        return answer

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        since = float(arguments.get("oldest", 0))
        hidden = {place: self.messages[place] for place, at in self.posted_at.items() if at < since}
        for place in hidden:
            del self.messages[place]
        try:
            return super()._history(arguments)
        finally:
            self.messages |= hidden


class Services:
    """All three, as a context."""

    def __init__(self, seed: int, share: float) -> None:
        self.dice = {name: Dice(Random(f"{seed} {name}"), share) for name in ("slack", "crm", "webhook")}  # noqa: S311
        self.slack = ChaosSlack()
        self.hubspot = HubspotFake(clock=time.time)
        self.webhook = WebhookFake(clock=time.time)
        self.slack.lag_s = self.hubspot.lag_s = LAG_S
        self._stack = AsyncExitStack()

    @property
    def servers(self) -> dict[str, FakeServer]:
        """The three by sink."""
        return {"slack": self.slack, "crm": self.hubspot, "webhook": self.webhook}

    async def __aenter__(self) -> "Services":
        """Serve."""
        for name, server in self.servers.items():
            server.fault_for = self.dice[name].throw
            await self._stack.enter_async_context(server.running())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Serve no more."""
        await self._stack.aclose()

    def settings(self) -> str:
        """Return the sinks section of a settings file."""
        ids = ", ".join(f"{name}: {identity}" for name, identity in CHANNELS.items())
        channels = ", ".join(f"{family}: {family.replace('_', '-')}" for family in FAMILIES)
        return (
            f"routing: {{webhook: true, channels: {{{channels}}}}}\n"
            "sinks:\n"
            f'  slack: {{base_url: "{self.slack.url}/api/", channel_ids: {{{ids}}}}}\n'
            f'  hubspot: {{base_url: "{self.hubspot.url}"}}\n'
            f'  webhook: {{url: "{self.webhook.url}/hook"}}\n'
        )

    def mend(self) -> None:
        """From now on every call succeeds."""
        for dice in self.dice.values():
            dice.share = 0.0
        for server in self.servers.values():
            server.always = None


SECRETS = {
    "SIGNALS_SLACK_TOKEN": "xoxb-chaos",
    "SIGNALS_HUBSPOT_TOKEN": "pat-chaos",
    "SIGNALS_WEBHOOK_SECRET": "chaos-chaos-chaos-chaos",
}
