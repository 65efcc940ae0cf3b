"""Facts about trials: when one began, where it stands, its milestones, whether our SDK sends events."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from msgspec import UNSET

from signals.detectors.facts.windows import witnessed
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.usage import TOTAL

LONG = timedelta(days=28)
"""Four weeks: milestones then have twice the days (proposed)."""

MILESTONES: tuple[tuple[str, int], ...] = (("day_3", 3), ("day_7", 7), ("day_14", 14))
"""Name -> days from the first event (handbook RK-T)."""


@dataclass(frozen=True)
class MilestoneView:
    """One milestone of the running trial."""

    name: str
    due_on: date


def _until(look: Look) -> date | None:
    until = look.moment.state.billing.trial_until
    return until if isinstance(until, date) else None


def _started_at(look: Look) -> datetime | None:
    """Return when the trial began: the first word of its last day, or of an earlier one that it prolongs."""
    until, trials = _until(look), look.moment.state.billing.trials
    if until is None or until.toordinal() not in trials:
        return None
    begun = trials[until.toordinal()]
    for key in sorted(trials, reverse=True):
        if key < until.toordinal() and key >= begun.astimezone(look.zone).date().toordinal() and trials[key] < begun:
            begun = trials[key]
    return begun


def _started_on(look: Look) -> date | None:
    started = _started_at(look)
    return None if started is None else started.astimezone(look.zone).date()


def _active(look: Look) -> object:
    """Say whether a trial runs; its last day still counts, and a side project of our own people is none."""
    if look.fact("traits.side_project") is True:
        return False
    until, started = _until(look), _started_on(look)
    return until is not None and started is not None and started <= look.today <= until


def _length(look: Look) -> timedelta | None:
    until, started = _until(look), _started_on(look)
    return None if until is None or started is None else until - started


def _midpoint(look: Look) -> date | None:
    """Return the day on which half of the trial is over."""
    length, started = _length(look), _started_on(look)
    return None if length is None or started is None else started + timedelta(days=-(-length.days // 2))


def _first_event_on(look: Look) -> object:
    """Return the first day with events since the trial began; null when none came, as far as days were reported."""
    started = _started_on(look)
    if started is None:
        return None
    first, today = started.toordinal(), look.moment.today_number
    daily = look.moment.state.usage.days.get(TOTAL)
    if daily is not None:
        for index, units in enumerate(daily.between(first, today)):
            if units:
                return date.fromordinal(first + index)
    if today <= first:
        return UNKNOWN
    return None if look.moment.state.usage.reported.runs and witnessed(look, first, today - 1) else UNKNOWN


def _milestones(look: Look) -> object:
    first = _first_event_on(look)
    if _active(look) is not True or first is None:
        return ()
    if not isinstance(first, date):
        return UNKNOWN
    length = _length(look)
    pace = 2 if length is not None and length >= LONG else 1
    return tuple(MilestoneView(name, first + timedelta(days=days * pace)) for name, days in MILESTONES)


@dataclass(frozen=True)
class SwitchedOn:
    """One product switched on in billing."""

    product: str
    at: datetime


def _switched_on(look: Look) -> tuple[SwitchedOn, ...]:
    return tuple(SwitchedOn(product, at) for product, at in look.moment.state.intents.activated.items())


def _trial_set(look: Look) -> object:
    return UNKNOWN if look.moment.state.billing.trial_until is UNSET else _until(look) is not None


_READS = ("billing.trial_until", "billing.trials")
_USAGE = ("usage.days", "usage.reported")

FACTS: tuple[Fact, ...] = (
    fact("trial.set", Kind.BOOL, _trial_set, *_READS, doc="A trial is or was set; unknown where nobody ever said."),
    fact("trial.started_at", Kind.INSTANT, _started_at, *_READS,
         doc="When the running or last trial was first set; null without one.", label="Trial began"),
    fact("trial.started_on", Kind.DATE, _started_on, *_READS, doc="The day of it.", label="Trial began"),
    fact("trial.active", Kind.BOOL, _active, *_READS, "traits.side_project", daily=True, sinks=True,
         doc="A trial runs; its last day still counts."),
    fact("trial.length", Kind.DURATION, _length, *_READS, doc="From its first day to its last.", label="Length"),
    fact("trial.midpoint_on", Kind.DATE, _midpoint, *_READS, doc="Day on which half of it is over.", label="Midpoint"),
    fact("trial.first_event_on", Kind.DATE, _first_event_on, *_READS, *_USAGE, daily=True,
         doc="First day with events since the trial began; null when none came.", label="First event"),
    fact("trial.milestones", Kind.LIST, _milestones, *_READS, *_USAGE, "traits.side_project", daily=True,
         fields={"name": Kind.TEXT, "due_on": Kind.DATE},
         doc="day_3, day_7 and day_14 of the running trial, counted from its first event; twice the days in four "
         "weeks."),
    fact("products.switched_on", Kind.LIST, _switched_on, "intents.activated",
         fields={"product": Kind.TEXT, "at": Kind.INSTANT}, doc="Products switched on in billing: the last time."),
)  # fmt: skip
