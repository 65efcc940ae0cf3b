"""The feedback topic: people's answers to signals."""

from typing import Literal

from signals.domain.events.base import Event, Instant, Name, Text


class SnoozeRequested(Event, frozen=True, kw_only=True, tag="snooze_requested"):
    """Hold a signal back until an instant; ``signal`` is a signal id, a rule id, or ``*`` for all of the account."""

    signal: Name
    until: Instant
    by: Name
    reason: Text | None = None


class SignalAcknowledged(Event, frozen=True, kw_only=True, tag="signal_acknowledged"):
    """Somebody has it."""

    signal_id: Name
    by: Name


class SignalRated(Event, frozen=True, kw_only=True, tag="signal_rated"):
    """Useful or not, with a reason."""

    signal_id: Name
    by: Name
    useful: bool
    reason: Text | None = None


class FlagCleared(Event, frozen=True, kw_only=True, tag="flag_cleared"):
    """A person closed a signal: a raised-in-error flag, an accepted proposal to remove a Level A flag."""

    signal: Name
    """A signal id or a rule id."""
    by: Name
    kind_of: Literal["error", "resolved"] = "resolved"


FeedbackEvent = SnoozeRequested | SignalAcknowledged | SignalRated | FlagCleared
