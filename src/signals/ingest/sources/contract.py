"""What a payload format is: bytes in, canonical events out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

import msgspec

from signals.domain.errors import BadInput
from signals.domain.events.base import Event
from signals.domain.events.kinds import InputTopic, kind_of
from signals.domain.reasons import DeadReason

Format = Literal["canonical", "posthog", "stripe"]

Why = Literal["unmapped", "no_change", "demo_project", "test_mode", "not_selected"]
"""Why a well-formed foreign payload yields no event: a kind we do not map, nothing of interest changed, synthetic
data, a test-mode object, an action nobody asked to count."""


@dataclass(frozen=True)
class Nothing:
    """The payload is in order and says nothing to us; it is counted, not dead-lettered."""

    why: Why


Mapped: TypeAlias = tuple[Event, ...] | Nothing

Source: TypeAlias = Callable[[bytes, InputTopic, str | None], Mapped]
"""Called once per record with its value, its logical topic and its key as text (None: no key, or not readable).

It is pure. All events it returns are of one organization and one time. It raises ``BadInput`` for what it cannot use;
``msgspec.ValidationError``, ``msgspec.DecodeError`` and ``RecursionError`` may pass, the caller turns them.
"""

Shape = TypeVar("Shape")


def shaped(value: object, shape: type[Shape], path: str) -> Shape:
    """Return a parsed JSON value as *shape*; an error names the place from the record's root.

    Raises
    ------
    BadInput
        INVALID: *value* does not fit.
    """
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        raise invalid(f"{path}: {str(error).replace('`$.', '`.')}") from error


def invalid(message: str) -> BadInput:
    """Return the error for a field that is missing, of the wrong type or out of range."""
    return BadInput(DeadReason.INVALID, message)


def one_organization(named: dict[str, str | None], key: str | None, *, trust_key: bool) -> str:
    """Return the organization that a foreign payload names.

    Parameters
    ----------
    named
        Path in the payload -> the organization found there, in order of preference; None: nothing there.
    key
        The record's key.
    trust_key
        Take the key's word when the payload names nobody.

    Raises
    ------
    BadInput
        FOREIGN_ACCOUNT when two places differ, NO_ORGANIZATION when there is none.
    """
    found = {path: org for path, org in named.items() if org is not None and org.strip()}
    if not found:
        if trust_key and key:
            return key
        raise BadInput(DeadReason.NO_ORGANIZATION, "no organization id; looked at " + ", ".join(named))
    (path, org), *others = found.items()
    for other_path, other in others:
        if other != org:
            message = f"{path} names {org[:60]!r}, {other_path} names {other[:60]!r}; both must be one organization"
            raise BadInput(DeadReason.FOREIGN_ACCOUNT, message)
    return org


Built = TypeVar("Built", bound=Event)


def build(cls: type[Built], **fields: object) -> Built:
    """Return a canonical event, checked like one that came as JSON; a field given as ``UNSET`` is left out.

    Raises
    ------
    BadInput
        INVALID: what the source holds does not fit the canonical field.
    """
    given = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
    try:
        return msgspec.convert({**given, "kind": kind_of(cls)}, cls)
    except msgspec.ValidationError as error:
        raise invalid(f"as {kind_of(cls)}: {error}") from error
