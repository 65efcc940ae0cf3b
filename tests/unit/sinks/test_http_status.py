"""Answers and broken connections, sorted into the two errors."""

import inspect
from datetime import timedelta

import aiohttp
import pytest

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.sinks.http_calls import require_https
from signals.sinks.http_status import LONGEST_AFTER, classify, retry_after, unreachable
from support.cards import NOW


def test_every_status_is_a_success_or_one_of_the_two_errors() -> None:
    """No code falls through, and only 2xx is a success."""
    for status in range(100, 600):
        fault = classify(status, {}, "x", NOW)
        assert (fault is None) is (200 <= status < 300)
        assert fault is None or isinstance(fault, (Transient, Permanent))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("0", 0),
        ("-5", 0),
        ("Mon, 19 Jan 2026 09:06:00 GMT", 60),
        ("Mon, 19 Jan 2026 09:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
        ("nan", 0),
        ("inf", 0),
        ("999999999", LONGEST_AFTER.total_seconds()),
    ],
)
def test_retry_after_in_all_its_forms(value: str, expected: float) -> None:
    """Seconds or a date; nonsense counts as not said, and an hour is the most."""
    assert retry_after({"retry-after": value}, NOW) == timedelta(seconds=expected)


def test_every_aiohttp_exception_is_sorted() -> None:
    """Each class, whatever its constructor wants, is transient or permanent."""
    found = [kind for _, kind in inspect.getmembers(aiohttp, inspect.isclass) if issubclass(kind, Exception)]
    assert len(found) > 20
    for kind in found:
        assert isinstance(unreachable(kind.__new__(kind), "x"), (Transient, Permanent)), kind


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), FailReason.TIMEOUT),
        (aiohttp.ServerTimeoutError(), FailReason.TIMEOUT),
        (aiohttp.ServerDisconnectedError(), FailReason.CONNECTION),
        (ConnectionResetError(), FailReason.CONNECTION),
        (aiohttp.InvalidURL("x"), FailReason.REJECTED),
        (RuntimeError("bug"), FailReason.OTHER),
    ],
)
def test_the_reason_of_a_broken_call(error: Exception, reason: FailReason) -> None:
    """For the metric."""
    assert unreachable(error, "x").reason is reason


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "https://user:pass@hooks.example.com/",
    ],
)
def test_secrets_only_travel_encrypted(url: str) -> None:
    """Plain http is for this machine only, and names that merely begin like it are not this machine."""
    with pytest.raises(ValueError, match="https"):
        require_https(url)


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1/"]
)
def test_this_machine_and_https_are_fine(url: str) -> None:
    """As they are."""
    assert require_https(url) == url
