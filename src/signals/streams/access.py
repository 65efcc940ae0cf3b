"""One knock at the brokers before anything starts: an aiokafka client only logs why it cannot get in, and retries."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

TIMEOUT_S = 10.0
# For one server; a TLS handshake with SCRAM takes three round trips and some milliseconds of hashing.

NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
"""What openssl calls an answer that is no TLS."""

What = Literal["certificate", "no_tls", "client_certificate", "mechanism", "credentials"]


@dataclass(frozen=True)
class Refusal:
    """Why a broker and we cannot work together as configured. Holds no secret."""

    what: What
    server: str
    message: str


async def knock(bootstrap: str, client: Mapping[str, object]) -> Refusal | None:
    """Connect to the first server that answers, as a client would; return what stands in the way, None when nothing.

    Servers that cannot be reached are passed over; if none can, nothing is known and None is returned.

    Parameters
    ----------
    bootstrap, client
        As every aiokafka client gets them.
    """
    if not client:
        return None  # neither TLS nor a user: there is nothing to refuse
    for server in (one.strip() for one in bootstrap.split(",")):
        host, _, port = server.rpartition(":")
        if not port.isdecimal():
            continue  # not host:port; the clients say so
        try:
            connection = await create_conn(
                host.strip("[]"), int(port), request_timeout_ms=int(TIMEOUT_S * 1000), **dict[str, Any](client)
            )
        except (TimeoutError, OSError, KafkaError) as error:
            if (refusal := _refusal(server, error)) is not None:
                return refusal
        else:
            connection.close()
            return None
    return None


def _refusal(server: str, error: BaseException) -> Refusal | None:
    if isinstance(error.__cause__, ssl.SSLError):
        # In TLS 1.3 a broker refuses our certificate after the handshake: the reason of a closed connection.
        error = error.__cause__
    match error:
        case ssl.SSLCertVerificationError():
            return Refusal("certificate", server, f"its certificate is not trusted: {error.verify_message}")
        case ssl.SSLEOFError() | ConnectionResetError():
            # What Kafka does with a handshake on a plaintext port. A broker that stops refuses connections instead.
            return Refusal("no_tls", server, "it closes the connection in the TLS handshake")
        case ssl.SSLError() if error.reason in NO_TLS:
            return Refusal("no_tls", server, "it does not speak TLS on this port")
        case ssl.SSLError() if "ALERT" in str(error.reason):
            return Refusal("client_certificate", server, f"it refuses us: {error.reason.replace('_', ' ').lower()}")
        case UnsupportedSaslMechanismError():
            return Refusal("mechanism", server, "it does not offer this mechanism")
        case SaslAuthenticationFailed() | AuthenticationFailedError() | IllegalSaslStateError():
            return Refusal("credentials", server, "it refuses user or password")
        case _:
            return None
