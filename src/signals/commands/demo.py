"""``signals demo``: the main job, on this machine, in under three minutes."""

import asyncio
from datetime import timedelta

import click
from rich.console import Console

from signals.commands.frame import EXIT_INTERRUPTED
from signals.simulator.settings import PRESETS
from signals.telemetry.logs import configure_logs
from signals.wiring.demo.run import TELLING, run_demo
from signals.wiring.processes import stop_on_signals


@click.command()
@click.option("--preset", type=click.Choice(sorted(PRESETS)), default="demo", show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=TELLING.total_seconds(),
    show_default=True,
    help="How long the telling takes.",
)
@click.pass_context
def demo(ctx: click.Context, preset: str, seconds: float) -> None:
    """Show everything at work on a simulated company: no settings, no services, nothing left behind."""
    configure_logs("human", "warning", role="demo")
    if asyncio.run(_until_over_or_stopped(preset, timedelta(seconds=seconds))):
        click.echo("stopped; nothing is left running", err=True)
        ctx.exit(EXIT_INTERRUPTED)


async def _until_over_or_stopped(preset: str, telling: timedelta) -> bool:
    """Return whether it was stopped before its end."""
    async with stop_on_signals() as asked:
        running = asyncio.create_task(run_demo(Console(), preset=preset, telling=telling))
        stop = asyncio.create_task(asked.wait())
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if running.done():
            running.result()
            return False
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return True
