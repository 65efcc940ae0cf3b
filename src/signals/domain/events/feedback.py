"""The feedback topic: people's answers to signals, and our own sign of life."""

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


class EraseRequested(Event, frozen=True, kw_only=True, tag="erase_requested"):
    """Forget everything about the account that happened up to ``at``; what happens later counts again.

    Its facts, its signals and what the engine remembers go; its positions stay, so that nothing is applied twice.
    Events dated at or before ``at`` that come after it are not applied.
    """

    by: Name
    """Who asked for it to be done; a person of ours or a ticket, never the person it is about."""


class CanarySent(Event, frozen=True, kw_only=True, tag="canary_sent"):
    """A sign of life that goes through every hop; we send it to ourselves, for accounts that no customer has.

    On this topic because it is always canonical, whatever formats the others carry.
    """


FeedbackEvent = SnoozeRequested | SignalAcknowledged | SignalRated | FlagCleared | EraseRequested | CanarySent
