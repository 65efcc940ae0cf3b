"""Which sinks a configuration gives."""

import asyncio
import io
import time
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from rich.console import Console

from signals.sinks.all import SinksConfig, build_sinks
from signals.sinks.contract import Sink
from signals.sinks.hubspot.sink import HubspotSink
from signals.sinks.slack.sink import SlackSink
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from signals.sinks.webhook.sink import WebhookSink
from signals.streams.topics import SINKS


def built(**parts: object) -> tuple[Sink, ...]:
    """The sinks of a configuration."""
    return build_sinks(
        SinksConfig.model_validate(parts),
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        sleep=asyncio.sleep,
        console=Console(file=io.StringIO()),
    )


def test_without_tokens_people_see_everything_in_the_terminal() -> None:
    """Slack and CRM are stood in for."""
    assert [type(sink) for sink in built()] == [TerminalSlack, TerminalCrm, WebhookSink]


def test_with_tokens_the_services_are_used() -> None:
    """Each on its own."""
    parts = {"slack": {"token": "xoxb-1"}, "hubspot": {"token": "pat-1"}}
    assert [type(sink) for sink in built(**parts)] == [SlackSink, HubspotSink, WebhookSink]


def test_there_is_one_sink_for_each_delivery_topic() -> None:
    """Names are the topics' suffixes."""
    assert tuple(sink.name for sink in built()) == SINKS


@pytest.mark.parametrize(
    "parts",
    [
        {"slack": {"channel": {}}},
        {"slack": {"base_url": "http://slack.example.com/api/"}},
        {"hubspot": {"base_url": "http://api.example.com"}},
        {"hubspot": {"objects_path": "crm/v3"}},
        {"appearance": {"why_url": "https://x.example/{account}"}},
        {"appearance": {"why_url": "ftp://x.example"}},
        {"appearance": {"emoji": {"unheard_of": "x"}}},
        {"appearance": {"emoji": {"spike": ":fire:"}}},
    ],
)
def test_a_wrong_setting_stops_the_start(parts: dict[str, object]) -> None:
    """Unknown names, unencrypted addresses, unknown fields and families."""
    with pytest.raises(ValidationError):
        built(**parts)
