"""One look at one account at one instant: which rules hold now, and what becomes of their episodes.

Rules are looked at in the order of what they read; when a rule's signal comes or goes, the rules that read it are
looked at in the same go. Findings that are complete and want out wait for the guards until all rules were looked at,
and are then asked in the handbook's order (catalogue 1.0), because one pitch a month goes to the first of them.
"""

import heapq
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from signals.detectors.contract import Rule, RuleKind
from signals.detectors.language.names import UNKNOWN, Truth
from signals.detectors.moment import Look
from signals.domain.account.life import Episode, Life
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.kinds import kind_of
from signals.domain.ids import signal_id
from signals.domain.reasons import Change, HeldReason, ResolvedBecause
from signals.engine.catalogue import Catalogue
from signals.engine.erasing import entry
from signals.engine.grouping import NEXT_PRODUCT, cardless, places, turn
from signals.engine.lifecycle import (
    Decided,
    climb,
    decide,
    end,
    episode_wakes,
    in_shadow,
    is_over,
    moment_ends,
    moment_stales,
)
from signals.engine.memory import Memory
from signals.engine.moments import moment_of
from signals.engine.policy import Policy
from signals.engine.publishing import Admitted, Finding, Publisher
from signals.engine.quiet import Worth, elements_of, what_to_wait_for
from signals.engine.seeing import mark_wakes, see
from signals.engine.standing import differ
from signals.engine.tracked import (
    Tracked,
    frozen_values,
    instant_of,
    is_forgotten,
    once_tag,
    restored_values,
    severity_of,
    truth_of,
    variant_of,
)


class Evaluation:
    """Looks at rules of one account at one instant and publishes what changed.

    *worth* is what was found out already of the same account at the same instant.
    """

    def __init__(
        self,
        account: Account,
        now: datetime,
        catalogue: Catalogue,
        policy: Policy,
        publisher: Publisher,
        memory: Memory | None = None,
        worth: Worth | None = None,
    ) -> None:
        self.memory = memory if memory is not None else Memory()
        self.account, self.now, self.catalogue, self.policy = account, now, catalogue, policy
        self.publisher = publisher
        self.tracked = Tracked.of(account.life)
        self.looked = 0
        self._asked: frozenset[int] | None = None
        self._changed = False
        """Whether the engine's memory is another one than before, or will be."""
        standing = self._standing = self.memory.standing(account.life)
        self.moment = worth.moment if worth else moment_of(account, now, catalogue, policy, standing.truths)
        self._awake = worth.awake if worth else set[int]()
        self._truths = self.moment.truths = {rule: dict(keys) for rule, keys in standing.truths.items()}
        self._keys: dict[str, tuple[str, ...]] = dict(standing.keys)
        for tag in standing.resolved:
            name, key = tag.split("|", 1)
            rule = catalogue.by_id.get(name)
            if rule is not None and is_over(rule, self.tracked.episodes[tag], now):
                del self.tracked.episodes[tag]
                if left := tuple([one for one in self._keys.pop(name) if one != key]):
                    self._keys[name] = left
                self._changed = True
        self._ready: dict[tuple[str, str], tuple[tuple[int, int, int], Rule, str, Finding]] = {}

    def run(self, numbers: Iterable[int], event: Event | None = None, asked: frozenset[int] | None = None) -> Life:
        """Look at the rules *numbers* and at the moments of *event*; return the engine's memory afterwards.

        What is held back is asked of the guards again: all of it, or of rules in *asked* only, when nothing the guards
        read has moved for the others.
        """
        self._asked = asked
        held = {self.catalogue.index[rule] for rule in self._standing.held if rule in self.catalogue.index}
        looked = self._look_through(set(numbers), event)
        if held and self._changed and differ(self._standing.truths, self._truths, self.catalogue.guard_signals):
            self._asked = None
            self._look_through(held - looked)
        self._ask_guards()
        if self._changed or self._standing.grouped:
            self._give_cards()
        forgotten = any(is_forgotten(at, self.now) for at in self.tracked.pitches.values())
        return self.tracked.remembered(self.account.life, self.now) if self._changed or forgotten else self.account.life

    def _look_through(self, numbers: set[int], event: Event | None = None) -> set[int]:
        rules = self.catalogue.rules
        moments = frozenset(self.catalogue.edges.get(kind_of(event), ())) if event is not None else frozenset[int]()
        waiting = sorted(numbers | moments)
        looked: set[int] = set()
        while waiting:
            number = heapq.heappop(waiting)
            if number in looked:
                continue
            looked.add(number)
            rule = rules[number]
            dependents = self.catalogue.dependents.get(rule.id, ())
            before = dict(self._truths.get(rule.id, ())) if dependents else {}
            if number in numbers or number not in moments:
                self._look_at(number, rule)
            if event is not None and number in moments:
                self._moment_of(number, rule, event)
            if dependents and self._truths.get(rule.id, {}) != before:
                for dependent in dependents:
                    heapq.heappush(waiting, dependent)
        return looked

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look_at(self, number: int, rule: Rule) -> None:
        self.looked += 1
        found_awake = number in self._awake and not self._changed
        if rule.kind is not RuleKind.EDGE and not found_awake and self._is_quiet(number, rule):
            return
        wakes: list[datetime] = []
        if rule.kind is RuleKind.EDGE:
            self._age_moments(number, rule)
        elif (elements := elements_of(rule, self.moment, wakes)) is not None:
            for key, item in elements:
                self._look_at_key(number, rule, key, item, wakes)
            if rule.id in self._keys:
                self._drop_gone(rule, {key for key, _ in elements})
        self._set_timer(rule, wakes)

    def _is_quiet(self, number: int, rule: Rule) -> bool:
        """Say whether a rule has no episode and none of its elements can hold, so that a look changes nothing.

        What it waits for goes into the memory, and it needs no timer.
        """
        watch = None
        if rule.id not in self._keys:
            unknown = self._truths.get(rule.id, ()) if rule.id in self.catalogue.referenced else None
            watch = what_to_wait_for(rule, self.moment, unknown)
        if watch is None:
            self.memory.stirred(number)
            return False
        self.memory.quiet(number, watch)
        if self.tracked.timers.pop(rule.id, None) is not None:
            self._changed = True
        return True

    def _look_at_key(self, number: int, rule: Rule, key: str, item: object | None, wakes: list[datetime]) -> None:
        tag = f"{rule.id}|{key}"
        episode = self.tracked.episodes.get(tag)
        if episode is None:
            once = self.tracked.once
            if once and rule.once is not None and once_tag(rule, key, self.moment) in once:
                return
            if rule.kind is RuleKind.LEVEL and self._does_not_begin(rule, tag, key, item, wakes):
                return
        look = Look(self.moment, item=item, opened=restored_values(rule, episode))
        if rule.kind is RuleKind.STEPS:
            decided = self._ladder(rule, key, episode, look, wakes)
        else:
            seen = see(rule, episode, look, wakes, self.policy.routing)
            self._note_unknown(tag, rule, seen.when)
            decided = decide(rule, self.account.seed, key, episode, seen, self.now)
        self._take(number, rule, key, decided, look)

    def _does_not_begin(self, rule: Rule, tag: str, key: str, item: object | None, wakes: list[datetime]) -> bool:
        """Say whether nothing is there and nothing comes of it, as of most elements at most times."""
        when = rule.when
        if when is None:
            return False
        look = Look(self.moment, item=item)
        truth = truth_of(when.evaluate(look))
        if truth is True:
            return False  # looked at in full
        mark_wakes(when, look, wakes)
        self._ready.pop((rule.id, key), None)
        self._note_unknown(tag, rule, truth)
        truths = self._truths.get(rule.id)
        if tag in self.tracked.unknown:
            self._truths.setdefault(rule.id, {})[key] = UNKNOWN
        elif truths:
            truths.pop(key, None)
        return True

    def _ladder(self, rule: Rule, key: str, episode: Episode | None, look: Look, wakes: list[datetime]) -> Decided:
        if rule.start is None or rule.while_ is None:
            return Decided(episode)
        holds, anchor = truth_of(rule.while_.evaluate(look)), rule.start.evaluate(look)
        mark_wakes(rule.while_, look, wakes)
        if holds is UNKNOWN or anchor is UNKNOWN:
            return Decided(episode)
        since = instant_of(anchor, self.moment)
        if holds is False or since is None:
            if episode is None or since is None or episode.state != "resolved":
                return end(episode, ResolvedBecause.CLEARED, self.now) if episode is not None else Decided(None)
            return Decided(msgspec.structs.replace(episode, held_for=""))
        wakes.extend(since + step.at for step in rule.steps if since + step.at > self.now)
        if episode is not None and episode.since != since:
            if episode.state == "open":
                self._take(
                    self.catalogue.index[rule.id], rule, key, end(episode, ResolvedBecause.CLEARED, self.now), look
                )
            episode = None
        return climb(rule, self.account.seed, key, episode, since, self.now)

    def _drop_gone(self, rule: Rule, present: set[str]) -> None:
        for key in self._keys.get(rule.id, ()):
            episode = self.tracked.episodes.get(f"{rule.id}|{key}")
            if key in present or episode is None:
                continue
            self.tracked.unknown.discard(f"{rule.id}|{key}")
            decided = end(episode, ResolvedBecause.GONE, self.now)
            self._take(self.catalogue.index[rule.id], rule, key, decided, None)

    # -- moments ---------------------------------------------------------------------------------------------------

    def _moment_of(self, number: int, rule: Rule, event: Event) -> None:
        self.looked += 1
        look = Look(self.moment, event=event)
        if rule.when is not None and rule.when.evaluate(look) is not True:
            return
        value = rule.key.evaluate(look) if rule.key is not None else ""
        key = value if isinstance(value, str) else ""
        tag = f"{rule.id}|{key}"
        known = self.tracked.episodes.get(tag)
        if known is not None and known.state != "resolved":
            self.publisher.suppress(rule, key, known.signal_id, self.now, HeldReason.DUPLICATE, "it is open already")
            return
        cooling = known is not None
        fresh = signal_id(self.account.seed, rule.id, key, self.now)
        if cooling or once_tag(rule, key, self.moment) in self.tracked.once:
            reason = HeldReason.COOLDOWN if cooling else HeldReason.DUPLICATE
            self.publisher.suppress(rule, key, fresh, self.now, reason, "it was said before")
            return
        episode = Episode(fresh, self.now, "pending")
        self._take(number, rule, key, Decided(episode, Change.OPENED, ready=True), look)
        self._set_timer(rule, [])

    def _age_moments(self, number: int, rule: Rule) -> None:
        """End moments whose time is over; ask again for those a guard holds back."""
        for key in list(self._keys.get(rule.id, ())):
            episode = self.tracked.episodes.get(f"{rule.id}|{key}")
            if episode is None:
                continue
            if episode.state == "open" and self.now >= moment_ends(rule, episode):
                self._take(number, rule, key, end(episode, ResolvedBecause.EXPIRED, self.now), None)
            elif in_shadow(rule, episode):
                if self.now >= moment_ends(rule, episode):
                    self._store(rule, key, None)
            elif episode.state == "held":
                ends = moment_stales(rule, episode)
                if ends is not None and self.now >= ends:
                    self.publisher.suppress(
                        rule, key, episode.signal_id, self.now, HeldReason.STALE, "its moment is over"
                    )
                    self._store(rule, key, None)
                else:
                    self._take(number, rule, key, Decided(episode, Change.OPENED, ready=True), None)

    # -- taking decisions ------------------------------------------------------------------------------------------

    def _take(self, number: int, rule: Rule, key: str, decided: Decided, look: Look | None) -> None:
        episode = decided.episode
        self._ready.pop((rule.id, key), None)
        if episode is None or decided.change is None:
            if episode is not None and episode.state == "held" and (self._asked is None or number in self._asked):
                # Its guard may have let go while the condition is not known: to be asked once it is.
                episode = msgspec.structs.replace(episode, held_until=self.now)
            self._store(rule, key, episode)
            return
        if look is None:
            finding = Finding(None, decided)
        else:
            variant = variant_of(rule, look)
            frozen = frozen_values(rule, look) if decided.ready or decided.refreeze else {}
            finding = Finding(look, decided, variant, severity_of(rule, variant, look, episode.step), frozen)
        if decided.ready and self._stays_held(number, episode):
            return
        if decided.ready:
            self._truths.setdefault(rule.id, {})[key] = True
            self._changed = True
            self._ready[rule.id, key] = ((rule.section, rule.rank, number), rule, key, finding)
            self._store(rule, key, episode)
            return
        self._store(rule, key, self.publisher.publish(rule, key, finding, self.account, self.now))

    def _stays_held(self, number: int, episode: Episode) -> bool:
        """Say whether the guard that holds a finding would say the same again: nothing it reads has moved."""
        if self._asked is None or number in self._asked or episode.held_at is None:
            return False
        return episode.held_until is None or episode.held_until > self.now

    def _ask_guards(self) -> None:
        if not self._ready:
            return
        admitted: list[Admitted] = []
        following = self.moment.fact(NEXT_PRODUCT, Look(self.moment)) if len(self._ready) > 1 else None
        for _, rule, key, finding in sorted(
            self._ready.values(), key=lambda one: turn(one[0], one[1], one[2], following)
        ):
            answer = self.publisher.admit(
                rule,
                key,
                finding,
                finding.look or Look(self.moment),
                account=self.account,
                now=self.now,
                active=lambda other: self.moment.truth(other, None) is True,
                pitches=self.tracked.pitches,
            )
            if isinstance(answer, Admitted):
                admitted.append(answer)
            else:
                self._told(rule, key, answer)
        where = places([one.ready for one in admitted], self.publisher.passed_over)
        self.publisher.passed_over.clear()
        for one in admitted:
            place = where[one.ready.signal_id]
            self._told(one.ready.rule, one.key, self.publisher.tell(one, place, self.account, self.now))

    def _told(self, rule: Rule, key: str, episode: Episode) -> None:
        if episode.state == "open" and rule.once is not None:
            for past in [tag for tag in self.tracked.once if tag.startswith(f"{rule.id}|{key}|")]:
                del self.tracked.once[past]
            self.tracked.once[once_tag(rule, key, self.moment)] = self.now
        self._store(rule, key, episode)
        self._set_timer(rule, [self.tracked.timers[rule.id]] if rule.id in self.tracked.timers else [])

    def _give_cards(self) -> None:
        """Give a card of its own to what stood on one that is resolved and is still open."""
        for tag, episode in cardless(self.tracked.episodes):
            name, key = tag.split("|", 1)
            rule = self.catalogue.by_id.get(name)
            if rule is None:
                continue
            alone = Decided(msgspec.structs.replace(episode, grouped=""), Change.UPDATED)
            told = self.publisher.publish(rule, key, Finding(None, alone), self.account, self.now)
            self.publisher.told.append(entry(told.signal_id, told.destinations))
            self._store(rule, key, told)

    def _store(self, rule: Rule, key: str, episode: Episode | None) -> None:
        tag = f"{rule.id}|{key}"
        truths = self._truths.setdefault(rule.id, {})
        if episode is not None and episode.state in ("open", "held"):
            truths[key] = True
        elif tag in self.tracked.unknown:
            truths[key] = UNKNOWN
        elif (rule.id, key) not in self._ready:
            truths.pop(key, None)
        known = self.tracked.episodes.get(tag)
        if episode is None or is_over(rule, episode, self.now):
            if known is not None:
                del self.tracked.episodes[tag]
                self._changed = True
        elif known is not episode and known != episode:
            self._changed = True
            self.tracked.episodes[tag] = episode
            if key not in (keys := self._keys.get(rule.id, ())):
                self._keys[rule.id] = (*keys, key)

    def _note_unknown(self, tag: str, rule: Rule, truth: Truth) -> None:
        if rule.id in self.catalogue.referenced and (tag in self.tracked.unknown) is not (truth is UNKNOWN):
            self._changed = True
            (self.tracked.unknown.add if truth is UNKNOWN else self.tracked.unknown.discard)(tag)

    def _set_timer(self, rule: Rule, wakes: list[datetime]) -> None:
        for key in self._keys.get(rule.id, ()):
            episode = self.tracked.episodes.get(f"{rule.id}|{key}")
            if episode is not None:
                wakes.extend(episode_wakes(rule, episode))
        now = self.now
        soonest = min([at for at in wakes if at > now], default=None)
        if soonest != self.tracked.timers.get(rule.id):
            self._changed = True
            if soonest is None:
                del self.tracked.timers[rule.id]
            else:
                self.tracked.timers[rule.id] = soonest.astimezone(UTC)
