"""Read the one file and the secrets; every mistake becomes a ``ConfigError`` with file, line, path and remedy."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from signals.domain.errors import ConfigError
from signals.settings.model import Settings

DEFAULT_FILE = "signals.yaml"
"""Read from the working directory when it is there and no other file is named."""

PathParts = tuple[str | int, ...]


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
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}:{line}", f"not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigError(name, f"not YAML: {error}") from None
    if data is None:
        return Settings()
    if not isinstance(data, dict):
        raise ConfigError(f"{name}:1", f"a {type(data).__name__}, not sections", ", ".join(Settings.model_fields))
    if (twice := _twice(root)) is not None:
        key, line = twice
        raise ConfigError(f"{name}:{line}", f"{key} is given twice", "once")
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        found = sorted((_explain(item, root, name) for item in error.errors()), key=lambda item: item[0])
        (_, where, problem, valid), *others = found
        for _, *more in others:
            problem += f"{f' (valid: {valid})' if valid else ''}\n{more[0]}: {more[1]}"
            valid = more[2]
        raise ConfigError(where, problem, valid) from None


def _explain(item: ErrorDetails, root: yaml.Node | None, name: str) -> tuple[int, str, str, str]:
    """Return (line, where, problem, valid) of one mistake."""
    path: PathParts = tuple(part for part in item["loc"] if part != "[key]")
    line = _line_of(root, path)
    dotted = ".".join(str(part) for part in path)
    where = f"{name}:{line} {dotted}"
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


def _names_at(path: PathParts) -> list[str]:
    """Return the names of the settings in the section at *path*."""
    section: type[BaseModel] = Settings
    for part in path:
        kind = section.model_fields[str(part)].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            section = kind
    return sorted(section.model_fields)


def _line_of(node: yaml.Node | None, path: PathParts) -> int:
    """Return the line, from 1, of the deepest part of *path* that is in the file."""
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _twice(node: yaml.Node | None) -> tuple[str, int] | None:
    """Return the first key that a mapping has twice, and its line: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            if (found := _twice(value)) is not None:
                return found
    return None


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
