"""JSON over HTTP for sinks without a client library: one pool, no redirects, every failure one of our two errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import msgspec

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.sinks.contract import Clock
from signals.sinks.http_status import classify, unreachable
from signals.sinks.lease import may_call

ANSWER_LIMIT = 1_000_000
# Bytes read of an answer. Ours are a few kB; a larger one is an error page or an attack on our memory.

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; ``data`` is the decoded JSON object, empty if there was none."""

    status: int
    data: dict[str, Any]


def require_https(url: str) -> str:
    """Return *url* if it may carry secrets: https, or http to this machine.

    Raises
    ------
    ValueError
        It is anything else.
    """
    plain = any(url == base or url.startswith((base + "/", base + ":")) for base in LOOPBACK)
    if not (url.startswith("https://") or plain) or "@" in url.split("/")[2]:
        raise ValueError("must start with https:// (http:// only to this machine) and hold no user name")
    return url


class HttpCalls:
    """A connection pool with a time-out. Open between ``start`` and ``stop``."""

    def __init__(self, *, timeout: timedelta, clock: Clock) -> None:
        self._timeout, self._clock = timeout, clock
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the pool; makes no call."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout.total_seconds())
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Close the pool, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def request(self, method: str, url: str, *, label: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send *body* (JSON) and return the answer.

        Parameters
        ----------
        label
            Names the call in errors, since addresses and answers may hold secrets.

        Raises
        ------
        Transient, Permanent
            As ``http_status`` sorts them.
        """
        if self._session is None:
            raise Transient(FailReason.CONNECTION, f"{label}: the sink is not started")
        fault: Transient | Permanent | None
        await may_call()
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers={"Content-Type": "application/json", **headers},
                allow_redirects=False,
            ) as response:
                fault = classify(response.status, response.headers, label, self._clock())
                content = b"" if fault else await response.content.read(ANSWER_LIMIT)
                while not fault and not response.content.at_eof() and len(content) < ANSWER_LIMIT:
                    content += await response.content.read(ANSWER_LIMIT - len(content))
                status = response.status
        except Exception as error:  # noqa: BLE001 - aiohttp raises OSError, ValueError and its own; all are sorted there
            raise unreachable(error, label) from None
        if fault is not None:
            raise fault
        return Answer(status=status, data=_object(content))


def _object(content: bytes) -> dict[str, Any]:
    """Decode a JSON object; anything else counts as an empty answer."""
    try:
        data = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return {}
    return data if isinstance(data, dict) else {}
