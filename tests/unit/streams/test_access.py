"""What an error at the brokers' door means."""

import asyncio
import ssl

import pytest
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from signals.streams.access import _refusal, knock


def tls(reason: str) -> ssl.SSLError:
    """Return an error as openssl makes it."""
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


def not_trusted() -> ssl.SSLCertVerificationError:
    """Return what a handshake with a stranger raises."""
    error = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    error.verify_message = "self-signed certificate"
    return error


def closed_because(cause: BaseException) -> KafkaConnectionError:
    """Return what aiokafka raises when a connection is closed under it."""
    error = KafkaConnectionError("closed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (not_trusted(), "certificate"),
        (tls("WRONG_VERSION_NUMBER"), "no_tls"),
        (ConnectionResetError(), "no_tls"),
        (ssl.SSLEOFError(8, "eof"), "no_tls"),
        (tls("TLSV1_ALERT_UNKNOWN_CA"), "client_certificate"),
        (closed_because(tls("TLSV13_ALERT_CERTIFICATE_REQUIRED")), "client_certificate"),
        (UnsupportedSaslMechanismError(), "mechanism"),
        (SaslAuthenticationFailed(), "credentials"),
        (ConnectionRefusedError(), None),
        (TimeoutError(), None),
        (closed_because(ConnectionError()), None),
    ],
)
def test_only_what_the_settings_can_cure_is_a_refusal(error: BaseException, what: str | None) -> None:
    """A broker that is away comes back; a wrong password does not."""
    found = _refusal("kafka:9093", error)

    assert (found.what if found else None) == what


@pytest.mark.parametrize("bootstrap", ["kafka", "kafka:9093x", "127.0.0.1:1, 127.0.0.1:1"])
def test_what_cannot_be_reached_is_left_to_the_clients(bootstrap: str) -> None:
    """They say it better, and they retry."""
    assert asyncio.run(knock(bootstrap, {"security_protocol": "PLAINTEXT"})) is None
