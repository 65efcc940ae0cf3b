"""``signals up`` and ``signals worker``: the whole installation, or one role."""

import asyncio

import click

from signals.commands.frame import EXIT_INTERRUPTED, Frame, pass_frame
from signals.settings.load import BOOTSTRAP_VARIABLE
from signals.telemetry.specs import REPORT_ROLE, ROLES
from signals.wiring.installation import Installation
from signals.wiring.processes import follow_parent, stop_on_signals
from signals.wiring.roles import host


@click.command()
@click.option("--role", type=click.Choice((*ROLES, REPORT_ROLE)), required=True)
@click.option("--http-port", type=click.IntRange(0, 65535), help="Port of /metrics; 0: any free one.")
@pass_frame
def worker(frame: Frame, role: str, http_port: int | None) -> None:
    """Run one role in this process; start as many processes of a role as it needs.

    Members of one role on one host need different SIGNALS_MEMBER values.
    """
    follow_parent()
    configuration = frame.configuration(role)
    asyncio.run(host(role, configuration, port=http_port))


@click.command()
@pass_frame
@click.pass_context
def up(ctx: click.Context, frame: Frame) -> None:
    """Run everything: all roles, one process each, and a broker if no Kafka is configured."""
    configuration = frame.configuration("up")
    if asyncio.run(_up(Installation(configuration))):
        ctx.exit(EXIT_INTERRUPTED)


async def _up(installation: Installation) -> bool:
    """Run until told to stop; return whether that was so."""
    async with stop_on_signals() as asked:
        starting = asyncio.create_task(_keep(installation))
        stop = asyncio.create_task(asked.wait())
        done, _ = await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if starting in done:
            starting.result()
            return False
        click.echo("stopping", err=True)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        click.echo("stopped; nothing is left running", err=True)
        return True


async def _keep(installation: Installation) -> None:
    async with installation:
        click.echo(f"kafka    {installation.bootstrap}" + (" (embedded, in memory)" if installation.embedded else ""))
        click.echo(f"metrics  {installation.health.url}/metrics")
        if installation.embedded:
            click.echo(f"in another shell: export {BOOTSTRAP_VARIABLE}={installation.bootstrap}")
        click.echo("up; Ctrl-C stops everything")
        await installation.watch()
