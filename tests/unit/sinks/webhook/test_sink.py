"""Signed JSON at the receiver."""

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr, ValidationError

from signals.domain.errors import Permanent
from signals.domain.reasons import Change, FailReason
from signals.sinks.webhook.config import Endpoint
from signals.sinks.webhook.signature import HEADER, verify
from signals.sinks.webhook.sink import WebhookSink, webhook_body
from support.cards import NOW, delivery, resolved, step, transition
from support.charts import charted
from support.fake_server import Fault
from support.hand_clock import HandClock
from support.sink_peers import SECRET, webhook_sink
from support.webhook_fake import WebhookFake

DUE = delivery(transition(), "webhook")


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookFake]:
    """A receiver that is fine."""
    fake = WebhookFake()
    async with fake.running():
        yield fake


@pytest.fixture
async def sink(receiver: WebhookFake) -> AsyncIterator[WebhookSink]:
    """A started sink that posts to it."""
    made = webhook_sink(receiver.url, HandClock())
    await made.start()
    yield made
    await made.stop()


async def test_the_receiver_can_verify_what_it_got(sink: WebhookSink, receiver: WebhookFake) -> None:
    """Signature over the very bytes, JSON, and the delivery's id as key."""
    await sink.send(DUE, None)

    ((headers, body),) = receiver.raw
    assert verify(body, headers[HEADER], SECRET, NOW)
    assert headers["Idempotency-Key"] == DUE.id
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["type"] == "signal.opened"
    assert json.loads(body)["transition"]["signal_id"] == DUE.transition.signal_id


async def test_every_step_is_sent_even_without_its_opening(sink: WebhookSink, receiver: WebhookFake) -> None:
    """Receivers keep their own state."""
    ended = resolved(transition())
    await sink.send(delivery(ended, "webhook"), None)
    await sink.send(delivery(step(ended, Change.UPDATED), "webhook"), None)

    assert [body["type"] for body in receiver.received.values()] == ["signal.resolved", "signal.updated"]


async def test_a_redirect_is_refused_not_followed(sink: WebhookSink, receiver: WebhookFake) -> None:
    """The body was signed for one address."""
    receiver.faults.append(Fault(307, {"Location": f"{receiver.url}/elsewhere"}))

    with pytest.raises(Permanent, match="HTTP 307"):
        await sink.send(DUE, None)
    assert [path for _, path, _ in receiver.requests] == ["/hook"]


async def test_an_unknown_destination_is_permanent(sink: WebhookSink) -> None:
    """Its name is in the message, for whoever has to configure it."""
    with pytest.raises(Permanent, match="'nowhere'") as caught:
        await sink.send(delivery(transition(), "webhook", "nowhere"), None)
    assert caught.value.reason is FailReason.NOT_FOUND


def test_equal_deliveries_have_equal_bytes() -> None:
    """A repeat is a repeat to the last byte."""
    assert webhook_body(DUE) == webhook_body(delivery(transition(), "webhook"))


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://hooks.example.com/x", "0123456789abcdef"), ("https://hooks.example.com/x", "too short")],
)
def test_a_weak_endpoint_is_refused_at_the_start_without_showing_it(url: str, secret: str) -> None:
    """Plain http to elsewhere and guessable secrets."""
    with pytest.raises(ValidationError) as caught:
        Endpoint(url=SecretStr(url), secret=SecretStr(secret))
    assert "hooks.example.com" not in str(caught.value)
    assert "too short" not in str(caught.value)


def test_a_chart_is_passed_on_as_numbers() -> None:
    """Whoever receives it draws it."""
    body = json.loads(webhook_body(delivery(charted("runway"), "webhook")))

    assert body["transition"]["chart"]["unit"] == "USD"
    assert body["transition"]["chart"]["values"][-1] == 41_200
    assert body["transition"]["chart"]["forecast"][-1][1:] == [0, 0, 0]
