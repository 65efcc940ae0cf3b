"""The command ``signals``: a list of commands, nothing else."""

from importlib.metadata import version
from pathlib import Path

import click

from signals.commands.catalogue import catalogue
from signals.commands.config import config
from signals.commands.deadletter import deadletter
from signals.commands.demo import demo
from signals.commands.erase import erase
from signals.commands.frame import CONFIG_VARIABLE, Frame, TellingGroup
from signals.commands.history import produce, replay
from signals.commands.report import report
from signals.commands.rules import check, explain, why_not
from signals.commands.run import up, worker
from signals.commands.schemas import schemas
from signals.commands.simulate import simulate
from signals.commands.terms import terms
from signals.commands.topics import topics


@click.group(cls=TellingGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "file",
    envvar=CONFIG_VARIABLE,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; default: signals.yaml here, if there is one.",
)
@click.version_option(version("signals"), prog_name="signals")
@click.pass_context
def main(ctx: click.Context, file: Path | None) -> None:
    """Account signals from usage, billing and CRM events.

    Without a Kafka configured every command that needs one starts a broker of its own on this machine.
    """
    ctx.obj = Frame(file)


COMMANDS = (
    catalogue,
    check,
    config,
    deadletter,
    demo,
    erase,
    explain,
    produce,
    replay,
    report,
    schemas,
    simulate,
    terms,
    topics,
    up,
    why_not,
    worker,
)
for command in COMMANDS:
    main.add_command(command)
