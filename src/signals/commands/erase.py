"""``signals erase``: the request to forget an account, as an event like any other."""

import asyncio
from datetime import UTC, datetime

import click
import msgspec

from signals.commands.frame import Frame, pass_frame
from signals.commands.history import Instant
from signals.domain.errors import ConfigError
from signals.domain.events.feedback import EraseRequested
from signals.ingest.produce import produce
from signals.ingest.record import RawRecord
from signals.settings.load import Configuration
from signals.streams.topics import partition_for
from signals.wiring.kafka import bootstrap_of, client_of
from signals.wiring.policy import topics_of


@click.command()
@click.argument("account")
@click.option("--by", default="operator", show_default=True, help="Who asked: a person of ours or a ticket.")
@click.option("--at", type=Instant(), help="Forget what happened up to then; default: now.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_frame
def erase(frame: Frame, account: str, by: str, at: datetime | None, yes: bool) -> None:
    """Forget ACCOUNT (an organization id): its state, its signals, and what its cards and tasks say.

    Later events of the account count again. What stays where, and how long: docs/runbooks/erase.md.
    """
    configuration = frame.configuration()
    if at is None and configuration.settings.time.source == "input":
        raise ConfigError("--at", "time comes from the input here", "the instant up to which everything is forgotten")
    try:
        event = EraseRequested(org_id=account, at=at or datetime.now(UTC), by=by)
    except ValueError as error:
        raise ConfigError("erase", str(error), "the organization id, as in its events") from None
    if not yes:
        click.confirm(f"forget all of {account} up to {event.at.isoformat()}? this cannot be undone", abort=True)
    asyncio.run(_send(configuration, event))
    click.echo(f"sent: {account} is erased when the event has gone through, as far as detect is behind")


async def _send(configuration: Configuration, event: EraseRequested) -> None:
    key = event.org_id.encode()
    partition = partition_for(event.org_id, configuration.settings.kafka.partitions)
    await produce(
        [RawRecord("feedback", partition, 0, key, msgspec.json.encode(event), ())],
        bootstrap=bootstrap_of(configuration),
        topics=topics_of(configuration.settings),
        client=client_of(configuration),
    )
