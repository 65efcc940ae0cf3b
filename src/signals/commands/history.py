"""``signals produce`` and ``signals replay``: event files onto the topics, or through the engine without Kafka."""

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from signals.backtest.replay import Replayed
from signals.backtest.replay import replay as run_replay
from signals.commands.frame import Frame, pass_frame
from signals.ingest.lines import LineReader, read_files
from signals.ingest.produce import produce as send
from signals.ingest.record import RawRecord
from signals.wiring.catalogue import catalogue_of
from signals.wiring.kafka import bootstrap_of, client_of, decoder_of
from signals.wiring.policy import policy_of, topics_of

FILES = click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True)
)


class Instant(click.ParamType):
    """An ISO 8601 instant; without a zone it is UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant, or fail with an example."""
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2026-05-01T00:00:00+00:00", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.command()
@FILES
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Records a second at most.")
@click.option("--close-at", type=Instant(), help="Then say on every partition that time has reached this instant.")
@pass_frame
def produce(frame: Frame, paths: tuple[Path, ...], rate: float | None, close_at: datetime | None) -> None:
    """Put event files on the input topics.

    Each line is {"topic": ..., "key": ..., "value": ...} and may have "received_at".
    """
    configuration = frame.configuration()
    partitions = configuration.settings.kafka.partitions

    def records() -> Iterator[RawRecord]:
        yield from read_files(paths, partitions=partitions)
        if close_at is not None:
            yield from LineReader(partitions).closing(close_at)

    produced = asyncio.run(
        send(
            records(),
            bootstrap=bootstrap_of(configuration),
            topics=topics_of(configuration.settings),
            rate=rate,
            client=client_of(configuration),
        )
    )
    total = sum(produced.records.values())
    click.echo(f"{total:,} records: " + ", ".join(f"{topic} {count:,}" for topic, count in produced.records.items()))


@click.command()
@FILES
@click.option("--until", type=Instant(), help="Drive time to this instant; default: the end of the history.")
@click.option("--account", help="Follow one account only.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("-"),
    help="Where the transitions go, one JSON object a line as on signal-events; default: standard output.",
)
@click.option("--suppressions", type=click.Path(path_type=Path, dir_okay=False), help="Also write what was held back.")
@pass_frame
def replay(
    frame: Frame, paths: tuple[Path, ...], until: datetime | None, account: str | None, out: Path,
    suppressions: Path | None,
) -> None:  # fmt: skip
    """Run event files through the engine, without Kafka.

    Equal input gives equal bytes. What came of it is told on standard error.
    """
    configuration = frame.configuration()
    settings = configuration.settings
    # Accounts live to the end, and the collector would look through all of them again and again. Nothing here makes
    # garbage that only it could free.
    gc.disable()
    result = run_replay(
        read_files(paths, partitions=settings.kafka.partitions),
        decoder=decoder_of(configuration),
        catalogue=catalogue_of(configuration),
        policy=policy_of(settings),
        epoch=settings.kafka.epoch,
        until=until,
        only=account,
    )
    _write(out, result.transitions)
    if suppressions is not None:
        _write(suppressions, result.suppressions)
    click.echo(summary(result), err=True)


def _write(path: Path, records: Iterable[msgspec.Struct]) -> None:
    """Write one JSON object a line, to standard output for ``-``."""
    encode = msgspec.json.Encoder().encode
    if str(path) == "-":
        for record in records:
            sys.stdout.buffer.write(encode(record) + b"\n")
        sys.stdout.buffer.flush()
        return
    with path.open("wb") as file:
        for record in records:
            file.write(encode(record) + b"\n")


def summary(result: Replayed) -> str:
    """Return what a replay came to, a subject a line."""
    families = Counter(f"{one.family.value} {one.change.value}" for one in result.transitions)
    held = Counter(f"{one.reason.value}{f' {one.guard}' if one.guard else ''}" for one in result.suppressions)
    dead = Counter(one.reason.value for one in result.rejected) + Counter(one.reason.value for one in result.dead)
    rows = [
        ("records", f"{result.records:,} ({len(result.accounts):,} accounts)"),
        ("driven to", result.until.isoformat() if result.until else "nothing"),
        ("events", f"applied {result.applied:,}, duplicate {result.duplicates:,}, late {result.late:,}"),
        ("transitions", counted(families)),
        ("held back", counted(held)),
        ("dead letters", counted(dead)),
        ("deliveries", f"{result.deliveries:,} ({result.unowned:,} to a stand-in)"),
    ]
    return "\n".join(f"{name:13} {text}" for name, text in rows)


def counted(counter: Counter[str]) -> str:
    """Return a counter in words, the largest first.

    >>> counted(Counter(a=2, b=10))
    '12: b 10, a 2'
    """
    if not counter:
        return "none"
    return f"{counter.total():,}: " + ", ".join(f"{name} {count:,}" for name, count in counter.most_common())
