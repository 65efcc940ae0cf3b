"""Every way a Slack call can fail is transient or permanent."""

import importlib
import inspect
import pkgutil
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import slack_sdk
from slack_sdk.errors import SlackApiError

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.sinks.slack.faults import FROZEN, GONE, PERMANENT, TRANSIENT, error_code, to_fault
from support.cards import NOW


def answered(code: object, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    """What slack_sdk raises for an answer with an error code."""
    response = SimpleNamespace(data={"ok": False, "error": code}, status_code=status, headers=headers or {})
    return SlackApiError("failed", response)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def sdk_exceptions() -> list[type[Exception]]:
    """Every exception class that any importable module of slack_sdk defines."""
    found: set[type[Exception]] = set()
    for module in pkgutil.walk_packages(slack_sdk.__path__, "slack_sdk."):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # old modules that announce their end
                loaded = importlib.import_module(module.name)
        except ImportError:  # optional back ends that are not installed
            continue
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(kind, Exception) and kind.__module__.startswith("slack_sdk"):
                found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def test_the_sdk_has_exceptions_to_be_sorted() -> None:
    """Guards the next test against looking at nothing."""
    assert {"SlackApiError", "SlackRequestError", "SlackTokenRotationError"} <= {k.__name__ for k in sdk_exceptions()}


@pytest.mark.parametrize("kind", sdk_exceptions(), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_is_sorted(kind: type[Exception]) -> None:
    """Transient or permanent, without showing the SDK's own text."""
    error: Any = kind.__new__(kind)
    error.args = ("secret",)
    error.response = None

    fault = to_fault("chat.postMessage", error, NOW)

    assert isinstance(fault, (Transient, Permanent))
    assert "secret" not in str(fault)


@pytest.mark.parametrize("code", sorted(PERMANENT | TRANSIENT))
def test_every_code_is_sorted_as_listed(code: str) -> None:
    """And named in the message, for whoever has to fix it."""
    fault = to_fault("chat.postMessage", answered(code), NOW)

    assert isinstance(fault, Transient if code in TRANSIENT else Permanent)
    assert fault.reason is (PERMANENT | TRANSIENT)[code]
    assert code in str(fault)


def test_no_code_is_in_both_lists() -> None:
    """Each has one meaning; what can be gone or frozen is permanent otherwise."""
    assert not set(PERMANENT) & set(TRANSIENT)
    assert set(PERMANENT) >= GONE | FROZEN


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (answered("a_code_from_the_future"), Permanent, FailReason.OTHER),
        (answered("a_code_from_the_future", 503), Transient, FailReason.SERVER),
        (answered("", 503), Transient, FailReason.SERVER),
        (answered("", 200), Transient, FailReason.SERVER),
        (answered(None, 404), Permanent, FailReason.NOT_FOUND),
        (AttributeError("'str' object has no attribute 'get'"), Transient, FailReason.SERVER),
        (TimeoutError(), Transient, FailReason.TIMEOUT),
        (ConnectionResetError(), Transient, FailReason.CONNECTION),
        (RuntimeError("bug"), Permanent, FailReason.OTHER),
    ],
)
def test_answers_that_are_not_in_the_lists(error: Exception, kind: type, reason: FailReason) -> None:
    """HTTP's meaning where Slack gives none; an unknown code in a 200 is a decision of Slack's."""
    fault = to_fault("chat.postMessage", error, NOW)

    assert isinstance(fault, kind)
    assert isinstance(fault, (Transient, Permanent))
    assert fault.reason is reason


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "37"}, 37), ({}, 30)])
def test_a_rate_limit_waits_as_long_as_slack_asks(headers: dict[str, str], seconds: int) -> None:
    """Half a minute when it does not say."""
    fault = to_fault("chat.postMessage", answered("ratelimited", 429, headers), NOW)

    assert isinstance(fault, Transient)
    assert (fault.reason, fault.after.total_seconds()) == (FailReason.RATE_LIMITED, seconds)


def test_a_code_that_is_no_code_is_not_repeated() -> None:
    """An answer could hold anything, our token too."""
    assert error_code(answered("xoxb-1-secret")) == "unreadable_code"
