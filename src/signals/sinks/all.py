"""Every sink there is, built from configuration: an ordinary list, in an ordinary function."""

from collections.abc import Callable
from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from rich.console import Console

from signals.domain.reasons import ChartOutcome
from signals.sinks.appearance import Appearance
from signals.sinks.contract import Clock, Sink
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.hubspot.sink import HubspotSink
from signals.sinks.pacing import Monotonic, Pacer, Sleep
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.sink import SlackSink
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from signals.sinks.webhook.config import WebhookConfig
from signals.sinks.webhook.sink import WebhookSink

SLACK_BURST = 3
# Short bursts are allowed: a card and its thread reply go out together, and one more step.

HUBSPOT_INTERVAL = timedelta(milliseconds=110)
HUBSPOT_BURST = 10
# 100 calls in ten seconds, which HubSpot allows every private app (190 with its larger plans; usage guidelines).


class SinksConfig(BaseModel):
    """Configuration of all sinks; each part may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    appearance: Appearance = Appearance()
    slack: SlackConfig = SlackConfig()
    hubspot: HubspotConfig = HubspotConfig()
    webhook: WebhookConfig = WebhookConfig()


def build_sinks(
    config: SinksConfig,
    *,
    clock: Clock,
    monotonic: Monotonic,
    sleep: Sleep,
    console: Console,
    counted: Callable[[ChartOutcome], None] = lambda _outcome: None,
) -> tuple[Sink, ...]:
    """Return one sink per name (``slack``, ``crm``, ``webhook``), not started.

    Slack and CRM print to *console* when they have no token. The webhook refuses destinations that have no endpoint.
    *counted* is called with what became of each chart.
    """
    look = config.appearance
    slack: Sink
    if config.slack.token is None:
        slack = TerminalSlack(look, console=console, clock=clock)
    else:
        pacer = Pacer(interval=config.slack.post_every, burst=SLACK_BURST, monotonic=monotonic, sleep=sleep)
        slack = SlackSink(config.slack, look, pacer=pacer, clock=clock, counted=counted)
    crm: Sink
    if config.hubspot.token is None:
        crm = TerminalCrm(look, console=console, clock=clock)
    else:
        pacer = Pacer(interval=HUBSPOT_INTERVAL, burst=HUBSPOT_BURST, monotonic=monotonic, sleep=sleep)
        crm = HubspotSink(config.hubspot, look, pacer=pacer, clock=clock)
    return slack, crm, WebhookSink(config.webhook, clock=clock)
