"""``signals topics``: make what is missing, and say what is not as it must be."""

import asyncio

import click

from signals.commands.frame import EXIT_ERROR, Frame, pass_frame
from signals.streams.admin import check_topics, create_topics
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
