"""``signals topics``: make what is missing, and say what is not as it must be."""

import asyncio

import click

from signals.commands.frame import EXIT_ERROR, Frame, pass_frame
from signals.ingest.rekey import rekey as copy_memories
from signals.streams.admin import check_topics, create_topics
from signals.streams.topics import Topics
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of


@click.group()
def topics() -> None:
    """Create and check the topics on a Kafka of yours; the embedded broker makes its own."""


@topics.command("create")
@pass_frame
def create(frame: Frame) -> None:
    """Make every topic that is missing, with its partitions, copies and retention."""
    configuration = frame.configuration()
    made = asyncio.run(
        create_topics(
            bootstrap_of(configuration),
            topics_of(configuration.settings),
            replication=configuration.settings.kafka.replication,
            min_insync=configuration.settings.kafka.copies_needed,
            client=client_of(configuration),
        )
    )
    click.echo("\n".join(f"made {name}" for name in made) or "all topics are there")


@topics.command("check")
@click.option("--settings/--no-settings", "with_settings", default=True, help="Also compare topic settings.")
@pass_frame
@click.pass_context
def check(ctx: click.Context, frame: Frame, with_settings: bool) -> None:
    """Fail when a topic is missing or not as it must be; nothing is repaired."""
    configuration = frame.configuration()
    found = asyncio.run(
        check_topics(
            bootstrap_of(configuration),
            topics_of(configuration.settings),
            replication=configuration.settings.kafka.replication,
            min_insync=configuration.settings.kafka.copies_needed,
            settings=with_settings,
            client=client_of(configuration),
        )
    )
    for difference in found:
        click.echo(str(difference), err=True)
    if found:
        ctx.exit(EXIT_ERROR)
    click.echo("all topics are as they must be")


@topics.command("rekey")
@click.option("--partitions", type=click.IntRange(1, 512), required=True, help="Of the new topics.")
@click.option("--prefix", required=True, help="Of the new topics; another than now, such as v2-.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_frame
def rekey(frame: Frame, partitions: int, prefix: str, yes: bool) -> None:
    """Copy accounts, signals and what was sent to new topics with another partition count.

    The settings still name the old topics; producers and roles are stopped and nothing lags. docs/scaling.md has the
    whole procedure.
    """
    configuration = frame.configuration()
    settings, client = configuration.settings.kafka, client_of(configuration)
    old, new = topics_of(configuration.settings), Topics(partitions=partitions, prefix=prefix)
    if not yes:
        click.confirm(f"copy {old.partitions} partitions of {old.prefix!r} to {partitions} of {prefix!r}?", abort=True)
    bootstrap = bootstrap_of(configuration)
    asyncio.run(create_topics(bootstrap, new, replication=settings.replication, client=client))
    done = asyncio.run(copy_memories(bootstrap, old, new, client=client))
    for name, count in done.copied.items():
        click.echo(f"{name}: {count:,} records")
    if done.without_account:
        click.echo(f"{done.without_account:,} records of signals that are gone were left behind")
    click.echo(f"now set kafka.partitions {partitions}, kafka.prefix {prefix!r}, kafka.epoch {settings.epoch + 1}")
