"""One account, one update: ``step`` takes values and gives values. The same code runs everywhere.

Per arrival: applied before? → timers due by then, each with its own due time as "now" → late? a moment seen twice? →
facts move → the rules that read a moved fact, and the moments of this event, are looked at. A time mark only lets
timers fire. Evaluation after an event depends on the facts then, never on where a pack ended.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec

from signals.detectors.contract import Stage
from signals.domain.account.life import Life
from signals.domain.account.reduce import moved, reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.feedback import EraseRequested, FlagCleared, SnoozeRequested
from signals.domain.events.kinds import kind_of
from signals.domain.reasons import ResolvedBecause
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.engine.admission import DeadArrival, admit, applied_before
from signals.engine.catalogue import GUARD_FIELDS, Catalogue
from signals.engine.erasing import emptied, farewell
from signals.engine.evaluation import Evaluation
from signals.engine.guards import midnight
from signals.engine.lifecycle import CLOSED, end, in_shadow
from signals.engine.policy import Policy
from signals.engine.publishing import Finding, Publisher
from signals.engine.stepped import Stepped, Tally


def step(
    account: Account | None,
    org_id: str,
    arrivals: Sequence[Arrival],
    *,
    until: datetime | None,
    catalogue: Catalogue,
    policy: Policy,
) -> Stepped:
    """Apply *arrivals* in order, then let time pass to *until*; *account* is left as it was.

    Parameters
    ----------
    account
        None for an organization never seen.
    until
        A time mark: timers due by it fire. None: no mark.

    Returns
    -------
    The new account, everything to send in order, and counts. Nothing is raised for any input that decodes.
    """
    turn = _Turn(account, org_id, catalogue, policy)
    for arrival in arrivals:
        turn.arrive(arrival)
    if until is not None:
        turn.pass_time(until)
    return turn.stepped()


class _Turn:
    """Mutable while one step runs."""

    def __init__(self, account: Account | None, org_id: str, catalogue: Catalogue, policy: Policy) -> None:
        self.account, self.org_id, self.catalogue, self.policy = account, org_id, catalogue, policy
        self.snoozes: dict[str, datetime] = dict(account.life.snoozes) if account is not None else {}
        self.publisher = Publisher(org_id, policy, self.snoozes)
        self.taken: Position | None = None
        self.dead: list[DeadArrival] = []
        self.applied = self.duplicates = self.late = self.evaluated = self.erased = 0

    # -- events ----------------------------------------------------------------------------------------------------

    def arrive(self, arrival: Arrival) -> None:
        """Apply one arrival, or count why not."""
        life = self.account.life if self.account is not None else Life()
        if arrival.position != self.taken and applied_before(life, arrival.position):
            self.duplicates += 1
            return
        if self.account is not None:
            self.pass_time(max(arrival.event.at, arrival.reached))
        else:
            self.account = Account(self.org_id, clock=arrival.reached.astimezone(UTC))
        admitted = admit(self.account.life, arrival, self.account.clock, self.policy.admission_window, self.taken)
        self.taken = arrival.position
        self._keep(admitted.life)
        if admitted.dead is not None:
            self.dead.append(admitted.dead)
        elif admitted.duplicate:
            self.duplicates += 1
        elif admitted.erased:
            self.erased += 1
        elif isinstance(arrival.event, EraseRequested):
            self._erase(arrival, arrival.event)
        elif admitted.apply:
            self._apply(arrival)

    def _apply(self, arrival: Arrival) -> None:
        before = self._now()
        event = cast("Event", arrival.event)
        self.applied += 1
        self.late += event.at < before.clock
        after = reduce(before, event, self.policy.zone)
        after = msgspec.structs.replace(
            after,
            clock=max(before.clock, event.at, arrival.reached).astimezone(UTC),
            life=msgspec.structs.replace(after.life, cause=arrival.position),
        )
        self.account = after
        fields = moved(before, after)
        numbers = self.catalogue.touched(fields)
        if isinstance(event, SnoozeRequested):
            numbers.update(self._snooze(event))
        elif isinstance(event, FlagCleared):
            numbers.update(self._close(event))
        if after.life.digest != self.catalogue.digest:
            numbers.update(self._new_catalogue())
        if "profile.owner" in fields or "profile.owner_at" in fields:
            numbers.update(self._rules_in("open"))
        if fields & GUARD_FIELDS:
            numbers.update(self._rules_in("held"))
        if numbers or kind_of(event) in self.catalogue.edges:
            self._evaluate(after.clock, numbers, event)
        self._set_next_day()

    def _erase(self, arrival: Arrival, event: EraseRequested) -> None:
        """Take back every signal ever told and leave an account that knows nothing but its positions."""
        before = self._now()
        self.applied += 1
        clock = max(before.clock, event.at, arrival.reached).astimezone(UTC)
        for told in (*before.life.told, *self.publisher.told):
            self.publisher.send(*farewell(told, self.org_id, clock, arrival.position))
        self.publisher.told.clear()
        self.snoozes.clear()
        self.account = emptied(before, clock, event.at)

    def _new_catalogue(self) -> set[int]:
        """Rules came, went or changed: everything is looked at once, and signals of rules that went are resolved.

        A rule sent into shadow takes its cards with it; moments that passed in shadow stay untold when it comes out.
        """
        account = self._now()
        episodes = dict(account.life.episodes)
        for tag, episode in account.life.episodes.items():
            rule = self.catalogue.by_id.get(tag.split("|", 1)[0])
            if rule is None or (rule.stage is Stage.SHADOW and episode.state in ("open", "resolved")):
                self.publisher.retire(episode, account, account.clock)
                del episodes[tag]
            elif rule.stage is Stage.LIVE and in_shadow(rule, episode):
                del episodes[tag]
        self._keep(msgspec.structs.replace(account.life, digest=self.catalogue.digest, episodes=episodes))
        return self._rules_in("held").union(self.catalogue.standing)

    def _rules_in(self, state: str) -> set[int]:
        return {
            self.catalogue.index[rule]
            for tag, episode in self._now().life.episodes.items()
            if episode.state == state and (rule := tag.split("|", 1)[0]) in self.catalogue.index
        }

    # -- people's answers ------------------------------------------------------------------------------------------

    def _snooze(self, event: SnoozeRequested) -> set[int]:
        """Note until when; what is held back is asked again, because a snooze may also be cut short."""
        clock = self._now().clock
        self.snoozes.update({event.signal: event.until})
        for name in [name for name, until in self.snoozes.items() if until <= clock]:
            del self.snoozes[name]
        self._keep(msgspec.structs.replace(self._now().life, snoozes=dict(self.snoozes)))
        return self._rules_in("held")

    def _close(self, event: FlagCleared) -> set[int]:
        """Resolve what a person closed; it may come again only after its condition was refuted once.

        Returns the rules to look at: those closed (a condition refuted already may come again at once), those that
        read them, and what a guard holds back.
        """
        look_at: set[int] = set()
        account = self._now()
        episodes = dict(account.life.episodes)
        for tag, episode in account.life.episodes.items():
            rule_id, key = tag.split("|", 1)
            if event.signal not in (episode.signal_id, rule_id) or episode.state not in ("open", "held"):
                continue
            rule = self.catalogue.by_id.get(rule_id)
            if rule is None:
                continue
            look_at.update((self.catalogue.index[rule_id], *self.catalogue.dependents.get(rule_id, ())))
            decided = end(episode, ResolvedBecause.CLOSED_BY_PERSON, account.clock)
            if decided.episode is not None:
                episode = self.publisher.publish(rule, key, Finding(None, decided), account, account.clock)
            episodes[tag] = msgspec.structs.replace(
                episode, state="resolved", resolved_at=account.clock, held_for=CLOSED, held_until=None
            )
        self._keep(msgspec.structs.replace(account.life, episodes=episodes))
        return look_at | self._rules_in("held") if look_at else look_at

    # -- time ------------------------------------------------------------------------------------------------------

    def pass_time(self, until: datetime) -> None:
        """Fire every timer due by *until*, in order, each with its own due time as "now"."""
        while (due := self._soonest()) is not None and due <= until:
            self._fire(due)

    def _soonest(self) -> datetime | None:
        if self.account is None:
            return None
        life = self.account.life
        times = [*life.timers.values()]
        if life.next_day is not None:
            times.append(life.next_day)
        return min(times, default=None)

    def _fire(self, due: datetime) -> None:
        account = self._now()
        life = account.life
        numbers = {
            self.catalogue.index[rule] for rule, at in life.timers.items() if at <= due and rule in self.catalogue.index
        }
        timers = {rule: at for rule, at in life.timers.items() if at > due}
        next_day = life.next_day
        if next_day is not None and next_day <= due:
            numbers.update(self.catalogue.daily)
            numbers.update(self._rules_in("held"))
            next_day = None
        life = msgspec.structs.replace(life, timers=timers, next_day=next_day)
        self.account = msgspec.structs.replace(account, clock=max(account.clock, due), life=life)
        if life.digest != self.catalogue.digest:
            numbers.update(self._new_catalogue())
        self._evaluate(due, numbers, None)
        self._set_next_day()

    def _set_next_day(self) -> None:
        account = self._now()
        if account.life.next_day is not None or not self.catalogue.daily:
            return
        today = account.clock.astimezone(self.policy.zone).date()
        following = midnight(today + timedelta(days=1), self.policy.zone)
        self._keep(msgspec.structs.replace(account.life, next_day=following.astimezone(UTC)))

    # -- both ------------------------------------------------------------------------------------------------------

    def _evaluate(self, now: datetime, numbers: set[int], event: Event | None) -> None:
        evaluation = Evaluation(self._now(), now, self.catalogue, self.policy, self.publisher)
        self._keep(evaluation.run(numbers, event))
        self.evaluated += evaluation.looked

    def _now(self) -> Account:
        if self.account is None:
            raise ValueError("an account exists once its first arrival was taken")
        return self.account

    def _keep(self, life: Life) -> None:
        self.account = msgspec.structs.replace(self._now(), life=life)

    def stepped(self) -> Stepped:
        """Return what the step gave."""
        if self.publisher.told:
            life = self._now().life
            self._keep(msgspec.structs.replace(life, told=(*life.told, *self.publisher.told)))
        account = self.account or Account(self.org_id, clock=EPOCH)
        return Stepped(
            account=msgspec.structs.replace(account, wake=self._soonest()),
            transitions=tuple(self.publisher.transitions),
            suppressions=tuple(self.publisher.suppressions),
            deliveries=tuple(self.publisher.deliveries),
            dead=tuple(self.dead),
            tally=Tally(self.applied, self.duplicates, self.late, self.evaluated, self.publisher.unowned, self.erased),
        )


EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Clock of an account nothing ever arrived for: a mark for an unknown account changes nothing."""
