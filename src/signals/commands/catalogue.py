"""``signals catalogue``: every signal of the handbook with its state, its rule and its numbers."""

import json
from collections import Counter
from collections.abc import Iterable

import click

from signals.commands.frame import Frame, pass_frame
from signals.detectors.language.words import canonical
from signals.detectors.rules.coverage import Listed, coverage, handbook, unit_of
from signals.wiring.catalogue import rules_of


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One list of objects, for other programs.")
@click.option("--proposed", is_flag=True, help="Only parameters that are proposals, to tune.")
@click.option("--state", help="Only this state, such as live or missing.")
@click.option("--family", help="Only this family.")
@pass_frame
def catalogue(frame: Frame, as_json: bool, proposed: bool, state: str | None, family: str | None) -> None:
    """List every signal of the handbook: live, in shadow, off, an alias, or why it is no rule."""
    listed = [
        one
        for one in coverage(rules_of(frame.configuration()), handbook())
        if (state is None or one.state == state) and (family is None or one.family == family)
    ]
    if as_json:
        click.echo(json.dumps([one.as_json() for one in listed], ensure_ascii=False, indent=1))
        return
    lines = proposals(listed) if proposed else table(listed)
    for line in lines:
        click.echo(line)


def table(listed: Iterable[Listed]) -> list[str]:
    """Return one line per signal, then the count of each state."""
    listed = list(listed)
    lines = []
    for one in listed:
        said = f"{one.state} of {one.about}" if one.state == "alias" else one.state
        numbers = ", ".join(f"{param.name} {canonical(param.value)} {unit_of(param)}".rstrip() for param in one.params)
        tail = one.about if one.state in ("needs input", "not a rule") else numbers
        lines.append(f"{one.id:38} {one.family:21} {said:12} {tail}".rstrip())
    states = Counter(one.state for one in listed)
    lines.append(f"{len(listed)} signals: " + ", ".join(f"{count} {name}" for name, count in states.most_common()))
    return lines


def proposals(listed: Iterable[Listed]) -> list[str]:
    """Return one line per parameter whose value is a proposal, ours or the handbook reader's."""
    found = [(one, param) for one in listed for param in one.params if param.source in ("proposed", "ours")]
    return [
        f"{one.id:38} {param.name:26} {canonical(param.value):>12} {unit_of(param):9} {param.source:8} "
        f"{param.doc}".rstrip()
        for one, param in found
    ]
