"""Settings -> the canary: its rule and route, who sends it, and the sink that sees it arrive."""

import dataclasses
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

from signals.detectors.contract import Route, Rule
from signals.domain.canary import CANARY_RULE
from signals.domain.signal import Delivery
from signals.ingest.canary import send_canaries
from signals.ingest.config import Clock as TwoClocks
from signals.settings.alarms import CanarySettings
from signals.settings.load import Configuration
from signals.settings.model import Settings
from signals.sinks.contract import Clock, Paced, Sent, Sink
from signals.streams.deliver import DeliverStatus
from signals.streams.topics import partition_for
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import Canary
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of
from signals.wiring.sinks import wall_clock


def with_route(rule: Rule, canary: CanarySettings) -> Rule:
    """Return *rule*, going where the settings say when it is the canary's."""
    if rule.id != CANARY_RULE:
        return rule
    channel = f"#{canary.channel.removeprefix('#')}"
    return dataclasses.replace(rule, route=Route(channel=channel, sinks=(canary.sink,), tag_owner=False))


def sent_at(delivery: Delivery) -> datetime | None:
    """Return when the canary of a delivery was sent; None when it is no canary's.

    Not the transition's own time: that is the account's clock, which may be ahead.
    """
    if delivery.transition.rule != CANARY_RULE:
        return None
    shown = next((line.value for line in delivery.transition.evidence if line.name == "canary.sent_at"), "")
    try:
        return datetime.fromisoformat(shown)
    except ValueError:
        return None


class CanarySink:
    """A sink that tells when a canary arrived; everything else is that of the sink inside."""

    def __init__(self, sink: Sink, clock: Clock, arrived: Callable[[str, float], None]) -> None:
        self._sink, self._clock, self._arrived = sink, clock, arrived

    @property
    def name(self) -> str:
        """That of the sink inside."""
        return self._sink.name

    async def start(self) -> None:
        """Start the sink inside."""
        await self._sink.start()

    async def stop(self) -> None:
        """Stop the sink inside."""
        await self._sink.stop()

    async def turn(self, destination: str) -> None:
        """Wait for the sink's turn."""
        if isinstance(self._sink, Paced):
            await self._sink.turn(destination)

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Send with the sink inside; what it has answered has arrived."""
        answer = await self._sink.send(delivery, sent, redelivered=redelivered)
        at = sent_at(delivery)
        if at is not None:
            self._arrived(delivery.transition.org_id, max(0.0, (self._clock() - at).total_seconds()))
        return answer


class Expected:
    """What deliver needs to see canaries arrive: the watchdog, its metrics, and the status that names its partitions.

    Parameters
    ----------
    settings
        With ``canary.every`` set.
    monotonic, clock
        The two clocks.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Clock = wall_clock,
    ) -> None:
        self.sink: str = settings.canary.sink
        self.status = DeliverStatus()
        self.watchdog = Canary(settings.canary.limit.total_seconds(), lambda: self.status.partitions or frozenset())
        self._metrics, self._monotonic, self._clock = metrics, monotonic, clock
        self._partitions = settings.kafka.partitions
        metrics.count("signals_canaries", 0, outcome="arrived")  # so that its first increase is seen
        metrics.follow("signals_canary_age_seconds", self._age_s, sink=self.sink)

    def watched(self, sink: Sink) -> Sink:
        """Return *sink* so that it tells of canaries; one that gets none is returned as it is."""
        return CanarySink(sink, self._clock, self._arrived) if sink.name == self.sink else sink

    def _arrived(self, org_id: str, latency_s: float) -> None:
        self.watchdog.arrived(partition_for(org_id, self._partitions), self._monotonic(), latency_s)
        self._metrics.count("signals_canaries", outcome="arrived")
        self._metrics.observe("signals_canary_latency_seconds", latency_s)

    def _age_s(self) -> float:
        return self.watchdog.look(self._monotonic()).age_s or 0.0


def expecting(settings: Settings, metrics: Metrics) -> Expected | None:
    """Return what deliver needs, None when there is no canary."""
    return None if settings.canary.every is None else Expected(settings, metrics)


async def sending(
    configuration: Configuration, metrics: Metrics, clock: TwoClocks, partitions: Callable[[], Iterable[int]]
) -> None:
    """Send canaries as configured; returns never, unless there are none to send."""
    settings = configuration.settings
    if settings.canary.every is None:
        return

    metrics.count("signals_canaries", 0, outcome="sent")  # so that the first increase is seen

    def told(outcome: Literal["sent", "failed"], count: int) -> None:
        metrics.count("signals_canaries", count, outcome=outcome)

    await send_canaries(
        topics_of(settings),
        partitions,
        every=settings.canary.every,
        bootstrap=bootstrap_of(configuration),
        clock=clock,
        told=told,
        client=client_of(configuration),
    )
