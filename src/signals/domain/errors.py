"""Everything this package raises on purpose.

::

    SignalsError
    ├── ConfigError            a setting, a pack, a file: stops the start; carries where and what would be valid
    │   └── PackError          a rule pack: file, line, rule
    ├── BadInput               one record cannot be used; carries the closed reason for the dead letter
    └── SinkError
        ├── Transient          try again, not before ``after``
        └── Permanent          the same delivery will always fail
"""

from datetime import timedelta

from signals.domain.reasons import DeadReason, FailReason


class SignalsError(Exception):
    """Root of the tree; never raised itself."""


class ConfigError(SignalsError):
    """A setting is wrong. ``str`` reads: where, what is wrong, what would be valid."""

    def __init__(self, where: str, problem: str, valid: str = "") -> None:
        self.where, self.problem, self.valid = where, problem, valid
        super().__init__(f"{where}: {problem}" + (f" (valid: {valid})" if valid else ""))


class PackError(ConfigError):
    """A rule pack is wrong; ``where`` is ``file:line``."""


class BadInput(SignalsError):
    """A record cannot be used; it goes to the dead letter topic with ``reason`` and this message."""

    def __init__(self, reason: DeadReason, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class SinkError(SignalsError):
    """A delivery did not succeed. ``reason`` is the metric label; the message holds no secret."""

    def __init__(self, reason: FailReason, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class Transient(SinkError):
    """The peer may accept the same delivery later, not before ``after`` (zero: our own back-off decides)."""

    def __init__(self, reason: FailReason, message: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason, message)
        self.after = after


class Permanent(SinkError):
    """The same delivery will always fail: it becomes a dead letter."""
