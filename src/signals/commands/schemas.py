"""``signals schemas``: the generated contracts."""

from pathlib import Path

import click

from signals.commands.frame import EXIT_ERROR
from signals.schemas import files

_root = click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path(), help="The repository."
)


@click.group()
def schemas() -> None:
    """Write or check schemas/*.json, schemas/asyncapi.json, docs/events.md and docs/signals.md."""


@schemas.command("write")
@_root
def write(root: Path) -> None:
    """Write what differs from the models and the rule packs."""
    changed = files.write(root)
    click.echo("\n".join(f"wrote {path}" for path in changed) or "everything is fresh")


@schemas.command("check")
@_root
@click.pass_context
def check(ctx: click.Context, root: Path) -> None:
    """Fail when a file is stale, or when the models break users of the last release."""
    stale, broken = files.stale(root), files.breaking(root)
    for path in stale:
        click.echo(f"stale: {path} (run: signals schemas write)", err=True)
    for problem in broken:
        click.echo(f"breaks users of the last release: {problem}", err=True)
    if stale or broken:
        ctx.exit(EXIT_ERROR)
    click.echo("fresh, and compatible with the last release")


@schemas.command("release")
@_root
def release(root: Path) -> None:
    """Make today's schemas the ones that later changes are checked against."""
    files.release(root)
    click.echo(f"released: {files.RELEASED}")
