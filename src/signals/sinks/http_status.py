"""What an HTTP answer means for a delivery: one table for every sink that speaks HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason

LONGEST_AFTER = timedelta(hours=1)
# A service that asks for more is broken or has banned us; waiting longer would hide that from whoever is on call.

_TRANSIENT = {
    408: FailReason.TIMEOUT,
    409: FailReason.SERVER,  # two writers at once; the next attempt finds what the other wrote
    425: FailReason.SERVER,
    429: FailReason.RATE_LIMITED,
    504: FailReason.TIMEOUT,
}
_PERMANENT = {
    401: FailReason.AUTH,
    403: FailReason.AUTH,
    404: FailReason.NOT_FOUND,
    407: FailReason.AUTH,
    410: FailReason.NOT_FOUND,
    413: FailReason.TOO_LARGE,
    501: FailReason.REJECTED,
    505: FailReason.REJECTED,
}


def classify(status: int, headers: Mapping[str, str], message: str, now: datetime) -> Transient | Permanent | None:
    """Return the error that *status* means, or None for a success (2xx).

    A redirect is permanent: we never follow one, because the body and its signature were made for one address.

    Parameters
    ----------
    status
        HTTP status code of the answer.
    headers
        Of the answer; ``Retry-After`` (seconds or a date) is honoured with 429 and 5xx.
    message
        For the error; must hold no secret.
    now
        The present instant, for a ``Retry-After`` that is a date.
    """
    if 200 <= status < 300:
        return None
    text = f"{message}: HTTP {status}"
    if status in _PERMANENT:
        return Permanent(_PERMANENT[status], text)
    if status in _TRANSIENT or status >= 500:
        return Transient(_TRANSIENT.get(status, FailReason.SERVER), text, retry_after(headers, now))
    return Permanent(FailReason.REJECTED, text)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long the service asks us to wait; zero when it does not say or cannot be understood.

    >>> retry_after({"Retry-After": "30"}, datetime(2026, 1, 1, tzinfo=UTC))
    datetime.timedelta(seconds=30)
    """
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not text:
        return timedelta(0)
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return timedelta(0)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_AFTER)


def unreachable(error: BaseException, message: str) -> Transient | Permanent:
    """Return the error for a call that got no answer: time-outs and broken connections pass, a bad address does not.

    The text of *error* is left out, since it may hold an address with a secret in it.
    """
    text = f"{message}: {type(error).__name__}"
    if isinstance(error, TimeoutError):
        return Transient(FailReason.TIMEOUT, text)
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return Permanent(FailReason.REJECTED, text)
    if isinstance(error, aiohttp.ClientSSLError) and not isinstance(error, aiohttp.ClientConnectorSSLError):
        # The certificate does not match: somebody else may be answering. Not a matter of waiting.
        return Permanent(FailReason.AUTH, text)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return Transient(FailReason.CONNECTION, text)
    return Permanent(FailReason.OTHER, text)
