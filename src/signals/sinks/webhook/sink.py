"""Webhook: every transition as signed JSON to a receiver of yours.

Body: ``{"id": delivery id, "type": "signal.<change>", "transition": <record of signal-events>}``. Headers: the
signature (``webhook.signature``), ``Idempotency-Key`` (the delivery id: a repeat has the same one), ``Content-Type``.
Any 2xx is a success. Redirects are not followed.
"""

import msgspec

from signals.domain.errors import Permanent
from signals.domain.reasons import FailReason
from signals.domain.signal import Delivery
from signals.sinks.contract import Clock, Sent
from signals.sinks.http_calls import HttpCalls
from signals.sinks.webhook.config import WebhookConfig
from signals.sinks.webhook.signature import HEADER, sign


class WebhookSink:
    """Posts to the configured endpoints. Re-entrant; see ``sinks.contract.Sink``."""

    def __init__(self, config: WebhookConfig, *, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._http = HttpCalls(timeout=config.timeout, clock=clock)

    @property
    def name(self) -> str:
        """``webhook``."""
        return "webhook"

    async def start(self) -> None:
        """Open the connection pool."""
        await self._http.start()

    async def stop(self) -> None:
        """Close the connection pool."""
        await self._http.stop()

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:  # noqa: ARG002 - the receiver tells repeats by their key
        """Post one transition; see ``sinks.contract.Sink.send``."""
        endpoint = self._config.endpoints.get(delivery.destination)
        if endpoint is None:
            raise Permanent(FailReason.NOT_FOUND, f"webhook: no endpoint is named {delivery.destination!r}")
        body, now = webhook_body(delivery), self._clock()
        secrets = [secret.get_secret_value() for secret in (endpoint.secret, endpoint.previous_secret) if secret]
        await self._http.request(
            "POST",
            endpoint.url.get_secret_value(),
            label=f"webhook {delivery.destination}",
            headers={HEADER: sign(body, now, secrets), "Idempotency-Key": delivery.id},
            body=body,
        )
        transition = delivery.transition
        return Sent(
            signal_id=transition.signal_id,
            seq=transition.seq,
            sink=self.name,
            destination=delivery.destination,
            ref={"delivery": delivery.id},
            at=now,
            severity=transition.severity.value,
            owner=transition.owner.name,
            status=transition.status,
        )


def webhook_body(delivery: Delivery) -> bytes:
    """Return the bytes that are signed and sent; equal deliveries give equal bytes."""
    transition = delivery.transition
    return msgspec.json.encode({"id": delivery.id, "type": f"signal.{transition.change}", "transition": transition})
