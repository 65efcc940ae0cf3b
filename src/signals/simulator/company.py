"""A company of many accounts over many days: ``simulate`` makes it, ``Simulation`` tells it as often as asked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from signals.domain.events.base import Event
from signals.domain.events.kinds import BROADCAST, TimeReached
from signals.domain.events.usage import UsageReported, UserActed
from signals.domain.ids import derive_id
from signals.simulator.archetypes import CYCLE, draft_account
from signals.simulator.broadcasts import broadcasts
from signals.simulator.calendar import Calendar
from signals.simulator.delivery import Delivery, Record
from signals.simulator.draft import Draft
from signals.simulator.plots.catalogue import PLOTS, Plot
from signals.simulator.routine import Routine
from signals.simulator.settings import SimulationSettings
from signals.simulator.truth import Planted
from signals.simulator.turns import take_turns
from signals.simulator.usage_days import UsageDays

_received = attrgetter("received_at")


@dataclass(frozen=True)
class Simulation:
    """A finished story. ``records()`` tells it from the start each time, with the same bytes."""

    settings: SimulationSettings
    calendar: Calendar
    drafts: tuple[Draft, ...]

    @property
    def truth(self) -> tuple[Planted, ...]:
        """Everything planted, by account, in the order of writing."""
        return tuple(planted for draft in self.drafts for planted in draft.planted)

    @property
    def org_ids(self) -> tuple[str, ...]:
        """All organizations."""
        return tuple(draft.org_id for draft in self.drafts)

    @property
    def end(self) -> datetime:
        """The instant after the last day; every record arrives before it. Drive an engine until here."""
        return self.calendar.end

    def closing(self) -> TimeReached:
        """Return the control record that ends the history: one per partition, key null, on any input topic."""
        return TimeReached(at=self.end)

    def records(self) -> Iterator[Record]:
        """Yield every record in delivery order (by ``received_at``)."""
        tellers = [_Teller(draft, self.settings) for draft in self.drafts]
        waiting = list(self._broadcasts()) if self.settings.broadcasts else []
        for day in range(self.settings.days):
            over = self.calendar.midnight(day + 1)
            for teller in tellers:
                waiting.extend(teller.on(day, self.end))
            waiting.sort(key=_received)
            later: list[Record] = []
            for record in waiting:
                if record.received_at < over:
                    yield record
                else:
                    later.append(record)
            waiting = later

    def _broadcasts(self) -> Iterator[Record]:
        seed = derive_id("stream", str(self.settings.seed), BROADCAST)
        rng = Random(int.from_bytes(seed.encode(), "big"))  # noqa: S311 - a story, not a secret
        for event in broadcasts(self.calendar, rng):
            if event.at < self.end:
                yield Record(BROADCAST, event.org_id, msgspec.json.encode(event), event.at)

    async def stream(self, wait: Callable[[datetime], Awaitable[None]]) -> AsyncIterator[Record]:
        """Yield the records; *wait* is awaited before each with its arrival time and decides the pace."""
        for record in self.records():
            await wait(record.received_at)
            yield record


class _Teller:
    """Tells one account's story, a day at a time."""

    def __init__(self, draft: Draft, settings: SimulationSettings) -> None:
        self.draft = draft
        # The first day stays in order: who has viewed what is known before the CRM says who could have.
        self.punctual_until = draft.calendar.midnight(draft.created + 1)
        seed = str(settings.seed)
        share = settings.events_per_day / 10
        actions = (7.5 if draft.owner is not None else 4.5) * share
        self.usage = UsageDays(draft, _stream(seed, draft, "usage"), actions)
        self.routine = Routine(draft, _stream(seed, draft, "routine"))
        self.delivery = Delivery(
            draft.org_id,
            _stream(seed, draft, "delivery"),
            late_share=settings.late_share,
            duplicate_share=settings.duplicate_share,
            bad_input_share=settings.bad_input_share,
            late=(UserActed,) if draft.plots else (UserActed, UsageReported),
        )

    def on(self, day: int, end: datetime) -> Iterator[Record]:
        if day < self.draft.created:
            return iter(())
        events: list[Event] = [*self.usage.on(day), *self.routine.on(day)]
        events.extend(event for _, event in self.draft.scripted.get(day, ()))
        return self.delivery.records(events, self.punctual_until, end)


def _stream(seed: str, draft: Draft, purpose: str) -> Random:
    # A stream for each purpose: a plot that adds an event to one does not reshuffle the others.
    parts = derive_id("stream", seed, draft.org_id, purpose)
    return Random(int.from_bytes(parts.encode(), "big"))  # noqa: S311 - a story, not a secret


def simulate(settings: SimulationSettings) -> Simulation:
    """Return the simulation that *settings* describe; cheap, the events are made by ``records()``.

    Raises
    ------
    ValueError
        ``settings.plots`` names a plot that does not exist.
    """
    calendar = Calendar(settings.start, settings.days, ZoneInfo(settings.zone))
    drafts = []
    for number, plot in enumerate(_plots_in_turn(settings)):
        archetype = plot.archetype if plot is not None else CYCLE[number % len(CYCLE)]
        draft = draft_account(calendar, settings.seed, number, archetype)
        if plot is not None:
            draft.plots.append(plot.name)
            plot.write(draft, _day_of(plot, draft, settings))
        else:
            take_turns(draft)
        _first_uses(draft)
        drafts.append(draft)
    return Simulation(settings, calendar, tuple(drafts))


def _plots_in_turn(settings: SimulationSettings) -> Iterator[Plot | None]:
    """Yield one entry per account: its plot, or None for a quiet one."""
    names = tuple(PLOTS) if settings.plots is None else settings.plots
    unknown = [name for name in names if name not in PLOTS]
    if unknown:
        raise ValueError(f"no such plot: {', '.join(unknown)}; there are {', '.join(PLOTS)}")
    fitting = [PLOTS[name] for name in names if PLOTS[name].needs_days <= settings.days]
    fitting = fitting[: settings.accounts]
    yield from fitting
    left = settings.accounts - len(fitting)
    turn, due = 0, 0.0
    for _ in range(left):
        due += settings.plot_share
        if due >= 1 and fitting:
            due -= 1
            yield fitting[turn % len(fitting)]
            turn += 1
        else:
            yield None


def _day_of(plot: Plot, draft: Draft, settings: SimulationSettings) -> int:
    """Return the day a plot turns on: any that leaves it room at both ends, the account's own choice."""
    room = settings.days - plot.needs_days
    return plot.earliest + (draft.rng.randrange(room + 1) if room > 0 else 0)


def _first_uses(draft: Draft) -> None:
    """Name what an organization known before its first use is bound to show: each product is a first use."""
    if not draft.known_before_use:
        return
    for product in draft.products:
        draft.plant(
            "product_first_use", draft.created, "the organization begins to use it", key=product, expect="companion"
        )
