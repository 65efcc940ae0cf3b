"""``signals deadletter``: what nobody could use, and how to send it again after a fix."""

import asyncio
import base64

import click

from signals.commands.frame import Frame, pass_frame
from signals.domain.reasons import DeadReason
from signals.ingest.deadletters import DeadFilter, list_dead_letters, once, replay_dead_letters
from signals.settings.load import Configuration
from signals.streams.deadletter import DeadLetter
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of

SHOWN_BYTES = 160


def _filters(command: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--position", help="EPOCH:TOPIC:PARTITION:OFFSET of one original."),
        click.option("--account", help="Only of this account."),
        click.option("--topic", help="Only from this topic (usage, billing, crm, broadcast, deliveries.slack ...)."),
        click.option("--reason", type=click.Choice([reason.value for reason in DeadReason]), help="Only for this."),
    ):
        command = option(command)
    return command


@click.group()
def deadletter() -> None:
    """Look at records nobody could use, and send them again."""


@deadletter.command("list")
@_filters
@pass_frame
def list_letters(
    frame: Frame, reason: str | None, topic: str | None, account: str | None, position: str | None
) -> None:
    """Show reason, position, message and the original's beginning, one record a line."""
    letters = asyncio.run(_letters(frame.configuration(), _wanted(reason, topic, account, position)))
    for letter in letters:
        click.echo(f"{letter.position} {letter.stage} {letter.reason.value}: {letter.message} | {_beginning(letter)}")
    click.echo(f"{len(letters)} dead letters", err=True)


@deadletter.command("replay")
@_filters
@click.option("--waive-too-late", is_flag=True, help="Let them in although they are behind the admission window.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_frame
def replay_letters(
    frame: Frame, reason: str | None, topic: str | None, account: str | None, position: str | None,
    waive_too_late: bool, yes: bool,
) -> None:  # fmt: skip
    """Send the originals to their topics as new records: events name where they came from, deliveries are looked up.

    A broadcast is sent once, however many partitions refused it.
    """
    configuration = frame.configuration()
    letters = list(once(asyncio.run(_letters(configuration, _wanted(reason, topic, account, position)))))
    if not letters:
        click.echo("no dead letter matches")
        return
    if not yes:
        click.confirm(f"send {len(letters)} records again?", abort=True)
    done = asyncio.run(
        replay_dead_letters(
            letters,
            bootstrap=bootstrap_of(configuration),
            topics=topics_of(configuration.settings),
            waive_too_late=waive_too_late,
            client=client_of(configuration),
        )
    )
    for refused in done.refused:
        click.echo(f"not sent: {refused.letter.position}: {refused.why}", err=True)
    click.echo(f"{done.sent} records sent again")


async def _letters(configuration: Configuration, wanted: DeadFilter) -> list[DeadLetter]:
    return await list_dead_letters(
        bootstrap=bootstrap_of(configuration),
        topics=topics_of(configuration.settings),
        wanted=wanted,
        client=client_of(configuration),
    )


def _wanted(reason: str | None, topic: str | None, account: str | None, position: str | None) -> DeadFilter:
    return DeadFilter(DeadReason(reason) if reason else None, topic, account, position)


def _beginning(letter: DeadLetter) -> str:
    """Return the first bytes of the original, unprintable ones escaped: it is whatever somebody sent."""
    value = base64.b64decode(letter.value) if letter.value is not None else b"null"
    text = value[:SHOWN_BYTES].decode(errors="backslashreplace")
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return shown + ("..." if len(value) > SHOWN_BYTES else "")
