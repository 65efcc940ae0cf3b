"""Logs: one line per record, no secrets."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from signals.telemetry.logs import Redactor, Style, configure_logs, crash_quietly

TOKEN = "xoxb-1234-very-secret"


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Put the root logger back as pytest had it."""
    root = logging.getLogger()
    handlers, level, hook = tuple(root.handlers), root.level, sys.excepthook
    yield
    sys.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(style: Style, *, level: str = "info", secrets: tuple[str, ...] = ()) -> io.StringIO:
    """Configure logging into memory and return what it will write to."""
    out = io.StringIO()
    configure_logs(style, level, role="detect", secrets=secrets, stream=out)
    return out


def test_json_lines_carry_what_the_record_was_bound_with() -> None:
    """Each record is one JSON object with its extra fields beside the message."""
    out = logged("json")

    logging.getLogger("signals.sinks").warning("delivery refused", extra={"sink": "slack", "attempt": 2})

    line = json.loads(out.getvalue())
    assert (line["message"], line["sink"], line["attempt"], line["role"], line["level"]) == (
        "delivery refused", "slack", 2, "detect", "warning",
    )  # fmt: skip


@pytest.mark.parametrize("style", ["json", "human"])
def test_a_traceback_stays_on_one_line_and_hides_the_token(style: Style) -> None:
    """An exception whose text holds a token is written on one line without it."""
    out = logged(style, secrets=(TOKEN,))

    try:
        int(f"401 for\n{TOKEN}")
    except ValueError:
        logging.getLogger("signals.sinks").exception("call failed", extra={"url": f"https://x/?token={TOKEN}"})

    assert out.getvalue().count("\n") == 1
    assert TOKEN not in out.getvalue()
    assert "ValueError" in out.getvalue()
    assert "***" in out.getvalue()


def test_a_secret_with_quotes_is_hidden_in_json_too() -> None:
    """A secret that JSON must escape is found in its escaped form."""
    secret = 'sec"ret\\value'
    out = logged("json", secrets=(secret,))

    logging.getLogger("signals").warning("using %s", secret)

    assert json.loads(out.getvalue())["message"] == "using ***"


def test_libraries_that_narrate_are_kept_to_warnings() -> None:
    """At info our own records are written and those of aiokafka only from warning on."""
    out = logged("human")

    logging.getLogger("aiokafka.consumer").info("joining group")
    logging.getLogger("signals.ingest").info("started")

    assert "joining" not in out.getvalue()
    assert "ingest" not in out.getvalue()
    assert "detect: started" in out.getvalue()


def test_the_time_is_utc_with_milliseconds() -> None:
    """A line begins with the instant in UTC, so that lines of several machines sort."""
    out = logged("human")

    logging.getLogger("signals").info("started")

    stamp = out.getvalue().split(" ", 1)[0]
    assert stamp.endswith("+00:00")
    assert len(stamp) == len("2026-01-01T00:00:00.000+00:00")


def test_what_ends_the_process_is_told_without_secrets() -> None:
    """It is printed as Python prints it, each secret blanked."""
    stream = io.StringIO()
    crash_quietly(Redactor(["xoxb-very-secret"]), stream)

    error = RuntimeError("refused xoxb-very-secret")
    sys.excepthook(RuntimeError, error, error.__traceback__)

    assert stream.getvalue() == "RuntimeError: refused ***\n"
