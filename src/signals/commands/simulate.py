"""``signals simulate``: a company with a truth, as files."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from signals.domain.errors import ConfigError
from signals.simulator.company import simulate as make
from signals.simulator.files import write_files
from signals.simulator.settings import PRESETS, SimulationSettings


@click.command()
@click.option("--preset", type=click.Choice(sorted(PRESETS)), help="Start from a preset instead of the defaults.")
@click.option("--accounts", type=click.IntRange(min=1), help="Number of organizations.")
@click.option("--days", type=click.IntRange(min=1), help="Calendar days from --start on.")
@click.option("--seed", type=int, help="Another seed gives another company with the same plots.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; best the first of a month.")
@click.option("--plot", "plots", multiple=True, help="Plot to write, one per account; repeat for several.")
@click.option("--bad-input", type=click.FloatRange(0, 0.5), help="Share of records nobody can use.")
@click.option("--broadcasts", is_flag=True, help="Also incidents, launches and ranks, told to all accounts at once.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("simulated"),
    show_default=True,
    help="Folder for events.jsonl and truth.json.",
)
def simulate(
    preset: str | None,
    accounts: int | None,
    days: int | None,
    seed: int | None,
    start: datetime | None,
    plots: tuple[str, ...],
    bad_input: float | None,
    broadcasts: bool,
    out: Path,
) -> None:
    """Write the events of a simulated company, and the truth of what was planted in them.

    The events file is what `signals produce` and `signals replay` take. Equal options give equal bytes.
    """
    settings = PRESETS[preset] if preset else SimulationSettings()
    changes: dict[str, int | float | date | tuple[str, ...] | None] = {
        "accounts": accounts,
        "days": days,
        "seed": seed,
        "start": start.date() if start else None,
        "plots": plots or None,
        "bad_input_share": bad_input,
        "broadcasts": broadcasts or None,
    }
    try:
        settings = replace(settings, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]  # one dict for fields of several types
        simulation = make(settings)
    except ValueError as error:
        raise ConfigError("simulate", str(error)) from None
    written = write_files(simulation, out)
    total = sum(written.events.values())
    click.echo(f"{written.events_path}: {total:,} events of {len(simulation.org_ids)} accounts")
    click.echo(f"{written.truth_path}: {len(simulation.truth)} planted findings")
    click.echo(f"ends at {simulation.end.isoformat()} (signals replay {written.events_path} --until ...)")
