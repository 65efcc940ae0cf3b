"""What the engine remembers of an account: episodes of signals, timers, positions, answers. Not facts, but state."""

from datetime import datetime

import msgspec

PITCH_KEEP_DAYS = 90


class Episode(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of one condition: from the moment it began to hold until it is resolved and cooled down.

    ``state`` is ``pending`` (holds, not yet for the hold time), ``held`` (would be open, a guard or snooze holds it
    back), ``open`` or ``resolved`` (kept until the cooldown is over).
    """

    signal_id: str
    since: datetime
    state: str
    seq: int = 0
    """Of the last transition; 0 while nothing was published."""
    opened_at: datetime | None = None
    severity: str = ""
    variant: str = ""
    step: int = -1
    """Ladder: index of the last step said."""
    frozen: dict[str, str] = {}
    """Values at the opening, for ``opened.x``; canonical text, typed by the rule when read."""
    shown: str = ""
    """Digest of what people saw last: severity, owner, band of the decisive number."""
    owner: str = ""
    held_for: str = ""
    """Reason of the last suppression record, such as ``guarded:G10``; one record per reason."""
    samples: int = 0
    sampled: str = ""
    """The sample (day, week) counted last for ``confirm``."""
    clear_since: datetime | None = None
    reminded_at: datetime | None = None
    resolved_at: datetime | None = None
    headline: str = ""


class Life(msgspec.Struct, frozen=True, omit_defaults=True):
    """Engine state of one account."""

    positions: dict[str, tuple[int, int]] = {}
    """``<topic>:<partition>`` -> (epoch, last applied offset)."""
    seen: dict[str, datetime] = {}
    """Natural keys of moments within the admission window."""
    episodes: dict[str, Episode] = {}
    """``<rule>|<key>`` -> its current or last episode."""
    holding: tuple[str, ...] = ()
    """``<rule>|<key>`` whose condition holds now: what ``signal(id)`` reads."""
    unknown: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    """``<rule>|<key>|<span>`` that may not open again."""
    pitches: dict[str, datetime] = {}
    """Signal id of growth pitches delivered -> when, for the one-pitch guard."""
    delivered: dict[str, datetime] = {}
    """Rule -> last time the engine wrote a delivery for it."""
    timers: dict[str, datetime] = {}
    """Rule or reason -> when to look again (other than at a day's close)."""
    next_day: datetime | None = None
    """The next close of a business day, while some rule is to be looked at then."""
    snoozes: dict[str, datetime] = {}
    digest: str = ""
    """Of the catalogue that looked last; another one means one full look."""
