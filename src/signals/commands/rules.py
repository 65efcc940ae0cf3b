"""``signals check``, ``explain`` and ``why-not``: whether the rules are right, and why they did or did not speak."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from signals.backtest.examples import live_catalogue, play_all
from signals.backtest.explain import Explained, Silence
from signals.backtest.explain import explain as run_explain
from signals.backtest.explain import why_not as run_why_not
from signals.commands.frame import EXIT_ERROR, Frame, pass_frame
from signals.commands.history import Instant
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.reason import Reason
from signals.detectors.language.words import canonical
from signals.engine.policy import Policy
from signals.ingest.lines import read_files
from signals.ingest.record import RawRecord
from signals.settings.load import Configuration
from signals.sinks.wording import as_words
from signals.wiring.catalogue import catalogue_of, rules_of
from signals.wiring.history import read_inputs
from signals.wiring.kafka import decoder_of
from signals.wiring.policy import policy_of

FILE = click.option(
    "--file",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Event file to read instead of the input topics; repeat for several.",
)
UNTIL = click.option("--until", type=Instant(), help="Drive time to this instant; default: the end of the history.")


@click.command()
@pass_frame
@click.pass_context
def check(ctx: click.Context, frame: Frame) -> None:
    """Load every rule pack and play its examples."""
    rules = rules_of(frame.configuration())
    catalogue = live_catalogue(rules, VOCABULARY)  # one in shadow or off has to be right before it speaks
    # Examples are about the rules' content: they hold under the defaults, whatever this installation has set.
    played = list(play_all(catalogue.rules, catalogue=catalogue, policy=Policy()))
    failed = [one for one in played if not one.ok]
    for one in failed:
        click.echo(one.explain(), err=True)
    families = Counter(rule.family.value for rule in rules)
    click.echo(f"{len(rules)} rules: " + ", ".join(f"{name} {count}" for name, count in families.items()))
    click.echo(f"{len(played)} examples, {len(failed)} not as expected")
    if failed:
        ctx.exit(EXIT_ERROR)


@click.command()
@click.argument("signal_id", metavar="SIGNAL")
@FILE
@UNTIL
@pass_frame
@click.pass_context
def explain(ctx: click.Context, frame: Frame, signal_id: str, paths: tuple[Path, ...], until: datetime | None) -> None:
    """Replay the events and show why a signal said what it said.

    SIGNAL is the id in the card's footer. The events come from the input topics, as far back as they reach.
    """
    configuration = frame.configuration()
    found = run_explain(
        _records(configuration, paths),
        signal_id,
        decoder=decoder_of(configuration),
        catalogue=catalogue_of(configuration),
        policy=policy_of(configuration.settings),
        epoch=configuration.settings.kafka.epoch,
        until=until,
    )
    if not found:
        click.echo(f"{signal_id}: the events that are there do not give this signal", err=True)
        ctx.exit(EXIT_ERROR)
    for one in found:
        click.echo(explained(one))


@click.command("why-not")
@click.argument("account")
@FILE
@UNTIL
@click.option("--rule", help="Only this rule; default: all that were held back, then a count of the others.")
@pass_frame
@click.pass_context
def why_not(
    ctx: click.Context, frame: Frame, account: str, paths: tuple[Path, ...], until: datetime | None, rule: str | None
) -> None:
    """Show why an account is silent: what was held back, and which comparisons fail or are not known."""
    configuration = frame.configuration()
    silences = run_why_not(
        _records(configuration, paths, account),
        account,
        decoder=decoder_of(configuration),
        catalogue=catalogue_of(configuration),
        policy=policy_of(configuration.settings),
        epoch=configuration.settings.kafka.epoch,
        until=until,
    )
    chosen = [one for one in silences if one.rule.id == rule] if rule else silences
    if not chosen:
        click.echo(f"{account}: no events of this account, or no such rule that is silent", err=True)
        ctx.exit(EXIT_ERROR)
    for one in chosen:
        click.echo(silence(one))


def explained(one: Explained) -> str:
    """Return one transition and the comparisons behind it, in lines."""
    said = one.transition
    lines = [f"{said.at:%Y-%m-%d %H:%M} {said.change.value} {said.rule} [{said.severity.value}] {said.headline}"]
    lines += [f"    {reason_words(reason)}" for reason in one.reasons]
    positions = ", ".join(f"{p.epoch}:{p.topic}:{p.partition}:{p.offset}" for p in said.caused_by)
    return "\n".join([*lines, f"    caused by {positions or 'the passing of time'}"])


def silence(one: Silence) -> str:
    """Return why one rule is silent, in lines."""
    lines = [f"{one.rule.id}"]
    lines += [
        f"    held {held.at:%Y-%m-%d %H:%M}: {held.reason.value}{f' {held.guard}' if held.guard else ''} {held.text}"
        for held in one.held
    ]
    return "\n".join([*lines, *(f"    {reason_words(reason)}" for reason in one.reasons)])


def reason_words(reason: Reason) -> str:
    """Return one comparison with the values it saw."""
    outcome = "not known" if reason.unknown else "yes" if reason.outcome is True else "no"
    seen = f" ({reason.label or reason.name}: {value_words(reason)})" if reason.name else ""
    missing = f" (not known: {', '.join(reason.unknown)})" if reason.unknown else seen
    return f"{outcome:9} {reason.text}{missing}"


def value_words(reason: Reason) -> str:
    """Return the value a comparison saw as a card does, and all that tells it from what it was held against.

    >>> value_words(Reason("", value=Decimal(69) / 17, unit="months", threshold=Decimal(9)))
    '4.06 months'
    >>> value_words(Reason("", value=Decimal("0.2999"), unit="share", threshold=Decimal("0.3")))
    '29.99 %'
    """
    unit = "" if reason.unit == "count" else reason.unit  # where zero is "none"
    value, against = _as_number(reason.value), _as_number(reason.threshold)
    if value is None:
        return f"{canonical(reason.value)} {reason.unit}".rstrip()
    alike = against is not None and against != value and as_words(value, unit) == as_words(against, unit)
    return as_words(value, unit, exact=alike)


def _as_number(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _records(configuration: Configuration, paths: tuple[Path, ...], account: str | None = None) -> Iterable[RawRecord]:
    if paths:
        return read_files(paths, partitions=configuration.settings.kafka.partitions)
    return read_inputs(configuration, account)
