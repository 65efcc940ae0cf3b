"""From a decision to records: guards asked, transitions written, deliveries addressed, what is held back recorded."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from msgspec import UNSET

from signals.detectors.contract import Rule, RuleKind, Stage, Variant
from signals.detectors.moment import Look
from signals.domain.account.life import Episode
from signals.domain.account.state import Account
from signals.domain.ids import delivery_id, derive_id
from signals.domain.privacy import shown_to
from signals.domain.reasons import Change, FamilyName, HeldReason, ResolvedBecause, Severity
from signals.domain.signal import Delivery, Owner, Suppression, Transition
from signals.engine.content import Subject, as_it_was_said, chart_of, links_of, named_key, rewrite, shown, titled, write
from signals.engine.erasing import entry
from signals.engine.grouping import MACHINES, OVERLOAD, Place, Ready
from signals.engine.guard import Answer, Candidate, Verdict
from signals.engine.guards import ask_guards, customer_asked
from signals.engine.keeping import kept, restored
from signals.engine.lifecycle import Decided
from signals.engine.policy import Policy
from signals.engine.routing import owner_of, route

GROWTH = frozenset({FamilyName.CROSS_SELL, FamilyName.EXPANSION})
"""Families whose openings count as pitches for guard G13."""

NO_PITCH = "no_pitch"
"""Tag of rules of those families that pitch no product: they neither wait for G13's month nor begin one."""

_OF_ITS_OWN = frozenset({Change.ESCALATED, Change.REMINDED, Change.REOPENED})
"""What gives a grouped signal a card of its own."""

_SHOW_CHARTS = frozenset({"slack", "webhook"})
"""Sinks that show a chart or pass it on; to others it is not carried."""

LEAD_ROUTING = "lead_routing"
"""Tag of rules that target people who are not talking to us yet: on an unmanaged account G4 does not apply (2.1)."""


@dataclass(frozen=True)
class Finding:
    """A decision with what is needed to put it into words."""

    look: Look | None
    """None when there is nothing left to look at: the words are the last transition's."""
    decided: Decided
    variant: Variant | None = None
    severity: Severity | None = None
    frozen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Admitted:
    """A finding that stage, snoozes and guards let out."""

    ready: Ready
    key: str
    finding: Finding
    episode: Episode
    notes: tuple[str, ...]


class Publisher:
    """Collects what one step sends. Called in the order things happen; never looks at a clock."""

    def __init__(self, org_id: str, policy: Policy, snoozes: Mapping[str, datetime]) -> None:
        self.org_id, self.policy, self.snoozes = org_id, policy, snoozes
        self.transitions: list[Transition] = []
        self.suppressions: list[Suppression] = []
        self.deliveries: list[Delivery] = []
        self.told: list[str] = []
        self.passed_over: list[tuple[Rule, Verdict]] = []
        """What G13 held back at this moment, for the card of the pitch that went out."""
        self.unowned = 0

    def admit(
        self,
        rule: Rule,
        key: str,
        finding: Finding,
        look: Look,
        *,
        account: Account,
        now: datetime,
        active: Callable[[str], bool],
        pitches: MutableMapping[str, datetime],
    ) -> Episode | Admitted:
        """Ask stage, snoozes and guards of a complete finding: hold it back, or say that it may go out."""
        episode = finding.decided.episode
        if episode is None:
            raise ValueError(f"{rule.id}: a finding that is ready has an episode")
        finding = _as_said(rule, finding, episode)
        family = _family(rule, finding.variant)
        profile, exempt = _profile(rule, finding.variant, account)
        candidate = Candidate(
            rule=rule,
            family=family,
            key=key,
            signal_id=episode.signal_id,
            look=look,
            active=active,
            pitches=pitches,
            exempt=exempt,
            asked=profile != "none" and customer_asked(look, rule.offers, key),
        )
        notes: tuple[str, ...] = ()
        held = self._held_for(rule, episode, now)
        if held is None:
            verdict, remarks = ask_guards(candidate, profile, self.policy.guards)
            notes = tuple(f"{one.guard}: {one.text}" for one in remarks)
            if verdict.answer is Answer.PAUSE:
                held = (HeldReason.GUARDED, verdict)
        if held is not None:
            if held[1].guard == OVERLOAD:
                self.passed_over.append((rule, held[1]))
            return self._hold(rule, key, finding, episode, held, account, now)
        pitch = family in GROWTH and profile != "none" and NO_PITCH not in rule.tags
        if pitch:
            pitches[episode.signal_id] = now
        subject = self._subject(rule, key, finding, episode, account, now)
        ready = Ready(rule, key, episode.signal_id, family, subject.severity, subject.routed, pitch)
        return Admitted(ready, key, finding, episode, notes)

    def tell(self, admitted: Admitted, place: Place, account: Account, now: datetime) -> Episode:
        """Open a finding that may go out, on its own card or on another's."""
        rule, key, episode = admitted.ready.rule, admitted.key, admitted.episode
        opened = msgspec.structs.replace(
            episode, state="open", opened_at=now, held_at=None, held_for="", held_until=None, also=place.also,
            grouped=place.grouped,
        )  # fmt: skip
        if place.grouped:
            text = "told on the card of another finding of that moment"
            self.suppress(rule, key, episode.signal_id, now, HeldReason.GROUPED, text)
        decided = Decided(opened, Change.OPENED, notes=admitted.notes)
        return self.publish(rule, key, replace(admitted.finding, decided=decided), account, now)

    def _held_for(self, rule: Rule, episode: Episode, now: datetime) -> tuple[HeldReason, Verdict] | None:
        if rule.stage is Stage.SHADOW:
            return HeldReason.SHADOW, Verdict(Answer.PAUSE, text="the rule is in shadow")
        until = self.snoozed_until(rule, episode.signal_id)
        if until is not None and until > now:
            return HeldReason.SNOOZED, Verdict(Answer.PAUSE, text="snoozed", until=until)
        return None

    def snoozed_until(self, rule: Rule, signal: str) -> datetime | None:
        """Return until when a signal, its rule or the whole account is snoozed."""
        return max((self.snoozes[name] for name in (signal, rule.id, "*") if name in self.snoozes), default=None)

    def _hold(
        self,
        rule: Rule,
        key: str,
        finding: Finding,
        episode: Episode,
        held: tuple[HeldReason, Verdict],
        account: Account,
        now: datetime,
    ) -> Episode:
        reason, verdict = held
        name = f"{reason}:{verdict.guard}" if verdict.guard else str(reason)
        draft = episode.draft
        if draft is None and finding.look is not None and rule.kind is RuleKind.EDGE and rule.stage is Stage.LIVE:
            # A moment cannot be looked at again: its words are kept until a guard lets it out.
            told = self._draft(rule, key, finding, episode, account, now)
            draft = None if told is None else kept(rule, told)
        if name != episode.held_for:
            headline = draft.headline if draft is not None else self._headline(rule, finding)
            self.suppress(
                rule, key, episode.signal_id, now, reason, verdict.text, verdict.guard, verdict.until, headline
            )
        return msgspec.structs.replace(
            episode,
            state="held",
            held_at=episode.held_at or now,
            held_for=name,
            held_until=verdict.until,
            draft=draft,
        )

    def _headline(self, rule: Rule, finding: Finding) -> str:
        if finding.look is None:
            return ""
        template = finding.variant.headline if finding.variant and finding.variant.headline else rule.words.headline
        return titled(finding.look.account, template.render(finding.look))

    def _draft(
        self, rule: Rule, key: str, finding: Finding, episode: Episode, account: Account, now: datetime
    ) -> Transition | None:
        if finding.look is None:
            return None
        first = msgspec.structs.replace(episode, seq=1)
        subject = self._subject(rule, key, finding, first, account, now)
        return write(subject, finding.look, Change.OPENED)

    def publish(self, rule: Rule, key: str, finding: Finding, account: Account, now: datetime) -> Episode:
        """Write the transition a decision asks for and address its deliveries; return the episode as it is then."""
        decided, episode, look = finding.decided, finding.decided.episode, finding.look
        if episode is None or decided.change is None:
            raise ValueError(f"{rule.id}: there is nothing to publish")
        finding, change = _as_said(rule, finding, episode), decided.change
        episode = msgspec.structs.replace(episode, seq=episode.seq + 1, frozen=finding.frozen or episode.frozen)
        subject = self._subject(rule, key, finding, episode, account, now)
        owner = subject.routed.owner
        keeps_words = look is None or (decided.as_said and episode.draft is not None)
        if look is not None and not keeps_words and change is not Change.RESOLVED:
            episode = msgspec.structs.replace(
                episode,
                severity=str(subject.severity),
                shown=shown(rule, subject.severity, owner.name, look),
            )
        step = rule.steps[episode.step] if rule.kind is RuleKind.STEPS and episode.step >= 0 else None
        quiet = change is not Change.OPENED and self._is_snoozed(rule, episode, now)
        transition = (
            self.again(rule, episode, owner, account, now, change, decided)
            if look is None or keeps_words
            else write(subject, look, change, because=decided.because, notes=decided.notes, step=step, notify=not quiet)
        )
        if transition is not None and (change is Change.RESOLVED or episode.proposed) and episode.draft is not None:
            said = restored(rule, episode.draft, episode, self.org_id, transition.links)
            transition = as_it_was_said(transition, said)
        addresses = episode.destinations or subject.routed.destinations
        if episode.grouped and change in _OF_ITS_OWN:
            episode = msgspec.structs.replace(episode, grouped="")
            self.told.append(entry(episode.signal_id, addresses))
        if transition is not None:
            transition = msgspec.structs.replace(transition, also=episode.also, grouped=episode.grouped)
            drawn = None if look is None or keeps_words or change is Change.RESOLVED else chart_of(subject, look)
            # Told, and not kept: the account remembers the words only.
            self.send(msgspec.structs.replace(transition, chart=drawn), addresses)
        if change is Change.REOPENED:
            self.suppress(rule, key, episode.signal_id, now, HeldReason.COOLDOWN, "it came back within the cooldown")
        elif quiet and change in (Change.ESCALATED, Change.REMINDED):
            self.suppress(rule, key, episode.signal_id, now, HeldReason.SNOOZED, "snoozed")
        if change is Change.OPENED and owner.fallback:
            self.unowned += 1
        draft = None if change is Change.RESOLVED or transition is None else kept(rule, transition)
        return msgspec.structs.replace(episode, draft=draft, destinations=addresses)

    def _is_snoozed(self, rule: Rule, episode: Episode, now: datetime) -> bool:
        until = self.snoozed_until(rule, episode.signal_id)
        return until is not None and until > now

    def again(
        self,
        rule: Rule | None,
        episode: Episode,
        owner: Owner,
        account: Account,
        now: datetime,
        change: Change,
        decided: Decided,
    ) -> Transition | None:
        """Return a transition in the words of the last one; None when nothing was ever written."""
        if episode.draft is None:
            return None
        return rewrite(
            restored(rule, episode.draft, episode, self.org_id, links_of(account, self.policy.links)),
            episode,
            owner,
            at=now,
            cause=account.life.cause,
            change=change,
            because=decided.because,
            notes=decided.notes,
        )

    def hand_over(
        self, rule: Rule, episode: Episode, owner: Owner, tagged: tuple[str, ...], account: Account
    ) -> Episode:
        """Tell an open signal again in its last words, with other people on it; its thread calls them by name."""
        if episode.draft is None:
            return episode
        now = account.clock
        severity, _, rest = episode.shown.partition("|")
        seen = f"{severity}|{owner.name}|{rest.partition('|')[2]}" if rest else episode.shown
        episode = msgspec.structs.replace(episode, seq=episode.seq + 1, shown=seen)
        decided = Decided(episode, Change.UPDATED)
        told = self.again(rule, episode, owner, account, now, Change.UPDATED, decided)
        if told is None:
            return episode
        told = msgspec.structs.replace(told, tagged=tagged, notify=not self._is_snoozed(rule, episode, now))
        self.send(told, episode.destinations)
        return msgspec.structs.replace(episode, draft=kept(rule, told))

    def retire(self, rule: Rule | None, episode: Episode, account: Account, now: datetime) -> None:
        """Resolve an open signal whose rule is no longer in force, where it was opened; None: the rule is gone."""
        if episode.state != "open" or episode.draft is None:
            return
        family = episode.draft.family
        owner = owner_of(account, family, self.policy.routing)
        ended = msgspec.structs.replace(episode, seq=episode.seq + 1)
        decided = Decided(ended, Change.RESOLVED, because=ResolvedBecause.RULE_OFF)
        transition = self.again(rule, ended, owner, account, now, Change.RESOLVED, decided)
        if transition is not None:
            self.send(transition, episode.destinations)

    def send(self, transition: Transition, addresses: tuple[tuple[str, str], ...]) -> None:
        """Publish a transition and address it: each reader gets what it may see (``domain.privacy``).

        The first of a signal is noted for a later erasure.
        """
        privacy = self.policy.privacy
        self.transitions.append(shown_to(transition, privacy.topics))
        if transition.grouped:
            addresses = tuple(address for address in addresses if address[0] in MACHINES)
        if transition.seq == 1:
            self.told.append(entry(transition.signal_id, addresses))
        for sink, destination in addresses:
            due = shown_to(transition, privacy.sinks.get(sink, frozenset()))
            self.deliveries.append(
                Delivery(
                    id=delivery_id(transition.signal_id, transition.seq, sink, destination),
                    sink=sink,
                    destination=destination,
                    transition=due if sink in _SHOW_CHARTS else msgspec.structs.replace(due, chart=None),
                )
            )

    def suppress(
        self,
        rule: Rule,
        key: str,
        signal: str,
        now: datetime,
        reason: HeldReason,
        text: str,
        guard: str = "",
        until: datetime | None = None,
        headline: str = "",
    ) -> None:
        """Record one finding held back; called once per signal and reason."""
        held = Suppression(
            id=derive_id("suppression", signal, f"{reason}:{guard}", now.isoformat()),
            signal_id=signal,
            org_id=self.org_id,
            rule=rule.id,
            family=rule.family,
            key=named_key(rule, key, self.org_id),
            at=now,
            reason=reason,
            guard=guard,
            text=text,
            until=until,
            headline=headline,
        )
        self.suppressions.append(shown_to(held, self.policy.privacy.topics))

    def _subject(
        self, rule: Rule, key: str, finding: Finding, episode: Episode, account: Account, now: datetime
    ) -> Subject:
        family = _family(rule, finding.variant)
        routed = route(rule, finding.variant, family, account, finding.look, self.policy.routing)
        return Subject(
            rule=rule,
            variant=finding.variant,
            family=family,
            account=account,
            key=key,
            episode=episode,
            routed=routed,
            severity=finding.severity or Severity(episode.severity or rule.severity),
            at=now,
            cause=account.life.cause,
            links=self.policy.links,
        )


def _as_said(rule: Rule, finding: Finding, episode: Episode) -> Finding:
    """Return the finding with the variant it was said in, when there is nothing left to look at."""
    if finding.look is not None or episode.draft is None:
        return finding
    return replace(finding, variant=rule.variant_named(episode.draft.variant))


def _family(rule: Rule, variant: Variant | None) -> FamilyName:
    return variant.family if variant is not None and variant.family is not None else rule.family


def _profile(rule: Rule, variant: Variant | None, account: Account) -> tuple[str, frozenset[str]]:
    profile = variant.guards if variant is not None and variant.guards is not None else rule.guards
    exempt = variant.exempt if variant is not None and variant.exempt is not None else rule.exempt
    if LEAD_ROUTING in rule.tags and account.profile.owner in (None, UNSET):
        exempt |= {"G4", "G12"}
    return profile, exempt
