"""Logs: one line per record on standard error, for people or as JSON; never a secret.

Every module logs through ``logging.getLogger(__name__)`` and puts what belongs to the record in ``extra``:
``log.warning("delivery refused", extra={"sink": "slack", "delivery": delivery.id})``. Nobody formats such values into
the message: an equal message is an equal kind of record.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

Style = Literal["human", "json"]

MASK = "***"
MIN_SECRET = 6
# Shorter values would blank ordinary words; no token or signing secret is that short.

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

QUIET = ("faust", "mode", "aiokafka", "aiohttp.access", "asyncio", "slack_sdk")
"""Libraries that narrate; from them only warnings and worse are kept."""


class Redactor:
    """Blank every known secret in a line, wherever it came from (a message, a traceback, a URL).

    >>> Redactor(["xoxb-very-secret"]).clean("refused xoxb-very-secret")
    'refused ***'
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= MIN_SECRET}
        escaped = {json.dumps(secret)[1:-1] for secret in known}  # as it would stand in a JSON line
        self._secrets = sorted(known | escaped, key=len, reverse=True)

    def clean(self, line: str) -> str:
        """Return *line* with every secret replaced."""
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


class LineFormatter(logging.Formatter):
    """Render a record as exactly one line; line breaks inside (a traceback) are escaped."""

    def __init__(self, style: Style, redactor: Redactor, role: str) -> None:
        super().__init__()
        self._json, self._redactor, self._role = style == "json", redactor, role

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        extra = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage()
        error = self.formatException(record.exc_info) if record.exc_info else ""
        if self._json:
            fields = {"at": at, "level": record.levelname.lower(), "role": self._role, "logger": record.name}
            line = json.dumps(
                fields | {"message": message} | extra | ({"error": error} if error else {}),
                default=str,
                ensure_ascii=False,
            )
        else:
            pairs = "".join(f" {key}={value}" for key, value in extra.items())
            line = f"{at} {record.levelname.lower():7} {self._role}: {message}{pairs}" + (
                f" | {error}" if error else ""
            )
        return self._redactor.clean(line.replace("\r", "\\r").replace("\n", "\\n"))


def crash_quietly(redactor: Redactor, stream: TextIO | None = None) -> None:
    """Print what ends this process as Python does, but without secrets."""

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        (stream or sys.stderr).write(redactor.clean(text))

    sys.excepthook = told


def configure_logs(
    style: Style,
    level: str,
    *,
    role: str,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all records of this process, and what ends it, through one redactor.

    Called once per process, before anything else starts.

    Parameters
    ----------
    style
        ``json`` for a log collector, ``human`` for a terminal.
    level
        Least level kept from our own code, such as ``info``; libraries listed in ``QUIET`` stay at ``warning``.
    role
        Written on every line: which process of the group said it.
    secrets
        Values that must not appear in any line.
    stream
        Where to write; standard error when None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    redactor = Redactor(secrets)
    handler.setFormatter(LineFormatter(style, redactor, role))
    crash_quietly(redactor, stream)
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
