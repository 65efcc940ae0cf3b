"""``signals config``: say whether the settings file is right."""

import click

from signals.commands.frame import Frame, pass_frame
from signals.settings.load import Secrets
from signals.wiring.catalogue import pack_sources
from signals.wiring.kafka import client_of
from signals.wiring.policy import policy_of
from signals.wiring.sinks import sinks_config

EMBEDDED = "embedded broker, in memory, on this machine"


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command("check")
@pass_frame
def check_config(frame: Frame) -> None:
    """Read the settings as a start would, and say what holds. Secrets are never shown."""
    configuration = frame.configuration()
    settings = configuration.settings
    policy_of(settings)
    client_of(configuration)
    sinks_config(configuration)
    pack_sources(configuration)
    set_secrets = [
        Secrets.variable(name) for name in vars(configuration.secrets) if getattr(configuration.secrets, name)
    ]
    click.echo(f"settings: {configuration.file or 'defaults (no signals.yaml here)'}: valid")
    how = ", ".join(filter(None, (settings.kafka.security, settings.kafka.sasl_mechanism)))
    click.echo(f"kafka: {f'{settings.kafka.bootstrap} ({how})' if settings.kafka.bootstrap else EMBEDDED}")
    click.echo(f"time: {settings.time.source}, zone {settings.time.zone}")
    click.echo(f"secrets set: {', '.join(set_secrets) or 'none'}")
