"""Settings and secrets -> sinks, not started."""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import SecretStr, ValidationError
from rich.console import Console

from signals.domain.errors import ConfigError
from signals.domain.reasons import ChartOutcome
from signals.settings.load import Configuration
from signals.settings.model import Settings
from signals.sinks.all import SinksConfig, build_sinks
from signals.sinks.appearance import Appearance
from signals.sinks.contract import Sink
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.slack.config import SlackConfig
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from signals.sinks.webhook.config import Endpoint, WebhookConfig
from signals.wiring.terminal import FirstOfRule, WithoutEdits

WEBHOOK_DESTINATION = "default"
"""The destination the engine's routes give the webhook sink."""


def wall_clock() -> datetime:
    """Return the present instant: the one place of the edge that reads it for the parts below."""
    return datetime.now(UTC)


def sinks_of(
    configuration: Configuration,
    console: Console | None = None,
    counted: Callable[[ChartOutcome], None] = lambda _outcome: None,
) -> tuple[Sink, ...]:
    """Return one sink per name, not started; without a token its cards and writes go to *console* (standard output).

    *counted* is called with what became of each chart.

    Raises
    ------
    ConfigError
        A setting that only the sink itself can judge, such as an address that is not https.
    """
    console = console or Console(file=sys.stdout)
    config = sinks_config(configuration)
    sinks = build_sinks(
        config,
        clock=wall_clock,
        monotonic=time.monotonic,
        sleep=asyncio.sleep,
        console=console,
        counted=counted,
    )
    if configuration.settings.sinks.terminal.cards == "all":
        return sinks
    return tuple(_readable(sink, config, console) for sink in sinks)


def _readable(sink: Sink, config: SinksConfig, console: Console) -> Sink:
    """Return *sink* so that what it prints can be read along; one that does not print is returned as it is."""
    if isinstance(sink, TerminalSlack):
        return FirstOfRule(sink, config.appearance, console=console, clock=wall_clock)
    if isinstance(sink, TerminalCrm):
        return WithoutEdits(sink, config.appearance, clock=wall_clock)
    return sink


def sinks_config(configuration: Configuration) -> SinksConfig:
    """Return the configuration of all sinks; see ``sinks_of`` for what it raises."""
    settings, secrets = configuration.settings, configuration.secrets
    slack, hubspot, webhook = settings.sinks.slack, settings.sinks.hubspot, settings.sinks.webhook
    endpoints = {}
    try:
        if webhook.url and secrets.webhook_secret:
            endpoints[WEBHOOK_DESTINATION] = Endpoint(url=webhook.url, secret=SecretStr(secrets.webhook_secret))
        return SinksConfig(
            appearance=_appearance(settings),
            slack=SlackConfig(
                token=_secret(secrets.slack_token),
                base_url=slack.base_url,
                channels=_with_hash(slack.channel_ids),
                users=_people(settings),
                post_every=slack.post_every,
                charts=slack.charts,
                see_all=settings.catch_up.see_all or "",
            ),
            hubspot=HubspotConfig(
                token=_secret(secrets.hubspot_token),
                base_url=hubspot.base_url,
                company_id_property=hubspot.org_property,
                task_reference_property=hubspot.task_property,
                owners=dict(hubspot.owners),
            ),
            webhook=WebhookConfig(endpoints=endpoints),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]  # the input may be the secret itself
        where = f"{configuration.file or 'settings'} sinks.{error.title}.{'.'.join(map(str, first['loc']))}"
        raise ConfigError(where, first["msg"].removeprefix("Value error, ")) from None


def _appearance(settings: Settings) -> Appearance:
    appearance = Appearance(names=dict(settings.routing.names), why_url=settings.links.why or "")
    if settings.sinks.slack.emoji is not None:
        appearance = appearance.model_copy(update={"emoji": dict(settings.sinks.slack.emoji)})
    return appearance


def _people(settings: Settings) -> dict[str, str]:
    """Return who is tagged how: people as they are, roles through the person who has them."""
    people = dict(settings.routing.people)
    for role, person in settings.routing.roles.items():
        if person in people:
            people.setdefault(role, people[person])
    return people


def _with_hash(channels: dict[str, str]) -> dict[str, str]:
    """Return the ids under both spellings, with ``#`` as the routes write them and without."""
    plain = {name.removeprefix("#"): channel for name, channel in channels.items()}
    return plain | {f"#{name}": channel for name, channel in plain.items()}


def _secret(value: str | None) -> SecretStr | None:
    return None if value is None else SecretStr(value)
