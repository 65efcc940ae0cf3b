"""Tell one account's story by days and see what the engine says: the form of our scenario tests."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.account.state import Account
from signals.domain.events.crm import OrganizationCreated
from signals.domain.events.kinds import TOPIC_OF, AnyEvent, kind_of
from signals.domain.events.usage import UsageReported, UserActed
from signals.domain.signal import Position, Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.engine.stepped import Stepped

START = datetime(2026, 1, 5, tzinfo=UTC)
"""Day 0, a Monday."""


def catalogue_of(pack: str, folder: Path) -> Catalogue:
    """Return a catalogue of one pack written in a test; examples are not asked for."""
    file = folder / "pack.yaml"
    file.write_text(pack)
    return Catalogue(load_packs([file], names=VOCABULARY, require_examples=False), VOCABULARY)


def arrivals_of(events: Sequence[AnyEvent], epoch: int = 1) -> list[Arrival]:
    """Return the events as one partition's merge would hand them over, offsets counted per topic."""
    offsets: dict[str, int] = {}
    reached: datetime | None = None
    arrivals: list[Arrival] = []
    for event in events:
        topic = TOPIC_OF[kind_of(event)]
        offset = offsets.get(topic, 0)
        offsets[topic] = offset + 1
        reached = event.at if reached is None else max(reached, event.at)
        arrivals.append(Arrival(Position(epoch, topic, 0, offset), reached, event))
    return arrivals


class Timeline:
    """One account, day by day."""

    def __init__(self, catalogue: Catalogue, policy: Policy | None = None, org_id: str = "acme") -> None:
        self.catalogue, self.policy, self.org_id = catalogue, policy or Policy(), org_id
        self.account: Account | None = None
        self.transitions: list[Transition] = []
        self.suppressions: list[Suppression] = []
        self.last: Stepped | None = None
        self._offsets: dict[str, int] = {}
        self._reached: datetime | None = None

    def at(self, day: float, hour: float = 12) -> datetime:
        """Return the instant *hour* o'clock on a day of the story."""
        return START + timedelta(days=day, hours=hour)

    def day(self, day: int) -> date:
        """Return the calendar day of a day of the story."""
        return (START + timedelta(days=day)).date()

    def send(self, *events: AnyEvent) -> list[Transition]:
        """Apply events, each as the merge would hand it over; return what they said."""
        said: list[Transition] = []
        for event in events:
            topic = TOPIC_OF[kind_of(event)]
            offset = self._offsets.get(topic, 0)
            self._offsets[topic] = offset + 1
            self._reached = event.at if self._reached is None else max(self._reached, event.at)
            said += self.apply(Arrival(Position(1, topic, 0, offset), self._reached, event))
        return said

    def apply(self, *arrivals: Arrival) -> list[Transition]:
        """Apply arrivals as they are."""
        return self._take(
            step(self.account, self.org_id, arrivals, until=None, catalogue=self.catalogue, policy=self.policy)
        )

    def until(self, day: float, hour: float = 12) -> list[Transition]:
        """Let time pass to an instant; return what it said."""
        return self._take(
            step(
                self.account,
                self.org_id,
                (),
                until=self.at(day, hour),
                catalogue=self.catalogue,
                policy=self.policy,
            )
        )

    def _take(self, stepped: Stepped) -> list[Transition]:
        self.account, self.last = stepped.account, stepped
        self.transitions += stepped.transitions
        self.suppressions += stepped.suppressions
        return list(stepped.transitions)

    # -- common events ---------------------------------------------------------------------------------------------

    def created(self, day: float = 0) -> list[Transition]:
        """The organization is created at midnight of a day."""
        return self.send(OrganizationCreated(org_id=self.org_id, at=self.at(day, 0), name="Acme"))

    def used(self, day: int, **volumes: int) -> list[Transition]:
        """The day's usage report, which comes at two the next morning."""
        return self.send(UsageReported(org_id=self.org_id, at=self.at(day + 1, 2), day=self.day(day), volumes=volumes))

    def acted(
        self, day: float, person: str = "p1", action: str = "insight created", hour: float = 12
    ) -> list[Transition]:
        """A person does something."""
        return self.send(UserActed(org_id=self.org_id, at=self.at(day, hour), person_id=person, action=action))


def changes(transitions: Sequence[Transition]) -> list[str]:
    """Return ``rule change`` of each, in order."""
    return [f"{one.rule} {one.change}" for one in transitions]
