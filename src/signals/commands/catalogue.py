"""``signals catalogue``: every signal of the handbook with its state, its rule and its numbers."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import get_args

import click

from signals.commands.columns import columns
from signals.commands.frame import Frame, pass_frame
from signals.detectors.language.names import Param
from signals.detectors.language.words import canonical
from signals.detectors.rules.coverage import Listed, State, coverage, handbook, unit_of
from signals.wiring.catalogue import rules_of

SELF_EVIDENT = ("", "count", "text")
"""Units that tell a reader of the table nothing."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One list of objects, for other programs.")
@click.option("--proposed", is_flag=True, help="Only parameters that are proposals, to tune.")
@click.option("--state", type=click.Choice(get_args(State)), help="Only this state.")
@click.option("--family", help="Only this family.")
@pass_frame
def catalogue(frame: Frame, as_json: bool, proposed: bool, state: str | None, family: str | None) -> None:
    """List every signal of the handbook: live, in shadow, off, an alias, or why it is no rule."""
    everything = coverage(rules_of(frame.configuration()), handbook())
    families = sorted({one.family for one in everything})
    if family is not None and family not in families:
        raise click.BadParameter(f"{family!r} is not one of {', '.join(families)}", param_hint="--family")
    listed = [one for one in everything if state in (None, one.state) and family in (None, one.family)]
    if as_json:
        click.echo(json.dumps([one.as_json() for one in listed], ensure_ascii=False, indent=1))
        return
    lines = proposals(listed) if proposed else table(listed)
    for line in lines:
        click.echo(line)


def table(listed: Iterable[Listed]) -> list[str]:
    """Return a head, one line per signal, then the count of each state."""
    listed = list(listed)
    rows = [("signal", "family", "state", "source", "numbers")]
    for one in listed:
        said = f"{one.state} of {one.about}" if one.state == "alias" else one.state
        numbers = ", ".join(map(number, one.params))
        tail = one.about if one.state in ("needs input", "not a rule") else numbers
        rows.append((one.id, one.family, said, one.source.removeprefix("handbook "), tail))
    states = Counter(one.state for one in listed)
    total = f"{len(listed)} signals: " + ", ".join(f"{count} {name}" for name, count in states.most_common())
    return [*columns(rows), total]


def number(param: Param) -> str:
    """Return a parameter as the table shows it: name, value, and the unit where it says something."""
    unit = unit_of(param)
    return f"{param.name} {canonical(param.value)}" + (f" {unit}" if unit not in SELF_EVIDENT else "")


def proposals(listed: Iterable[Listed]) -> list[str]:
    """Return a head, and one line per parameter whose value is a proposal, ours or the handbook reader's."""
    rows = [("signal", "number", "value", "unit", "from", "what it is")]
    rows += [
        (one.id, param.name, canonical(param.value), unit_of(param), param.source, param.doc)
        for one in listed
        for param in one.params
        if param.source in ("proposed", "ours")
    ]
    return columns(rows)
