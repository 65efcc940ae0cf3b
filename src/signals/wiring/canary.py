"""Settings -> the canary: its rule and route, who sends it, and who sees it arrive."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Literal

from signals.detectors.contract import Route, Rule
from signals.domain.canary import CANARY_RULE
from signals.ingest.canary import send_canaries
from signals.ingest.config import Clock as TwoClocks
from signals.settings.alarms import CanarySettings
from signals.settings.load import Configuration
from signals.settings.model import Settings
from signals.streams.deliver import DeliverStatus
from signals.telemetry.metrics import Metrics
from signals.telemetry.watchdogs import Canary
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of


def with_route(rule: Rule, canary: CanarySettings) -> Rule:
    """Return *rule*, going where the settings say when it is the canary's."""
    if rule.id != CANARY_RULE:
        return rule
    channel = f"#{canary.channel.removeprefix('#')}"
    return dataclasses.replace(rule, route=Route(channel=channel, sinks=(canary.sink,), tag_owner=False))


def expecting(settings: Settings, status: DeliverStatus) -> Canary | None:
    """Return the watchdog of the canary, None when there is none.

    *status* is that of the worker that delivers to its sink: it names the partitions.
    """
    if settings.canary.every is None:
        return None
    limit_s = settings.canary.limit.total_seconds()
    return Canary(limit_s, lambda: status.partitions or frozenset(), sink=settings.canary.sink)


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
