"""Read the one file and the secrets; every mistake becomes a ``ConfigError`` with file, line, path and remedy."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from signals.detectors.rules.yaml_lines import LineMap, Loc, load_yaml
from signals.domain.errors import ConfigError
from signals.settings.model import Settings

BOOTSTRAP_VARIABLE = "SIGNALS_KAFKA"
"""``host:port`` of a broker, for when ``kafka.bootstrap`` is not set: so a command finds the broker of ``signals up``.

A file that names its broker is not overruled: a variable left over in a shell must not send its events elsewhere."""

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
        """Return the secrets that are set: for the log's redactor and nothing else."""
        return tuple(value for item in fields(self) if (value := getattr(self, item.name)))


@dataclass(frozen=True)
class Configuration:
    """Settings, secrets, and where relative paths start."""

    settings: Settings
    secrets: Secrets = Secrets()
    folder: Path = Path()
    file: Path | None = None
    """None: no file was there and the defaults hold."""


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
        settings, folder = Settings(), Path()
    else:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(str(file), f"cannot be read: {error}", "a YAML file in UTF-8") from None
        settings, folder = parse_settings(text, str(file)), file.parent
    if settings.kafka.bootstrap is None and (bootstrap := environ.get(BOOTSTRAP_VARIABLE)):
        kafka = settings.kafka.model_copy(update={"bootstrap": bootstrap})
        settings = settings.model_copy(update={"kafka": kafka})
    secrets = Secrets.read(environ)
    _require_secrets(settings, secrets, str(file or DEFAULT_FILE))
    return Configuration(settings, secrets, folder, file)


def parse_settings(text: str, name: str) -> Settings:
    """Return the settings that *text* says; *name* is what errors call the file.

    Raises
    ------
    ConfigError
        With every mistake, one a line; ``where`` is that of the first.
    """
    data, lines = load_yaml(text, name, error=ConfigError)
    if data is None:
        return Settings()
    if not isinstance(data, dict):
        raise ConfigError(f"{name}:1", f"a {type(data).__name__}, not sections", ", ".join(Settings.model_fields))
    try:
        return Settings.model_validate(data)
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
    shown = "" if isinstance(item["input"], dict | list) else f", got {item['input']!r}"
    return line, where, message[:1].lower() + message[1:] + (shown if repr(item["input"]) not in message else ""), valid


def _names_at(path: Loc) -> list[str]:
    """Return the names of the settings in the section at *path*."""
    section: type[BaseModel] = Settings
    for part in path:
        kind = section.model_fields[str(part)].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            section = kind
    return sorted(section.model_fields)


def _require_secrets(settings: Settings, secrets: Secrets, name: str) -> None:
    """Raise for a setting that is useless without a secret which is not set."""
    if settings.kafka.security.startswith("sasl") and not (secrets.kafka_user and secrets.kafka_password):
        raise ConfigError(
            f"{name} kafka.security",
            f"{settings.kafka.security} without user and password",
            "set SIGNALS_KAFKA_USER and SIGNALS_KAFKA_PASSWORD in the environment",
        )
    if settings.sinks.webhook.url and not secrets.webhook_secret:
        raise ConfigError(
            f"{name} sinks.webhook.url", "a webhook without a signing secret", "set SIGNALS_WEBHOOK_SECRET"
        )
