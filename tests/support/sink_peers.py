"""Every sink that speaks to a service, with a fake of that service: what the contract suite runs over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from signals.domain.reasons import ChartOutcome
from signals.sinks.contract import Sink
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.hubspot.sink import HubspotSink
from signals.sinks.pacing import Pacer
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.sink import SlackSink
from signals.sinks.webhook.config import Endpoint, WebhookConfig
from signals.sinks.webhook.sink import WebhookSink
from support.cards import APPEARANCE, USERS
from support.fake_server import FakeServer
from support.hand_clock import HandClock
from support.hubspot_fake import HubspotFake
from support.slack_fake import SlackFake
from support.webhook_fake import WebhookFake

SECRET = "xoxb-planted-secret-4711"


@dataclass(frozen=True)
class PeerKind:
    """How to build one sink against its fake, and what counts as having arrived there."""

    name: str
    fake: Callable[[], FakeServer]
    build: Callable[..., Sink]
    """Address, clock and perhaps ``timeout`` -> a sink that is not started."""
    arrived: Callable[[FakeServer], int]
    """How many signals somebody at the other end sees."""
    destinations: tuple[str, str] = ("account-signals", "other-signals")


def slack_sink(
    url: str, clock: HandClock, counted: Callable[[ChartOutcome], None] = lambda _outcome: None, **settings: object
) -> SlackSink:
    """A Slack sink for the fake at *url*; *settings* replace fields of its configuration."""
    fields = {"token": SecretStr(SECRET), "users": USERS, "base_url": f"{url}/api/", "timeout": timedelta(seconds=2)}
    pacer = Pacer(interval=timedelta(seconds=1), burst=3, monotonic=clock.monotonic, sleep=clock.sleep)
    config = SlackConfig.model_validate(fields | settings)
    return SlackSink(config, APPEARANCE, pacer=pacer, clock=clock.now, counted=counted)


def hubspot_sink(url: str, clock: HandClock, **settings: object) -> HubspotSink:
    """A HubSpot sink for the fake at *url*."""
    owners = {"005A1": "9001"}
    fields = {"token": SecretStr(SECRET), "base_url": url, "owners": owners, "timeout": timedelta(seconds=2)}
    pacer = Pacer(interval=timedelta(milliseconds=110), burst=10, monotonic=clock.monotonic, sleep=clock.sleep)
    return HubspotSink(HubspotConfig.model_validate(fields | settings), APPEARANCE, pacer=pacer, clock=clock.now)


def webhook_sink(url: str, clock: HandClock, timeout: timedelta = timedelta(seconds=2)) -> WebhookSink:
    """A webhook sink with two endpoints at the fake at *url*; the address holds a secret too."""
    endpoint = Endpoint(url=SecretStr(f"{url}/hook?token={SECRET}"), secret=SecretStr(SECRET))
    endpoints = {"account-signals": endpoint, "other-signals": endpoint}
    return WebhookSink(WebhookConfig(endpoints=endpoints, timeout=timeout), clock=clock.now)


def _cards(fake: FakeServer) -> int:
    assert isinstance(fake, SlackFake)
    return len(fake.cards())


def _tasks(fake: FakeServer) -> int:
    assert isinstance(fake, HubspotFake)
    return len(fake.tasks)


def _bodies(fake: FakeServer) -> int:
    assert isinstance(fake, WebhookFake)
    return len(fake.received)


PEERS = (
    PeerKind("slack", SlackFake, slack_sink, _cards),
    PeerKind("crm", HubspotFake, hubspot_sink, _tasks),
    PeerKind("webhook", WebhookFake, webhook_sink, _bodies),
)
