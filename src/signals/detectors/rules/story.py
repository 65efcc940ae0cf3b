"""The examples of a rule as typed data: stories of events with times, and what is expected of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

Verdict = Literal["fires", "near", "quiet"]


@dataclass(frozen=True)
class Happening:
    """One event of a story on one day, or the same event on each day of a range.

    ``first`` and ``last`` are day offsets from the story's start (an int) or calendar days; equal for a single day.
    ``at`` is local time in the business zone; None leaves it to the runner. ``fields`` are the event's own, as written
    (amounts as text), without ``org_id`` and ``at``.
    """

    first: int | date
    last: int | date
    at: time | None
    kind: str
    fields: Mapping[str, object]
    where: str = ""


@dataclass(frozen=True)
class Expected:
    """What must be true of one signal at the story's end, or at day ``on``."""

    signal: str
    state: Literal["open", "held", "none", "resolved"]
    key: str | None = None
    severity: str | None = None
    guard: str | None = None
    on: int | date | None = None
    at: time | None = None
    owner: str | None = None
    channel: str | None = None
    tagged: tuple[str, ...] | None = None
    variant: str | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    """Part of the card (``headline``, ``decisive``, ``why_now`` ...) -> a text it must contain."""


@dataclass(frozen=True)
class Example:
    """A story: ``fires`` must open the rule's signal, ``near`` almost does, ``quiet`` has nothing to do with it."""

    verdict: Verdict
    title: str
    story: tuple[Happening, ...]
    expect: tuple[Expected, ...]
    until: int | date | None = None
    until_time: time | None = None
    because: str = ""
    """For ``near``: the comparison that must be the reason (part of the text of a ``why``)."""
    unknown: tuple[str, ...] = ()
    """Facts that must be the reason for not knowing."""
    where: str = ""
