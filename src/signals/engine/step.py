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
from signals.detectors.language.names import Close
from signals.domain.account.closing import day_closed
from signals.domain.account.leads import Leads
from signals.domain.account.life import Life
from signals.domain.account.reduce import move
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.crm import OwnerAssigned
from signals.domain.events.feedback import EraseRequested, FlagCleared, SnoozeRequested
from signals.domain.events.leads import LeadAssigned
from signals.domain.events.spoken import Spoken
from signals.domain.reasons import ResolvedBecause
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.engine.admission import DeadArrival, admit, place_of
from signals.engine.broadcasting import is_unheard
from signals.engine.catalogue import Catalogue
from signals.engine.erasing import each_once, emptied, farewell
from signals.engine.evaluation import Evaluation
from signals.engine.guard import midnight
from signals.engine.handing import hand_over, leads_moved
from signals.engine.lifecycle import CLOSED, end, in_shadow
from signals.engine.memory import Memory
from signals.engine.policy import Policy
from signals.engine.publishing import Finding, Publisher
from signals.engine.quiet import begins, edges_of, worth_an_evaluation
from signals.engine.standing import held_by, held_daily, rules_in
from signals.engine.stepped import Stepped, Tally
from signals.engine.tracked import is_forgotten


def step(
    account: Account | None,
    org_id: str,
    arrivals: Sequence[Arrival],
    *,
    until: datetime | None,
    catalogue: Catalogue,
    policy: Policy,
    memory: Memory | None = None,
) -> Stepped:
    """Apply *arrivals* in order, then let time pass to *until*; *account* is left as it was.

    Parameters
    ----------
    account
        None for an organization never seen.
    until
        A time mark: timers due by it fire. None: no mark.
    memory
        What the last step of this account left, when the caller kept it; it is changed. None: start without.

    Returns
    -------
    The new account, everything to send in order, and counts. Nothing is raised for any input that decodes.
    """
    turn = _Turn(account, org_id, catalogue, policy, memory or Memory())
    for arrival in arrivals:
        turn.arrive(arrival)
    if until is not None:
        turn.pass_time(until)
    return turn.stepped()


class _Turn:
    """Mutable while one step runs.

    What every event moves (clock, positions, cause, keys seen) is kept beside the account and put into it by ``_now``,
    when somebody is to read it: a value per event would cost more than the event's own facts.
    """

    def __init__(
        self, account: Account | None, org_id: str, catalogue: Catalogue, policy: Policy, memory: Memory
    ) -> None:
        self.memory = memory
        self.org_id, self.catalogue, self.policy = org_id, catalogue, policy
        self.digest = catalogue.digest + policy.digest
        self.publisher: Publisher = Publisher(org_id, policy, {})
        self.taken: Position | None = None
        self.dead: list[DeadArrival] = []
        self.applied = self.duplicates = self.late = self.evaluated = self.erased = 0
        self._set(account)
        self._leads = account.leads if account is not None else Leads()

    def _set(self, account: Account | None) -> None:
        """Take over an account as it is."""
        self.account = account
        life = account.life if account is not None else Life()
        self.clock = account.clock if account is not None else EPOCH
        self.positions, self.seen, self.cause = life.positions, life.seen, life.cause
        self.due = self._soonest()
        self.publisher.snoozes = life.snoozes
        self._stale = False

    closed_day = False
    """Whether a business day closed in this step."""

    # -- events ----------------------------------------------------------------------------------------------------

    def arrive(self, arrival: Arrival) -> None:
        """Apply one arrival, or count why not."""
        position, event = arrival.position, arrival.event
        place = place_of(position)
        mark = (position.epoch, position.offset)
        known = self.positions.get(place)
        if known is not None and mark <= known and position != self.taken:
            self.duplicates += 1
            return
        reached = max(arrival.reached, event.at)
        if self.account is None:
            self._set(Account(self.org_id, clock=arrival.reached.astimezone(UTC)))
        elif self.due is not None and self.due <= reached:
            self.pass_time(reached)
        if self._is_plain(arrival):
            self.positions = {**self.positions, place: mark}
            self.taken, self._stale = position, True
            self._apply(arrival)
        else:
            self._admit(arrival)

    def _is_plain(self, arrival: Arrival) -> bool:
        """Say whether nothing speaks against an event, as for nearly all: no natural key, in time, nothing erased."""
        event, account = arrival.event, self.account
        if event.id is not None or account is None or account.life.erased_at is not None:
            return False
        if isinstance(event, EraseRequested):
            return False
        reached = max(self.clock, arrival.reached)
        return event.at >= reached or event.at >= reached - self.policy.admission_window

    def _admit(self, arrival: Arrival) -> None:
        admitted = admit(self._now().life, arrival, self.clock, self.policy.admission_window, self.taken)
        self.taken = arrival.position
        self.positions, self.seen, self._stale = admitted.life.positions, admitted.life.seen, True
        if admitted.dead is not None:
            self.dead.append(admitted.dead)
        elif admitted.duplicate:
            self.duplicates += 1
        elif admitted.erased or is_unheard(arrival, admitted.life, self.cause):
            self.erased += 1
        elif isinstance(arrival.event, EraseRequested):
            self._erase(arrival, arrival.event)
        elif admitted.apply:
            self._apply(arrival)

    def _apply(self, arrival: Arrival) -> None:
        if self.account is None:
            raise ValueError("an account exists once its first arrival was taken")
        event = cast("Event", arrival.event)
        self.applied += 1
        self.late += event.at < self.clock
        if isinstance(event, Spoken) and event.text is not None:
            topics = self.policy.classifier.topics(event.text).union(event.topics)
            event = msgspec.structs.replace(event, topics=sorted(topics))
        had = self.account.leads
        self.account, fields = move(self.account, event, self.policy.zone, self.clock)
        self._advance(event.at, arrival.reached)
        self.cause, self._stale = arrival.position, True
        self.memory.moved(fields, self.catalogue)
        touched = self.catalogue.touched(fields)
        numbers = self.memory.worth_a_look(touched, fields)
        self.evaluated += len(touched) - len(numbers)
        asked = self._answer(event, had)
        if self.account.life.digest != self.digest:
            asked.update(self._new_catalogue())
        if self.account.life.episodes:
            if not fields.isdisjoint(OWNER_FIELDS):
                numbers.update(rules_in(self._life(), self.catalogue, "open"))
            if not fields.isdisjoint(self.catalogue.guard_fields):
                asked.update(held_by(self._life(), self.catalogue, fields))
        numbers.update(asked)
        if numbers or type(event) in self.catalogue.moments:
            self._evaluate(self.clock, numbers, event, asked=frozenset(asked))
        if self.account.life.next_day is None:
            self._set_next_day()

    def _advance(self, at: datetime, reached: datetime) -> None:
        """Let the clock go on to an event's own time or to how far the merge had come; it never goes back."""
        later = max(reached, at)
        if later > self.clock:
            self.clock = later if later.tzinfo is UTC else later.astimezone(UTC)

    def _erase(self, arrival: Arrival, event: EraseRequested) -> None:
        """Take back every signal ever told and leave an account that knows nothing but its positions."""
        before = self._now()
        self.applied += 1
        self._advance(event.at, arrival.reached)
        for told in each_once((*before.life.told, *self.publisher.told)):
            self.publisher.send(*farewell(told, self.org_id, self.clock, arrival.position))
        self.publisher.told.clear()
        self.memory.forget()
        self._set(emptied(before, self.clock, event.at))

    def _new_catalogue(self) -> set[int]:
        """Rules came, went or changed: everything is looked at once, and signals of rules that went are resolved.

        A rule sent into shadow takes its cards with it; moments that passed in shadow stay untold when it comes out.
        """
        self.memory.forget()
        account = self._now()
        episodes = dict(account.life.episodes)
        for tag, episode in account.life.episodes.items():
            rule = self.catalogue.by_id.get(tag.split("|", 1)[0])
            if rule is None or (rule.stage is Stage.SHADOW and episode.state in ("open", "resolved")):
                self.publisher.retire(rule, episode, account, account.clock)
                del episodes[tag]
            elif rule.stage is Stage.LIVE and in_shadow(rule, episode):
                del episodes[tag]
        self._keep(msgspec.structs.replace(account.life, digest=self.digest, episodes=episodes))
        return rules_in(self._life(), self.catalogue, "held").union(self.catalogue.standing)

    # -- people's answers ------------------------------------------------------------------------------------------

    def _answer(self, event: Event, had: Leads) -> set[int]:
        """Take over what was said of signals and of who has them; return the rules to be asked about again."""
        if isinstance(event, SnoozeRequested):
            return self._snooze(event)
        if isinstance(event, FlagCleared):
            return self._close(event)
        if isinstance(event, LeadAssigned | OwnerAssigned):
            self._keep(hand_over(self._now(), had, event, self.catalogue, self.publisher))
        return set()

    def _snooze(self, event: SnoozeRequested) -> set[int]:
        """Note until when; what is held back is asked again, because a snooze may also be cut short."""
        account = self._now()
        snoozes = {**account.life.snoozes, event.signal: event.until}
        snoozes = {name: until for name, until in snoozes.items() if until > account.clock}
        self._keep(msgspec.structs.replace(account.life, snoozes=snoozes))
        self.publisher.snoozes = snoozes
        return rules_in(self._life(), self.catalogue, "held")

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
        return look_at | rules_in(self._life(), self.catalogue, "held") if look_at else look_at

    # -- time ------------------------------------------------------------------------------------------------------

    def pass_time(self, until: datetime) -> None:
        """Fire every timer due by *until*, in order, each with its own due time as "now"."""
        while (due := self.due) is not None and due <= until:
            self._fire(due)

    def _soonest(self) -> datetime | None:
        if self.account is None:
            return None
        life = self.account.life
        soonest = min(life.timers.values(), default=None)
        if soonest is None or (life.next_day is not None and life.next_day < soonest):
            return life.next_day
        return soonest

    def _fire(self, due: datetime) -> None:
        life = self._life()
        catalogue = self.catalogue
        numbers = {catalogue.index[rule] for rule, at in life.timers.items() if at <= due and rule in catalogue.index}
        timers = {rule: at for rule, at in life.timers.items() if at > due}
        next_day, asked = life.next_day, set[int]()
        if next_day is not None and next_day <= due:
            self.closed_day = True
            self.account = day_closed(self._now(), next_day, self.policy.zone)
            numbers.update(self.memory.worth_a_close(catalogue.daily, self._close_of(next_day)))
            asked = held_daily(life, catalogue)
            next_day = None
        self._advance(due, due)
        self._keep(msgspec.structs.replace(life, timers=timers, next_day=next_day))
        if life.digest != self.digest:
            asked.update(self._new_catalogue())
        numbers.update(asked)
        if numbers or life.episodes or life.pitches:
            self._evaluate(due, numbers, None, sweep=bool(life.episodes), asked=frozenset(asked))
        if self._life().next_day is None:
            self._set_next_day()

    def _close_of(self, midnight_: datetime) -> Close:
        """Return what a close must matter to, at the least, for a rule to be looked at."""
        today = midnight_.astimezone(self.policy.zone).toordinal()
        if self.account is not None and self.account.usage.reported.covers(today - 1, today - 1):
            return Close.REPORTED
        return Close.MONTH if midnight_.astimezone(self.policy.zone).day == 1 else Close.DAY

    def _set_next_day(self) -> None:
        if not self.catalogue.daily:
            return
        today = self.clock.astimezone(self.policy.zone).date()
        following = midnight(today + timedelta(days=1), self.policy.zone)
        self._keep(msgspec.structs.replace(self._life(), next_day=following.astimezone(UTC)))

    # -- both ------------------------------------------------------------------------------------------------------

    def _evaluate(
        self,
        now: datetime,
        numbers: set[int],
        event: Event | None,
        *,
        sweep: bool = False,
        asked: frozenset[int] | None = None,
    ) -> None:
        """Look at rules; with *sweep* also when nothing can come of it, so that what is over is forgotten in time."""
        if self.account is None:
            raise ValueError("an account exists once its first arrival was taken")
        sweep = sweep or any(is_forgotten(pitched, now) for pitched in self.account.life.pitches.values())
        worth = worth_an_evaluation(numbers, self.account, now, self.catalogue, self.policy, self.memory)
        self.evaluated += len(numbers) - len(worth.looks)
        if not worth.looks and not sweep and not begins(event, worth.moment, self.catalogue):
            self.evaluated += len(edges_of(event, self.catalogue))
            return
        account = self._now()
        evaluation = Evaluation(account, now, self.catalogue, self.policy, self.publisher, self.memory, worth)
        life = evaluation.run(worth.looks, event, asked)
        if life is not account.life:
            self._keep(life)
        self.evaluated += evaluation.looked

    def _life(self) -> Life:
        """Return the engine's memory; clock, positions, seen keys and cause may be old in it."""
        return self.account.life if self.account is not None else Life()

    def _now(self) -> Account:
        """Return the account as it is now."""
        if self.account is None:
            raise ValueError("an account exists once its first arrival was taken")
        if self._stale:
            life = msgspec.structs.replace(
                self.account.life, positions=self.positions, seen=self.seen, cause=self.cause
            )  # fmt: skip
            self.account = msgspec.structs.replace(self.account, clock=self.clock, life=life)
            self._stale = False
        return self.account

    def _keep(self, life: Life) -> None:
        """Remember what a look or a timer changed; never called with another clock, position or cause."""
        if self.account is None:
            raise ValueError("an account exists once its first arrival was taken")
        self.account = msgspec.structs.replace(self.account, life=life)
        self.due, self._stale = self._soonest(), True

    def stepped(self) -> Stepped:
        """Return what the step gave."""
        publisher = self.publisher
        if publisher.told:
            life = self._life()
            self._keep(msgspec.structs.replace(life, told=(*life.told, *publisher.told)))
        account = self._now() if self.account is not None else Account(self.org_id, clock=EPOCH)
        if account.wake != self.due:
            account = msgspec.structs.replace(account, wake=self.due)
        return Stepped(
            account=account,
            transitions=tuple(publisher.transitions),
            suppressions=tuple(publisher.suppressions),
            deliveries=tuple(publisher.deliveries),
            dead=tuple(self.dead),
            tally=Tally(self.applied, self.duplicates, self.late, self.evaluated, publisher.unowned, self.erased),
            closed_day=self.closed_day,
            leads_moved=leads_moved(self._leads, account.leads, publisher.transitions, self.policy.routing),
        )


OWNER_FIELDS = frozenset({"profile.owner", "profile.owner_at"})
"""When one moves, open cards are looked at again: they name the owner."""

EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Clock of an account nothing ever arrived for: a mark for an unknown account changes nothing."""
