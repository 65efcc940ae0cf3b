"""Read the one file and the secrets; every mistake becomes a ``ConfigError`` with file, line, path and remedy."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from signals.detectors.rules.yaml_lines import LineMap, Loc, load_yaml
from signals.domain.errors import ConfigError
from signals.settings.model import Settings, host_ports

BOOTSTRAP_VARIABLE = "SIGNALS_KAFKA"
"""``host:port`` of a broker, for when ``kafka.bootstrap`` is not set: so a command finds the broker of ``signals up``.

A file that names its broker is not overruled: a variable left over in a shell must not send its events elsewhere."""

HIDDEN: frozenset[Loc] = frozenset({("sinks", "webhook", "url"), ("kafka", "bootstrap")})
"""Settings whose value no error repeats: somebody may have put a password into them."""

_WITH_USER = re.compile(r"//[^/\s]*@")

DEFAULT_FILE = "signals.yaml"
"""Read from the working directory when it is there and no other file is named."""


@dataclass(frozen=True)
class Secrets:
    """What must not be in a file. ``repr`` shows nothing, so a secret in a traceback or log needs intent."""

    slack_token: str | None = field(default=None, repr=False)
    hubspot_token: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    kafka_user: str | None = field(default=None, repr=False)
    kafka_password: str | None = field(default=None, repr=False)
    kafka_key_password: str | None = field(default=None, repr=False)

    @staticmethod
    def variable(name: str) -> str:
        """Return the environment variable of one secret.

        >>> Secrets.variable("slack_token")
        'SIGNALS_SLACK_TOKEN'
        """
        return f"SIGNALS_{name.upper()}"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Secrets":
        """Take every secret that is set and not empty."""
        return cls(**{item.name: environ.get(cls.variable(item.name)) or None for item in fields(cls)})

    def values(self) -> tuple[str, ...]:
        """Return the secrets that are set: for the log's redactor and nothing else. A user's name is none."""
        return tuple(
            value for item in fields(self) if item.name != "kafka_user" and (value := getattr(self, item.name))
        )


@dataclass(frozen=True)
class Configuration:
    """Settings, secrets, and where relative paths start."""

    settings: Settings
    secrets: Secrets = Secrets()
    folder: Path = Path()
    file: Path | None = None
    """None: no file was there and the defaults hold."""
    lines: LineMap | None = field(default=None, repr=False)

    def where(self, *path: str) -> str:
        """Return what an error calls a setting, such as ``signals.yaml:3 kafka.ca_file``."""
        name = ".".join(path)
        if self.lines is not None and path in self.lines:
            return f"{self.lines.where(path)} {name}"
        return f"{self.file or 'settings'} {name}"

    def hidden(self) -> tuple[str, ...]:
        """Return every text that must not be shown: the secrets, and addresses that may hold a receiver's token."""
        url = self.settings.sinks.webhook.url
        address = url.get_secret_value() if url is not None else ""
        path = address.partition("://")[2].partition("/")[2]
        return (*self.secrets.values(), *(text for text in (address, path) if text))


def load_configuration(file: Path | None, environ: Mapping[str, str]) -> Configuration:
    """Return the configuration from *file*, or from ``signals.yaml`` here, or the defaults when neither is there.

    Raises
    ------
    ConfigError
        The named file is missing; it is not YAML; a setting is unknown or wrong; a secret is missing that a setting
        needs.
    """
    if file is None and Path(DEFAULT_FILE).is_file():
        file = Path(DEFAULT_FILE)
    if file is None:
        settings, folder, lines = Settings(), Path(), None
    else:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(str(file), f"cannot be read: {error}", "a YAML file in UTF-8") from None
        settings, lines = _parse(text, str(file))
        folder = file.parent
    if settings.kafka.bootstrap is None and (bootstrap := environ.get(BOOTSTRAP_VARIABLE)):
        try:
            kafka = settings.kafka.model_copy(update={"bootstrap": host_ports(bootstrap)})
        except ValueError as error:
            problem, _, valid = str(error).partition("; valid: ")
            raise ConfigError(BOOTSTRAP_VARIABLE, problem, valid) from None
        settings = settings.model_copy(update={"kafka": kafka})
    secrets = Secrets.read(environ)
    configuration = Configuration(settings, secrets, folder, file, lines)
    _require_secrets(configuration)
    return configuration


def parse_settings(text: str, name: str) -> Settings:
    """Return the settings that *text* says; *name* is what errors call the file.

    Raises
    ------
    ConfigError
        With every mistake, one a line; ``where`` is that of the first.
    """
    return _parse(text, name)[0]


def _parse(text: str, name: str) -> tuple[Settings, LineMap]:
    data, lines = load_yaml(text, name, error=ConfigError)
    if data is None:
        return Settings(), lines
    if not isinstance(data, dict):
        raise ConfigError(f"{name}:1", f"a {type(data).__name__}, not sections", ", ".join(Settings.model_fields))
    try:
        return Settings.model_validate(data), lines
    except ValidationError as error:
        found = sorted((_explain(item, lines) for item in error.errors()), key=lambda item: item[0])
        (_, where, problem, valid), *others = found
        for _, *more in others:
            problem += f"{f' (valid: {valid})' if valid else ''}\n{more[0]}: {more[1]}"
            valid = more[2]
        raise ConfigError(where, problem, valid) from None


def _explain(item: ErrorDetails, lines: LineMap) -> tuple[int, str, str, str]:
    """Return (line, where, problem, valid) of one mistake."""
    path: Loc = tuple(part for part in item["loc"] if part != "[key]")
    place = lines.where(path)
    line = int(place.rpartition(":")[2])
    where = f"{place} {'.'.join(str(part) for part in path)}"
    if item["type"] == "extra_forbidden":
        known = _names_at(path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        return line, where, "no such setting" + (f"; did you mean {near[0]}?" if near else ""), ", ".join(known)
    message = item["msg"].removeprefix("Value error, ")
    message, _, valid = message.partition("; valid: ")
    if item["type"] in {"literal_error", "enum"}:
        valid, message = str(item.get("ctx", {}).get("expected", "")), "not one of the choices"
    hides = isinstance(item["input"], dict | list) or path in HIDDEN or _WITH_USER.search(str(item["input"]))
    shown = "" if hides else f", got {item['input']!r}"
    return line, where, message[:1].lower() + message[1:] + (shown if repr(item["input"]) not in message else ""), valid


def _names_at(path: Loc) -> list[str]:
    """Return the names of the settings in the section at *path*."""
    section: type[BaseModel] = Settings
    for part in path:
        kind = section.model_fields[str(part)].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            section = kind
    return sorted(section.model_fields)


def _require_secrets(configuration: Configuration) -> None:
    """Raise for a setting that is useless without a secret which is not set."""
    settings, secrets = configuration.settings, configuration.secrets
    kafka = settings.kafka
    if kafka.security.startswith("sasl") and not (kafka.sasl_user or secrets.kafka_user):
        raise ConfigError(
            configuration.where("kafka", "security"),
            f"{kafka.security} without a user",
            "kafka.sasl_user, or SIGNALS_KAFKA_USER in the environment",
        )
    if kafka.security.startswith("sasl") and not secrets.kafka_password:
        raise ConfigError(
            configuration.where("kafka", "security"),
            f"{kafka.security} without a password",
            "set SIGNALS_KAFKA_PASSWORD in the environment",
        )
    if settings.sinks.webhook.url and not secrets.webhook_secret:
        raise ConfigError(
            configuration.where("sinks", "webhook", "url"),
            "a webhook without a signing secret",
            "set SIGNALS_WEBHOOK_SECRET",
        )
