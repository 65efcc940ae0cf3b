"""What every command shares: the configuration, and errors as one clear line with exit code 2."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from aiokafka.errors import KafkaConnectionError, KafkaError

from signals.domain.errors import SignalsError
from signals.settings.load import Configuration, load_configuration
from signals.streams.local_broker import LocalBrokerError, LogTruncated
from signals.telemetry.logs import Redactor, configure_logs
from signals.wiring.kafka import require_access

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells expect of a program ended by Ctrl-C."""

CONFIG_VARIABLE = "SIGNALS_CONFIG"

TOLD = (SignalsError, LocalBrokerError, LogTruncated)
"""Errors whose text is written for the user; anything else is a bug and shows its traceback."""


@dataclass
class Frame:
    """What the group hands to each command. The file is read on first use, so that ``--help`` never fails on it."""

    file: Path | None
    loaded: Configuration | None = None

    def configuration(self, role: str = "cli") -> Configuration:
        """Return the configuration and let this process log as it says; *role* stands on each line."""
        if self.loaded is None:
            self.loaded = load_configuration(self.file, os.environ)
            logging = self.loaded.settings.logging
            configure_logs(logging.style, logging.level, role=role, secrets=self.loaded.hidden())
        return self.loaded


pass_frame = click.make_pass_decorator(Frame)


class TellingGroup(click.Group):
    """Turns the errors of our tree into one line on standard error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 2 for our errors, 130 for Ctrl-C."""
        try:
            return super().invoke(ctx)
        except TOLD as error:
            click.echo(_redacted(ctx, f"error: {error}"), err=True)
            ctx.exit(EXIT_ERROR)
        except KafkaError as error:
            click.echo(_redacted(ctx, f"error: {_explained(ctx, error)}"), err=True)
            ctx.exit(EXIT_ERROR)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


def _explained(ctx: click.Context, error: KafkaError) -> str:
    """Return what stands between us and the brokers, if it is our settings; else what the client said."""
    if isinstance(ctx.obj, Frame) and ctx.obj.loaded is not None and isinstance(error, KafkaConnectionError):
        try:
            asyncio.run(require_access(ctx.obj.loaded))
        except SignalsError as reason:
            return str(reason)
    return f"kafka: {error}"


def _redacted(ctx: click.Context, text: str) -> str:
    """Return an error without any secret: libraries put what they were given into their own."""
    loaded = ctx.obj.loaded if isinstance(ctx.obj, Frame) else None
    return Redactor(loaded.hidden()).clean(text) if loaded is not None else text
