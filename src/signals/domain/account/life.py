"""What the engine remembers of an account: episodes of signals, timers, positions, answers. Not facts, but state."""

from datetime import datetime
from typing import Literal

import msgspec

from signals.domain.signal import Position, Transition

EpisodeState = Literal["pending", "held", "open", "resolved"]


class Episode(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of one condition: from the moment it began to hold until it is resolved and cooled down.

    ``pending``: holds, not yet for the hold time or the samples; ``held``: would be open, but a guard, a snooze or
    the shadow stage holds it back; ``open``; ``resolved``: kept until the cooldown is over.
    """

    signal_id: str
    since: datetime
    state: EpisodeState
    seq: int = 0
    """Of the last transition; 0 while nothing was published."""
    opened_at: datetime | None = None
    severity: str = ""
    step: int = -1
    """Ladder: index of the last step said."""
    frozen: dict[str, str] = {}
    """Values at the opening, for ``opened.x``; canonical text, typed by the rule when read."""
    shown: str = ""
    """What people saw last: severity, owner, band of the decisive number."""
    held_at: datetime | None = None
    held_for: str = ""
    """What holds it back, such as ``guarded:G10``; one suppression record for each."""
    held_until: datetime | None = None
    samples: int = 0
    sampled: str = ""
    """The sample (day, week) counted last for ``confirm``."""
    clear_since: datetime | None = None
    unknown_since: datetime | None = None
    """While open: since when its condition cannot be checked; people are told once it lasts."""
    unknown_said: bool = False
    proposed: bool = False
    """Level A: removal of the flag was proposed to a person."""
    reminded_at: datetime | None = None
    resolved_at: datetime | None = None
    destinations: tuple[tuple[str, str], ...] = ()
    """(sink, destination) of the opening: where everything later goes too, whatever becomes of the route."""
    also: tuple[str, ...] = ()
    """Titles of what was told on its card besides."""
    grouped: str = ""
    """Signal id of the card it is told on, while it has none of its own."""
    draft: Transition | None = None
    """The last transition: what a later one says when there is nothing left to look at (a moment, a subject gone)."""


class Life(msgspec.Struct, frozen=True, omit_defaults=True):
    """Engine state of one account. Keys of episodes are ``<rule>|<condition key>``."""

    positions: dict[str, tuple[int, int]] = {}
    """``<topic>:<partition>`` -> (epoch, last applied offset)."""
    cause: Position | None = None
    """Of the event applied last."""
    seen: dict[str, datetime] = {}
    """Natural keys of moments within the admission window -> their event time."""
    episodes: dict[str, Episode] = {}
    unknown: tuple[str, ...] = ()
    """Episode keys whose condition is unknown, for rules that others read."""
    once: dict[str, datetime] = {}
    """``<rule>|<key>|<span>`` that opened and may not open again -> when it opened."""
    pitches: dict[str, datetime] = {}
    """Signal id of growth pitches delivered -> when, for the one-pitch guard."""
    timers: dict[str, datetime] = {}
    """Rule -> when to look again, other than at a day's close."""
    next_day: datetime | None = None
    """The next close of a business day."""
    snoozes: dict[str, datetime] = {}
    """Signal id, rule id or ``*`` -> until when it is snoozed."""
    digest: str = ""
    """Of the catalogue that looked last; another one means one full look."""
    told: tuple[str, ...] = ()
    """Every signal ever published and where it went, as ``engine.erasing.entry`` writes it: what an erasure takes back.

    Texts, because they are only ever copied: some 20 bytes each as stored.
    """
    erased_at: datetime | None = None
    """When the account was erased last: what happened until then is not applied any more."""
