"""Sentences with names in them, rendered for a reader: ``{account} spends {mrr:money} a month``."""

from collections.abc import Callable
from dataclasses import dataclass

from signals.detectors.language.names import Scope


@dataclass(frozen=True, eq=False)
class Template:
    """A checked text. ``render`` is pure; a value that is unknown reads "unknown"."""

    text: str
    render: Callable[[Scope], str]
    reads: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    """Names it reads after ``opened.``."""
