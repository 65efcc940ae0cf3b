"""How a finding becomes a signal with a life: pending, held, open, resolved, reopened. Pure decisions, no words.

::

    (nothing) --holds--> pending --held for `hold`, `confirm` samples--> ready --guards pass--> open --clear--> resolved
                           |refuted: forgotten                             |guards pause: held      ^            |
                                                                           '--released, holds-------'            |
                                                          open again within the cooldown: the same signal <------'

Unknown never opens and never resolves.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from signals.detectors.contract import Rule, RuleKind
from signals.detectors.language.names import UNKNOWN, Truth
from signals.domain.account.life import Episode
from signals.domain.ids import signal_id
from signals.domain.reasons import SEVERITY_RANK, Change, HeldReason, ResolvedBecause, Severity


@dataclass(frozen=True)
class Seen:
    """What looking at a rule for one key showed.

    ``again`` and ``clear`` matter only while the signal is open. ``sample`` names the sample of ``confirm`` this look
    belongs to.
    """

    when: Truth
    clear: Truth = UNKNOWN
    again: Truth = False
    severity: Severity = Severity.NOTICE
    shown: str = ""
    sample: str = ""


@dataclass(frozen=True)
class Decided:
    """The episode afterwards (None: forgotten) and what to publish of it.

    ``ready`` asks for the guards: the finding is complete and wants out; ``change`` is then what would be published.
    """

    episode: Episode | None
    change: Change | None = None
    ready: bool = False
    because: ResolvedBecause | None = None
    notes: tuple[str, ...] = field(default=())
    refreeze: bool = False
    as_said: bool = False
    """Keep the words of the last transition: there are no numbers to render new ones from."""


FORGOTTEN = Decided(None)

CLOSED = "closed_by_person"
"""``held_for`` of an episode a person closed: it may not come again until its condition was refuted once."""

UNKNOWN_PATIENCE = timedelta(days=2)
# A daily report that is a night late makes windows unknown for some hours every day; people are told only when it
# lasts longer than a missed day.

EDGE_EXPIRES = timedelta(days=30)
"""Ours: how long a moment stays open when its rule names no end."""


def decide(rule: Rule, org_id: str, key: str, episode: Episode | None, seen: Seen, now: datetime) -> Decided:
    """Return what becomes of one condition key of a level rule; called once per look."""
    if episode is not None and episode.state == "resolved" and episode.held_for == CLOSED:
        return FORGOTTEN if seen.when is False else Decided(episode)
    if episode is None:
        if seen.when is not True:
            return FORGOTTEN
        episode = Episode(signal_id(org_id, rule.id, key, now), now, "pending")
        return _pending(rule, episode, seen, now)
    match episode.state:
        case "pending":
            return _pending(rule, episode, seen, now)
        case "held":
            return _held(episode, seen)
        case "open":
            return _open(rule, episode, seen, now)
        case "resolved":
            return _reopen(episode, seen, now)


def is_over(rule: Rule, episode: Episode, now: datetime) -> bool:
    """Say whether a resolved episode may be forgotten, so that what comes next is another signal.

    Not within the cooldown, nor in the instant it began (late events are all found with the same "now"): another
    signal would get the same id. What a person closed is kept until refuted, a ladder as long as its anchor stands.
    """
    if episode.state != "resolved" or episode.resolved_at is None or rule.kind is RuleKind.STEPS:
        return False
    if episode.held_for == CLOSED and rule.kind is RuleKind.LEVEL:
        return False
    return now > episode.since and now >= episode.resolved_at + rule.cooldown


def _pending(rule: Rule, episode: Episode, seen: Seen, now: datetime) -> Decided:
    if seen.when is False:
        return FORGOTTEN
    if seen.when is UNKNOWN:
        return Decided(episode)
    if rule.confirm is not None and seen.sample and seen.sample != episode.sampled:
        episode = msgspec.structs.replace(episode, samples=episode.samples + 1, sampled=seen.sample)
    enough = rule.confirm is None or episode.samples >= rule.confirm.samples
    if enough and now >= episode.since + rule.hold:
        return Decided(episode, Change.OPENED, ready=True)
    return Decided(episode)


def _held(episode: Episode, seen: Seen) -> Decided:
    if seen.when is False:
        return FORGOTTEN
    if seen.when is UNKNOWN:
        return Decided(episode)
    return Decided(episode, Change.OPENED, ready=True)


def _open(rule: Rule, episode: Episode, seen: Seen, now: datetime) -> Decided:
    clear = seen.clear if rule.clear is not None else _not(seen.when)
    if seen.when is UNKNOWN and clear is UNKNOWN and seen.again is not True:
        return _unknown(episode, now)
    noted = episode.unknown_said or (episode.proposed and clear is False)
    if episode.unknown_since is not None:
        episode = msgspec.structs.replace(episode, unknown_since=None, unknown_said=False)
    if clear is True:
        if rule.churn_level == "A":
            return _proposed(episode, seen)
        since = episode.clear_since or now
        if now >= since + rule.clear_hold:
            return _resolved(episode, ResolvedBecause.CLEARED, now)
        return Decided(msgspec.structs.replace(episode, clear_since=since))
    if clear is False and (episode.clear_since is not None or episode.proposed):
        episode = msgspec.structs.replace(episode, clear_since=None, proposed=False)
    if seen.again is True:
        episode = msgspec.structs.replace(episode, reminded_at=now, severity=seen.severity, shown=seen.shown)
        return Decided(episode, Change.ESCALATED, refreeze=True)
    decided = _edited(rule, episode, seen, now) if seen.when is True else Decided(episode)
    if noted and decided.change is None:
        # The card says that it cannot be checked, or that its removal is proposed: neither is true any longer.
        return Decided(decided.episode, Change.UPDATED, as_said=seen.when is not True)
    return decided


def _unknown(episode: Episode, now: datetime) -> Decided:
    """Unknown never resolves; once it lasts, the card says since when it cannot be checked."""
    since = episode.unknown_since or now
    episode = msgspec.structs.replace(episode, unknown_since=since)
    if episode.unknown_said or now < since + UNKNOWN_PATIENCE:
        return Decided(episode)
    note = f"not checkable since {since.date().isoformat()}"
    episode = msgspec.structs.replace(episode, unknown_said=True)
    return Decided(episode, Change.UPDATED, notes=(note,), as_said=True)


def _edited(rule: Rule, episode: Episode, seen: Seen, now: datetime) -> Decided:
    worse = SEVERITY_RANK[seen.severity] > SEVERITY_RANK.get(episode.severity, 0)
    if worse:
        episode = msgspec.structs.replace(episode, severity=seen.severity, shown=seen.shown, reminded_at=now)
        return Decided(episode, Change.ESCALATED)
    if rule.remind is not None and now >= (episode.reminded_at or episode.opened_at or now) + rule.remind:
        episode = msgspec.structs.replace(episode, reminded_at=now, shown=seen.shown, severity=seen.severity)
        return Decided(episode, Change.REMINDED)
    if seen.shown != episode.shown:
        return Decided(msgspec.structs.replace(episode, shown=seen.shown, severity=seen.severity), Change.UPDATED)
    return Decided(episode)


def _proposed(episode: Episode, seen: Seen) -> Decided:
    """A level A flag is not taken away because its condition ended: removal is proposed, once, to a person."""
    if episode.proposed:
        return Decided(episode)
    episode = msgspec.structs.replace(episode, proposed=True, shown=seen.shown)
    return Decided(episode, Change.UPDATED, notes=("removal proposed: the trigger is closed and usage is stable",))


def _resolved(episode: Episode, because: ResolvedBecause, now: datetime) -> Decided:
    episode = msgspec.structs.replace(episode, state="resolved", resolved_at=now, clear_since=None, proposed=False)
    return Decided(episode, Change.RESOLVED, because=because)


def _reopen(episode: Episode, seen: Seen, now: datetime) -> Decided:
    """Within the cooldown it is the same signal on the same card; nobody is notified."""
    if seen.when is not True:
        return Decided(episode)
    episode = msgspec.structs.replace(
        episode, state="open", resolved_at=None, severity=seen.severity, shown=seen.shown, reminded_at=now
    )
    return Decided(episode, Change.REOPENED)


def _not(truth: Truth) -> Truth:
    return UNKNOWN if truth is UNKNOWN else not truth


def end(episode: Episode, because: ResolvedBecause, now: datetime) -> Decided:
    """Return the end of an episode from outside its condition: a person, an expiry, a rule switched off.

    What was never published just goes; an open signal is resolved.
    """
    return _resolved(episode, because, now) if episode.state == "open" else FORGOTTEN


def climb(rule: Rule, org_id: str, key: str, episode: Episode | None, anchor: datetime, now: datetime) -> Decided:
    """Return what becomes of a ladder whose condition holds: the step due now, if it was not said yet.

    An anchor that moved (a reply came, a new failure) begins a new episode; the caller resolves the old one first.
    While it stands, the ladder is one signal: a condition that comes back reopens it, and no step is said twice.
    """
    passed = [index for index, step in enumerate(rule.steps) if anchor + step.at <= now]
    if episode is not None and episode.state == "resolved":
        if episode.held_for == CLOSED:
            return Decided(episode)
        step = max([episode.step, *passed])
        return Decided(msgspec.structs.replace(episode, state="open", resolved_at=None, step=step), Change.REOPENED)
    if episode is None:
        if not passed:
            return Decided(episode)
        episode = Episode(signal_id(org_id, rule.id, key, anchor), anchor, "pending")
    newest = passed[-1] if passed else -1
    if newest <= episode.step and episode.state != "held":
        return Decided(episode if episode.state != "pending" or episode.step >= 0 else None)
    if rule.late == "skip" and anchor + rule.steps[newest].at < now and episode.state != "held":
        return Decided(msgspec.structs.replace(episode, step=newest))
    episode = msgspec.structs.replace(episode, step=newest)
    severity = rule.steps[newest].severity or rule.severity
    if episode.state in ("pending", "held"):
        return Decided(episode, Change.OPENED, ready=True)
    return Decided(msgspec.structs.replace(episode, severity=severity), Change.ESCALATED)


def moment_ends(rule: Rule, episode: Episode) -> datetime:
    """Return when an open moment is over."""
    return (episode.opened_at or episode.since) + (rule.expires_after or EDGE_EXPIRES)


def moment_stales(rule: Rule, episode: Episode) -> datetime | None:
    """Return when a moment held back is too old to be delivered; None when it never is."""
    if rule.kind is not RuleKind.EDGE or rule.stale_after is None or episode.held_at is None:
        return None
    return episode.held_at + rule.stale_after


def in_shadow(rule: Rule, episode: Episode) -> bool:
    """Say whether a moment is held by its rule's shadow stage: it is never let out, and ends as an open one would."""
    return rule.kind is RuleKind.EDGE and episode.held_for == HeldReason.SHADOW


def episode_wakes(rule: Rule, episode: Episode) -> tuple[datetime, ...]:
    """Return the instants at which an episode itself (not its condition) asks for a look."""
    wakes: list[datetime | None] = []
    match episode.state:
        case "pending":
            wakes.append(episode.since + rule.hold if rule.hold else None)
        case "held":
            wakes.append(episode.held_until)
            wakes.append(moment_stales(rule, episode))
            if in_shadow(rule, episode):
                wakes.append(moment_ends(rule, episode))
        case "open":
            if episode.clear_since is not None:
                wakes.append(episode.clear_since + rule.clear_hold)
            if rule.remind is not None and episode.opened_at is not None:
                wakes.append((episode.reminded_at or episode.opened_at) + rule.remind)
            if rule.kind is RuleKind.EDGE:
                wakes.append(moment_ends(rule, episode))
            if episode.unknown_since is not None and not episode.unknown_said:
                wakes.append(episode.unknown_since + UNKNOWN_PATIENCE)
        case "resolved":
            pass
    if rule.kind is RuleKind.STEPS and 0 <= episode.step < len(rule.steps) - 1:
        wakes.append(episode.since + rule.steps[episode.step + 1].at)
    return tuple(at for at in wakes if at is not None)
